"""One contract, every kind of tree: what the journey relies on holds on each of them alike."""

from __future__ import annotations

import os
import threading
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bhyt_filedrop.domain.process.handoffs import FileAccess
from bhyt_filedrop.edges.archive.folder import FolderArchive
from bhyt_filedrop.ports import NeverWorks, Tree, TryLater
from bhyt_filedrop.work.arrival.make_room import put_aside
from tests.servers.kinds import (
    KEEPS_OLD_NAMES,
    KINDS,
    SETS_MODES,
    TELLS_LINKED_FOLDERS,
    TELLS_LINKS,
    Site,
)

Test = TypeVar("Test", bound=Callable[..., Any])
DISTRICT = "Trẻ em KCB bằng GKS-CS/Quận 1"
LONGEST = "Danh sách trẻ em " + "ế" * 75 + ".xlsx"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test on every kind of tree that can do what the test needs."""
    needed = getattr(metafunc.function, "needed", None)
    if "site" in metafunc.fixturenames:
        able = sorted(name for name, kind in KINDS.items() if not needed or needed in kind.can)
        metafunc.parametrize("site", able, indirect=True)


def needs(ability: str) -> Callable[[Test], Test]:
    def mark(test: Test) -> Test:
        test.needed = ability  # type: ignore[attr-defined]
        return test

    return mark


@pytest.fixture
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    with KINDS[request.param].open(tmp_path) as opened:
        yield opened
        opened.tree.close()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.bin"
    path.write_bytes(os.urandom(300_000))
    return path


def nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def drop(site: Site, path: str, data: bytes = b"workbook") -> Path:
    """Upload a file as a clerk does, behind the product's back."""
    file = site.disk / path
    for folder in (file.parent, *file.parent.parents):
        if folder == site.disk:
            break
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o777)
    file.write_bytes(data)
    file.chmod(0o666)
    return file


def paths(tree: Tree, folder: str = "", skip: tuple[str, ...] = ()) -> list[str]:
    return [seen.path for seen in tree.walk(folder, skip)]


# --- looking -----------------------------------------------------------------------------------


def test_every_file_of_a_folder_is_seen_in_name_order(site: Site):
    for path in ("b/2.xlsx", "a.xlsx", "b/c/3.xlsx", "z.xlsx"):
        drop(site, f"{DISTRICT}/{path}")

    assert paths(site.tree, DISTRICT) == [
        f"{DISTRICT}/{p}" for p in ("a.xlsx", "b/2.xlsx", "b/c/3.xlsx", "z.xlsx")
    ]
    assert paths(site.tree) == paths(site.tree, DISTRICT)


def test_a_sighting_tells_size_and_a_time_that_only_moves_with_the_file(site: Site):
    file = drop(site, "a.xlsx", b"x" * 1234)

    (first,) = site.tree.walk("")
    (second,) = site.tree.walk("")
    os.utime(file, (1_700_000_000, 1_700_000_000))
    (third,) = site.tree.walk("")

    assert first == second
    assert first.size == 1234
    assert third.mtime != second.mtime


def test_a_folder_that_does_not_exist_holds_nothing(site: Site):
    assert paths(site.tree, "Quận 99/Trả lại") == []


def test_a_skipped_folder_is_not_entered_however_it_is_spelled(site: Site):
    drop(site, f"{nfd('Quận 1')}/{nfd('Đã nhận')}/old.xlsx")
    drop(site, f"{nfd('Quận 1')}/new.xlsx")

    assert paths(site.tree, "Quận 1", ("Quận 1/Đã nhận",)) == [f"{nfd('Quận 1')}/new.xlsx"]


