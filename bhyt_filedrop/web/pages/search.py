"""One field that finds units, files, and children by code, or by name for those who may."""

from __future__ import annotations

from starlette.responses import Response

from bhyt_filedrop.domain.access.accounts import AccountRole
from bhyt_filedrop.domain.cells.text import fold
from bhyt_filedrop.domain.derive.codes import is_code
from bhyt_filedrop.domain.process.calendar import home_round, local_day
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.web.asking import Asking, round_named
from bhyt_filedrop.web.noting import note
from bhyt_filedrop.web.pages.drops import handoff_number, state_text
from bhyt_filedrop.web.rendering import show

MOST = 30
"""Hits of each kind that are shown."""

LEAST = 3
"""Letters of a name that somebody has to write."""


def search_page(asked: Asking) -> Response:
    """Show what was found; a child is searched only when it was asked for by name or by code."""
    text = " ".join(asked.query.get("q", "").split())
    round_ = _round(asked)
    code = text.upper() if is_code(text.upper()) else ""
    named = len(fold(text)) >= LEAST  # signs alone would be a part of every name
    by_name = bool(asked.query.get("children")) and named and may_search_names(asked)
    children = (
        asked.office.page.children(
            None if code else round_, asked.seen_units, code, "" if code else text, MOST
        )
        if code or by_name
        else ()
    )
    if code or by_name:
        note(asked, "searched", code)
    return show(
        asked,
        "search.html.j2",
        text=text,
        round=round_,
        units=_units(asked, text),
        drops=asked.office.page.arrived(asked.seen_units, text=text, limit=MOST) if text else (),
        children=children,
        asked_children=bool(code or by_name),
        may_names=may_search_names(asked),
        by_name=bool(asked.query.get("children")),
        state_text=state_text,
        handoff_number=lambda drop: handoff_number(asked, drop),
        handoffs=asked.office.world.process.handoffs,
        full_name=lambda id_: _name(asked, id_),
        sees=asked.sight.sees,
    )


def may_search_names(asked: Asking) -> bool:
    """Who only looks on finds children by their code alone."""
    return asked.who.role is not AccountRole.VIEWER


def _round(asked: Asking) -> Round:
    return round_named(asked.query.get("round", "")) or home_round(local_day(asked.now))


def _units(asked: Asking, text: str) -> list[tuple[str, str]]:
    words, units = fold(text), asked.office.world.units
    if not words:
        return []
    found = [u for u in asked.sight.visible() if words in fold(f"{u.id} {units.full_name(u)}")]
    return [(one.id, units.full_name(one)) for one in found[:MOST]]


def _name(asked: Asking, unit_id: str) -> str:
    unit = asked.office.world.units.by_id.get(unit_id)
    return asked.office.world.units.full_name(unit) if unit else unit_id
