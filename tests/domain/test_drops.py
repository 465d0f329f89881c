"""What one drop is by itself: where it lies, whether something is still to be done, its day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.handed_in import HandedIn
from bhyt_filedrop.domain.drops.ids import day_of_id
from bhyt_filedrop.domain.drops.states import State
from tests.offices import moment

PATH = "Quận 1/mẫu 3.xlsx"
DROP = Drop("D150612-AAAAAA", "main", PATH, "760", 9, 1.0, ".work/D150612-AAAAAA", moment(6, 12))


@pytest.mark.parametrize(
    ("state", "again", "under_way"),
    [
        (State.CLAIMED, False, True),
        (State.PLANNED, False, True),
        (State.SET_ASIDE, False, False),
        (State.SET_ASIDE, True, True),
        (State.ACCEPTED, False, False),
        (State.ACCEPTED, True, False),
        (State.RETURNED, False, False),
        (State.HELD, False, False),
    ],
)
def test_a_drop_is_under_way_until_it_is_closed_or_set_aside_for_a_person(
    state: State, again: bool, under_way: bool
):
    """One that is set aside and due again tries on by itself."""
    drop = replace(DROP, state=state, next_at=moment(6, 13) if again else None)

    assert drop.is_under_way is under_way


def test_a_file_that_nobody_may_rename_lies_where_it_was_dropped():
    assert not DROP.lies_there
    assert replace(DROP, work_path=PATH).lies_there
    assert not DROP.is_own
    assert replace(DROP, path="@split/2015Q1").is_own


@pytest.mark.parametrize(
    ("id_", "day"),
    [
        ("D150612-AAAAAA", date(2015, 6, 12)),
        ("D991231-AAAAAA", date(1999, 12, 31)),
        ("D151301-AAAAAA", None),
        ("D1506", None),
        ("", None),
    ],
)
def test_an_id_tells_its_day(id_: str, day: date | None):
    assert day_of_id(id_) == day


@pytest.mark.parametrize(
    ("tree", "path", "sha256", "same"),
    [
        ("main", PATH, "5" * 64, True),
        ("other", PATH, "5" * 64, False),
        ("main", "Quận 1/mẫu 4.xlsx", "5" * 64, False),
        ("main", PATH, "6" * 64, False),
        ("main", PATH, None, False),
    ],
)
def test_a_drop_is_the_file_that_was_handed_in_where_place_and_bytes_are_one(
    tree: str, path: str, sha256: str | None, same: bool
):
    at = moment(6, 12)
    handed = HandedIn("760", "main", PATH, "5" * 64, 9, "lan", "mất mạng", "10.0.0.1", at)

    assert handed.is_of(tree, path, sha256) is same
