"""The archive: every byte that was ever claimed, under its SHA-256, written once, never changed."""

from __future__ import annotations

import stat
from hashlib import sha256
from pathlib import Path

import pytest

from bhyt_filedrop.edges.archive import FolderArchive
from bhyt_filedrop.ports import TryLater


@pytest.fixture
def archive(tmp_path: Path) -> FolderArchive:
    made = FolderArchive(tmp_path / "archive")
    made.prepare()
    return made


def kept(archive: FolderArchive, data: bytes) -> str:
    file = archive.new_file()
    file.write_bytes(data)
    digest, size = archive.keep(file)
    assert size == len(data)
    assert not file.exists()
    return digest


def test_bytes_are_found_again_under_their_digest(archive: FolderArchive):
    data = b"x" * 3_000_000
    digest = kept(archive, data)

    assert digest == sha256(data).hexdigest()
    assert archive.path(digest).read_bytes() == data
    assert archive.size(digest) == len(data)


def test_the_same_bytes_are_kept_once(archive: FolderArchive, tmp_path: Path):
    first, second = kept(archive, b"abc"), kept(archive, b"abc")

    assert first == second
    assert len([p for p in (tmp_path / "archive").rglob("*") if p.is_file()]) == 1


def test_nothing_is_kept_as_nothing(archive: FolderArchive):
    assert archive.size(kept(archive, b"")) == 0


def test_what_is_kept_is_for_the_service_alone_and_cannot_be_written(
    archive: FolderArchive, tmp_path: Path
):
    path = archive.path(kept(archive, b"abc"))

    assert stat.S_IMODE(path.stat().st_mode) == 0o400
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "archive").stat().st_mode) == 0o700


def test_what_a_crash_left_half_made_is_gone_after_the_next_start(archive: FolderArchive):
    digest = kept(archive, b"abc")
    archive.new_file().write_bytes(b"half")
    left = archive.workspace / "unpacked"
    left.mkdir()
    (left / "0001.xlsx").write_bytes(b"a list")

    archive.prepare()

    assert list(archive.workspace.iterdir()) == []
    assert archive.path(digest).exists()


def test_a_disk_that_refuses_means_later(archive: FolderArchive, tmp_path: Path):
    with pytest.raises(TryLater):
        archive.keep(tmp_path / "archive" / "incoming" / "gone")


def test_bytes_that_were_never_kept_have_no_size(archive: FolderArchive):
    with pytest.raises(FileNotFoundError):
        archive.size("0" * 64)
