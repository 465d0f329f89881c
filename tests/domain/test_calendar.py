"""Due dates against the notices' own words, and against the two Tết that moved one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bhyt_filedrop.domain.process.calendar import (
    WorkingDays,
    at,
    closes,
    deadline,
    next_whole_round,
    open_rounds,
    opens,
)
from bhyt_filedrop.domain.process.handoffs import Due
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.edges.holidays import working_days
from tests.offices import PROCESS, a_process, handoff, moment

PLAIN = WorkingDays()
VIETNAM = working_days()


def test_by_the_15th_includes_the_15th_until_midnight():
    due = deadline(Due(2, 15), Round(2015, 1), PLAIN)

    assert due.last_day == date(2015, 5, 15)
    assert due.instant == moment(5, 16, 0)
    assert due.text == "chậm nhất ngày 15/05/2015"


def test_before_the_25th_ends_with_the_24th():
    due = deadline(Due(3, 25, before=True), Round(2015, 1), PLAIN)

    assert due.last_day == date(2015, 6, 24)
    assert due.instant == moment(6, 25, 0)
    assert due.text == "trước ngày 25/06/2015"


@pytest.mark.parametrize(
    ("round", "month", "expected"),
    [
        (Round(2015, 1), 2, date(2015, 5, 15)),
        (Round(2015, 2), 2, date(2015, 8, 15)),
        (Round(2015, 3), 3, date(2015, 12, 15)),
        (Round(2015, 4), 2, date(2016, 2, 15)),
        (Round(2015, 4), 3, date(2016, 3, 15)),
        (Round(2015, 4), 1, date(2016, 1, 15)),
    ],
)
def test_month_k_is_counted_in_the_quarter_after_the_rounds_own(round, month, expected):
    assert deadline(Due(month, 15), round, PLAIN).last_day == expected


def test_a_day_that_the_month_lacks_is_its_last_day():
    assert deadline(Due(2, 31), Round(2015, 4), PLAIN).last_day == date(2016, 2, 29)


@pytest.mark.parametrize(
    ("round", "rolled"),
    [(Round(2017, 4), date(2018, 2, 21)), (Round(2025, 4), date(2026, 2, 23))],
)
def test_tet_moves_a_rolling_due_date_to_the_first_working_day_after_it(round, rolled):
    """15/02/2018 and 15/02/2026: the two years in which Tết costs more than a weekend."""
    due = deadline(Due(2, 15, roll="next"), round, VIETNAM)

    assert due.last_day == rolled
    assert due.instant == at(rolled + timedelta(days=1))


def test_without_rolling_a_due_date_stands_even_on_tet():
    assert deadline(Due(2, 15), Round(2017, 4), VIETNAM).last_day == date(2018, 2, 15)


def test_a_strict_date_is_never_extended():
    sunday = Due(on=date(2015, 5, 3), before=True, roll="next")

    due = deadline(sunday, Round(2015, 1), PLAIN)

    assert due.last_day == date(2015, 5, 2)
    assert due.instant == moment(5, 3, 0)


def test_a_fixed_date_belongs_to_one_round_only():
    process = a_process(handoff("report", "thu", "board", Due(on=date(2020, 7, 10))))

    assert deadline(process.handoffs["report"].due, Round(2020, 2), PLAIN).last_day == date(
        2020, 7, 10
    )
    assert closes(process, Round(2020, 2), PLAIN) == date(2020, 8, 9)
    assert closes(process, Round(2020, 1), PLAIN) == Round(2020, 2).last_day + timedelta(days=30)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (moment(3, 31, 23, 59), [Round(2014, 4)]),
        (moment(4, 1, 0), [Round(2014, 4), Round(2015, 1)]),
        (moment(4, 23, 23, 59), [Round(2014, 4), Round(2015, 1)]),
        (moment(4, 24, 0), [Round(2015, 1)]),
        (moment(7, 25, 0), [Round(2015, 2)]),
    ],
)
def test_a_round_takes_lists_from_its_opening_to_the_end_of_its_grace(now, expected):
    assert list(open_rounds(now, PROCESS, PLAIN)) == expected


def test_a_round_may_open_in_a_later_month():
    assert opens(a_process(open_from_month=2), Round(2015, 4)) == date(2016, 2, 1)


# --- working days ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2015, 5, 4), True),
        (date(2015, 5, 2), False),  # a Saturday
        (date(2015, 4, 29), False),  # bridged …
        (date(2015, 4, 25), True),  # … and paid for by this Saturday
        (date(2015, 1, 2), False),
        (date(2014, 12, 27), True),  # in the year before the day it pays for
        (date(2019, 1, 5), True),  # in the year after it
        (date(2018, 12, 31), False),
        (date(2026, 4, 27), False),  # compensation: Giỗ Tổ fell on a Sunday
        (date(2018, 2, 20), False),
        (date(2018, 2, 21), True),
    ],
)
def test_days_off_swapped_saturdays_and_compensation_days_are_known(day, worked):
    assert VIETNAM.is_working(day) is worked


def test_the_offices_own_list_goes_before_the_packages():
    own = working_days(
        {
            "2026": {"off": [date(2026, 1, 2)], "work": [date(2026, 1, 10)]},
            "2027": {"whole": True, "off": [date(2027, 3, 1)]},
        }
    )

    assert not own.is_working(date(2026, 1, 2))
    assert own.is_working(date(2026, 1, 10))
    assert not own.is_working(date(2026, 2, 16)), "the package's Tết still counts"
    assert own.is_working(date(2027, 1, 1)), "but not in a year told whole"
    assert not own.is_working(date(2027, 3, 1))


def test_every_wrong_key_of_the_holiday_file_is_named_at_once():
    with pytest.raises(ValueError) as caught:
        working_days(
            {
                "Tết": {},
                "2026": {"off": ["mai"], "work": [date(2027, 1, 1)], "whole": 1, "of": []},
            }
        )

    told = str(caught.value).splitlines()
    assert len(told) == 5
    assert told[0].startswith("Tết:")
    assert any("2026.of" in line for line in told)


@given(st.dates(date(2010, 1, 1), date(2030, 1, 1)), st.integers(1, 12))
@settings(max_examples=60)
def test_the_nth_working_day_has_n_working_days_up_to_it(day, n):
    later = VIETNAM.count_after(day, n)

    assert VIETNAM.is_working(later)
    assert VIETNAM.between(day, later) == n


@given(st.dates(date(2010, 1, 1), date(2030, 1, 1)))
@settings(max_examples=60)
def test_no_working_day_lies_between_a_day_and_the_next_working_one(day):
    later = VIETNAM.next_working(day)
    earlier = VIETNAM.previous_working(day)

    assert earlier <= day <= later
    assert VIETNAM.is_working(later) and VIETNAM.is_working(earlier)
    assert (later == day) == (earlier == day) == VIETNAM.is_working(day)


@pytest.mark.parametrize(
    ("today", "first"),
    [
        (date(2015, 4, 2), Round(2015, 1)),
        (date(2015, 5, 14), Round(2015, 1)),
        (date(2015, 5, 21), Round(2015, 2)),
        (date(2015, 6, 30), Round(2015, 2)),
        (date(2015, 12, 31), Round(2015, 4)),
    ],
)
def test_a_new_site_begins_with_the_round_of_which_nothing_is_due_yet(today: date, first: Round):
    assert next_whole_round(today, PROCESS, PLAIN) == first
