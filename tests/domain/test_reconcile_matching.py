"""Which row is which child: codes, names, births and parents, newborns and twins."""

from __future__ import annotations

import unicodedata

import pytest

from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.reconcile import Came, balance, came_of, reconcile, repeats
from bhyt_filedrop.domain.reconcile.faces import births_near, names_near
from tests.reconciling import a_child, back, is_kept, paired

KHANG = a_child(code="M001")
HAN = a_child("Lê Ngọc Hân", "2014-11-20", "Phạm Thị Hương", code="M002", sex="nu")
LONG = a_child("Võ Đức Long", "2013-07-01", "Lý Thị Nga", code="M003", sex="nam")
WARD = [KHANG, HAN, LONG]


def without_code(child: ListedChild, **changes: object) -> Came:
    return back(child, code="", **changes)  # type: ignore[arg-type]


# --- the usual ways back ---------------------------------------------------------------------


def test_children_who_come_back_as_they_went_are_found_by_their_codes():
    came = [back(child) for child in reversed(WARD)]

    result = reconcile(WARD, came)

    assert paired(result) == [(c.name, c.name) for c in WARD]
    assert {pair.how for pair in result.pairs} == {"code"}
    assert result.is_whole


@pytest.mark.parametrize(
    "name",
    [
        "LÊ NGỌC HÂN",
        "lê ngọc hân",
        "Lê  Ngọc Hân".replace("  ", " "),
        "Le Ngoc Han",
        unicodedata.normalize("NFD", "Lê Ngọc Hân"),
    ],
)
def test_a_child_without_its_code_is_found_however_its_name_is_spelt(name: str):
    result = reconcile(WARD, [without_code(HAN, name=name)])

    assert [pair.sent.code for pair in result.pairs] == ["M002"]
    assert len(result.missing) == 2
    assert not result.unknown


@pytest.mark.parametrize(("went", "came"), [("Hòa", "Hoà"), ("Thúy", "Thuý"), ("THỦY", "Thuỷ")])
def test_where_in_a_word_the_tone_sits_makes_no_other_child(went: str, came: str):
    child = a_child(f"Trần Minh {went}")

    result = reconcile([child], [back(child, name=f"Trần Minh {came}")])

    assert result.is_whole


def test_a_list_without_parents_is_matched_by_name_and_birth():
    """D03-TS has no column for the mother."""
    result = reconcile(WARD, [without_code(child, parent="") for child in WARD])

    assert result.is_whole
    assert {pair.how for pair in result.pairs} == {"name-birth"}


def test_the_father_in_the_mothers_place_is_still_the_same_child():
    result = reconcile(WARD, [without_code(c, parent="Võ Văn Tám") for c in WARD])

    assert result.is_whole


def test_namesakes_born_on_one_day_are_told_apart_by_their_mothers():
    other = a_child(parent="Bùi Thị Oanh")
    sent = [KHANG, other]

    result = reconcile(sent, [without_code(other), without_code(KHANG)])

    assert [(p.sent.parent, p.came.child.parent) for p in result.pairs] == [
        ("Trần Thị Lan",) * 2,
        ("Bùi Thị Oanh",) * 2,
    ]


def test_namesakes_whom_nothing_tells_apart_are_not_guessed():
    sent = [KHANG, a_child(parent="Bùi Thị Oanh")]

    result = reconcile(sent, [without_code(KHANG, parent="")])

    assert not result.pairs
    assert len(result.uncertain) == 1


@pytest.mark.parametrize("birth", ["2014", "2014-03", ""])
def test_a_birth_told_in_part_is_found_by_name_and_parent(birth: str):
    result = reconcile(WARD, [without_code(KHANG, birth=birth)])

    assert paired(result) == [(KHANG.name, KHANG.name)]


@pytest.mark.parametrize("birth", ["2014-05-03", "2014-03-15", "2013-03-05"])
def test_a_slip_in_the_birth_is_found_by_name_and_parent(birth: str):
    result = reconcile(WARD, [without_code(KHANG, birth=birth)])

    assert [pair.how for pair in result.pairs] == ["name-parent"]


