"""Which row of forms 1 and 2 is whose visit: a child twice is told, a namesake is another child."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bhyt_filedrop.domain.derive.sorting import Sought, sort_out
from bhyt_filedrop.domain.lists.children import ListedChild

BORN = "2014-03-05"
CHILD = ListedChild(
    name="Nguyễn Minh Khang", birth=BORN, sex="nam", parent="Trần Thị Lan", ward="26734",
    district="760", address="12 Lê Lợi, P. 5",
)  # fmt: skip
VISIT = replace(CHILD, name="nguyễn minh khang", birth="2014", parent="")


def sought(visits: list[ListedChild], rows: list[ListedChild]) -> list[Sought]:
    return list(sort_out(visits, rows))


@pytest.mark.parametrize(
    ("again", "twice"),
    [
        ({}, True),
        ({"parent": ""}, True),
        ({"parent": "Trần Thị Lam"}, True),
        ({"parent": "Hồ Ngọc Yến"}, False),
        ({"ward": "26740"}, False),
        ({"ward": "", "address": ""}, True),
        ({"ward": "", "district": "761", "address": ""}, False),
        ({"sex": "nu"}, False),
        ({"sex": ""}, True),
        ({"birth": "2014-03-06"}, False),
        ({"birth": "2014", "parent": "", "ward": ""}, False),
        ({"birth": "2014", "parent": ""}, True),
        ({"birth": "2014", "ward": ""}, True),
    ],
    ids=[
        "the same row", "no parent told", "a slip in the parent", "another mother", "another ward",
        "no home told", "another district", "another sex", "no sex told", "another day",
        "the year alone", "the year and the ward", "the year and the parent",
    ],
)  # fmt: skip
def test_a_row_more_of_a_name_is_the_child_twice_where_something_speaks_for_it_and_nothing_against(
    again: dict[str, str], twice: bool
):
    (one,) = sought([VISIT], [CHILD, replace(CHILD, **again)])  # type: ignore[arg-type]

    assert one.rows == ([0, 1] if twice else [0])


def test_two_cards_are_two_children_and_one_card_is_one():
    first = replace(CHILD, card="TE1790000000001")
    for card, rows in (("TE1790000000002", [0]), ("0000000001", [0, 1])):
        (one,) = sought([VISIT], [first, replace(first, card=card)])
        assert one.rows == rows


@pytest.mark.parametrize(("category", "rows"), [("uncarded", [0]), ("carded-before", [0, 1])])
def test_newborns_without_a_name_are_twins_on_one_list_and_one_child_on_two(
    category: str, rows: list[int]
):
    named = replace(CHILD, name="Con bà Trần Thị Lan", category="uncarded")
    (one,) = sought([replace(VISIT, name=named.name)], [named, replace(named, category=category)])  # type: ignore[arg-type]

    assert one.rows == rows


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({}, True),
        ({"ward": "26740", "address": ""}, False),
        ({"ward": "", "address": "12 LÊ LỢI, P. 5"}, True),
        ({"name": "NGUYEN MINH KHANG"}, True),
        ({"sex": "nu", "ward": "26740"}, False),
        ({"birth": "2013-03-05"}, False),
    ],
    ids=["as it is", "another ward", "the same address", "no marks", "a girl next door", "older"],
)
def test_a_hospitals_child_is_found_by_name_year_and_home(row: dict[str, str], found: bool):
    (one,) = sought([VISIT], [replace(CHILD, **row)])  # type: ignore[arg-type]

    assert bool(one.rows) is found


def test_of_two_rows_of_one_home_the_one_with_the_same_letters_is_the_childs():
    others = replace(CHILD, name="Nguyễn Minh Kháng", parent="Hồ Ngọc Yến")

    assert sought([VISIT], [others, CHILD])[0].rows == [1]
    assert sought([VISIT], [CHILD, others])[0].rows == [0]


def test_each_row_is_one_childs_and_each_child_gets_one():
    """Two brothers of one name and home, told apart by their sex alone."""
    girl = replace(VISIT, sex="nu")
    found = sought([VISIT, girl], [replace(CHILD, sex="nu"), CHILD])

    assert [one.rows for one in found] == [[1], [0]]


def test_two_neighbours_whom_the_hospital_tells_apart_by_nothing_have_a_visit_each():
    rows = [CHILD, replace(CHILD, parent="Hồ Ngọc Yến")]
    found = sought([VISIT, VISIT], rows)

    assert sorted(one.rows for one in found) == [[0], [1]]
    assert sorted(n for one in found for n in one.visits) == [0, 1]
    assert [one.rows for one in sought([VISIT], rows)] == [[0]], "one visit is one child's"


def test_a_row_that_may_be_the_childs_is_shown_and_is_not_taken():
    row = replace(CHILD, name="Nguyễn Minh Khanh", ward="", district="", address="")
    (one,) = sought([replace(VISIT, birth=BORN)], [replace(row, parent="")])

    assert (one.rows, one.likely) == ([], [0])


def test_a_row_that_is_a_neighbours_is_nobody_elses_any_more():
    rows = [CHILD, replace(CHILD, parent="Hồ Ngọc Yến")]
    slip = replace(VISIT, name="nguyễn minh khanh", birth=BORN, ward="", district="", address="")
    *neighbours, other = sought([VISIT, VISIT, slip], rows)

    assert sorted(one.rows for one in neighbours) == [[0], [1]]
    assert (other.visits, other.rows, other.likely) == ([2], [], [])
