"""Who has to answer once more: a corrected list added children to one that was answered already,
or children still wait until somebody finds where they live.

1331/BHXH-THU, 5.2.4: what comes back must equal exactly what was sent. Only a unit whose list is
newer than its answer is looked at, and a list in the ledger never changes, so what was counted once
is remembered. What holds lists against each other is imported where there are some: mostly there
are none, and `status` has nothing else to do with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.lists.records import ListRecord
from bhyt_filedrop.domain.lists.states import ListState
from bhyt_filedrop.domain.owed.came import Reopened
from bhyt_filedrop.domain.process.handoffs import HandOff
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.ports import RollBook

Lists = tuple[ListRecord, ...]

Unanswered = tuple[int, tuple[str, ...]]
"""How many children no answer tells of, and how letters name the first of them."""


@dataclass(frozen=True)
class Supplements:
    """Finds the children of a round whom a corrected list added and no answer tells of."""

    book: RollBook
    world: World
    until: datetime | None = None
    """Ask how it was at this moment."""
    _known: dict[tuple[Lists, Lists], Unanswered] = field(default_factory=dict)

    def of(self, rounds: Iterable[Round]) -> tuple[Reopened, ...]:
        """Return the answers of some rounds that are owed once more in part."""
        return tuple(one for round_ in rounds for one in self._of_round(round_))

    def _of_round(self, round_: Round) -> Iterator[Reopened]:
        lists = self.book.lists(round_, (ListState.ACCEPTED,), self.until)
        for handoff in self.world.process.handoffs.values():
            if handoff.answers:
                yield from self._of_handoff(handoff, round_, lists)
            elif handoff.needs in self.world.process.handoffs:
                yield from self._to_place(handoff, round_, lists)

    def _to_place(
        self, handoff: HandOff, round_: Round, lists: Sequence[ListRecord]
    ) -> Iterator[Reopened]:
        """Whoever fills in the list of unplaced children owes it as long as any stands there."""
        if not self.world.process.handoffs[handoff.needs].holds_unplaced:
            return
        waiting = _by(lists, handoff.needs, lambda record: record.key.receiver)
        for unit, records in waiting.items():
            children = self._count_unplaced(records)
            if children:
                since = min(record.at for record in records)
                yield Reopened(handoff.id, round_, unit, since, children, unplaced=True)

    def _count_unplaced(self, records: Lists) -> int:
        from bhyt_filedrop.domain.derive.split import is_settled_outside

        key = (records, ())
        if key not in self._known:
            rolls = self.book.rolls_of(records)
            every = (child for rows in rolls.values() for child in rows)
            self._known[key] = sum(not is_settled_outside(child) for child in every), ()
        return self._known[key][0]

    def _of_handoff(
        self, handoff: HandOff, round_: Round, lists: Sequence[ListRecord]
    ) -> Iterator[Reopened]:
        came = _by(lists, handoff.id, lambda record: record.key.sender)
        sent = _by(lists, handoff.answers, lambda record: record.key.receiver)
        for unit, answers in came.items():
            went = sent.get(unit, ())
            since = max((record.at for record in went), default=None)
            # What came later was held against this very list when it came.
            if since is None or since <= max(record.at for record in answers):
                continue
            children, named = self._unanswered(went, answers)
            if children:
                yield Reopened(handoff.id, round_, unit, since, children, named=named)

    def _unanswered(self, went: Lists, answers: Lists) -> Unanswered:
        from bhyt_filedrop.domain.derive.additions import MAX_NAMED, who
        from bhyt_filedrop.domain.reconcile import came_of, reconcile

        key = (went, answers)
        if key not in self._known:
            rolls = self.book.rolls_of((*went, *answers))
            sent = [child for record in went for child in rolls[record.drop, record.seq]]
            came = [child for record in answers for child in rolls[record.drop, record.seq]]
            missing = reconcile(sent, came_of(came)).missing
            self._known[key] = len(missing), tuple(map(who, missing[:MAX_NAMED]))
        return self._known[key]


def _by(
    lists: Iterable[ListRecord], handoff: str, unit: Callable[[ListRecord], str]
) -> dict[str, Lists]:
    found: dict[str, Lists] = {}
    for record in lists:
        if record.key.handoff == handoff:
            found[unit(record)] = (*found.get(unit(record), ()), record)
    return found