@pytest.mark.parametrize("name", ["Nguyễn Minh Khamg", "Nguyễn Khang", "Minh Khang Nguyễn"])
def test_a_slip_in_the_name_is_found_by_birth_and_parent(name: str):
    result = reconcile(WARD, [without_code(KHANG, name=name)])

    assert [pair.how for pair in result.pairs] == ["changed"]


def test_another_name_and_birth_under_one_parent_is_another_child():
    """A brother is no slip of the pen."""
    result = reconcile(WARD, [without_code(KHANG, name="Nguyễn Gia Bảo", birth="2012-01-09")])

    assert not result.pairs
    assert len(result.unknown) == 1


def test_one_name_and_mother_but_births_years_apart_are_not_taken_for_one():
    result = reconcile([KHANG], [without_code(KHANG, birth="2010-12-30")])

    assert not result.pairs
    assert len(result.uncertain) == 1


def test_namesakes_with_strange_parents_are_not_paired_in_order():
    sent = [KHANG, a_child(parent="Bùi Thị Oanh")]
    came = [without_code(KHANG, parent="Đỗ Văn Sáu"), without_code(KHANG, parent="Mai Văn Tư")]

    assert not reconcile(sent, came).pairs


def test_a_boy_does_not_come_home_as_a_girl_of_another_parent():
    boy = a_child(sex="nam")

    assert not reconcile([boy], [back(boy, sex="nu", parent="Đỗ Văn Sáu")]).pairs


# --- codes -----------------------------------------------------------------------------------


def test_a_code_on_a_row_with_another_childs_name_does_not_count():
    """Sorting the sheet without the hidden column shifts the codes by a row."""
    came = [back(KHANG, code="M002"), back(HAN, code="M003"), back(LONG, code="M001")]

    result = reconcile(WARD, came)

    assert paired(result) == [(c.name, c.name) for c in WARD]


def test_a_code_pasted_on_a_strangers_row_brings_nobody_back():
    stranger = a_child("Đỗ Quốc Tín", "2012-10-10", "Hồ Thị Yến", code="M001")

    result = reconcile([KHANG], [back(stranger)])

    assert not result.pairs
    assert [child.code for child in result.missing] == ["M001"]


def test_a_code_speaks_for_a_child_in_whom_one_thing_was_changed():
    result = reconcile(WARD, [back(KHANG, name="Nguyễn Hoàng Phúc")])

    assert [(pair.sent.code, pair.how) for pair in result.pairs] == [("M001", "code")]


def test_a_twin_listed_twice_under_both_codes_does_not_bring_its_brother_back():
    bao, huy = a_child("Lê Gia Bảo", code="T1"), a_child("Lê Văn Huy", code="T2")

    result = reconcile([bao, huy], [back(huy), back(huy, code="T1")])

    assert [child.code for child in result.missing] == ["T1"]
    assert len(result.doubled) == 1


def test_one_code_on_two_rows_belongs_to_the_row_that_fits():
    stranger = back(KHANG, name="Đỗ Quốc Tín", birth="2012-10-10", parent="Hồ Thị Yến")

    result = reconcile([KHANG], [stranger, back(KHANG)])

    assert paired(result) == [(KHANG.name, KHANG.name)]
    assert result.unknown == (stranger,)


# --- newborns --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["Con bà Trần Thị Lan", "CB TRẦN THỊ LAN", "BÉ GÁI", "Trẻ sơ sinh", "Trần Thị Lan"],
)
def test_a_newborn_is_found_under_the_name_that_it_got(name: str):
    newborn = a_child(name, code="M009")
    named = without_code(newborn, name="Nguyễn Bảo An")

    result = reconcile([newborn, HAN], [named])

    assert [(p.sent.name, p.how) for p in result.pairs] == [(name, "named")]


