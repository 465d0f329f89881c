"""The doorbell on a real folder: it rings, it forgets folders that vanish, it tells no names."""

from __future__ import annotations

import shutil
import threading
import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from threading import Event, Thread

import pytest

from bhyt_filedrop.edges.bell import TreeBell

SECONDS = 60.0
"""How long a ring may take; it takes milliseconds."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "tree"
    made.mkdir()
    return made


@pytest.fixture
def rung(root: Path) -> Iterator[Event]:
    """What a started bell sets; the bell is stopped after the test, and must not mind."""
    rung = Event()
    bell = TreeBell(root, rung)
    bell.start()
    yield rung
    bell.stop()


def test_a_file_in_a_folder_that_was_there_rings(root: Path, rung: Event):
    (root / "tệp.xlsx").write_bytes(b"x")

    assert rung.wait(SECONDS)


def test_a_file_that_comes_later_into_a_brand_new_folder_rings(root: Path, rung: Event):
    below = root / "Quận 1" / "Phường Bến Nghé"
    below.mkdir(parents=True)
    assert rung.wait(SECONDS)
    while not _rings_for(rung, below):  # until the new folders are watched too
        rung.clear()


def _rings_for(rung: Event, folder: Path) -> bool:
    rung.clear()
    (folder / "tệp.xlsx").write_bytes(b"x")
    return rung.wait(1)


@pytest.mark.slow
def test_folders_that_come_move_and_vanish_at_once_do_not_silence_the_bell(root: Path, rung: Event):
    """A few hundred such changes ended watchdog's thread; its error came back from stopping it."""
    ended: list[str] = []
    hands = [Thread(target=_shuffle, args=(root, Random(n), ended)) for n in range(3)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    rung.clear()

    (root / "sau cùng.xlsx").write_bytes(b"x")

    assert rung.wait(SECONDS)
    assert ended == ["well"] * 3


def _shuffle(root: Path, rng: Random, ended: list[str]) -> None:
    """Do to folders what several clerks would, tidying up all at once."""

    def one() -> Path:
        return root.joinpath(*rng.choices("abcd", k=rng.randint(1, 3)))

    for _ in range(700):
        with suppress(OSError):  # another hand was quicker
            rng.choice(
                (
                    lambda: one().mkdir(parents=True, exist_ok=True),
                    lambda: one().rename(one()),
                    lambda: shutil.rmtree(one()),
                )
            )()
    ended.append("well")


def test_no_warning_tells_the_names_of_folders(root: Path):
    """Clerks name folders after children, and what Python warns of ends up in the journal."""
    rung = Event()
    bell = TreeBell(root, rung)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        bell.start()
        for n in range(50):
            root.joinpath(*[f"hồ sơ của An {n}"] * 12).mkdir(parents=True)
        assert rung.wait(SECONDS)
        while rung.wait(0.2):
            rung.clear()
        bell.stop()

    # Other tests' servers may be tidied up meanwhile, and Python warns of that too.
    assert [str(one.message) for one in told if "hồ sơ" in str(one.message)] == []


def test_a_root_that_is_not_there_leaves_it_to_the_sweep(tmp_path: Path):
    before = set(threading.enumerate())
    bell = TreeBell(tmp_path / "not mounted", Event())
    bell.start()
    bell.stop()

    assert set(threading.enumerate()) <= before


def test_a_bell_that_was_never_started_can_be_stopped(tmp_path: Path):
    TreeBell(tmp_path, Event()).stop()
