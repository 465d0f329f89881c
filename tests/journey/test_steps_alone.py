"""Steps of a file's way, each alone: when it is ticked, where a survey looks, what is passed on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.findings import finding
from bhyt_filedrop.domain.lists.states import ListState
from bhyt_filedrop.domain.process.folders import Place
from bhyt_filedrop.ports import ClosedFolder, Sighting
from bhyt_filedrop.work.arrival import examine
from bhyt_filedrop.work.arrival.claim import Claiming
from bhyt_filedrop.work.arrival.deliver import TICKED_TOGETHER, _Ticks
from bhyt_filedrop.work.arrival.gather import Gathering
from bhyt_filedrop.work.arrival.journey import MOST_RECOVERIES, Journey
from bhyt_filedrop.work.arrival.survey import Surveying, _batches, _spelled_otherwise
from bhyt_filedrop.work.check.one_file import _only_scans
from tests.lists import Book
from tests.offices import ROUND, UNITS, moment

NOW = moment(6, 12, 9)


@dataclass
class Ticked:
    """What the ledger was told to be delivered, transaction by transaction."""

    told: list[list[int]] = field(default_factory=list)

    def delivered(self, drop: str, done: Sequence[int], at: datetime) -> None:
        assert (drop, at) == ("D1", NOW)
        self.told.append(list(done))


def ticks(clock: list[float]) -> tuple[_Ticks, Ticked]:
    book = Ticked()
    return _Ticks("D1", book, lambda: NOW, lambda: clock[0], since=clock[0]), book  # type: ignore[arg-type]


def test_deliveries_made_at_once_are_ticked_eight_together():
    made, book = ticks([0.0])
    for seq in range(2 * TICKED_TOGETHER + 1):
        made.add(seq)
    assert book.told == [list(range(8)), list(range(8, 16))]

    made.write()
    made.write()
    assert book.told[2:] == [[16]]


def test_deliveries_that_take_long_are_ticked_after_half_a_second():
    clock = [0.0]
    made, book = ticks(clock)
    for seq, clock[0] in enumerate((0.0, 0.5, 0.75, 1.25, 1.5)):
        made.add(seq)

    assert book.told == [[0, 1], [2, 3]]


# --- a survey -------------------------------------------------------------------------------------


class Walked:
    """A tree that notes where it was walked; some servers close what lies above."""

    def __init__(self, closed: str = "-") -> None:
        self.walks: list[tuple[str, bool]] = []
        self.closed = closed

    def walk(
        self, folder: str, _but: Sequence[str] = (), *, deep: bool = True
    ) -> Iterator[Sighting]:
        self.walks.append((folder, deep))
        if folder == self.closed:
            raise ClosedFolder(folder)
        for name in ("a.xlsx", ".DS_Store", "b.xlsx.filepart"):
            yield Sighting(f"{folder}/{name}", 1, 0.0)


@pytest.mark.parametrize("closed", ["-", "Sở"])
def test_a_survey_looks_deep_into_the_base_and_beside_the_folders_above_it_alone(closed: str):
    tree, routes = Walked(closed), SimpleNamespace(base=lambda _tree: "Sở/BHYT")
    tree.id = "main"  # type: ignore[attr-defined]
    found = list(Surveying(tree, None)._files(routes))  # type: ignore[arg-type]

    assert tree.walks == [("", False), ("Sở", False), ("Sở/BHYT", True)]
    there = {one.path for one in found}
    assert "Sở/BHYT/a.xlsx" in there
    assert ("Sở/a.xlsx" in there) is (closed == "-")
    assert not [path for path in there if "DS_Store" in path]
    assert "Sở/BHYT/b.xlsx.filepart" in there, "what is left over of an upload is told"


@pytest.mark.parametrize(
    ("path", "subfolder", "own", "folder"),
    [
        ("quan 1/a.xlsx", "", "", "quan 1"),
        ("BHYT/quan 1/quý 1/a.xlsx", "quý 1", "", "BHYT/quan 1"),
        ("BHYT/quan 1/quý 1/lần 2/a.xlsx", "quý 1/lần 2", "", "BHYT/quan 1"),
        ("Quận 1/a.xlsx", "", "", None),
        ("quan 1/Đã nhận/a.xlsx", "", "received", None),
    ],
)
def test_the_folder_that_means_a_units_is_told_however_deep_the_file_lies(
    path: str, subfolder: str, own: str, folder: str | None
):
    place = Place("main", UNITS["760"], subfolder, "a.xlsx", own)
    one = Sighting(path, 1, 0.0)

    assert list(_spelled_otherwise([(one, place), (one, None)], ("Quận 1/",))) == (
        [folder] if folder else []
    )


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501, 1001])
def test_files_are_asked_about_in_batches_each_of_them_once(count: int):
    every = [Sighting(f"{n}.xlsx", n, 0.0) for n in range(count)]
    batches = list(_batches(iter(every)))

    assert [one for batch in batches for one in batch] == every
    assert all(0 < len(batch) <= 500 for batch in batches)


# --- what a file leaves behind, what it is held against -------------------------------------------


@pytest.mark.parametrize(
    ("work_path", "grows", "gone"),
    [(".work/D1", False, True), (".work/D1", True, False), ("Quận 1/a.xlsx", False, False)],
    ids=["moved", "may still grow", "could not be moved"],
)
def test_a_file_that_is_done_leaves_the_work_area_but_not_its_senders_folder(
    work_path: str, grows: bool, gone: bool
):
    removed: list[str] = []
    drop = Drop("D1", "main", "Quận 1/a.xlsx", "760", 1, 0.0, work_path, NOW)
    claiming: Any = SimpleNamespace(
        trees={"main": SimpleNamespace(remove=removed.append)}, stays=lambda _drop: grows
    )
    Claiming.clear(claiming, drop)

    assert removed == [work_path] * gone


def test_a_list_is_held_against_what_its_receiver_gave_already_and_no_other():
    """Who passes on to children has given to nobody in particular."""
    book = Book()
    for sender in ("760", "761"):
        book.gave("ward-list", sender, "26734", [])
    step, asked = SimpleNamespace(id="ward-list", receiver="ward"), []
    lists = SimpleNamespace(of_round=lambda *of: asked.append(of) or book.lists)
    mine: Any = SimpleNamespace(world=SimpleNamespace(following=lambda *_: step), lists=lists)
    one: Any = SimpleNamespace(handoff=None, receiver=UNITS["760"], round=ROUND)

    assert list(Gathering._given_after(mine, one)) == [("ward-list", "760")]
    assert asked == [(str(ROUND), ["ward-list"], (ListState.ACCEPTED,))]
    step.receiver = "child"
    assert list(Gathering._given_after(mine, one)) == []
    mine.world.following = lambda *_: None
    assert list(Gathering._given_after(mine, one)) == []


@pytest.mark.parametrize(
    ("begun", "ends", "blamed"), [(12, False, False), (13, False, True), (1, True, True)]
)
def test_a_file_is_to_blame_after_many_ends_of_the_service_or_where_a_process_of_its_own_died(
    begun: int, ends: bool, blamed: bool
):
    assert MOST_RECOVERIES == 12
    journey: Any = SimpleNamespace(gathering=SimpleNamespace(ends_a_process=lambda _drop: ends))
    drop: Any = SimpleNamespace(id="D1")

    assert Journey._is_to_blame(journey, drop, begun) is blamed


@pytest.mark.parametrize(
    ("format_", "found", "said", "told"),
    [
        ("pdf", (), "file.disguised", 1),
        ("pdf", (), "form.unrecognised", 0),
        ("pdf", (1,), "file.disguised", 0),
        ("xlsx", (), "file.disguised", 0),
    ],
)
def test_whoever_checks_a_scan_alone_hears_that_it_is_no_list(
    format_: str, found: tuple[int, ...], said: str, told: int
):
    examined: Any = SimpleNamespace(
        found=found, parts=[SimpleNamespace(format=format_)], findings=(finding(said, "…", "…"),)
    )

    assert len(_only_scans(examined)) == told


def test_members_of_an_archive_are_read_as_long_as_there_is_time(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(examine, "_examine_member", lambda path, *_: path)
    unpacked: Any = SimpleNamespace(
        findings=(), members=[SimpleNamespace(path=n, name=str(n)) for n in range(4)]
    )
    time_left = iter((True, True, False, True))
    pace: Any = SimpleNamespace(goes_on=lambda: next(time_left))
    nothing: Any = None

    assert examine._examine_members(unpacked, nothing, nothing, nothing, pace) == [0, 1]
    unpacked.findings = ("broken",)
    assert examine._examine_members(unpacked, nothing, nothing, nothing, pace) == []
