"""Which files of a tree are settled, by what the tree, the clock and their own formats say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from bhyt_filedrop.domain.drops.lying import Why
from bhyt_filedrop.domain.process.folders import Routes
from bhyt_filedrop.domain.process.units import Units
from bhyt_filedrop.ports import ClosedFile, NeverWorks, Sighting, TryLater
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import load
from bhyt_filedrop.settings.values import SweepSettings
from bhyt_filedrop.work.arrival.sweep import BREATH, SOON, Look, Sweep
from tests.offices import moment

NOW = moment(6, 12, 9)
QUICK = SweepSettings(
    quiet_seconds=2.0, quiet_seconds_without_lease=10.0, quiet_seconds_without_end=180.0,
    patience_minutes=10.0,
)  # fmt: skip


@pytest.fixture(scope="module")
def routes() -> Routes:
    shipped = load(config_dir())
    return Routes.of(shipped.process, shipped.units, {f.id: f.name for f in shipped.forms})


@dataclass
class OneTree:
    """The files that a test puts there, and what the tree says of them."""

    id: str = "main"
    files: dict[str, Sighting] = field(default_factory=dict)
    is_open: bool | Exception | None = False
    closed: tuple[str, ...] = ()
    asked: int = 0

    def put(self, path: str, size: int = 10, mtime: float = 1.0) -> str:
        self.files[path] = Sighting(path, size, mtime)
        return path

    def walk_all(
        self, folders: Sequence[str], skip: Iterable[str], closed: Callable[[str], None]
    ) -> Iterator[Sighting]:
        for path in self.closed:
            closed(path)
        for path, one in self.files.items():
            if any(path.startswith(f"{folder}/") for folder in folders):
                yield one

    def is_still_open(self, _path: str) -> bool | None:
        self.asked += 1
        if isinstance(self.is_open, Exception):
            raise self.is_open
        return self.is_open


@dataclass
class Watching:
    """A sweep over one tree; `end` is what every file's format says of its end."""

    tree: OneTree
    routes: Routes
    settings: SweepSettings = QUICK
    end: bool | None = True
    ends_asked: int = 0

    def __post_init__(self) -> None:
        self.sweep = Sweep(self.tree, self.settings, self._ends)  # type: ignore[arg-type]

    def _ends(self, _tree: object, _one: Sighting) -> bool | None:
        self.ends_asked += 1
        return self.end

    def look(self, now: float, **more: object) -> Look:
        at = NOW + timedelta(seconds=now)
        return self.sweep.look(self.routes, now, at=at, **more)  # type: ignore[arg-type]


@pytest.fixture
def watching(routes: Routes) -> Watching:
    return Watching(OneTree(), routes)


@pytest.fixture
def folder(routes: Routes) -> str:
    return routes.drop_folder(routes.units["760"])


def taken(look: Look) -> list[str]:
    return [one.sighting.path.rpartition("/")[2] for one in look.settled]


def test_a_file_that_nobody_has_open_and_that_ends_is_settled_after_the_quiet_time(
    watching: Watching, folder: str
):
    watching.tree.put(f"{folder}/a.xlsx")

    first = watching.look(100.0)
    assert (taken(first), first.waiting, first.look_again_in) == ([], 1, 2.0)
    assert first.waiting_units == {"760"}
    assert not first.quiet
    second = watching.look(101.5)
    assert (taken(second), second.look_again_in) == ([], 0.5)
    third = watching.look(102.0)
    assert (taken(third), third.waiting, third.look_again_in) == (["a.xlsx"], 0, None)
    (one,) = third.settled
    assert (one.place.unit.id, one.incomplete, one.since) == ("760", False, None)


def test_a_file_that_changes_begins_to_be_still_anew(watching: Watching, folder: str):
    path = watching.tree.put(f"{folder}/a.xlsx")
    watching.look(0.0)
    watching.tree.put(path, size=11)
    assert taken(watching.look(2.0)) == []
    watching.tree.put(path, size=11, mtime=2.0)
    assert taken(watching.look(4.0)) == []
    assert taken(watching.look(5.9)) == []
    look = watching.look(6.0)
    assert taken(look) == ["a.xlsx"]
    assert look.settled[0].since == NOW + timedelta(seconds=2.0), "it was other at that look"


