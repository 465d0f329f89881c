"""Where many files wait, they are judged ahead of their turn, in processes of their own: what
becomes of them is what would have become of them one after the other."""

from __future__ import annotations

import errno
import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bhyt_filedrop.domain.drops.ids import WORK
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.edges.trees.local.tree import LocalTree
from bhyt_filedrop.wiring import journeys, judges
from bhyt_filedrop.wiring.books import open_books
from bhyt_filedrop.wiring.daemon import Running
from tests.journey.parties import form, kids
from tests.journey.site import DISTRICT, OTHER_DISTRICT, Site, copied
from tests.journey.test_arranged_debts import MORNING_AFTER, extend


@pytest.fixture
def sites(round_template: Path, tmp_path: Path) -> tuple[Site, Site]:
    """Two sites that have nothing before them."""
    return copied(round_template, tmp_path / "ahead"), copied(round_template, tmp_path / "alone")


@contextmanager
def judged_by(monkeypatch: pytest.MonkeyPatch, site: Site, count: int) -> Iterator[Running]:
    """The daemon with so many judges, who begin where two files wait."""

    def of_so_many(*known: Any) -> judges.Judges:
        return judges.Judges(*known[:3], count=count, many=2)

    monkeypatch.setattr(journeys, "Judges", of_so_many)
    with site.running() as running:
        yield running


def burst(site: Site) -> None:
    """Lists with and without faults, a correction, the same file again, and what is no list."""
    group, others = kids(site), kids(site)[:4]
    district, other = [c for c in group if c.ward in wards(site, DISTRICT)], others
    sent: Sequence[tuple[str, str, bytes]] = [
        (DISTRICT, "a.xlsx", form(site, "form-3", DISTRICT, district[:5])),
        (DISTRICT, "b.xlsx", form(site, "form-3", DISTRICT, district)),
        (OTHER_DISTRICT, "c.xlsx", form(site, "form-3", OTHER_DISTRICT, other, NO_BIRTH_DATE)),
        (DISTRICT, "d.exe", b"MZ"),
        (DISTRICT, "e.xlsx", form(site, "form-3", DISTRICT, district)),
        (OTHER_DISTRICT, "f.xlsx", form(site, "form-3", OTHER_DISTRICT, other)),
    ]
    first = time.time() - 1000
    for n, (unit, name, data) in enumerate(sent):
        path = site.drop(unit, name, data)
        os.utime(path, (first + n, first + n))


NO_BIRTH_DATE = ("row.birth-date-missing",)


def wards(site: Site, district: str) -> set[str]:
    return {ward.id for ward in site.units.children(district)}


def became(site: Site) -> list[tuple[object, ...]]:
    """What became of each file, without the ids that chance gave."""
    with closing(open_books(site.settings)) as books:
        drops = sorted(books.drops.arrivals(limit=100), key=lambda drop: drop.arrived_at)
        return [
            (
                drop.name,
                drop.state,
                [(one.code, one.cell) for one in books.drops.findings(drop.id)],
                [(one.key, one.state, one.version) for one in books.facts.lists_of(drop.id)],
                [kind for _, kind, _ in books.drops.history(drop.id)],
            )
            for drop in drops
            if not drop.is_own
        ]


def test_a_disk_that_fails_just_behind_the_taking_of_files_loses_none_that_are_judged_ahead(
    sites: tuple[Site, Site], monkeypatch: pytest.MonkeyPatch
):
    """The file is in the archive and out of the work area, and then its folder cannot be synced."""
    removing, failed = LocalTree.remove, set[str]()

    def remove(tree: LocalTree, path: str) -> None:
        removing(tree, path)
        if path.startswith(WORK) and path not in failed:
            failed.add(path)
            raise OSError(errno.EIO, "Input/output error")

    for site, count in zip(sites, (2, 0), strict=True):
        burst(site)
        with monkeypatch.context() as disk, judged_by(disk, site, count) as running:
            if count:
                disk.setattr(LocalTree, "remove", remove)
            for _ in range(2):
                running.daemon.workers["main"].work()
                site.clock.now += timedelta(minutes=30)

    assert len(failed) == 6
    ahead, alone = ([told[:-1] for told in became(site)] for site in sites)
    assert ahead == alone


def test_files_judged_ahead_become_what_they_become_one_after_the_other(
    sites: tuple[Site, Site], monkeypatch: pytest.MonkeyPatch
):
    for site, count in zip(sites, (2, 0), strict=True):
        burst(site)
        with judged_by(monkeypatch, site, count) as running:
            running.daemon.workers["main"].work()
            assert len(started(running)) == count

    ahead, alone = map(became, sites)
    assert [name for name, *_ in ahead] == [
        "a.xlsx",
        "b.xlsx",
        "c.xlsx",
        "d.exe",
        "e.xlsx",
        "f.xlsx",
    ]
    assert ahead == alone
    assert {state for _, state, *_ in ahead} >= {State.ACCEPTED, State.RETURNED}


def started(running: Running) -> list[int]:
    return [one._process.pid for one in running.journey.gathering.ahead._judges if one._process]


def test_a_judge_that_dies_costs_nobody_his_list(
    sites: tuple[Site, Site], monkeypatch: pytest.MonkeyPatch
):
    """Its files are judged by the daemon itself; for the next ones another is started."""
    site, alone = sites
    with judged_by(monkeypatch, site, 1) as running:
        ahead = running.journey.gathering.ahead
        begin = ahead.begin

        def begin_and_kill(*asked: object) -> None:
            begin(*asked)
            for pid in started(running)[:1]:
                os.kill(pid, signal.SIGKILL)

        ahead.begin = begin_and_kill
        burst(site)
        running.daemon.workers["main"].work()
    burst(alone)
    with judged_by(monkeypatch, alone, 0) as running:
        running.daemon.workers["main"].work()

    assert became(site) == became(alone)


def test_a_file_taken_ahead_and_not_judged_when_the_daemon_ended_is_judged_by_the_next(
    sites: tuple[Site, Site], monkeypatch: pytest.MonkeyPatch
):
    site, _ = sites
    burst(site)
    turns = iter([True] * 4)
    with judged_by(monkeypatch, site, 1) as running:
        running.daemon.workers["main"].work(lambda: next(turns, False))
    assert set(site.states().values()) > {State.CLAIMED}
    assert site.left_in_work() == []
    with judged_by(monkeypatch, site, 1) as running:
        site.clock.now += timedelta(minutes=1)
        running.daemon.workers["main"].work()

    assert State.CLAIMED not in site.states().values()


def test_what_was_extended_is_not_late_for_a_judge_either(
    sites: tuple[Site, Site], monkeypatch: pytest.MonkeyPatch
):
    for site, extended in zip(sites, (True, False), strict=True):
        site.clock.now = MORNING_AFTER
        if extended:
            assert extend(site, "2015-05-27").exit_code == 0
        for n in (8, 9):
            site.drop("cntt", f"{n}.xlsx", form(site, "form-2", "cntt", kids(site)[:n]))
        with judged_by(monkeypatch, site, 1) as running:
            running.daemon.workers["main"].work()
            assert len(started(running)) == 1

        dropped = [drop for drop in site.drops() if not drop.is_own]
        assert [drop.late for drop in dropped] == [not extended] * 2
