"""A round as a table: what the city owes itself, then a row for each office and its units below.

A row is that of the office that owes, or that gets where one office owes each of many a list of
its own (the lists for districts, for wards). What those below an office owe is told as shares.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from bhyt_filedrop.domain.owed.faces import DONE_FACES, DebtFace, days_over, face_of
from bhyt_filedrop.domain.owed.obligations import Entry, HandOffStatus, RoundStatus, Standing
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit, Units


@dataclass(frozen=True)
class BoardCell:
    """One hand-off of one office: what it owes itself, and what the units below it owe."""

    own: tuple[Entry, ...]
    below: tuple[Entry, ...]
    now: datetime

    @cached_property
    def faces(self) -> tuple[tuple[DebtFace, int], ...]:
        """How many of those below look how, the worst first."""
        counts = Counter(face_of(one, self.now) for one in self.below)
        return tuple((face, counts[face]) for face in DebtFace if counts[face])

    @property
    def done(self) -> int:
        """How many of those below are done."""
        return sum(count for face, count in self.faces if face in DONE_FACES)

    @property
    def overdue(self) -> int:
        """How many of those below are overdue, whatever of theirs has come."""
        return sum(one.standing is Standing.OVERDUE for one in self.below)


@dataclass(frozen=True)
class BoardRow:
    """One office with its cells by hand-off, and the rows of the units below it."""

    unit: Unit
    cells: Mapping[str, BoardCell]
    children: tuple[BoardRow, ...]
    now: datetime

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """What it owes and what those below it owe."""
        return tuple(one for cell in self.cells.values() for one in (*cell.own, *cell.below))

    @cached_property
    def longest(self) -> tuple[int, Entry | None]:
        """For how many days the oldest debt is overdue (0 = none is), and which it is."""
        late = [(days_over(one, self.now), one) for one in self.entries]
        most = max((days for days, _ in late), default=0)
        return most, next((one for days, one in late if days == most and most), None)


@dataclass(frozen=True)
class Board:
    """A whole round as a table. `city` are the hand-offs that no row of the table tells of."""

    round: Round
    now: datetime
    columns: tuple[HandOffStatus, ...]
    city: tuple[HandOffStatus, ...]
    rows: tuple[BoardRow, ...]


def unit_of(entry: Entry) -> Unit:
    """Return in whose row an obligation is told: the receiver's where one owes each of many."""
    owed = entry.owed
    return owed.receiver if owed.handoff.receiver == "child" and owed.receiver else owed.sender


def board_of(
    found: RoundStatus,
    units: Units,
    sees: Callable[[str], bool] = lambda _unit: True,
    wanted: Callable[[Entry], bool] = lambda _entry: True,
) -> Board:
    """Lay a round out as a table, of the units that may be seen; `wanted` leaves only the rows that
    hold such an obligation (their other cells stay)."""
    placed = _ByRow(found, units)
    told = {id_ for id_ in placed.by_unit if sees(id_)}
    keep = {id_ for id_ in told if any(wanted(one) for one in _every(placed.by_unit[id_].values()))}
    tops = [id_ for id_ in told if units[id_].parent not in told]
    rows = (_row(placed, units, id_, told, keep, found.now) for id_ in units.in_order(tops))
    return Board(found.round, found.now, placed.columns, placed.city, tuple(r for r in rows if r))


class _ByRow:
    """The obligations of a round, by the row that tells of them."""

    def __init__(self, found: RoundStatus, units: Units) -> None:
        self.by_unit: dict[str, dict[str, list[Entry]]] = {}
        columns, city = [], []
        for one in found.handoffs:
            in_rows = any(_has_row(unit_of(entry), units) for entry in one.entries)
            if in_rows:
                columns.append(one)
                for entry in one.entries:
                    of_unit = self.by_unit.setdefault(unit_of(entry).id, {})
                    of_unit.setdefault(one.handoff.id, []).append(entry)
            elif one.entries or one.deadline:
                city.append(one)
        self.columns, self.city = tuple(columns), tuple(city)


def _has_row(unit: Unit, units: Units) -> bool:
    """City departments are told apart: they are no places."""
    return bool(unit.parent) or units.kind_of(unit).level != "none"


def _every(groups: Iterable[list[Entry]]) -> Iterator[Entry]:
    for group in groups:
        yield from group


def _row(
    placed: _ByRow, units: Units, id_: str, told: set[str], keep: set[str], now: datetime
) -> BoardRow | None:
    below = [child.id for child in units.children(id_) if child.id in told]
    children = tuple(
        row
        for child in below
        for row in (_row(placed, units, child, told, keep, now),)
        if row is not None
    )
    if id_ not in keep and not children:
        return None
    cells = {}
    for one in placed.columns:
        handoff = one.handoff.id
        own = placed.by_unit[id_].get(handoff, [])
        under = [entry for child in below for entry in placed.by_unit[child].get(handoff, [])]
        if own or under:
            cells[handoff] = BoardCell(tuple(own), tuple(under), now)
    return BoardRow(units[id_], cells, children, now)
