"""Who owes what to whom in one round, and how it stands: a pure reading of process, units, facts.

An obligation (nghĩa vụ) is one hand-off of one round from one sender to one receiver. It is never
stored: it follows from the declared process, and the ledger's facts say what has become of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property

from bhyt_filedrop.domain.letters.letter import Json
from bhyt_filedrop.domain.owed.arrangements import NONE, Arrangement, Arrangements
from bhyt_filedrop.domain.owed.came import Delivered, Reopened, SentBack
from bhyt_filedrop.domain.owed.of_its_time import Term, is_for_a_newcomer
from bhyt_filedrop.domain.process.calendar import (
    Deadline,
    WorkingDays,
    at,
    closes,
    due_dates,
    extended,
    local_day,
    of_all,
    opens,
)
from bhyt_filedrop.domain.process.handoffs import HandOff, Process
from bhyt_filedrop.domain.process.parties import receivers, senders
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit, Units


class Standing(StrEnum):
    """How one obligation stands at a moment."""

    DELIVERED = "delivered"
    LATE = "delivered-late"
    PARTLY = "partly"
    """Some of the lists have come, and there is still time for the others."""
    OWED = "owed"
    OVERDUE = "overdue"
    """Not (wholly) delivered, and the time is over."""


DONE = frozenset({Standing.DELIVERED, Standing.LATE})


@dataclass(frozen=True)
class DeliveredIndex:
    """What has been delivered, indexed; in order of time. `reopened` by hand-off, round, sender."""

    by_sender: Mapping[tuple[str, str], tuple[Delivered, ...]]
    by_receiver: Mapping[tuple[str, str], tuple[Delivered, ...]]
    reopened: Mapping[tuple[str, Round, str], Reopened] = field(default_factory=dict)
    sent_back: Mapping[str, tuple[SentBack, ...]] = field(default_factory=dict)
    """By sender."""
    arranged: Arrangements = NONE
    """What people arranged about it and stands."""

    @classmethod
    def of(
        cls,
        deliveries: Iterable[Delivered] = (),
        reopened: Iterable[Reopened] = (),
        sent_back: Iterable[SentBack] = (),
        arranged: Iterable[Arrangement] = (),
    ) -> DeliveredIndex:
        """Index facts by hand-off and sender, and by hand-off and receiver."""
        sent: dict[tuple[str, str], list[Delivered]] = {}
        got: dict[tuple[str, str], list[Delivered]] = {}
        back: dict[str, list[SentBack]] = {}
        for one in sorted(sent_back, key=lambda b: b.at):
            back.setdefault(one.sender_id, []).append(one)
        for fact in sorted(deliveries, key=lambda f: f.at):
            sent.setdefault((fact.handoff_id, fact.sender_id), []).append(fact)
            got.setdefault((fact.handoff_id, fact.receiver_id), []).append(fact)
        return cls(
            {key: tuple(facts) for key, facts in sent.items()},
            {key: tuple(facts) for key, facts in got.items()},
            {(one.handoff_id, one.round, one.sender_id): one for one in reopened},
            {sender: tuple(found) for sender, found in back.items()},
            Arrangements.of(arranged),
        )

    def reopened_by(self, owed: Obligation, now: datetime) -> Reopened | None:
        """Return what makes an answered obligation owed once more by `now`, None = nothing."""
        found = self.reopened.get((owed.handoff.id, owed.round, owed.sender.id))
        return found if found and found.since <= now else None

    def last_sent_back(self, owed: Obligation, now: datetime) -> datetime | None:
        """Return when the newest file of a debt went back, None where a good one came after it.

        A file that nobody could read counts for whatever its sender owed at that time, but for
        what the product makes itself.
        """
        came = max((f.at for f in self.from_sender(owed) if f.at <= now), default=owed.since)
        about: set[tuple[str, Round | None]] = {(owed.handoff.id, owed.round)}
        if not owed.handoff.is_made_and_sent:
            about.add(("", None))
        found = self.sent_back.get(owed.sender.id, ())
        times = [b.at for b in found if (b.handoff_id, b.round) in about and came <= b.at <= now]
        return times[-1] if times else None

    def from_sender(self, owed: Obligation) -> Iterator[Delivered]:
        """Yield the facts about one obligation.

        A hand-off with a fixed date is owed once, so its facts count whatever round they name.
        """
        fixed = owed.handoff.due is not None and owed.handoff.due.on is not None
        receiver = owed.receiver.id if owed.receiver else ""
        for fact in self.by_sender.get((owed.handoff.id, owed.sender.id), ()):
            if (fixed or fact.round == owed.round) and fact.receiver_id in (receiver, ""):
                yield fact

    def had_nothing(self, handoff_id: str, round: Round, receiver_id: str) -> bool:
        """True where it is known that a hand-off of a round held no child for a unit.

        The newest list counts: a correction may take a unit's last child away.
        """
        found = self.by_receiver.get((handoff_id, receiver_id), ())
        mine = [fact for fact in found if fact.round == round]
        return bool(mine) and mine[-1].nothing

    def was_sent(self, handoff_id: str, round: Round) -> bool:
        """True where a hand-off of a round reached anybody, be it with no child in it."""
        return (handoff_id, round) in self._sent

    @cached_property
    def _sent(self) -> frozenset[tuple[str, Round]]:
        return frozenset((id_, f.round) for (id_, _), fs in self.by_sender.items() for f in fs)

    def reached(self, handoff_id: str, round: Round, receiver_id: str) -> datetime | None:
        """Return when a hand-off of a round first reached a unit with something in it."""
        for fact in self.by_receiver.get((handoff_id, receiver_id), ()):
            if fact.round == round and not fact.nothing:
                return fact.at
        return None


@dataclass(frozen=True, slots=True)
class Obligation:
    """One hand-off of one round that a sender owes to a receiver.

    `deadline` is None for a hand-off without a date. `since` is the moment it began to be owed:
    the round's opening, or when the list that it answers reached the sender (the corrected one
    that added children, where these are owed); a fixed date is owed a year ahead, whichever round
    it falls to. `extension` is what moved the deadline on from the `declared` one.
    """

    round: Round
    handoff: HandOff
    sender: Unit
    receiver: Unit | None
    deadline: Deadline | None
    since: datetime
    declared: Deadline | None = None
    extension: Arrangement | None = None

    @property
    def dated(self) -> Deadline:
        """The deadline of an obligation that has one. Raises ValueError for one that has none."""
        if self.deadline is None:
            raise ValueError(f"{self.handoff.id} has no due date")
        return self.deadline


def obligations(
    process: Process,
    units: Units,
    round: Round,
    facts: DeliveredIndex,
    days: WorkingDays,
    now: datetime | None = None,
) -> tuple[Obligation, ...]:
    """Return everything owed in a round, delivered or not, in the order of the process.

    A round is owed by the units of its time: those that there are on the day it is due. What
    others gave in it, before they were closed, still counts; what they left, by `now` (aware), is
    owed by those who took over.
    """
    opening, closing = at(opens(process, round)), closes(process, round, days)
    return tuple(
        owed
        for handoff, due in due_dates(process, round, days)
        if _is_a_duty(handoff)
        for begun in (_has_begun(handoff, process, round, facts),)
        for sender in senders(handoff, units)
        for owed in _of_sender(
            handoff, due, sender, units, round, facts, _start(handoff) or opening
        )
        for term in (_term(owed, closing, now),)
        if (begun and term.is_owed(owed.sender, owed.receiver, handed=_was_handed(owed, facts)))
        or _came(owed, facts, term, now)
    )


def _term(owed: Obligation, closing: date, now: datetime | None) -> Term:
    """When it is due; without a date when its quarter's work ends."""
    due = owed.declared.last_day if owed.declared else owed.round.next.last_day
    return Term(due, closing, local_day(now) if now else None)


