"""What only a tree on a local disk can do or suffer: leases, owners, full disks, kill -9."""

from __future__ import annotations

import errno
import fcntl
import grp
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bhyt_filedrop.domain.process.handoffs import FileAccess
from bhyt_filedrop.edges.trees import faults
from bhyt_filedrop.edges.trees.local import lease, openat
from bhyt_filedrop.edges.trees.local.tree import LocalTree
from bhyt_filedrop.ports import NeverWorks, TryLater
from tests.waiting import until

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    folder.mkdir()
    return folder


@pytest.fixture
def tree(root: Path) -> LocalTree:
    return LocalTree("local", root)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(b"delivery")
    return path


# --- is somebody still writing? ------------------------------------------------------------------


def test_a_file_that_an_upload_holds_open_is_not_settled(tree: LocalTree, root: Path):
    with (root / "a.xlsx").open("wb") as upload:
        upload.write(b"half")
        assert tree.is_still_open("a.xlsx") is True

    assert tree.is_still_open("a.xlsx") is False


def test_a_reader_does_not_keep_a_file_from_settling(tree: LocalTree, root: Path):
    (root / "a.xlsx").write_bytes(b"whole")

    with (root / "a.xlsx").open("rb"):
        assert tree.is_still_open("a.xlsx") is False


def test_nobody_writes_a_file_that_is_gone(tree: LocalTree):
    assert tree.is_still_open("a.xlsx") is False


def test_a_writer_who_comes_during_the_look_does_not_end_the_daemon(root: Path):
    """The kernel breaks our lease with a signal whose default would kill the process."""
    (root / "a.xlsx").write_bytes(b"whole")
    fd = os.open(root / "a.xlsx", os.O_RDONLY)
    lease.take(fd)

    with pytest.raises(BlockingIOError):
        os.open(root / "a.xlsx", os.O_WRONLY | os.O_NONBLOCK)
    time.sleep(0.01)

    fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    os.close(fd)


@needs_root
def test_without_the_right_to_lease_nobody_knows_who_writes(shared: Path):
    (shared / "a.xlsx").write_bytes(b"someone else's")
    (shared / "a.xlsx").chmod(0o644)

    assert _as_nobody(shared, "print(tree.is_still_open('a.xlsx'))") == "None"


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that other users can reach, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)


def _as_nobody(root: Path, statement: str) -> str:
    code = (
        "import os; os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        f"tree = LocalTree('local', Path({str(root)!r}))\n{statement}"
    )
    imports = (
        "from pathlib import Path\nfrom bhyt_filedrop.edges.trees.local.tree import LocalTree\n"
    )
    run = [sys.executable, "-c", imports + code]
    done = subprocess.run(run, capture_output=True, text=True, timeout=300, check=True)
    return done.stdout.strip()


# --- walking -------------------------------------------------------------------------------------


def test_an_unmounted_share_is_not_an_empty_one(tmp_path: Path):
    tree = LocalTree("local", tmp_path / "not mounted")

    with pytest.raises(TryLater):
        list(tree.walk(""))
    assert "không thấy thư mục gốc" in (tree.check() or "")


@needs_root
def test_one_folder_that_may_not_be_read_hides_no_other(shared: Path):
    for name in ("a", "b", "c"):
        (shared / name).mkdir(mode=0o755)
        (shared / name / "x.xlsx").touch()
    (shared / "b").chmod(0o700)

    seen = _as_nobody(shared, "print([s.path for s in tree.walk('')])")

    assert seen == "['a/x.xlsx', 'c/x.xlsx']"


@needs_root
def test_a_tree_that_cannot_be_written_says_so(shared: Path):
    assert "không ghi được" in _as_nobody(shared, "print(tree.check())")


def test_a_folder_that_vanishes_during_the_walk_is_no_error(tree: LocalTree, root: Path):
    for name in ("a", "b", "c"):
        (root / name).mkdir()
        (root / name / "x.xlsx").touch()

    seen = []
    for sighting in tree.walk(""):
        seen.append(sighting.path)
        if sighting.path == "a/x.xlsx":
            (root / "b/x.xlsx").unlink()
            (root / "b").rmdir()

    assert seen == ["a/x.xlsx", "c/x.xlsx"]


# --- claiming ------------------------------------------------------------------------------------