def test_where_it_was_looked_last_before_this_program_began_a_file_is_new_since(
    watching: Watching, folder: str
):
    before = NOW - timedelta(hours=1)
    watching.tree.put(f"{folder}/a.xlsx")
    watching.look(0.0, last=before)

    assert watching.look(2.0, last=NOW).settled[0].since == before


def test_what_is_open_waits_and_is_looked_at_again_soon(watching: Watching, folder: str):
    watching.tree.put(f"{folder}/a.xlsx")
    watching.tree.is_open = True
    watching.look(0.0)
    assert watching.look(5.0).look_again_in == 2.0
    hasty = Watching(watching.tree, watching.routes, SweepSettings(quiet_seconds=0.0))
    assert hasty.look(0.0).look_again_in == SOON
    watching.tree.is_open = False
    assert taken(watching.look(6.0)) == ["a.xlsx"]


@pytest.mark.parametrize(
    ("is_open", "end", "settled_at"),
    [
        (False, True, 2.0),
        (None, True, 10.0),
        (False, None, 2.0),
        (None, None, 180.0),
        (False, False, 600.0),
        (None, False, 600.0),
    ],
)
def test_what_cannot_be_known_is_made_up_for_by_standing_still(
    watching: Watching, folder: str, is_open: bool | None, end: bool | None, settled_at: float
):
    watching.tree.put(f"{folder}/a.csv")
    watching.tree.is_open, watching.end = is_open, end
    watching.look(0.0)

    assert taken(watching.look(settled_at - 0.25)) == []
    look = watching.look(settled_at)
    assert taken(look) == ["a.csv"]
    assert look.settled[0].incomplete is (end is False)
    assert watching.ends_asked == 1, "the format is asked once"


def test_how_long_it_waits_still_is_told(watching: Watching, folder: str):
    watching.tree.put(f"{folder}/a.csv")
    watching.tree.is_open, watching.end = None, None
    watching.look(0.0)

    early, late = watching.look(4.0), watching.look(15.0)
    assert (early.look_again_in, early.quiet) == (6.0, False)
    assert (late.look_again_in, late.quiet) == (165.0, True)
    watching.end = False
    other = Watching(watching.tree, watching.routes, end=False)
    other.look(0.0)
    assert other.look(15.0).look_again_in == 585.0


def test_a_format_without_an_end_takes_a_breath_although_nobody_has_it_open(
    watching: Watching, folder: str
):
    hasty = Watching(watching.tree, watching.routes, SweepSettings(quiet_seconds=0.0), end=None)
    watching.tree.put(f"{folder}/a.csv")

    assert hasty.look(0.0).look_again_in == BREATH
    assert taken(hasty.look(BREATH - 0.1)) == []
    assert taken(hasty.look(BREATH)) == ["a.csv"]
    at_once = replace(hasty.settings, quiet_seconds_without_end=0.0)
    assert taken(Watching(watching.tree, watching.routes, at_once, end=None).look(0.0)) == ["a.csv"]


@pytest.mark.parametrize(
    ("error", "why"), [(ClosedFile("x"), Why.DENIED), (TryLater("x"), Why.UNREAD),
                       (NeverWorks("x"), Why.UNREAD), (FileNotFoundError("x"), Why.UNREAD)]
)  # fmt: skip
def test_what_cannot_be_asked_about_waits_longer_each_time_and_holds_up_nobody(
    watching: Watching, folder: str, error: Exception, why: Why
):
    watching.tree.put(f"{folder}/a.xlsx")
    watching.tree.is_open = error
    watching.look(0.0)

    look = watching.look(50.0)
    assert (look.waiting, look.look_again_in) == (1, 50.0)
    denied = why is Why.DENIED
    assert look.closed == ((f"{folder}/a.xlsx",) if denied else ())
    assert [(one.why, one.unit) for one in look.lying] == ([(why, "760")] if denied else [])
    late = watching.look(600.0)
    assert [(one.why, one.unit, one.since) for one in late.lying] == [(why, "760", NOW)]
    assert watching.look(1.0).look_again_in == 1.0


