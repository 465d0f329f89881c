"""What is to be done today about a round: figures, each with the units it speaks of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bhyt_filedrop.domain.owed.board import unit_of
from bhyt_filedrop.domain.owed.faces import DebtFace, days_over, face_of
from bhyt_filedrop.domain.owed.obligations import Entry, RoundStatus, Standing
from bhyt_filedrop.domain.process.handoffs import HandOff


@dataclass(frozen=True, slots=True)
class OverdueUnits:
    """The units that are overdue with one hand-off, and for how many days the oldest debt is."""

    handoff: HandOff
    units: int
    longest: int


@dataclass(frozen=True, slots=True)
class RoundToDo:
    """What a round asks for today."""

    overdue: tuple[OverdueUnits, ...]
    sent_back: int
    """Debts whose file went back and was not corrected."""
    part_came: int
    """Debts of which a part came and another is missing."""
    soon: int
    """Debts that nothing came for and whose time is nearly over."""


def to_do(found: RoundStatus, sees: Callable[[str], bool] = lambda _unit: True) -> RoundToDo:
    """Sum up what is to be done about a round, of the units that may be seen."""
    entries = [e for one in found.handoffs for e in one.entries if sees(unit_of(e).id)]
    faces = [face_of(one, found.now) for one in entries]
    return RoundToDo(
        tuple(
            _of_handoff(one.handoff, late, found)
            for one in found.handoffs
            if (late := [e for e in one.entries if is_overdue(e) and sees(unit_of(e).id)])
        ),
        faces.count(DebtFace.SENT_BACK),
        faces.count(DebtFace.PART),
        faces.count(DebtFace.SOON),
    )


def is_overdue(entry: Entry) -> bool:
    """True where the time of a debt is over, whatever of it has come."""
    return entry.standing is Standing.OVERDUE


def _of_handoff(handoff: HandOff, late: list[Entry], found: RoundStatus) -> OverdueUnits:
    units = {unit_of(entry).id for entry in late}
    return OverdueUnits(handoff, len(units), max(days_over(one, found.now) for one in late))
