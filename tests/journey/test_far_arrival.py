"""Arrival on a far tree, where nobody can ask who writes: only listings tell, one after another."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.wiring.daemon import Running
from tests.journey.remote_site import far_tree
from tests.journey.scenes import form_3
from tests.journey.site import DISTRICT, Site, copied
from tests.journey.test_arrival import EXE, look_at
from tests.servers.faults import HOST, Fault, FaultProxy, Harm, Toward

pytestmark = pytest.mark.server

KINDS = ("openssh", "vsftpd", "pyftpdlib-tls")
QUIET = 10.0


@pytest.fixture(params=KINDS)
def site(request: pytest.FixtureRequest, site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The small site behind a server, files having to be still for ten seconds."""
    far = far_tree(request.param)
    for name, value in far.environment.items():
        monkeypatch.setenv(name, value)
    if request.param != "openssh":  # which shows every place
        site = copied(site.directory, far.home())
    return far.serve(_unhurried(site))


def _unhurried(site: Site) -> Site:
    site.set("quiet_seconds_without_lease = 0", f"quiet_seconds_without_lease = {QUIET:g}")
    return site


@pytest.fixture
def running(site: Site) -> Iterator[Running]:
    with site.running() as running:
        yield running


def test_a_file_that_grows_between_two_listings_waits_until_it_stands_still(
    site: Site, running: Running
):
    data = form_3(site)
    for n, part in enumerate((1000, 3000)):
        site.drop(DISTRICT, "mẫu 3.xlsx", data[:part])
        assert look_at(running, n * QUIET).settled == ()
    site.drop(DISTRICT, "mẫu 3.xlsx", data)
    assert look_at(running, 2 * QUIET).settled == ()
    assert look_at(running, 3 * QUIET - 1).settled == ()
    assert site.drops() == []

    assert len(look_at(running, 3 * QUIET).settled) == 1
    assert site.only().state is State.ACCEPTED


def test_a_file_that_stands_still_and_is_not_whole_waits_for_the_patience(
    site: Site, running: Running
):
    """An upload that stalled: size and time are still, but the zip has no end."""
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site)[:3000])
    assert [look_at(running, n * QUIET).settled for n in range(4)] == [()] * 4

    assert len(look_at(running, 601.0).settled) == 1
    assert site.codes(site.only()) == ["file.damaged"]


def test_a_file_replaced_by_one_of_the_same_size_is_a_new_file(site: Site, running: Running):
    path = site.drop(DISTRICT, "tệp.exe", EXE)
    os.utime(path, (1_400_000_000, 1_400_000_000))
    assert look_at(running, 0.0).settled == ()
    site.drop(DISTRICT, "tệp.exe", EXE)

    assert look_at(running, QUIET).settled == ()
    assert len(look_at(running, 2 * QUIET).settled) == 1


@pytest.mark.parametrize("hours", [-30, 9, 24 * 400])
def test_a_server_whose_clock_is_wrong_by_hours_or_days_delays_nothing(
    site: Site, running: Running, hours: int
):
    """Its times are only compared with themselves; when a file came is told by our own clock."""
    path = site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    wrong = time.time() + hours * 3600
    os.utime(path, (wrong, wrong))
    assert look_at(running, 0.0).settled == ()
    assert len(look_at(running, QUIET).settled) == 1

    drop = site.only()
    assert (drop.state, drop.late) == (State.ACCEPTED, False)
    assert abs((drop.arrived_at - site.clock.now).total_seconds()) < 1


def test_a_folder_of_ten_thousand_files_is_listed_whole_in_seconds(site: Site, running: Running):
    folder = site.folder(DISTRICT) / "đổ vào"
    folder.mkdir()
    for n in range(10_000):
        (folder / f"danh sách {n}.exe").write_bytes(EXE)
    worker = running.daemon.workers["main"]

    begun = time.monotonic()
    look = worker.sweep.look(running.world.routes, 0.0)
    took = time.monotonic() - begun

    assert (look.waiting, look.settled) == (10_000, ())
    assert took < 120


def test_a_listing_that_failed_starts_no_file_s_quiet_time_anew(
    template: Path, shared_reader: None, monkeypatch: pytest.MonkeyPatch
):
    server = far_tree("pyftpdlib-tls")
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    there = server.serve(_unhurried(copied(template, server.home())), HOST)
    line = FaultProxy([server.port, *server.data_ports])
    there.drop(DISTRICT, "tệp.exe", EXE)
    with there.running() as running:
        worker = running.daemon.workers["main"]
        assert look_at(running, 0.0).settled == ()
        line.strike(Fault(Harm.CUT, Toward.CLIENT, 0, lasting=True))
        worker.steady = lambda: QUIET / 2
        assert worker.work() is None
        line.heal()
        assert len(look_at(running, QUIET).settled) == 1
    line.close()

    assert there.only().state is State.RETURNED
