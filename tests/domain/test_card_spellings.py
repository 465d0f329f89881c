"""One card in several spellings is one person, in every list that compares cards (all made up)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bhyt_filedrop.domain.cells.card_spellings import (
    CardIndex,
    are_two_cards,
    own_number,
    same_card,
)
from bhyt_filedrop.domain.checks import Context, by_id, check
from bhyt_filedrop.domain.derive.allocate import allocate
from bhyt_filedrop.domain.derive.sorting import sort_out
from bhyt_filedrop.domain.findings import Finding
from bhyt_filedrop.domain.forms.recognise import recognise
from bhyt_filedrop.domain.places.gazetteer import Gazetteer
from bhyt_filedrop.domain.process.numbers import NumberRules
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Units
from bhyt_filedrop.domain.reconcile.other_cards import KnownCard, Persons
from tests.grids import Built, build, forms, sound, units
from tests.reconciling import a_child

WHOLE, BARE = "TE1790000010001", "0000010001"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (WHOLE, WHOLE, True),
        (WHOLE, BARE, True),
        (BARE, WHOLE, True),
        (WHOLE, "TE2790000010001", True),
        (WHOLE, "TE1740000010001", False),
        (WHOLE, "TE1790000010002", False),
        (BARE, "0000010002", False),
        ("", "", False),
    ],
)
def test_ten_digits_and_the_whole_card_are_one_but_not_cards_of_two_provinces(
    one: str, other: str, same: bool
):
    index = CardIndex[str]()
    index.add(one, "kept")

    assert same_card(one, other) is same
    assert index.find(other) == (["kept"] if same else [])


@pytest.mark.parametrize(
    ("number", "birth", "own"),
    [
        ("079214001234", "2014-03-05", True),
        ("079314001234", "2014", True),
        ("079213001234", "2014-03-05", False),
        ("079188001234", "2014-03-05", False),
        ("023456789", "2014-03-05", False),
        ("079214001234", "", False),
    ],
)
def test_a_personal_number_is_the_childs_own_where_its_century_and_year_fit(
    number: str, birth: str, own: bool
):
    assert bool(own_number(number, birth)) is own


# --- within one file -------------------------------------------------------------------------


def told(built: Built, area: Units | None = None) -> list[tuple[str, str | None]]:
    (submission,) = recognise(built.workbook, forms(), units()).submissions
    context = Context(
        today=Round(2015, 2).last_day,
        units=area or units(),
        gazetteer=Gazetteer.of(units()),
        forms=by_id(forms()),
        round=Round(2015, 1),
    )
    found: tuple[Finding, ...] = check(submission, context)
    return [(one.code, one.cell) for one in found if one.code != "row.contribution-wrong"]


@pytest.mark.parametrize("form", ["form-1", "d03-ts-490"])
def test_one_card_written_twice_otherwise_stands_on_two_children(form: str):
    built = build(form, [sound(form, 1), sound(form, 2)])
    built = built.set(0, "card", WHOLE).set(1, "card", BARE)

    assert told(built) == [("row.card-repeated", built.cell(1, "card"))]


def test_two_children_of_a_d03_ts_do_not_share_one_personal_number():
    built = build("d03-ts-490", [sound("d03-ts-490", 1), sound("d03-ts-490", 2)])
    twice = built.set(0, "id_number", "079214001234").set(1, "id_number", "079214001234")
    mothers = built.set(0, "id_number", "079188001234").set(1, "id_number", "079188001234")

    assert told(twice) == [("row.id-number-repeated", twice.cell(1, "id_number"))]
    assert told(mothers) == []


def test_one_child_twice_is_told_as_that_and_not_by_its_number_too():
    built = build("d03-ts-490", [sound("d03-ts-490", 1)] * 2)
    built = built.set(0, "id_number", "079214001234").set(1, "id_number", "079214001234")
    built = built.set(1, "number", 2.0)

    assert told(built) == [("row.repeated", built.cell(1, "name"))]


OWN = "079214001234"


def test_the_number_beside_one_childs_card_is_not_another_childs_card():
    """D03-TS has both: they are one child's."""
    built = build("d03-ts-490", [sound("d03-ts-490", 1), sound("d03-ts-490", 2)])
    built = built.set(0, "card", BARE).set(0, "id_number", OWN).set(1, "card", OWN)

    today = replace(units(), numbers=NumberRules(personal=True))
    codes = [one for one in told(built, today) if one[0] == "row.card-repeated"]
    assert codes == [("row.card-repeated", built.cell(1, "card"))]


def test_a_number_that_is_one_childs_card_is_not_another_childs_number():
    built = build("d03-ts-490", [sound("d03-ts-490", 1), sound("d03-ts-490", 2)])
    built = built.set(0, "card", OWN).set(1, "id_number", OWN)

    today = replace(units(), numbers=NumberRules(personal=True))
    assert ("row.id-number-repeated", built.cell(1, "id_number")) in told(built, today)


def test_two_numbers_are_two_cards_only_where_they_can_be_compared():
    assert are_two_cards(WHOLE, "TE1790000010002")
    assert are_two_cards(OWN, "079214009999")
    assert not are_two_cards(WHOLE, BARE)
    assert not are_two_cards(WHOLE, OWN)
    assert not are_two_cards("", WHOLE)


