"""File servers that forbid, hide or mistake something: nothing is lost, and nobody else waits."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from bhyt_filedrop.edges.trees.ftp import session as ftp_session
from bhyt_filedrop.edges.trees.ftp.connect import ftp_tree
from bhyt_filedrop.edges.trees.local.tree import LocalTree
from bhyt_filedrop.edges.trees.remote.tree import RemoteTree
from bhyt_filedrop.edges.trees.sftp import session as sftp_session
from bhyt_filedrop.edges.trees.sftp.connect import sftp_tree
from bhyt_filedrop.ports import CannotMove, ClosedFile, ClosedFolder, NeverWorks, Tree, TryLater
from tests.servers.ftp import found, pyftpdlib_server, vsftpd
from tests.servers.kinds import ftp_access, missing, sftp_access
from tests.servers.ssh import new_key, serve_asyncssh

pytestmark = pytest.mark.server


@contextmanager
def over_ftp(**oddities: Any) -> Iterator[tuple[RemoteTree, Path]]:
    """A tree behind a pyftpdlib of its own manners."""
    server = pyftpdlib_server(**oddities)
    disk = server.disk / f"t{len(list(server.disk.iterdir()))}"
    disk.mkdir()
    tree = ftp_tree("far", ftp_access(server, f"/{disk.name}"))
    yield tree, disk
    tree.close()


@contextmanager
def over_sftp(tmp_path: Path, factory: type[asyncssh.SFTPServer]) -> Iterator[tuple[Tree, Path]]:
    """A tree behind an asyncssh of its own manners."""
    disk = tmp_path / "tree"
    disk.mkdir()
    keys = [new_key(tmp_path, "host")]
    with serve_asyncssh(host_keys=keys, sftp_factory=factory) as server:
        tree = sftp_tree("far", sftp_access(server, str(disk)))
        yield tree, disk
        tree.close()


def dropped(disk: Path, path: str = "Quận 1/a.xlsx", data: bytes = b"list") -> Path:
    file = disk / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file


# --- renaming is refused --------------------------------------------------------------------------


class NoRenames(asyncssh.SFTPServer):
    """Lets nobody rename."""

    def rename(self, oldpath: bytes, newpath: bytes) -> None:
        raise asyncssh.SFTPPermissionDenied("no")


class NoFolders(asyncssh.SFTPServer):
    """Lets nobody make a folder, so that there is no work area."""

    def mkdir(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        raise asyncssh.SFTPPermissionDenied("no")


@pytest.mark.parametrize("factory", [NoRenames, NoFolders])
def test_an_sftp_server_that_lets_nobody_rename_is_told_from_a_file_that_is_gone(
    tmp_path: Path, factory: type[asyncssh.SFTPServer]
):
    with over_sftp(tmp_path, factory) as (tree, disk):
        there = dropped(disk)
        with pytest.raises(CannotMove):
            tree.claim("Quận 1/a.xlsx", ".work/1")
        assert there.read_bytes() == b"list"
        assert not tree.claim("Quận 1/b.xlsx", ".work/2")


@pytest.mark.parametrize("mlsd", [True, False])
@pytest.mark.parametrize("reply", ["550 Permission denied.", "502 Not implemented.", "553 No."])
def test_an_ftp_server_that_lets_nobody_rename_is_told_from_a_file_that_is_gone(
    mlsd: bool, reply: str
):
    """FTP says 550 for both."""
    with over_ftp(mlsd=mlsd, refusing=(("RNFR", reply),)) as (tree, disk):
        there = dropped(disk)
        with pytest.raises(CannotMove):
            tree.claim("Quận 1/a.xlsx", ".work/1")
        assert there.read_bytes() == b"list"
        assert not tree.claim("Quận 1/b.xlsx", ".work/2")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_a_local_folder_that_lets_nobody_rename_is_told_from_a_file_that_is_gone():
    """As a clerk's own folder, in which the daemon may read."""
    with tempfile.TemporaryDirectory() as folder:
        disk = Path(folder)
        disk.chmod(0o777)
        dropped(disk)
        tree = LocalTree("near", disk)
        os.seteuid(65534)
        try:
            with pytest.raises(CannotMove):
                tree.claim("Quận 1/a.xlsx", ".work/1")
            assert not tree.claim("Quận 1/b.xlsx", ".work/2")
        finally:
            os.seteuid(0)


# --- folders that may not be read -----------------------------------------------------------------


class ClosedDoor(asyncssh.SFTPServer):
    """Lets nobody look into a folder named `closed`."""

    async def scandir(self, path: bytes) -> Any:
        if path.endswith(b"/closed"):
            raise asyncssh.SFTPPermissionDenied("no")
        async for entry in super().scandir(path):
            yield entry


