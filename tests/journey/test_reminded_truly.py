"""No letter says that a list has not come before anybody looked for it, and found it judged."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bhyt_filedrop.domain.owed.obligations import Want
from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.ports import TryLater
from bhyt_filedrop.wiring.daemon import Running
from bhyt_filedrop.wiring.rounds import status_of
from bhyt_filedrop.work.rounds.reminding import LONGEST_WAIT
from tests.journey.site import ROUND, Site
from tests.journey.test_outcomes import failing

EIGHT = datetime(2015, 5, 21, 8, tzinfo=ZONE)
"""The morning after the day on which the first office owed its lists."""
FIRST = "cntt"
NO_LIST = b"MZ" + bytes(200)


@pytest.fixture
def morning(site: Site) -> Site:
    site.clock.now = EIGHT
    return site


def no_pause(_seconds: float) -> None:
    """Wait for nothing."""


def receivers(running: Running) -> set[str]:
    """The units that letters of this moment go to."""
    return {one.unit for one in running.daemon.reminding.owed_at(running.daemon.clock())}


def test_nobody_is_reminded_before_the_folders_were_looked_over_since_the_hour(morning: Site):
    with morning.running() as running:
        assert receivers(running) == set()

        morning.clock.now = EIGHT - timedelta(minutes=1)
        running.daemon.workers["main"].work()
        morning.clock.now = EIGHT
        assert receivers(running) == set(), "a look from before the hour says nothing of it"

        running.daemon.workers["main"].work()
        assert FIRST in receivers(running)


def test_while_a_tree_is_out_of_reach_an_admin_hears_after_two_hours_and_no_unit(morning: Site):
    with morning.running() as running:
        failing(running, "walk_all", TryLater("main: connection refused"))
        running.daemon.workers["main"].work()
        assert receivers(running) == set()

        morning.clock.now = EIGHT + LONGEST_WAIT
        letters = running.daemon.reminding.owed_at(morning.clock())

    told = [one for one in letters if one.kind == "notice"]
    assert [one.unit for one in told] == [running.world.process.admin]
    assert not any(one.context.get("items") or one.context.get("escalated") for one in letters)


def test_a_unit_whose_file_is_not_judged_yet_is_neither_reminded_nor_named_to_others(
    morning: Site,
):
    morning.drop(FIRST, "mẫu 2.xlsx", NO_LIST)
    with morning.running() as running:
        fetch = failing(running, "fetch", TryLater("main: no answer"))
        running.daemon.once(no_pause)
        letters = running.daemon.reminding.owed_at(morning.clock())
        fetch.restore()

    assert not any(one.context.get("items") for one in letters if one.unit == FIRST)
    assert not any(round_["to_act_on"] for one in letters for round_ in one.context["rounds"])


def test_a_file_that_went_back_is_told_as_such_by_the_status(morning: Site):
    morning.drop(FIRST, "mẫu 2.xlsx", NO_LIST)
    morning.once()
    with morning.running() as running:
        told = status_of(running.world, running.books, ROUND, EIGHT + timedelta(hours=1))

    wants = {e.want for one in told.handoffs for e in one.entries if e.owed.sender.id == FIRST}
    assert Want.SENT_BACK in wants and Want.NOTHING_CAME not in wants
