"""Files of the product's own in people's folders: which are drops, which are told, which go."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bhyt_filedrop.domain.drops.drop import Delivery, Role
from bhyt_filedrop.domain.drops.lying import Why
from bhyt_filedrop.domain.process.folders import Place
from bhyt_filedrop.domain.process.handoffs import FileAccess
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.ports import GivenFile, Sighting, ToErase
from bhyt_filedrop.work.arrival.copies import MOST_COMPARED, Answer, Copies
from bhyt_filedrop.work.arrival.make_room import put_aside
from bhyt_filedrop.work.keeping.erase import erase
from tests.offices import UNITS, moment

NOW = moment(6, 12, 9)
LATER = (NOW + timedelta(minutes=11)).timestamp()
NAME = "D150612-AAAAAA"


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@dataclass
class Kept:
    """An archive: what was put, by its SHA-256."""

    every: dict[str, bytes] = field(default_factory=dict)
    made: list[Path] = field(default_factory=list)
    folder: Path = Path()
    kept: bytes = b""

    def keep_bytes(self, content: bytes) -> str:
        self.every[digest(content)] = content
        return digest(content)

    def size(self, sha256: str) -> int:
        if sha256 not in self.every:
            raise FileNotFoundError
        return len(self.every[sha256])

    def new_file(self) -> Path:
        return self.folder / "new"

    def keep(self, copy: Path) -> tuple[str, int]:
        content = copy.read_bytes()
        return digest(content), len(content)

    def holds(self, copy: Path) -> bool:
        return digest(copy.read_bytes()) in self.every

    def discard(self, sha256: str) -> bool:
        return self.every.pop(sha256, None) is not None


@dataclass
class Lies:
    """A tree: what lies where by now."""

    files: dict[str, bytes] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)
    id: str = "main"

    def fetch(self, path: str, to: Path) -> None:
        self.fetched.append(path)
        if path not in self.files:
            raise FileNotFoundError
        to.write_bytes(self.files[path])

    def put(self, source: Path, path: str, _access: object) -> None:
        self.files[path] = source.read_bytes()

    def stat(self, path: str) -> Sighting | None:
        content = self.files.get(path)
        return None if content is None else Sighting(path, len(content), LATER)

    def read_range(self, path: str, start: int, count: int) -> bytes:
        return self.files[path][start : start + count]

    def remove(self, path: str) -> None:
        del self.files[path]


@dataclass
class Folder:
    """What lies in folders of a unit, and what the ledger says of it."""

    tree: Lies
    archive: Kept
    given: dict[str, GivenFile] = field(default_factory=dict)
    of: dict[str, list[GivenFile]] = field(default_factory=dict)
    copies: Any = None

    def put(self, path: str, content: bytes, role: Role = Role.FORWARD) -> None:
        self.tree.files[path] = content
        self.given[path] = GivenFile(NAME, role, self.archive.keep_bytes(content), NOW)

    def verdict(self, path: str, own: str, mtime: float = LATER, subfolder: str = "") -> object:
        place = Place("main", UNITS["760"], subfolder, path, own)
        one = Sighting(path, len(self.tree.files.get(path, b"")), mtime)
        routes = SimpleNamespace(process=SimpleNamespace(handoffs={}))
        ((sighting, where, told),) = self.copies.verdicts([(one, place)], routes)
        assert (sighting, where) == (one, place)
        return told


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(Lies(), Kept(folder=tmp_path))

    def given(_tree: str, paths: Sequence[str]) -> Mapping[str, GivenFile]:
        return {path: made.given[path] for path in paths if path in made.given}

    def given_of(drops: set[str]) -> Mapping[str, Sequence[GivenFile]]:
        return {drop: made.of[drop] for drop in drops if drop in made.of}

    looks, lists = SimpleNamespace(given=given, given_of=given_of), SimpleNamespace()
    made.copies = Copies(made.tree, looks, lists, made.archive)  # type: ignore[arg-type]
    made.copies.begin()
    return made


def test_what_lies_as_it_was_put_is_nothing_to_speak_of(folder: Folder):
    folder.put("a.xlsx", b"as it was")

    assert folder.verdict("a.xlsx", "received") is None
    assert folder.tree.fetched == ["a.xlsx"]


def test_a_copy_is_compared_where_its_time_is_later_alone_and_once_while_it_stays(folder: Folder):
    folder.put("a.xlsx", b"as it was")
    assert folder.verdict("a.xlsx", "received", NOW.timestamp() + 600) is None
    assert folder.tree.fetched == []

    folder.verdict("a.xlsx", "received")
    for _ in range(2):
        folder.copies.begin()
        folder.verdict("a.xlsx", "received")
    assert folder.tree.fetched == ["a.xlsx"]


def test_so_many_copies_are_compared_in_one_survey_and_the_next_goes_on(folder: Folder):
    names = [f"{n}.xlsx" for n in range(MOST_COMPARED + 1)]
    for name in names:
        folder.put(name, b"as it was")
        folder.verdict(name, "received")
    assert folder.tree.fetched == names[:-1]

    folder.copies.begin()
    for name in names:
        folder.verdict(name, "received")
    assert folder.tree.fetched == names


@pytest.mark.parametrize("changed", [b"As it was", b"as it was, and more"])
def test_a_list_that_was_changed_where_it_was_received_is_told(folder: Folder, changed: bytes):
    folder.put("a.xlsx", b"as it was")
    folder.tree.files["a.xlsx"] = changed

    assert folder.verdict("a.xlsx", "received") is Why.CHANGED
    assert folder.verdict("a.xlsx", "returned") is None


@pytest.mark.parametrize(
    ("role", "own", "told"),
    [
        (Role.ANNOTATED, "returned", Answer.A_DROP),
        (Role.ORIGINAL, "returned", Answer.A_DROP),
        (Role.ANNOTATED, "inbox", None),
        (Role.FORWARD, "returned", None),
        (Role.ANNOTATED, "received", Why.CHANGED),
    ],
)
def test_what_was_given_back_and_put_right_where_it_lay_is_a_drop(
    folder: Folder, role: Role, own: str, told: object
):
    folder.put("a.xlsx", b"to be put right", role)
    folder.tree.files["a.xlsx"] = b"put right by now"

    assert folder.verdict("a.xlsx", own) is told


def test_a_copy_whose_bytes_the_archive_lost_or_that_went_meanwhile_is_no_change_of_anybodys(
    folder: Folder,
):
    folder.put("a.xlsx", b"as it was")
    folder.archive.every.clear()
    assert folder.verdict("a.xlsx", "received") is None
    folder.given["b.xlsx"] = GivenFile(NAME, Role.FORWARD, "", None)
    assert folder.verdict("b.xlsx", "received") is None


def test_a_stranger_among_ours_is_told_but_not_a_guide_or_what_waits_for_approval(folder: Folder):
    folder.tree.files["của ai.xlsx"] = b"somebody's"

    assert folder.verdict("của ai.xlsx", "inbox") is Why.AMONG_OURS
    assert folder.verdict("của ai.xlsx", "approval") is None


def test_one_of_ours_under_another_name_is_known_by_its_size(folder: Folder):
    path = f"của tôi {NAME}.xlsx"
    folder.tree.files[path] = b"as it was"
    sha256 = folder.archive.keep_bytes(b"AS IT WAS")
    folder.of[NAME] = [GivenFile(NAME, Role.ANNOTATED, sha256, NOW)]
    assert folder.verdict(path, "returned") is None

    folder.tree.files[path] = b"put right by now"
    assert folder.verdict(path, "returned") is Answer.A_DROP
    assert folder.verdict(path, "inbox") is None


def test_files_of_ours_outside_every_folder_are_no_strangers(folder: Folder):
    folder.of[NAME] = []
    found = [Sighting(path, 1, 0.0) for path in (f"x/{NAME}.xlsx", "x/a.xlsx")]

    assert [one.path for one in folder.copies.of_strangers(found)] == ["x/a.xlsx"]


# --- put aside ------------------------------------------------------------------------------------


@pytest.mark.parametrize("changed", [True, False])
def test_a_draft_that_gives_way_is_kept_and_put_aside_where_a_person_changed_it(
    folder: Folder, changed: bool
):
    tree, archive = folder.tree, folder.archive
    archive.keep_bytes(b"as it was")
    tree.files["Đến/tạm.xlsx"] = now = b"changed" if changed else b"as it was"

    assert put_aside(tree, archive, "Đến/tạm.xlsx", NAME, FileAccess()) == digest(now)  # type: ignore[arg-type]

    aside = {path: content for path, content in tree.files.items() if path != "Đến/tạm.xlsx"}
    assert aside == ({f"Đến/Bản cũ/tạm - {NAME}.xlsx": now} if changed else {})
    assert not archive.new_file().exists()


def test_where_no_draft_lies_nothing_is_put_aside(folder: Folder):
    assert put_aside(folder.tree, folder.archive, "Đến/tạm.xlsx", NAME, FileAccess()) == ""  # type: ignore[arg-type]
    assert folder.tree.fetched == []


# --- erased ---------------------------------------------------------------------------------------


def test_what_is_as_it_was_is_erased_and_what_people_changed_stays_and_is_named():
    tree, archive = Lies(), Kept()
    same, shared = archive.keep_bytes(b"same"), archive.keep_bytes(b"shared")

    def put(path: str, now: bytes | None, sha256: str | None = same, **more: Any) -> Delivery:
        if now is not None:
            tree.files[path] = now
        return Delivery(
            more.get("role", Role.FORWARD), "thu", more.get("tree", "main"), path, "", sha256
        )

    deliveries = (
        put("as it was", b"same"),
        put("changed", b"else"),
        put("longer", b"same and more"),
        put("gone", None),
        put("of another tree", b"same", tree="other"),
        put("taken away", b"same", role=Role.RETIRED),
        put("never made", b"same", None),
    )
    what = ToErase(Round(2015, 1), (), (), {}, 0, frozenset({same, "0" * 64}), deliveries)
    told: list[object] = []
    book = SimpleNamespace(erase=lambda *asked: told.append(asked))

    done = erase(what, book, archive, {"main": tree}, lambda: ("hết hạn", "an", NOW))  # type: ignore[arg-type]

    assert (done.removed, done.unkept) == (1, 1)
    assert [one.path for one in done.changed] == ["changed", "longer"]
    assert "as it was" not in tree.files
    assert {"changed", "longer", "of another tree", "taken away", "never made"} <= set(tree.files)
    assert set(archive.every) == {shared}
    assert told == [(what, "hết hạn", "an", NOW)]
