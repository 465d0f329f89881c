"""When a file came: between two looks, and in doubt as early as can be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bhyt_filedrop.domain.drops.coming import behind, came_at, was_away

LAST = datetime(2015, 5, 20, 17, tzinfo=UTC)
NOW = datetime(2015, 5, 21, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("written", "since", "came"),
    [
        (NOW - HOUR, LAST, NOW - HOUR),  # its own time, where that can be
        (LAST - 90 * 24 * HOUR, LAST, LAST),  # copied with the time that it had at home
        (NOW + 7 * HOUR, LAST, LAST),  # a server that tells Hanoi's time as if it were Greenwich's
        (NOW + 90 * 24 * HOUR, LAST, NOW),  # a clock that is broken
        (NOW - HOUR, None, NOW),  # the first look ever: nobody knows since when
        (NOW - HOUR, NOW + HOUR, NOW),  # our own clock was put back
    ],
)
def test_a_file_came_when_its_time_says_between_two_looks(
    written: datetime, since: datetime | None, came: datetime
):
    assert came_at(written.timestamp(), since, NOW) == came


def test_a_time_that_no_calendar_has_says_nothing():
    assert came_at(1e300, LAST, NOW) == LAST


def test_the_service_was_away_where_nobody_looked_for_longer_than_a_pause():
    assert was_away(LAST, NOW)
    assert not was_away(NOW - timedelta(minutes=5), NOW)
    assert not was_away(None, NOW)


@pytest.mark.parametrize(
    ("ahead", "earliest"),
    [
        (-HOUR, NOW - HOUR + TICK),
        (timedelta(0), NOW + TICK),
        (48 * HOUR, NOW + 48 * HOUR + TICK),
        (48 * HOUR + TICK, NOW),
    ],
    ids=["as it should be", "this moment", "a clock put back by two days", "a broken clock before"],
)
def test_a_file_comes_after_the_one_before_it_though_a_clock_fell_back(
    ahead: timedelta, earliest: datetime
):
    assert behind(NOW + ahead, NOW) == earliest


@pytest.mark.parametrize(("minutes", "away"), [(15, False), (16, True)])
def test_a_quarter_of_an_hour_without_a_look_is_no_absence(minutes: int, away: bool):
    assert was_away(NOW - timedelta(minutes=minutes), NOW) is away


@pytest.mark.parametrize(
    ("written", "came"),
    [(NOW, NOW), (NOW + 24 * HOUR, LAST), (NOW + 24 * HOUR + timedelta(seconds=1), NOW),
     (LAST, LAST), (LAST - HOUR, LAST)],
)  # fmt: skip
def test_a_time_of_another_zone_is_less_than_a_day_ahead(written: datetime, came: datetime):
    assert came_at(written.timestamp(), LAST, NOW) == came