def _was_handed(owed: Obligation, facts: DeliveredIndex) -> bool:
    """True where its sender was given what it answers, or what it needs to do so."""
    named = owed.handoff.answers or owed.handoff.needs
    return facts.reached(named, owed.round, owed.sender.id) is not None


def _came(owed: Obligation, facts: DeliveredIndex, term: Term, now: datetime | None) -> bool:
    """True where something of it came; from an office that is gone, all."""
    came = any(not fact.nothing for fact in facts.from_sender(owed))
    if now is None or not term.is_over_for(owed.sender):
        return came
    return came and not missing_parts(owed, facts, now)


def _start(handoff: HandOff) -> datetime | None:
    fixed = handoff.due.on if handoff.due else None
    return at(fixed - timedelta(days=366)) if fixed else None


def _is_a_duty(handoff: HandOff) -> bool:
    """What the product makes by itself, or an office gives to itself, nobody owes undated; nor what
    is given when there is occasion."""
    if handoff.optional:
        return False
    by_itself = bool(handoff.made_by) or handoff.sender == handoff.receiver
    return bool(handoff.due or handoff.needs) or not by_itself


def _has_begun(handoff: HandOff, process: Process, round: Round, facts: DeliveredIndex) -> bool:
    """True unless it answers, or is made from answers to, lists that nobody was sent: nobody can
    be late with them. What came all the same still counts."""
    sources = (process.handoffs.get(name) for name in (handoff.id, *handoff.made_from[:1]))
    answered = [one.answers for one in sources if one and one.answers]
    return all(facts.was_sent(name, round) for name in answered)


