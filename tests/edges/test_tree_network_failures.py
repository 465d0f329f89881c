"""The network fails in each step of each protocol: nothing is half seen, lost, or done twice.

docs/network-failures.md lists the failures; each of its rows names a test of this file.
"""

from __future__ import annotations

import contextlib
import gc
import itertools
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bhyt_filedrop.ports import Tree, TryLater
from tests.servers.faults import Fault, Harm, Toward
from tests.servers.kinds import KINDS as KINDS_OF_TREE
from tests.servers.proxied import HASTY, Proxied, proxied
from tests.waiting import until

KINDS = ("openssh", "asyncssh", "vsftpd", "vsftpd-tls", "pyftpdlib", "pyftpdlib-tls")
REAL = ("openssh", "vsftpd", "vsftpd-tls", "pyftpdlib-tls")
"""One of each protocol, for the tests of every step in every manner."""
FTP = ("vsftpd", "vsftpd-tls", "pyftpdlib")
PLAIN_FTP = ("vsftpd", "pyftpdlib")

DROP = os.urandom(200_000)
DELIVERY = os.urandom(200_000)


@pytest.fixture(params=KINDS)
def far(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Proxied]:
    with proxied(request.param, tmp_path) as site:
        yield with_a_drop(site)


@pytest.fixture(params=KINDS)
def stalling(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Proxied]:
    """The same, in a hurry: a stall is given up after HASTY seconds."""
    with proxied(request.param, tmp_path, HASTY) as site:
        yield with_a_drop(site)


def with_a_drop(site: Proxied) -> Proxied:
    (site.disk / "Quận 1").mkdir()
    (site.disk / "Quận 1").chmod(0o777)
    (site.disk / "Quận 1/a.xlsx").write_bytes(DROP)
    return site


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(DELIVERY)
    return path


# --- the steps of a drop, and what must hold after each, whatever happened ------------------------


def listing(tree: Tree, tmp_path: Path, source: Path) -> None:
    assert [s.size for s in tree.walk("Quận 1")] == [len(DROP)]


def fetching(tree: Tree, tmp_path: Path, source: Path) -> None:
    tree.fetch("Quận 1/a.xlsx", tmp_path / "copy")


def claiming(tree: Tree, tmp_path: Path, source: Path) -> None:
    assert tree.claim("Quận 1/a.xlsx", ".work/0001/a.xlsx")


def putting(tree: Tree, tmp_path: Path, source: Path) -> None:
    tree.put(source, "Quận 1/Trả lại/b.xlsx")


STEPS = (listing, fetching, claiming, putting)
Step = Callable[[Tree, Path, Path], None]


def nothing_is_half_or_twice(far: Proxied, tmp_path: Path) -> None:
    """What parties and the archive see is whole; the drop stands in exactly one place."""
    drops = [far.disk / "Quận 1/a.xlsx", far.disk / ".work/0001/a.xlsx"]
    assert [d.read_bytes() for d in drops if d.exists()] == [DROP]
    shown = [f for f in (far.disk / "Quận 1").rglob("[!.]*") if f.is_file()]
    assert {f.name for f in shown} <= {"a.xlsx", "b.xlsx"}
    assert all(f.read_bytes() == DELIVERY for f in shown if f.name == "b.xlsx")
    if (tmp_path / "copy").exists():
        assert (tmp_path / "copy").read_bytes() == DROP


def try_until_well(step: Step, far: Proxied, tmp_path: Path, source: Path) -> int:
    """Do a step as the daemon does, again after TryLater; returns how often it was put off."""
    for put_off in range(5):
        try:
            step(far.tree, tmp_path, source)
        except TryLater:
            nothing_is_half_or_twice(far, tmp_path)
            far.proxy.heal()
        else:
            return put_off
    pytest.fail("the step never succeeded though the network was well again")


IN_THE_MIDDLE = [(fetching, Toward.CLIENT, 60_000), (putting, Toward.SERVER, 60_000)]
AT_ONCE = [(step, toward, 0) for step in STEPS for toward in Toward]


