"""What reports ask of a real ledger, and the balance that is drawn from it again and again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.drops.drop import Drop, Plan
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.findings import finding
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListRecord
from bhyt_filedrop.domain.places.gazetteer import Gazetteer
from bhyt_filedrop.domain.process.calendar import WorkingDays
from bhyt_filedrop.domain.process.folders import Routes
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.reports.quality import FindingCount
from bhyt_filedrop.edges.ledger.dropbook import LedgerDrops
from bhyt_filedrop.edges.ledger.reportbook import LedgerReports
from bhyt_filedrop.edges.ledger.store import migrate, open_engine
from bhyt_filedrop.work.rounds.balance import Balancing
from tests.lists import PROCESS, WARDS, Book, a_child, coming_back
from tests.offices import ROUND, UNITS, moment

CHILDREN = [a_child(n, list(WARDS)[n % 3]) for n in range(12)]
OF_ONE_WARD = [child for child in CHILDREN if child.ward == "26734"]
WRONG = finding("row.card-missing", "Thiếu mã số thẻ.", "Ghi mã số thẻ.", cell="C9", row=9)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = open_engine(f"sqlite:///{tmp_path / 'ledger.sqlite3'}")
    migrate(opened)
    yield opened
    opened.dispose()


def write_down(engine: Engine, book: Book, since: int = 0) -> None:
    """Put the book's lists into the ledger as the journey does: claim, archive, plan."""
    drops = LedgerDrops(engine)
    for record in book.lists[since:]:
        drop = a_drop(record.drop, record.key.sender, record)
        drops.claim([drop])
        drops.archived(drop.id, record.sha256, 1, record.at)
        plan = Plan(State(record.state), lists=(record,), rolls={0: book.rolls[record.drop, 0]})
        drops.plan(drop, plan, record.at)
        drops.close(drop.id, record.at)


def a_drop(name: str, unit: str, record: ListRecord | None = None, path: str = "a.xlsx") -> Drop:
    arrived = record.at if record else moment(6, 20)
    return Drop(name, "main", path, unit, 1, 0.0, "w", arrived)


def passed_down() -> Book:
    book = Book()
    book.down_to_wards(CHILDREN)
    return book


# --- queries --------------------------------------------------------------------------------------


def test_lists_of_a_round_come_in_order_of_time_with_their_states(engine: Engine):
    book = passed_down()
    book.gave("ward-return", "26734", "760", [], state="returned", version=0)
    write_down(engine, book)
    reports = LedgerReports(engine)

    assert reports.lists(ROUND) == tuple(book.lists)
    assert reports.lists(ROUND, ["accepted"]) == tuple(book.lists[:-1])
    assert reports.lists(Round(2015, 2)) == ()


def test_children_come_back_as_they_were_listed(engine: Engine):
    book = passed_down()
    write_down(engine, book)
    reports = LedgerReports(engine)
    some = [r for r in book.lists if r.key.handoff == "ward-list"]

    wanted = {(r.drop, 0): book.rolls[r.drop, 0] for r in some}

    assert reports.rolls(ROUND, ["ward-list"]) == wanted
    assert reports.rolls_of(some) == wanted


def test_returned_lists_have_no_say_in_what_children_are_where(engine: Engine):
    book = Book()
    book.gave("ward-list", "760", "26734", OF_ONE_WARD, state="returned")
    write_down(engine, book)

    assert LedgerReports(engine).rolls(ROUND, ["ward-list"]) == {}


def test_findings_are_counted_by_drop_and_code_and_never_told(engine: Engine):
    drops = LedgerDrops(engine)
    drop = a_drop("D-1", "760")
    drops.claim([drop])
    drops.plan(drop, Plan(State.RETURNED, findings=(WRONG, WRONG)), moment(6, 20))

    assert LedgerReports(engine).findings() == (
        FindingCount("D-1", "row.card-missing", "blocks", 2),
    )


def test_drops_that_nobody_dropped_are_not_counted(engine: Engine):
    """A claim that found nothing, and lists that the product derived itself."""
    drops = LedgerDrops(engine)
    drops.claim([a_drop("D-1", "760"), a_drop("D-2", "760"), a_drop("D-3", "thu", path="@split")])
    drops.void("D-2", moment(6, 20))

    (told,) = LedgerReports(engine).drops(moment(6, 30))

    assert (told.drop, told.unit, told.round, told.state) == ("D-1", "760", None, State.CLAIMED)
    assert told.counted_for == "2015Q1"


# --- the balance ----------------------------------------------------------------------------------


@dataclass
class Counting:
    """A ledger's reports that remember whose children were asked for."""

    reports: LedgerReports
    asked: list[str] = field(default_factory=list)

    def lists(self, round_: Round, states: Iterable[str]) -> tuple[ListRecord, ...]:
        return self.reports.lists(round_, states)

    def rolls_of(
        self, records: Iterable[ListRecord]
    ) -> Mapping[tuple[str, int], tuple[ListedChild, ...]]:
        wanted = tuple(records)
        self.asked += [record.drop for record in wanted]
        return self.reports.rolls_of(wanted)


def a_world() -> World:
    return World(
        PROCESS, UNITS, (), {}, Gazetteer.of(UNITS, ()), frozenset(), WorkingDays(),
        Routes.of(PROCESS, UNITS), frozenset(),
    )  # fmt: skip


def test_the_balance_of_the_ledger_is_that_of_its_lists(engine: Engine):
    book = passed_down()
    book.gave("ward-return", "26734", "760", coming_back(OF_ONE_WARD[:3], "carded-before"))
    write_down(engine, book)

    found = Balancing(LedgerReports(engine), a_world()).trace(ROUND)

    assert found.as_json() == book.trace().as_json()
    assert not any(hop.fates or hop.strangers for hop in found.hops)


def test_a_new_list_makes_only_the_hops_anew_in_which_it_takes_part(engine: Engine):
    book = passed_down()
    write_down(engine, book)
    counting = Counting(LedgerReports(engine))
    balancing = Balancing(counting, a_world())
    balancing.trace(ROUND)
    counting.asked.clear()

    last = book.gave("ward-return", "26734", "760", coming_back(OF_ONE_WARD, "carded-before"))
    write_down(engine, book, since=len(book.lists) - 1)
    found = balancing.trace(ROUND)

    sent = next(r.drop for r in book.lists if r.key.receiver == "26734")
    assert sorted(counting.asked) == sorted([sent, last.drop])
    assert found.as_json() == book.trace().as_json()


def test_an_alarm_stands_until_the_list_is_corrected(engine: Engine):
    book = passed_down()
    twice = coming_back(OF_ONE_WARD, "carded-before") + coming_back(OF_ONE_WARD[:1], "uncarded")
    book.gave("ward-return", "26734", "760", twice)
    write_down(engine, book)
    balancing = Balancing(LedgerReports(engine), a_world())

    (alarm,), (again,) = balancing.alarms(ROUND), balancing.alarms(ROUND)
    with engine.begin() as tx:
        tx.exec_driver_sql("UPDATE lists SET state = 'superseded' WHERE handoff = 'ward-return'")

    assert again == alarm
    assert balancing.alarms(ROUND) == ()
