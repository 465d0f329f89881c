"""Which offices owe something of a round: those of its time, and who took over what these left.

An office that is gone owes nothing any more: what it gave stands under its name, and what it had
not given was passed on while lists of the round were still taken. Its successor owes what it was
handed, though it was not there on the day that this was due.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bhyt_filedrop.domain.process.calendar import Deadline
from bhyt_filedrop.domain.process.handoffs import HandOff
from bhyt_filedrop.domain.process.units import Unit


@dataclass(frozen=True, slots=True)
class Term:
    """When something is owed: it was due on `due`, and lists are taken until `closes`. `today` is
    the day on which somebody asks, None = none."""

    due: date
    closes: date
    today: date | None = None

    def is_owed(self, sender: Unit, receiver: Unit | None, *, handed: bool) -> bool:
        """True where it is owed by one to the other; `handed` says that the sender was given what
        it answers."""
        both = (sender, receiver) if receiver else (sender,)
        if any(map(self.is_over_for, both)):
            return False
        if self._came_later(sender):
            return handed
        return all(unit.exists_on(self.due) for unit in both)

    def is_over_for(self, unit: Unit) -> bool:
        """True for an office that is gone, whose work passed on before the round was over."""
        last = unit.valid_to
        return bool(last and self.today and last < self.today and last < self.closes)

    def _came_later(self, unit: Unit) -> bool:
        return unit.begins_after(self.due)


def is_for_a_newcomer(handoff: HandOff, receiver: Unit | None, due: Deadline) -> bool:
    """True for what the product makes for an office that was not there yet when it was due: it took
    over from another, and nobody was late."""
    return handoff.is_made_and_sent and receiver is not None and receiver.begins_after(due.last_day)