@pytest.mark.parametrize("far", REAL, indirect=True)
@pytest.mark.parametrize(("step", "toward", "after"), AT_ONCE + IN_THE_MIDDLE)
def test_a_link_that_drops_costs_nothing_but_time(
    far: Proxied, tmp_path: Path, source: Path, step: Step, toward: Toward, after: int
):
    """Cut before the request, or before its answer, or in the middle of the bytes."""
    list(far.tree.walk(""))
    far.proxy.strike(Fault(Harm.CUT, toward, after, lasting=True))

    try_until_well(step, far, tmp_path, source)

    nothing_is_half_or_twice(far, tmp_path)


def test_a_connection_that_died_while_idle_is_made_anew_unnoticed(far: Proxied):
    assert far.tree.stat("Quận 1/a.xlsx") is not None
    far.proxy.drop()

    assert far.tree.stat("Quận 1/a.xlsx") is not None


def test_a_claim_whose_answer_never_came_is_still_one_claim(far: Proxied, tmp_path: Path):
    """Cut at every few bytes of the conversation, so that one cut hits rename's own answer."""
    for after in range(0, 1200, 200):
        drop = far.disk / f"Quận 1/{after}.xlsx"
        drop.write_bytes(b"%d" % after)
        far.tree.stat(f"Quận 1/{after}.xlsx")
        far.proxy.strike(Fault(Harm.CUT, Toward.CLIENT, after))

        claimed = _claim_patiently(far.tree, f"Quận 1/{after}.xlsx", f".work/{after}/a.xlsx")

        assert claimed
        assert not drop.exists()
        assert (far.disk / f".work/{after}/a.xlsx").read_bytes() == b"%d" % after


def _claim_patiently(tree: Tree, path: str, target: str) -> bool:
    for _ in range(4):
        try:
            return tree.claim(path, target)
        except TryLater:
            continue
    return False


@pytest.mark.parametrize("stalling", ["openssh", "vsftpd", "pyftpdlib-tls"], indirect=True)
@pytest.mark.parametrize("step", STEPS)
def test_a_server_that_stops_answering_is_given_up_in_time(
    stalling: Proxied, tmp_path: Path, source: Path, step: Step
):
    list(stalling.tree.walk(""))
    stalling.proxy.strike(Fault(Harm.STALL, Toward.CLIENT, 300, lasting=True))

    try_until_well(step, stalling, tmp_path, source)

    nothing_is_half_or_twice(stalling, tmp_path)


def test_a_server_that_accepts_and_never_greets_is_told_by_the_check(stalling: Proxied):
    stalling.proxy.strike(Fault(Harm.STALL, Toward.CLIENT, 0, lasting=True))

    said = stalling.tree.check()

    assert said is not None
    assert "không trả lời" in said
    stalling.proxy.heal()
    assert any(stalling.tree.check() is None for _ in range(5))


