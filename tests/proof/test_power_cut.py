"""Killed at a sync, with the power cut at that moment: what was promised is there, nothing else.

The tests always run a slice; CI takes every tenth sync of every scene, `make proof` each one.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.journey.derived_scenes import DERIVED
from tests.journey.scenes import SCENES
from tests.proof.play import must_be_possible, of_scenes, played

EVERY_SCENE = (*SCENES, *DERIVED)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_daemon_whose_power_was_cut_ends_as_one_that_nothing_disturbed():
    must_be_possible()
    for told in played("power", "an accepted list:5", "a returned list:15"):
        ended_well(told)


@pytest.mark.long
@pytest.mark.timeout(300)
def test_a_disk_that_does_not_sync_what_it_says_is_noticed_by_this_very_test():
    must_be_possible()
    (told,) = played("power", "an accepted list:8:lying")
    assert told["hit"] == told["points"]
    assert told["wrong"], "a ledger that was never synced passes for a sound one"


@pytest.mark.long
@pytest.mark.timeout(2400)
def test_the_power_may_be_cut_at_every_tenth_sync_of_every_scene():
    must_be_possible()
    seen = [ended_well(told) for told in played("power", *of_scenes(EVERY_SCENE, 10), seconds=2300)]
    assert seen == list(EVERY_SCENE)


def ended_well(told: dict[str, Any]) -> str:
    """Every cut hit its sync, none made a difference; the scene's name."""
    assert told["wrong"] == {}, f"{told['scene']}: {told['wrong']}"
    assert told["hit"] == told["points"] > 1
    assert told["syncs"] > 10, f"{told['scene']}: hardly a journey"
    outcome = told["outcome"]
    assert (outcome["ledger"], outcome["spoilt"], outcome["left"]) == (["ok"], [], [])
    assert outcome["kept"]
    assert outcome["mails twice"] == 0
    name: str = told["scene"]
    return name