def test_a_mount_without_exclusive_rename_still_never_replaces(
    tree: LocalTree, root: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(openat, "_renameat2", lambda: None)
    (root / "a.xlsx").write_bytes(b"new")
    (root / "taken.xlsx").write_bytes(b"old")

    with pytest.raises(NeverWorks):
        tree.claim("a.xlsx", "taken.xlsx")
    assert tree.claim("a.xlsx", "work/a.xlsx")

    assert (root / "taken.xlsx").read_bytes() == b"old"
    assert [s.path for s in tree.walk("")] == ["taken.xlsx", "work/a.xlsx"]


def test_a_claim_that_crashed_between_link_and_unlink_is_finished(
    tree: LocalTree, root: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(openat, "_renameat2", lambda: None)
    (root / "work").mkdir()
    (root / "a.xlsx").write_bytes(b"mine")
    os.link(root / "a.xlsx", root / "work/a.xlsx")

    assert tree.claim("a.xlsx", "work/a.xlsx")

    assert [s.path for s in tree.walk("")] == ["work/a.xlsx"]


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO])
def test_a_claim_that_moved_the_file_and_could_not_sync_is_finished_later(
    tree: LocalTree, root: Path, monkeypatch: pytest.MonkeyPatch, number: int
):
    """It is no refusal to move: the file is in the work area, and must be looked for there."""
    (root / "work").mkdir()
    (root / "a.xlsx").write_bytes(b"mine")

    def refuses(_fd: int) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as trouble:
        trouble.setattr(tree, "_sync", refuses)
        with pytest.raises(TryLater) as told:
            tree.claim("a.xlsx", "work/a.xlsx")
        assert type(told.value) is TryLater

    assert tree.claim("a.xlsx", "work/a.xlsx")
    assert [s.path for s in tree.walk("")] == ["work/a.xlsx"]


# --- putting -------------------------------------------------------------------------------------


@needs_root
def test_a_delivery_belongs_to_the_receiver_that_the_rule_names(
    tree: LocalTree, root: Path, source: Path
):
    owner, group = pwd.getpwuid(65534), grp.getgrall()[-1]
    tree.put(source, "Quận 1/a.xlsx", FileAccess(owner.pw_name, group.gr_name, 0o440))
    tree.make_folder("Quận 2/Đã nhận", FileAccess("65534", str(group.gr_gid), 0o2770))

    file, folder = (root / "Quận 1/a.xlsx").stat(), (root / "Quận 2/Đã nhận").stat()
    assert (file.st_uid, file.st_gid, file.st_mode & 0o7777) == (65534, group.gr_gid, 0o440)
    assert (folder.st_uid, folder.st_gid, folder.st_mode & 0o7777) == (
        65534,
        group.gr_gid,
        0o2770,
    )


@needs_root
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv is not installed")
@pytest.mark.parametrize(
    ("access", "file", "folder"),
    [
        ("owner='65532', mode=0o640", (65532, 65533, 0o640), (65532, 65533, 0o770)),
        ("owner='65532', group='65531', mode=0o640", (65532, 65531, 0o640), (65533, 65531, 0o750)),
        ("group='65531', mode=0o640", (65533, 65531, 0o640), (65533, 65531, 0o750)),
    ],
)
def test_the_service_can_go_on_delivering_into_folders_it_gave_to_another_account(
    root: Path, source: Path, access: str, file: tuple[int, ...], folder: tuple[int, ...]
):
    """As under the systemd unit: an account of its own, which may give files away and no more."""
    os.chown(root, 65533, 65533)
    code = (
        "import sys; from pathlib import Path\n"
        "from bhyt_filedrop.domain.process.handoffs import FileAccess\n"
        "from bhyt_filedrop.edges.trees.local.tree import LocalTree\n"
        "tree = LocalTree('local', Path(sys.argv[1]))\n"
        "for name in ('a', 'b'):\n"
        f"    tree.put(Path(sys.argv[2]), f'Đã nhận/Quý 1/{{name}}.xlsx', FileAccess({access}))"
    )
    rights = "+chown,+fowner,+dac_read_search"  # the last only to find Python and this test's files
    service = ["setpriv", "--reuid=65533", "--regid=65533", "--clear-groups",
               f"--inh-caps={rights}", f"--ambient-caps={rights}"]  # fmt: skip
    subprocess.run([*service, sys.executable, "-c", code, str(root), str(source)], check=True)

    made = root / "Đã nhận/Quý 1"
    assert [_belongs(p) for p in sorted(made.iterdir())] == [file, file]
    assert [_belongs(made), _belongs(made.parent)] == [folder, folder]


@needs_root
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv is not installed")
def test_an_access_list_lets_an_office_in_and_gives_nothing_away(root: Path, source: Path):
    """Neither needs a right: the service delivers without any, the office reads, answers, tidies
    up, and what it drops the service can read whatever umask its server has."""
    os.chown(root, 65533, 65533)
    root.chmod(0o711)
    script = (
        "import sys; from pathlib import Path\n"
        "from bhyt_filedrop.domain.process.handoffs import FileAccess\n"
        "from bhyt_filedrop.edges.trees.local.tree import LocalTree\n"
        "tree = LocalTree('local', Path(sys.argv[1]))\n"
        "access = FileAccess('65532', mode=0o660, acl=True)\n"
        "tree.make_folder('Quận 1', access)\n"
        "for name in ('a', 'b'):\n"
        "    tree.put(Path(sys.argv[2]), f'Quận 1/Đã nhận/{name}.xlsx', access)"
    )
    service = [*_as(65533, "+dac_read_search"), sys.executable, "-c", script]
    subprocess.run([*service, str(root), str(source)], check=True)
    mine = root / "Quận 1"
    office = [*_as(65532), "sh", "-e", "-c"]
    there = "'Quận 1/Đã nhận/{}.xlsx'".format
    does = f"umask 077; cat {there('a')}; rm {there('b')}; echo mới > 'Quận 1/mới.csv'"
    read = subprocess.run([*office, does], cwd=root, capture_output=True, check=True).stdout
    stranger = subprocess.run([*_as(65530), "ls", mine], capture_output=True)
    taken = subprocess.run([*_as(65533), "cat", "Quận 1/mới.csv"], cwd=root, capture_output=True)

    assert read == source.read_bytes()
    assert stranger.returncode != 0
    assert taken.stdout.decode() == "mới\n"
    assert [_belongs(mine), _belongs(mine / "Đã nhận/a.xlsx")] == [
        (65533, 65533, 0o770),
        (65533, 65533, 0o660),
    ]


