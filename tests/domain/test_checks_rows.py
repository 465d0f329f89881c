"""Each fault of a row is found at its cell and nowhere else; its sound neighbour is left alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import pytest

from bhyt_filedrop.domain.cells.grid import CellValue, ErrorValue
from bhyt_filedrop.domain.cells.legacy import encode
from bhyt_filedrop.domain.checks import (
    Context,
    by_id,
    cards,
    check,
    costs,
    entitled,
    person,
    residence,
    whole,
)
from bhyt_filedrop.domain.checks.registry import LIST_RULES, ROW_RULES
from bhyt_filedrop.domain.findings import CODES, Finding, Severity
from bhyt_filedrop.domain.forms.child import children
from bhyt_filedrop.domain.forms.recognise import recognise
from bhyt_filedrop.domain.places.gazetteer import Gazetteer
from bhyt_filedrop.domain.places.old import OldPlaces, OldWard
from bhyt_filedrop.domain.process.handoffs import HandOff
from bhyt_filedrop.domain.process.numbers import NumberRules
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit, Units
from tests.grids import Built, build, forms, sound, units

GAZETTEER = Gazetteer.of(units(), {"Long An": "ngoài thành phố"})
Q1, BEN_NGHE = units()["760"], units()["26740"]


def context(**other: Any) -> Context:
    """The first quarter of 2015, checked on a day of its third month after."""
    plain = Context(date(2015, 6, 5), units(), GAZETTEER, by_id(forms()), Round(2015, 1), sender=Q1)
    return replace(plain, **other)


def handoff(**other: Any) -> HandOff:
    return HandOff(id="x", name="Bước", sender="district", receiver="thu", **other)


AREA = {"handoff": handoff(place_of="sender", heading_unit="any")}


def findings(built: Built, given: Context | None = None) -> list[Finding]:
    found = recognise(built.workbook, forms(), units())
    assert found.findings == (), found.findings
    (submission,) = found.submissions
    return list(check(submission, given or context()))


@dataclass(frozen=True)
class Case:
    """One field of one child set to a fault, then to something sound that lies close to it."""

    code: str
    form: str
    column: str
    fault: CellValue
    sound: CellValue
    section: str = ""
    also: Mapping[str, CellValue] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    severity: Severity | None = None

    def __str__(self) -> str:
        return f"{self.code}:{self.form}{self.section}:{self.fault}"


CASES = [
    # --- the name
    Case("row.name-missing", "form-1", "name", None, "Lê Thị Hoa"),
    Case("row.name-missing", "c79a", "name", "  ", "lê thị hoa", "A"),
    Case("row.name-invalid", "form-1", "name", "Hoa", "Y Hoa"),
    Case("row.name-invalid", "form-2", "name", "Lê Thị H0a 2014", "H'Hen Niê"),
    Case("row.name-placeholder", "form-2", "name", "Con bà Trần Thị Chi", "Trần Thị Chi"),
    Case("row.name-placeholder", "form-2", "name", "CB Trần Thị Chi 2", "Bế Thị Chi"),
    # --- the birth
    Case("row.birth-date-missing", "form-1", "birth_date", None, "05/03/2014"),
    Case("row.birth-date-missing", "c79a", "birth_year_male", None, 2014.0, "A"),
    Case("row.birth-date-missing", "d03-ts-1111", "birth_date", "/ /", "5/3/14"),
    Case("row.birth-date-unreadable", "form-1", "birth_date", "31/02/2014", "28/02/2014"),
    Case("row.birth-date-unreadable", "form-2", "birth_date", "tháng ba", "5 . 3 . 2014"),
    Case("row.birth-date-unreadable", "form-2", "birth_date", 12.5, 41703.0),
    Case("row.birth-date-incomplete", "form-1", "birth_date", "00/00/2014", datetime(2014, 3, 5)),
    Case("row.birth-date-incomplete", "form-2", "birth_date", 2014.0, date(2014, 3, 5)),
    Case("row.birth-date-future", "form-1", "birth_date", "06/06/2015", "31/03/2015"),
    Case("row.birth-date-after-round", "form-1", "birth_date", "01/04/2015", "31/03/2015"),
    Case("row.birth-date-after-round", "c79a", "birth_year_male", "2015", "2015", "A",
         context={"round": Round(2014, 4)}),
    Case("row.over-age", "form-1", "birth_date", "31/12/2007", "02/01/2009"),
    Case("row.over-age", "form-1", "birth_date", "30/09/2008", "01/10/2014"),
    Case("row.over-age", "c79a", "birth_year_male", "2007", "2009", "A"),
    # --- sex
    Case("row.sex-missing", "form-2", "sex", None, "Nam"),
    Case("row.sex-invalid", "form-2", "sex", "7", "1"),
    Case("row.sex-invalid", "form-1", "sex", "không rõ", None),
    Case("row.sex-invalid", "form-3", "sex", "?", "Nữ", "I"),
    # --- the card
    Case("row.card-missing", "form-1", "card", None, "TE1 79 0000000007"),
    Case("row.card-missing", "form-3", "card", None, "TE1-79-0000000007", "II"),
    Case("row.card-missing", "form-4", "card", " ", "7912345678", "I"),
    Case("row.card-missing", "d03-ts-490", "card", None, "7912345678", "II"),
    Case("row.card-invalid", "form-1", "card", "TE17900000000", "TE179000000000779014"),
    Case("row.card-invalid", "form-3", "card", "chưa có", "te1790000000007", "I"),
    Case("row.card-invalid", "d03-ts-490", "card", "12345", None, "I"),
    Case("row.card-invalid", "c79a", "card", "KHONG CO", None, "B"),
    Case("row.personal-number-doubtful", "form-1", "card", "079299001234", "TE1790000000007",
         context={"units": replace(units(), numbers=NumberRules(personal=True))}),
    Case("row.card-not-child", "form-1", "card", "GD4790000000001", "TE1790000000007"),
    Case("row.card-not-child", "form-4", "card", "HS4790000000001", "TE5790000000007", "I"),
    Case("row.card-unexpected", "form-3", "card", "TE1790000000007", None, "III"),
    Case("row.card-unexpected", "form-4", "card", "7912345678", "chưa có", "II"),
    # --- the hospital
    Case("row.facility-missing", "form-1", "facility", None, 14.0),
    Case("row.facility-missing", "form-4", "facility", None, "79014", "I"),
    Case("row.facility-invalid", "form-1", "facility", "014567", "K01"),
    Case("row.facility-invalid", "form-3", "facility", "0-!", "014", "II"),
    Case("row.facility-invalid", "d03-ts-490", "facility", "7901X4", "BV Nhi Đồng 1", "I"),
    Case("row.facility-unknown", "form-1", "facility", "999", "014",
         context={"facilities": frozenset({"79014"})}),
    # --- the parent
    Case("row.parent-missing", "form-1", "parent", None, "Trần Văn Chi"),
    Case("row.parent-missing", "form-4", "parent", "-", "Trần Thị Chi", "II"),
    Case("row.id-number-invalid", "form-1", "id_number", "12345", "079123456789"),
    Case("row.id-number-invalid", "form-2", "id_number", "02345678A", None),
    Case("row.id-number-repaired", "form-1", "id_number", 23456789.0, "023 456 789"),
    Case("row.id-number-repaired", "form-2", "id_number", 79123456789.0, 179123456789.0),
    # --- the address
    Case("row.address-missing", "form-1", "address", None, "12 Lê Lợi, P. Đa Kao, Q.1"),
    Case("row.address-missing", "d03-ts-595", "address", "...", "P. Bến Nghé, Q1", "I"),
    Case("row.address-unplaced", "form-1", "address", "12 Lê Lợi", "P5 Q3"),
    Case("row.address-unplaced", "form-2", "address", "12 Lê Lợi, Quận 3", "phường 05 quận 03"),
    Case("row.address-elsewhere", "form-1", "address", "12 Lê Lợi, P5, Q3", "P. Đa Kao, Q1",
         context=AREA),
    Case("row.address-elsewhere", "form-3", "address", "xã An Phú, H. Củ Chi", "Phường Đa Kao",
         "III", context=AREA),
    Case("row.address-elsewhere", "form-4", "address", "P. 5, Q. 3", "P. Đa Kao, Q.1", "I",
         context={**AREA, "sender": BEN_NGHE}),
    # --- the reason
    Case("row.reason-missing", "form-4", "note", None, "Đã chuyển về Long An", "II"),
    Case("row.reason-missing", "form-4", "note", " - ", "chết", "II"),
    # --- D03-TS and validity
    Case("row.contribution-wrong", "d03-ts-595", "start_month", "05/2015", "02/2015", "I"),
    Case("row.contribution-wrong", "d03-ts-595", "start_month", None, "tháng 1 năm 2015", "I"),
    Case("row.contribution-wrong", "d03-ts-490", "months", 36.0, "61", "I"),
    Case("row.contribution-wrong", "d03-ts-490", "months", None, "63 tháng", "I"),
    Case("row.validity-wrong", "d03-ts-1111", "valid_to", "31/12/2016", "30/09/2020", "I"),
    Case("row.validity-wrong", "d03-ts-1111", "valid_from", "01/01/2013", "01/01/2015", "I"),
    Case("row.validity-wrong", "c79a", "valid_to", "30/09/2017", "30/09/2020", "A"),
    # --- the costs
    Case("row.cost-unreadable", "c79a", "cost_total", "150.000 + 20.000", "1.250.000,00 đ", "A"),
    Case("row.cost-unreadable", "c79a", "cost_patient", date(2015, 3, 5), None, "B"),
    Case("row.cost-unreadable", "c79a", "cost_insurance", float("inf"), -150_000.0, "A"),
    # --- broken cells, old fonts
    Case("row.error-value", "form-1", "name", ErrorValue("#REF!"), "Lê Thị Hoa"),
    Case("row.error-value", "form-1", "birth_date", ErrorValue("#N/A"), "05/03/2014"),
    Case("row.error-value", "form-1", "card", ErrorValue("=A1&B1"), "TE1790000000007"),
    Case("row.error-value", "form-1", "facility", ErrorValue("#N/A"), "014"),
    Case("row.error-value", "form-4", "note", ErrorValue("#VALUE!"), "Chưa nhập khẩu", "II"),
    Case("row.error-value", "form-1", "number", ErrorValue("=A9+1"), 1.0),
    Case("row.legacy-text", "form-1", "name", encode("Nguyễn Thị Hường", "tcvn3"), "Lâm Hà"),
    Case("row.legacy-text", "form-1", "parent", encode("Nguyễn Thị Hường", "vni"), "Đỗ Lê"),
    # --- numbering
    Case("row.number-gap", "form-1", "number", 5.0, "1."),
    Case("row.number-gap", "form-1", "number", None, "01"),
    Case("row.number-gap", "form-1", "number", "9" * 5000, "001"),
]  # fmt: skip


def planted(case: Case, value: CellValue) -> tuple[Built, int]:
    built = build(case.form)
    sections = list(built.section_rows)
    index = sections.index(case.section) if case.section else 0
    for name, other in case.also.items():
        built = built.set(index, name, other)
    if case.column == "birth_date" and case.form == "form-2":
        built = built.set(1, "birth_date", "06/03/2014")
    return built.set(index, case.column, value), index


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_fault_is_found_at_its_cell(case: Case) -> None:
    built, index = planted(case, case.fault)

    found = findings(built, context(**case.context))
    mine = [f for f in found if f.code == case.code]

    assert [(f.sheet, f.cell, f.row, f.field) for f in mine] == [
        ("Sheet1", built.cell(index, case.column), built.rows[index], case.column)
    ]
    assert mine[0].severity is CODES[case.code].severity
    assert mine[0].message.endswith(".")
    assert mine[0].remedy.endswith(".")


ALONE = {("row.birth-date-after-round", "c79a")}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_one_cause_gives_one_finding(case: Case) -> None:
    built, _ = planted(case, case.fault)

    found = [f.code for f in findings(built, context(**case.context))]

    assert found == [case.code]


@pytest.mark.parametrize("case", [c for c in CASES if (c.code, c.form) not in ALONE], ids=str)
def test_a_sound_neighbour_is_left_alone(case: Case) -> None:
    built, _ = planted(case, case.sound)

    found = findings(built, context(**case.context))

    assert [f.code for f in found if f.severity is not Severity.NOTES] == []
    assert case.code not in [f.code for f in found]


# The reply kit's answers (`checks.answers`) have tables of their own.
SUBJECTS = {module.__name__ for module in (cards, costs, entitled, person, residence, whole)}


def test_every_code_that_a_check_may_give_has_a_case() -> None:
    rows = [(rule.codes, rule.run) for rule in ROW_RULES]
    codes = {c for names, run in (*rows, *LIST_RULES) if run.__module__ in SUBJECTS for c in names}
    in_lists = {
        "row.card-repeated",
        "row.id-number-repeated",
        "row.repeated",
        "list.child-in-two-lists",
    }

    assert codes - in_lists == {case.code for case in CASES}


def test_a_column_that_is_absent_gives_no_finding_a_row() -> None:
    built = build("form-1", without=("parent", "address", "birth_date"))
    (submission,) = recognise(built.workbook, forms(), units()).submissions

    assert check(submission, context()) == ()


def test_a_year_so_long_ago_that_no_day_would_do_is_over_age_too() -> None:
    built = build("form-1").set(0, "birth_date", "00/00/1992")

    assert {f.code for f in findings(built)} == {"row.birth-date-incomplete", "row.over-age"}


def test_a_child_born_on_the_last_covered_day_is_covered() -> None:
    """Born 02/01/2009: under 72 months on 01/01/2015. Born 01/01/2009: 72 months that day."""
    assert findings(build("form-2").set(0, "birth_date", "01/01/2009")) == []
    assert findings(build("form-2").set(0, "birth_date", "31/12/2008")) != []


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2012", date(2012, 1, 1), date(2012, 12, 31)),
        ("02/2012", date(2012, 2, 1), date(2012, 2, 29)),
        ("12/2012", date(2012, 12, 1), date(2012, 12, 31)),
        ("05/12/2012", date(2012, 12, 5), date(2012, 12, 5)),
        ("", None, None),
    ],
)
def test_a_child_of_whose_birth_only_month_or_year_is_told_may_be_born_on_any_of_its_days(
    text: str, first: date | None, last: date | None
) -> None:
    built = build("form-1").set(0, "birth_date", text)
    (submission,) = recognise(built.workbook, forms(), units()).submissions
    child = next(children(submission, by_id(forms())["form-1"]))

    assert (child.born_from, child.born_to) == (first, last)


def test_a_child_for_whom_nothing_is_due_any_more_has_no_month_to_pay_and_never_less() -> None:
    built = build("d03-ts-595").set(0, "start_month", "05/2035").set(0, "months", 58.0)
    found = findings(built.set(0, "note", "Chuyển đến ngày 10/5/2015"))

    assert ["là 0 tháng" in f.message for f in found] == [True]


def test_a_column_typed_month_first_is_read_so() -> None:
    built = build("form-1", [sound("form-1", n) for n in (1, 2, 3)])
    for index, text in enumerate(("3/25/2014", "4/2/2015", "2/11/2014")):
        built = built.set(index, "birth_date", text)

    assert [(f.code, f.cell) for f in findings(built)] == [
        ("row.birth-date-after-round", built.cell(1, "birth_date"))
    ]


def test_a_moved_in_child_may_start_paying_when_it_came() -> None:
    built = build("d03-ts-595").set(0, "start_month", "05/2015").set(0, "months", 58.0)

    assert [f.cell for f in findings(built)] == [built.cell(0, "start_month")]
    assert findings(built.set(0, "note", "Chuyển đến ngày 10/5/2015")) == []


def test_a_card_with_its_hospital_appended_needs_no_hospital_column_filled() -> None:
    built = build("form-1").set(0, "card", "TE179000000000779014")

    assert findings(built.set(0, "facility", None).set(0, "province", None)) == []


def test_split_columns_place_an_address_that_names_no_ward() -> None:
    built = build("c79a").set(0, "address", "12 Lê Lợi")

    assert [f.code for f in findings(built)] == ["row.address-unplaced"]
    assert findings(built.set(0, "ward", "Bến Nghé").set(0, "district", "Quận 1")) == []


def test_patients_of_other_provinces_are_not_looked_for_in_the_city() -> None:
    assert findings(build("c79a").set(2, "address", "Xã Tân Lập, huyện Tân Thạnh, Long An")) == []


def test_an_address_in_another_province_is_elsewhere() -> None:
    built = build("form-3").set(0, "address", "Xã Tân Lập, huyện Tân Thạnh, tỉnh Long An")

    found = [f for f in findings(built, context(**AREA)) if f.severity is Severity.BLOCKS]

    assert [f.code for f in found] == ["row.address-elsewhere"]


def test_a_ward_without_its_district_is_read_as_lying_in_the_lists_own() -> None:
    built = build("form-3").set(0, "address", "12 Lê Lợi, Phường 5")
    quan_3 = units()["770"]

    assert [f.code for f in findings(built)] == ["row.address-unplaced"]
    assert "row.address-unplaced" not in [
        f.code for f in findings(built, context(**AREA, sender=quan_3)) if f.row == built.rows[0]
    ]


def test_few_old_font_cells_are_noted_one_by_one_and_many_as_a_column() -> None:
    built = build("form-1", [sound("form-1", n) for n in range(1, 8)])
    for index in range(7):
        built = built.set(index, "parent", encode("Trần Thị Hường", "tcvn3"))
        if index < 3:
            built = built.set(index, "facility_name", encode("Bệnh viện Quận Một", "tcvn3"))

    found = findings(built)

    assert {f.code for f in found} == {"row.legacy-text"}
    assert [f.cell for f in found if f.field == "parent"] == [built.cell(0, "parent")]
    assert [f.cell for f in found if f.field == "facility_name"] == [
        built.cell(index, "facility_name") for index in range(3)
    ]


def test_findings_come_in_the_order_of_rows() -> None:
    built = build("form-1", [sound("form-1", n) for n in range(1, 6)])
    built = built.set(4, "name", None).set(1, "parent", None).set(2, "number", 9.0)

    rows = [f.row for f in findings(built)]

    assert rows == sorted(rows, key=lambda row: row or 0)


@pytest.mark.parametrize(
    "form",
    ["form-1", "form-2", "form-3", "form-4", "d03-ts-490", "d03-ts-595", "d03-ts-1111", "c79a",
     "c80a", "c79a-c80a"],
)  # fmt: skip
def test_a_correct_list_gives_nothing(form: str) -> None:
    assert findings(build(form), context(**AREA)) == []


def test_of_the_wards_that_an_old_name_may_mean_it_is_the_one_of_the_office_whose_list_it_is() -> (
    None
):
    """An office has no name in addresses, as a district had."""
    offices = Units.of(
        [
            Unit("cs1", "BHXH cơ sở Một", "office"),
            Unit("cs2", "BHXH cơ sở Hai", "office"),
            Unit("n1", "Phường Sài Gòn", "ward", "cs1"),
            Unit("n2", "Phường Tân Định", "ward", "cs2"),
            Unit("n3", "Phường Bến Thành", "ward", "cs2"),
        ]
    )
    old = OldPlaces((OldWard("TP. Hồ Chí Minh", "Quận 1", "Phường Đa Kao", ("n1", "n2", "n3")),))
    book = Gazetteer.of(offices, {}, old)
    built = build("form-3").set(0, "address", "12 Lê Lợi, Phường Đa Kao, Quận 1")
    (submission,) = recognise(built.workbook, forms(), units()).submissions
    child = next(children(submission, by_id(forms())["form-3"]))

    def ward(office: str) -> str:
        given = context(**AREA, units=offices, gazetteer=book, sender=offices[office])
        return residence.place_of(child, given).ward

    assert (ward("n1"), ward("cs1"), ward("cs2")) == ("n1", "n1", "")
