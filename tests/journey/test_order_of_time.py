"""Of two files of one unit the later one is the correction, whatever their names are."""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bhyt_filedrop.domain.drops.coming import behind
from bhyt_filedrop.domain.drops.ids import WORK
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.ports import TryLater
from tests.journey.parties import letters
from tests.journey.scenes import form_3
from tests.journey.site import DISTRICT, Site

NOW = datetime(2015, 4, 21, 9, tzinfo=ZONE)
YESTERDAY = time.time() // 60 * 60 - 86_400
"""Some time of a file, in seconds. Servers that know no more than LIST tell the minute of files of
these months, of older ones the day."""


def drop_at(site: Site, name: str, count: int, second: int) -> Path:
    """Put a district's list of so many children there, last written at a second."""
    path = site.drop(DISTRICT, name, form_3(site, count=count))
    os.utime(path, (YESTERDAY + second, YESTERDAY + second))
    return path


def in_force(site: Site) -> list[tuple[str, int]]:
    """The lists that stand: file and children."""
    shown = [one for drop in site.drops() for one in site.facts(drop)["lists"]]
    return [(one["file"], one["rows"]) for one in shown if one["state"] == "accepted"]


def test_of_two_files_seen_together_the_later_one_stands(anywhere: Site):
    drop_at(anywhere, "mau 3.xlsx", 8, 0)
    drop_at(anywhere, "mau 3 (sua).xlsx", 6, 120)
    drop_at(anywhere, "a ban dau.xlsx", 7, -120)
    anywhere.once()

    assert in_force(anywhere) == [("mau 3 (sua).xlsx", 6)]


def test_a_correction_whose_name_sorts_first_is_taken_last(anywhere: Site):
    drop_at(anywhere, "ban sua.xlsx", 6, 3600)
    drop_at(anywhere, "mau 3.xlsx", 8, 0)
    anywhere.once()

    assert in_force(anywhere) == [("ban sua.xlsx", 6)]


def test_of_the_same_second_the_name_decides_as_people_count(site: Site):
    for n, name in enumerate(("mau 3 lan 10", "mau 3 lan 2", "mau 3")):
        drop_at(site, f"{name}.xlsx", 6 + n, 0)
    site.once()

    assert in_force(site) == [("mau 3 lan 10.xlsx", 6)]


def test_the_receipt_and_the_receiver_s_letter_name_the_file_that_was_replaced(site: Site):
    drop_at(site, "mau 3.xlsx", 8, 0)
    drop_at(site, "mau 3 (sua).xlsx", 6, 120)
    site.once()

    assert [one.context["replaced"] for one in letters(site, "receipt")] == [
        [],
        ["mau 3.xlsx (nhận 08:30 ngày 20/04/2015)"],
    ]
    plain = [body for mail in site.mails() if (body := mail.get_body(("plain",)))]
    assert sum("Thay cho: mau 3.xlsx (nhận" in one.get_content() for one in plain) == 2


def test_an_older_file_that_was_held_up_does_not_take_the_later_one_s_place(
    site: Site, monkeypatch: pytest.MonkeyPatch
):
    """Both are seen in one look; the older one cannot be fetched at first."""
    drop_at(site, "mau 3.xlsx", 8, 0)
    drop_at(site, "mau 3 (sua).xlsx", 6, 120)
    with site.running() as running:
        tree = running.trees["main"]
        fetch = tree.fetch
        asked: list[str] = []

        def fetch_later(path: str, to: Path) -> None:
            asked.extend([path] if path.startswith(WORK) else [])
            if len(asked) == 1:
                raise TryLater("busy")
            fetch(path, to)

        monkeypatch.setattr(tree, "fetch", fetch_later)
        running.daemon.workers["main"].work()
        site.clock.now += timedelta(minutes=1)
        running.daemon.workers["main"].work()

    assert len(asked) == 3
    assert in_force(site) == [("mau 3 (sua).xlsx", 6)]
    assert {drop.state for drop in site.drops()} == {State.ACCEPTED}


@pytest.mark.parametrize("restarted", [False, True])
def test_a_correction_that_keeps_an_older_time_is_still_the_later_file(site: Site, restarted: bool):
    """The first list was written while the first look was under way; the correction is copied with
    the time that it had at home."""
    site.once()
    site.clock.now = NOW
    path = site.drop(DISTRICT, "mau 3.xlsx", form_3(site, count=8))
    os.utime(path, (NOW.timestamp() + 0.5, NOW.timestamp() + 0.5))
    with site.running() as running:
        worker = running.daemon.workers["main"]
        worker.looks.looked("main", NOW - timedelta(minutes=1))
        site.clock.now = NOW + timedelta(seconds=1)
        worker.work()
        if restarted:
            worker.looks.looked("main", NOW)
        else:
            path = site.drop(DISTRICT, "mau 3 (sua).xlsx", form_3(site, count=6))
            os.utime(path, (NOW.timestamp() - 86_400,) * 2)
            site.clock.now = NOW + timedelta(seconds=20)
            worker.work()
    if restarted:
        path = site.drop(DISTRICT, "mau 3 (sua).xlsx", form_3(site, count=6))
        os.utime(path, (NOW.timestamp() - 86_400,) * 2)
        site.once()

    assert in_force(site) == [("mau 3 (sua).xlsx", 6)]


@pytest.mark.parametrize("back", [timedelta(minutes=59), timedelta(hours=20)])
def test_a_correction_that_comes_while_the_clock_has_fallen_back_is_still_the_later_file(
    site: Site, back: timedelta
):
    """A time server that was wrong, a machine that was restored: the list is not the older one."""
    site.drop(DISTRICT, "mau 3.xlsx", form_3(site, count=8))
    site.once()
    site.clock.now -= back
    site.drop(DISTRICT, "mau 3 (sua).xlsx", form_3(site, count=6))
    site.once()

    assert in_force(site) == [("mau 3 (sua).xlsx", 6)]
    first, second = site.drops()
    assert timedelta() < second.arrived_at - first.arrived_at < timedelta(seconds=1)


def test_a_time_far_ahead_that_a_broken_clock_wrote_leads_no_later_file_there():
    assert behind(NOW + timedelta(days=900), NOW) == NOW
    assert NOW < behind(NOW, NOW) < NOW + timedelta(seconds=1)
