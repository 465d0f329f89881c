"""When two births, names or parents are one, may be one, or are two; and what is worth a look."""

from __future__ import annotations

import pytest

from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.reconcile.faces import (
    Face,
    births_agree,
    births_fit,
    births_near,
    names_near,
    parents_agree,
    parents_fit,
    same_name,
    sexes_fit,
    swap_day_and_month,
    wards_fit,
)
from bhyt_filedrop.domain.reconcile.hints import hints
from bhyt_filedrop.domain.reconcile.values import Came

BORN = "2014-03-05"


@pytest.mark.parametrize(
    ("one", "other", "agree", "fit", "near"),
    [
        (BORN, BORN, True, True, False),
        ("2014", BORN, True, True, False),
        ("2014-03", BORN, True, True, False),
        ("2013", BORN, False, False, False),
        ("", BORN, False, True, False),
        ("", "", False, True, False),
        (BORN, "2014-05-03", False, False, True),
        (BORN, "2014-03-06", False, False, True),
        (BORN, "2014-04-05", False, False, True),
        (BORN, "2013-03-05", False, False, True),
        (BORN, "2013-03-06", False, False, False),
        (BORN, "2013-05-03", False, False, False),
        ("2014-03", "2014-04", False, False, False),
        (BORN, "2014-05", False, False, False),
    ],
)
def test_two_births_agree_where_one_tells_less_and_are_near_where_one_slip_makes_the_other(
    one: str, other: str, agree: bool, fit: bool, near: bool
):
    for a, b in ((one, other), (other, one)):
        assert (births_agree(a, b), births_fit(a, b), births_near(a, b)) == (agree, fit, near)


def test_only_a_whole_date_has_a_day_and_a_month_to_swap():
    assert [swap_day_and_month(birth) for birth in (BORN, "2014-03", "2014", "")] == [
        "2014-05-03", "", "", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("le gia an", "le gia an", True),
        ("le gia an", "le gia anh", True),
        ("le gia an", "le gia ang h", False),
        ("le van an", "le vn aan", False),
        ("nguyen an", "nguyenanh", False),
        ("le van anh", "le vam ann", True),
        ("le van anh", "le vam amm", False),
        ("le van an", "le vam anm", False),
        ("nguyen van an", "van an nguyen", True),
        ("nguyen khang", "nguyen minh khang", True),
        ("nguyen khang", "nguyen minh gia khang", True),
        ("nguyen minh", "nguyen minh gia khang", False),
        ("khang", "nguyen minh khang", False),
        ("le khang", "nguyen minh khang", False),
        ("nguyen gia khang", "nguyen minh gia bao khang", True),
        ("nguyen gia minh khang", "nguyen minh gia bao khang", False),
        ("", "le gia an", False),
        ("", "", False),
    ],
)
def test_a_name_is_near_another_by_a_slip_an_order_or_middle_names_left_out(
    one: str, other: str, near: bool
):
    """Two letters off in a long name, one in a short one: An is not Bin."""
    assert names_near(one, other) is near
    assert names_near(other, one) is near


def a_face(name: str = "Lê Gia An", parent: str = "", **more: str) -> Face:
    return Face(ListedChild(name=name, parent=parent, **more), 0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("Lê An", "LÊ  AN", True), ("Lê An", "Le An", True), ("Lê An", "Lê Ân Mai", False),
     ("", "", False), ("…", "…", True), ("…", "?", False)],
)  # fmt: skip
def test_a_name_is_the_same_but_for_case_blanks_and_marks(one: str, other: str, same: bool):
    assert same_name(a_face(one), a_face(other)) is same


@pytest.mark.parametrize(
    ("one", "other", "agree", "fit"),
    [
        (a_face(parent="Trần Thị Lan"), a_face(parent="TRAN THI LAN"), True, True),
        (a_face(parent="Trần Thị Lan"), a_face(parent="Trần Thị Lam"), True, True),
        (a_face(parent="Trần Thị Lan"), a_face(parent="Hồ Ngọc Yến"), False, False),
        (a_face(parent="Trần Thị Lan"), a_face(), False, True),
        (a_face(), a_face(), False, True),
        (a_face("Con bà Trần Thị Lan"), a_face(parent="Trần Thị Lan"), True, True),
        (a_face("Con bà Hồ Ngọc Yến"), a_face(parent="Trần Thị Lan"), False, True),
    ],
    ids=["alike", "a slip", "two", "one told", "none told", "in a newborn's name", "another's"],
)
def test_parents_agree_where_both_are_told_and_fit_where_nothing_speaks_against_it(
    one: Face, other: Face, agree: bool, fit: bool
):
    for a, b in ((one, other), (other, one)):
        assert (parents_agree(a, b), parents_fit(a, b)) == (agree, fit)


