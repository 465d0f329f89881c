"""What one unit owed and got over the rounds: the same judgement, asked of a few offices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bhyt_filedrop.domain.owed.board import unit_of
from bhyt_filedrop.domain.owed.obligations import DeliveredIndex, HandOffStatus, RoundStatus, status
from bhyt_filedrop.domain.process.calendar import WorkingDays
from bhyt_filedrop.domain.process.handoffs import Process
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit, Units


def rounds_of_unit(
    process: Process,
    units: Units,
    unit: Unit,
    rounds: Iterable[Round],
    facts: DeliveredIndex,
    now: datetime,
    days: WorkingDays,
) -> tuple[RoundStatus, ...]:
    """Return how the rounds of one unit stand, or stood, at a moment: what it owes, and what is
    told in its row. `facts` need to know of its lists alone."""
    few = _around(unit, units)
    found = (status(process, few, round_, facts, now, days) for round_ in rounds)
    return tuple(replace(one, handoffs=tuple(_of(unit, h) for h in one.handoffs)) for one in found)


def _of(unit: Unit, one: HandOffStatus) -> HandOffStatus:
    mine = (e for e in one.entries if unit.id in (e.owed.sender.id, unit_of(e).id))
    return replace(one, entries=tuple(mine))


def _around(unit: Unit, units: Units) -> Units:
    """The unit, those above it, and the departments: nobody else gives it a list or gets one; but a
    unit that gives one to each below it owes as many as there are."""
    kept = {unit.id, *(child.id for child in units.below(unit))}
    above = units.by_id.get(unit.parent)
    while above and above.id not in kept:
        kept.add(above.id)
        above = units.by_id.get(above.parent)
    kept |= {one.id for one in units if not one.parent and units.kind_of(one).level == "none"}
    return replace(units, by_id={id_: one for id_, one in units.by_id.items() if id_ in kept})
