"""Keep derived lists up to date: what the product makes itself from the lists that stand.

Nothing is scheduled and nothing is triggered: each look asks "what would be made now, and does it
differ from what was made?". So a corrected list makes everything that depends on it anew, a crash
is caught up with, and a due date that passes turns a draft into the final list.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Protocol

from bhyt_filedrop.domain.calendar import at, local_day
from bhyt_filedrop.domain.derive.drafts import RegisterRow
from bhyt_filedrop.domain.drops import Delivery, Drop, ListKey, ListRecord, Plan, Role
from bhyt_filedrop.domain.letters import Arrival, Letter, addressed, delivered
from bhyt_filedrop.domain.making import HAVE_DRAFTS, Inputs, Out, Wanted, wanted
from bhyt_filedrop.domain.naming import delivered_name
from bhyt_filedrop.domain.process import HandOff
from bhyt_filedrop.domain.rolls import ListedChild
from bhyt_filedrop.domain.rounds import Round
from bhyt_filedrop.domain.states import State
from bhyt_filedrop.domain.world import World
from bhyt_filedrop.ports import Clock

log = logging.getLogger(__name__)


class Book(Protocol):
    """What derivation writes in the ledger."""

    def own(self, drop: Drop, plan: Plan, at: datetime, marks: Mapping[str, str]) -> None:
        """Record derived lists with their plan."""
        ...

    def looked_at(self, round_: Round, marks: Mapping[str, str], at: datetime) -> None:
        """Note that nothing had to be made."""
        ...

    def marks(self, round_: Round) -> dict[str, str]:
        """Return what each derived hand-off was last made from."""
        ...


class Facts(Protocol):
    """What derivation reads in the ledger."""

    def rounds(self) -> tuple[str, ...]:
        """Return the rounds that have lists."""
        ...

    def of_round(self, round_: str, handoffs: Iterable[str]) -> tuple[ListRecord, ...]:
        """Return the standing lists of some hand-offs."""
        ...

    def children(self, drop: str, seq: int) -> tuple[ListedChild, ...]:
        """Return the children of one list."""
        ...


@dataclass
class Deriving:
    """Makes derived lists as drops of the product's own; the journey then delivers them."""

    book: Book
    facts: Facts
    world: World
    clock: Clock
    new_id: Callable[[], str]
    alarm: Callable[[Round], Letter | None]
    """Draws up the balance of a round; a letter where children do not add up."""
    tell: Callable[[tuple[Letter, ...], datetime], int]
    """Stores letters that stem from no drop."""
    register: Callable[[], Sequence[RegisterRow]] | None = None
    """Reads the card register of a database, where one is configured."""

    def work(self) -> list[Drop]:
        """Record everything that has to be made now; return the new own drops."""
        now = self.clock()
        open_rounds = {str(round_) for round_ in self.world.open_rounds(now)}
        return [
            drop
            for name in self.facts.rounds()
            if name in open_rounds
            for drop in self._round(Round.parse(name), now)
        ]

    def _balance(self, round_: Round, now: datetime) -> None:
        """After each change a round must add up; a difference is an alarm, not a line in a log."""
        letter = self.alarm(round_)
        if letter and self.tell((letter,), now):
            log.error("round.unbalanced", extra={"round": str(round_)})

    def _round(self, round_: Round, now: datetime) -> list[Drop]:
        handoffs = [h for h in self.world.process.handoffs.values() if h.made_by]
        known = self.book.marks(round_)
        sources = {name for h in handoffs for name in (*h.made_from, h.id)}
        records = self.facts.of_round(str(round_), sources)
        marks = {h.id: self._mark(h, round_, records, now) for h in handoffs}
        stale = [h for h in handoffs if known.get(h.id) != marks[h.id]]
        if not stale:
            return []
        fresh = {h.id: marks[h.id] for h in stale}
        inputs = Inputs(round_, records, self.facts.children, self.register or tuple)
        todo = [
            one
            for handoff in stale
            for one in wanted(handoff, inputs, self.world, self._is_final(handoff, round_, now))
            if one.basis != _basis_of(one, records)
        ]
        if not todo:
            self.book.looked_at(round_, fresh, now)
            self._balance(round_, now)
            return []
        made = self._record_all(round_, todo, records, fresh, now)
        self._balance(round_, now)
        return made

    def _mark(
        self, handoff: HandOff, round_: Round, records: Iterable[ListRecord], now: datetime
    ) -> str:
        """Name the inputs of a hand-off, and whether its time has come, without reading them."""
        mine = [
            f"{r.drop}/{r.seq}/{r.state}"
            for r in records
            if r.key.handoff in handoff.made_from and r.state == "accepted"
        ]
        told = [*sorted(mine), str(self._is_final(handoff, round_, now))]
        if handoff.made_by == "card-drafts" and self.register and mine:
            # A database tells nobody that it changed: the drafts are made again once a day.
            told.append(local_day(now).isoformat())
        return sha256("\n".join(told).encode()).hexdigest()

    def _is_final(self, handoff: HandOff, round_: Round, now: datetime) -> bool:
        """True from the working morning of the last day on: then what is there is delivered."""
        if handoff.made_by not in HAVE_DRAFTS:
            return False
        due = self.world.deadline(handoff, round_)
        return due is not None and now >= at(due.last_day, self.world.process.remind_at)

    # --- recording -----------------------------------------------------------------------------

    def _record_all(
        self,
        round_: Round,
        todo: list[Wanted],
        records: Iterable[ListRecord],
        marks: Mapping[str, str],
        now: datetime,
    ) -> list[Drop]:
        """Record the lists of each hand-off as a drop of their own; the marks with the last one,
        so that a crash in between makes the rest anew."""
        groups: dict[str, list[Wanted]] = {}
        for one in todo:
            groups.setdefault(one.key.handoff, []).append(one)
        last = list(groups)[-1]
        return [
            self._record(round_, group, records, marks if name == last else {}, now)
            for name, group in groups.items()
        ]

    def _handoff(self, one: Wanted) -> HandOff:
        return self.world.process.handoffs[one.key.handoff]

    def _record(
        self,
        round_: Round,
        todo: list[Wanted],
        records: Iterable[ListRecord],
        marks: Mapping[str, str],
        now: datetime,
    ) -> Drop:
        owner = todo[0].key.sender
        drop = Drop(
            id=self.new_id(),
            tree=self.world.routes.rule(self.world.units[owner]).tree,
            path=f"@{todo[0].key.handoff}/{round_}",
            unit=owner,
            size=0,
            mtime=0.0,
            work_path="",
            arrived_at=now,
            state=State.PLANNED,
            handoff=todo[0].key.handoff,
            round=round_,
        )
        standing = {r.key: r for r in records}
        plan = self._plan(drop, todo, standing, now)
        self.book.own(drop, plan, now, marks)
        log.info("lists.derived", extra={"drop": drop.id, "lists": len(todo)})
        return replace(drop, state=State.HELD) if plan.state is State.HELD else drop

    def _plan(
        self,
        drop: Drop,
        todo: list[Wanted],
        standing: Mapping[ListKey, ListRecord],
        now: datetime,
    ) -> Plan:
        lists: list[ListRecord] = []
        deliveries: list[Delivery] = []
        letters: list[Letter] = []
        for seq, one in enumerate(todo):
            before = standing.get(one.key)
            record = self._list(drop, seq, one, before, now)
            outs = self._deliveries(drop, record, one, before)
            lists.append(record)
            deliveries += outs
            letters += self._letters(drop, record, one, outs)
        approve = any(record.state == "held" for record in lists)
        return Plan(
            state=State.HELD if approve else State.ACCEPTED,
            lists=tuple(lists),
            deliveries=tuple(deliveries),
            letters=tuple(letters),
            supersedes=tuple(
                (standing[key].drop, standing[key].seq)
                for one in todo
                for key in (one.key, *one.replaces)
                if key in standing
            ),
            rolls={seq: one.children for seq, one in enumerate(todo)},
        )

    def _list(
        self, drop: Drop, seq: int, one: Wanted, before: ListRecord | None, now: datetime
    ) -> ListRecord:
        handoff = self._handoff(one)
        due = self.world.deadline(handoff, one.key.round)
        return ListRecord(
            drop=drop.id,
            seq=seq,
            key=one.key,
            form=one.form,
            rows=len(one.children),
            sha256="",
            state="held" if handoff.release == "approve" else "accepted",
            version=before.version + 1 if before else 1,
            at=now,
            late=due is not None and now >= due.instant,
            basis=one.basis,
            completed_at=None if handoff.release == "approve" else now,
        )

    def _deliveries(
        self, drop: Drop, record: ListRecord, one: Wanted, before: ListRecord | None
    ) -> list[Delivery]:
        recipe = {
            **one.recipe,
            "list": [record.drop, record.seq],
            "before": [before.drop, before.seq] if before and before.rows else None,
            "version": record.version,
            "round": str(record.key.round),
        }
        return [self._delivery(drop, record, out, recipe) for out in one.outs]

    def _delivery(
        self, drop: Drop, record: ListRecord, out: Out, recipe: Mapping[str, object]
    ) -> Delivery:
        units, routes = self.world.units, self.world.routes
        unit = units[out.unit]
        rule = routes.rule(unit)
        sender = units[record.key.sender]
        name = out.stable_name or delivered_name(
            sender, record.key.round, out.label, record.version, drop.id, "", ".xlsx"
        )
        folder = "/".join(filter(None, (routes.inbox(unit, record.key.round), out.subfolder)))
        return Delivery(
            Role.DERIVED, out.unit, rule.tree, f"{folder}/{name}", "", None, "", rule.access, recipe
        )

    def _letters(
        self, drop: Drop, record: ListRecord, one: Wanted, outs: list[Delivery]
    ) -> list[Letter]:
        units = self.world.units
        handoff = self.world.process.handoffs[record.key.handoff]
        sender, receiver = units[record.key.sender], units[record.key.receiver]
        due = self.world.deadline(handoff, record.key.round)
        arrival = Arrival(
            drop_id=f"{drop.id}/{record.seq}",
            unit=sender.id,
            sender_name=addressed(sender, units),
            file_name="",
            received_at=drop.arrived_at,
            handoff_name=handoff.name,
            round_title=record.key.round.title,
            due_text=due.text if due else "",
            rows=record.rows,
        )
        step = self.world.next_step(handoff, receiver, record.key.round)
        return [
            delivered(
                arrival,
                receiver.id,
                folder=out.path.rpartition("/")[0],
                stored_name=out.path.rpartition("/")[2],
                corrects=record.version > 1,
                next_step=" ".join(filter(None, (one.note, step))),
            )
            for out in outs[:1]
            if one.tells
        ]


def _basis_of(one: Wanted, records: Iterable[ListRecord]) -> str | None:
    """What the list that stands was made from, None where there is none."""
    return next((r.basis for r in records if r.key == one.key), None)
