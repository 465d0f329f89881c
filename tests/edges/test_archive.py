"""The archive: every byte that was ever claimed, under its SHA-256, written once, never changed.

One contract for all that holds it: a folder, a shared folder of several daemons, an S3 store.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

from bhyt_filedrop.edges.archive import folder, store
from bhyt_filedrop.edges.archive.copying import copy_archive
from bhyt_filedrop.edges.archive.folder import FolderArchive
from bhyt_filedrop.edges.archive.near import JudgesArchive, copy_nearby
from bhyt_filedrop.edges.archive.store import StoreArchive
from bhyt_filedrop.ports import NeverWorks, TryLater
from tests.servers.s3 import s3_server

AnArchive = FolderArchive | StoreArchive


@dataclass(frozen=True)
class Kept:
    """A place where bytes are kept. `open` gives the archive that a daemon has there, by the
    daemon's name; `spoil` writes other bytes in the place of some, past the archive."""

    open: Callable[[str], AnArchive]
    spoil: Callable[[str, bytes], None]


def in_folder(tmp_path: Path) -> Kept:
    root = tmp_path / "archive"

    def opened(_daemon: str) -> AnArchive:
        made = FolderArchive(root)
        made.prepare()
        return made

    return Kept(opened, lambda digest, data: overwritten(root / digest[:2] / digest, data))


def in_shared_folder(tmp_path: Path) -> Kept:
    root = tmp_path / "shared"

    def opened(daemon: str) -> AnArchive:
        made = FolderArchive(root, daemon, workspace=tmp_path / daemon / "incoming")
        made.prepare()
        return made

    return Kept(opened, lambda digest, data: overwritten(root / digest[:2] / digest, data))


def in_store(tmp_path: Path) -> Kept:
    server = s3_server()
    bucket = server.bucket()
    return Kept(
        lambda daemon: server.archive(f"s3://{bucket}/quan/kho", tmp_path / daemon),
        lambda digest, data: server.write(bucket, f"quan/kho/{digest[:2]}/{digest}", data),
    )


def overwritten(file: Path, data: bytes) -> None:
    file.chmod(0o600)
    file.write_bytes(data)


KINDS = {
    "folder": in_folder,
    "shared-folder": in_shared_folder,
    "store": in_store,
}
ANY = [pytest.param(k, marks=pytest.mark.server if k == "store" else ()) for k in KINDS]


@pytest.fixture(params=ANY)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    return KINDS[request.param](tmp_path)


@pytest.fixture
def archive(place: Kept) -> AnArchive:
    return place.open("first")


def kept(archive: AnArchive, data: bytes) -> str:
    file = archive.new_file()
    file.write_bytes(data)
    digest, size = archive.keep(file)
    assert size == len(data)
    assert not file.exists()
    return digest


@pytest.mark.parametrize("length", [3, 3_000_000, 2 * store.PART + 5])
def test_bytes_are_found_again_under_their_digest(place: Kept, length: int):
    data = b"x" * length
    digest = kept(place.open("first"), data)

    assert digest == sha256(data).hexdigest()
    for archive in (place.open("first"), place.open("second")):
        assert archive.has(digest)
        assert archive.path(digest).read_bytes() == data
        assert archive.size(digest) == len(data)
        assert archive.is_whole(digest)


def test_the_same_bytes_are_kept_once(archive: AnArchive):
    first, second, other = kept(archive, b"abc"), kept(archive, b"abc"), kept(archive, b"b")

    assert first == second
    assert list(archive.every()) == sorted({first, other})
    assert list(archive.every_size()) == [(d, archive.size(d)) for d in sorted({first, other})]


def test_nothing_is_kept_as_nothing(archive: AnArchive):
    digest = kept(archive, b"")

    assert archive.size(digest) == 0
    assert archive.is_whole(digest)
    assert archive.path(digest).read_bytes() == b""


def test_an_archive_is_empty_until_something_is_kept(archive: AnArchive):
    assert archive.is_empty()
    archive.new_file()
    assert archive.is_empty()
    kept(archive, b"abc")
    assert not archive.is_empty()


def test_what_crash_left_half_made_is_gone_after_the_next_start_and_anothers_is_not(place: Kept):
    archive, other = place.open("first"), place.open("second")
    digest = kept(archive, b"abc")
    archive.new_file().write_bytes(b"half")
    left = archive.workspace / "unpacked"
    left.mkdir()
    (left / "0001.xlsx").write_bytes(b"a list")
    anothers = other.new_file()
    same_daemon = anothers.parent == archive.new_file().parent

    archive.prepare()

    assert list(archive.workspace.iterdir()) == []
    assert archive.path(digest).read_bytes() == b"abc"
    assert anothers.exists() is not same_daemon