@pytest.mark.parametrize(
    ("one", "other", "fit"), [("nu", "nu", True), ("nu", "nam", False), ("", "nu", True),
                              ("nam", "", True), ("", "", True)],
)  # fmt: skip
def test_a_sex_or_a_ward_that_is_not_told_speaks_against_nobody(one: str, other: str, fit: bool):
    assert sexes_fit(a_face(sex=one), a_face(sex=other)) is fit
    assert wards_fit(a_face(ward=one), a_face(ward=other)) is fit


def test_a_child_is_nameless_as_a_placeholder_or_under_its_mothers_own_name():
    assert a_face("Con bà Trần Thị Lan").nameless
    assert a_face("Trần Thị Lan", "TRẦN THỊ LAN").nameless
    assert not a_face("Lê Gia An", "Trần Thị Lan").nameless
    assert not a_face("", "").nameless


def test_a_mother_is_looked_for_in_her_column_in_the_placeholder_and_else_in_the_name():
    assert a_face("Con bà Lan", "Trần Thị Lan").mothers == {"lan", "tran thi lan"}
    assert a_face("Trần Thị Lan").mothers == {"tran thi lan"}
    assert a_face("", "").mothers == frozenset()


# --- likenesses for a person to look at ----------------------------------------------------------


def likenesses(sent: ListedChild, *came: ListedChild) -> list[tuple[str, float]]:
    rows = [(Face(child, n), Came(child, "uncarded", "", str(n))) for n, child in enumerate(came)]
    return [(one.came.label, one.score) for one in hints([Face(sent, 0)], rows)]


KHANG = ListedChild(
    name="Nguyễn Minh Khang", birth=BORN, parent="Trần Thị Lan", address="12 Lê Lợi, P. 5, Q. 3"
)


def other(**changed: str) -> ListedChild:
    told = {"name": "Hồ Quốc Tín", "birth": "2011-11-11", "parent": "Đỗ Yến", "address": "ấp 9"}
    return ListedChild(**{**told, **changed})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("came", "worth"),
    [
        (other(name=KHANG.name, birth=BORN, parent="", address=""), True),
        (other(name=KHANG.name, birth=BORN), True),
        (other(name=KHANG.name, parent=KHANG.parent), True),
        (other(name=KHANG.name, address=KHANG.address), True),
        (other(birth=BORN, parent=KHANG.parent, address=""), True),
        (other(birth=BORN, parent=KHANG.parent), False),
        (other(birth="2014-05-03", parent=KHANG.parent, address=""), False),
        (other(birth=BORN, parent="", address=KHANG.address), True),
        (other(birth=BORN, address=KHANG.address), False),
        (other(name=KHANG.name), False),
        (other(name=KHANG.name, parent="", address=""), True),
        (other(birth=BORN), False),
        (other(birth=BORN, parent="", address=""), False),
        (other(), False),
    ],
    ids=[
        "name and birth", "name and birth alone agree", "name and parent", "name and address",
        "birth and parent, no address told", "birth and parent, not the address",
        "a turned birth and parent", "birth and address, no parent told",
        "birth and address, not the parent", "a name alone", "a name, little else told",
        "a birth alone", "a birth, little else told", "nothing",
    ],
)  # fmt: skip
def test_two_of_what_is_told_of_a_child_are_worth_a_look_and_one_is_not(
    came: ListedChild, worth: bool
):
    """Birth and parent, or a name and little else."""
    assert bool(likenesses(KHANG, came)) is worth


def test_the_likeliest_row_is_shown_and_each_row_of_one_child_alone():
    slip = other(name="Nguyễn Minh Khanh", birth=BORN, parent=KHANG.parent, address=KHANG.address)
    turned = other(name=KHANG.name, birth="2014-05-03", parent=KHANG.parent)

    assert [label for label, _ in likenesses(KHANG, turned, slip)] == ["1"]
    assert likenesses(KHANG, KHANG) == [("0", 100.0)]
