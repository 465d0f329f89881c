"""What people did and the ledger keeps beside the files: each thing once, by whom, when and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select

from bhyt_filedrop.domain.drops.drop import Plan
from bhyt_filedrop.domain.drops.handed_in import HandedIn
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.findings import finding
from bhyt_filedrop.domain.letters.letter import Letter
from bhyt_filedrop.domain.letters.mailing import Taken
from bhyt_filedrop.domain.lists.records import ListKey, ListRecord
from bhyt_filedrop.domain.owed.arrangements import Arrangement, ArrangementKind
from bhyt_filedrop.domain.owed.papers import PaperTick
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.edges.ledger import schema
from bhyt_filedrop.edges.ledger.arrangementbook import LedgerArrangements, standing_arrangements
from bhyt_filedrop.edges.ledger.dropbook import LedgerDrops
from bhyt_filedrop.edges.ledger.handinbook import LedgerHandIns
from bhyt_filedrop.edges.ledger.letterbook import LedgerLetters
from bhyt_filedrop.edges.ledger.offerbook import ODD, LedgerOffers
from bhyt_filedrop.edges.ledger.paperbook import LedgerPapers
from bhyt_filedrop.edges.ledger.reportbook import LedgerReports
from bhyt_filedrop.edges.ledger.versionbook import LedgerVersions
from tests.edges.test_ledger import NOW, a_drop, a_list

ROUND, NEXT = Round(2015, 1), Round(2015, 2)
MINUTE = timedelta(minutes=1)
TICK = PaperTick(ROUND, "ward-list", "26734", "đủ 3 tập", "an", NOW)


def events(engine: Engine) -> list[tuple[str, dict[str, Any]]]:
    row = schema.events.c
    with engine.connect() as connection:
        found = connection.execute(select(row.kind, row.detail).order_by(row.id))
        return [(kind, detail) for kind, detail in found]


# --- paper copies ---------------------------------------------------------------------------------


def test_copies_are_noted_once_and_the_note_is_taken_back_once(engine: Engine):
    papers = LedgerPapers(engine)
    assert papers.tick(TICK)
    assert not papers.tick(replace(TICK, note="lần hai"))
    assert papers.tick(replace(TICK, unit="26740"))
    assert set(papers.of_round(ROUND)) == {TICK, replace(TICK, unit="26740")}
    assert papers.of_round(NEXT) == ()

    assert papers.untick(TICK, "nhầm phường")
    assert not papers.untick(TICK, "nhầm phường")
    assert papers.of_round(ROUND) == (replace(TICK, unit="26740"),)

    kinds = [kind for kind, _ in events(engine)]
    assert kinds == ["papers-came", "papers-came", "papers-not-there"]
    place = {"round": str(ROUND), "unit": "26734", "step": "ward-list", "who": "an"}
    assert events(engine)[2][1] == {**place, "why": "nhầm phường"}


# --- configurations -------------------------------------------------------------------------------


def test_each_other_configuration_is_a_version_and_the_same_once_more_is_none(engine: Engine):
    versions = LedgerVersions(engine)
    assert versions.files(1) is None
    assert versions.note({"a.toml": "1"}, "an", "", NOW) == 1
    assert versions.note({"a.toml": "1"}, "bình", "", NOW) == 1
    assert versions.note({"a.toml": "2", "b.csv": "x"}, "bình", "hạn mới", NOW + MINUTE) == 2
    assert versions.note({"a.toml": "1"}, "an", "như cũ", NOW + 2 * MINUTE) == 3

    told = [(one.number, one.by, one.why, one.changed) for one in versions.versions()]
    assert told == [
        (1, "an", "", ("a.toml",)),
        (2, "bình", "hạn mới", ("a.toml", "b.csv")),
        (3, "an", "như cũ", ("a.toml", "b.csv")),
    ]
    assert versions.files(2) == {"a.toml": "2", "b.csv": "x"}
    assert [detail["number"] for _, detail in events(engine)] == [1, 2, 3]


def test_a_version_gets_its_reason_later_once_from_whoever_gives_it(engine: Engine):
    versions = LedgerVersions(engine)
    versions.note({"a.toml": "0"}, "an", "", NOW)
    versions.note({"a.toml": "1"}, "an", "", NOW)
    versions.note({"a.toml": "1"}, "bình", "hạn mới", NOW)
    versions.note({"a.toml": "1"}, "chi", "lý do khác", NOW)

    told = [(one.number, one.by, one.why) for one in versions.versions()]
    assert told == [(1, "an", ""), (2, "bình", "hạn mới")]


def test_a_configuration_is_held_against_the_last_but_for_one_file(engine: Engine):
    versions = LedgerVersions(engine)
    assert versions.differs({"a.toml": "1"}, "b.csv")
    versions.note({"a.toml": "0"}, "an", "", NOW)
    versions.note({"a.toml": "1", "b.csv": "x"}, "an", "", NOW)

    assert not versions.differs({"a.toml": "1", "b.csv": "y"}, "b.csv")
    assert not versions.differs({"a.toml": "1"}, "b.csv")
    assert versions.differs({"a.toml": "0", "b.csv": "x"}, "b.csv")


# --- to be approved -------------------------------------------------------------------------------


def test_the_last_that_was_offered_of_a_list_is_known_and_whether_it_is_withheld(engine: Engine):
    offers = LedgerOffers(engine)
    LedgerDrops(engine).claim([a_drop("D-1"), a_drop("D-2", path="2")])
    assert (offers.offered("D-1"), offers.is_withheld("D-1")) == ("", False)

    offers.offer("D-1", "a" * 64, NOW)
    offers.offer("D-1", "b" * 64, NOW)
    offers.withhold("D-1", "an", NOW)

    assert (offers.offered("D-1"), offers.is_withheld("D-1")) == ("b" * 64, True)
    assert (offers.offered("D-2"), offers.is_withheld("D-2")) == ("", False)
    assert events(engine)[-1] == ("withheld", {"who": "an"})
    assert offers.find("D-3") is None


def hold(engine: Engine, name: str, path: str, minutes: int, **more: Any) -> None:
    drops = LedgerDrops(engine)
    drop = a_drop(name, path=path, arrived_at=NOW + minutes * MINUTE, tree=more.pop("tree", "main"))
    drops.claim([drop])
    other = ListKey("ward-return", ROUND, "26734", "760")
    plan = Plan(State.HELD, lists=(of(name, key=other),))
    drops.plan(drop, replace(plan, **more), NOW)
    drops.close(name, NOW)


def test_own_lists_of_a_tree_wait_for_approval_the_oldest_first(engine: Engine):
    hold(engine, "D-2", "@ward-list/2015Q1", 2)
    hold(engine, "D-1", "@district-list/2015Q1", 1)
    hold(engine, "D-3", "mẫu 3.xlsx", 3)
    hold(engine, "D-4", "@district-list/2015Q2", 4, tree="other")
    LedgerDrops(engine).claim([a_drop("D-5", path="@district-list/2015Q3")])

    offers = LedgerOffers(engine)
    assert [one.id for one in offers.waiting("main")] == ["D-1", "D-2"]
    assert [one.id for one in offers.waiting("other")] == ["D-4"]


def test_a_person_looks_at_lists_of_odd_size_and_of_some_hand_offs_and_at_no_others(
    engine: Engine,
):
    odd = finding(ODD, "Số dòng khác thường.", "Xem lại.")
    hold(engine, "D-1", "1", 3, findings=(odd,))
    hold(engine, "D-2", "2", 2, lists=(of("D-2"),))
    hold(engine, "D-3", "3", 1)
    hold(engine, "D-4", "@district-list/2015Q1", 4, findings=(odd,))

    offers = LedgerOffers(engine)
    assert [one.id for one in offers.held_for_a_look(["district-return"])] == ["D-2", "D-1"]
    assert [one.id for one in offers.held_for_a_look([])] == ["D-1"]


def of(drop: str, state: str = "held", **more: Any) -> ListRecord:
    return a_list(drop, state=state, **more)


# --- handed in ------------------------------------------------------------------------------------


def test_what_was_handed_in_is_known_by_the_mark_in_its_name_unless_it_could_not_be_put(
    engine: Engine,
):
    given = HandedIn(
        "760", "main", "Quận 1/a - nộp 234567.xlsx", "a" * 64, 9, "an", "…", "::1", NOW
    )
    again = replace(given, by="bình", at=NOW + MINUTE)
    book = LedgerHandIns(engine)
    mark = "234567"
    assert book.of_mark(mark) is None

    book.note(given)
    book.note(replace(given, path="Quận 1/b.xlsx"))
    assert book.of_mark(mark) == given

    book.failed(given, "OSError")
    assert book.of_mark(mark) is None

    book.note(again)
    assert book.of_mark(mark) == again


# --- arranged -------------------------------------------------------------------------------------


def test_an_arrangement_is_told_until_it_is_undone_and_of_a_moment_before_as_it_stood_then(
    engine: Engine,
):
    book = LedgerArrangements(engine)
    kind = ArrangementKind
    made = [
        book.arrange(Arrangement(0, which, "ward-return", round_, "", "", None, "ốm", "an", at))
        for which, round_, at in (
            (kind.EXTENDED, ROUND, NOW),
            (kind.SNOOZED, ROUND, NOW + MINUTE),
            (kind.EXTENDED, NEXT, NOW + 2 * MINUTE),
        )
    ]
    assert [one.id for one in made] == [1, 2, 3]
    undone = book.undo(1, "nhầm", "bình", NOW + 3 * MINUTE)

    assert undone == replace(made[0], undone_at=NOW + 3 * MINUTE)
    assert book.undo(1, "nhầm", "bình", NOW) is None
    assert book.undo(9, "nhầm", "bình", NOW) is None
    assert book.of_round(ROUND) == (undone, made[1])
    assert book.extensions() == (made[2],)

    def stood(until: datetime | None, *always: str) -> list[int]:
        with engine.connect() as connection:
            found = standing_arrangements(connection, [str(ROUND)], always, until)
        return sorted(one.id for one in found)

    assert stood(None) == [2]
    assert stood(None, "ward-return") == [2, 3]
    assert stood(NOW) == [1]
    assert stood(NOW + 2 * MINUTE, "ward-return") == [1, 2, 3]
    assert stood(NOW + 3 * MINUTE) == [2]


def test_daily_letters_that_have_not_left_are_taken_back_and_written_anew(engine: Engine):
    """What they say is not true any more; one that has left in part goes on as it is."""
    letters = LedgerLetters(engine)
    daily = [Letter(f"reminder/{n}", "reminder", "760", {}) for n in range(2)]
    other = Letter("notice/1", "notice", "760", {})
    letters.put_letters([*daily, other], NOW)
    half = Taken("<1@bhyt>", NOW, ("q1@a.vn",))
    letters.letter_later([daily[1].key], NOW, "đầy", ("q1@b.vn",), {}, half)

    wanted = Arrangement(
        0, ArrangementKind.SNOOZED, "ward-return", ROUND, "", "", None, "ốm", "an", NOW
    )
    LedgerArrangements(engine).arrange(wanted)

    due = {one.letter.key for one in letters.due_letters(NOW + MINUTE, 10)}
    assert due == {daily[1].key, other.key}
    assert events(engine)[-1][1]["taken_back"] == 1
    assert letters.put_letters(daily, NOW) == 1


# --- reports --------------------------------------------------------------------------------------


def test_what_was_decided_later_was_under_way_at_the_moment_that_is_asked_for(engine: Engine):
    drops = LedgerDrops(engine)
    for n, state in enumerate((State.RETURNED, State.ACCEPTED)):
        drop = a_drop(f"D-{n}", path=str(n), arrived_at=NOW + n * MINUTE)
        drops.claim([drop])
        plan = Plan(state, lists=(of(drop.id, "accepted"),) if n else ())
        drops.plan(drop, plan, NOW)
        drops.close(drop.id, NOW + 5 * MINUTE)
    reports = LedgerReports(engine)

    def told(minutes: int) -> list[tuple[str, str]]:
        return [(one.drop, one.state) for one in reports.drops(NOW + minutes * MINUTE)]

    assert told(-1) == []
    assert told(0) == [("D-0", "claimed")]
    assert told(4) == [("D-0", "claimed"), ("D-1", "claimed")]
    assert told(5) == [("D-0", "returned"), ("D-1", "accepted")]
    assert [one.drop for one in reports.unread(NOW + 5 * MINUTE)] == ["D-0"]
    assert reports.unread(NOW + 4 * MINUTE) == ()


def test_what_was_found_that_somebody_must_put_right_is_told_once_a_drop(engine: Engine):
    drops = LedgerDrops(engine)
    wrong = finding("row.card-missing", "Thiếu mã số thẻ.", "Ghi mã số thẻ.", cell="C9", row=9)
    odd = finding(ODD, "Số dòng khác thường.", "Xem lại.")
    for n, found in enumerate(((wrong, odd, wrong), ())):
        drop = a_drop(f"D-{n}", path=str(n))
        drops.claim([drop])
        drops.plan(drop, Plan(State.RETURNED, findings=found), NOW)

    codes = LedgerReports(engine).codes_of(["D-0", "D-1"])

    blocking = tuple(one.code for one in (wrong, odd) if one.severity == "blocks")
    assert codes == {"D-0": blocking}
