"""What one unit owed and got over the rounds: the same judgement, asked of a few offices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from bhyt_filedrop.domain.owed.board import unit_of
from bhyt_filedrop.domain.owed.obligations import DeliveredIndex, Entry, status
from bhyt_filedrop.domain.process.calendar import WorkingDays
from bhyt_filedrop.domain.process.handoffs import Process
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit, Units


@dataclass(frozen=True, slots=True)
class UnitRound:
    """One round of a unit: what it owed, and what was owed to it, in the order of the process."""

    round: Round
    owes: tuple[Entry, ...]
    gets: tuple[Entry, ...]


def history_of_unit(
    process: Process,
    units: Units,
    unit: Unit,
    rounds: Iterable[Round],
    facts: DeliveredIndex,
    now: datetime,
    days: WorkingDays,
) -> tuple[UnitRound, ...]:
    """Return how the rounds of one unit stand, or stood, at a moment; `facts` need to know of its
    lists alone."""
    few = _around(unit, units)
    found = []
    for round_ in rounds:
        state = status(process, few, round_, facts, now, days)
        entries = [entry for one in state.handoffs for entry in one.entries]
        owes = tuple(e for e in entries if e.owed.sender.id == unit.id)
        gets = tuple(e for e in entries if unit_of(e).id == unit.id and e not in owes)
        found.append(UnitRound(round_, owes, gets))
    return tuple(found)


def _around(unit: Unit, units: Units) -> Units:
    """The unit, those above it, and the departments: nobody else gives it a list or gets one; but a
    unit that gives one to each below it owes as many as there are."""
    kept = {unit.id, *(child.id for child in units.children(unit.id))}
    above = units.by_id.get(unit.parent)
    while above and above.id not in kept:
        kept.add(above.id)
        above = units.by_id.get(above.parent)
    kept |= {one.id for one in units if not one.parent and units.kind_of(one).level == "none"}
    return replace(units, by_id={id_: one for id_, one in units.by_id.items() if id_ in kept})
