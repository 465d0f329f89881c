"""When a file came: between two looks, and in doubt as early as can be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bhyt_filedrop.domain.drops.coming import came_at, was_away

LAST = datetime(2015, 5, 20, 17, tzinfo=UTC)
NOW = datetime(2015, 5, 21, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


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