@needs(TELLS_LINKS)
def test_links_and_special_files_are_passed_over(site: Site, tmp_path: Path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret.xlsx").write_bytes(b"secret")
    drop(site, "real.xlsx")
    (site.disk / "link.xlsx").symlink_to(tmp_path / "outside/secret.xlsx")
    (site.disk / "folder").symlink_to(tmp_path / "outside")
    (site.disk / "dangling.xlsx").symlink_to("nowhere")
    os.mkfifo(site.disk / "pipe.xlsx")

    assert paths(site.tree) == ["real.xlsx"]
    assert site.tree.stat("link.xlsx") is None
    assert site.tree.stat("pipe.xlsx") is None


@needs(TELLS_LINKED_FOLDERS)
def test_a_folder_that_is_a_link_is_not_entered(site: Site, tmp_path: Path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret.xlsx").write_bytes(b"secret")
    (site.disk / "folder").symlink_to(tmp_path / "outside")

    assert paths(site.tree, "folder") == []
    assert site.tree.stat("folder/secret.xlsx") is None
    with pytest.raises(FileNotFoundError):
        site.tree.fetch("folder/secret.xlsx", tmp_path / "copy")


@needs(KEEPS_OLD_NAMES)
def test_a_name_that_is_no_utf8_is_still_seen_and_taken(site: Site, tmp_path: Path):
    raw = os.fsencode(site.disk) + b"/Qu\xe2\xcbn 1.xls"
    Path(os.fsdecode(raw)).write_bytes(b"legacy")

    (seen,) = site.tree.walk("")
    site.tree.fetch(seen.path, tmp_path / "copy")

    assert (tmp_path / "copy").read_bytes() == b"legacy"
    assert site.tree.claim(seen.path, "work/1")
    assert (site.disk / "work/1").read_bytes() == b"legacy"


@pytest.mark.parametrize(
    "name",
    [" đầu.xlsx", "hai  cách.xlsx", "ngoặc [1]*?.xlsx", "-rf", "a;b|c&d$(e).xls", "'\".xlsx"],
)
def test_any_name_a_clerk_may_choose_is_taken(site: Site, tmp_path: Path, name: str):
    drop(site, f"Quận 1/{name}", b"odd")

    assert paths(site.tree, "Quận 1") == [f"Quận 1/{name}"]
    site.tree.fetch(f"Quận 1/{name}", tmp_path / "copy")
    assert site.tree.claim(f"Quận 1/{name}", f"work/7/{name}")
    assert (site.disk / "work/7" / name).read_bytes() == b"odd"


def test_stat_tells_files_from_folders_and_from_nothing(site: Site):
    drop(site, f"{DISTRICT}/a.xlsx", b"12345")

    found = site.tree.stat(f"{DISTRICT}/a.xlsx")

    assert found is not None
    assert found.size == 5
    assert [found] == list(site.tree.walk(DISTRICT))
    assert site.tree.stat(DISTRICT) is None
    assert site.tree.stat(f"{DISTRICT}/b.xlsx") is None
    assert site.tree.stat("no/such/folder.xlsx") is None


def test_a_listing_of_many_files_is_whole(site: Site):
    folder = site.disk / "Quận 1"
    folder.mkdir()
    for number in range(2_000):
        (folder / f"{number:05}.xlsx").touch()

    assert paths(site.tree) == [f"Quận 1/{number:05}.xlsx" for number in range(2_000)]


@pytest.mark.parametrize(
    ("offset", "length", "expected"),
    [
        (0, 4, b"0123"),
        (3, 4, b"3456"),
        (-3, 3, b"789"),
        (-99, 4, b"0123"),
        (8, 99, b"89"),
        (50, 4, b""),
    ],
)
def test_a_part_of_a_file_can_be_read(site: Site, offset: int, length: int, expected: bytes):
    drop(site, "a.zip", b"0123456789")

    assert site.tree.read_range("a.zip", offset, length) == expected
    assert site.tree.read_range("a.zip", 0, 2) == b"01"


def test_the_ends_of_a_large_file_can_be_read_without_the_rest(site: Site):
    data = os.urandom(2_000_000)
    drop(site, "a.zip", data)

    for _ in range(2):
        assert site.tree.read_range("a.zip", 0, 512) == data[:512]
        assert site.tree.read_range("a.zip", -512, 512) == data[-512:]
        assert site.tree.read_range("a.zip", 1_000_000, 5) == data[1_000_000:1_000_005]


def test_reading_what_is_gone_says_so(site: Site, tmp_path: Path):
    with pytest.raises(TryLater):
        site.tree.read_range("gone.xlsx", 0, 10)
    with pytest.raises(FileNotFoundError):
        site.tree.fetch("gone/gone.xlsx", tmp_path / "copy")

    assert [f.name for f in tmp_path.iterdir() if f.is_file()] == []


def test_stat_tells_what_is_there_now_and_not_what_the_last_listing_said(site: Site):
    drop(site, "Quận 1/a.xlsx", b"12345")
    assert [seen.size for seen in site.tree.walk("Quận 1")] == [5]

    drop(site, "Quận 1/a.xlsx", b"1234567")
    found = site.tree.stat("Quận 1/a.xlsx")
    assert found is not None
    assert found.size == 7

    (site.disk / "Quận 1/a.xlsx").unlink()
    assert site.tree.stat("Quận 1/a.xlsx") is None


def test_a_root_that_was_taken_away_is_out_of_reach_and_not_empty(site: Site):
    drop(site, "Quận 1/a.xlsx")
    assert paths(site.tree) == ["Quận 1/a.xlsx"]
    away = site.disk.with_name("away")
    site.disk.rename(away)

    for look in (lambda: paths(site.tree), lambda: paths(site.tree, "Quận 1")):
        with pytest.raises(TryLater):
            look()
    with pytest.raises(TryLater):
        site.tree.claim("Quận 1/a.xlsx", "work/1")
    assert site.tree.check() is not None

    away.rename(site.disk)
    assert paths(site.tree) == ["Quận 1/a.xlsx"]


def test_a_file_is_not_given_up_where_its_whole_disk_is_gone(site: Site):
    """The folder on which a disk is mounted stays when the disk goes."""
    drop(site, "Quận 1/a.xlsx")
    assert site.tree.claim("Quận 1/a.xlsx", "work/1")
    kept = site.disk.with_name("kept")
    site.disk.rename(kept)
    site.disk.mkdir()

    with pytest.raises(TryLater):
        site.tree.claim("Quận 1/a.xlsx", "work/1")

    site.disk.rmdir()
    kept.rename(site.disk)
    assert site.tree.claim("Quận 1/a.xlsx", "work/1")


# --- claiming ----------------------------------------------------------------------------------


def test_a_claimed_file_leaves_the_drop_folder_in_one_step(site: Site):
    drop(site, f"{DISTRICT}/a.xlsx", b"mine")

    assert site.tree.claim(f"{DISTRICT}/a.xlsx", ".work/0001/a.xlsx")

    assert paths(site.tree) == [".work/0001/a.xlsx"]
    assert (site.disk / ".work/0001/a.xlsx").read_bytes() == b"mine"


def test_a_file_its_sender_took_back_is_no_longer_claimed(site: Site):
    drop(site, "Quận 1/b.xlsx")

    assert not site.tree.claim("Quận 1/a.xlsx", "work/a.xlsx")
    assert not site.tree.claim("Quận 2/a.xlsx", "work/a.xlsx")
    assert paths(site.tree) == ["Quận 1/b.xlsx"]


def test_a_claim_whose_answer_was_lost_can_be_made_again(site: Site):
    drop(site, "Quận 1/a.xlsx")

    assert site.tree.claim("Quận 1/a.xlsx", "work/0001/a.xlsx")
    assert site.another().claim("Quận 1/a.xlsx", "work/0001/a.xlsx")
    assert not site.tree.claim("Quận 1/a.xlsx", "work/0002/a.xlsx")


def test_a_claim_never_replaces_what_is_there(site: Site):
    drop(site, "Quận 1/a.xlsx", b"new")
    drop(site, "work/a.xlsx", b"old")

    with pytest.raises(NeverWorks):
        site.tree.claim("Quận 1/a.xlsx", "work/a.xlsx")

    assert (site.disk / "Quận 1/a.xlsx").read_bytes() == b"new"
    assert (site.disk / "work/a.xlsx").read_bytes() == b"old"


def test_of_two_claimers_one_wins(site: Site):
    trees = [site.tree, site.another()]
    for turn in range(5):
        drop(site, f"Quận 1/{turn}.xlsx")
        won = _claim_at_once(trees, f"Quận 1/{turn}.xlsx", turn)
        assert sorted(won) == [False, True]
    trees[1].close()

    assert len(paths(site.tree, "work")) == 5


def _claim_at_once(trees: list[Tree], path: str, turn: int) -> list[bool]:
    won: list[bool] = []
    start = threading.Barrier(len(trees))

    def run(number: int, tree: Tree) -> None:
        start.wait()
        won.append(tree.claim(path, f"work/{turn}-{number}.xlsx"))

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(trees)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return won


@needs(TELLS_LINKS)
def test_a_link_is_not_claimed(site: Site, tmp_path: Path):
    (tmp_path / "secret").write_bytes(b"secret")
    (site.disk / "a.xlsx").symlink_to(tmp_path / "secret")

    assert not site.tree.claim("a.xlsx", "work/a.xlsx")
    assert (tmp_path / "secret").read_bytes() == b"secret"


# --- fetching ----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 32_768, 3_000_001])
def test_a_fetched_copy_has_every_byte(site: Site, tmp_path: Path, size: int):
    data = os.urandom(size)
    drop(site, f"{DISTRICT}/a.xlsx", data)

    site.tree.fetch(f"{DISTRICT}/a.xlsx", tmp_path / "copy")

    assert (tmp_path / "copy").read_bytes() == data


def test_a_failed_fetch_leaves_the_earlier_copy(site: Site, tmp_path: Path):
    (tmp_path / "copy").write_bytes(b"earlier")

    with pytest.raises(FileNotFoundError):
        site.tree.fetch("gone.xlsx", tmp_path / "copy")

    assert (tmp_path / "copy").read_bytes() == b"earlier"


# --- putting -----------------------------------------------------------------------------------


def test_a_delivery_arrives_whole_and_leaves_nothing_else(site: Site, source: Path):
    site.tree.put(source, f"{DISTRICT}/Từ BHXH TP/Quý 1-2015/a.xlsx")

    assert paths(site.tree) == [f"{DISTRICT}/Từ BHXH TP/Quý 1-2015/a.xlsx"]
    delivered = site.disk / f"{DISTRICT}/Từ BHXH TP/Quý 1-2015/a.xlsx"
    assert delivered.read_bytes() == source.read_bytes()


def test_delivering_again_after_a_crash_is_harmless(site: Site, source: Path):
    drop(site, "Quận 1/.a.xlsx.part", b"half of an earlier attempt")

    site.tree.put(source, "Quận 1/a.xlsx")
    site.tree.put(source, "Quận 1/a.xlsx")

    assert paths(site.tree) == ["Quận 1/a.xlsx"]
    assert (site.disk / "Quận 1/a.xlsx").read_bytes() == source.read_bytes()


def test_a_receiver_never_sees_a_half_delivery(site: Site, source: Path):
    source.write_bytes(b"x" * 4_000_000)
    (site.disk / "Quận 1").mkdir(mode=0o777)
    (site.disk / "Quận 1").chmod(0o777)
    sizes: set[int] = set()
    done = threading.Event()

    def receiver() -> None:
        while not done.is_set():
            sizes.update(f.stat().st_size for f in (site.disk / "Quận 1").glob("*.xlsx"))

    watcher = threading.Thread(target=receiver)
    watcher.start()
    try:
        site.tree.put(source, "Quận 1/a.xlsx")
    finally:
        done.set()
        watcher.join()

    assert sizes <= {4_000_000}


def test_the_longest_name_a_server_takes_can_be_delivered(site: Site, source: Path):
    name = LONGEST + "x" * (255 - len(LONGEST.encode()))
    assert len(name.encode()) == 255

    site.tree.put(source, f"Quận 1/{name}")

    assert paths(site.tree) == [f"Quận 1/{name}"]


def test_a_name_too_long_for_any_server_never_works(site: Site, source: Path):
    with pytest.raises(NeverWorks):
        site.tree.put(source, "Quận 1/" + "x" * 300)


def test_deliveries_and_claims_find_a_folder_made_on_a_mac(site: Site, source: Path):
    drop(site, f"{nfd('Quận 1')}/{nfd('Trả lại')}/old.xlsx")

    site.tree.put(source, "Quận 1/Trả lại/a.xlsx")
    site.tree.make_folder("Quận 1/Trả lại")
    drop(site, "b.xlsx")
    assert site.tree.claim("b.xlsx", "Quận 1/Trả lại/b.xlsx")

    assert [f.name for f in site.disk.iterdir()] == [nfd("Quận 1")]
    assert paths(site.tree, "Quận 1/Trả lại") == [
        f"{nfd('Quận 1')}/{nfd('Trả lại')}/{name}.xlsx" for name in ("a", "b", "old")
    ]


def test_a_new_folder_is_spelled_composed(site: Site, source: Path):
    site.tree.put(source, f"{nfd('Quận 1')}/a.xlsx")

    assert [f.name for f in site.disk.iterdir()] == ["Quận 1"]


@needs(SETS_MODES)
def test_a_delivery_gets_the_mode_its_folder_rule_names(site: Site, source: Path):
    site.tree.put(source, "Quận 1/a.xlsx", FileAccess(mode=0o640))

    assert (site.disk / "Quận 1/a.xlsx").stat().st_mode & 0o777 == 0o640
    assert (site.disk / "Quận 1").stat().st_mode & 0o777 == 0o750


@needs(TELLS_LINKED_FOLDERS)
def test_a_delivery_through_a_link_to_elsewhere_is_refused(
    site: Site, source: Path, tmp_path: Path
):
    (tmp_path / "outside").mkdir()
    (site.disk / "Quận 1").symlink_to(tmp_path / "outside")
    drop(site, "b.xlsx")

    with pytest.raises(NeverWorks):
        site.tree.put(source, "Quận 1/a.xlsx")
    with pytest.raises(NeverWorks):
        site.tree.claim("b.xlsx", "Quận 1/b.xlsx")

    assert list((tmp_path / "outside").iterdir()) == []
    assert (site.disk / "b.xlsx").exists()


# --- the rest ----------------------------------------------------------------------------------


def test_a_draft_gives_way_and_only_what_people_changed_is_put_aside(
    site: Site, source: Path, tmp_path: Path
):
    archive = FolderArchive(tmp_path / "archive")
    archive.prepare()
    ours = archive.keep(source)[0]
    path = f"{DISTRICT}/bản tạm.xlsx"
    site.tree.put(archive.path(ours), path)
    assert put_aside(site.tree, archive, path, "D150627-AAAAAA", FileAccess()) == ours
    assert not list(site.disk.rglob("*AAAAAA*"))

    site.tree.remove(path)
    drop(site, path, b"worked on by hand")
    for _ in range(2):
        theirs = put_aside(site.tree, archive, path, "D150628-BBBBBB", FileAccess())
    site.tree.remove(path)

    (aside,) = site.disk.rglob("*BBBBBB*")
    assert aside.read_bytes() == archive.path(theirs).read_bytes() == b"worked on by hand"
    assert put_aside(site.tree, archive, path, "D150629-CCCCCC", FileAccess()) == ""


def test_removing_is_done_once_and_harmless_twice(site: Site):
    drop(site, "Quận 1/a.xlsx")

    for _ in range(2):
        site.tree.remove("Quận 1/a.xlsx")
    site.tree.remove("Quận 2/a.xlsx")

    assert paths(site.tree) == []


def test_making_a_folder_is_done_once_and_harmless_twice(site: Site):
    for _ in range(2):
        site.tree.make_folder("Quận 1/Phường Bến Nghé/Đã nhận")

    assert (site.disk / "Quận 1/Phường Bến Nghé/Đã nhận").is_dir()


def test_a_file_in_the_way_of_a_folder_is_told(site: Site, source: Path):
    drop(site, "Quận 1")

    with pytest.raises(NeverWorks):
        site.tree.make_folder("Quận 1/Đã nhận")
    with pytest.raises(NeverWorks):
        site.tree.put(source, "Quận 1/a.xlsx")


@pytest.mark.parametrize("path", ["../a.xlsx", "/etc/passwd", "a/../../b", "a//b", "a/./b", "a\0b"])
def test_no_path_leads_out_of_the_tree(site: Site, source: Path, path: str):
    with pytest.raises(NeverWorks):
        site.tree.put(source, path)
    with pytest.raises(NeverWorks):
        site.tree.claim(path, "work/a.xlsx")
    with pytest.raises(NeverWorks):
        list(site.tree.walk(path))


def test_a_healthy_tree_has_nothing_to_say_and_keeps_no_trace_of_being_asked(site: Site):
    assert site.tree.check() is None
    assert list(site.disk.iterdir()) == []


def test_a_tree_can_be_used_after_it_was_closed(site: Site):
    drop(site, "a.xlsx")
    site.tree.close()

    assert paths(site.tree) == ["a.xlsx"]
