"""Gather what is known of a claimed drop: what its files hold, and what the ledger has beside it.

Nothing is judged here: `domain.drops` says what it means.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import inf

from bhyt_filedrop.domain.declared import Given, World
from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.facts import Facts, FilePart, Judged
from bhyt_filedrop.domain.drops.judgement import Known, held_against, may_be_known
from bhyt_filedrop.domain.drops.returns import Answered, is_elsewhere, return_of
from bhyt_filedrop.domain.drops.sizes import cost_lists_of
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListKey, ListRecord
from bhyt_filedrop.domain.lists.states import ONCE_ACCEPTED, ListState
from bhyt_filedrop.domain.process.file_names import id_in_name
from bhyt_filedrop.domain.process.folders import Place
from bhyt_filedrop.ports import (
    Clock,
    JudgedAhead,
    ListBook,
    NeverWorks,
    TryLater,
)
from bhyt_filedrop.work.arrival.judging import Judging, NotAhead
from bhyt_filedrop.work.arrival.pace import TURN, TakesLong

log = logging.getLogger(__name__)


@dataclass
class Gathering:
    """Has judged what was dropped, and asks the ledger what it is held against."""

    judging: Judging
    lists: ListBook
    declared: World
    clock: Clock
    origin: Callable[[str], Drop | None] = lambda _drop: None
    """An earlier drop by its id."""
    ahead: JudgedAhead = field(default_factory=NotAhead)
    turn: float = TURN
    """Seconds after which a drop lets others pass."""
    _slow: set[str] = field(default_factory=set)
    """Drops that let others pass once."""
    _beside: set[str] = field(default_factory=set)
    """Those that were judged beside the others."""

    @property
    def world(self) -> World:
        """What holds now: what is judged after a reorganisation is judged for who is there then,
        for the lists that are to be answered are theirs."""
        return self.declared.at(self.clock())

    def facts(self, drop: Drop) -> Facts:
        """Return what a drop holds. One that a person rejected is never in the way of its return.

        Raises TryLater or NeverWorks where it cannot be read for a reason of this machine;
        TakesLong where others shall go first.
        """
        try:
            facts = self._judge(drop)
        except TakesLong:
            self._slow.add(drop.id)
            raise
        except (TryLater, NeverWorks):
            raise
        except Exception as error:
            if not is_rejected(drop):
                raise
            log.warning("drop.unread", extra={"drop": drop.id, "error": innermost(error)})
            facts = self.unread(drop)
        self._slow.discard(drop.id)
        self._beside.discard(drop.id)
        return facts

    def unread(self, drop: Drop) -> Facts:
        """What is known without looking inside: a person can send back what nobody can judge."""
        unit = self._place(drop).unit
        part = FilePart(drop.name, drop.sha256 or "", "", readable=False)
        access = self.world.routes.rule(unit).access
        return Facts(drop, unit, (part,), (), (), access=access)

    def ends_a_process(self, drop: Drop) -> bool:
        """Tell whether an archived drop is to blame where processes died that judged it."""
        return self.ahead.ends_a_process(drop, self._place(drop), self.clock())

    def begin(self, drop: Drop) -> None:
        """Have an archived drop judged ahead of its turn."""
        self.ahead.begin(drop, self._place(drop), self.clock())

    def _judge(self, drop: Drop) -> Facts:
        """Take what was judged ahead or beside, else judge now."""
        if self.ahead.is_under_way(drop):
            raise TakesLong("it takes long to read, and is read beside the others")
        found = self.ahead.facts(drop)
        if found:
            return found
        if drop.id in self._slow and self._begins_beside(drop):
            raise TakesLong("it takes long to read: it will be read beside the others")
        turn = inf if drop.id in self._slow else self.turn
        return self.judging.judge(drop, self._place(drop), self.world, turn)

    def _begins_beside(self, drop: Drop) -> bool:
        """What came to nothing there is judged here, for then it is known why."""
        if drop.id in self._beside or drop.sha256 is None:
            return False
        self._beside.add(drop.id)
        return self.ahead.begin_beside(drop, self._place(drop), self.clock())

    def with_what_stands(self, drop: Drop, facts: Facts) -> Facts:
        """Return the facts held against what the ledger knows now."""
        return held_against(facts, self._ask_ledger(drop, facts), self.world)

    def _ask_ledger(self, drop: Drop, facts: Facts) -> Known:
        """Earlier lists, what is answered, cards told of elsewhere, the same bytes before."""
        keys = {judged.key for judged in facts.judged}
        standing = self.lists.standing(keys, drop.id)
        answered = {
            return_of(one.key): self._find_answered(
                return_of(one.key), one.handoff.answers, standing
            )
            for one in facts.judged
            if one.handoff.answers
        }
        sent = [child for one in answered.values() for child in one.sent]
        return Known(
            standing,
            answered,
            self._cards_elsewhere(drop, facts, sent),
            self.lists.repeated(drop.sha256 or "", drop.unit, keys, drop.id),
            {one.key: self._count_visits(one) for one in facts.judged},
            self.lists.active_files(record.drop for record in standing),
            frozenset(given for one in facts.judged for given in self._given_after(one)),
        )

    def _given_after(self, one: Judged) -> Iterator[Given]:
        """What the receiver of a list gave already of what it owes once it has that."""
        step = self.world.following(one.handoff, one.receiver, one.round)
        if step and step.receiver != "child":
            found = self.lists.of_round(str(one.round), [step.id], (ListState.ACCEPTED,))
            yield from ((step.id, r.key.sender) for r in found if r.key.sender == one.receiver.id)

    def _count_visits(self, judged: Judged) -> int:
        """Return how many rows the cost lists have that the sender was given in this round."""
        costs = cost_lists_of(judged.sender, self.world)
        if not costs or judged.handoff.id in costs or judged.sender == judged.receiver:
            return 0
        lists = self.lists.of_round(str(judged.round), costs, (ListState.ACCEPTED,))
        return sum(record.rows for record in lists)

    def _cards_elsewhere(
        self, drop: Drop, facts: Facts, sent: Sequence[ListedChild]
    ) -> tuple[tuple[ListRecord, ListedChild], ...]:
        """The cards of other units and rounds that children share, with their mothers as `sent`
        knows them."""
        asked = [(one, may_be_known(one)) for one in facts.judged]
        children = [child for _, some in asked for child in some]
        if not children:
            return ()
        key = next(one.key for one, some in asked if some)
        known = self.lists.known_cards((*children, *sent), drop.id)
        process = self.world.process
        return tuple((r, c) for r, c in known if is_elsewhere(r.key, c, key, process))

    def _find_answered(
        self, key: ListKey, answers: str, standing: Iterable[ListRecord]
    ) -> Answered:
        """Return what was sent to the unit that answers, and what of its answer is here."""
        sent = self.lists.of_round(
            str(key.round), [answers], (ListState.ACCEPTED,), receiver=key.sender
        )
        earlier = [record for record in standing if return_of(record.key) == key]
        return Answered(
            key,
            tuple(c for record in sent for c in self.lists.children(record.drop, record.seq)),
            tuple((one, self.lists.children(one.drop, one.seq)) for one in earlier),
            self._kits_taken_over(key, answers),
        )

    def _kits_taken_over(self, key: ListKey, answers: str) -> dict[str, frozenset[str]]:
        """Return which children stood on the lists of those from whom a unit took over."""
        gone = self.world.units.forebears(key.sender)
        if not gone:
            return {}
        had = self.lists.of_round(str(key.round), [answers], ONCE_ACCEPTED)
        kits = {r.key.receiver: r for r in had if r.key.receiver in gone and r.rows}
        return {
            unit: frozenset(child.code for child in self.lists.children(r.drop, r.seq))
            for unit, r in kits.items()
        }

    def _place(self, drop: Drop) -> Place:
        place = self.world.routes.locate(drop.tree, drop.path)
        if place is None:
            raise NeverWorks("the folder it was dropped in belongs to no unit any more")
        return self._where_it_came_from(drop, place) if place.own else place

    def _where_it_came_from(self, drop: Drop, place: Place) -> Place:
        """A copy that was put right where it had been given back belongs where its original lay:
        the sub-folder may say what it is."""
        before = self.origin(id_in_name(drop.name))
        there = self.world.routes.locate(before.tree, before.path) if before else None
        return there if there and there.unit == place.unit and not there.own else place


def is_rejected(drop: Drop) -> bool:
    """True where a person sends a drop back, whatever stands in it."""
    return (drop.override or {}).get("action") == "reject"


def innermost(error: BaseException) -> str:
    """Name an exception by its kind and the line that raised it, without its text."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}" if trace else "?"
    return f"{type(error).__name__} in {where}"