def test_a_named_child_is_found_when_it_comes_back_under_its_mothers_name():
    result = reconcile(WARD, [without_code(KHANG, name="Con bà Trần Thị Lan")])

    assert paired(result) == [(KHANG.name, "Con bà Trần Thị Lan")]


def test_a_placeholder_written_in_another_manner_is_the_same_child():
    newborn = a_child("CB TRẦN THỊ LAN")

    result = reconcile([newborn], [without_code(newborn, name="Con bà Trần Thị Lan")])

    assert result.is_whole


def test_a_mother_told_only_in_the_placeholder_is_enough():
    newborn = a_child("Con bà Trần Thị Lan", parent="")

    result = reconcile([newborn], [back(newborn, name="Lê An", parent="Trần Thị Lan")])

    assert result.is_whole


def test_a_newborn_is_not_found_in_a_child_of_another_day_or_mother():
    newborn = a_child("Con bà Trần Thị Lan")
    came = [
        without_code(newborn, name="Lê An", birth="2014-03-06"),
        without_code(newborn, name="Lê Vy", parent="Hồ Thị Yến"),
    ]

    assert not reconcile([newborn], came).pairs


def test_a_newborn_girl_is_not_found_in_a_boy():
    newborn = a_child("Con bà Trần Thị Lan", sex="nu")

    assert not reconcile([newborn], [without_code(newborn, name="Lê An", sex="nam")]).pairs


def test_a_newborn_in_a_list_without_parents_is_found_at_its_address():
    newborn = a_child("Con bà Trần Thị Lan", address="12/3 Nguyễn Trãi, P. Bến Thành")

    result = reconcile([newborn], [without_code(newborn, name="Lê An", parent="")])

    assert [pair.how for pair in result.pairs] == ["named"]


# --- twins -----------------------------------------------------------------------------------

ONE = a_child("Con bà Trần Thị Lan 1", code="T1")
TWO = a_child("Con bà Trần Thị Lan 2", code="T2")


def test_numbered_twins_keep_their_numbers():
    came = [without_code(TWO, name="CB Trần Thị Lan 2/2"), without_code(ONE, name="CB Lan 1/2")]

    assert paired(reconcile([ONE, TWO], came)) == [
        (ONE.name, "CB Lan 1/2"),
        (TWO.name, "CB Trần Thị Lan 2/2"),
    ]


def test_a_boy_and_a_girl_twin_are_told_apart_by_their_sex():
    boy = a_child("Con bà Trần Thị Lan 1", sex="nam")
    girl = a_child("Con bà Trần Thị Lan 2", sex="nu")
    an = without_code(girl, category="carded-before", name="Lê Ngọc An")
    bao = without_code(boy, category="uncarded", name="Lê Gia Bảo")

    assert paired(reconcile([boy, girl], [an, bao])) == [
        (boy.name, "Lê Gia Bảo"),
        (girl.name, "Lê Ngọc An"),
    ]


def test_twins_named_in_one_list_may_be_paired_in_order():
    """Whichever is whichever, both are in that list."""
    came = [without_code(ONE, name=n, category="uncarded") for n in ("Lê Gia Bảo", "Lê Gia Huy")]

    result = reconcile([ONE, TWO], came)

    assert result.is_whole
    assert {pair.how for pair in result.pairs} == {"twins"}


def test_twins_named_in_two_lists_are_not_guessed():
    came = [
        without_code(ONE, name="Lê Gia Bảo", category="carded-before"),
        without_code(TWO, name="Lê Gia Huy", category="uncarded"),
    ]

    result = reconcile([ONE, TWO], came)

    assert not result.pairs
    assert len(result.missing) == len(result.unknown) == len(result.uncertain) == 2


def test_one_twin_alone_is_not_guessed():
    result = reconcile([ONE, TWO], [without_code(ONE, name="Lê Gia Bảo")])

    assert not result.pairs
    assert len(result.uncertain) == 1


