"""A tree that is out of reach is asked ever less often, and an admin hears of it once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from bhyt_filedrop.daemon import MAX_PAUSE, TOLD_AFTER, Worker
from bhyt_filedrop.domain.letters import Letter
from bhyt_filedrop.ports import TryLater
from bhyt_filedrop.sweep import Look

NOW = datetime(2015, 6, 16, 2, 0, tzinfo=UTC)


class Line:
    """A sweep whose tree answers or does not, as the test says."""

    def __init__(self) -> None:
        self.works = False

    def look(self, *_: Any) -> Look:
        if not self.works:
            raise TryLater("main: no answer")
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
    process = SimpleNamespace(admin="cntt")
    journey = SimpleNamespace(
        clock=lambda: NOW, world=SimpleNamespace(routes=None, process=process)
    )
    queue = SimpleNamespace(due=lambda _now: [], unclaimed_paths=lambda _tree: frozenset())
    worker = Worker(
        "main",
        line,  # type: ignore[arg-type]
        journey,  # type: ignore[arg-type]
        queue,
        letters,  # type: ignore[arg-type]
        interval=15.0,
        steady=lambda: clock.now,
        jitter=lambda: 1.0,
    )
    return SimpleNamespace(worker=worker, line=line, letters=letters.put, clock=clock)


def started_again(made: Any) -> None:
    """The daemon ends and another begins, on the same ledger."""
    made.worker = replace(made.worker, _failed_looks=0, _down_since=None, _told=None)


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