def _of_sender(
    handoff: HandOff,
    due: Deadline | None,
    sender: Unit,
    units: Units,
    round: Round,
    facts: DeliveredIndex,
    opening: datetime,
) -> Iterator[Obligation]:
    if handoff.answers and facts.had_nothing(handoff.answers, round, sender.id):
        return
    since = facts.reached(handoff.needs, round, sender.id) if handoff.needs else opening
    for receiver in _receivers_or_none(handoff, sender, units):
        again = facts.reopened.get((handoff.id, round, sender.id))
        start = again.since if again and not again.unplaced else since or opening
        to = receiver.id if receiver else ""
        later = facts.arranged.extension(handoff.id, round, sender, to, units)
        dated = extended(due, later.until if later else None)
        owed = Obligation(round, handoff, sender, receiver, dated, start, due, later)
        told = tuple(facts.from_sender(owed))
        came = any(not fact.nothing for fact in told)
        in_vain = handoff.needs and facts.had_nothing(handoff.needs, round, sender.id)
        if came or (since is not None and not told and not in_vain):
            yield owed


def _receivers_or_none(
    handoff: HandOff, sender: Unit, units: Units
) -> tuple[Unit, ...] | tuple[None]:
    """An undeclared receiver leaves the debt standing; a unit with none below it owes nothing."""
    found = receivers(handoff, sender, units)
    return found if found or handoff.receiver == "child" else (None,)


def completed_at(owed: Obligation, facts: DeliveredIndex, now: datetime) -> datetime | None:
    """Return when the last missing part came; a later correction does not make it later.

    None while children whom a corrected list added are not answered for.
    """
    if facts.reopened_by(owed, now):
        return None
    missing = set(range(len(owed.handoff.parts)))
    for fact in facts.from_sender(owed):
        if fact.at <= now and not fact.nothing:
            missing -= set(fact.parts) if fact.parts else set(missing)
            if not missing:
                return fact.at
    return None


def missing_parts(owed: Obligation, facts: DeliveredIndex, now: datetime) -> tuple[int, ...]:
    """Return the indexes of the parts that have not come."""
    missing = set(range(len(owed.handoff.parts)))
    for fact in facts.from_sender(owed):
        if fact.at <= now and not fact.nothing:
            missing -= set(fact.parts) if fact.parts else set(missing)
    return tuple(sorted(missing))


def standing(owed: Obligation, facts: DeliveredIndex, now: datetime) -> Standing:
    """Tell how an obligation stands at a moment."""
    done = completed_at(owed, facts, now)
    if done is not None:
        late = owed.deadline is not None and done >= owed.deadline.instant
        if owed.deadline and is_for_a_newcomer(owed.handoff, owed.receiver, owed.deadline):
            late = False
        return Standing.LATE if late else Standing.DELIVERED
    if owed.deadline is not None and now >= owed.deadline.instant:
        return Standing.OVERDUE
    begun = len(missing_parts(owed, facts, now)) < len(owed.handoff.parts)
    return Standing.PARTLY if begun else Standing.OWED