def test_what_is_left_over_of_a_broken_upload_is_told_and_never_taken(
    watching: Watching, folder: str
):
    watching.tree.put(f"{folder}/a.xlsx.filepart")

    assert watching.look(0.0).waiting == 0
    look = watching.look(599.0)
    assert (look.lying, look.look_again_in, look.waiting_units) == ((), None, frozenset())
    (one,) = watching.look(600.0).lying
    assert (one.tree, one.why, one.unit, one.since) == ("main", Why.LEFT_OVER, "760", NOW)
    assert watching.tree.asked == 0


def test_a_file_that_goes_on_growing_is_told_when_the_patience_is_over(
    watching: Watching, folder: str
):
    path = watching.tree.put(f"{folder}/a.xlsx")
    watching.look(0.0)
    watching.tree.put(path, size=99)
    assert watching.look(599.9).lying == ()
    watching.tree.put(path, size=100)

    (one,) = watching.look(600.0).lying
    assert (one.why, one.since) == (Why.OPEN, NOW)


def test_a_folder_that_nobody_lets_us_look_into_is_told_with_whose_it_is(
    watching: Watching, folder: str
):
    watching.tree.closed = (folder, "elsewhere")

    look = watching.look(0.0)
    assert look.closed == (folder, "elsewhere")
    assert [(one.path, one.why, one.unit) for one in look.lying] == [
        (folder, Why.DENIED, "760"),
        ("elsewhere", Why.DENIED, ""),
    ]
    assert watching.sweep.look(watching.routes, 1.0).lying == (), "nobody knows the time of day"


def test_claimed_files_clutter_and_the_products_own_are_no_drops(
    watching: Watching, folder: str, routes: Routes
):
    hasty = Watching(watching.tree, routes, SweepSettings(quiet_seconds=0.0))
    under_way = watching.tree.put(f"{folder}/a.xlsx")
    left = watching.tree.put(f"{folder}/b.xlsx")
    watching.tree.put(f"{folder}/~$c.xlsx")
    watching.tree.put(f"{routes.returned(routes.units['760'])}/d.xlsx")
    watching.tree.put(f"{folder}/e.xlsx")

    stays = watching.tree.files[left]
    assert taken(hasty.look(0.0, taken={under_way}, left=[stays])) == ["e.xlsx"]
    changed = stays._replace(size=9)
    assert taken(hasty.look(1.0, taken={under_way}, left=[changed])) == ["b.xlsx", "e.xlsx"]


def test_whose_a_waiting_file_is_follows_the_configuration_that_holds_now(
    watching: Watching, folder: str, routes: Routes
):
    watching.tree.put(f"{folder}/a.xlsx")
    watching.tree.put(f"{folder}/~$a.xlsx")
    assert watching.look(0.0).waiting_units == {"760"}

    ours, theirs = routes.units["760"], routes.units["761"]
    swapped = {"760": replace(ours, folder=theirs.name), "761": replace(theirs, folder=ours.name)}
    units = Units.of(swapped.get(unit.id, unit) for unit in routes.units)
    watching.routes = Routes.of(routes.process, replace(routes.units, by_id=units.by_id), {})

    assert watching.look(1.0).waiting_units == {"761"}
    assert taken(watching.look(2.0)) == ["a.xlsx"], "it has been still all the while"


def test_the_oldest_goes_first_and_of_the_same_minute_the_names_decide(
    watching: Watching, folder: str
):
    hasty = Watching(watching.tree, watching.routes, SweepSettings(quiet_seconds=0.0))
    for name, mtime in (
        ("mẫu 10.xlsx", 5.0),
        ("mẫu 2.xlsx", 5.0),
        ("z.xlsx", 1.0),
        ("a.xlsx", 9.0),
    ):
        watching.tree.put(f"{folder}/{name}", mtime=mtime)

    assert taken(hasty.look(0.0)) == ["z.xlsx", "mẫu 2.xlsx", "mẫu 10.xlsx", "a.xlsx"]


def test_folders_that_mean_a_units_although_they_are_spelled_otherwise_are_swept_too(
    watching: Watching, folder: str
):
    hasty = Watching(watching.tree, watching.routes, SweepSettings(quiet_seconds=0.0))
    other = folder.upper()
    watching.tree.put(f"{other}/a.xlsx")

    assert taken(hasty.look(0.0)) == []
    assert taken(hasty.look(1.0, also=[other])) == ["a.xlsx"]
