"""Extend, snooze or acknowledge what is owed: a person's word about a debt, with its reason.

Each act is one event in the ledger, and is refused in one sentence where it would say nothing: of a
debt that nobody has, of one that is paid, of a day that is over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.owed.arrangements import Arrangement, ArrangementKind
from bhyt_filedrop.domain.owed.obligations import DONE, Entry, RoundStatus
from bhyt_filedrop.domain.process.calendar import closes, day_text, local_day
from bhyt_filedrop.domain.process.parties import senders
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.ports import ActRefused, ArrangementBook

LONGEST = 300
"""Characters of a reason."""


@dataclass(frozen=True, slots=True)
class OwedBy:
    """What an act is about: a hand-off of a round, of one sender, of all senders of an office, or
    of all there are (`unit` = ""), to one receiver or to all ("")."""

    handoff: str
    round: Round
    unit: str = ""
    receiver: str = ""


@dataclass(frozen=True)
class Arranging:
    """Each act returns what was written down; raises ActRefused, and changes nothing, where it
    cannot be."""

    world: World
    book: ArrangementBook
    status: Callable[[Round, datetime], RoundStatus]

    def extend(self, debt: OwedBy, until: date, why: str, by: str, at: datetime) -> Arrangement:
        """Move the due date of a debt, paid late or not paid yet, to a later last day."""
        debt = self._with_id(debt)
        declared = self._declared(debt, at)
        last = closes(self.world.process, debt.round, self.world.days)
        if declared is None:
            raise ActRefused(
                f"Bước {self._name(debt)} không có hạn nên không có gì để gia hạn.",
                f"{debt.handoff} has no due date, so there is nothing to extend.",
            )
        if until <= declared:
            raise ActRefused(
                f"Ngày gia hạn phải sau hạn đang có ({day_text(declared)}).",
                f"An extension must end after the declared date ({declared}).",
            )
        if until > last:
            raise ActRefused(
                f"{debt.round.title} nhận danh sách đến hết ngày {day_text(last)}; không gia hạn "
                "quá ngày đó được.",
                f"{debt.round} takes lists until {last}; it cannot be extended beyond.",
            )
        return self._arrange(ArrangementKind.EXTENDED, debt, until, why, by, at)

    def snooze(self, debt: OwedBy, until: date, why: str, by: str, at: datetime) -> Arrangement:
        """Remind nobody of a debt, and tell nobody of it, until a day is over."""
        debt = self._open(debt, at)
        if until < local_day(at):
            raise ActRefused(
                f"Ngày hẹn {day_text(until)} đã qua.", f"{until} is over: name a day to come."
            )
        if until > (last := closes(self.world.process, debt.round, self.world.days)):
            raise ActRefused(
                f"{debt.round.title} đóng ngày {day_text(last)}; hẹn đến một ngày trước đó.",
                f"{debt.round} closes on {last}: name a day before that.",
            )
        return self._arrange(ArrangementKind.SNOOZED, debt, until, why, by, at)

    def acknowledge(self, debt: OwedBy, why: str, by: str, at: datetime) -> Arrangement:
        """Tell nobody above of a debt: somebody sees to it. Its sender is reminded as before."""
        debt = self._open(debt, at)
        return self._arrange(ArrangementKind.ACKNOWLEDGED, debt, None, why, by, at)

    def undo(self, number: int, why: str, by: str, at: datetime) -> Arrangement:
        """End an arrangement: from now on it holds as if it had not been made."""
        undone = self.book.undo(number, _given(why), by, at)
        if undone is None:
            raise ActRefused(
                f"Không có ghi nhận số {number} nào đang có hiệu lực.",
                f"There is no arrangement {number} that stands.",
            )
        return undone

    def _arrange(
        self,
        kind: ArrangementKind,
        debt: OwedBy,
        until: date | None,
        why: str,
        by: str,
        at: datetime,
    ) -> Arrangement:
        return self.book.arrange(
            Arrangement(
                0, kind, debt.handoff, debt.round, debt.unit, debt.receiver, until,
                _given(why), by, at,
            )
        )  # fmt: skip

    def _declared(self, debt: OwedBy, at: datetime) -> date | None:
        """The last declared day of what is covered. Of a list that nobody has to give yet, since
        what it answers has not gone out, a date may be extended too."""
        every = senders(self.world.process.handoffs[debt.handoff], self.world.at(at).units)
        if not any(debt.unit in ("", unit.id, unit.parent) for unit in every):
            self._covered(debt, at)
        due = self.world.deadline(self.world.process.handoffs[debt.handoff], debt.round)
        return due.last_day if due else None

    def _open(self, debt: OwedBy, at: datetime) -> OwedBy:
        debt, covered = self._covered(debt, at)
        if all(entry.standing in DONE for entry in covered):
            raise ActRefused(
                f"{self._name(debt)}: đã nộp đủ, không còn nợ để ghi nhận.",
                f"{debt.handoff}: nothing is owed any more.",
            )
        return debt

    def _covered(self, debt: OwedBy, at: datetime) -> tuple[OwedBy, Sequence[Entry]]:
        """The obligations that an act is about; there is one at least."""
        debt = self._with_id(debt)
        units = self.world.units
        found = [
            entry
            for one in self.status(debt.round, at).handoffs
            if one.handoff.id == debt.handoff
            for entry in one.entries
            if debt.unit in ("", entry.owed.sender.id, entry.owed.sender.parent)
            and debt.receiver in ("", entry.owed.receiver.id if entry.owed.receiver else "")
        ]
        if not found:
            whose = units.full_name(units[debt.unit]) if debt.unit else "không đơn vị nào"
            raise ActRefused(
                f"{self._name(debt)}, {debt.round.title}: {whose} không có khoản phải nộp nào.",
                f"{debt.handoff} of {debt.round}: {debt.unit or 'nobody'} owes nothing.",
            )
        return debt, found

    def _with_id(self, debt: OwedBy) -> OwedBy:
        """The same with the id of its hand-off, which people call by its number (H5)."""
        for unit in filter(None, (debt.unit, debt.receiver)):
            if unit not in self.world.units:
                raise ActRefused(f"Không có đơn vị {unit}.", f"There is no unit {unit}.")
        every = self.world.process.handoffs
        named = {h.number.casefold(): h.id for h in every.values() if h.number}
        handoff = debt.handoff if debt.handoff in every else named.get(debt.handoff.casefold(), "")
        if not handoff:
            known = ", ".join(h.number or h.id for h in every.values())
            raise ActRefused(
                f"Không có bước {debt.handoff}; có: {known}.",
                f"There is no hand-off {debt.handoff}; there are: {known}.",
            )
        return replace(debt, handoff=handoff)

    def _name(self, debt: OwedBy) -> str:
        handoff = self.world.process.handoffs[debt.handoff]
        return f"{handoff.number} {handoff.name}".strip()


def _given(why: str) -> str:
    said = " ".join(why.split())
    if not said:
        raise ActRefused("Phải ghi lý do.", "A reason is needed.")
    if len(said) > LONGEST:
        raise ActRefused(
            f"Lý do dài quá {LONGEST} ký tự; lý do này được in trong thư.",
            f"The reason has more than {LONGEST} characters; it is printed in letters.",
        )
    return said
