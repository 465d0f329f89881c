"""Keep derived lists up to date: what the product makes itself from the lists that stand.

Nothing is scheduled and nothing is triggered: each look asks "what would be made now, and does it
differ from what was made?". So a corrected list makes everything that depends on it anew, a crash
is caught up with, and a due date that passes turns a draft into the final list.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.derive.drafts import RegisterRow
from bhyt_filedrop.domain.derive.inputs import Inputs, Wanted
from bhyt_filedrop.domain.derive.plan import (
    accepted_by_key,
    approval_letter,
    find_proposals,
    is_proposed,
    plan_of,
    register_letter,
)
from bhyt_filedrop.domain.derive.wanted import list_wanted
from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.letters.letter import Letter
from bhyt_filedrop.domain.lists.records import ListKey, ListRecord
from bhyt_filedrop.domain.lists.states import IN_FORCE, ONCE_ACCEPTED
from bhyt_filedrop.domain.process.calendar import at, local_day
from bhyt_filedrop.domain.process.handoffs import HandOff
from bhyt_filedrop.domain.process.made import MADE
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Units
from bhyt_filedrop.ports import Clock, DerivationBook, LostRace, NeverWorks, RoundReader, TryLater
from bhyt_filedrop.work.derived.kept_lists import KeptLists

log = logging.getLogger(__name__)

ASK_AGAIN = timedelta(minutes=5)
"""How long a card register that cannot be read is left alone."""

KEPT_CHILDREN = 10_000
"""Children of lists that are kept in mind, about a KiB each: an accepted list never changes, and
each return that comes has its district's draft made from all the others again."""

BALANCE, DUE, DONE = "@balance", "due", "done"
"""The mark of a round that says whether it was balanced since it changed."""

OF = "/"
"""Between the hand-off and the unit in the mark of a list that is made for each unit by itself."""


