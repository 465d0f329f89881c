"""Killed with SIGKILL before every durable change and started again: docs/crash-table.md holds.

What a killed and restarted daemon leaves must be, to the byte, what one leaves that was never
killed: states, history, deliveries, letters, mails, the archive, and nothing lying about.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
MEMORY_DISK = Path("/dev/shm")
"""SIGKILL takes no page of the kernel's cache away, so a disk in memory shows the same and is
quicker; it is used where there is one."""

AT_ONCE: Mapping[str, int] = {
    "an accepted list": 9,
    "a returned list": 16,
    "the other half": 17,
    "a zip of two lists and a scan": 23,
    "a release": 15,
}
"""Scene → every how manyeth change, in the tests that always run."""

AT_EVERY_CHANGE: Sequence[Sequence[str]] = (
    ("an accepted list", "a returned list", "a zip with a fault", "a rejection"),
    ("the other half", "a corrected list", "a release", "the same file again"),
    ("a zip of two lists and a scan", "both halves at once", "a scan alone"),
    ("a list that others are made from",),
)
"""The scenes of the long tests, at every single change."""

STATES = {
    "an accepted list": ["accepted"],
    "a returned list": ["returned"],
    "a corrected list": ["accepted", "accepted"],
    "the same file again": ["accepted", "accepted"],
    "a zip of two lists and a scan": ["accepted"],
    "a zip with a fault": ["returned"],
    "a scan alone": ["accepted"],
    "the other half": ["accepted", "accepted"],
    "both halves at once": ["accepted", "accepted"],
    "a list that others are made from": ["accepted"] * 4,
    "a release": ["accepted"],
    "a rejection": ["returned"],
}


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_daemon_killed_anywhere_ends_as_one_that_was_never_killed():
    for told in played(AT_ONCE):
        ended_well(told)


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_files_that_are_judged_ahead_of_their_turn_survive_a_kill_as_well():
    for told in played({"both halves at once": 3}, environment={"JUDGED_AHEAD": "1"}):
        ended_well(told)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("scenes", AT_EVERY_CHANGE, ids=lambda scenes: scenes[0])
def test_no_scene_is_spoilt_by_a_kill_before_any_of_its_changes(scenes: Sequence[str]):
    for told in played(dict.fromkeys(scenes, 1)):
        ended_well(told)


def ended_well(told: Mapping[str, Any]) -> None:
    """No kill of a scene made a difference, and the scene was the journey that it should be."""
    scene, outcome = told["scene"], told["outcome"]
    assert told["wrong"] == {}, f"{scene}: {told['wrong']}"
    assert told["changes"] > 10, f"{scene}: hardly a journey"
    assert [state for _, state, _, _ in outcome["drops"]] == STATES[scene]
    assert all(all(made) for *_, made in outcome["drops"])
    assert outcome["kept"]
    assert outcome["left"] == []
    assert outcome["mails twice"] == 0
    assert outcome["mails of no letter"] == outcome["letters of no mail"] == []
    assert all(letter.endswith(" sent") for letter in outcome["letters"])


def played(
    scenes: Mapping[str, int],
    within: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:
    """Play scenes in a process of their own; the environment may name a server of `within`."""
    within = within or (MEMORY_DISK if MEMORY_DISK.is_dir() else None)
    with TemporaryDirectory(dir=within) as directory:
        wanted = [f"{name}:{step}" for name, step in scenes.items()]
        done = subprocess.run(
            [sys.executable, "-m", "tests.journey.killing", directory, *wanted],
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONUTF8": "1", **(environment or {})},
            capture_output=True,
            text=True,
            timeout=1100,
            check=False,
        )
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]