def test_twins_with_their_codes_are_never_crossed():
    came = [back(TWO, name="Lê Gia Bảo"), back(ONE, name="Lê Gia Huy", category="carded-now")]

    assert paired(reconcile([ONE, TWO], came)) == [
        (ONE.name, "Lê Gia Huy"),
        (TWO.name, "Lê Gia Bảo"),
    ]


def test_twins_with_names_a_letter_apart_are_two_children():
    an, anh = a_child("Lê Gia An"), a_child("Lê Gia Anh")

    result = reconcile([an, anh], [without_code(anh)])

    assert paired(result) == [("Lê Gia Anh", "Lê Gia Anh")]
    assert [child.name for child in result.missing] == ["Lê Gia An"]


def test_a_slip_in_a_twins_name_is_left_to_a_person():
    """Gia Ang may be either of them, although one has come back already."""
    an, anh = a_child("Lê Gia An"), a_child("Lê Gia Anh")

    result = reconcile([an, anh], [without_code(an), without_code(anh, name="Lê Gia Ang")])

    assert paired(result) == [("Lê Gia An", "Lê Gia An")]
    assert [one.sent.name for one in result.uncertain] == ["Lê Gia Anh"]


def test_nameless_twins_who_look_alike_count_as_two():
    sent = [a_child("Con bà Trần Thị Lan"), a_child("Con bà Trần Thị Lan")]

    result = reconcile(sent, [without_code(sent[0])])

    assert len(result.pairs) == len(result.missing) == 1


# --- twice -----------------------------------------------------------------------------------


def test_a_child_in_two_lists_is_told_at_its_later_row():
    first, again = (
        back(KHANG, "carded-before"),
        without_code(KHANG, category="carded-now", parent=""),
    )

    result = reconcile(WARD, [first, again])

    assert [(d.first, d.again) for d in result.doubled] == [(first, again)]
    assert [pair.came for pair in result.pairs] == [first]


def test_the_earlier_row_counts_even_where_the_later_one_has_the_code():
    first, again = without_code(KHANG), back(KHANG)

    result = reconcile(WARD, [first, again])

    assert [(d.first, d.again) for d in result.doubled] == [(first, again)]


def test_a_newborn_named_in_two_lists_is_told_twice():
    named = a_child("Lê An")
    came = [back(named, "carded-before"), back(named, "uncarded")]

    result = reconcile([a_child("Con bà Trần Thị Lan")], came)

    assert len(result.pairs) == len(result.doubled) == 1


def test_a_child_whom_a_hospital_entered_twice_may_come_back_once():
    sent = [KHANG, a_child(name="NGUYỄN MINH KHANG", code="M077")]

    once = reconcile(sent, [back(KHANG)])
    by_other_code = reconcile(sent, [back(sent[1])])
    never = reconcile(sent, [])

    assert once.is_whole
    assert by_other_code.is_whole
    assert balance(sent, once).uncarded == 2
    assert len(never.missing) == 2


def test_without_a_list_sent_files_are_still_held_against_each_other():
    first, again = back(KHANG, "carded-before", "0"), without_code(KHANG, source="1")

    found = repeats([first, back(HAN), again])

    assert [(d.first, d.again) for d in found] == [(first, again)]


# --- likenesses ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Nguyễn Hoàng Phúc"},
        {"name": "Nguyễn Minh Khamg", "birth": "2014-05-03", "parent": "Trần Thị Lam"},
        {"birth": "2010-12-30", "parent": ""},
    ],
)
def test_a_mere_likeness_is_shown_and_never_made_a_match(changes: dict[str, str]):
    came = [without_code(KHANG, **changes), without_code(HAN), without_code(LONG)]

    result = reconcile(WARD, came)

    assert [child.name for child in result.missing] == [KHANG.name]
    assert list(result.unknown) == came[:1]
    assert [(u.sent.name, u.came) for u in result.uncertain] == [(KHANG.name, came[0])]
    assert 50 <= result.uncertain[0].score <= 100


