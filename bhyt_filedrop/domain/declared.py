"""Everything configured that a judgement depends on, gathered once from the settings."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TypeAlias

from bhyt_filedrop.domain.cells.text import uncapitalised
from bhyt_filedrop.domain.forms.spec import FormSpec
from bhyt_filedrop.domain.places.gazetteer import Gazetteer
from bhyt_filedrop.domain.process.calendar import (
    Deadline,
    WorkingDays,
    deadline,
    extended,
    local_day,
    open_rounds,
)
from bhyt_filedrop.domain.process.folders import Routes
from bhyt_filedrop.domain.process.handoffs import HandOff, Process
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit, Units

Given: TypeAlias = "tuple[str, str]"
"""A hand-off (id) that an office (id) gave in the round that is spoken of."""

Extensions: TypeAlias = "Callable[[str, Round, Unit, str], date | None]"
"""Hand-off (id), round, sender, receiver (id, "" = not known) → the last day of the extension that
somebody gave and that holds now, None = there is none."""


def never_extended(_handoff: str, _round: Round, _sender: Unit, _receiver: str) -> None:
    """Nobody extended anything: where no ledger is asked."""


@dataclass(frozen=True)
class World:
    """The declared process with all that was worked out from it.

    Where units come and go it is that of all days until somebody asks for one (`at`).
    """

    process: Process
    units: Units
    forms: tuple[FormSpec, ...]
    forms_by_id: Mapping[str, FormSpec]
    gazetteer: Gazetteer
    facilities: frozenset[str]
    days: WorkingDays
    routes: Routes
    also_open: frozenset[Round]
    first_round: Round | None = None
    """The round with which the site begins; None = the one under way when it did."""
    extended_to: Extensions = never_extended
    places: Callable[[Units], Gazetteer] | None = None
    """Works out which places there are, where they are not always the same."""
    _known: dict[date, World] = field(default_factory=dict, init=False, compare=False, repr=False)

    def at(self, moment: datetime) -> World:
        """Return it as it is at a moment (aware): the units that are there, and their places."""
        units = self.units.at(local_day(moment))
        if units is self.units or units.day is None:
            return self
        if units.day not in self._known:
            places = self.places(units) if self.places else self.gazetteer
            routes = self.routes.at(units)
            self._known[units.day] = replace(self, units=units, gazetteer=places, routes=routes)
        return self._known[units.day]

    @property
    def leader(self) -> str:
        """The name of the office that leads the process and answers questions: `Phòng Thu`."""
        unit = self.units.by_id.get(self.process.digest_to or self.process.admin)
        return unit.name if unit else "đơn vị chủ trì"

    def open_rounds(self, now: datetime) -> frozenset[Round]:
        """Return the rounds whose lists are taken at a moment."""
        return frozenset(open_rounds(now, self.process, self.days)) | self.also_open

    def deadline(self, handoff: HandOff, round_: Round) -> Deadline | None:
        """Return when a hand-off of a round is late, None where it has no date."""
        return deadline(handoff.due, round_, self.days) if handoff.due else None

    def deadline_of(
        self, handoff: HandOff, round_: Round, sender: Unit, receiver: str = ""
    ) -> Deadline | None:
        """Return when one sender's hand-off is late: what was extended counts."""
        declared = self.deadline(handoff, round_)
        if declared is None:
            return None
        return extended(declared, self.extended_to(handoff.id, round_, sender, receiver))

    def assumed_round(self, handoff: HandOff, now: datetime) -> Round | None:
        """Return the round that a list without one belongs to: the open one due nearest to now.

        Early in July a late form 3 of the first quarter is far likelier than one of the second,
        which is due at the end of September.
        """
        rounds = sorted(self.open_rounds(now))
        return min(rounds, key=lambda r: self._distance(handoff, r, now), default=None)

    def _distance(self, handoff: HandOff, round_: Round, now: datetime) -> float:
        due = self.deadline(handoff, round_)
        return (
            abs((due.instant - now).total_seconds()) if due else -round_.year * 4 - round_.quarter
        )

    def following(self, handoff: HandOff, receiver: Unit, round_: Round) -> HandOff | None:
        """Return what a receiver owes once it has this list, None where nothing is declared.

        What the product makes and sends by itself is nobody's next step, nor is to place children
        of whom nobody knows yet whether there are any.
        """
        following = _after(handoff, self.process)
        for one in (one for one in following if not self._is_about_others(one, handoff)):
            dated = one.due and not one.is_made_and_sent
            if dated and one.sender in (receiver.id, receiver.kind):
                return one
        return None

    def next_step(
        self, handoff: HandOff, receiver: Unit, round_: Round, given: Container[Given] = ()
    ) -> str:
        """Say what a receiver owes once it has this list, with which forms, and into which folder
        ("" = nothing that is declared). `given` holds what was given already: then it is only
        asked to look whether that still holds."""
        one = self.following(handoff, receiver, round_)
        due = self.deadline_of(one, round_, receiver) if one else None
        if one is None or due is None:
            return ""
        name = uncapitalised(one.name)
        if one.receiver != "child" and (one.id, receiver.id) in given:
            return f"Quý đơn vị đã nộp {name}; nếu bản này làm thay đổi thì xin nộp bản đã sửa."
        with_what = self.routes.forms_text(one)
        what = f"{name} ({with_what})" if with_what else name
        told = [f"Bước tiếp theo của đơn vị: gửi {what}, {due.text}"]
        told.append(f"vào thư mục {self.routes.folder_for(receiver, one)}.")
        if one.answers == handoff.id and any("reply-kit" in forms for forms in one.parts):
            told.append("Có thể điền cột Kết quả ngay trên tệp vừa nhận rồi nộp lại chính tệp đó.")
        return f"{told[0]}, {' '.join(told[1:])}"

    def _is_about_others(self, one: HandOff, handoff: HandOff) -> bool:
        needed = self.process.handoffs.get(one.needs)
        return needed is not None and needed.holds_unplaced and needed != handoff


def _after(handoff: HandOff, process: Process) -> tuple[HandOff, ...]:
    every = tuple(process.handoffs.values())
    return every[every.index(handoff) + 1 :] if handoff in every else ()
