"""A service that rests must not grow, and the storm says where it does."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from tests.proof.sizes import MOST_GROWN, Size, grown, moments, size_of

START = Size(0.0, 500, 110_000, 90_000, 16, 9, 2, 150_000)


def an_hour(**end: int) -> list[Size]:
    """An hour of looks at a service that comes steadily from `START` to an end."""
    looks = 900
    return [
        replace(
            START,
            at=n * 4.0,
            **{
                name: round(getattr(START, name) + (to - getattr(START, name)) * n / looks)
                for name, to in end.items()
            },
        )
        for n in range(looks)
    ]


def test_a_mebibyte_in_an_hour_of_rest_is_a_leak():
    (told,) = grown(an_hour(own=START.own + 2 * MOST_GROWN))

    assert "its memory grew at rest" in told
    assert list(grown(an_hour(own=START.own + MOST_GROWN // 2))) == []


def test_memory_that_a_file_backs_is_no_leak():
    assert list(grown(an_hour(memory=START.memory + 9 * MOST_GROWN))) == []


@pytest.mark.parametrize("what", ["handles", "threads"])
def test_files_and_threads_that_become_more_at_rest_are_told(what: str):
    (told,) = grown(an_hour(**{what: getattr(START, what) + 8}))

    assert f"more {what} at rest" in told


def test_a_look_while_a_step_is_under_way_is_no_growth():
    looks = an_hour()
    looks[-1] = replace(looks[-1], handles=60, threads=30, own=START.own + 50_000)

    assert list(grown(looks)) == []


def test_a_service_that_nobody_looked_at_is_not_taken_for_one_that_is_well():
    assert list(grown([])) == ["nobody looked at the service while it rested"]


def test_a_look_at_a_process_tells_what_it_holds_and_of_one_that_is_gone_nothing():
    mine = size_of(os.getpid(), 1.0, 3)

    assert mine is not None and 0 < mine.own <= mine.memory and mine.handles > 2
    assert moments([mine]) == {"start": mine, "middle": mine, "end": mine}
    assert size_of(2**22 + 1, 1.0, 3) is None
