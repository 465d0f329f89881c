"""A round as the status page shows it: rows, faces, what to do, coming mornings, a unit's past."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from bhyt_filedrop.domain.owed.arrangements import Arrangement, ArrangementKind
from bhyt_filedrop.domain.owed.board import board_of, unit_of
from bhyt_filedrop.domain.owed.came import Delivered, SentBack
from bhyt_filedrop.domain.owed.faces import LOOKS, SOON, DebtFace, days_over, face_of, worst
from bhyt_filedrop.domain.owed.history import rounds_of_unit
from bhyt_filedrop.domain.owed.mornings import planned_reminders
from bhyt_filedrop.domain.owed.obligations import DeliveredIndex, Entry, RoundStatus, status
from bhyt_filedrop.domain.owed.todo import RoundToDo, is_overdue, to_do
from bhyt_filedrop.domain.process.calendar import WorkingDays
from bhyt_filedrop.domain.process.handoffs import Due, Process, Reminders
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit, Units
from tests.offices import (
    LISTS_REACHED_WARDS,
    PROCESS,
    ROUND,
    UNITS,
    a_process,
    gave,
    handoff,
    moment,
)

DAYS = WorkingDays()
TAN_DINH, BEN_NGHE, THANH_XUAN = "26734", "26740", "26767"
WHOLE = gave("ward-return", BEN_NGHE, "760", moment(6, 10), (0, 1))
PART = gave("ward-return", THANH_XUAN, "761", moment(6, 10), (0,))
BEFORE, AFTER = moment(6, 11), moment(6, 17)


def the_round(
    now: datetime,
    *came: Delivered,
    process: Process = PROCESS,
    units: Units = UNITS,
    back: Iterable[SentBack] = (),
    arranged: Iterable[Arrangement] = (),
) -> RoundStatus:
    """The round once all lists have reached the wards, and these answers came."""
    facts = DeliveredIndex.of((*LISTS_REACHED_WARDS, *came), (), tuple(back), tuple(arranged))
    return status(process, units, ROUND, facts, now, DAYS)


def the(found: RoundStatus, sender: str, id_: str = "ward-return") -> Entry:
    every = (e for one in found.handoffs if one.handoff.id == id_ for e in one.entries)
    return next(entry for entry in every if entry.owed.sender.id == sender)


# --- faces ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "faces"),
    [
        (moment(6, 12), ("done", "open", "part")),
        (moment(6, 17), ("done", "overdue", "part")),
    ],
)
def test_a_debt_shows_what_has_come_before_how_late_it_is(now: datetime, faces: tuple[str, ...]):
    found = the_round(now, WHOLE, PART)

    shown = [face_of(the(found, unit), now) for unit in (BEN_NGHE, TAN_DINH, THANH_XUAN)]
    assert tuple(map(str, shown)) == faces


def test_what_came_after_its_time_is_late_and_what_came_in_time_is_not():
    late = gave("ward-return", TAN_DINH, "760", moment(6, 16), (0, 1))
    found = the_round(AFTER, WHOLE, late)

    assert face_of(the(found, TAN_DINH), AFTER) is DebtFace.LATE
    assert face_of(the(found, BEN_NGHE), AFTER) is DebtFace.DONE


@pytest.mark.parametrize(("minutes", "face"), [(-1, DebtFace.OPEN), (0, DebtFace.SOON)])
def test_three_days_before_its_end_a_time_is_nearly_over(minutes: int, face: DebtFace):
    entry = the(the_round(BEFORE), TAN_DINH)
    assert entry.owed.deadline is not None
    now = entry.owed.deadline.instant - SOON + timedelta(minutes=minutes)

    assert timedelta(days=3) == SOON
    assert face_of(entry, now) is face


def test_a_debt_without_a_date_is_open_for_ever_and_never_days_over():
    process = a_process(*({**PROCESS.handoffs, "ward-return": replace(
        PROCESS.handoffs["ward-return"], due=None)}).values())  # fmt: skip
    entry = the(the_round(moment(6, 30), process=process), TAN_DINH)

    assert face_of(entry, moment(12, 31)) is DebtFace.OPEN
    assert days_over(entry, moment(12, 31)) == 0


def test_a_file_that_went_back_is_told_before_anything_else_of_its_debt():
    back = SentBack("ward-return", ROUND, TAN_DINH, moment(6, 12))
    found = the_round(AFTER, back=[back])

    assert face_of(the(found, TAN_DINH), AFTER) is DebtFace.SENT_BACK


@pytest.mark.parametrize(("day", "over"), [(15, 0), (16, 1), (17, 2), (25, 10)])
def test_the_day_after_the_last_is_the_first_day_over(day: int, over: int):
    now = moment(6, day, 23)

    assert days_over(the(the_round(now), TAN_DINH), now) == over


def test_the_worst_face_is_told_first_and_every_face_has_an_icon_and_words():
    assert worst([DebtFace.DONE, DebtFace.SOON, DebtFace.PART]) is DebtFace.PART
    assert worst(DebtFace) is DebtFace.OVERDUE
    assert list(LOOKS) == list(DebtFace)
    with pytest.raises(ValueError):
        worst([])


# --- the table -----------------------------------------------------------------------------------


def test_every_office_has_a_row_with_those_below_it_and_departments_are_told_apart():
    board = board_of(the_round(AFTER, WHOLE, PART), UNITS)

    districts = ["district-list", "ward-list", "ward-return", "district-return"]
    wards = ["ward-list", "ward-return"]
    assert [one.handoff.id for one in board.columns] == districts
    assert [one.handoff.id for one in board.city] == ["uncarded"]
    assert [(r.unit.id, list(r.cells), [c.unit.id for c in r.children]) for r in board.rows] == [
        ("760", districts, [BEN_NGHE, TAN_DINH]),
        ("761", districts, [THANH_XUAN]),
    ]
    assert [list(c.cells) for r in board.rows for c in r.children] == [wards] * 3
    assert (board.round, board.now) == (ROUND, AFTER)


def test_a_cell_counts_how_those_below_stand_the_worst_first():
    row = board_of(the_round(AFTER, WHOLE, PART), UNITS).rows[0]
    answers, lists, own = (
        row.cells[id_] for id_ in ("ward-return", "ward-list", "district-return")
    )

    assert answers.faces == ((DebtFace.OVERDUE, 1), (DebtFace.DONE, 1))
    assert (answers.done, answers.overdue, len(answers.own), len(answers.below)) == (1, 1, 0, 2)
    assert lists.faces == ((DebtFace.DONE, 2),)
    assert (lists.done, lists.overdue) == (2, 0)
    assert (own.faces, len(own.own), len(own.below)) == ((), 1, 0)


def test_a_part_that_is_late_counts_as_overdue_too():
    cell = board_of(the_round(AFTER, PART), UNITS).rows[1].cells["ward-return"]

    assert cell.faces == ((DebtFace.PART, 1),)
    assert (cell.done, cell.overdue) == (0, 1)


def test_a_row_names_its_oldest_debt_and_for_how_long():
    found = the_round(moment(6, 29), WHOLE, PART)
    rows = board_of(found, UNITS).rows

    assert [row.longest[0] for row in rows] == [14, 14]
    assert [e and e.owed.sender.id for e in (row.longest[1] for row in rows)] == [
        TAN_DINH, THANH_XUAN,
    ]  # fmt: skip
    assert board_of(the_round(BEFORE), UNITS).rows[0].longest == (0, None)


def test_a_list_that_goes_down_is_told_in_the_row_of_who_gets_it():
    found = the_round(AFTER)

    assert unit_of(the(found, "thu", "district-list")).id == "760"
    assert unit_of(the(found, TAN_DINH)).id == TAN_DINH


def test_who_may_see_a_ward_alone_sees_its_row_alone_and_nothing_of_its_neighbours():
    rows = board_of(the_round(AFTER), UNITS, sees=lambda unit: unit == TAN_DINH).rows
    assert [(row.unit.id, row.children) for row in rows] == [(TAN_DINH, ())]

    rows = board_of(the_round(AFTER), UNITS, sees=lambda unit: unit in {"760", TAN_DINH}).rows
    assert [(r.unit.id, [c.unit.id for c in r.children]) for r in rows] == [("760", [TAN_DINH])]
    assert len(rows[0].cells["ward-return"].below) == 1


def test_only_rows_with_what_is_asked_for_are_left_and_the_offices_above_them():
    found = the_round(AFTER, WHOLE, PART)

    rows = board_of(found, UNITS, wanted=lambda e: face_of(e, AFTER) is DebtFace.PART).rows

    assert [(r.unit.id, [c.unit.id for c in r.children]) for r in rows] == [("761", [THANH_XUAN])]
    assert len(rows[0].cells["ward-list"].below) == 1, "its other cells stay"
    assert board_of(found, UNITS, wanted=lambda _e: False).rows == ()


def test_a_hand_off_between_departments_that_nobody_owes_and_that_has_a_date_is_still_told():
    process = a_process(
        *PROCESS.handoffs.values(),
        handoff("final", "thu", "board", Due(3, 27), needs="district-return"),
        handoff("extra", "thu", "board", None, needs="district-return"),
    )

    board = board_of(the_round(AFTER, process=process), UNITS)

    assert [one.handoff.id for one in board.city] == ["uncarded", "final"]


def test_an_office_without_one_above_it_has_a_row_where_its_kind_has_a_place():
    units = Units.of([*UNITS, Unit("762", "Quận 2", "district")])
    units = replace(UNITS, by_id=units.by_id)
    came = gave("district-list", "thu", "762", moment(5, 20))

    board = board_of(the_round(AFTER, came, units=units), units)

    assert [row.unit.id for row in board.rows] == ["760", "762", "761"]


# --- what is to be done --------------------------------------------------------------------------


def test_what_is_to_be_done_counts_offices_by_hand_off_and_the_longest_delay():
    found = the_round(moment(6, 29), WHOLE, PART)

    asked = to_do(found)

    told = [(one.handoff.id, one.units, one.longest) for one in asked.overdue]
    assert told == [("ward-return", 2, 14), ("district-return", 2, 5)]
    assert (asked.sent_back, asked.part_came, asked.soon) == (0, 1, 0)
    ours = to_do(found, lambda unit: unit == THANH_XUAN)
    assert [(one.handoff.id, one.units) for one in ours.overdue] == [("ward-return", 1)]
    assert ours.part_came == 1
    assert to_do(found, lambda unit: unit == "thu") == RoundToDo((), 0, 0, 0)


def test_what_went_back_and_what_is_nearly_due_is_counted():
    back = SentBack("ward-return", ROUND, TAN_DINH, moment(6, 12))
    asked = to_do(the_round(moment(6, 15), WHOLE, back=[back]))

    assert asked == RoundToDo((), sent_back=1, part_came=0, soon=1)


def test_what_is_overdue_is_so_whatever_came_of_it():
    found = the_round(AFTER, WHOLE, PART)

    late = [is_overdue(the(found, unit)) for unit in (BEN_NGHE, TAN_DINH, THANH_XUAN)]
    assert late == [False, True, True]


# --- coming mornings -----------------------------------------------------------------------------


def mornings(found: RoundStatus, first: date, last: date) -> dict[int, list[tuple[str, int]]]:
    plan = planned_reminders(found, first, last, DAYS)
    return {day.day: [(one.id, count) for one, count in told] for day, told in plan.items()}


def test_the_calendar_tells_of_each_working_morning_how_many_are_asked():
    """7, 3 and 1 days before and on the day itself; then daily; never on a Saturday or Sunday."""
    early = gave("ward-return", BEN_NGHE, "760", moment(6, 3), (0, 1))
    found = the_round(moment(6, 5), early)

    assert mornings(found, date(2015, 6, 1), date(2015, 6, 19)) == {
        8: [("ward-return", 2)],
        12: [("ward-return", 2)],
        15: [("ward-return", 2)],
        16: [("ward-return", 2)],
        17: [("ward-return", 2), ("district-return", 2)],
        18: [("ward-return", 2)],
        19: [("ward-return", 2), ("district-return", 2)],
    }


def test_the_calendar_begins_today_and_ends_on_its_last_day():
    found = the_round(moment(6, 16))

    assert list(mornings(found, date(2015, 6, 10), date(2015, 6, 17))) == [16, 17]
    assert list(mornings(found, date(2015, 6, 17), date(2015, 6, 17))) == [17]
    assert mornings(found, date(2015, 6, 10), date(2015, 6, 15)) == {}


def test_no_morning_asks_whom_nobody_reminds_after_the_date():
    silent = replace(
        PROCESS.handoffs["ward-return"], reminders=Reminders(on_day=False, after_daily=False)
    )
    process = a_process(*({**PROCESS.handoffs, "ward-return": silent}).values())
    found = the_round(moment(6, 5), process=process)

    asked = mornings(found, date(2015, 6, 1), date(2015, 6, 30))
    assert [day for day, told in asked.items() if told[0][0] == "ward-return"] == [8, 12]


def test_no_morning_asks_whom_somebody_gave_an_appointment_before_it():
    _, snoozed, _ = ArrangementKind
    until = Arrangement(
        1, snoozed, "ward-return", ROUND, TAN_DINH, "", date(2015, 6, 18), "hẹn", "thu", AFTER
    )
    found = the_round(moment(6, 16, 9), WHOLE, arranged=[until])

    asked = mornings(found, date(2015, 6, 16), date(2015, 6, 19))
    assert [dict(told).get("ward-return") for told in asked.values()] == [1, 1, 1, 2]


# --- a unit's past -------------------------------------------------------------------------------


def test_a_units_past_tells_of_what_it_owed_and_got_and_of_nobody_else():
    facts = DeliveredIndex.of((*LISTS_REACHED_WARDS, WHOLE))
    rounds = (ROUND, Round(2015, 2))

    def told(unit: str) -> list[tuple[str, str, str]]:
        found = rounds_of_unit(PROCESS, UNITS, UNITS[unit], rounds, facts, AFTER, DAYS)
        assert [one.round for one in found] == list(rounds)
        return [
            (h.handoff.id, e.owed.sender.id, unit_of(e).id)
            for h in found[0].handoffs
            for e in h.entries
        ]

    assert told(BEN_NGHE) == [
        ("ward-list", "760", BEN_NGHE),
        ("ward-return", BEN_NGHE, BEN_NGHE),
    ]
    assert told("760") == [
        ("district-list", "thu", "760"),
        ("ward-list", "760", BEN_NGHE),
        ("ward-list", "760", TAN_DINH),
        ("district-return", "760", "760"),
    ]
    assert told("thu") == [("district-list", "thu", "760"), ("district-list", "thu", "761")]


def test_a_units_past_is_what_the_whole_city_would_say_of_it():
    facts = DeliveredIndex.of((*LISTS_REACHED_WARDS, WHOLE, PART))
    whole = status(PROCESS, UNITS, ROUND, facts, AFTER, DAYS)

    for unit in UNITS:
        (mine,) = rounds_of_unit(PROCESS, UNITS, unit, [ROUND], facts, AFTER, DAYS)
        for ours, every in zip(mine.handoffs, whole.handoffs, strict=True):
            assert ours.entries == tuple(
                e for e in every.entries if unit.id in (e.owed.sender.id, unit_of(e).id)
            )
