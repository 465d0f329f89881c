"""The access log: who opened, downloaded or searched what of whom."""

from __future__ import annotations

from bhyt_filedrop.domain.access.accounts import Access
from bhyt_filedrop.web.asking import Asking


def note(asked: Asking, did: str, what: str = "") -> None:
    """Write down that somebody got to see what a path names, or `what`."""
    named = asked.names.get("seq") or asked.names.get("key") or what
    asked.office.accounts.note(
        Access(
            asked.office.real_clock(),
            asked.who.name,
            asked.address,
            did,
            _whose(asked),
            asked.drop.id if asked.drop else "",
            " ".join(filter(None, (asked.route, named))),
        )
    )


def _whose(asked: Asking) -> str:
    if asked.unit:
        return asked.unit.id
    if asked.drop:
        return asked.drop.unit
    return asked.letter[0].unit if asked.letter else ""