def test_what_was_never_kept_is_nowhere(archive: AnArchive):
    with pytest.raises(FileNotFoundError):
        archive.size("0" * 64)
    assert not archive.has("0" * 64)
    assert not archive.path("0" * 64).exists()
    assert not archive.discard("0" * 64)


def test_a_file_is_recognised_by_its_bytes(archive: AnArchive, tmp_path: Path):
    file = tmp_path / "như cũ.xlsx"
    file.write_bytes(b"abc")
    assert not archive.holds(file)
    kept(archive, b"abc")
    assert archive.holds(file)


def test_what_is_discarded_is_gone_for_everybody(place: Kept):
    archive, other = place.open("first"), place.open("second")
    digest = kept(archive, b"abc")
    assert other.path(digest).exists()

    assert archive.discard(digest)
    assert not archive.discard(digest)
    assert not archive.has(digest)
    assert not archive.path(digest).exists()
    assert not other.has(digest)
    assert list(other.every()) == []


def test_bytes_that_were_altered_are_not_whole_and_are_never_written_over(place: Kept):
    digest = kept(place.open("first"), b"abc")
    place.spoil(digest, b"abd")
    archive = place.open("second")

    assert not archive.is_whole(digest)
    kept(archive, b"abc")
    assert not archive.is_whole(digest)


def test_what_is_kept_is_for_the_service_alone_and_cannot_be_written(
    archive: AnArchive, tmp_path: Path
):
    path = archive.path(kept(archive, b"abc"))

    assert stat.S_IMODE(path.stat().st_mode) == 0o400
    for above in path.relative_to(tmp_path).parents[:-2]:
        assert stat.S_IMODE((tmp_path / above).stat().st_mode) == 0o700


def test_a_disk_that_refuses_means_later(archive: AnArchive):
    with pytest.raises(TryLater):
        archive.keep(archive.workspace / "gone")


@pytest.mark.parametrize("to", ANY)
def test_one_archive_is_copied_into_another_but_for_what_is_spoilt(
    place: Kept, to: str, tmp_path: Path
):
    source, target = place.open("first"), KINDS[to](tmp_path / "other").open("other")
    digests = [kept(source, data) for data in (b"", b"abc", b"x" * (store.PART + 1))]
    bad = kept(source, b"bad")
    place.spoil(bad, b"badly")

    assert copy_archive(source, target) == (3, [bad])
    assert list(target.every()) == sorted(digests)
    assert all(target.is_whole(one) for one in digests)
    assert copy_archive(source, target) == (0, [bad])


def test_a_name_that_another_put_there_is_on_the_disk_too_before_it_is_counted_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The second of two at once finds a name that a power cut may still take away."""
    first, second = FolderArchive(tmp_path / "a"), FolderArchive(tmp_path / "a")
    first.prepare()
    target = first.path(kept(first, b"abc"))
    synced: list[Path] = []
    monkeypatch.setattr(folder, "sync_folder_of", synced.append)
    kept(second, b"abc")

    assert synced == [target, target.parent]


@pytest.mark.server
def test_a_copy_that_nobody_asked_for_goes_after_a_day_and_comes_again(tmp_path: Path):
    archive = in_store(tmp_path).open("first")
    old, new = kept(archive, b"abc"), kept(archive, b"def")
    copy = copy_nearby(tmp_path / "first", old)
    os.utime(copy, (0, copy.stat().st_mtime - store.KEPT_NEAR - 1))
    archive.prepare()

    assert not copy.exists()
    assert copy_nearby(tmp_path / "first", new).exists()
    assert archive.path(old).read_bytes() == b"abc"


@pytest.mark.server
def test_other_bytes_than_were_kept_are_given_to_nobody(tmp_path: Path):
    place = in_store(tmp_path)
    digest = kept(place.open("first"), b"abc")
    place.spoil(digest, b"abd")

    with pytest.raises(NeverWorks, match="other bytes than were kept"):
        place.open("second").path(digest)
    assert list(place.open("second").workspace.iterdir()) == []


@pytest.mark.server
def test_what_a_judge_kept_without_the_secret_goes_into_the_store(tmp_path: Path):
    archive = in_store(tmp_path).open("first")
    dropped = kept(archive, b"a zip")
    judge = JudgesArchive(tmp_path / "first")
    member = judge.new_file()
    member.write_bytes(b"its list")
    digest, _ = judge.keep(member)

    assert judge.path(dropped).read_bytes() == b"a zip"
    assert judge.path(digest).read_bytes() == b"its list"
    assert not archive.has(digest)
    archive.keep_what_was_judged()
    assert archive.is_whole(digest)
    assert judge.path(digest).read_bytes() == b"its list"
