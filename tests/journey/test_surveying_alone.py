"""What a survey of a whole tree tells and takes, alone: a tree and books of the test's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from bhyt_filedrop.domain.drops.ids import WORK
from bhyt_filedrop.domain.drops.lying import Why
from bhyt_filedrop.domain.process.folders import Place, Routes
from bhyt_filedrop.ports import ClosedFolder, NeverWorks, Sighting, TryLater
from bhyt_filedrop.work.arrival.copies import Answer
from bhyt_filedrop.work.arrival.survey import RESTING, STILL, Surveyed, Surveying
from tests.journey.keeping_up import a_city
from tests.offices import moment

NOW = moment(6, 12, 9)
LONG_AGO = NOW.timestamp() - 9 * RESTING
ROUTES: Routes = a_city().routes
UNIT = a_city().units["760"]
FOLDER = ROUTES.drop_folder(UNIT)
RETURNED = ROUTES.returned(UNIT)


@dataclass
class Base:
    """A tree as a survey walks it."""

    id: str = "main"
    files: dict[str, Sighting] = field(default_factory=dict)
    is_open: bool | Exception | None = False
    work_is_closed: bool = False
    asked: list[str] = field(default_factory=list)

    def put(self, path: str, mtime: float = LONG_AGO, size: int = 10) -> str:
        self.files[path] = Sighting(path, size, mtime)
        return path

    def walk(
        self, folder: str, _but: Sequence[str] = (), *, deep: bool = True
    ) -> Iterator[Sighting]:
        at_work = folder.startswith(".")
        if at_work and self.work_is_closed:
            raise ClosedFolder(folder)
        for path, one in self.files.items():
            if path.startswith(".") is at_work and (deep or "/" not in path):
                yield one

    def is_still_open(self, path: str) -> bool | None:
        self.asked.append(path)
        if isinstance(self.is_open, Exception):
            raise self.is_open
        return self.is_open


@dataclass
class Known:
    """What the product knows of files in its own folders; of strangers it knows nothing."""

    of: dict[str, Why | Answer] = field(default_factory=dict)
    begun: int = 0

    def begin(self) -> None:
        self.begun += 1

    def verdicts(
        self, found: Sequence[tuple[Sighting, Place]], _routes: Routes
    ) -> Iterator[tuple[Sighting, Place, Why | Answer | None]]:
        for one, place in found:
            yield one, place, self.of.get(one.path)

    def of_strangers(self, found: Sequence[Sighting]) -> Iterator[Sighting]:
        yield from found


@dataclass
class Looking:
    """One survey over one tree."""

    base: Base = field(default_factory=Base)
    known: Known = field(default_factory=Known)

    def __post_init__(self) -> None:
        self.surveying = Surveying(self.base, self.known)  # type: ignore[arg-type]

    def look(self, **more: Any) -> Surveyed:
        return self.surveying.look(ROUTES, NOW, **more)


def told(found: Surveyed) -> list[tuple[str, Why, str]]:
    return [(one.path, one.why, one.unit) for one in found.misplaced]


def test_a_file_in_no_units_folder_is_told_to_whom_it_may_belong():
    looking = Looking()
    lost = looking.base.put("Quận 1 cũ/a.xlsx")
    nobodys = looking.base.put("linh tinh/b.xlsx")
    looking.base.put(f"{FOLDER}/c.xlsx")

    found = looking.look()
    assert {(path, why) for path, why, _ in told(found)} == {
        (lost, Why.ELSEWHERE), (nobodys, Why.ELSEWHERE),
    }  # fmt: skip
    assert (found.drops, found.folders) == ((), ())
    assert {(one.tree, one.since) for one in found.misplaced} == {("main", NOW)}
    assert looking.known.begun == 1


@pytest.mark.parametrize(("seconds", "at_once"), [(STILL - 1, False), (STILL, True)])
def test_a_misplaced_file_is_told_once_it_is_still(seconds: float, at_once: bool):
    looking = Looking()
    looking.base.put("linh tinh/b.xlsx", NOW.timestamp() - seconds)

    assert bool(looking.look().misplaced) is at_once
    assert looking.look().misplaced, "it is as it was at the last survey"
    looking.base.put("linh tinh/b.xlsx", NOW.timestamp() - 1, size=11)
    assert not looking.look().misplaced


def test_what_is_being_claimed_and_what_was_taken_and_stays_is_not_told():
    looking = Looking()
    under_way, left = looking.base.put("x/a.xlsx"), looking.base.put("x/b.xlsx")
    stays = looking.base.files[left]

    assert told(looking.look(taken={under_way}, left=[stays])) == []
    other = [path for path, *_ in told(looking.look(taken=(), left=[stays]))]
    assert other == [under_way]
    changed = stays._replace(size=3)
    assert [path for path, *_ in told(looking.look(taken={under_way}, left=[changed]))] == [left]


def test_what_lies_in_the_products_own_folders_is_told_or_taken_by_what_it_is():
    looking = Looking()
    changed = looking.base.put(f"{RETURNED}/a.xlsx")
    answer = looking.base.put(f"{RETURNED}/b.xlsx")
    looking.base.put(f"{RETURNED}/c.xlsx")
    looking.known.of = {changed: Why.CHANGED, answer: Answer.A_DROP}

    found = looking.look()
    assert told(found) == [(changed, Why.CHANGED, "760")]
    (drop,) = found.drops
    assert (drop.sighting.path, drop.place.unit.id, drop.place.own) == (answer, "760", "")
    assert drop.since is None
    (again,) = looking.look().drops
    assert again.since == NOW, "when it was looked for last"


@pytest.mark.parametrize(
    ("seconds", "is_open", "taken"),
    [
        (RESTING - 1, False, False),
        (RESTING, False, True),
        (RESTING, True, False),
        (RESTING, None, True),
        (RESTING, TryLater("x"), False),
        (RESTING, NeverWorks("x"), False),
        (RESTING, FileNotFoundError("x"), False),
    ],
)
def test_a_list_is_not_taken_from_under_the_hand_that_fills_it_in(
    seconds: float, is_open: bool | Exception | None, taken: bool
):
    looking = Looking(Base(is_open=is_open))
    path = looking.base.put(f"{RETURNED}/b.xlsx", NOW.timestamp() - seconds)
    looking.known.of = {path: Answer.A_DROP}

    found = looking.look()
    assert bool(found.drops) is taken
    assert found.misplaced == ()


@pytest.mark.parametrize("closed", [False, True])
def test_what_lies_at_work_and_nobody_knows_of_is_told(closed: bool):
    looking = Looking(Base(work_is_closed=closed))
    forgotten = looking.base.put(f"{WORK}/D9")

    assert told(looking.look()) == ([] if closed else [(forgotten, Why.UNKNOWN, "")])


def test_a_folder_that_means_a_units_is_told_to_the_sweep_and_its_files_are_not_misplaced():
    looking = Looking()
    looking.base.put(f"{FOLDER.upper()}/a.xlsx")
    looking.base.put(f"{FOLDER.upper()}/b.xlsx")

    found = looking.look()
    assert found.folders == (FOLDER.upper(),)
    assert found.misplaced == ()