def seen(tree: Tree, *folders: str) -> tuple[list[str], list[str]]:
    """The files below folders, and the folders that are closed."""
    found: list[str] = []
    closed: list[str] = []
    for folder in folders:
        try:
            found += [sighting.path for sighting in tree.walk(folder, (), closed.append)]
        except ClosedFolder:
            closed.append(folder)
    return found, closed


def test_a_closed_folder_is_told_from_a_server_that_is_down_and_the_others_are_seen(tmp_path: Path):
    names = ("a", "b/closed", "closed", "z")
    with over_sftp(tmp_path, ClosedDoor) as (tree, disk):
        for name in names:
            dropped(disk, f"{name}/x.xlsx")
        assert seen(tree, "") == (["a/x.xlsx", "z/x.xlsx"], ["b/closed", "closed"])
        assert seen(tree, *names) == (["a/x.xlsx", "z/x.xlsx"], ["b/closed", "closed"])
    with over_ftp(old=True) as (tree, disk):
        for name in names:
            dropped(disk, f"{name}/x.xlsx")
        assert seen(tree, *names) == (["a/x.xlsx", "z/x.xlsx"], ["b/closed", "closed"])


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to be somebody else")
def test_a_folder_that_vsftpd_may_not_read_is_not_taken_for_an_empty_one():
    """vsftpd lists such a folder as an empty one, and says that all went well."""
    if found("vsftpd") is None:
        missing("vsftpd")
    server = vsftpd(False, nobody=True)
    for name in ("open", "shut"):
        dropped(server.disk, f"{name}/a.xlsx")
    (server.disk / "shut").chmod(0o711)
    tree = ftp_tree("far", ftp_access(server, str(server.disk)))

    assert seen(tree, "open", "shut") == (["open/a.xlsx"], ["shut"])
    tree.close()


# --- files that are shown and denied --------------------------------------------------------------


class ShownAndDenied(asyncssh.SFTPServer):
    """Lists a file named `shut`, with or without what it is, and denies to know it."""

    as_said: Exception = asyncssh.SFTPNoSuchFile("never heard of it")
    bare = False

    async def scandir(self, path: bytes) -> Any:
        async for entry in super().scandir(path):
            if self.bare:
                entry.attrs.permissions = None
                entry.attrs.type = asyncssh.FILEXFER_TYPE_UNKNOWN
            yield entry

    def lstat(self, path: bytes) -> Any:
        if path.endswith(b"/shut.xlsx"):
            raise self.as_said
        return super().lstat(path)


class ShownBarely(ShownAndDenied):
    """Lists names alone."""

    as_said = asyncssh.SFTPPermissionDenied("not yours")
    bare = True


def test_a_file_that_a_listing_shows_and_the_server_denies_is_told_and_not_given_up(
    tmp_path: Path,
):
    """It came to light at each look, and was gone at each claim."""
    with over_sftp(tmp_path, ShownAndDenied) as (tree, disk):
        there = dropped(disk, "Quận 1/shut.xlsx")
        assert seen(tree, "") == (["Quận 1/shut.xlsx"], [])
        denied_but_there(tree, "Quận 1/shut.xlsx", there)
    with over_ftp(refusing=(("MLST", "550 No such file."),)) as (tree, disk):
        there = dropped(disk, "Quận 1/shut.xlsx")
        assert seen(tree, "") == (["Quận 1/shut.xlsx"], [])
        denied_but_there(tree, "Quận 1/shut.xlsx", there)


def denied_but_there(tree: Tree, path: str, there: Path) -> None:
    with pytest.raises(ClosedFile):
        tree.read_range(path, 0, 8)
    with pytest.raises(ClosedFile):
        tree.claim(path, ".work/1")
    there.unlink()
    assert not tree.claim(path, ".work/1")


def test_a_file_whose_kind_a_server_keeps_to_itself_is_told_like_a_closed_folder(tmp_path: Path):
    with over_sftp(tmp_path, ShownBarely) as (tree, disk):
        for name in ("a", "shut", "z"):
            dropped(disk, f"{name}.xlsx")
        assert seen(tree, "") == (["a.xlsx", "z.xlsx"], ["shut.xlsx"])


def test_a_single_line_of_a_listing_that_nobody_can_read_hides_no_file():
    with over_ftp(mlsd=False, lists="one riddle") as (tree, disk):
        for name in ("a", "hidden", "z"):
            dropped(disk, f"{name}.xlsx")
        found, closed = seen(tree, "")
        assert found == ["a.xlsx", "z.xlsx"]
        assert ["hidden.xlsx" in line for line in closed] == [True]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to be somebody else")
