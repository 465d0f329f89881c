"""A clock that leaps, while the service works or while it is off, changes nothing that lasts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.proof.clocks import LEAPS
from tests.proof.play import must_be_possible, played


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_clock_that_leaps_and_is_put_right_changes_nothing_in_what_becomes_of_a_drop():
    must_be_possible()
    for told in played("clocks", "a corrected list", "-1h:1", "-1d:2"):
        ended_well(told)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("scene", ["a zip of two lists and a scan", "a corrected split"])
def test_the_clock_may_leap_by_an_hour_or_a_day_either_way(scene: str):
    must_be_possible()
    for told in played("clocks", scene, *(f"{leap}:3" for leap in LEAPS)):
        ended_well(told)


def ended_well(told: dict[str, Any]) -> None:
    assert told["wrong"] == {}, f"{told['leap']}: {told['wrong']}"
    assert told["hit"] == told["points"] > 0
