"""Killed with SIGKILL while derived lists are corrected, approved or overtaken, and started again.

Making them the first time is one of the scenes of `test_killed`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.journey.test_killed import MEMORY_DISK, REPOSITORY

FINAL = "final lists that retire their drafts"

STATES = {
    FINAL: ["accepted"] * 10,
    "a corrected split": ["accepted"] * 7,
    "an approval": ["accepted"] * 4,
    "an approval in folders": ["accepted"] * 4,
    "a proposal that is overtaken": ["accepted", "accepted", "returned", "held", "accepted"],
    "drafts that are approved": ["accepted"] * 8,
}
"""What was dropped, then the product's own drops by hand-off, the oldest first."""

TOLD = {
    "a corrected split": 5,
    "an approval": 4,
    "an approval in folders": 4,
    "a proposal that is overtaken": 2,
    "drafts that are approved": 6,
    FINAL: 10,
}
"""Letters about derived lists, each once: delivered, or asking for approval."""


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(
    "scenes",
    [
        {"a corrected split": 13},
        {"an approval": 13, "a proposal that is overtaken": 9},
        {"an approval in folders": 9},
        {"drafts that are approved": 9},
        {FINAL: 17},
    ],
)
def test_derived_lists_are_made_delivered_and_told_of_once_wherever_the_daemon_dies(
    scenes: Mapping[str, int],
):
    for told in _played(scenes):
        scene, outcome = told["scene"], told["outcome"]
        assert told["wrong"] == {}, f"{scene}: {told['wrong']}"
        assert told["changes"] > 20, f"{scene}: hardly a journey"
        assert [state for _, state, _, _ in outcome["drops"]] == STATES[scene]
        assert len([x for x in outcome["letters"] if "/<" in x and _is_derived(x)]) == TOLD[scene]
        assert outcome["left"] == []
        assert outcome["mails twice"] == 0
        assert outcome["mails of no letter"] == outcome["letters of no mail"] == []


def _is_derived(letter: str) -> bool:
    """True for a letter about a list of the product's own: it names which of a drop's lists. What
    tells the office in whose name they went is another."""
    if letter.startswith("sent-for/"):
        return False
    return letter.startswith("notice/approve/") or (">/" in letter and "/thu " not in letter)


def _played(scenes: Mapping[str, int]) -> list[dict[str, Any]]:
    with TemporaryDirectory(dir=MEMORY_DISK if MEMORY_DISK.is_dir() else None) as directory:
        wanted = [f"{name}:{step}" for name, step in scenes.items()]
        done = subprocess.run(
            [sys.executable, "-m", "tests.journey.derived_scenes", directory, *wanted],
            cwd=Path(REPOSITORY),
            env={**os.environ, "PYTHONUTF8": "1"},
            capture_output=True,
            text=True,
            timeout=1100,
            check=False,
        )
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]