def test_a_file_of_mode_0600_that_the_server_shows_is_told_as_closed():
    """As vsftpd's own umask (077) makes them."""
    if found("vsftpd") is None:
        missing("vsftpd")
    server = vsftpd(False, nobody=True)
    file = dropped(server.disk, "umask/a.xlsx")
    file.chmod(0o600)
    tree = ftp_tree("far", ftp_access(server, str(server.disk)))

    with pytest.raises(ClosedFile):
        tree.read_range("umask/a.xlsx", 0, 8)
    tree.close()


# --- deliveries -----------------------------------------------------------------------------------


def test_a_server_that_hides_names_that_begin_with_a_dot_takes_deliveries(tmp_path: Path):
    """vsftpd's `hide_file={.*}`: while a file grows its name begins with a dot."""
    if found("vsftpd") is None:
        missing("vsftpd")
    server = vsftpd(False, more="hide_file={.*}\n")
    (tmp_path / "source").write_bytes(b"delivery")
    tree = ftp_tree("far", ftp_access(server, str(server.disk)))

    assert tree.check() is None
    tree.put(tmp_path / "source", "Quận 1/mẫu 3.xlsx")
    assert (server.disk / "Quận 1/mẫu 3.xlsx").read_bytes() == b"delivery"
    tree.close()


@pytest.mark.parametrize("command", ["RNFR", "RNTO", "DELE", "STOR"])
def test_the_check_of_a_tree_does_all_that_a_delivery_does(command: str):
    with over_ftp(refusing=((command, "550 Permission denied."),)) as (tree, disk):
        assert "không ghi được vào thư mục gốc" in str(tree.check())
    with over_ftp(mlsd=False) as (tree, disk):
        assert tree.check() is None
        assert list(disk.iterdir()) == []


# --- listings -------------------------------------------------------------------------------------


def test_a_server_that_takes_an_option_of_list_for_a_name_is_asked_without():
    with over_ftp(mlsd=False, lists="options are names") as (tree, disk):
        dropped(disk)

        assert [s.path for s in tree.walk("")] == ["Quận 1/a.xlsx"]
        assert list(tree.walk("Quận 9")) == []


def test_a_manner_of_listing_that_nobody_can_read_is_told_and_not_taken_for_an_empty_folder():
    with over_ftp(mlsd=False, lists="riddles") as (tree, disk):
        dropped(disk)

        with pytest.raises(NeverWorks, match="manner that nobody here can read"):
            list(tree.walk(""))


def test_a_file_that_a_listing_lacks_is_not_given_up_while_the_server_has_it():
    """A listing that ends too early, between two lines: nobody took the file back."""
    with over_ftp(mlsd=False, lists="not all") as (tree, disk):
        there = dropped(disk, "Quận 1/hidden.xlsx")
        with pytest.raises(TryLater, match="lacks a file that is there"):
            tree.stat("Quận 1/hidden.xlsx")
        with pytest.raises(TryLater, match="lacks a file that is there"):
            tree.claim("Quận 1/hidden.xlsx", "work/1")
        there.unlink()
        assert tree.stat("Quận 1/hidden.xlsx") is None


def test_a_server_that_lists_names_in_another_unicode_form_takes_deliveries(tmp_path: Path):
    """As a server on a Mac's disk does, whatever form a name was sent in."""
    (tmp_path / "source").write_bytes(b"delivery")
    with over_ftp(mlsd=False, lists="decomposed") as (tree, disk):
        tree.put(tmp_path / "source", "Phường 1/Trả lại/mẫu 3.xlsx")
        tree.put(tmp_path / "source", "Phường 1/Trả lại/mẫu 3.xlsx")

        assert (disk / "Phường 1/Trả lại/mẫu 3.xlsx").read_bytes() == b"delivery"
        found_it = tree.stat("Phường 1/Trả lại/mẫu 3.xlsx")
        assert found_it is not None
        assert found_it.size == 8


class Endless(asyncssh.SFTPServer):
    """Lists a folder without end."""

    async def scandir(self, path: bytes) -> Any:
        for n in itertools.count():
            yield asyncssh.SFTPName(b"%d.xlsx" % n, attrs=asyncssh.SFTPAttrs(size=1))


def test_a_listing_that_never_ends_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sftp_session, "MOST_NAMES", 3000)
    monkeypatch.setattr(ftp_session, "LONGEST_LISTING", 3000)
    with over_sftp(tmp_path, Endless) as (tree, _), pytest.raises(TryLater, match="does not end"):
        list(tree.walk(""))
    for mlsd in (True, False):
        with over_ftp(mlsd=mlsd) as (tree, disk):
            for n in range(100):
                dropped(disk, f"{n}.xlsx")
            with pytest.raises(TryLater, match="does not end"):
                list(tree.walk(""))
