"""Trees that forbid something, or do only half of their work: nobody else waits, and it is told."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.edges.trees import walking
from bhyt_filedrop.edges.trees.ftp.listing import parse_line
from bhyt_filedrop.edges.trees.remote import tree
from bhyt_filedrop.ports import Sighting
from bhyt_filedrop.wiring.daemon import Running
from tests.journey.parties import SENDING
from tests.journey.remote_site import FarTree, behind_ftp, behind_ssh
from tests.journey.scenes import form_3
from tests.journey.site import DISTRICT, OTHER_DISTRICT, Site, copied
from tests.servers.ftp import pyftpdlib_server
from tests.servers.ssh import new_key, serve_asyncssh

pytestmark = pytest.mark.server


def behind(far: FarTree, site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Put the site's tree behind a server."""
    for name, value in far.environment.items():
        monkeypatch.setenv(name, value)
    if not site.directory.is_relative_to(Path(far.disk)):
        site = copied(site.directory, far.home())
    return far.serve(site)


@contextmanager
def odd_ssh(tmp_path: Path, factory: type[asyncssh.SFTPServer]) -> Iterator[FarTree]:
    keys = [new_key(tmp_path, "host")]
    with serve_asyncssh(host_keys=keys, sftp_factory=factory) as server:
        yield behind_ssh(server)


def notices(site: Site) -> list[str]:
    return [key.split("/")[1] for key in site.letter_keys() if key.startswith("notice/")]


# --- renaming is refused --------------------------------------------------------------------------


class NotYours(asyncssh.SFTPServer):
    """Files may be read and made, but nobody renames or removes what another has put there."""

    def rename(self, oldpath: bytes, newpath: bytes) -> None:
        raise asyncssh.SFTPPermissionDenied("not yours")

    def remove(self, path: bytes) -> Any:
        if not path.endswith((b".part", b".tmp")):
            raise asyncssh.SFTPPermissionDenied("not yours")
        return super().remove(path)


@pytest.fixture(params=["sftp", "ftp"])
def unmoved(
    request: pytest.FixtureRequest, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Site]:
    """The small site on a server that lets nobody rename a party's file."""
    if request.param == "ftp":
        server = pyftpdlib_server(keeps_files=True)
        yield behind(behind_ftp(server), site, monkeypatch)
        return
    with odd_ssh(tmp_path, NotYours) as far:
        yield behind(far, site, monkeypatch)


def test_a_file_that_may_not_be_renamed_is_taken_where_it_lies_and_only_once(unmoved: Site):
    """The ledger's row is the claim then: unique, and it stays as long as the file does."""
    data = form_3(unmoved)
    there = unmoved.drop(DISTRICT, "mẫu 3.xlsx", data)
    for _ in range(3):
        unmoved.once()
        unmoved.clock.now += timedelta(minutes=20)

    assert unmoved.only().state is State.ACCEPTED
    assert list(unmoved.found("thu", "inbox").values()) == [data]
    assert list(unmoved.found(DISTRICT, "received").values()) == [data]
    assert there.read_bytes() == data
    assert notices(unmoved) == []


def test_a_correction_put_over_a_file_that_stayed_is_a_drop_of_its_own(unmoved: Site):
    unmoved.drop(DISTRICT, "mẫu 3.xlsx", form_3(unmoved))
    unmoved.once()
    unmoved.clock.now += timedelta(minutes=20)
    unmoved.drop(DISTRICT, "mẫu 3.xlsx", form_3(unmoved, count=6))
    for _ in range(2):
        unmoved.once()

    assert [drop.state for drop in unmoved.drops()] == [State.ACCEPTED, State.ACCEPTED]
    assert len(unmoved.found("thu", "inbox")) == 2


def test_a_daemon_that_died_over_a_file_that_stays_goes_on_with_it(unmoved: Site):
    data = form_3(unmoved)
    unmoved.drop(DISTRICT, "mẫu 3.xlsx", data)
    with unmoved.running() as running:
        worker = running.daemon.workers["main"]
        running.journey.claiming.archive = Dying()  # type: ignore[assignment]
        with pytest.raises(KeyboardInterrupt):
            worker.work()
    assert [drop.lies_there for drop in unmoved.drops()] == [True]

    unmoved.once()
    assert unmoved.only().state is State.ACCEPTED
    assert list(unmoved.found("thu", "inbox").values()) == [data]


class Dying:
    """An archive at whose first use the process dies."""

    def new_file(self) -> Path:
        raise KeyboardInterrupt


def test_a_file_that_stayed_is_taken_once_though_its_server_tells_its_time_otherwise(
    unmoved: Site, monkeypatch: pytest.MonkeyPatch
):
    """After half a year LIST tells the year in the place of the hour."""
    unmoved.drop(DISTRICT, "mẫu 3.xlsx", form_3(unmoved))
    for told in ("Nov 21 20:11", "Nov 21  2015"):
        (at,) = {e.mtime for e in [parse_line(f"-rw-r--r-- 1 0 0 5 {told} a")] if e}
        for module in (tree, walking):
            seen = lambda path, e, at=at: Sighting(path, e.size, at)  # noqa: E731
            monkeypatch.setattr(module, "sighting_of", seen)
        unmoved.once()
        unmoved.clock.now += timedelta(days=200)

    assert unmoved.only().state is State.ACCEPTED


