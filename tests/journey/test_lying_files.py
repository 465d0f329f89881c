"""No file lies in its folder in silence: what cannot be taken is told, shown and named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from bhyt_filedrop.cli import cli
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.ports import ClosedFile, TryLater
from bhyt_filedrop.wiring.daemon import Running
from tests.journey.parties import letters
from tests.journey.scenes import form_3
from tests.journey.site import DISTRICT, Site
from tests.journey.test_outcomes import failing

HOUR = 3600.0


def look(site: Site, running: Running, steady: float) -> None:
    """Look once, so many seconds after the start by both clocks."""
    worker = running.daemon.workers["main"]
    before = worker.steady()
    worker.steady = lambda: steady
    site.clock.now += timedelta(seconds=max(0.0, steady - before))
    worker.work()


@contextmanager
def started(site: Site) -> Iterator[Running]:
    """The daemon with its steady clock at nought."""
    with site.running() as running:
        running.daemon.workers["main"].steady = lambda: 0.0
        yield running


def told(site: Site, *call: str) -> str:
    done = CliRunner().invoke(cli, [*call, "--config", str(site.config)])
    return done.output


def waits(site: Site) -> list[Any]:
    return [one for one in letters(site, "notice") if one.key.startswith("notice/file-waits/")]


def test_a_file_that_somebody_keeps_open_is_shown_and_told_once_and_taken_when_it_is_closed(
    site: Site,
):
    path = site.drop(DISTRICT, "đang mở.xlsx", form_3(site))
    with started(site) as running, path.open("ab"):
        look(site, running, 0)
        assert "đang mở.xlsx" not in told(site, "status")
        look(site, running, 700)
        assert "đang mở.xlsx" in told(site, "status")
        assert waits(site) == []
        for hours in (4.1, 5, 30):
            look(site, running, hours * HOUR)
        (letter,) = waits(site)
        assert letter.unit == DISTRICT
        assert "đang mở.xlsx" in letter.context["title"]
        (shown,) = json.loads(told(site, "status", "--json"))["lying"]
        assert (shown["unit"], shown["why"]) == (DISTRICT, "open")
        assert "đang mở" in told(site, "explain", str(path))
        assert "đang mở.xlsx" in told(site, "doctor")
    site.once()

    assert site.states() == {"đang mở.xlsx": State.ACCEPTED}
    assert json.loads(told(site, "status", "--json"))["lying"] == []


def test_after_a_start_a_file_lies_there_since_it_was_first_seen(site: Site):
    path = site.drop(DISTRICT, "đang mở.xlsx", form_3(site))
    with path.open("ab"):
        with started(site) as running:
            look(site, running, 0)
            look(site, running, 2 * HOUR)
        with started(site) as running:
            look(site, running, 0)
            look(site, running, 2.1 * HOUR)
            look(site, running, 30 * HOUR)

    assert len(waits(site)) == 1


def test_a_file_that_goes_on_growing_is_told_after_hours(anywhere: Site):
    data = form_3(anywhere)
    path = anywhere.drop(DISTRICT, "đang gửi.xlsx", data[:2000])
    with started(anywhere) as running:
        for n in range(10):
            look(anywhere, running, n * HOUR / 2)
            with path.open("ab") as file:
                file.write(data[2000 + n * 100 : 2100 + n * 100])

    assert [one.unit for one in waits(anywhere)] == [DISTRICT]
    assert "đang gửi.xlsx" in told(anywhere, "status")


@pytest.mark.parametrize("ending", [".filepart", ".part", ".crdownload"])
def test_what_a_broken_upload_left_over_is_told_to_its_sender(anywhere: Site, ending: str):
    anywhere.drop(DISTRICT, f"mẫu 3.xlsx{ending}", form_3(anywhere)[:3000])
    with started(anywhere) as running:
        look(anywhere, running, 0)
        look(anywhere, running, 3.9 * HOUR)
        assert waits(anywhere) == []
        look(anywhere, running, 4.1 * HOUR)

    (letter,) = waits(anywhere)
    assert letter.unit == DISTRICT
    assert "gửi lại" in letter.context["paragraphs"][2]
    assert anywhere.drops() == []


@pytest.mark.parametrize("error", [ClosedFile("main: Permission denied"), TryLater("main: ?")])
def test_a_file_that_cannot_be_read_is_shown_and_an_admin_hears_at_once_of_missing_rights(
    site: Site, error: Exception
):
    site.drop(DISTRICT, "một.xlsx", form_3(site))
    with started(site) as running:
        failing(running, "read_range", error)
        look(site, running, 0)
        keys = [k for k in site.letter_keys() if k.startswith("notice/folders-closed/")]
        assert len(keys) == isinstance(error, ClosedFile)
        site.drop(DISTRICT, "hai.xlsx", form_3(site))
        look(site, running, 601)
        look(site, running, 1300)
        keys = [k for k in site.letter_keys() if k.startswith("notice/folders-closed/")]
        assert len(keys) == 2 * isinstance(error, ClosedFile), "each is told on the day it comes"

    shown = told(site, "status")
    assert "một.xlsx" in shown and "hai.xlsx" in shown


def test_a_folder_deeper_than_anybodys_filing_is_told(site: Site):
    below = "/".join(["a"] * 101)
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site), below=below)
    site.once()

    assert "a/a/a" in told(site, "status")
    assert any(key.startswith("notice/folders-closed/") for key in site.letter_keys())


def test_the_digest_tells_what_lies_there(site: Site):
    path = site.drop(DISTRICT, "đang mở.xlsx", form_3(site))
    with started(site) as running, path.open("ab"):
        look(site, running, 0)
        look(site, running, 700)
        site.clock.now = site.clock.now.replace(month=5, day=21, hour=8, minute=30)
        look(site, running, 800)
        running.daemon.tick()
    (digest,) = letters(site, "digest")

    assert [line for line in digest.context["lying"] if "đang mở.xlsx" in line]