def test_strangers_are_not_called_alike():
    stranger = a_child("Đỗ Quốc Tín", "2012-10-10", "Hồ Thị Yến")

    assert not reconcile([KHANG], [back(stranger)]).uncertain


def test_an_empty_side_is_no_error():
    assert reconcile([], []).is_whole
    assert reconcile(WARD, []).missing == tuple(WARD)
    assert len(reconcile([], came_of(WARD)).unknown) == 3


def test_a_row_without_a_name_is_found_by_nothing_but_its_code():
    rows = [back(KHANG, name=""), without_code(HAN, name="", birth="", parent="")]

    result = reconcile(WARD, rows)

    assert [pair.sent.code for pair in result.pairs] == ["M001"]
    assert list(result.unknown) == rows[1:]


# --- the balance -----------------------------------------------------------------------------


def test_the_balance_of_a_hop_closes():
    came = [
        back(KHANG, "carded-before"),
        back(HAN, "carded-now"),
        back(a_child("Hồ Gia Huy", "2011-02-02", "Vũ Thị Thu")),
    ]

    result = reconcile(WARD, came)
    found = balance(WARD, result)

    assert (found.sent, found.carded_before, found.carded_now, found.uncarded) == (3, 1, 1, 0)
    assert (found.missing, found.unknown, found.difference) == (1, 1, 0)
    assert is_kept(result, WARD, came)


def test_a_child_outside_the_three_lists_is_a_difference():
    result = reconcile(WARD, [back(KHANG, ""), back(HAN), back(LONG)])

    assert balance(WARD, result).difference == 1


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("", "", False),
        ("an", "", False),
        ("le an", "le an", True),
        ("le van an", "le van anh", True),
        ("le van an", "le vann anh", False),
        ("le van anh", "le vann anhh", True),
        ("le van anh", "lee vann anhh", False),
        ("nguyen van an", "van nguyen an", True),
        ("nguyen khang", "nguyen minh khang", True),
        ("nguyen minh khang", "nguyen khang", True),
        ("khang", "nguyen minh khang", False),
        ("tran khang", "nguyen minh khang", False),
        ("nguyen thi hoa", "nguyen thi lan", False),
    ],
)
def test_two_names_are_near_where_one_is_a_slip_of_the_other(one: str, other: str, near: bool):
    """Of short names one letter may differ, of those of ten letters two."""
    assert names_near(one, other) is near


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("2014-03-05", "2014-05-03", True),
        ("2014-03-05", "2014-03-06", True),
        ("2014-03-05", "2014-04-05", True),
        ("2014-03-05", "2013-03-05", True),
        ("2014-03-05", "2013-03-06", False),
        ("2014-03-05", "2014-04-06", False),
        ("2014-03-05", "2014-03", False),
        ("2014", "2015", False),
    ],
)
def test_two_births_are_near_where_one_part_differs_or_day_and_month_changed_places(
    one: str, other: str, near: bool
):
    assert births_near(one, other) is near


@pytest.mark.parametrize(
    ("sent", "came"),
    [
        ("Con bà Trần Thị Lan 1", "CB Trần Thị Lan I"),
        ("Con bà Trần Thị Lan 1", "Con bà Trần Thị Lan"),
        ("Con bà Trần Thị Lan", "Nguyễn Minh Khang"),
    ],
)
def test_a_newborn_alone_is_its_mothers_child_that_came_alone(sent: str, came: str):
    newborn = a_child(sent)
    (pair,) = reconcile([newborn], [back(newborn, name=came)]).pairs

    assert pair.how != "twins"


def test_the_first_twin_alone_is_not_the_second_that_came_alone():
    result = reconcile([ONE], [without_code(ONE, name=TWO.name)])

    assert not result.pairs
    assert [one.name for one in result.missing] == [ONE.name]
    assert [one.child.name for one in result.unknown] == [TWO.name]
