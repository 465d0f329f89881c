"""How hand-offs ended, what proves it, and a unit's strip over the rounds."""

from __future__ import annotations

from datetime import date

import pytest

from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.lists.records import ListKey, ListRecord
from bhyt_filedrop.domain.lists.states import ListState
from bhyt_filedrop.domain.owed.arrangements import Arrangement, ArrangementKind
from bhyt_filedrop.domain.owed.came import SentBack
from bhyt_filedrop.domain.owed.obligations import DeliveredIndex, status
from bhyt_filedrop.domain.process.calendar import WorkingDays
from bhyt_filedrop.domain.reports.endings import (
    EndedHandOff,
    Ending,
    endings,
    endings_report,
    history_of,
)
from bhyt_filedrop.domain.reports.quality import DropFact
from tests.offices import LISTS_REACHED_WARDS, PROCESS, ROUND, UNITS, gave, moment

WARD = "26734"
OVER = moment(6, 30)


def a_list(drop: str, at, state=ListState.ACCEPTED, version=1, basis="", sender=WARD) -> ListRecord:
    key = ListKey("ward-return", ROUND, sender, "760")
    return ListRecord(drop, 0, key, "form-4", 3, "", state, version, at, basis=basis)


def ended(now=OVER, came=(), back=(), lists=(), codes=None, unread=(), arranged=()):
    facts = DeliveredIndex.of((*LISTS_REACHED_WARDS, *came), (), back, arranged)
    state = status(PROCESS, UNITS, ROUND, facts, now, WorkingDays())
    return endings(state, lists, codes or {}, unread)


def of_ward(found) -> EndedHandOff:
    (one,) = (e for e in found if e.entry.owed.sender.id == WARD)
    return one


def test_what_came_in_time_is_proved_by_its_drop():
    at = moment(6, 12)
    found = of_ward(ended(came=[gave("ward-return", WARD, "760", at)], lists=[a_list("D1", at)]))

    assert (found.ending, found.days_late) == (Ending.ON_TIME, 0)
    assert [(proof.drop, proof.at) for proof in found.proofs] == [("D1", at)]


def test_what_came_late_keeps_every_file_that_went_back_before_with_what_was_found():
    good, bad = moment(6, 18), moment(6, 14)
    found = of_ward(
        ended(
            came=[gave("ward-return", WARD, "760", good)],
            lists=[a_list("D2", good, version=2), a_list("D1", bad, ListState.RETURNED)],
            codes={"D1": ("row.card-invalid", "row.note-missing")},
        )
    )

    assert (found.ending, found.days_late) == (Ending.LATE, 3)
    assert [proof.text for proof in found.proofs] == [
        "D1 08:00 ngày 14/06/2015: trả lại (row.card-invalid, row.note-missing)",
        "D2 08:00 ngày 18/06/2015: đã nhận, bản 2",
    ]


def test_nothing_came_is_missing_and_proved_by_nothing():
    found = of_ward(ended())

    assert (found.ending, found.proofs, found.days_late) == (Ending.MISSING, (), 15)


def test_a_part_alone_is_missing():
    part = gave("ward-return", WARD, "760", moment(6, 12), (0,))

    assert of_ward(ended(came=[part])).ending is Ending.MISSING


@pytest.mark.parametrize("recognised", [True, False])
def test_what_went_back_and_was_not_corrected_is_invalid(recognised: bool):
    """Of a file that nobody could read no hand-off is known: it proves what its sender owed."""
    at = moment(6, 14)
    back = SentBack("ward-return" if recognised else "", ROUND if recognised else None, WARD, at)
    lists = [a_list("D1", at, ListState.RETURNED)] if recognised else []
    unread = [] if recognised else [DropFact("D1", WARD, None, State.RETURNED, at)]
    found = of_ward(ended(back=[back], lists=lists, codes={"D1": ("file.damaged",)}, unread=unread))

    assert found.ending is Ending.INVALID
    assert [(proof.drop, proof.codes) for proof in found.proofs] == [("D1", ("file.damaged",))]


def test_an_unread_file_proves_nothing_against_who_gave_a_good_one_since():
    unread = [DropFact("D1", WARD, None, State.RETURNED, moment(6, 10))]
    good = gave("ward-return", WARD, "760", moment(6, 12))

    assert of_ward(ended(came=[good], unread=unread)).proofs == ()


def test_what_still_has_time_is_open():
    assert of_ward(ended(moment(6, 15))).ending is Ending.OPEN


def test_within_an_extension_it_is_on_time_and_the_extension_is_told():
    extension = Arrangement(
        7, ArrangementKind.EXTENDED, "ward-return", ROUND, WARD, "", date(2015, 6, 24),
        "công văn 12", "thu", moment(6, 10),
    )  # fmt: skip
    found = of_ward(
        ended(came=[gave("ward-return", WARD, "760", moment(6, 20))], arranged=[extension])
    )

    assert found.ending is Ending.ON_TIME
    told = found.as_json()
    assert told["saved_by_extension"] and told["extension"]["why"] == "công văn 12"  # type: ignore[index,call-overload]


def test_a_draft_that_the_product_made_proves_nothing():
    made = a_list("D1", moment(6, 12), ListState.HELD, basis="x")

    assert of_ward(ended(lists=[made])).proofs == ()


def test_a_strip_is_one_units_squares_hand_off_by_hand_off_the_oldest_round_first():
    earlier = ROUND.previous
    old = DeliveredIndex.of([gave("uncarded", "cntt", "thu", moment(2, 18), round=earlier)])
    before = endings(status(PROCESS, UNITS, earlier, old, OVER, WorkingDays()), (), {})
    squares = history_of("cntt", [*ended(), *before])

    assert [(one.round, one.ending) for one in squares] == [
        (earlier, Ending.ON_TIME), (ROUND, Ending.ON_TIME),
    ]  # fmt: skip


def test_the_report_counts_how_each_unit_ended():
    report = endings_report(ended(), UNITS, OVER, [ROUND], {})

    (row,) = (one for one in report.tables[0].rows if "Tân Định" in str(one["name"]))
    assert (row["missing"], row["on-time"]) == (1, 0)
    figures = {figure.key: figure.value for figure in report.figures}
    assert sum(int(str(value)) for value in figures.values()) == len(report.tables[1].rows)


def test_a_draft_of_the_product_proves_nothing_and_hides_nothing_that_came_after_it():
    at = moment(6, 12)
    draft = a_list("D0", moment(6, 11), ListState.HELD, basis="x")
    found = of_ward(
        ended(came=[gave("ward-return", WARD, "760", at)], lists=[draft, a_list("D1", at)])
    )

    assert [proof.drop for proof in found.proofs] == ["D1"]
