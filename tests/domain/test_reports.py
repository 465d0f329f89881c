"""Reports: their figures agree with the trace and the status, whatever else they show."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from bhyt_filedrop.domain.conservation.trace import trace
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.owed.came import Delivered, Reopened
from bhyt_filedrop.domain.owed.obligations import DeliveredIndex, status
from bhyt_filedrop.domain.process.calendar import WorkingDays
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.reports.backlog import backlog
from bhyt_filedrop.domain.reports.model import shown
from bhyt_filedrop.domain.reports.quality import DropFact, FindingCount, quality
from bhyt_filedrop.domain.reports.round import round_report
from tests.domain.test_trace import a_city_with_a_list_of_the_unplaced, with_three_left_over
from tests.lists import PROCESS, WARDS, Book, a_child, coming_back
from tests.offices import ROUND, UNITS, gave, moment

DAYS = WorkingDays()
CHILDREN = [a_child(n, list(WARDS)[n % 3]) for n in range(12)]
AFTER_ALL = moment(6, 30)


def a_round():
    """One district and two of three wards have answered; one ward late and only in part."""
    book = Book()
    book.down_to_wards(CHILDREN)
    first, second = ([c for c in CHILDREN if c.ward == ward] for ward in ("26734", "26740"))
    form_4 = coming_back(first[:1], "carded-before") + coming_back(first[2:], "uncarded")
    book.gave("ward-return", "26734", "760", form_4, moment(6, 12))
    joining = coming_back(first[1:2], "carded-now", card="")
    book.gave("ward-return", "26734", "760", joining, moment(6, 12), part=1)
    book.gave("ward-return", "26740", "760", coming_back(second[:3], "carded-before"),
              moment(6, 18), state="held")  # fmt: skip
    both = [c for c in CHILDREN if c.district == "760"]
    back = coming_back(both[:5], "carded-now") + coming_back(both[5:], "uncarded", note="")
    book.gave("district-return", "760", "thu", back, moment(6, 26))
    return book


def status_of(book, now=AFTER_ALL):
    facts = DeliveredIndex.of(
        Delivered(r.key.handoff, r.key.round, r.key.sender, r.key.receiver, r.at, (r.key.part,))
        for r in book.lists
        if r.state != "returned"
    )
    return status(PROCESS, UNITS, ROUND, facts, now, DAYS)


def backlog_of(book, now=AFTER_ALL):
    return backlog(book.trace(), status_of(book, now), PROCESS, UNITS).as_json()


def of_unit(rows, unit):
    (row,) = [row for row in rows if row["unit"] == unit]
    return row


# --- backlog -------------------------------------------------------------------------------------


def test_the_backlog_counts_each_child_of_a_district_once():
    told = backlog_of(a_round())

    done = of_unit(told["districts"], "760")
    owing = of_unit(told["districts"], "761")

    assert [done[k] for k in ("received", "carded_before", "carded_now", "uncarded")] == [
        8,
        0,
        5,
        3,
    ]
    assert [done[k] for k in ("no_number", "no_basis", "unreported", "overdue")] == [0, 0, 0, 0]
    assert [owing[k] for k in ("received", "unreported", "overdue")] == [4, 4, 4]
    assert (done["done_share"], owing["done_share"]) == (1.0, 0.0)


def test_what_is_not_due_yet_is_unreported_and_not_overdue():
    told = backlog_of(a_round(), moment(6, 20))

    assert of_unit(told["districts"], "761")["overdue"] == 0
    assert of_unit(told["districts"], "761")["unreported"] == 4
    assert of_unit(told["wards"], "26767")["overdue"] == 4


def test_a_ward_shows_reasons_and_cards_that_wait_for_their_number():
    told = of_unit(backlog_of(a_round())["wards"], "26734")

    assert (told["carded_now"], told["no_number"]) == (1, 1)
    assert (told["uncarded"], told["no_basis"]) == (2, 2)


def test_part_of_a_return_already_counts_and_the_rest_is_owed():
    told = of_unit(backlog_of(a_round())["wards"], "26740")

    assert (told["received"], told["carded_before"], told["unreported"]) == (4, 3, 1)
    assert (told["standing"], told["overdue"], told["days_late"]) == ("overdue", 1, 15)


def test_the_citys_line_is_the_sum_of_the_districts():
    told = backlog_of(a_round())
    total, rows = told["districts_total"], told["districts"]

    for name in ("received", "carded_before", "carded_now", "uncarded", "unreported", "overdue"):
        assert total[name] == sum(row[name] for row in rows)
    assert total["received"] == total["carded"] + total["uncarded"] + total["unreported"] == 12
    assert told["figures"]["done_share"] == total["done_share"] == round(8 / 12, 4)


def test_every_district_is_listed_but_only_wards_that_were_sent_children():
    book = Book()
    some = [c for c in CHILDREN if c.ward == "26734"]
    book.gave("district-list", "thu", "760", some)
    book.gave("ward-list", "760", "26734", some)
    told = backlog_of(book)

    assert [row["unit"] for row in told["districts"]] == ["760", "761"]
    assert [row["unit"] for row in told["wards"]] == ["26734"]
    assert of_unit(told["districts"], "761")["done_share"] is None


def test_wards_that_owe_most_come_first():
    told = backlog_of(a_round())["wards"]

    assert [row["unreported"] for row in told] == [4, 1, 0]


def test_an_empty_round_gives_an_empty_backlog_and_no_error():
    told = backlog_of(Book())

    assert told["figures"]["received"] == 0
    assert told["wards"] == []


def test_no_report_names_a_child():
    book = a_round()
    texts = [
        json.dumps(report.as_json(), ensure_ascii=False)
        for report in (
            backlog(book.trace(), status_of(book), PROCESS, UNITS),
            round_report(status_of(book), book.lists, UNITS),
        )
    ]

    assert not [c.name for c in CHILDREN if any(c.name in text for text in texts)]


# --- round ---------------------------------------------------------------------------------------


def round_of(book, now=AFTER_ALL):
    return round_report(status_of(book, now), book.lists, UNITS).as_json()


def the_line(told, handoff, sender):
    (row,) = [r for r in told["details"] if (r["handoff"], r["sender"]) == (handoff, sender)]
    return row


def test_the_round_says_when_each_list_came_and_how_late():
    told = round_of(a_round())

    in_time = the_line(told, "ward-return", "26734")
    late = the_line(told, "district-return", "760")
    missing = the_line(told, "district-return", "761")

    assert (in_time["standing"], in_time["days_late"], in_time["rows"]) == ("delivered", 0, 4)
    assert (late["standing"], late["days_late"]) == ("delivered-late", 2)
    assert late["at"] == "2015-06-26T08:00:00+07:00"
    assert (missing["standing"], missing["days_late"], missing["at"]) == ("overdue", 6, None)


def test_a_correction_is_a_version_and_does_not_make_its_sender_late():
    book = a_round()
    old = book.lists[-1]
    book.lists[-1] = replace(old, state="superseded", at=moment(6, 20))
    book.gave("district-return", "760", "thu", book.rolls[old.drop, 0], moment(6, 29), version=2)
    book.gave("district-return", "760", "thu", [], moment(6, 28), state="returned", version=0)

    line = the_line(round_of(book), "district-return", "760")

    assert (line["standing"], line["versions"], line["returned"]) == ("delivered", 2, 1)
    assert line["rows"] == 8


def test_the_summary_counts_every_obligation_once():
    told = round_of(a_round())
    details = told["details"]

    for row in told["handoffs"]:
        mine = [d for d in details if d["handoff"] == row["handoff"]]
        assert row["all"] == len(mine)
        assert row["overdue"] == sum(d["standing"] == "overdue" for d in mine)
    assert told["handoffs_total"]["all"] == len(details) == told["figures"]["owed"]
    assert "rows" not in told["handoffs_total"], "a child stands in the lists of every step"


def test_the_latest_come_first_and_nobody_in_time_is_among_them():
    late = [row["days_late"] for row in round_of(a_round())["late"]]

    assert late == sorted(late, reverse=True)
    assert 0 not in late


def test_a_round_in_which_nothing_came_shows_what_is_owed():
    told = round_of(Book(), moment(5, 2))

    assert told["figures"]["done"] == 0
    assert told["handoffs"][0]["handoff"] == "uncarded"


# --- quality --------------------------------------------------------------------------------------


def a_drop(name, unit="760", state=State.ACCEPTED, round_=ROUND, at=AFTER_ALL):
    return DropFact(name, unit, round_, state, at)


DROPS = [
    a_drop("a"),
    a_drop("b", state=State.RETURNED),
    a_drop("c", "26734", State.RETURNED),
    a_drop("d", "26734", State.HELD, Round(2015, 2), AFTER_ALL + timedelta(days=92)),
    a_drop("e", "761", State.SET_ASIDE),
]
FOUND = [
    FindingCount("a", "row.name-placeholder", "notes", 2),
    FindingCount("b", "row.card-missing", "blocks", 5),
    FindingCount("c", "row.card-missing", "blocks", 1),
    FindingCount("c", "row.reason-missing", "blocks", 3),
    FindingCount("d", "row.number-gap", "warns", 4),
]


def quality_of(drops=DROPS, found=FOUND, rounds=()):
    return quality(drops, found, UNITS, AFTER_ALL, rounds).as_json()


def test_the_most_frequent_fault_comes_first_with_its_files_and_units():
    first = quality_of()["codes"][0]

    assert (first["code"], first["title"]) == ("row.card-missing", "Thiếu mã số thẻ")
    assert (first["times"], first["files"], first["units"], first["share"]) == (6, 2, 2, 0.4)


def test_a_units_share_of_returned_files_counts_only_what_was_judged():
    told = quality_of()

    assert of_unit(told["units"], "760")["returned_share"] == 0.5
    assert of_unit(told["units"], "761")["returned_share"] is None
    assert of_unit(told["units"], "26734")["worst"] == "row.reason-missing"
    assert told["units_total"]["files"] == 5


def test_a_note_is_no_fault_however_frequent_it_is():
    """Faults come first, the chart and the sum are of nothing else."""
    many = [*FOUND, FindingCount("a", "row.name-nickname", "notes", 900)]
    report = quality(DROPS, many, UNITS, AFTER_ALL)
    codes = report.tables[0]

    weights = [line["severity"] for line in codes.rows]
    assert weights == sorted(weights, key=("blocks", "warns", "notes").index)
    assert codes.total and codes.total["times"] == 9
    assert codes.chart and "lỗi phải sửa" in codes.chart.title
    assert {line["severity"] for line in codes.charted()} == {"blocks"}


def test_a_chart_shows_nobody_who_is_not_what_its_title_says():
    """Of those sent back most, who was never sent back; of those who owe most, who owes nothing."""
    report = quality(DROPS, FOUND, UNITS, AFTER_ALL)
    assert report.tables[1].chart
    assert all(line["returned"] for line in report.tables[1].charted())

    book = a_round()
    wards = backlog(book.trace(), status_of(book), PROCESS, UNITS).tables[1]
    owing = [line["unit"] for line in wards.rows if line["unreported"]]
    assert wards.chart
    assert [line["unit"] for line in wards.charted()] == owing
    assert len(owing) < len(wards.rows)


def test_a_report_of_a_round_in_which_nobody_owes_anything_draws_no_chart_of_debts():
    book = Book()
    book.down_to_wards(CHILDREN)
    for ward, district in WARDS.items():
        mine = [c for c in CHILDREN if c.ward == ward]
        book.gave("ward-return", ward, district, coming_back(mine, "uncarded"), moment(6, 12))
    made = backlog(book.trace(), status_of(book), PROCESS, UNITS)

    assert made.tables[1].chart is None


@pytest.mark.parametrize("many", [4, 5])
def test_so_many_rounds_as_one_reads_are_named_and_more_by_the_first_and_the_last(many):
    rounds = [Round(2014 + n // 4, n % 4 + 1) for n in range(many)]
    drops = [replace(DROPS[0], drop=f"D{n}", round=r) for n, r in enumerate(rounds)]

    told = quality(drops, [], UNITS, AFTER_ALL).subtitle

    named = [r.title for r in rounds]
    assert told == (", ".join(named) if many == 4 else f"{named[0]} – {named[-1]}")


def test_rounds_are_told_apart_and_can_be_picked():
    told = quality_of()

    assert [(r["round"], r["files"]) for r in told["by_round"]] == [("2015Q1", 4), ("2015Q2", 1)]
    assert quality_of(rounds=[Round(2015, 2)])["figures"] == {
        "files": 1, "returned": 0, "returned_share": 0.0, "blocks": 0,
    }  # fmt: skip


def test_a_file_whose_list_nobody_recognised_counts_for_the_round_in_hand():
    unread = a_drop("x", state=State.RETURNED, round_=None)

    assert quality_of([unread], [])["rounds"] == ["2015Q1"]


def test_a_site_without_any_file_has_a_report_too():
    told = quality_of([], [])

    assert told["figures"] == {"files": 0, "returned": 0, "returned_share": None, "blocks": 0}
    assert (told["codes"], told["units"], told["by_round"]) == ([], [], [])


# --- values ---------------------------------------------------------------------------------------


def test_values_are_written_as_vietnamese_readers_write_them():
    assert shown(1234567, "count") == "1.234.567"
    assert shown(0.875, "share") == "87,5%"
    assert shown(AFTER_ALL.date(), "day") == "30/06/2015"
    assert shown(AFTER_ALL, "moment") == "30/06/2015 08:00"
    assert shown(None, "share") == ""


# --- children whom no office was given -----------------------------------------------------------


@pytest.mark.parametrize(("day", "overdue"), [(20, 0), (21, 2)])
def test_who_waits_to_be_placed_is_unreported_and_who_lives_elsewhere_uncarded_with_a_reason(
    day, overdue
):
    """2118/BHXH-CNTT asks for all children: two lines below the districts are of no office."""
    book, process = with_three_left_over(), a_city_with_a_list_of_the_unplaced()
    waiting = [Reopened("uncarded", ROUND, "cntt", moment(5, 19), 2, unplaced=True)]
    facts = DeliveredIndex.of([gave("uncarded", "cntt", "thu", moment(5, 18))], waiting)
    state = status(process, UNITS, ROUND, facts, moment(5, day), DAYS)
    told = backlog(trace(ROUND, book.lists, book.rolls, process, UNITS), state, process, UNITS)
    lines = {row["name"]: row for row in told.as_json()["districts"] if not row["unit"]}
    waits, away = lines["Chưa xác định địa bàn"], lines[UNITS.authority.outside]

    assert (waits["received"], waits["unreported"], waits["uncarded"]) == (2, 2, 0)
    assert (waits["overdue"], waits["days_late"], waits["done_share"]) == (overdue, day - 20, 0.0)
    assert (away["received"], away["uncarded"], away["no_basis"], away["overdue"]) == (1, 1, 1, 0)
    assert (away["done_share"], away["standing_title"]) == (1.0, "")
    assert told.as_json()["districts_total"]["received"] == 15