# --- a file is shown and denied -------------------------------------------------------------------


class NotForYou(asyncssh.SFTPServer):
    """Shows every file, and lets nobody open the one that is shut."""

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> Any:
        if path.endswith("kín.xlsx".encode()):
            raise asyncssh.SFTPPermissionDenied("not yours")
        return super().open(path, pflags, attrs)


def test_a_file_that_may_not_be_read_holds_up_nobody_and_an_admin_hears_of_it(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with odd_ssh(tmp_path, NotForYou) as far:
        there = behind(far, site, monkeypatch)
        there.drop(DISTRICT, "kín.xlsx", form_3(there))
        there.drop(OTHER_DISTRICT, "ghi chú.exe", b"MZ" + bytes(99))
        with there.running() as running:
            for minute in (0.0, 1.0, 2.0):
                assert looked(running, minute * 60)
            running.daemon.once(lambda _seconds: None)

        assert there.states() == {"ghi chú.exe": State.RETURNED}
        (told,) = [m for m in there.mails() if "không đọc được" in str(m["Subject"])]
        body = told.get_body(("plain",))
        assert body is not None
        assert "kín.xlsx" in body.get_content()


# --- one folder is closed -------------------------------------------------------------------------


class OneDoorShut(asyncssh.SFTPServer):
    """Lets nobody into one folder, while it is shut."""

    shut = b""

    async def scandir(self, path: bytes) -> Any:
        if self.shut and path.endswith(self.shut):
            raise asyncssh.SFTPPermissionDenied("no")
        async for entry in super().scandir(path):
            yield entry


@pytest.mark.parametrize("whose", ["a district", "a ward"])
def test_an_office_whose_folder_may_not_be_read_holds_up_nobody_and_an_admin_hears_of_it(
    whose: str, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A ward's folder lies in its district's, and is told of all the same."""
    with odd_ssh(tmp_path, OneDoorShut) as far:
        there = behind(far, site, monkeypatch)
        unit = OTHER_DISTRICT if whose == "a district" else there.ward()
        folder = there.folder(unit)
        monkeypatch.setattr(OneDoorShut, "shut", f"/{folder.name}".encode())
        there.drop(DISTRICT, "mẫu 3.xlsx", form_3(there))
        there.drop(unit, "ghi chú.exe", b"MZ" + bytes(99))
        with there.running() as running:
            for minute in (0.0, 1.0, 11.0):
                assert looked(running, minute * 60)
            assert there.states() == {"mẫu 3.xlsx": State.ACCEPTED}
            assert notices(there) == ["folders-closed"]

            monkeypatch.setattr(OneDoorShut, "shut", b"")
            assert looked(running, 1000.0)
            running.daemon.once(lambda _seconds: None)

        assert notices(there) == ["folders-closed"]
        assert there.states()["ghi chú.exe"] is State.RETURNED
        (told,) = [m for m in there.mails() if "không đọc được thư mục" in str(m["Subject"])]
        body = told.get_body(("plain",))
        assert body is not None
        assert folder.name in body.get_content()


def looked(running: Running, now: float, tree: str = "main") -> bool:
    """Let a tree's worker take its turn at a steady time."""
    worker = running.daemon.workers[tree]
    worker.steady = lambda: now
    worker.outage.steady = lambda: now
    return worker.work() is not None


# --- the server's disk is full --------------------------------------------------------------------


@pytest.mark.skipif(os.geteuid() != 0, reason="no right to mount a small file system")
@pytest.mark.parametrize("kind", ["ftp", "sftp"])
def test_an_admin_gets_one_letter_of_a_full_disk_and_one_when_there_is_room(
    kind: str, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with odd_ssh(tmp_path, asyncssh.SFTPServer) as ssh:
        far = ssh if kind == "sftp" else behind_ftp(pyftpdlib_server())
        there = behind(far, site, monkeypatch)
        there.clock.now = SENDING
        there.drop(DISTRICT, "mẫu 3.xlsx", form_3(there))
        full = there.own("thu", "inbox")
        full.mkdir(parents=True, exist_ok=True)
        mount = ["mount", "-t", "tmpfs", "-o", "size=4k,mode=777", "tmpfs", str(full)]
        if subprocess.run(mount, capture_output=True).returncode != 0:
            pytest.skip("no right to mount a small file system")
        try:
            filling = full / ".~lock.x#"  # nobody's list
            filling.write_bytes(b"x" * 4096)
            with there.running() as running:
                for minute in range(0, 40, 4):
                    there.clock.now = SENDING + timedelta(hours=minute)
                    assert looked(running, minute * 60.0)
                assert there.only().state is State.PLANNED
                assert notices(there) == ["tree-down"]
                assert list(full.iterdir()) == [filling]
                filling.unlink()
                mount[4] = "remount,size=64m,mode=777"
                subprocess.run(mount, check=True, capture_output=True)
                there.clock.now += timedelta(hours=2)
                running.daemon.once(lambda _seconds: None)
            assert notices(there) == ["tree-down", "tree-up"]
            assert there.only().state is State.ACCEPTED
            assert len([p for p in full.iterdir() if p.suffix == ".xlsx"]) == 1
        finally:
            subprocess.run(["umount", "-l", str(full)], check=True)