@dataclass
class Deriving:
    """Makes derived lists as drops of the product's own; the journey then delivers them."""

    book: DerivationBook
    facts: RoundReader
    declared: World
    clock: Clock
    new_id: Callable[[], str]
    match: Callable[[Round], Iterator[None]]
    """Prepares the balance of a round in short steps."""
    alarms: Callable[[Round], tuple[Letter, ...]]
    """Draws up the balance of a round; letters where children do not add up."""
    tell: Callable[[tuple[Letter, ...], datetime], int]
    """Stores letters that stem from no drop."""
    register: Callable[[], Sequence[RegisterRow]] | None = None
    """Reads the card register of a database, where one is configured."""
    _away_until: datetime | None = None
    _seen: tuple[int, int] | None = None
    """The ledger's last event, and the five minutes, in which everything was up to date."""
    _unbalanced: dict[Round, Iterator[None]] = field(default_factory=dict)
    """Rounds that changed, with what is left to match of each."""

    def __post_init__(self) -> None:
        self._children = KeptLists(self.facts.children, KEPT_CHILDREN)

    @property
    def world(self) -> World:
        """What holds now: lists are made for the units that are there."""
        return self.declared.at(self.clock())

    def work(self) -> list[Drop]:
        """Record everything that has to be made now; return the new own drops.

        As long as nothing happens it is enough to ask the calendar now and then: an idle daemon
        need not go through a round's lists at each turn.
        """
        now = self.clock()
        seen = (self.facts.latest(), int(now.timestamp() // ASK_AGAIN.total_seconds()))
        made = [] if seen == self._seen else self._work(now)
        self._seen = seen
        return made

    def _work(self, now: datetime) -> list[Drop]:
        open_rounds = {str(round_) for round_ in self.world.open_rounds(now)}
        return [
            drop
            for name in self.facts.rounds()
            if name in open_rounds
            for drop in self._round(Round.parse(name), now)
        ]

    def balance(self) -> bool:
        """Take one short step of the balance of a round that changed; False where none is left.

        After each change a round must add up; a difference is an alarm, not a line in a log. No
        file waits for that: it is done in the daemon's spare time, and after a crash by the next.
        """
        for round_, steps in self._unbalanced.items():
            if next(steps, DONE) == DONE:
                del self._unbalanced[round_]
                self._tell_balance(round_, self.clock())
            return True
        return False

    def _tell_balance(self, round_: Round, now: datetime) -> None:
        letters = self.alarms(round_)
        if letters and self.tell(letters, now):
            log.error("round.unbalanced", extra={"round": str(round_)})
        self.book.looked_at(round_, {BALANCE: DONE}, now)

    def _round(self, round_: Round, now: datetime) -> list[Drop]:
        handoffs = [h for h in self.world.process.handoffs.values() if h.made_by]
        known = self.book.marks(round_)
        answers = {h.id for h in self.world.process.handoffs.values() if h.answers}
        sources = answers.union(name for h in handoffs for name in (*h.made_from, h.id))
        records = self.facts.of_round(str(round_), sources, IN_FORCE)
        if known.get(BALANCE) == DUE and round_ not in self._unbalanced:
            self._unbalanced[round_] = self.match(round_)
        stale = {h.id: self._stale(h, round_, records, known, now) for h in handoffs}
        if not any(stale.values()):
            return []
        inputs = self._inputs(round_, records)
        made = [
            drop
            for handoff in handoffs
            if (marks := stale[handoff.id])
            for drop in self._make(handoff, self._narrowed(inputs, handoff, marks), marks, now)
        ]
        self._unbalanced[round_] = self.match(round_)
        return made

    def _inputs(self, round_: Round, records: tuple[ListRecord, ...]) -> Inputs:
        def ever(handoffs: Sequence[str]) -> tuple[ListRecord, ...]:
            return self.facts.of_round(str(round_), handoffs, ONCE_ACCEPTED)

        return Inputs(round_, records, self._children, self.register or tuple, ever)

    def _make(
        self, handoff: HandOff, inputs: Inputs, mark: Mapping[str, str], now: datetime
    ) -> list[Drop]:
        """Record what one hand-off wants now; its mark goes into the same transaction, so that a
        crash makes it anew or not at all; so does the note that the round is to be balanced."""
        mark = {**mark, BALANCE: DUE}
        every = self._list_wanted(handoff, inputs, now)
        if every is None:
            return []
        standing = accepted_by_key(inputs.records)
        waiting = [r for r in find_proposals(inputs.records) if r.key.handoff == handoff.id]
        todo = [one for one in every if _basis(standing, one) != one.basis]
        made: list[Drop] = []
        try:
            groups = _by_approver(handoff, todo, waiting)
            for mine, held in groups:
                overtaken = [] if is_proposed(mine, held) else sorted({r.drop for r in held})
                # The mark goes with the last: killed before it, all is looked at once more.
                noted = mark if mine is groups[-1][0] else {}
                if mine and not (held and not overtaken):
                    drop = self._record(inputs.round, mine, standing, noted, overtaken, now)
                    made.append(drop)
                else:
                    self.book.looked_at(inputs.round, noted, now, overtaken)
        except LostRace:
            # A person has just released what would be withdrawn: the next look sees it delivered.
            log.info("derivation.postponed", extra={"handoff": handoff.id})
        return made

    def _list_wanted(
        self, handoff: HandOff, inputs: Inputs, now: datetime
    ) -> tuple[Wanted, ...] | None:
        """What a hand-off should be; None where the card register is away: it is asked again some
        minutes later, and nothing else waits for it."""
        if self._away_until and now < self._away_until and MADE[handoff.made_by].reads_register:
            return None
        try:
            if self._waits(handoff, inputs):
                return ()
            final = self._is_final(handoff, inputs.round, now)
            return list_wanted(handoff, inputs, self.world, final)
        except (TryLater, NeverWorks) as error:
            self._away_until = now + ASK_AGAIN
            log.error("register.away", extra={"reason": str(error)})
            self.tell((register_letter(str(error), now, self.world),), now)
            return None

    def _approved_first(self, handoff: HandOff) -> HandOff | None:
        """The step above that a person approves: wards get no list before their district's."""
        above = self.world.process.handoffs.get(handoff.needs)
        same = above and above.made_by == handoff.made_by and above.release == "approve"
        return above if same else None

    def _waits(self, handoff: HandOff, inputs: Inputs) -> bool:
        above = self._approved_first(handoff)
        if above is None:
            return False
        standing = accepted_by_key(inputs.records)
        wants = list_wanted(above, inputs, self.world, False)
        return any(_basis(standing, one) != one.basis for one in wants)

    def _stale(
        self,
        handoff: HandOff,
        round_: Round,
        records: Sequence[ListRecord],
        known: Mapping[str, str],
        now: datetime,
    ) -> dict[str, str]:
        """Return the marks of a hand-off that changed: its own, or that of each unit whose list is
        made by itself."""
        if not MADE[handoff.made_by].by_unit:
            marks = {handoff.id: self._mark(handoff, round_, records, now)}
        else:
            shares: dict[str, list[ListRecord]] = {}
            units = self.world.units
            for record in (r for r in records if r.key.handoff in handoff.made_from):
                for unit in _whose(handoff, record, units):
                    shares.setdefault(unit, []).append(record)
            marks = {
                f"{handoff.id}{OF}{unit}": self._mark(handoff, round_, share, now)
                for unit, share in shares.items()
            }
        return {name: mark for name, mark in marks.items() if known.get(name) != mark}

    def _mark(
        self, handoff: HandOff, round_: Round, records: Iterable[ListRecord], now: datetime
    ) -> str:
        """Name the inputs of a hand-off, and whether its time has come, without reading them."""
        parent = self._approved_first(handoff)
        sources = (*handoff.made_from, parent.id) if parent else handoff.made_from
        waiting = MADE[handoff.made_by].drafts_a_part
        mine = [
            f"{r.drop}/{r.seq}/{r.state}"
            for r in records
            if r.key.handoff in sources and (r.is_accepted or waiting)
        ]
        told = [*sorted(mine), str(self._is_final(handoff, round_, now))]
        if (units := self.world.units).day is not None:
            told += [str(units.day), *self._from_those_gone(handoff, records)]
        if MADE[handoff.made_by].reads_register and self.register and mine:
            # A database tells nobody that it changed: the drafts are made again once a day.
            told.append(local_day(now).isoformat())
        return sha256("\n".join(told).encode()).hexdigest()

    def _from_those_gone(self, handoff: HandOff, records: Iterable[ListRecord]) -> list[str]:
        """What closed offices answered: whom it names nobody else is asked for."""
        process, units = self.world.process, self.world.units
        return sorted(
            f"{r.drop}/{r.seq}/{r.state}"
            for r in records
            if MADE[handoff.made_by].passes_down
            and process.handoffs[r.key.handoff].answers
            and units.is_gone(r.key.sender)
        )

    def _is_final(self, handoff: HandOff, round_: Round, now: datetime) -> bool:
        """True from the working morning of the last day on: then what is there is delivered."""
        if not MADE[handoff.made_by].keeps_drafts:
            return False
        sender = self.world.units.by_id.get(handoff.sender)
        due = (
            self.world.deadline_of(handoff, round_, sender)
            if sender
            else self.world.deadline(handoff, round_)
        )
        return due is not None and now >= at(due.last_day, self.world.process.remind_at)

    def _narrowed(self, inputs: Inputs, handoff: HandOff, marks: Iterable[str]) -> Inputs:
        """Leave out the lists of the units of a hand-off for which nothing changed."""
        if not MADE[handoff.made_by].by_unit:
            return inputs
        changed = {mark.partition(OF)[2] for mark in marks}
        sources, units = {*handoff.made_from, handoff.id}, self.world.units
        kept = (
            r
            for r in inputs.records
            if r.key.handoff not in sources or not changed.isdisjoint(_whose(handoff, r, units))
        )
        return replace(inputs, records=tuple(kept))

    # --- recording -----------------------------------------------------------------------------

    def _record(
        self,
        round_: Round,
        todo: Sequence[Wanted],
        standing: Mapping[ListKey, ListRecord],
        mark: Mapping[str, str],
        overtaken: Sequence[str],
        now: datetime,
    ) -> Drop:
        """Write down the lists of one hand-off as one drop of the product's own."""
        key = todo[0].key
        drop = Drop(
            id=self.new_id(),
            tree=self.world.routes.rule(self.world.units[key.sender]).tree,
            path=f"@{key.handoff}/{round_}",
            unit=key.sender,
            size=0,
            mtime=0.0,
            work_path="",
            arrived_at=now,
            state=State.PLANNED,
            handoff=key.handoff,
            round=round_,
        )
        plan = plan_of(drop, todo, standing, self.world)
        held = plan.state is State.HELD
        asks = (approval_letter(drop, plan, self.world),) if held else ()
        self.book.own(drop, plan, now, mark, overtaken, asks)
        log.info("lists.derived", extra={"drop": drop.id, "lists": len(todo), "held": held})
        return replace(drop, state=State.HELD) if held else drop


def _whose(handoff: HandOff, record: ListRecord, units: Units) -> list[str]:
    """Whose list a source goes into: that of the unit that got it, or of those who took over from
    it; a part that is still wanted is offered to the unit that gives the return."""
    gives = MADE[handoff.made_by].drafts_a_part and record.key.handoff == handoff.made_from[0]
    unit = record.key.sender if gives else record.key.receiver
    return [heir.id for heir in units.heirs(unit)]


def _basis(standing: Mapping[ListKey, ListRecord], one: Wanted) -> str | None:
    """What the list that stands was made from, None where there is none."""
    record = standing.get(one.key)
    return record.basis if record else None


def _by_approver(
    handoff: HandOff, todo: Sequence[Wanted], waiting: Sequence[ListRecord]
) -> list[tuple[Sequence[Wanted], Sequence[ListRecord]]]:
    """Part what is to be made, and what waits already, by the office in whose name it goes, where
    that has to be approved: each approves its own."""
    senders = dict.fromkeys([*(w.key.sender for w in todo), *(r.key.sender for r in waiting)])
    whole = len({r.key.sender for r in waiting}) > len({r.drop for r in waiting})
    if handoff.release != "approve" or whole or not senders:
        return [(todo, waiting)]
    return [
        (
            [one for one in todo if one.key.sender == sender],
            [r for r in waiting if r.key.sender == sender],
        )
        for sender in senders
    ]
