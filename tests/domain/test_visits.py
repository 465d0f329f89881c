"""Whose a visit of a cost list is: only where enough agrees and nobody else agrees as much."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bhyt_filedrop.domain.derive.visits import Children, Match, children_of, costs_of
from bhyt_filedrop.domain.lists.children import ListedChild

BORN = "2014-03-05"
SEEN = ListedChild(name="nguyễn minh khang", birth="2014", sex="nam")
CHILD = ListedChild(name="Nguyễn Minh Khang", birth=BORN, sex="nam", parent="Trần Thị Lan")
HOME = {"ward": "26734", "district": "760"}


def match(visit: ListedChild, *children: ListedChild) -> Match:
    return Children(children).match(visit)


@pytest.mark.parametrize(
    ("seen", "child", "doubt"),
    [
        ({}, {}, "unsure"),
        ({"birth": BORN}, {}, ""),
        ({"birth": "2014-03-06"}, {}, "nobody"),
        ({"birth": "2013"}, {}, "nobody"),
        ({"birth": ""}, {}, "nobody"),
        (HOME, HOME, ""),
        ({"district": "760"}, {"district": "760"}, ""),
        ({"district": "760"}, HOME, ""),
        ({"district": "760", "name": "nguyen minh khang"}, {"district": "760"}, ""),
        ({"district": "761"}, {"district": "760"}, "unsure"),
        (HOME, {"ward": "26740", "district": "760"}, "unsure"),
        (HOME | {"birth": BORN}, {"ward": "26740", "district": "760"}, ""),
        (HOME | {"birth": BORN}, {"ward": "26767", "district": "761"}, "unsure"),
        ({"sex": "nu", "birth": BORN}, {}, "unsure"),
        ({"sex": "nu", "birth": BORN} | HOME, HOME, ""),
        ({"sex": "", "birth": BORN}, {}, ""),
        ({"name": "trần thị lan", "birth": BORN}, {}, "unsure"),
        ({"name": "trần thị lan", "birth": BORN} | HOME, HOME, ""),
        ({"name": "con bà trần thị lan", "birth": BORN}, {}, ""),
        ({"name": "lê văn an", "birth": BORN}, {}, "nobody"),
        ({"name": "con bà trần thị lan 2", "birth": BORN} | HOME,
         HOME | {"name": "Con bà Trần Thị Lan 1"}, "unsure"),
    ],
    ids=[
        "name and year", "the whole date", "another day", "another year", "no year at all",
        "the ward", "the district", "the district of its ward", "without marks", "another district",
        "another ward of the district", "the date, a ward beside", "the date, far away",
        "the date, another sex", "the date, the ward, another sex", "no sex told",
        "the mother's bare name", "the mother's bare name and the ward", "a newborn's name",
        "another name", "the other twin",
    ],
)  # fmt: skip
def test_name_and_year_are_not_enough_and_what_else_is_told_speaks_for_or_against(
    seen: dict[str, str], child: dict[str, str], doubt: str
):
    found = match(replace(SEEN, **seen), replace(CHILD, **child))  # type: ignore[arg-type]

    assert found.doubt == doubt
    assert found.child == (None if doubt else 0)


@pytest.mark.parametrize("first", [0, 1])
def test_of_two_namesakes_the_one_of_whom_more_agrees_is_meant(first: int):
    near, far = replace(CHILD, **HOME), replace(CHILD, district="760", ward="26740")
    both = [near, far] if first == 0 else [far, near]

    found = match(replace(SEEN, birth=BORN, **HOME), *both)

    assert found == Match(first, likely=(first, 1 - first))


def test_the_letters_decide_only_between_children_of_whom_nothing_else_tells():
    others = replace(CHILD, name="Nguyễn Minh Kháng")

    assert match(replace(SEEN, birth=BORN), others, CHILD).child == 1
    assert match(replace(SEEN, birth=BORN, **HOME), replace(others, **HOME), CHILD).child == 0


def test_a_whole_date_of_one_and_the_ward_of_another_weigh_the_same_and_nobody_is_chosen():
    dated, near = replace(CHILD), replace(CHILD, birth="2014", **HOME)

    assert match(replace(SEEN, birth=BORN, **HOME), dated, near) == Match(
        doubt="several", likely=(0, 1)
    )


LAN = {"name": "trần thị lan"}


@pytest.mark.parametrize(
    ("seen", "one", "other"),
    [
        (HOME | {"birth": BORN}, {"district": "761", "ward": "26767"}, {"birth": "2014"}),
        (HOME | {"birth": BORN}, {"district": "760", "ward": "26740", "sex": "nu"},
         {"birth": "2014"}),
        (HOME, {"district": "760", "sex": "nu"}, {"district": "760", "ward": "26740"}),
        (HOME | LAN, HOME, HOME | {"name": "Trần Thị Làn", "parent": "", "sex": "nu"}),
    ],
    ids=["the date, far away: nothing told", "the date, a ward beside, another sex: nothing told",
         "the district, another sex: a ward beside", "the bare mother: her name, another sex"],
)  # fmt: skip
def test_what_speaks_for_a_child_and_what_against_outweigh_each_other(
    seen: dict[str, str], one: dict[str, str], other: dict[str, str]
):
    visit = replace(SEEN, **seen)  # type: ignore[arg-type]
    both = [replace(CHILD, **told) for told in (one, other)]  # type: ignore[arg-type]

    assert match(visit, *both).likely == match(visit, *both[::-1]).likely == (0, 1)


def test_twins_whom_nothing_tells_apart_are_several():
    assert match(replace(SEEN, birth=BORN), CHILD, CHILD).doubt == "several"


# --- one child out of its visits ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("again", "one"),
    [
        ({}, True),
        ({"name": "NGUYEN MINH KHANG"}, True),
        ({"birth": "2013"}, False),
        ({"sex": "nu"}, False),
        ({"ward": "26740"}, False),
        ({"address": "ấp 3"}, True),
        ({"card": "TE1790000000001"}, False),
    ],
)
def test_visits_are_one_childs_by_name_birth_sex_and_ward(again: dict[str, str], one: bool):
    visits = [replace(SEEN, ward="26734"), replace(SEEN, ward="26734")]
    visits[1] = replace(visits[1], **again)  # type: ignore[arg-type]

    assert len(children_of(visits)) == (1 if one else 2)


def test_where_no_ward_could_be_read_the_address_as_written_tells_neighbours_apart():
    visits = [replace(SEEN, address=text) for text in ("12 Lê Lợi", "12 LÊ LỢI", "13 Lê Lợi")]

    assert [len(one.visits) for one in children_of(visits)] == [2, 1]


def test_two_ways_to_write_a_card_are_one_childs():
    visits = [replace(SEEN, card=card) for card in ("TE1790000000001", "0000000001")]

    assert len(children_of(visits)) == 1


def test_a_child_bears_the_fullest_spelling_of_its_name_and_the_sum_of_its_costs():
    visits = [
        replace(SEEN, name="nguyen minh khang", row=3, costs={"cost_total": 5}),
        replace(SEEN, name="nguyễn minh khang", costs={"cost_total": 7, "cost_patient": 2}),
    ]
    (one,) = children_of(visits)

    assert (one.child.name, one.child.row) == ("nguyễn minh khang", 3)
    assert one.child.costs == costs_of(visits)
    assert (one.child.costs["cost_total"], one.child.costs["cost_patient"]) == (12, 2)
    assert set(one.child.costs.values()) == {0, 2, 12}
