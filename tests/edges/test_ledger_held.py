"""What the ledger holds of children: who was given it, what is erased of it, what is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select

from bhyt_filedrop.domain.access.accounts import Access
from bhyt_filedrop.domain.drops.drop import Delivery, Plan, Role
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.letters.letter import notice
from bhyt_filedrop.domain.letters.mailing import Taken
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListKey, ListRecord
from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.edges.ledger import schema
from bhyt_filedrop.edges.ledger.accountbook import LedgerAccounts
from bhyt_filedrop.edges.ledger.auditbook import LedgerAudit
from bhyt_filedrop.edges.ledger.dropbook import LedgerDrops
from bhyt_filedrop.edges.ledger.erasebook import LedgerErasures
from bhyt_filedrop.edges.ledger.holdbook import LedgerHoldings
from bhyt_filedrop.edges.ledger.letterbook import LedgerLetters
from bhyt_filedrop.edges.ledger.offerbook import LedgerOffers
from tests.edges.test_ledger import a_delivery, a_drop

NOW = datetime(2015, 6, 12, 9, tzinfo=ZONE)
MINUTE = timedelta(minutes=1)
OLD, ROUND = Round(2014, 4), Round(2015, 1)
AN = ListedChild(name="Trần Văn An", birth="2014-03-05", parent="Lê Thị Hoa", code="15Q1-0001")
CARDED = replace(AN, code="", card="TE1790000000001", row=4)
BINH = ListedChild(name="Lê Thị Bình", birth="2014", row=5)
ONE, TWO, THREE = (letter * 64 for letter in "abc")


def give(
    engine: Engine, name: str, *children: ListedChild, at: datetime = NOW, unit: str = "760",
    receiver: str = "thu", round_: Round = ROUND, sha256: str = ONE, plan: Plan | None = None,
) -> str:  # fmt: skip
    """A file with one list, judged, accepted and delivered to the department."""
    drops = LedgerDrops(engine)
    key = ListKey("district-return", round_, unit, receiver)
    record = ListRecord(
        name, 0, key, "form-3", len(children), sha256, "accepted", 1, at, file="mẫu.xlsx"
    )
    drop = a_drop(name, path=f"Quận 1/{name}.xlsx", unit=unit, arrived_at=at)
    drops.claim([drop])
    drops.archived(name, sha256, 10, at)
    delivery = replace(a_delivery(f"Thu/{name}.xlsx", sha256=sha256), source=sha256)
    base = plan or Plan(State.ACCEPTED, deliveries=(delivery,))
    drops.plan(drop, replace(base, lists=(record,), rolls={0: children}), at)
    return name


def closed(engine: Engine, name: str, at: datetime = NOW, done: tuple[int, ...] = (0,)) -> str:
    LedgerDrops(engine).close(name, at, done)
    return name


# --- of one child, of some files ------------------------------------------------------------------


def rows(found: list) -> list[tuple[str, ListedChild]]:  # type: ignore[type-arg]
    return [(one.record.drop, one.child) for one in found]


def test_a_child_s_rows_are_found_by_code_card_or_name_and_birth_and_each_leads_to_the_others(
    engine: Engine,
):
    give(engine, "D-2", BINH, CARDED, at=NOW + MINUTE)
    give(engine, "D-1", AN)
    held, every = LedgerHoldings(engine), [("D-1", AN), ("D-2", CARDED)]

    assert rows(held.of_child(code="15Q1-0001")) == every
    assert rows(held.of_child(card="GD1790000000001")) == every
    assert rows(held.of_child(name="TRAN VAN AN", born="2014-03-05")) == every
    assert rows(held.of_child(name="lê thị bình", born="2014")) == [("D-2", BINH)]
    assert rows(held.of_child(name="Trần Văn An", born="2015-03-05")) == []
    assert rows(held.of_child(code="15Q1-0002")) == []
    assert rows(held.of_child()) == []


def test_a_child_whom_two_ways_of_asking_find_is_told_once(engine: Engine):
    give(engine, "D-1", AN)

    assert rows(LedgerHoldings(engine).of_child("15Q1-0001", "", AN.name, AN.birth)) == [
        ("D-1", AN)
    ]


def test_children_of_the_same_row_of_different_sheets_are_different_children(engine: Engine):
    """A list that the product makes of many returns holds the fifth row of each."""
    other = ListedChild(name="Lê Thị Bình", birth="2014", row=5)
    give(engine, "D-1", BINH, other)
    found = LedgerHoldings(engine).of_drops(NOW, NOW)

    assert rows(found) == [("D-1", BINH), ("D-1", other)]
    assert len({one.person for one in found}) == 2


def test_rows_of_files_are_those_that_came_between_two_moments_the_moments_themselves_too(
    engine: Engine,
):
    for n in range(3):
        give(engine, f"D-{n}", replace(AN, row=n), at=NOW + n * MINUTE)
    held = LedgerHoldings(engine)

    def names(*asked: datetime, **more: str) -> list[str]:
        return [one.record.drop for one in held.of_drops(*asked, **more)]

    assert names(NOW, NOW + MINUTE) == ["D-0", "D-1"]
    assert names(NOW + MINUTE, NOW + 2 * MINUTE) == ["D-1", "D-2"]
    assert names(NOW, NOW + 2 * MINUTE, drop="D-1") == ["D-1"]


def test_rows_of_a_unit_are_those_that_it_gave_or_got(engine: Engine):
    give(engine, "D-1", AN)
    give(engine, "D-2", BINH, unit="761", receiver="760")
    give(engine, "D-3", CARDED, unit="761")
    held = LedgerHoldings(engine)

    assert rows(held.of_drops(NOW, NOW, unit="760")) == [("D-1", AN), ("D-2", BINH)]
    assert rows(held.of_drops(NOW, NOW, unit="thu")) == [("D-1", AN), ("D-3", CARDED)]


def test_whoever_received_something_is_named_by_file_letter_and_page_in_order_of_time(
    engine: Engine,
):
    told = notice("trả", "760", "Trả lại", ["…"])
    plan = Plan(State.ACCEPTED, deliveries=(a_delivery("Thu/a.xlsx"), a_delivery("Thu/b.xlsx")))
    give(engine, "D-1", AN, plan=replace(plan, letters=(told,)))
    give(engine, "D-2", BINH)
    LedgerDrops(engine).delivered("D-1", [1], NOW + 2 * MINUTE)
    closed(engine, "D-1", NOW + 3 * MINUTE, ())
    at = NOW + 4 * MINUTE
    LedgerLetters(engine).letter_sent([told.key], Taken("<1@bhyt>", at, ("q1@a.vn", "q1@b.vn")), {})
    look = Access(NOW + MINUTE, "thu", "10.0.0.7", "opened", "thu", "D-1", "tệp gốc")
    LedgerAccounts(engine).note(look)

    received = LedgerHoldings(engine).handed(["D-1", "D-1"])

    assert [(one.how, one.unit, one.what, one.at) for one in received] == [
        ("page", "thu", "thu, 10.0.0.7", NOW + MINUTE),
        ("file", "thu", "main: Thu/b.xlsx", NOW + 2 * MINUTE),
        ("letter", "760", "q1@a.vn", at),
        ("letter", "760", "q1@b.vn", at),
    ]


def test_what_lay_in_a_folder_to_be_approved_was_received_and_a_summary_was_not(engine: Engine):
    own = a_drop("D-2", path="@district-list/2015Q1", unit="thu")
    LedgerDrops(engine).claim([a_drop("D-1"), own])
    for name in ("D-1", "D-2"):
        LedgerOffers(engine).offer(name, ONE, NOW)

    received = LedgerHoldings(engine).handed(["D-1", "D-2"])

    assert [(one.drop, one.unit, one.what) for one in received] == [
        ("D-2", "thu", "main: chờ duyệt")
    ]


# --- erased ---------------------------------------------------------------------------------------


@pytest.fixture
def over(engine: Engine) -> LedgerErasures:
    """Two files of an old round, one still open; one of this round with bytes of the first."""
    long_ago = NOW - timedelta(days=200)
    told = notice("trả", "760", "Trả lại", ["…"])
    sent = Plan(State.ACCEPTED, deliveries=(a_delivery("Thu/D-1.xlsx"),), letters=(told,))
    give(engine, "D-1", AN, BINH, round_=OLD, at=long_ago, plan=sent)
    closed(engine, "D-1", long_ago)
    give(engine, "D-2", AN, round_=OLD, at=long_ago, sha256=TWO)
    again = replace(a_delivery("Thu/D-3.xlsx", sha256=THREE), source=ONE)
    give(engine, "D-3", CARDED, sha256=THREE, plan=Plan(State.ACCEPTED, deliveries=(again,)))
    closed(engine, "D-3")
    LedgerDrops(engine).claim([a_drop("D-4", arrived_at=long_ago, path="4")])
    LedgerDrops(engine).claim([a_drop("D-5", path="5")])
    return LedgerErasures(engine)


def test_what_would_be_erased_is_told_and_bytes_that_are_needed_still_are_not_among_it(
    over: LedgerErasures,
):
    what = over.planned(ROUND)

    assert (what.before, what.drops, what.open) == (ROUND, ("D-1", "D-2", "D-4"), ("D-2", "D-4"))
    assert what.rounds == {str(OLD): 3}
    assert what.files == {TWO}
    assert [one.path for one in what.deliveries] == ["Thu/D-1.xlsx"]
    assert over.planned(OLD).drops == ()


def test_letters_about_erased_files_are_counted_and_go_with_all_that_names_a_child(
    engine: Engine, over: LedgerErasures
):
    held = LedgerHoldings(engine)
    what = over.planned(ROUND)
    over.erase(what, "hết hạn", "an", NOW)

    assert rows(held.of_drops(NOW - timedelta(days=900), NOW)) == [("D-3", CARDED)]
    assert held.handed(["D-1"]) == []
    assert what.letters == 1
    with engine.connect() as connection:
        count = connection.execute(select(func.count()).select_from(schema.deliveries)).scalar()
        names = connection.execute(select(schema.lists.c.file).order_by(schema.lists.c.drop_id))
        assert (count, list(names.scalars())) == (1, ["", "", "mẫu.xlsx"])


def test_what_was_erased_is_not_told_and_counted_again(engine: Engine, over: LedgerErasures):
    over.erase(over.planned(ROUND), "hết hạn", "an", NOW)
    LedgerDrops(engine).claim([a_drop("D-6", path="6", arrived_at=NOW - timedelta(days=200))])

    what = over.planned(ROUND)

    assert (what.drops, what.rounds, what.files, what.letters) == (("D-6",), {}, frozenset(), 0)


def test_the_newest_round_before_which_all_was_erased_is_known(over: LedgerErasures):
    assert over.erased_before() is None
    for round_ in (ROUND, OLD):
        over.erase(over.planned(round_), "hết hạn", "an", NOW)

    assert over.erased_before() == ROUND


# --- sealed and kept ------------------------------------------------------------------------------


def test_events_are_sealed_when_they_are_a_minute_old_and_each_once(engine: Engine):
    LedgerDrops(engine).claim([a_drop("D-1", path="1")], NOW)
    LedgerDrops(engine).claim([a_drop("D-2", path="2")], NOW + MINUTE)
    audit = LedgerAudit(engine)
    assert audit.last_seal() is None
    assert audit.seal(NOW + MINUTE - timedelta(seconds=1)) is None
    assert audit.verify().unsealed == 2

    first = audit.seal(NOW + MINUTE)

    assert first is not None
    assert (first.upto, first.events, first.at) == (1, 1, NOW + MINUTE)
    assert audit.seal(NOW + MINUTE) is None
    assert audit.verify().unsealed == 1

    second = audit.seal(NOW + 2 * MINUTE)

    assert second is not None
    assert (second.upto, second.events, audit.last_seal()) == (2, 1, second)
    chain = audit.verify()
    assert (chain.seals, chain.broken, chain.unsealed) == ((first, second), None, 0)


def test_a_seal_is_the_same_as_ever(engine: Engine):
    """Else every ledger that was sealed before would be told to have been changed."""
    LedgerDrops(engine).claim([a_drop("D-1", path="Quận 1/mẫu.xlsx")], NOW)
    LedgerDrops(engine).set_aside("D-1", NOW, "hỏng", [])

    sealed = LedgerAudit(engine).seal(NOW + MINUTE)

    assert sealed is not None
    assert sealed.digest == "72ff259042e78ab3df61e833919d2d7ca4f3e3a4f996f05ddae1182c86030fc7"


def test_the_first_seal_over_a_changed_event_is_told(engine: Engine):
    audit = LedgerAudit(engine)
    for n in (1, 2):
        LedgerDrops(engine).claim([a_drop(f"D-{n}", path=str(n))], NOW + n * MINUTE)
        audit.seal(NOW + (n + 1) * MINUTE)
    with engine.begin() as tx:
        tx.exec_driver_sql("UPDATE events SET kind = 'void' WHERE id = 2")

    chain = audit.verify()

    assert chain.broken == chain.seals[1]


def test_the_archive_must_hold_every_file_and_every_copy_and_trees_what_was_put_there(
    engine: Engine,
):
    copy = Delivery(Role.DERIVED, "760", "main", "Quận 1/c.xlsx", "", THREE)
    plan = Plan(State.ACCEPTED, deliveries=(a_delivery("Thu/a.xlsx", sha256=TWO), copy))
    give(engine, "D-1", AN, plan=plan)
    LedgerDrops(engine).claim([a_drop("D-2", path="2")])
    LedgerDrops(engine).delivered("D-1", [1], NOW)
    audit = LedgerAudit(engine)

    assert audit.kept_files() == {ONE, TWO, THREE}
    assert [one.path for one in audit.delivered_files()] == ["Quận 1/c.xlsx"]
