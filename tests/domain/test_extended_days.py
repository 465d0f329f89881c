"""Due dates as they hold: a later day shows wherever the dates of a round are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.lateness import LATENESS, Lateness, lateness
from bhyt_filedrop.domain.lists.records import ListKey, ListRecord
from bhyt_filedrop.domain.lists.states import ListState
from bhyt_filedrop.domain.owed.arrangements import Arrangement, ArrangementKind, Arrangements
from bhyt_filedrop.domain.owed.extended_days import DueDate, dates_that_hold
from bhyt_filedrop.domain.owed.ics import calendar, unit_calendar
from bhyt_filedrop.domain.owed.obligations import DeliveredIndex, status
from bhyt_filedrop.domain.process.calendar import WorkingDays, at, deadline
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import load
from bhyt_filedrop.wiring.declared import with_extensions, world_of
from tests.offices import LISTS_REACHED_WARDS, PROCESS, ROUND, UNITS, gave, moment

DAYS = WorkingDays()
WARD, NEIGHBOUR, FAR = "26734", "26740", "26767"
LAST = date(2015, 6, 24)


def extension(unit: str, until: date = LAST, receiver: str = "") -> Arrangement:
    made = moment(6, 17)
    kind = ArrangementKind.EXTENDED
    return Arrangement(1, kind, "ward-return", ROUND, unit, receiver, until, "mưa", "thu", made)


def held(*made: Arrangement) -> DueDate:
    found = dates_that_hold(PROCESS, UNITS, ROUND, DAYS, Arrangements.of(made))
    return next(one for one in found if one.handoff.id == "ward-return")


def test_without_an_extension_the_declared_days_hold():
    one = held()

    assert one.due and one.due.text == "chậm nhất ngày 15/06/2015"
    assert one.later == ()


def test_who_got_a_later_day_stands_beside_the_day_of_the_others():
    one = held(extension(WARD), extension(FAR, date(2015, 6, 20)))

    assert one.due and one.due.last_day == date(2015, 6, 15)
    assert [(x.due.last_day.day, [u.id for u in x.units]) for x in one.later] == [
        (20, [FAR]),
        (24, [WARD]),
    ]
    assert all(x.due.text.endswith("(đã gia hạn)") for x in one.later)


def test_a_day_given_to_all_is_the_day():
    one = held(extension(""))

    assert one.due and (one.due.last_day, one.due.extended, one.later) == (LAST, True, ())


def test_a_unit_is_told_of_its_own_later_day_alone():
    one = held(extension(WARD), extension(FAR, date(2015, 6, 20)))

    assert [u.id for x in one.seen_by(frozenset({FAR})).later for u in x.units] == [FAR]
    assert one.seen_by(None) == one


def test_the_calendar_of_all_offices_has_the_later_day_too():
    dates = dates_that_hold(PROCESS, UNITS, ROUND, DAYS, Arrangements.of([extension(WARD)]))
    text = calendar(PROCESS, dates, UNITS, DAYS, moment(6, 18)).replace("\r\n ", "")

    assert "UID:2015Q1-ward-return@bhyt-filedrop" in text
    assert "UID:2015Q1-ward-return-20150624@bhyt-filedrop" in text
    assert f"gia hạn: {UNITS.full_name(UNITS[WARD])}" in text.replace("\\,", ",")


def test_a_units_calendar_says_what_was_arranged():
    promised = replace(
        extension(WARD), kind=ArrangementKind.SNOOZED, until=date(2015, 6, 23), why="đã gọi"
    )
    known = DeliveredIndex.of(LISTS_REACHED_WARDS, (), (), [promised])
    state = status(PROCESS, UNITS, ROUND, known, moment(6, 18), DAYS)
    text = unit_calendar([state], WARD, PROCESS, DAYS, moment(6, 18)).replace("\r\n ", "")

    assert "hẹn nộp đến 23/06/2015 (đã gọi)" in text


def test_the_status_of_a_hand_off_that_all_got_a_later_day_for_says_that_day():
    known = DeliveredIndex.of(LISTS_REACHED_WARDS, (), (), [extension("")])
    found = status(PROCESS, UNITS, ROUND, known, moment(6, 18), DAYS)
    (one,) = (h for h in found.handoffs if h.handoff.id == "ward-return")

    assert one.deadline and one.deadline.text == "chậm nhất ngày 24/06/2015 (đã gia hạn)"


# --- late, as things stand -----------------------------------------------------------------------

DUE = deadline(PROCESS.handoffs["ward-return"].due, ROUND, DAYS)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def world() -> World:
    return replace(world_of(load(config_dir())), process=PROCESS, units=UNITS, days=DAYS)


def a_drop(at: datetime, *, late: bool) -> tuple[Drop, ListRecord]:
    key = ListKey("ward-return", ROUND, WARD, "760")
    record = ListRecord("D1", 0, key, "form-4", 3, "ab", ListState.ACCEPTED, 1, at, late)
    drop = Drop("D1", "main", "x.xlsx", WARD, 1, 0.0, "", at)
    return replace(drop, handoff="ward-return", round=ROUND, late=late), record


@pytest.mark.parametrize(
    ("after", "late", "made", "wanted"),
    [
        (timedelta(hours=-1), False, [extension(WARD)], Lateness.IN_TIME),
        (timedelta(days=2), True, [], Lateness.LATE),
        (timedelta(days=2), True, [extension(WARD)], Lateness.EXTENDED),
        (timedelta(days=2), False, [extension(WARD)], Lateness.EXTENDED),
        (timedelta(days=2), True, [extension(FAR)], Lateness.LATE),
        (timedelta(days=2), True, [extension("760")], Lateness.EXTENDED),
        (timedelta(days=2), True, [extension(WARD, receiver="760")], Lateness.EXTENDED),
        (timedelta(days=10), True, [extension(WARD)], Lateness.LATE),
        (timedelta(days=2), False, [], Lateness.IN_TIME),
    ],
    ids=[
        "in time", "late", "extended afterwards", "extended before", "another's", "its district's",
        "to its receiver", "after the extension", "a correction of what was in time",
    ],
)  # fmt: skip
def test_a_drop_is_late_only_where_no_extension_covers_it(
    after: timedelta, late: bool, made: list[Arrangement], wanted: Lateness, world: World
):
    drop, record = a_drop(DUE.instant + after, late=late)

    assert lateness(drop, lambda: [record], with_extensions(world, lambda: made)) is wanted


def test_of_a_drop_in_time_the_ledger_is_not_asked(world: World):
    drop, _ = a_drop(DUE.instant - timedelta(days=1), late=False)

    assert lateness(drop, lambda: pytest.fail("asked"), world) is Lateness.IN_TIME


@pytest.mark.parametrize(
    ("late", "made", "wanted"),
    [
        (True, [], Lateness.LATE),
        (False, [], Lateness.IN_TIME),
    ],
)
def test_of_a_late_drop_without_a_list_what_was_written_down_holds(
    late: bool, made: list[Arrangement], wanted: Lateness, world: World
):
    """A report, or a file that nobody could read."""
    drop, _ = a_drop(DUE.instant + timedelta(days=2), late=late)

    assert lateness(drop, list, with_extensions(world, lambda: made)) is wanted


@pytest.mark.parametrize("later", [0, 1])
def test_of_a_drop_of_two_lists_the_later_one_counts(later: int, world: World):
    """One list is of a unit that got a later day, the other of one that did not."""
    drop, mine = a_drop(DUE.instant + timedelta(days=2), late=True)
    others = replace(mine, key=replace(mine.key, sender=FAR, receiver="761"))
    lists = [mine, others] if later else [others, mine]

    found = lateness(drop, lambda: lists, with_extensions(world, lambda: [extension(WARD)]))

    assert found is Lateness.LATE


@pytest.mark.parametrize(("minutes", "wanted"), [(-1, Lateness.EXTENDED), (0, Lateness.LATE)])
def test_the_later_day_ends_at_its_midnight(minutes: int, wanted: Lateness, world: World):
    end = at(LAST + timedelta(days=1))
    drop, record = a_drop(end + timedelta(minutes=minutes), late=True)

    assert lateness(drop, lambda: [record], with_extensions(world, lambda: [extension(WARD)])) is (
        wanted
    )


def test_from_the_midnight_on_that_ends_the_last_day_an_extension_is_needed(world: World):
    """The very moment is after the day: it shows as extended, a minute before as in time."""
    known = with_extensions(world, lambda: [extension(WARD)])
    first, before = (a_drop(DUE.instant + timedelta(minutes=n), late=False) for n in (0, -1))

    assert lateness(first[0], lambda: [first[1]], known) is Lateness.EXTENDED
    assert lateness(before[0], lambda: [before[1]], known) is Lateness.IN_TIME


def test_only_what_needed_its_extension_is_said_to_have_come_in_it():
    """A drop in time has nothing said of it; the three are never one."""
    said = [LATENESS[one] for one in (Lateness.IN_TIME, Lateness.EXTENDED, Lateness.LATE)]

    assert said == [("", ""), ("trong hạn đã gia hạn", "in time, extended"), ("trễ", "late")]


def test_a_later_day_says_from_when_on_and_for_whom():
    (later,) = held(extension(WARD)).later

    assert later.as_json() == {
        "last_day": "2015-06-24", "late_from": "2015-06-25T00:00:00+07:00", "units": [WARD],
    }  # fmt: skip
    assert later.names(UNITS) == "Phường Tân Định, Quận 1"


@pytest.mark.parametrize(("minutes", "saved"), [(-1, False), (0, True)])
def test_what_came_with_the_midnight_after_the_declared_day_was_saved_by_its_extension(
    minutes: int, saved: bool
):
    came = moment(6, 16, 0) + timedelta(minutes=minutes)
    facts = DeliveredIndex.of(
        (*LISTS_REACHED_WARDS, gave("ward-return", WARD, "760", came)), (), (), [extension(WARD)]
    )
    found = status(PROCESS, UNITS, ROUND, facts, moment(6, 30), DAYS)
    every = (entry for handoff in found.handoffs for entry in handoff.entries)
    (one,) = (e for e in every if (e.owed.handoff.id, e.owed.sender.id) == ("ward-return", WARD))

    assert one.saved_by_extension is saved
