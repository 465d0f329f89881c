"""What the status page gets from the ledger: of units that may be seen, newest first, in pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from bhyt_filedrop.domain.drops.drop import Drop, Plan
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.findings import finding
from bhyt_filedrop.domain.letters.letter import notice
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListKey, ListRecord
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.edges.ledger.dropbook import LedgerDrops
from bhyt_filedrop.edges.ledger.letterbook import LedgerLetters, queue_letters
from bhyt_filedrop.edges.ledger.lookbook import LedgerLooks
from bhyt_filedrop.edges.ledger.pagebook import LedgerPage
from bhyt_filedrop.ports import ShownLetter
from tests.edges.test_ledger import NOW, a_drop

ROUND, NEXT = Round(2015, 1), Round(2015, 2)
AN = ListedChild(name="Trần Văn An", code="15Q1-0001", row=5)
BINH = ListedChild(name="Lê Thị Bình", row=6)


@pytest.fixture
def page(engine: Engine) -> LedgerPage:
    """Five drops, a minute apart: two districts' files, a void claim, one of the product's own."""
    drops = LedgerDrops(engine)
    for n, (unit, path) in enumerate(FILES):
        drops.claim([a_drop(f"D-{n}", unit=unit, path=path, arrived_at=minute(n))])
    drops.void("D-3", minute(9))
    return LedgerPage(engine)


FILES = (
    ("760", "05-QLTHU/Quận 1/mẫu 3.xlsx"),
    ("761", "05-QLTHU/Quận 2/100%.xlsx"),
    ("760", "05-QLTHU/Quận 1/mẫu 4.xlsx"),
    ("760", "05-QLTHU/Quận 1/mẫu 3 cũ.xlsx"),
    ("760", "@district-list/2015Q1"),
)


def minute(n: int) -> datetime:
    return NOW + timedelta(minutes=n)


def ids(found: list[Drop]) -> list[str]:
    return [one.id for one in found]


# --- drops ----------------------------------------------------------------------------------------


def test_the_city_sees_all_that_arrived_newest_first_but_claims_that_found_nothing(
    page: LedgerPage,
):
    assert ids(page.arrived(None)) == ["D-4", "D-2", "D-1", "D-0"]
    assert ids(page.arrived(None, State.VOID)) == ["D-3"]
    assert ids(page.arrived(None, State.PLANNED)) == []


def test_a_unit_sees_what_it_dropped_and_nothing_that_the_product_made(page: LedgerPage):
    assert ids(page.arrived(["760"])) == ["D-2", "D-0"]
    assert ids(page.arrived(["760", "761"])) == ["D-2", "D-1", "D-0"]
    assert ids(page.arrived([])) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("mẫu 3", ["D-0"]),
        ("qlthu/quận 1", ["D-2", "D-0"]),
        ("MẪU 3", ["D-0"]),
        ("quan 1", ["D-2", "D-0"]),
        ("d-1", ["D-1"]),
        ("%", ["D-1"]),
    ],
)
def test_a_file_is_found_by_a_part_of_its_path_or_by_its_id(
    page: LedgerPage, text: str, found: list[str]
):
    """A percent sign is a percent sign."""
    assert ids(page.arrived(None, text=text)) == found


def test_drops_come_in_pages(page: LedgerPage):
    assert ids(page.arrived(None, text="mau", limit=1)) == ["D-2"]
    assert ids(page.arrived(None, text="mau", limit=1, offset=1)) == ["D-0"]
    assert ids(page.arrived(None, limit=2)) == ["D-4", "D-2"]
    assert ids(page.arrived(None, limit=2, offset=2)) == ["D-1", "D-0"]


# --- letters --------------------------------------------------------------------------------------


@pytest.fixture
def letters(engine: Engine, page: LedgerPage) -> LedgerPage:
    """One about a drop and two free ones, a minute apart."""
    with engine.begin() as tx:
        queue_letters(tx, [notice("của tệp", "760", "Một", ["…"])], NOW, "D-0")
    for n, unit in ((1, "761"), (2, "760")):
        LedgerLetters(engine).put_letters([notice(f"thư {n}", unit, "Hai", ["…"])], minute(n))
    LedgerLetters(engine).letter_set_aside(["notice/thư 1"], "không ai nhận", {})
    return page


def keys(found: list[ShownLetter]) -> list[str]:
    return [one.key.removeprefix("notice/") for one in found]


def test_letters_are_told_newest_first_of_some_units_in_a_state_or_of_one_drop(
    letters: LedgerPage,
):
    assert keys(letters.letters(None)) == ["thư 2", "thư 1", "của tệp"]
    assert keys(letters.letters(["760"])) == ["thư 2", "của tệp"]
    assert keys(letters.letters([])) == []
    assert keys(letters.letters(None, "set-aside")) == ["thư 1"]
    assert keys(letters.letters(["760"], "set-aside")) == []
    assert keys(letters.letters(None, drop="D-0")) == ["của tệp"]
    assert keys(letters.letters(None, limit=1, offset=1)) == ["thư 1"]


def test_a_letter_is_told_with_how_far_it_is_and_with_what_it_says(letters: LedgerPage):
    told = letters.letter("notice/của tệp")

    assert told is not None
    shown, letter = told
    assert shown == ShownLetter(
        "notice/của tệp", "notice", "760", "D-0", "due", 0, NOW, NOW, None, ""
    )
    assert letter == notice("của tệp", "760", "Một", ["…"])
    assert letters.letter("notice/thư 3") is None
    assert [one.drop for one in letters.letters(["761"])] == [""]


# --- lists and children ---------------------------------------------------------------------------


def give(
    engine: Engine, name: str, sender: str, receiver: str, *children: ListedChild,
    state: str = "accepted", round_: Round = ROUND, part: int = 0,
) -> ListRecord:  # fmt: skip
    drops, n = LedgerDrops(engine), int(name[-1])
    key = ListKey("district-return", round_, sender, receiver, part)
    record = ListRecord(
        name, 0, key, "form-3", len(children), "0" * 64, state, 1, minute(n), file="mẫu.xlsx"
    )
    drops.claim([a_drop(name, unit=sender, path=name)])
    drops.plan(a_drop(name), Plan(State.ACCEPTED, lists=(record,), rolls={0: tuple(children)}), NOW)
    return record


def test_a_unit_s_lists_are_those_that_it_sent_or_got_in_order_of_time(engine: Engine):
    second = give(engine, "D-2", "760", "thu")
    first = give(engine, "D-1", "thu", "760")
    give(engine, "D-3", "761", "thu")
    later = give(engine, "D-4", "760", "thu", round_=NEXT)
    page = LedgerPage(engine)

    assert page.lists_of("760", [str(ROUND)]) == [first, second]
    assert page.lists_of("760", [str(ROUND), str(NEXT)]) == [first, second, later]
    assert page.lists_in("D-1") == [first]
    assert page.lists_in("D-9") == []


@pytest.fixture
def listed(engine: Engine) -> LedgerPage:
    """The same child in two rounds and in a list that went back; another beside it."""
    give(engine, "D-1", "760", "thu", BINH, AN)
    give(engine, "D-2", "760", "thu", AN, round_=NEXT)
    give(engine, "D-3", "761", "thu", AN, state="returned", part=1)
    return LedgerPage(engine)


def where(page: LedgerPage, *asked: object, **more: int) -> list[tuple[str, ListedChild]]:
    return [(one.record.drop, one.child) for one in page.children(*asked, **more)]  # type: ignore[arg-type]


def test_a_child_is_found_in_lists_that_stand_the_newest_round_first(listed: LedgerPage):
    assert where(listed, None, None, "15Q1-0001", "") == [("D-2", AN), ("D-1", AN)]
    assert where(listed, None, None, "", "van an") == [("D-2", AN), ("D-1", AN)]
    assert where(listed, ROUND, None, "", "trần") == [("D-1", AN)]
    assert where(listed, None, None, "15Q1-0002", "") == []


def test_who_asks_for_a_child_finds_it_in_the_lists_of_its_units_alone(listed: LedgerPage):
    assert where(listed, ROUND, ["760"], "15Q1-0001", "") == [("D-1", AN)]
    assert where(listed, ROUND, ["thu"], "", "trần") == [("D-1", AN)]
    assert where(listed, None, ["761"], "15Q1-0001", "") == []


def test_no_more_children_are_told_than_were_asked_for(listed: LedgerPage):
    assert where(listed, None, None, "", "n", limit=2) == [("D-2", AN), ("D-1", BINH)]
    assert where(listed, None, None, "15Q1-0001", "", limit=1) == [("D-2", AN)]


def test_a_ledger_of_before_that_holds_no_folded_names_is_searched_too(
    engine: Engine, listed: LedgerPage
):
    with engine.begin() as tx:
        tx.exec_driver_sql("UPDATE roll SET folded = ''")

    assert where(listed, ROUND, None, "", "TRAN") == [("D-1", AN)]


# --- figures --------------------------------------------------------------------------------------


def test_a_monitor_gets_counts_and_the_oldest_file_that_waits_for_nobody(
    engine: Engine, letters: LedgerPage
):
    drops = LedgerDrops(engine)
    wrong = finding("row.card-missing", "Thiếu mã số thẻ.", "Ghi mã số thẻ.", cell="C9", row=9)
    first = replace(a_drop("D-0"), path=FILES[0][1])
    drops.plan(first, Plan(State.RETURNED, findings=(wrong, wrong)), NOW)
    drops.close("D-0", minute(9))
    LedgerLooks(engine).looked("main", minute(8))

    told = letters.gauges()

    assert told.drops == {"claimed": 3, "returned": 1, "void": 1}
    assert told.letters == {"due": 2, "set-aside": 1}
    assert told.oldest_open == minute(1)
    assert told.looks == {"main": minute(8)}
    assert told.findings == {"row.card-missing": 2}