class Want(StrEnum):
    """What is wanted of an obligation that is not done: three things that a reader must not take
    for one another, and the supplement."""

    NOTHING_CAME = "nothing-came"
    SENT_BACK = "sent-back"
    """A file came and went back to be put right; no good one came since."""
    PART_CAME = "part-came"
    CHILDREN_ADDED = "children-added"
    """All had come; a corrected list added children who are in no answer."""
    UNPLACED = "unplaced"
    """Children wait until somebody finds the ward in which they live."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One obligation and how it stands. `at` is when it was completed, `missing` the parts, `added`
    the children whom a corrected list added after the answer (`added_named` the first, for letters
    alone), `sent_back` when the newest file went back (None = a good one came since, or none ever
    came), `unplaced` the children who wait to be placed, `arranged` what was agreed about it."""

    owed: Obligation
    standing: Standing
    at: datetime | None
    missing: tuple[int, ...]
    added: int = 0
    sent_back: datetime | None = None
    unplaced: int = 0
    arranged: Arrangement | None = None
    added_named: tuple[str, ...] = ()

    @property
    def arrangements(self) -> tuple[Arrangement, ...]:
        """Its extension, and an appointment or who sees to it."""
        return tuple(one for one in (self.owed.extension, self.arranged) if one)

    @property
    def saved_by_extension(self) -> bool:
        """True where it came after the declared date, and within its extension."""
        declared = self.owed.declared
        if self.owed.extension is None or declared is None or self.at is None:
            return False
        return self.standing is Standing.DELIVERED and self.at >= declared.instant

    @property
    def want(self) -> Want | None:
        """What is still wanted, None where it is done."""
        if self.standing in DONE:
            return None
        if self.sent_back:
            return Want.SENT_BACK
        if self.unplaced:
            return Want.UNPLACED
        if self.added:
            return Want.CHILDREN_ADDED
        return Want.PART_CAME if self.is_begun else Want.NOTHING_CAME

    @property
    def is_plain(self) -> bool:
        """True where nothing came and nothing was arranged: there is nothing to say but a name."""
        return self.want is Want.NOTHING_CAME and not self.arrangements

    @property
    def is_begun(self) -> bool:
        """True where some of the parts have come, and not all."""
        return 0 < len(self.missing) < len(self.owed.handoff.parts)

    def as_json(self) -> dict[str, Json]:
        """As the command line prints it."""
        receiver = self.owed.receiver
        forms: list[Json] = [list(self.owed.handoff.parts[n]) for n in self.missing]
        return {
            "sender": self.owed.sender.id,
            "sender_name": self.owed.sender.name,
            "receiver": receiver.id if receiver else None,
            "receiver_name": receiver.name if receiver else None,
            "standing": str(self.standing),
            "at": self.at.isoformat() if self.at else None,
            "missing": forms,
            "added": self.added,
            "unplaced": self.unplaced,
            "want": str(self.want) if self.want else None,
            "sent_back": self.sent_back.isoformat() if self.sent_back else None,
            "due": self.owed.deadline.last_day.isoformat() if self.owed.deadline else None,
            "extension": self.owed.extension.as_json() if self.owed.extension else None,
            "saved_by_extension": self.saved_by_extension,
            "arranged": self.arranged.as_json() if self.arranged else None,
        }


@dataclass(frozen=True, slots=True)
class HandOffStatus:
    """One hand-off of a round: its deadline and every obligation of it."""

    handoff: HandOff
    deadline: Deadline | None
    entries: tuple[Entry, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many obligations stand how; every standing is named."""
        return {str(s): sum(e.standing is s for e in self.entries) for s in Standing}

    def as_json(self) -> dict[str, Json]:
        """As the command line prints it."""
        return {
            "id": self.handoff.id,
            "number": self.handoff.number,
            "name": self.handoff.name,
            "due": self.deadline.last_day.isoformat() if self.deadline else None,
            "due_text": self.deadline.text if self.deadline else "",
            "counts": dict(self.counts),
            "units": [entry.as_json() for entry in self.entries],
        }


@dataclass(frozen=True, slots=True)
class RoundStatus:
    """A whole round: who has delivered, who owes, who is late."""

    round: Round
    now: datetime
    handoffs: tuple[HandOffStatus, ...]

    @property
    def settled(self) -> bool:
        """True where nothing that has a date is owed any more."""
        return all(
            entry.standing in DONE for one in self.handoffs if one.deadline for entry in one.entries
        )

    def as_json(self) -> dict[str, Json]:
        """As the command line prints it."""
        return {
            "round": str(self.round),
            "title": self.round.title,
            "now": self.now.isoformat(),
            "settled": self.settled,
            "handoffs": [one.as_json() for one in self.handoffs],
        }


def entry(owed: Obligation, facts: DeliveredIndex, now: datetime) -> Entry:
    """Judge one obligation."""
    again = facts.reopened_by(owed, now)
    children = again.children if again else 0
    stands = standing(owed, facts, now)
    to = owed.receiver.id if owed.receiver else ""
    noted = facts.arranged.other(owed.handoff.id, owed.round, owed.sender, to, owed.since)
    return Entry(
        owed,
        stands,
        completed_at(owed, facts, now),
        missing_parts(owed, facts, now),
        0 if again and again.unplaced else children,
        facts.last_sent_back(owed, now),
        children if again and again.unplaced else 0,
        None if stands in DONE else noted,
        again.named if again else (),
    )


def status(
    process: Process,
    units: Units,
    round: Round,
    facts: DeliveredIndex,
    now: datetime,
    days: WorkingDays,
) -> RoundStatus:
    """Return how a round stands at a moment; hand-offs in the order of the process."""
    found: dict[str, list[Entry]] = {}
    for owed in obligations(process, units, round, facts, days, now):
        found.setdefault(owed.handoff.id, []).append(entry(owed, facts, now))
    return RoundStatus(
        round,
        now,
        tuple(
            HandOffStatus(handoff, of_all(due, (e.owed.deadline for e in entries)), entries)
            for handoff, due in due_dates(process, round, days)
            for entries in (tuple(found.get(handoff.id, ())),)
        ),
    )