# --- between lists ---------------------------------------------------------------------------


def between(child_card: str, **more: str) -> list[str]:
    known = KnownCard(WHOLE, "Nguyễn Minh Khang", "2014-03-05", "Trần Thị Lan", **more)
    return [one.code for one in Persons.of([known]).findings([a_child(card=child_card)])]


def test_the_card_that_a_child_has_is_no_second_registration_when_written_otherwise():
    assert between(BARE) == []
    assert between("0000010002") == ["list.person-carded-before"]


def test_a_personal_number_in_the_cards_stead_is_no_second_registration():
    """Name, full birth and mother say who it is; nothing says that it has two cards."""
    assert between(OWN) == []


def test_a_personal_number_that_is_known_to_be_another_one_is():
    known = KnownCard(OWN, "Nguyễn Minh Khang", "2014-03-05", "Trần Thị Lan")

    found = Persons.of([known]).findings([a_child(card="079214009999")])

    assert [one.code for one in found] == ["list.person-carded-before"]


def test_a_list_with_both_numbers_tells_whose_card_a_personal_number_is():
    known = KnownCard(BARE, "Đỗ Quốc Tín", "2014-10-10", "Hồ Thị Yến", id_number=OWN)

    found = Persons.of([known]).findings([a_child(card=OWN)])

    assert [one.code for one in found] == ["list.card-of-another"]


def test_a_card_of_another_child_is_known_in_either_spelling():
    known = KnownCard(BARE, "Đỗ Quốc Tín", "2012-10-10", "Hồ Thị Yến")

    found = Persons.of([known]).findings([a_child(card=WHOLE)])

    assert [one.code for one in found] == ["list.card-of-another"]


@pytest.mark.parametrize(
    ("number", "same"), [("079214001234", True), ("079214009999", False), ("", False)]
)
def test_the_childs_own_number_stands_for_the_mother_whom_a_list_does_not_name(
    number: str, same: bool
):
    known = KnownCard(WHOLE, "Nguyễn Minh Khang", "2014-03-05", id_number="079214001234")

    found = Persons.of([known]).findings([a_child(parent="", id_number=number)])

    assert [one.code for one in found] == (["list.person-carded-before"] if same else [])


def test_a_visit_noted_with_ten_digits_is_charged_to_the_cards_own_hospital():
    carded = [
        a_child(card=WHOLE, facility="79014"),
        a_child("Lê Gia An", "2013-01-01", card="TE1790000010009", facility="79020"),
    ]
    visit = a_child("Khang", "2014", parent="", card=BARE, costs={"cost_total": 5})

    (charged,) = allocate([visit], carded, units()).charged

    assert charged.hospital == "79014"


def test_a_child_whom_two_lists_carry_with_two_spellings_is_one_child_to_the_allocation():
    carded = [a_child(card=WHOLE), a_child(card=BARE, facility="79014")]
    visit = a_child(costs={"cost_total": 5})

    (charged,) = allocate([visit], carded, units()).charged

    assert charged.hospital == "79014"


def test_a_hospitals_note_of_ten_digits_finds_the_row_of_the_card():
    (one,) = sort_out([a_child("Khang", "2014", parent="", card=BARE)], [a_child(card=WHOLE)])

    assert one.rows == [0]


def test_a_child_whom_one_list_carries_with_its_personal_number_is_one_child_to_the_allocation():
    carded = [a_child(card=WHOLE), a_child(card=OWN, facility="79014")]
    by_name = a_child(costs={"cost_total": 5})
    by_number = a_child("Khang", "2014", parent="", card=OWN, costs={"cost_total": 5})
    by_card = a_child("Khang", "2014", parent="", card=BARE, costs={"cost_total": 5})

    charged = allocate([by_name, by_number, by_card], carded, units()).charged

    assert [one.hospital for one in charged] == ["79014"] * 3


def test_two_namesakes_of_other_mothers_stay_two_whatever_their_numbers_are():
    carded = [
        a_child(card=WHOLE, facility="79014"),
        a_child(parent="Lê Thị Hoa", card=OWN, facility="79020"),
    ]
    visit = a_child("Khang", "2014", parent="", card=OWN, costs={"cost_total": 5})

    (charged,) = allocate([visit], carded, units()).charged

    assert charged.hospital == "79020"


def test_a_hospitals_note_of_the_personal_number_finds_the_row_that_has_both():
    row = a_child(card=WHOLE, id_number=OWN)

    (one,) = sort_out([a_child("Khang", "2014", parent="", card=OWN)], [row])

    assert one.rows == [0]


def test_a_card_in_two_rows_is_one_child_twice_though_two_hospitals_spelt_its_name_differently():
    """The second spelling is no second child to whom the second row would belong."""
    visits = [
        a_child("Minh Khang", "2014", parent="", card=BARE, ward="26734"),
        a_child("Khang", "2014", parent="", card=BARE, ward="26740"),
    ]
    found = sort_out(visits, [a_child(card=WHOLE), a_child(card=WHOLE)])

    assert sorted(row for one in found for row in one.rows) == [0, 1]
    assert [sorted(one.rows) for one in found if one.rows] == [[0, 1]]
