"""A store of the archive that is away, closed or not what it should be; and two at one archive."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bhyt_filedrop.edges.archive.store import StoreArchive
from bhyt_filedrop.ports import TryLater
from tests.servers.s3 import S3Server, moto, s3_server

pytestmark = pytest.mark.server

NOBODY = 1
"""A port on which nothing listens."""
ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.fixture(scope="module")
def server() -> S3Server:
    return s3_server()


CALLS: dict[str, Callable[[StoreArchive], object]] = {
    "keep": lambda archive: archive.keep(a_file(archive)),
    "has": lambda archive: archive.has(ABC),
    "size": lambda archive: archive.size(ABC),
    "path": lambda archive: archive.path(ABC),
    "every": lambda archive: list(archive.every()),
    "is_whole": lambda archive: archive.is_whole(ABC),
    "discard": lambda archive: archive.discard(ABC),
}


def a_file(archive: StoreArchive) -> Path:
    file = archive.new_file()
    file.write_bytes(b"abc")
    return file


@pytest.mark.parametrize("name", CALLS)
def test_a_store_that_is_away_means_later(server: S3Server, tmp_path: Path, name: str):
    archive = server.archive("s3://kho", tmp_path, port=NOBODY, timeout=1)
    with pytest.raises(TryLater) as told:
        CALLS[name](archive)
    assert "\n" not in str(told.value)


def test_a_file_that_the_store_did_not_take_is_still_there_for_the_next_attempt(
    server: S3Server, tmp_path: Path
):
    away = server.archive(f"s3://{server.bucket()}", tmp_path, port=NOBODY, timeout=1)
    file = a_file(away)
    with pytest.raises(TryLater):
        away.keep(file)
    assert file.read_bytes() == b"abc"


def test_rights_that_are_refused_mean_later_for_an_admin_can_give_them(tmp_path: Path):
    closed = moto(closed_after=1)
    archive = closed.archive(f"s3://{closed.bucket()}", tmp_path)
    for call in ("keep", "has", "every"):
        with pytest.raises(TryLater, match=r"403|privileges|authenticated|Forbidden"):
            CALLS[call](archive)
    assert "<?xml" not in str(archive.check())


def test_a_bucket_that_is_not_there_is_told_in_one_line(server: S3Server, tmp_path: Path):
    archive = server.archive("s3://kho-khong-co", tmp_path)
    with pytest.raises(TryLater):
        CALLS["keep"](archive)
    told = archive.check()
    assert told
    assert "\n" not in told


def test_a_check_leaves_nothing_behind(server: S3Server, tmp_path: Path):
    bucket = server.bucket()
    archive = server.archive(f"s3://{bucket}/quan", tmp_path)

    assert archive.check() is None
    assert "<Key>" not in server.keys(bucket)
    assert archive.is_empty()


@pytest.mark.long
def test_a_large_file_goes_and_comes_in_parts(server: S3Server, tmp_path: Path):
    """What it costs in memory is some parts, however large it is."""
    where = f"s3://{server.bucket()}"
    script = f"""
import resource, sys
from pathlib import Path
from tests.servers.s3 import S3Server, StoreArchive, open_store, SECRET_KEY, StoreAccess
access = StoreAccess({where!r}, {server.endpoint!r}, "us-east-1", "bhyt", None, 60)
archive = StoreArchive(open_store(access, SECRET_KEY), Path({str(tmp_path)!r}))
archive.prepare()
small = archive.new_file(); small.write_bytes(b"x"); archive.keep(small)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
file = archive.new_file()
with file.open("wb") as out:
    for n in range(120):
        out.write(n.to_bytes(1, "big") * 2**20)
digest, size = archive.keep(file)
archive._near.joinpath("copies", digest[:2], digest).unlink()
assert archive.path(digest).stat().st_size == size == 120 * 2**20
assert archive.is_whole(digest)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True, timeout=300
    )
    assert int(done.stdout) < 72 * 1024


KEEPS = """
import json, sys
from pathlib import Path
from bhyt_filedrop.edges.archive.asking import StoreAccess, open_store
from bhyt_filedrop.edges.archive.folder import FolderArchive
from bhyt_filedrop.edges.archive.store import StoreArchive
kind, where, near, endpoint, count = sys.argv[1:]
near = Path(near)
if kind == "store":
    access = StoreAccess(where, endpoint, "us-east-1", "bhyt", None, 60)
    archive = StoreArchive(open_store(access, "x"), near)
else:
    archive = FolderArchive(Path(where), near.name, workspace=near)
archive.prepare()
print("ready", flush=True)
sys.stdin.readline()
kept = []
for n in range(int(count)):
    file = archive.new_file()
    file.write_bytes(b"%d" % n * 5000)
    kept.append(archive.keep(file)[0])
    assert archive.is_whole(kept[-1])
print(json.dumps(kept))
"""


@pytest.mark.parametrize(("kind", "count"), [("folder", 150), ("store", 40)])
def test_two_that_keep_the_same_bytes_at_once_have_one_whole_file_of_each(
    server: S3Server, tmp_path: Path, kind: str, count: int
):
    bucket = server.bucket()
    where = f"s3://{bucket}" if kind == "store" else str(tmp_path / "shared")
    (tmp_path / "shared").mkdir()
    keepers = [
        subprocess.Popen(
            [sys.executable, "-c", KEEPS, kind, where, str(tmp_path / name), server.endpoint,
             str(count)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for name in ("một", "hai")
    ]  # fmt: skip
    for one in keepers:
        assert one.stdout
        assert one.stdout.readline() == "ready\n"
    for one in keepers:
        assert one.stdin
        one.stdin.write("go\n")
        one.stdin.flush()
    first, second = (json.loads(one.communicate(timeout=300)[0]) for one in keepers)

    assert [one.returncode for one in keepers] == [0, 0]
    assert first == second
    if kind == "folder":
        there = {file.name for file in (tmp_path / "shared").glob("??/*")}
        assert not [file for file in (tmp_path / "shared/incoming").rglob("*") if file.is_file()]
    else:
        archive = server.archive(where, tmp_path / "ba")
        there = set(archive.every())
        assert server.keys(bucket).count("<Key>") == count
    assert there == set(first)
