"""The declared process as a chart: offices and kinds of offices, and what goes from one to another.

Offices that a hand-off names by their ids stand for themselves; districts and wards stand as kinds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bhyt_filedrop.domain.process.calendar import Deadline, WorkingDays, due_dates
from bhyt_filedrop.domain.process.handoffs import HandOff, Process
from bhyt_filedrop.domain.process.parties import receivers, senders
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit, Units


@dataclass(frozen=True, slots=True)
class ChartOffice:
    """One column: an office, or all `count` offices of a kind."""

    key: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class ChartStep:
    """One hand-off: from whom, to whom, who gets a copy (keys of offices), and when it is due in
    the round that the chart was drawn for (None = no date)."""

    handoff: HandOff
    due: Deadline | None
    givers: tuple[str, ...]
    takers: tuple[str, ...]
    copies: tuple[str, ...]
    made_from: tuple[HandOff, ...]


@dataclass(frozen=True, slots=True)
class ProcessChart:
    """Offices in the order in which the process comes to them, and its hand-offs in theirs."""

    offices: tuple[ChartOffice, ...]
    steps: tuple[ChartStep, ...]

    def name_of(self, key: str) -> str:
        """Return what an office of the chart is called."""
        return next((one.name for one in self.offices if one.key == key), key)


def chart_of(process: Process, units: Units, round_: Round, days: WorkingDays) -> ProcessChart:
    """Draw the process up as it holds for a round."""
    named = {word for h in process.handoffs.values() for word in (h.sender, h.receiver, *h.copies)}
    steps = tuple(
        _step(handoff, due, process, units, named)
        for handoff, due in due_dates(process, round_, days)
    )
    keys = dict.fromkeys(
        key for step in steps for key in (*step.givers, *step.takers, *step.copies)
    )
    return ProcessChart(tuple(_office(key, units) for key in keys), steps)


def _step(
    handoff: HandOff, due: Deadline | None, process: Process, units: Units, named: set[str]
) -> ChartStep:
    givers = senders(handoff, units)
    return ChartStep(
        handoff,
        due,
        tuple(dict.fromkeys(_key(one, named) for one in givers)),
        tuple(dict.fromkeys(_takers(handoff, givers, units, named))),
        tuple(one for one in handoff.copies if one in units),
        tuple(process.handoffs[one] for one in handoff.made_from if one in process.handoffs),
    )


def _takers(
    handoff: HandOff, givers: tuple[Unit, ...], units: Units, named: set[str]
) -> Iterator[str]:
    for giver in givers:
        yield from (_key(one, named) for one in receivers(handoff, giver, units))


def _key(unit: Unit, named: set[str]) -> str:
    return unit.id if unit.id in named else unit.kind


def _office(key: str, units: Units) -> ChartOffice:
    if key in units:
        return ChartOffice(key, units[key].name, 1)
    some = units.of_kind(key)
    return ChartOffice(key, units.called(some), len(some))
