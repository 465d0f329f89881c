"""The due dates of a round as they hold now: for everybody, and for those who got a later day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bhyt_filedrop.domain.letters.letter import Json
from bhyt_filedrop.domain.owed.arrangements import Arrangements
from bhyt_filedrop.domain.process.calendar import Deadline, WorkingDays, due_dates, extended
from bhyt_filedrop.domain.process.handoffs import HandOff, Process
from bhyt_filedrop.domain.process.parties import receivers, senders
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit, Units


@dataclass(frozen=True, slots=True)
class LaterDay:
    """A day to which some senders of a hand-off were given time, and who they are."""

    due: Deadline
    units: tuple[Unit, ...]

    def names(self, units: Units) -> str:
        """Name them: `Quận 1; Phường 7, Quận 3`."""
        return "; ".join(map(units.full_name, self.units))

    def as_json(self) -> Json:
        """As the command line and the page's JSON print it."""
        last = self.due.last_day.isoformat()
        return {"last_day": last, "late_from": self.due.instant.isoformat(),
                "units": [one.id for one in self.units]}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DueDate:
    """When a hand-off of a round is due (None = no date): `due` is what holds for those to whom
    nobody gave a later day, or for all where all got the same one."""

    round: Round
    handoff: HandOff
    due: Deadline | None
    later: tuple[LaterDay, ...] = ()

    def as_json(self) -> dict[str, Json]:
        """As the command line and the page's JSON print it."""
        return {
            "number": self.handoff.number,
            "name": self.handoff.name,
            "last_day": self.due.last_day.isoformat() if self.due else None,
            "late_from": self.due.instant.isoformat() if self.due else None,
            "due_text": self.due.text if self.due else "",
            "extended": [one.as_json() for one in self.later],
        }

    def seen_by(self, ids: frozenset[str] | None) -> DueDate:
        """Return it with the later days of some units alone; None = of all."""
        if ids is None:
            return self
        found = (
            LaterDay(one.due, tuple(unit for unit in one.units if unit.id in ids))
            for one in self.later
        )
        return DueDate(self.round, self.handoff, self.due, tuple(x for x in found if x.units))


def dates_that_hold(
    process: Process, units: Units, round_: Round, days: WorkingDays, arranged: Arrangements
) -> tuple[DueDate, ...]:
    """Return a round's hand-offs with their days, in declared order; what was extended counts."""
    return tuple(
        _that_holds(DueDate(round_, handoff, due), units, arranged)
        for handoff, due in due_dates(process, round_, days)
    )


def _that_holds(declared: DueDate, units: Units, arranged: Arrangements) -> DueDate:
    handoff, round_ = declared.handoff, declared.round
    if declared.due is None or (handoff.id, round_) not in arranged.by_handoff:
        return declared
    held = list(_each(declared, units, arranged))
    days = {due.instant: due for due, _ in held}
    if len(days) == 1:
        return DueDate(round_, handoff, next(iter(days.values())))
    later = tuple(
        LaterDay(due, tuple(dict.fromkeys(unit for mine, unit in held if mine == due)))
        for instant, due in sorted(days.items())
        if instant != declared.due.instant
    )
    return DueDate(round_, handoff, declared.due, later)


def _each(
    declared: DueDate, units: Units, arranged: Arrangements
) -> Iterator[tuple[Deadline, Unit]]:
    """Yield when each sender owes it, for each of its receivers."""
    handoff, due = declared.handoff, declared.due
    for sender in senders(handoff, units):
        for receiver in receivers(handoff, sender, units) or (None,):
            to = receiver.id if receiver else ""
            held = arranged.extension(handoff.id, declared.round, sender, to, units)
            dated = extended(due, held.until if held else None)
            if dated:
                yield dated, sender
