"""Whether a list is late is judged by when its file was there, not by when we found it."""

from __future__ import annotations

import os
from datetime import datetime, timedelta

import pytest

from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.ports import TryLater
from tests.journey.parties import letters
from tests.journey.site import DISTRICT, Site, people, workbook
from tests.journey.test_outcomes import failing

OFFICE = "cntt"
"""The office that owes its list first, by the end of 20 May."""
EVENING = datetime(2015, 5, 20, 17, tzinfo=ZONE)
MORNING = datetime(2015, 5, 21, 8, tzinfo=ZONE)


def hand_in(site: Site, written: datetime, name: str = "mẫu 2.xlsx", without: int = 0) -> None:
    """Put the office's list there, as written at some time."""
    group = people(site.units, DISTRICT)[without:]
    data = workbook(site.units, "form-2", OFFICE, group, scratch=site.directory)
    path = site.drop(OFFICE, name, data)
    os.utime(path, (written.timestamp(), written.timestamp()))


def look(site: Site, at: datetime) -> None:
    site.clock.now = at
    site.once()


@pytest.mark.parametrize(
    "written",
    [
        EVENING + timedelta(hours=3),
        pytest.param(EVENING - timedelta(days=9), id="copied with the time it had at home"),
    ],
)
def test_a_file_that_came_before_its_time_was_over_is_not_late_though_we_were_away(
    anywhere: Site, written: datetime
):
    look(anywhere, EVENING)
    hand_in(anywhere, written)
    look(anywhere, MORNING)

    drop = anywhere.only()
    assert not drop.late
    assert EVENING <= drop.arrived_at < MORNING - timedelta(hours=8)
    (away,) = [one for one in anywhere.facts(drop)["events"] if one["kind"] == "service-away"]
    assert datetime.fromisoformat(away["since"]) - EVENING < timedelta(seconds=1)


def test_a_file_that_came_after_its_time_was_over_is_late_though_we_were_away(site: Site):
    look(site, EVENING)
    hand_in(site, MORNING - timedelta(hours=1))
    look(site, MORNING)

    assert site.only().late
    assert site.only().arrived_at == MORNING - timedelta(hours=1)


def test_a_file_that_waits_for_its_quiet_time_over_midnight_came_before(site: Site):
    midnight = MORNING.replace(hour=0)
    site.set("quiet_seconds_without_lease = 0", "quiet_seconds_without_lease = 10")
    site.set("quiet_seconds = 0", "quiet_seconds = 10")
    with site.running() as running:
        worker = running.daemon.workers["main"]
        for second, steady in ((-20, 0.0), (-5, 15.0), (10, 30.0)):
            if second == -5:
                hand_in(site, midnight - timedelta(seconds=8))
            site.clock.now = midnight + timedelta(seconds=second)
            worker.steady = lambda steady=steady: steady
            worker.work()

    assert site.only().arrived_at == midnight - timedelta(seconds=8)
    assert not site.only().late
    assert "service-away" not in {one["kind"] for one in site.facts(site.only())["events"]}


def test_while_a_tree_is_out_of_reach_its_files_come_when_they_come(site: Site):
    with site.running() as running:
        worker = running.daemon.workers["main"]
        site.clock.now = EVENING
        worker.work()
        hand_in(site, EVENING + timedelta(hours=1))
        walk = failing(running, "walk_all", TryLater("main: connection refused"))
        site.clock.now = EVENING + timedelta(hours=9)
        worker.work()
        walk.restore()
        site.clock.now = MORNING
        worker.work()

    assert site.only().arrived_at == EVENING + timedelta(hours=1)
    assert not site.only().late


@pytest.mark.parametrize(("first", "late"), [(EVENING, False), (MORNING, True)])
def test_a_correction_is_late_only_where_what_it_corrects_was(
    site: Site, first: datetime, late: bool
):
    """The status never calls it late; so do not its letters, however often it is corrected."""
    hand_in(site, first - timedelta(hours=1))
    look(site, first)
    for day in (1, 2):
        again = MORNING + timedelta(days=day)
        hand_in(site, again - timedelta(hours=1), f"mẫu 2 sửa {day}.xlsx", without=day)
        look(site, again)

    assert [drop.late for drop in site.drops()] == [late] * 3
    assert [one.context["late"] for one in letters(site, "receipt", OFFICE)] == [late] * 3
