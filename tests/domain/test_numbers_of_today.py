"""The numbers that lists hold today: personal numbers, temporary codes, several codes in one cell,
hospitals of former provinces, sex 3; and what the city of 2015 makes of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bhyt_filedrop.domain.cells.card_spellings import CardIndex, same_card, unfitting
from bhyt_filedrop.domain.cells.dates import read_date
from bhyt_filedrop.domain.cells.people import read_card, read_facility, read_sex
from bhyt_filedrop.domain.checks import Context, by_id, check
from bhyt_filedrop.domain.findings import Finding, Severity
from bhyt_filedrop.domain.forms.recognise import recognise
from bhyt_filedrop.domain.forms.spec import CardKind, FormSpec
from bhyt_filedrop.domain.places.gazetteer import Gazetteer
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import load
from tests.grids import Built, build, forms, sound, units

GAZETTEER = Gazetteer.of(units())
SHIPPED = load(config_dir("hcmc-2025")).units
TODAY = replace(units(), numbers=SHIPPED.numbers, sources=SHIPPED.sources)
"""The places of the test's lists under the numbers of today's city."""
CARD = "TE1790000010001"


def findings(
    built: Built,
    today: bool = True,
    day: date = date(2026, 6, 5),
    editions: tuple[FormSpec, ...] = (),
) -> list[Finding]:
    known = editions or forms()
    (submission,) = recognise(built.workbook, known, units()).submissions
    area = TODAY if today else units()
    context = Context(day, area, GAZETTEER, by_id(known), Round(2015, 1))
    return [one for one in check(submission, context) if one.code.startswith("row.")]


def with_value(form: str, column: str, value: object, section: str = "") -> Built:
    built = build(form, [sound(form)]) if not section else build(form, {section: [sound(form)]})
    return built.set(0, column, value)


@pytest.mark.parametrize(
    ("number", "year", "sex", "wrong"),
    [
        ("079214001234", 2014, "nam", ()),
        ("079314001234", 2014, "nu", ()),
        ("079214001234", 2014, "nu", ("sex",)),
        ("079214001234", 2013, "nam", ("year",)),
        ("079014001234", 2014, "nam", ("year",)),  # 1914
        ("005214001234", 2014, "nam", ("province",)),
        ("005313001234", 2014, "nam", ("province", "sex", "year")),
        ("079214001234", None, "", ()),
    ],
)
def test_a_personal_number_tells_province_sex_and_year(number, year, sex, wrong):
    assert unfitting(number, year, sex) == wrong


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.booleans(), st.integers(0, 999_999))
def test_a_number_made_for_a_child_fits_it_and_no_child_of_the_other_sex(birth, girl, rest):
    number = f"079{3 if girl else 2}{birth.year % 100:02}{rest:06}"

    assert unfitting(number, birth.year, "nu" if girl else "nam") == ()
    assert unfitting(number, birth.year, "nam" if girl else "nu") == ("sex",)
    assert read_card(number).kind == "personal"


@pytest.mark.parametrize(
    ("value", "number", "kind"),
    [
        ("079214001234", "079214001234", "personal"),
        (79214001234.0, "079214001234", "personal"),
        ("079 214 001 234", "079214001234", "personal"),
        (f"{CARD};TE1790000010002", "TE1790000010002", "te"),
        (f"{CARD}; ", CARD, "te"),
        (f"{CARD};???", CARD, "te"),
        ("179214001234", "179214001234", ""),
    ],
)
def test_a_card_cell_of_today_is_read(value, number, kind):
    assert (read_card(value).number, read_card(value).kind) == (number, kind)


def test_a_personal_number_is_one_with_itself_and_with_no_card_that_ends_alike():
    number = "079214001234"
    index = CardIndex[str]()
    index.add(number, "kept")

    assert same_card(number, number)
    assert not same_card(number, number[-10:])
    assert not same_card(number, f"TE179{number[-10:]}")
    assert index.find(number) == ["kept"]
    assert index.find(number[-10:]) == []


def test_the_sound_list_is_sound_in_todays_city_too():
    assert findings(build("form-1", [sound("form-1")])) == []


def test_today_a_boys_number_on_a_girl_or_of_another_year_warns_and_does_not_block():
    built = with_value("form-1", "card", "079299001234")

    (found,) = findings(built)
    assert (found.code, found.severity) == ("row.personal-number-doubtful", Severity.WARNS)
    assert "năm sinh" in found.message


def test_in_2015_a_personal_number_is_no_card():
    (found,) = findings(with_value("form-1", "card", "079214001234"), today=False)

    assert (found.code, found.severity) == ("row.card-invalid", Severity.BLOCKS)
    assert "định danh" not in found.remedy


def test_a_personal_number_is_taken_from_the_day_of_the_letter_on():
    built = with_value("form-1", "card", "079314001234")
    letter = date(2025, 8, 4)

    assert findings(built, day=letter) == []
    (found,) = findings(built, day=letter - timedelta(days=1))
    assert found.code == "row.card-invalid"


def edition(form: str, *numbers: CardKind) -> tuple[FormSpec, ...]:
    """The forms, of which one names the numbers that its card column takes."""
    return tuple(
        replace(f, rules=replace(f.rules, numbers=numbers)) if f.id == form else f for f in forms()
    )


def test_an_edition_says_which_numbers_its_card_column_takes_whatever_the_city_does():
    personal = with_value("form-1", "card", "079314001234")
    whole = with_value("form-1", "card", CARD)

    assert findings(personal, today=False, editions=edition("form-1", "te", "personal")) == []
    (found,) = findings(personal, editions=edition("form-1", "te", "bhxh"))
    assert (found.code, "định danh" in found.remedy) == ("row.card-invalid", False)
    (found,) = findings(whole, editions=edition("form-1", "personal"))
    assert found.remedy == "Ghi số định danh cá nhân 12 chữ số."


def test_the_warning_says_where_the_structure_of_the_number_stands():
    (found,) = findings(with_value("form-1", "card", "079299001234"))

    assert "NĐ 137/2015/NĐ-CP, Điều 13" in found.remedy


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("01/01/2015;01/03/2015", date(2015, 3, 1)),
        ("20150101;20150301", date(2015, 3, 1)),
        ("01/01/2015; ", date(2015, 1, 1)),
        ("01/01/2015;???", date(2015, 1, 1)),
        (";", None),
    ],
)
def test_of_several_dates_the_last_that_can_be_read_counts(text, day):
    """As of the cards beside which they stand."""
    assert read_date(text) == day


def test_a_hospitals_temporary_code_is_no_card():
    assert [f.code for f in findings(with_value("form-1", "card", "TE179KT15000012"))] == [
        "row.card-missing"
    ]
    codes = [f.code for f in findings(with_value("form-1", "card", "TE179KT15000012"), today=False)]
    assert codes == ["row.card-invalid"]


@pytest.mark.parametrize(
    ("province", "code", "today", "told"),
    [
        ("79", "74001", True, "row.facility-unknown"),
        ("79", "77001", True, "row.facility-unknown"),
        ("79", "80001", True, "row.facility-invalid"),
        ("79", "74001", False, "row.facility-invalid"),
    ],
)
def test_a_hospital_of_a_former_province_is_a_warning_at_most(province, code, today, told):
    built = with_value("form-1", "province", province).set(0, "facility", code)

    assert [f.code for f in findings(built, today)] == [told]


def test_of_several_hospitals_the_last_counts():
    assert read_facility("", "79014;79034").code == "79034"


def test_sex_3_is_not_yet_known_in_gioi_tinh_and_unclear_in_nu():
    assert read_sex("3", "gioi-tinh").problem == "undetermined"
    assert read_sex("3", "nu").problem == "invalid"
    assert [f.code for f in findings(with_value("form-2", "sex", 3.0))] == ["row.sex-missing"]