@pytest.mark.parametrize("stalling", ["openssh", "vsftpd", "vsftpd-tls"], indirect=True)
def test_a_server_that_stalls_anywhere_while_it_greets_is_given_up_in_time(stalling: Proxied):
    """Before the greeting, amid the keys, the login, the answer that SFTP may begin: sampled at
    eight places of the bytes that a healthy connection and a check bring, and more
    closely where the last steps are."""
    list(stalling.tree.walk(""))
    control = (_control_port(stalling),)
    stalling.tree.close()
    quiet = stalling.proxy.strike(Fault(Harm.STALL, Toward.CLIENT, 1 << 40, control))
    assert stalling.tree.check() is None
    stalling.tree.close()
    threads = threading.active_count()
    total = quiet.passed
    for after in (*range(0, total, total // 8)[:-1], *range(total - 600, total - 150, 70)):
        stalling.proxy.strike(Fault(Harm.STALL, Toward.CLIENT, after, control, lasting=True))
        started = time.monotonic()
        said = stalling.tree.check()
        assert time.monotonic() - started < 60, f"after {after} bytes"
        assert said is not None
    stalling.proxy.heal()
    assert stalling.tree.check() is None
    stalling.tree.close()
    until(lambda: threading.active_count() <= threads + 20)  # the proxy's own, one a connection


def test_a_server_that_takes_no_more_bytes_amid_an_upload_is_given_up_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Its buffers and ours are full: paramiko would go on trying to write for ever."""
    connect = socket.create_connection

    def narrow(*args: Any) -> socket.socket:
        line = connect(*args)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16_384)
        return line

    (tmp_path / "big").write_bytes(os.urandom(16_000_000))
    with proxied("openssh", tmp_path, HASTY) as site:
        with monkeypatch.context() as patch:
            patch.setattr(socket, "create_connection", narrow)
            list(site.tree.walk(""))
        site.proxy.strike(Fault(Harm.STALL, Toward.SERVER, 300_000, lasting=True))
        started = time.monotonic()
        with pytest.raises(TryLater):
            site.tree.put(tmp_path / "big", "big.xlsx")
        assert time.monotonic() - started < 120


@pytest.mark.parametrize("kind", ["openssh", "vsftpd-tls"])
def test_deliveries_to_a_server_that_does_not_answer_cost_the_others_little(
    kind: str, tmp_path: Path, source: Path
):
    """Forty of them at one turn of another tree's worker: not forty times the wait."""
    with proxied(kind, tmp_path, HASTY) as site:
        list(site.tree.walk(""))
        site.proxy.strike(Fault(Harm.STALL, Toward.CLIENT, 0, lasting=True))
        started = time.monotonic()
        for n in range(40):
            with pytest.raises(TryLater):
                site.tree.put(source, f"Quận 1/{n}.xlsx")
        assert time.monotonic() - started < 40 * HASTY / 2
        site.proxy.heal()

        assert site.tree.check() is None  # whoever wants to know for sure is told
        site.tree.put(source, "Quận 1/b.xlsx")


FAILING = ("openssh", "asyncssh", "vsftpd", "vsftpd-tls")


@pytest.mark.parametrize("kind", FAILING)
def test_connections_that_fail_leave_no_thread_and_no_open_file(kind: str, tmp_path: Path):
    with proxied(kind, tmp_path) as site:
        (site.disk / "a.xlsx").write_bytes(DROP)
        before = _held(site)
        for toward, after in itertools.product(Toward, (0, 30, 300, 1500, 3000)):
            site.proxy.strike(Fault(Harm.CUT, toward, after, lasting=True))
            site.tree.check()
            with contextlib.suppress(TryLater):
                site.tree.fetch("a.xlsx", tmp_path / "copy")
        site.proxy.heal()
        until(lambda: _held(site) <= before)


def _held(site: Proxied) -> tuple[int, int]:
    """Threads of SSH connections, and open files, once the tree's own connection is closed."""
    site.tree.close()
    gc.collect()
    ours = [t for t in threading.enumerate() if type(t).__module__.startswith("paramiko")]
    return len(ours), len(os.listdir("/proc/self/fd"))  # noqa: PTH208


def test_a_server_that_is_down_is_reached_again_when_it_is_back(
    far: Proxied, tmp_path: Path, source: Path
):
    list(far.tree.walk(""))
    far.proxy.refuse()
    for step in STEPS:
        with pytest.raises(TryLater):
            step(far.tree, tmp_path, source)
    assert far.tree.check() is not None

    far.proxy.heal()

    for step in STEPS[:2]:
        step(far.tree, tmp_path, source)
    assert far.tree.check() is None
    nothing_is_half_or_twice(far, tmp_path)


@pytest.mark.parametrize("far", ["openssh", "vsftpd"], indirect=True)
def test_a_server_that_stalls_holds_up_no_other_tree(far: Proxied, tmp_path: Path):
    (tmp_path / "other").mkdir()
    with KINDS_OF_TREE["asyncssh"].open(tmp_path / "other") as near:
        (near.disk / "b.xlsx").touch()
        list(far.tree.walk(""))
        far.proxy.strike(Fault(Harm.STALL, Toward.CLIENT, 0, lasting=True))
        stuck = threading.Thread(target=far.tree.check)
        stuck.start()

        assert [s.path for s in near.tree.walk("")] == ["b.xlsx"]

        assert stuck.is_alive()
        far.proxy.refuse()
        stuck.join()


@pytest.mark.parametrize(("step", "toward"), [(fetching, Toward.CLIENT), (putting, Toward.SERVER)])
def test_bytes_spoiled_on_the_way_are_never_taken_for_good(
    far: Proxied, tmp_path: Path, source: Path, step: Step, toward: Toward
):
    """SSH and TLS notice by themselves; over plain FTP each transfer is read twice."""
    list(far.tree.walk(""))
    far.proxy.strike(Fault(Harm.CORRUPT, toward, 50_000, far.data_ports))

    try_until_well(step, far, tmp_path, source)

    step(far.tree, tmp_path, source)
    nothing_is_half_or_twice(far, tmp_path)


# --- what only FTP, with its second connection, can suffer ----------------------------------------

ftp_only = pytest.mark.parametrize("far", FTP, indirect=True)


@ftp_only
@pytest.mark.parametrize(("step", "toward"), [(fetching, Toward.CLIENT), (putting, Toward.SERVER)])
def test_a_transfer_that_ends_too_early_is_not_believed(
    far: Proxied, tmp_path: Path, source: Path, step: Step, toward: Toward
):
    """The data connection ends in good order, both sides say that all is well, half is missing."""
    list(far.tree.walk(""))
    far.proxy.strike(Fault(Harm.TRUNCATE, toward, 70_000, far.data_ports))

    put_off = try_until_well(step, far, tmp_path, source)

    assert put_off <= 1  # 0 where TLS noticed, and the transfer was made again at once
    nothing_is_half_or_twice(far, tmp_path)


@pytest.mark.parametrize("far", PLAIN_FTP, indirect=True)
def test_a_listing_cut_within_a_name_is_not_believed(far: Proxied):
    list(far.tree.walk(""))
    far.proxy.strike(Fault(Harm.TRUNCATE, Toward.CLIENT, 30, far.data_ports, lasting=True))

    with pytest.raises(TryLater):
        list(far.tree.walk("Quận 1"))

    far.proxy.heal()
    assert [s.path for s in far.tree.walk("Quận 1")] == ["Quận 1/a.xlsx"]


@ftp_only
def test_reading_a_file_s_ends_costs_no_new_login(far: Proxied):
    (far.disk / "big.zip").write_bytes(os.urandom(3_000_000))
    far.tree.stat("big.zip")
    logins = far.proxy.accepted[_control_port(far)]

    far.tree.read_range("big.zip", 0, 512)
    far.tree.read_range("big.zip", -512, 512)

    assert far.proxy.accepted[_control_port(far)] == logins


def _control_port(far: Proxied) -> int:
    (port,) = set(far.proxy.accepted) - set(far.data_ports)
    return port


# --- the server's own troubles --------------------------------------------------------------------


@pytest.fixture
def full_disk(far: Proxied) -> Iterator[Path]:
    """A folder of the tree on a file system of 64 KiB."""
    point = far.disk / "Quận 1/Trả lại"
    point.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k,mode=777", "tmpfs", str(point)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("no right to mount a small file system")
    yield point
    subprocess.run(["umount", "-l", str(point)], check=True)


def test_a_full_disk_of_the_server_means_later(far: Proxied, full_disk: Path, source: Path):
    with pytest.raises(TryLater):
        far.tree.put(source, "Quận 1/Trả lại/b.xlsx")

    assert [f.name for f in full_disk.iterdir() if not f.name.startswith(".")] == []
    assert far.tree.stat("Quận 1/a.xlsx") is not None
    far.tree.put(source, "Quận 1/b.xlsx")
    assert (far.disk / "Quận 1/b.xlsx").read_bytes() == DELIVERY
