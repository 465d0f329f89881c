"""Drop ids: readable, sorted by day, and the same again where one cause must give one drop."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest

from bhyt_filedrop.domain.drops.ids import ALPHABET, new_id, repeatable_id, work_path

EVENING = datetime(2015, 5, 17, 18, tzinfo=UTC)
"""One o'clock in the morning of 18 May in the city."""


def test_an_id_carries_the_citys_day_and_six_readable_letters():
    name = new_id(EVENING, random.Random(1).choice)

    assert name.startswith("D150518-")
    assert len(name) == len("D150518-7K3FQA")
    assert set(name.partition("-")[2]) <= set(ALPHABET)
    assert not set(ALPHABET) & set("01IO")


def test_one_approval_gives_one_id_however_often_it_is_asked_for():
    """The id that the release before gave: of two who approve at once, one may still run it."""
    assert repeatable_id(EVENING, "D150518-AAAAAA/0/0") == "D150518-Z9C8YT"


@pytest.mark.parametrize("other", ["D150518-AAAAAA/1/0", "D150518-AAAAAA/0/1"])
def test_another_draft_or_another_time_gives_another_id(other: str):
    assert repeatable_id(EVENING, other) != repeatable_id(EVENING, "D150518-AAAAAA/0/0")


def test_a_claimed_drop_lies_in_the_trees_own_work_area():
    assert work_path("D150518-AAAAAA") == ".bhyt-filedrop/work/D150518-AAAAAA"
