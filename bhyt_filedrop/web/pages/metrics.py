"""What a monitor asks: counts and ages, in Prometheus' text format; nobody's name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from ipaddress import ip_address

from starlette.responses import PlainTextResponse, Response

from bhyt_filedrop.domain.owed.obligations import Standing
from bhyt_filedrop.domain.process.calendar import home_round, local_day
from bhyt_filedrop.web.asking import Asking
from bhyt_filedrop.web.rendering import not_found

FORMAT = "text/plain; version=0.0.4; charset=utf-8"

Sample = tuple[Mapping[str, str], float]


def metrics(asked: Asking) -> Response:
    """Tell a monitor on this machine, or an account that sees the city."""
    if not (is_here(asked) or (asked.account and asked.account.sees_city)):
        return not_found(asked)
    return PlainTextResponse("".join(_lines(asked)), media_type=FORMAT)


def is_here(asked: Asking) -> bool:
    """True for a program on this machine that no proxy speaks for."""
    if "x-forwarded-for" in asked.headers or "forwarded" in asked.headers:
        return False
    try:
        return ip_address(asked.address).is_loopback
    except ValueError:
        return False


def _lines(asked: Asking) -> Iterator[str]:
    found, now = asked.office.page.gauges(), asked.now
    yield from _gauge("drops", "Drops by state", _by("state", found.drops))
    age = _seconds(now, found.oldest_open) if found.oldest_open else 0.0
    yield from _gauge("oldest_open_drop_seconds", "Age of the oldest drop under way", [({}, age)])
    yield from _gauge("letters", "Letters by state", _by("state", found.letters))
    due = float(found.letters.get("due", 0))
    yield from _gauge("outbox_depth", "Letters that wait to leave", [({}, due)])
    looks = {tree: _seconds(now, at) for tree, at in found.looks.items()}
    yield from _gauge(
        "tree_last_look_seconds", "Since the last whole look of a tree began", _by("tree", looks)
    )
    yield from _gauge(
        "sweep_seconds", "What the last look of a tree took", _by("tree", asked.office.sweeps())
    )
    yield from _gauge("findings", "Findings by code", _by("code", found.findings))
    yield from _gauge("overdue", "Obligations overdue by hand-off", _overdue(asked))


def _overdue(asked: Asking) -> list[Sample]:
    round_ = home_round(local_day(asked.now))
    return [
        (
            {"round": str(round_), "handoff": one.handoff.id},
            float(sum(entry.standing is Standing.OVERDUE for entry in one.entries)),
        )
        for one in asked.office.status(round_, asked.now).handoffs
        if one.entries
    ]


def _seconds(now: datetime, at: datetime) -> float:
    return max(0.0, (now - at).total_seconds())


def _by(label: str, found: Mapping[str, float]) -> list[Sample]:
    return [({label: name}, float(value)) for name, value in sorted(found.items())]


def _gauge(name: str, text: str, samples: Iterable[Sample]) -> Iterator[str]:
    yield f"# HELP bhyt_filedrop_{name} {text}.\n# TYPE bhyt_filedrop_{name} gauge\n"
    for labels, value in samples:
        told = ",".join(f'{key}="{_escape(text)}"' for key, text in labels.items())
        yield f"bhyt_filedrop_{name}{'{' + told + '}' if told else ''} {value:g}\n"


def _escape(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