@needs_root
def test_a_disk_without_access_lists_is_told(tree: LocalTree, source: Path, monkeypatch: Any):
    def refuse(*_: object) -> None:
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    monkeypatch.setattr(os, "setxattr", refuse)
    with pytest.raises(NeverWorks, match="take acl out of the folder rule"):
        tree.put(source, "a.xlsx", FileAccess("65532", acl=True))


def _as(account: int, rights: str = "") -> list[str]:
    """Run as an account, with some rights."""
    caps = [f"--inh-caps={rights}", f"--ambient-caps={rights}"] if rights else []
    number = str(account)
    return ["setpriv", f"--reuid={number}", f"--regid={number}", "--clear-groups", *caps]


def _belongs(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_uid, found.st_gid, found.st_mode & 0o7777


def test_an_owner_the_machine_does_not_know_is_told(tree: LocalTree, root: Path, source: Path):
    with pytest.raises(NeverWorks, match="unknown owner: no-such-user"):
        tree.put(source, "a.xlsx", FileAccess(owner="no-such-user"))

    assert list(root.iterdir()) == []


def test_a_daemon_killed_during_a_delivery_shows_the_receiver_nothing(
    tree: LocalTree, root: Path, tmp_path: Path, source: Path
):
    slow = tmp_path / "slow"
    os.mkfifo(slow)
    code = (
        "import sys; from pathlib import Path\n"
        "from bhyt_filedrop.edges.trees.local.tree import LocalTree\n"
        "LocalTree('local', Path(sys.argv[1])).put(Path(sys.argv[2]), 'a.xlsx')"
    )
    daemon = subprocess.Popen([sys.executable, "-c", code, str(root), str(slow)])
    with slow.open("wb") as feed:
        feed.write(b"half")
        feed.flush()
        until((root / ".a.xlsx.part").exists)
        daemon.kill()
        daemon.wait(120)

    assert [f.name for f in root.iterdir()] == [".a.xlsx.part"]
    tree.put(source, "a.xlsx")
    assert [(f.name, f.read_bytes()) for f in root.iterdir()] == [("a.xlsx", b"delivery")]


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB."""
    point = tmp_path / "tiny"
    point.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(point)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("no right to mount a small file system")
    yield point
    subprocess.run(["umount", str(point)], check=True)


def test_a_full_disk_means_later_and_shows_nothing(tiny_disk: Path, source: Path):
    source.write_bytes(b"x" * 1_000_000)
    tree = LocalTree("tiny", tiny_disk)

    with pytest.raises(TryLater):
        tree.put(source, "a.xlsx")

    assert list(tiny_disk.iterdir()) == []


def test_a_full_archive_disk_keeps_the_drop_where_it_is(tiny_disk: Path, root: Path):
    (root / "a.xlsx").write_bytes(b"x" * 1_000_000)

    with pytest.raises(TryLater):
        LocalTree("local", root).fetch("a.xlsx", tiny_disk / "copy")

    assert list(tiny_disk.iterdir()) == []
    assert (root / "a.xlsx").stat().st_size == 1_000_000


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, TryLater),
        (errno.EDQUOT, TryLater),
        (errno.EIO, TryLater),
        (errno.EACCES, TryLater),
        (errno.ESTALE, TryLater),
        (errno.ENAMETOOLONG, NeverWorks),
        (errno.EROFS, TryLater),
        (errno.EXDEV, NeverWorks),
    ],
)
def test_an_error_means_later_unless_a_person_must_act(number: int, kind: type[Exception]):
    assert isinstance(faults.outcome(OSError(number, os.strerror(number)), "put"), kind)


def test_no_error_tells_the_name_of_a_file(tree: LocalTree, source: Path):
    """Clerks name files after children, and errors end up in logs."""
    with pytest.raises(NeverWorks) as caught:
        tree.put(source, "Quận 1/" + "Nguyễn" * 60)

    assert "Nguyễn" not in str(caught.value)
    assert "Quận 1" in str(caught.value)
