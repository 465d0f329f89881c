"""The path of one child: every list that it stands in, found from the code on its reply kit.

Lists without the code (the cost list, the city's own, form 4) are found through the lists that
their rows were matched with, hop by hop.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bhyt_filedrop.domain.conservation.balance import Fate, Stand, Trace

Place = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Stop:
    """A list that a child stands in; not `certain` where only a likeness says that it is it."""

    stand: Stand
    certain: bool = True


def path(found: Trace, code: str) -> tuple[Stop, ...]:
    """Return every list that a child stands in, in order of time; () where nobody has the code."""
    fates = [fate for hop in found.hops for fate in hop.fates]
    strangers = [stand for hop in found.hops for stand in hop.strangers]
    mine = _of_code((*(s for fate in fates for s in fate.rows), *strangers), code)
    at: dict[Place, list[Fate]] = {}
    for fate in fates:
        for stand in fate.rows:
            at.setdefault(stand.place, []).append(fate)
    stops = _follow(mine, at)
    certain = set(stops)
    for stand in _likely(fates, certain):
        stops.setdefault(stand.place, Stop(stand, certain=False))
    return tuple(sorted(stops.values(), key=_in_time))


def _of_code(stands: Iterable[Stand], code: str) -> list[Stand]:
    return [stand for stand in stands if stand.child.code == code]


def _follow(mine: Iterable[Stand], at: dict[Place, list[Fate]]) -> dict[Place, Stop]:
    """Go from row to row as long as a hop leads on; a row that answers tells more."""
    stops: dict[Place, Stop] = {}
    todo = list(mine)
    seen: set[int] = set()
    while todo:
        stand = todo.pop()
        if stand.place not in stops or stand.category:
            stops[stand.place] = Stop(stand)
        for fate in at.get(stand.place, ()):
            if id(fate) not in seen:
                seen.add(id(fate))
                todo.extend(fate.rows)
    return stops


def _likely(fates: Iterable[Fate], certain: set[Place]) -> Iterator[Stand]:
    """Rows that may be the child, seen from either side of a hop."""
    for fate in fates:
        if not fate.likely:
            continue
        if any(stand.place in certain for stand in fate.rows):
            yield from fate.likely
        elif any(stand.place in certain for stand in fate.likely):
            yield from fate.rows


def _in_time(stop: Stop) -> tuple[object, int, int]:
    return stop.stand.record.at, stop.stand.record.seq, stop.stand.n
