"""Lists of ten times as many rows as before, or a tenth, wait for a person's look."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bhyt_filedrop.domain.drops.facts import Judged
from bhyt_filedrop.domain.drops.sizes import cost_lists_of, odd_sizes
from bhyt_filedrop.domain.lists.records import ListKey, ListRecord
from bhyt_filedrop.domain.lists.states import ListState
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import load
from bhyt_filedrop.wiring.declared import world_of
from tests.offices import PROCESS, ROUND, UNITS, moment

LIST = PROCESS.handoffs["uncarded"]
KEY = ListKey("uncarded", ROUND, "cntt", "thu")


def a_list(rows: int, *, answers: str = "", part: int = 0, file: str = "") -> Judged:
    handoff = replace(LIST, answers=answers)
    return Judged(
        file, "", "form-2", "Mẫu 2", rows, handoff, UNITS["cntt"], UNITS["thu"], ROUND, part
    )


def standing(rows: int, state: ListState = ListState.ACCEPTED, part: int = 0) -> ListRecord:
    return ListRecord(
        "D1", 0, replace(KEY, part=part), "form-2", rows, "", state, 1, moment(6, 1)
    )  # fmt: skip


def said(rows: int, before: int = 0, visits: int = 0) -> str:
    earlier = [standing(before)] if before else []
    return odd_sizes([a_list(rows)], earlier, {KEY: visits} if visits else {}).get(KEY, "")


@pytest.mark.parametrize(
    ("rows", "before", "odd"),
    [
        (100, 10, True),
        (99, 10, False),
        (10, 100, True),
        (10, 99, False),
        (11, 100, False),
        (1000, 100, True),
        (999, 100, False),
        (10, 1, False),
        (50, 1, True),
        (49, 1, False),
        (1, 50, True),
        (1, 49, False),
    ],
)
def test_ten_times_as_many_or_a_tenth_wants_a_look_but_not_among_a_handful(
    rows: int, before: int, odd: bool
):
    assert said(rows, before) == (f"danh sách đang dùng có {before} dòng" if odd else "")


@pytest.mark.parametrize(
    ("rows", "visits", "odd"),
    [(200, 20, True), (199, 20, False), (20, 20, False), (2, 200, False)],
)
def test_more_children_than_visits_by_far_want_a_look_and_fewer_do_not(
    rows: int, visits: int, odd: bool
):
    """Six of seven visits are of children with a card: a short list is what is expected."""
    text = f"danh sách chi phí KCB của đợt chỉ có {visits} lượt khám"

    assert said(rows, visits=visits) == (text if odd else "")


def test_the_list_in_force_is_held_against_first():
    assert said(200, before=20, visits=20) == "danh sách đang dùng có 20 dòng"
    assert "chi phí KCB" in said(200, before=190, visits=20)


def test_files_and_lists_of_one_key_count_together():
    halves = [a_list(60, file="a.xlsx"), a_list(60, file="b.xlsx")]

    assert odd_sizes(halves, [standing(12)], {}) == {KEY: "danh sách đang dùng có 12 dòng"}
    assert odd_sizes([a_list(100)], [standing(5), standing(6)], {}) == {}
    parts = [a_list(60), a_list(60, part=1)]
    assert odd_sizes(parts, [standing(12)], {}) == {}


def test_only_an_accepted_list_of_the_same_key_is_held_against():
    others = [standing(2, ListState.HELD), standing(2, ListState.SUPERSEDED), standing(2, part=1)]

    assert odd_sizes([a_list(500)], others, {}) == {}


def test_an_answer_is_held_against_what_it_answers_and_not_against_its_size():
    assert odd_sizes([a_list(500, answers="ward-list")], [standing(2)], {KEY: 3}) == {}
    both = [a_list(500, answers="ward-list"), a_list(500)]
    assert list(odd_sizes(both, [standing(2)], {})) == [KEY]


def test_who_makes_form_2_is_given_the_cost_lists():
    world = world_of(load(config_dir()))

    assert cost_lists_of(world.units["cntt"], world) == ("cost-list",)
    assert cost_lists_of(world.units["thu"], world) == ()
    assert cost_lists_of(world.units["760"], world) == ()
