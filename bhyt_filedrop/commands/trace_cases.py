"""Where in which file the children stand whom a trace could not account for: rows, never names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from bhyt_filedrop.language import say

if TYPE_CHECKING:
    from bhyt_filedrop.domain.conservation.balance import Fate, Hop, Stand

SHOWN = 10
"""So many places of each kind are printed where not all are asked for."""


def alarm_places(hop: Hop, *, every: bool) -> list[str]:
    """Return the rows of the children whom an alarm is about."""
    return [
        *_lines_of(say("thiếu", "missing"), _lost(hop), every),
        *_lines_of(say("hai lần", "twice"), _doubled(hop), every),
        *_lines_of(say("không có trong danh sách đã gửi", "never sent"), _invented(hop), every),
    ]


def unsure_places(hop: Hop, *, every: bool) -> list[str]:
    """Return for each child that may be a row of nobody's the row it was sent in, and that one."""
    unsure = (fate for fate in hop.fates if fate.likely)
    return _lines_of(say("có thể là một trẻ", "may be one"), map(_likeness, unsure), every)


def _lines_of(what: str, places: Iterable[str], every: bool) -> list[str]:
    found = list(places)
    shown = found if every else found[:SHOWN]
    lines = [f"    {what}: {place}" for place in shown]
    if len(shown) < len(found):
        more = len(found) - len(shown)
        lines.append(say(f"    … và {more} nơi khác (--all)", f"    … and {more} more (--all)"))
    return lines


def _lost(hop: Hop) -> Iterator[str]:
    if hop.answered:
        yield from (place(f.sent) for f in hop.fates if not (f.found or f.likely))


def _doubled(hop: Hop) -> Iterator[str]:
    yield from (_rows(fate.found) for fate in hop.fates if len(fate.found) > 1)


def _invented(hop: Hop) -> Iterator[str]:
    if hop.answered:
        likely = {stand.place for fate in hop.fates for stand in fate.likely}
        yield from (place(stand) for stand in hop.strangers if stand.place not in likely)


def _likeness(fate: Fate) -> str:
    return f"{place(fate.sent)} ~ {_rows(fate.likely)}"


def _rows(stands: Iterable[Stand]) -> str:
    return "; ".join(place(stand) for stand in stands)


def place(stand: Stand) -> str:
    """Where a child stands, as `D150514-7K3FQX «Sheet1» dòng 17`."""
    child = stand.child
    sheet = f" «{child.sheet}»" if child.sheet else ""
    row = child.row or stand.n + 1
    return f"{stand.record.drop}{sheet} {say('dòng', 'row')} {row}"
