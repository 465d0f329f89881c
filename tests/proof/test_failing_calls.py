"""Whatever the system refuses, once or from then on, is waited out: nothing is lost or doubled."""

from __future__ import annotations

from typing import Any

import pytest

from tests.proof.failing import EVERYTHING
from tests.proof.play import must_be_possible, played

SLICE = (
    "fsync:EIO:once:9",
    "fdatasync:ENOSPC:on:6",
    "openat:EMFILE:once:90",
    "rename:EROFS:on:4",
    "newfstatat:EIO:on:180",
)

STEP = 300
"""In CI, which has ten minutes for all proofs; `make proof` takes every fifth call."""


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_call_that_fails_changes_nothing_in_what_becomes_of_a_drop():
    must_be_possible()
    for told in played("failing", "an accepted list", *SLICE):
        ended_well(told)


@pytest.mark.long
@pytest.mark.timeout(2400)
@pytest.mark.parametrize("scene", ["a zip of two lists and a scan", "a corrected split"])
def test_each_kind_of_call_may_fail_with_each_error(scene: str):
    must_be_possible()
    some = [one.format(step=STEP) for one in EVERYTHING]
    for told in played("failing", scene, *some, seconds=2300):
        ended_well(told)


def ended_well(told: dict[str, Any]) -> None:
    """Every failure was felt, and none made a difference."""
    assert told["wrong"] == {}, f"{told['call']} {told['error']} {told['way']}: {told['wrong']}"
    assert told["hit"] == told["points"]
