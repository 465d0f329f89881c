"""Faults that only the whole list shows: numbering, a child twice, a card twice, its heading."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bhyt_filedrop.domain.cells.grid import CellValue, Workbook
from bhyt_filedrop.domain.checks import Context, by_id, check
from bhyt_filedrop.domain.findings import Finding, Severity
from bhyt_filedrop.domain.forms.recognise import recognise
from bhyt_filedrop.domain.places.gazetteer import Gazetteer
from bhyt_filedrop.domain.process.child_codes import write_code
from bhyt_filedrop.domain.process.handoffs import HandOff
from bhyt_filedrop.domain.process.rounds import Round
from tests.grids import Built, build, child, forms, sound, units

GAZETTEER = Gazetteer.of(units())
Q1, Q3 = units()["760"], units()["770"]
BEN_NGHE, DA_KAO = units()["26740"], units()["26737"]


def handoff(*parts: str, **other: Any) -> HandOff:
    given = (parts,) if parts else ()
    return HandOff(id="x", name="Bước", sender="ward", receiver="parent", parts=given, **other)


def findings(workbook: Workbook, **other: Any) -> list[Finding]:
    plain = Context(date(2015, 6, 5), units(), GAZETTEER, by_id(forms()), Round(2015, 1))
    (submission,) = recognise(workbook, forms(), units()).submissions
    return list(check(submission, replace(plain, **other)))


def places(found: list[Finding]) -> list[tuple[str, str | None]]:
    return [(f.code, f.cell) for f in found]


def listed(count: int = 4) -> Built:
    return build("form-1", [sound("form-1", n) for n in range(1, count + 1)])


# --- numbering -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("numbers", "wrong"),
    [
        ((1.0, 2.0, 3.0, 4.0), []),
        (("1", "02", "3.", "4)"), []),
        ((1.0, 2.0, 4.0, 5.0), [2]),
        ((1.0, 2.0, 2.0, 3.0), [2]),
        ((1.0, None, 3.0, 4.0), [1]),
        ((1.0, 3.0, 2.0, 4.0), [1, 3]),
        ((1.0, 7.0, 3.0, 4.0), [1]),
        ((1.0, 2.0, 1.0, 4.0), [2]),
        ((1.0, 5.0, 9.0, 6.0), [1, 2]),
        ((3.0, 4.0, 5.0, 6.0), [0]),
        ((1.0, "hai", 3.0, 4.0), [1]),
    ],
)
def test_numbers_run_on_by_one(numbers: tuple[CellValue, ...], wrong: list[int]) -> None:
    built = listed()
    for index, number in enumerate(numbers):
        built = built.set(index, "number", number)

    found = findings(built.workbook)

    assert places(found) == [("row.number-gap", built.cell(n, "number")) for n in wrong]


def test_a_list_without_any_numbers_hears_of_it_once() -> None:
    built = listed()
    for index in range(4):
        built = built.set(index, "number", None)

    assert places(findings(built.workbook)) == [("row.number-gap", built.cell(0, "number"))]


@pytest.mark.parametrize("restart", [True, False])
def test_numbers_may_begin_again_with_a_section(restart: bool) -> None:
    rows = {
        s: [sound("form-3", n, s) for n in (k, k + 1)] for s, k in (("I", 1), ("II", 3), ("III", 5))
    }
    built = build("form-3", rows)
    if restart:
        for index in range(6):
            built = built.set(index, "number", float(index % 2 + 1))

    assert findings(built.workbook) == []


@pytest.mark.parametrize("first", [1.0, 3.0])
def test_numbers_may_begin_again_or_run_on_with_a_sheet(first: float) -> None:
    one = build("form-1", [sound("form-1", n) for n in (1, 2)], name="1")
    two = build("form-1", [sound("form-1", n) for n in (3, 4)], name="2")
    two = two.set(0, "number", first).set(1, "number", first + 1)

    assert findings(Workbook("xlsx", (one.sheet, two.sheet))) == []


def test_a_sheet_without_numbers_hides_no_gap_of_the_sheet_behind_it() -> None:
    one = build("form-1", [sound("form-1", n) for n in (1, 2)], name="1")
    two = build("form-1", [sound("form-1", n) for n in (3, 4)], name="2")
    one = one.set(0, "number", None).set(1, "number", None)
    found = findings(
        Workbook("xlsx", (one.sheet, two.set(0, "number", 1.0).set(1, "number", 3.0).sheet))
    )

    assert [(f.code, f.sheet) for f in found] == [("row.number-gap", "1"), ("row.number-gap", "2")]


# --- the same child, the same card -----------------------------------------------------------


def test_the_same_child_twice_is_told_at_the_second() -> None:
    built = listed()
    for name in ("name", "birth_date", "parent", "card"):
        built = built.set(3, name, built.sheet.value(built.rows[1], built.columns[name]))

    (finding,) = findings(built.workbook)

    assert (finding.code, finding.cell) == ("row.repeated", built.cell(3, "name"))
    assert f"dòng {built.rows[1]}" in finding.message


def test_case_spacing_and_tone_placement_do_not_make_another_child() -> None:
    built = listed().set(0, "name", "Nguyễn Thị Hoà").set(1, "name", "NGUYỄN  THỊ HÒA")
    for name in ("birth_date", "parent"):
        built = built.set(1, name, built.sheet.value(built.rows[0], built.columns[name]))

    assert places(findings(built.workbook)) == [("row.repeated", built.cell(1, "name"))]


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", "Nguyễn An Bính"), ("birth_date", "09/03/2014"), ("parent", "Lê Thị Bình")],
)
def test_another_name_birth_or_mother_is_another_child(field: str, value: str) -> None:
    built = listed(2)
    for name in ("name", "birth_date", "parent"):
        built = built.set(1, name, built.sheet.value(built.rows[0], built.columns[name]))
    assert findings(built.workbook) != []

    assert findings(built.set(1, field, value).workbook) == []


def test_twins_without_names_are_two_children() -> None:
    built = listed(2)
    for index in (0, 1):
        built = built.set(index, "name", f"Con bà Trần Thị Lan {index + 1}")
        built = built.set(index, "birth_date", "05/03/2014").set(index, "parent", "Trần Thị Lan")

    assert {f.code for f in findings(built.workbook)} == {"row.name-placeholder"}


def test_a_child_in_two_sections_is_told_as_that() -> None:
    same = sound("form-4", 5, "I")
    again = {**same, "card": None, "facility": None, "province": None, "note": "Chưa nhập khẩu"}
    built = build("form-4", {"I": [same], "II": [again]})

    assert places(findings(built.workbook)) == [("list.child-in-two-lists", built.cell(1, "name"))]


def test_a_child_may_be_treated_several_times_but_billed_once() -> None:
    visit = sound("c79a", 1)
    other_day = {**visit, "visit_date": "20/01/2015"}
    other_share = {**visit, "cost_patient": 5_000, "cost_insurance": 95_000}
    built = build("c79a", {"A": [visit, other_day, visit, other_share]})

    assert places(findings(built.workbook)) == [("row.repeated", built.cell(2, "name"))]


def test_one_card_on_two_children_is_told_at_the_second() -> None:
    built = listed().set(2, "card", "TE1-79-0000000001")

    (finding,) = findings(built.workbook)

    assert (finding.code, finding.cell) == ("row.card-repeated", built.cell(2, "card"))
    assert finding.value == "TE1-79-0000000001"


def test_a_repeat_on_another_sheet_names_that_sheet() -> None:
    one, two = build("form-1", [child(1)], name="P1"), build("form-1", [child(1)], name="P2")

    (finding,) = findings(Workbook("xlsx", (one.sheet, two.sheet)))

    assert (finding.code, finding.sheet) == ("row.repeated", "P2")
    assert "“P1”" in finding.message


# --- the heading -----------------------------------------------------------------------------


def test_a_round_that_is_not_named_is_assumed_and_told() -> None:
    built = build("form-1", round_text="Đợt … năm …")

    (finding,) = findings(built.workbook)

    assert (finding.code, finding.cell) == ("form.round-missing", "A5")
    assert "Đợt 1 năm 2015" in finding.message


def test_d03_need_not_name_a_round() -> None:
    assert findings(build("d03-ts-490").workbook) == []


@pytest.mark.parametrize(
    ("stated", "wrong"),
    [("Đợt 1 năm 2015", False), ("Đợt 2 năm 2014", True), ("Quý 4/2014", False)],
)
def test_a_round_that_is_not_open_is_wrong(stated: str, wrong: bool) -> None:
    rounds = frozenset({Round(2015, 1), Round(2014, 4)})
    built = build("form-1", round_text=stated)

    found = findings(built.workbook, open_rounds=rounds)

    assert places(found) == ([("form.round-wrong", "A5")] if wrong else [])


def test_children_of_a_list_of_the_wrong_round_are_not_also_too_young_for_it() -> None:
    built = listed()
    rules = {"round": Round(2009, 1), "open_rounds": frozenset({Round(2015, 1)})}

    assert {f.code for f in findings(built.workbook, round=Round(2009, 1))} == {
        "row.birth-date-after-round"
    }
    wrong = build("form-1", [sound("form-1", 1)], round_text="Đợt 1 năm 2009")
    assert places(findings(wrong.workbook, **rules)) == [("form.round-wrong", "A5")]


def test_no_round_is_wrong_where_none_is_known_to_be_open() -> None:
    assert findings(build("form-1", round_text="Đợt 2 năm 2014").workbook) == []


WARD = {"titles": ("{unit}", "Theo Danh sách {round} do BHXH Quận 1 cung cấp")}


@pytest.mark.parametrize(
    ("heading", "sender", "wrong"),
    [
        ("UBND PHƯỜNG BẾN NGHÉ", BEN_NGHE, False),
        ("UBND phuong ben nghe", BEN_NGHE, False),
        ("UBND P. Bến Nghé, Quận 1", BEN_NGHE, False),
        ("UBND QUẬN 1", BEN_NGHE, False),
        ("", BEN_NGHE, False),
        ("UBND PHƯỜNG ĐA KAO", BEN_NGHE, True),
        ("UBND QUẬN 3", BEN_NGHE, True),
        ("UBND PHƯỜNG 5", units()["27151"], False),
        ("UBND PHƯỜNG 5, QUẬN 10", units()["27151"], True),
        ("UBND PHƯỜNG BẾN NGHÉ", None, False),
    ],
)
def test_a_heading_that_names_another_unit_is_the_wrong_sender(
    heading: str, sender: Any, wrong: bool
) -> None:
    titles = (heading, "Theo Danh sách Đợt 1 năm 2015 do BHXH Quận cung cấp")
    built = build("form-4", titles=titles)

    found = findings(built.workbook, sender=sender, handoff=handoff())

    assert places(found) == ([("form.sender-wrong", "A1")] if wrong else [])


def test_the_heading_may_have_to_name_the_receiver_or_nobody() -> None:
    built = build("form-3")

    wrong = findings(built.workbook, receiver=Q3, handoff=handoff(heading_unit="receiver"))
    free = findings(built.workbook, sender=Q3, handoff=handoff(heading_unit="any"))

    assert [f.code for f in wrong] == ["form.sender-wrong"]
    assert free == []


def test_a_form_that_the_hand_off_does_not_take_gives_that_alone() -> None:
    built = build("form-1").set(0, "name", None)

    found = findings(built.workbook, handoff=handoff("form-4", "d03-ts"))

    assert [f.code for f in found] == ["form.not-expected"]
    assert "Mẫu 4" in found[0].remedy
    assert "D03-TS" in found[0].remedy


def test_a_hand_off_that_takes_a_family_takes_every_edition() -> None:
    assert findings(build("d03-ts-595").workbook, handoff=handoff("form-4", "d03-ts")) == []


def test_severities_are_the_hand_offs() -> None:
    built = build("form-1").set(0, "name", None).set(0, "id_number", 23456789.0)

    found = findings(
        built.workbook, handoff=handoff(severities={"row.*": Severity.WARNS}, heading_unit="any")
    )

    assert {f.code: f.severity for f in found} == {
        "row.name-missing": Severity.WARNS,
        "row.id-number-repaired": Severity.NOTES,
    }


@pytest.mark.parametrize(
    ("of", "wrong"), [(Round(2015, 1), False), (Round(2014, 4), True)], ids=["its own", "another's"]
)
def test_codes_of_another_round_than_the_heading_says_are_a_wrong_round(
    of: Round, wrong: bool
) -> None:
    """A kit under another round's heading would be taken for that round's whole answer."""
    built = listed()
    column = max(built.columns.values()) + 1
    built = built.put(built.header_row, column, "Mã đối chiếu")
    for index, row in enumerate(built.rows):
        built = built.put(row, column, write_code(of, f"ABCD{index + 2}"))
    rounds = frozenset({Round(2015, 1), Round(2014, 4)})

    found = findings(built.workbook, open_rounds=rounds)

    assert places(found) == ([("form.round-wrong", "A5")] if wrong else [])
    assert all("mã đối chiếu" in one.message and of.title in one.message for one in found)
