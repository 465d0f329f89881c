"""Names, cards, hospitals, numbers and marks of sex as they stand in the lists (all made up)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bhyt_filedrop.domain.cells.dates import BirthDate, read_birth_date
from bhyt_filedrop.domain.cells.grid import ErrorValue
from bhyt_filedrop.domain.cells.people import (
    Card,
    Facility,
    IdNumber,
    Sex,
    are_other_twins,
    child_key,
    read_card,
    read_facility,
    read_id_number,
    read_name,
    read_sex,
)
from bhyt_filedrop.domain.process.authority import Authority
from bhyt_filedrop.domain.process.units import Unit, Units

ANYTHING = st.one_of(st.none(), st.text(max_size=30), st.floats(), st.booleans())


@pytest.mark.parametrize(
    "text",
    [
        "Nguyễn Hoa Sứ", "NGUYEN HOA SU", "lê văn a", "Bế Văn Nắng", "BE VAN NANG", "Côn Văn Mai",
        "H'Hen Niê", "Y-Moan Êñuôl", "Nguyễn Thị Bé", "Trần Con Bà", "Cố Thị Mây", "Trần Thị N.",
        "Mary Jane O'Hara", "Nguyễn Thị Lan II",
    ],
)  # fmt: skip
def test_a_childs_own_name_is_taken_as_it_is(text):
    found = read_name(text)

    assert (found.placeholder, found.mother, found.ordinal, found.problem) == (False, "", None, "")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Cháu Lê Đức Bảo", "Lê Đức Bảo"), ("CHÁU: LÊ AN", "LÊ AN"), ("Chau: Le An", "Le An"),
        ("Châu Văn An", "Châu Văn An"), ("CHAU VAN AN", "CHAU VAN AN"), ("Cháu An", "Cháu An"),
    ],
)  # fmt: skip
def test_chau_before_a_name_is_no_part_of_it_and_the_family_name_is(text, name):
    found = read_name(text)

    assert (found.text, found.placeholder, found.problem) == (name, False, "")


@pytest.mark.parametrize(
    ("text", "mother", "ordinal"),
    [
        ("Con bà Nguyễn Thị Lan", "Nguyễn Thị Lan", None),
        ("con ba nguyen thi lan", "nguyen thi lan", None),
        ("Con bà: Trần Thị Bé", "Trần Thị Bé", None),
        ("Con của bà Trần Thị B", "Trần Thị B", None),
        ("CON CHỊ HOA", "HOA", None),
        ("Con trai Nguyễn Thị Lan", "Nguyễn Thị Lan", None),
        ("Con Nguyễn Thị Lan", "Nguyễn Thị Lan", None),
        ("CB Nguyễn Thị Lan", "Nguyễn Thị Lan", None),
        ("CB. Nguyễn Thị Lan", "Nguyễn Thị Lan", None),
        ("C/B Nguyễn Thị Lan", "Nguyễn Thị Lan", None),
        ("cb nguyễn thị lan 1/2", "nguyễn thị lan", 1),
        ("CB1 NGUYỄN THỊ LAN", "NGUYỄN THỊ LAN", 1),
        ("CB 2 Nguyễn Thị Lan", "Nguyễn Thị Lan", 2),
        ("CB NGUYỄN THỊ LAN II", "NGUYỄN THỊ LAN", 2),
        ("Con bà Lê Thị Mai", "Lê Thị Mai", None),
        ("Con bà Lê Thị Bé 2", "Lê Thị Bé", 2),
        ("Con bà Lan - bé 1", "Lan", 1),
        ("BÉ Nguyễn Thị Lan", "Nguyễn Thị Lan", None),
        ("BÉ 1 Nguyễn Thị Lan", "Nguyễn Thị Lan", 1),
        ("Bé 1 con bà Nguyễn Thị Lan", "Nguyễn Thị Lan", 1),
        ("Bé gái con bà Lê Thị Mai", "Lê Thị Mai", None),
        ("Be trai Nguyen Thi Lan", "Nguyen Thi Lan", None),
        ("BÉ TRAI", "", None),
        ("TRẺ", "", None),
        ("TRẺ 1", "", 1),
        ("TRẺ Nguyễn Thị Lan 2", "Nguyễn Thị Lan", 2),
        ("TRẺ 2 (NGUYỄN THỊ LAN)", "NGUYỄN THỊ LAN", 2),
        ("Trẻ sơ sinh", "", None),
        ("Trẻ em gái Lê Thị Hoa", "Lê Thị Hoa", None),
        ("Sơ sinh Nguyễn Thị Lan", "Nguyễn Thị Lan", None),
        ("Nguyễn Thị Lan 1", "Nguyễn Thị Lan", 1),
        ("Nguyễn Thị Lan 1/2", "Nguyễn Thị Lan", 1),
        ("Nguyễn Thị Lan (2)", "Nguyễn Thị Lan", 2),
        ("Nguyễn Lan 9", "Nguyễn Lan", 9),
        ("CB Nguyễn Thị Lan III", "Nguyễn Thị Lan", 3),
        ("CB Nguyễn Thị Lan IV", "Nguyễn Thị Lan", 4),
        ("Bé 2 con bà Nguyễn Thị Lan 3", "Nguyễn Thị Lan", 2),
    ],
)
def test_a_newborn_listed_under_its_mother_is_a_placeholder(text, mother, ordinal):
    found = read_name(text)

    assert (found.placeholder, found.mother, found.ordinal) == (True, mother, ordinal)
    assert found.problem == ""


@pytest.mark.parametrize(
    "text", ["An", "Nguyễn V4n An", "Nguyễn Văn An 12", "Nguyễn @ An", "123", "Nguyễn_Văn An", "?",
             "CB Nguyễn Thị L@n", "TE1790123456789"]
)  # fmt: skip
def test_digits_symbols_and_single_words_are_no_name(text):
    assert read_name(text).problem == "invalid"


@pytest.mark.parametrize("text", ["", "  ", "\u00a0", " - ", "..."])
def test_an_empty_name_is_missing(text):
    assert read_name(text).problem == "missing"


def test_a_name_is_repaired_and_compared_without_diacritics():
    found = read_name("Nguye\u0302\u0303n\u00a0 HOÀ ")

    assert (found.text, found.key) == ("Nguyễn HOÀ", "nguyen hoa")


@pytest.mark.parametrize(
    ("value", "card"),
    [
        ("TE1790123456789", Card("TE1790123456789", "te")),
        ("te5 79 01234 56789", Card("TE5790123456789", "te")),
        ("TE1-79-0123456789-79014", Card("TE1790123456789", "te", "79014")),
        ("TE1790123456789 79K01", Card("TE1790123456789", "te", "79K01")),
        ("7912345678", Card("7912345678", "bhxh")),
        (7912345678.0, Card("7912345678", "bhxh")),
        (112345678.0, Card("0112345678", "bhxh")),
        ("GD4790123456789", Card("GD4790123456789", "other")),
        ("GD4790123456789-79014", Card("GD4790123456789", "other", "79014")),
        ("079012345678", Card("079012345678", "personal")),
        (79012345678.0, Card("079012345678", "personal")),
        ("TE1790123456789;TE1790123456780", Card("TE1790123456780", "te")),
        ("TE1790123456789; chưa có;", Card("TE1790123456789", "te")),
        ("chưa có;không", Card("KHÔNG", problem="invalid")),
        (" ; ", Card(problem="missing")),
        ("HS4797912345678", Card("HS4797912345678", "other")),
    ],
)
def test_a_card_number_is_read_with_its_kind(value, card):
    assert read_card(value) == card


@pytest.mark.parametrize(
    "value",
    ["TE9790123456789", "TE0790123456789", "TE17901234567897901", "TE1790123456789790141",
     "791234567879014", 12345678.0, 1234567890123.0,
     "TE1000123456789", "TE179012345678", "TE17901234567890",
     "TE179O123456789", "chưa có", "112345678", "791234567890", "TE1790123456789-7901", 123.0,
     123456789.1, 7912345678.5, -7912345678.0, -112345678.0],
)  # fmt: skip
def test_a_number_of_another_shape_is_no_card(value):
    found = read_card(value)

    assert (found.kind, found.problem) == ("", "invalid")


@pytest.mark.parametrize("value", [None, "", " - ", ErrorValue("#REF!")])
def test_an_empty_card_is_missing(value):
    assert read_card(value) == Card(problem="missing")


@settings(max_examples=60, deadline=None)
@given(st.from_regex(r"TE[1-5](?!00)[0-9]{12}", fullmatch=True), st.sampled_from(" -."))
def test_spaces_dashes_and_small_letters_change_no_card(number, gap):
    typed = gap.join((number[:3], number[3:5], number[5:])).lower()

    assert read_card(typed) == Card(number, "te")


@pytest.mark.parametrize(
    ("province", "code", "facility"),
    [
        ("79", "014", Facility("79014")),
        ("79", "K01", Facility("79K01")),
        ("79", "k01", Facility("79K01")),
        (79.0, 14.0, Facility("79014", repaired=True)),
        ("79", "14", Facility("79014", repaired=True)),
        (1.0, "001", Facility("01001", repaired=True)),
        ("", "79014", Facility("79014")),
        (None, 79014.0, Facility("79014")),
        (None, 1234.0, Facility("01234", repaired=True)),
        ("79", "79014", Facility("79014")),
        ("79", "4", Facility("79004", repaired=True)),
        ("1", "01014", Facility("01014")),
        ("1", "1014", Facility("01014", repaired=True)),
        ("1", "K01", Facility("01K01", repaired=True)),
        ("79", "014;79020", Facility("79020")),
        ("79", "79014; 020;", Facility("79020")),
        (None, "79-014", Facility("79014")),
        (None, 79.014, Facility("79014")),
    ],
)
def test_a_hospital_code_is_put_together_from_its_columns(province, code, facility):
    assert read_facility(province, code) == facility


@pytest.mark.parametrize(
    ("authority", "said"),
    [
        (Authority("TP. Hồ Chí Minh", "Thành phố", "TP.HCM"), "TP.HCM"),
        (Authority("TP. Hồ Chí Minh", "Thành phố", "TP.HCM"), "Thành phố Hồ Chí Minh"),
        (Authority("TP. Hồ Chí Minh", "Thành phố", "TP.HCM"), "hcm"),
        (Authority("tỉnh Sông Dài", "tỉnh", "Sông Dài"), "Sông Dài"),
        (Authority("tỉnh Sông Dài", "tỉnh", "Sông Dài"), "TỈNH SÔNG DÀI"),
    ],
)
def test_the_whole_may_stand_by_its_name_where_its_two_digits_should(authority, said):
    home = Unit("qlt", "Phòng Quản lý thu", "so", gso_code="77")
    codes = replace(Units.of([home]), authority=authority).province_codes

    assert read_facility(said, "014", codes) == Facility("77014")
    assert read_facility("Đồng Nai", "014", codes).problem == "invalid"


@pytest.mark.parametrize(
    ("province", "code", "problem"),
    [
        ("79", "", "missing"),
        (None, None, "missing"),
        ("", "014", "invalid"),
        ("79", "1X", "invalid"),
        ("Đồng Nai", "014", "invalid"),
        ("79", "Chợ Rẫy", "invalid"),
        ("00", "014", "invalid"),
        ("79", "0140", "invalid"),
        ("79", "K014", "invalid"),
        ("79", "790140", "invalid"),
        ("790", "14", "invalid"),
        (None, "79-14", "invalid"),
        (None, 79.01, "invalid"),
        ("79", 79.01, "invalid"),
        ("79", 1.5, "invalid"),
        (None, -79014.0, "invalid"),
        ("79", -123.0, "invalid"),
        ("79", float("nan"), "invalid"),
        ("79", float("inf"), "invalid"),
    ],
)
def test_what_is_no_hospital_code_is_said_to_be_so(province, code, problem):
    assert read_facility(province, code) == Facility(problem=problem)


def test_a_hospital_of_another_province_than_the_one_beside_it_is_said_to_be_so():
    found = read_facility("01", "79014")

    assert found == Facility(problem="other-province", contrary="79014")


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("023456789", IdNumber("023456789", "cmnd")),
        ("023 456.789", IdNumber("023456789", "cmnd")),
        (23456789.0, IdNumber("023456789", "cmnd", repaired=True)),
        (323456789.0, IdNumber("323456789", "cmnd")),
        ("079012345678", IdNumber("079012345678", "cccd")),
        (79012345678.0, IdNumber("079012345678", "cccd", repaired=True)),
        ("7912345678", IdNumber("7912345678", "bhxh")),
        ("23456789", IdNumber("23456789", problem="invalid")),
        ("B1234567", IdNumber("B1234567", problem="invalid")),
        ("12345678A", IdNumber("12345678A", problem="invalid")),
        (1234.0, IdNumber("1234", problem="invalid")),
        (1234567.0, IdNumber("1234567", problem="invalid")),
        ("79012345678", IdNumber("79012345678", problem="invalid")),
        ("0790123456789", IdNumber("0790123456789", problem="invalid")),
        ("٠٢٣٤٥٦٧٨٩", IdNumber("٠٢٣٤٥٦٧٨٩", problem="invalid")),
        (2345678.5, IdNumber("2345678.5", problem="invalid")),
        (-323456789.0, IdNumber("-323456789", problem="invalid")),
        (-23456789.0, IdNumber("-23456789", problem="invalid")),
        ("", IdNumber(problem="missing")),
        (None, IdNumber(problem="missing")),
    ],
)
def test_a_parents_number_gets_back_only_the_zero_that_a_number_cell_lost(value, number):
    assert read_id_number(value) == number


@pytest.mark.parametrize("value", ["x", "X", "Nữ", "nu", "NỮ", "N", "gái", "✓", "F", "*"])
def test_a_mark_means_girl_in_either_column(value):
    assert read_sex(value, "nu") == read_sex(value, "gioi-tinh") == Sex("nu")


@pytest.mark.parametrize("value", ["ü", "þ", "P", "R", "O", "\uf0fc", "\uf0fe", "●", "■", "✗", "✘"])
def test_a_tick_of_a_symbol_font_means_girl_in_the_column_nu(value):
    """Wingdings and its kin are plain letters once a file is read without its fonts."""
    assert read_sex(value, "nu") == Sex("nu")


@pytest.mark.parametrize("value", ["ü", "P", "O"])
def test_a_letter_alone_is_no_sex_where_nam_or_nu_is_asked_for(value):
    assert read_sex(value, "gioi-tinh") == Sex(problem="invalid")


@pytest.mark.parametrize("value", ["Nam", "nam", "Trai", "M", "T"])
def test_a_boys_mark_means_boy_in_either_column(value):
    assert read_sex(value, "nu") == read_sex(value, "gioi-tinh") == Sex("nam")


@pytest.mark.parametrize(
    ("value", "nu", "gioi_tinh"),
    [
        (None, Sex("nam"), Sex(problem="missing")),
        ("  ", Sex("nam"), Sex(problem="missing")),
        (1.0, Sex("nu"), Sex("nam")),
        ("1", Sex("nu"), Sex("nam")),
        (0.0, Sex("nam"), Sex("nu")),
        (2.0, Sex(problem="invalid"), Sex("nu")),
        ("02", Sex(problem="invalid"), Sex("nu")),
        ("00", Sex("nam"), Sex("nu")),
        ("3", Sex(problem="invalid"), Sex(problem="undetermined")),
        ("Nữ x", Sex("nu"), Sex("nu")),
        (True, Sex("nu"), Sex("nu")),
        ("?", Sex(problem="invalid"), Sex(problem="invalid")),
        ("-", Sex(problem="invalid"), Sex(problem="invalid")),
        ("Nam Nữ", Sex(problem="invalid"), Sex(problem="invalid")),
    ],
)
def test_a_blank_or_a_number_is_read_by_its_column(value, nu, gioi_tinh):
    assert read_sex(value, "nu") == nu
    assert read_sex(value, "gioi-tinh") == gioi_tinh


@settings(max_examples=200, deadline=None)
@given(ANYTHING, ANYTHING)
def test_any_cell_at_all_gives_a_value_or_a_problem(one, other):
    problems = {"", "missing", "invalid"}

    assert read_card(one).problem in problems
    assert read_facility(one, other).problem in problems | {"other-province"}
    assert read_id_number(one).problem in problems
    assert read_sex(one, "nu").problem in problems
    assert read_sex(one, "gioi-tinh").problem in problems | {"undetermined"}
    if isinstance(one, str):
        assert read_name(one).problem in problems


def test_keys_of_one_child_hold_over_spelling_but_not_over_another_name():
    born = read_birth_date("05/03/2014")

    assert child_key("Lê Hòa", born, "Trần  Thị LAN") == child_key("LÊ HOÀ", born, "Trần Thị Lan")
    assert child_key("Lê Hòa", born, "Lan") != child_key("Lê Hoa", born, "Lan")
    assert child_key("Lê Hòa", born, "Lan") != child_key("Lê Hòa", BirthDate(year=2014), "Lan")


@pytest.mark.parametrize("text", ["Lan 1", "L@n Thị 1", "(2)", "Nguyễn Thị Lan 10"])
def test_a_number_behind_what_is_no_mothers_name_makes_no_twin(text):
    found = read_name(text)

    assert (found.placeholder, found.problem) == (False, "invalid")


@pytest.mark.parametrize(
    ("one", "other", "two"),
    [
        ("Con bà Lan 1", "Con bà Lan 2", True),
        ("Con bà Lan 1", "CB Lan I", False),
        ("Con bà Lan 1", "Con bà Lan", False),
        ("Con bà Lan", "Con bà Lan 1", False),
        ("Nguyễn Văn An", "Nguyễn Văn Bình", False),
    ],
)
def test_only_two_numbers_tell_twins_apart(one, other, two):
    assert are_other_twins(one, other) is two
