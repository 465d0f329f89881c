"""A tree that is out of reach is asked ever less often, and an admin hears of it once."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from types import SimpleNamespace
from typing import Any

import pytest

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.letters.letter import Letter
from bhyt_filedrop.edges.trees.remote.session import CannotConnect
from bhyt_filedrop.ports import CannotMove, Sighting, TryLater
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import SweepSettings, load
from bhyt_filedrop.wiring.declared import world_of
from bhyt_filedrop.work import daemon, worker
from bhyt_filedrop.work.arrival.outage import LOOK, PUT, TOLD_AFTER, Outage, WatchedTree
from bhyt_filedrop.work.arrival.survey import Surveyed
from bhyt_filedrop.work.arrival.sweep import SOON, Look, Sweep
from bhyt_filedrop.work.daemon import Daemon
from bhyt_filedrop.work.worker import MAX_PAUSE, Worker

NOW = datetime(2015, 6, 16, 2, 0, tzinfo=UTC)


class Line:
    """A sweep whose tree answers or does not, as the test says."""

    def __init__(self) -> None:
        self.works = False
        self.error: Exception = TryLater("main: no answer")

    def look(self, *_: Any) -> Look:
        if not self.works:
            raise self.error
        return Look((), 0, None)


class Letters:
    def __init__(self) -> None:
        self.put: list[Letter] = []

    def put_letters(self, letters: tuple[Letter, ...], at: datetime) -> int:
        self.put += letters
        return len(letters)

    def known_keys(self, prefixes: tuple[str, ...]) -> frozenset[str]:
        return frozenset(one.key for one in self.put if one.key.startswith(prefixes))


@pytest.fixture
def made() -> Any:
    line, letters, clock = Line(), Letters(), SimpleNamespace(now=0.0)
    journey = SimpleNamespace(
        clock=lambda: NOW,
        hands_on=False,
        shared=False,
        routes=SimpleNamespace(units=SimpleNamespace(day=None)),
        world=SimpleNamespace(process=SimpleNamespace(admin="cntt")),
    )
    nothing = lambda _tree: frozenset()  # noqa: E731
    queue = SimpleNamespace(due=lambda _now, **_: [], unclaimed_paths=nothing, left_there=nothing)
    worker = Worker(
        "main",
        line,  # type: ignore[arg-type]
        journey,  # type: ignore[arg-type]
        queue,
        SimpleNamespace(
            last_look=lambda _tree: None,
            looked=lambda _tree, _at, _waiting: None,
            lying=lambda _tree: (),
        ),
        _outage(letters),
        interval=15.0,
        steady=lambda: clock.now,
        jitter=lambda: 1.0,
    )
    return SimpleNamespace(
        worker=worker, line=line, letters=letters.put, ledger=letters, clock=clock
    )


@pytest.fixture(scope="module")
def world() -> World:
    """The shipped city."""
    return world_of(load(config_dir()))


def _outage(letters: Letters) -> Outage:
    return Outage("main", "cntt", letters, lambda: NOW)


def started_again(made: Any) -> None:
    """The daemon ends and another begins, on the same ledger."""
    made.worker = replace(made.worker, _failed_looks=0, outage=_outage(made.ledger))


def test_a_tree_out_of_reach_is_asked_ever_less_often_up_to_a_limit(made: Any):
    pauses = []
    for _ in range(8):
        made.worker.work()
        pauses.append(made.worker.pause(None))

    assert pauses[:4] == [15.0, 30.0, 60.0, 120.0]
    assert pauses[-1] == MAX_PAUSE


def test_a_tree_that_answers_again_is_asked_as_often_as_before(made: Any):
    made.worker.work()
    made.worker.work()
    made.line.works = True
    made.worker.work()

    assert made.worker.pause(None) == 15.0
    assert made.worker.pause(0.5) == 0.5


def test_what_nobody_waits_for_gives_way_to_a_file_that_comes(made: Any):
    """The bell of the tree rings amid it: the daemon looks again, and goes on with it later."""
    made.line.works = True
    stop, steps, looks = Event(), [], []

    def step() -> bool:
        steps.append(len(looks))
        if len(steps) == 3:
            made.worker.bell.set()
        if len(steps) == 5:
            stop.set()
            made.worker.bell.set()
        return True

    look = made.line.look
    made.line.look = lambda *asked: looks.append(1) or look(*asked)
    made.worker.spare = step
    made.worker.run(stop)

    assert steps == [1, 1, 1, 2, 2]


def test_an_admin_hears_once_of_a_long_outage_and_once_of_its_end(made: Any):
    for second in range(0, int(TOLD_AFTER) * 2, 60):
        made.clock.now = float(second)
        made.worker.work()
    made.line.works = True
    made.worker.work()
    made.worker.work()

    assert [letter.key.split("/")[1] for letter in made.letters] == ["tree-down", "tree-up"]
    assert {letter.unit for letter in made.letters} == {"cntt"}


def test_a_daemon_started_again_amid_an_outage_neither_repeats_nor_forgets(made: Any):
    for second in (0.0, TOLD_AFTER):
        made.clock.now = second
        made.worker.work()
    started_again(made)
    for second in (2 * TOLD_AFTER, 4 * TOLD_AFTER):
        made.clock.now = second
        made.worker.work()
    started_again(made)
    made.line.works = True
    made.worker.work()
    started_again(made)
    made.worker.work()

    assert [letter.key.split("/")[1] for letter in made.letters] == ["tree-down", "tree-up"]


def test_a_short_outage_is_nobodys_letter(made: Any):
    made.worker.work()
    made.clock.now = TOLD_AFTER / 2
    made.worker.work()
    made.line.works = True
    made.worker.work()

    assert made.letters == []


def test_a_letter_says_why_in_vietnamese_where_the_connection_can_tell(made: Any):
    made.line.error = CannotConnect("no", "khoá của máy chủ đã đổi.")
    for second in (0.0, TOLD_AFTER):
        made.clock.now = second
        made.worker.work()

    assert "Lý do: khoá của máy chủ đã đổi." in str(made.letters[0].context)


def test_what_heals_while_something_else_still_fails_is_not_over_yet(made: Any):
    """The disk was full already when the line was lost, and still is when it is back."""
    outage = made.worker.outage
    outage.fails(PUT, "full", 0.0)
    outage.fails(LOOK, "no line", 10.0)
    outage.fails(PUT, "full", TOLD_AFTER)
    outage.works(LOOK)
    assert told(made) == ["tree-down"]
    outage.works(PUT)

    assert told(made) == ["tree-down", "tree-up"]


def test_what_failed_for_want_of_a_line_does_not_outlive_it(made: Any):
    """A delivery that nobody tries again would else keep an admin waiting for the good news."""
    outage = made.worker.outage
    for second in (0.0, 5.0, TOLD_AFTER):
        outage.fails(LOOK, "no line", second)
        outage.fails(PUT, "no line", second)
    outage.works(LOOK)

    assert told(made) == ["tree-down", "tree-up"]


def told(made: Any) -> list[str]:
    return [letter.key.split("/")[1] for letter in made.letters]


class Immovable:
    """A tree in which nothing may be renamed, by right."""

    id = "main"

    def claim(self, path: str, target: str) -> bool:
        raise CannotMove("main: claim in Quận 1: Permission denied")


def test_a_tree_on_which_files_are_taken_where_they_lie_is_not_in_trouble(made: Any):
    outage = made.worker.outage
    tree = WatchedTree(Immovable(), outage)  # type: ignore[arg-type]
    for second in (0.0, TOLD_AFTER, TOLD_AFTER * 2):
        outage.steady = lambda now=second: now
        with pytest.raises(CannotMove):
            tree.claim("Quận 1/a.xlsx", "work/1")

    assert told(made) == []


# --- a file that may not be read ------------------------------------------------------------------


class OneUnreadable:
    """A tree with one file, of which nobody may read a byte."""

    id = "main"

    def __init__(self, path: str) -> None:
        self._path = path

    def walk_all(self, folders: Sequence[str], *_: Any) -> Iterator[Sighting]:
        if self._path.startswith(tuple(folders)):
            yield Sighting(self._path, 100, 1.0)

    def is_still_open(self, path: str) -> None:
        return None


def test_a_file_that_may_not_be_read_is_asked_for_ever_less_often(world: World):
    """Else one such file would have a whole server listed twice a second."""

    def refused(*_: Any) -> bool:
        raise TryLater("far: read in Quận 1: Permission denied")

    path = f"{world.routes.drop_folder(world.units['760'])}/a.xlsx"
    quiet = SweepSettings(quiet_seconds=0.5, quiet_seconds_without_lease=10)
    sweep = Sweep(OneUnreadable(path), quiet, refused)  # type: ignore[arg-type]
    now, looks = 0.0, []
    while now < 4000:
        look = sweep.look(world.routes, now)
        assert look.look_again_in is not None
        now += look.look_again_in
        looks.append(now)

    assert len(looks) < 20


# --- signs of life --------------------------------------------------------------------------------


def test_a_daemon_whose_servers_are_away_still_says_that_it_is_alive(
    made: Any, monkeypatch: pytest.MonkeyPatch
):
    """The worker asks again in a quarter of a minute; systemd wants a sign before."""
    monkeypatch.setattr(daemon, "BEAT_SECONDS", 0.02)
    beats: list[bool] = []
    running = Daemon({"main": made.worker}, None, Nothing(), lambda: NOW)  # type: ignore[arg-type]

    def beat() -> None:
        beats.append(made.worker._failed_looks == 1 and made.worker._busy_since is None)
        if len(beats) == 5:
            running.stop.set()

    running.run(beat)

    assert beats[-1]


def test_a_daemon_of_which_one_worker_hangs_gives_no_sign(
    made: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(daemon, "BEAT_SECONDS", 0.02)
    monkeypatch.setattr(worker, "STUCK_AFTER", 0.1)
    hangs, over = Event(), Event()

    def look(*_: Any) -> None:
        hangs.set()
        over.wait()

    made.line.look = look
    beats: list[float] = []
    running = Daemon({"main": made.worker}, None, Nothing(), lambda: NOW)  # type: ignore[arg-type]
    serving = Thread(target=running.run, args=(lambda: beats.append(time.monotonic()),))
    serving.start()
    hangs.wait()
    time.sleep(0.5)
    silent = time.monotonic() - max(beats, default=0.0)
    running.stop.set()
    over.set()
    serving.join()

    assert silent > 0.2


class Nothing:
    """An outbox with nothing in it."""

    def run_once(self, now: datetime) -> int:
        return 0


@pytest.mark.parametrize(
    ("numbers", "asked"),
    [((1, 1, 1), 1), ((1, 0, 3), 2), ((1, 3, 3), 2)],
    ids=["its own all along", "lost and taken again", "another's between two looks"],
)
def test_what_a_daemon_knows_of_a_tree_is_old_once_another_served_it(
    made: Any, numbers: Sequence[int], asked: int
):
    """All daemons of one ledger note there what they saw; none may go by what it saw itself."""
    times, looks = iter(numbers), list[str]()
    made.line.works = True
    made.worker.leases = SimpleNamespace(held=lambda _name: nullcontext(next(times)))
    made.worker.looks.last_look = looks.append
    for number in numbers:
        look = made.worker.work()
        assert (look is None) is (number == 0)

    assert len(looks) == asked


def test_what_is_derived_waits_a_minute_at_most_for_files_that_were_handed_out(made: Any):
    """A burst that several workers lead on makes each draft once, not after every few files."""
    made.line.works, made.worker.journey.hands_on = True, True
    made.worker.journey.lead = lambda _drops, _alive: None
    under_way, derived = ["a drop"], []
    made.worker.queue.due = lambda _now, untaken=None, limit=9: [] if untaken else under_way[:limit]
    made.worker.derive = lambda: derived.append(made.clock.now) or []

    for made.clock.now in (900.0, 915.0, 959.0, 960.0, 975.0):
        made.worker.work()
    assert derived == [960.0]

    under_way.clear()
    made.worker.work()
    assert derived == [960.0, 975.0]


def test_the_ledger_is_told_once_a_minute_that_a_tree_was_looked_over(
    made: Any, monkeypatch: pytest.MonkeyPatch
):
    """And at once where the clock fell back: what was noted then lies ahead."""
    made.line.works = True
    noted: list[datetime] = []
    made.worker.looks.looked = lambda _tree, at, _waiting: noted.append(at)
    for seconds in (0, 15, 59, 60, 119, 121, 100):
        made.worker.journey.clock = lambda s=seconds: NOW + timedelta(seconds=s)
        made.worker.work()

    assert [(at - NOW).seconds for at in noted] == [0, 60, 121, 100]


@pytest.mark.parametrize(
    ("folders", "drops", "again"),
    [
        ((), (), {0.0: None, 1799.0: None, 1800.0: None}),
        (("quan 1",), (), {0.0: SOON, 1799.0: None, 1800.0: None}),
        ((), ("a drop",), {0.0: SOON}),
    ],
    ids=["nothing", "a folder that means a unit's", "a drop where none is looked for"],
)
def test_what_a_survey_found_is_taken_by_another_look_at_once(
    made: Any, folders: tuple[str, ...], drops: tuple[Any, ...], again: dict[float, float | None]
):
    """A survey comes each half hour; the same folders at the next one are no news."""
    made.line.works = True
    surveys = list[float]()
    found = Surveyed(folders, drops)
    made.worker.survey = SimpleNamespace(look=lambda *_: surveys.append(made.clock.now) or found)
    told: dict[float, float | None] = {}
    for made.clock.now in again:
        told[made.clock.now] = made.worker.work().look_again_in

    assert told == again
    assert surveys == [one for one in again if one != 1799.0]


def test_a_tree_that_stays_out_of_reach_is_asked_every_five_minutes_and_not_by_all_at_once(
    made: Any,
):
    for made.worker._failed_looks, pause in ((1, 15.0), (2, 30.0), (5, 240.0), (6, 300.0)):
        assert made.worker.pause(None) == pause
    made.worker._failed_looks = 99
    assert made.worker.pause(None) == 300.0
    assert replace(made.worker, interval=900.0).pause(None) == 900.0

    spread = [Worker.jitter() for _ in range(50)]
    assert all(0.8 <= one <= 1.2 for one in spread)
    assert len(set(spread)) > 1
