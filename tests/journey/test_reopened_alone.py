"""Who owes an answer once more, by the lists of a round alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListRecord
from bhyt_filedrop.domain.owed.came import Reopened
from bhyt_filedrop.domain.process.handoffs import Due
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.work.rounds.reopened import Supplements
from tests.lists import PROCESS, Book, a_child, coming_back
from tests.offices import ROUND, handoff, moment

WARD, DISTRICT = "26734", "760"
CHILDREN = [a_child(n) for n in range(4)]
HOUR = timedelta(hours=1)
WENT, CAME = moment(5, 20), moment(6, 10)

UNPLACED = replace(handoff("unplaced", "cntt", "thu", Due(2, 20)), made_by="split")
PLACED = handoff("placed", "thu", "thu", Due(2, 25), needs="unplaced")


@dataclass
class Kept:
    """The ledger, which counts whose children were asked for."""

    book: Book
    asked: int = 0

    def lists(
        self, round_: Round, states: Collection[str], until: datetime | None = None
    ) -> tuple[ListRecord, ...]:
        assert (round_, tuple(states), until) == (ROUND, ("accepted",), None)
        return tuple(one for one in self.book.lists if one.state in states)

    def rolls_of(
        self, records: Iterable[ListRecord]
    ) -> Mapping[tuple[str, int], Sequence[ListedChild]]:
        self.asked += 1
        return {(one.drop, one.seq): self.book.rolls[one.drop, one.seq] for one in records}


def asking(book: Book) -> tuple[Supplements, Kept]:
    handoffs = PROCESS.handoffs | {one.id: one for one in (UNPLACED, PLACED)}
    world: Any = SimpleNamespace(process=replace(PROCESS, handoffs=handoffs))
    kept = Kept(book)
    return Supplements(kept, world), kept  # type: ignore[arg-type]


def owed(book: Book) -> list[tuple[str, str, int, datetime]]:
    found = asking(book)[0].of([ROUND])
    return [(one.handoff_id, one.sender_id, one.children, one.since) for one in found]


def test_who_was_given_more_children_than_it_answered_owes_those():
    book = Book()
    book.gave("ward-return", WARD, DISTRICT, coming_back(CHILDREN[:2], "uncarded"), CAME)
    book.gave("ward-list", DISTRICT, WARD, CHILDREN, CAME + HOUR)

    assert owed(book) == [("ward-return", WARD, 2, CAME + HOUR)]
    (one,) = asking(book)[0].of([ROUND])
    assert len(one.named) == 2
    assert all(child.name in named for child, named in zip(CHILDREN[2:], one.named, strict=True))


def test_an_answer_that_came_after_the_list_was_held_against_it_when_it_came():
    for later in (timedelta(), HOUR):
        book = Book()
        book.gave("ward-list", DISTRICT, WARD, CHILDREN, CAME)
        book.gave(
            "ward-return", WARD, DISTRICT, coming_back(CHILDREN[:2], "uncarded"), CAME + later
        )
        assert owed(book) == []


def test_who_has_not_answered_at_all_owes_nothing_once_more():
    book = Book()
    book.gave("ward-list", DISTRICT, WARD, CHILDREN, WENT)

    assert owed(book) == []


def test_a_list_that_names_nobody_new_opens_nothing():
    book = Book()
    book.gave("ward-return", WARD, DISTRICT, coming_back(CHILDREN, "uncarded"), CAME)
    book.gave("ward-list", DISTRICT, WARD, CHILDREN[:3], CAME + HOUR)

    assert owed(book) == []


def test_children_who_are_not_placed_are_owed_as_long_as_any_stands_there():
    book = Book()
    book.gave("unplaced", "cntt", "thu", CHILDREN[:3], WENT + HOUR)
    book.gave("unplaced", "cntt", "thu", CHILDREN[3:], WENT, part=1)

    found = asking(book)[0].of([ROUND])

    assert found == (Reopened("placed", ROUND, "thu", WENT, 4, unplaced=True),)
    empty = Book()
    empty.gave("unplaced", "cntt", "thu", [], WENT)
    assert owed(empty) == []


def test_what_was_counted_once_is_remembered_until_a_list_comes():
    book = Book()
    book.gave("unplaced", "cntt", "thu", CHILDREN, WENT)
    book.gave("ward-return", WARD, DISTRICT, coming_back(CHILDREN[:2], "uncarded"), CAME)
    book.gave("ward-list", DISTRICT, WARD, CHILDREN, CAME + HOUR)
    supplements, kept = asking(book)
    first = supplements.of([ROUND])

    assert supplements.of([ROUND]) == first
    assert (len(first), kept.asked) == (2, 2)
    book.gave("ward-list", DISTRICT, WARD, CHILDREN[:3], CAME + 2 * HOUR)
    supplements.of([ROUND])
    assert kept.asked == 3
