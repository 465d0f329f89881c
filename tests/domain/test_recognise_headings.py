"""The lines above a table name the round and the office, in every manner offices write them."""

from __future__ import annotations

from datetime import date

import pytest

from bhyt_filedrop.domain.cells.grid import Workbook
from bhyt_filedrop.domain.forms.headings import (
    Line,
    UnitNames,
    find_heading,
    read_month_round,
    read_round,
)
from bhyt_filedrop.domain.forms.recognise import recognise
from bhyt_filedrop.domain.forms.submission import Submission
from bhyt_filedrop.domain.process.child_codes import write_code
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit, Units
from tests.grids import Built, build, forms, sound, units


def read(form: str, *titles: str, **more: object) -> Submission:
    built = build(form, titles=titles, **more)  # type: ignore[arg-type]
    (submission,) = recognise(built.workbook, forms(), units()).submissions
    return submission


FORM_2 = "DANH SÁCH TRẺ EM KCB BẰNG GIẤY KHAI SINH, CHỨNG SINH CHƯA ĐƯỢC CẤP THẺ BHYT"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Đợt 1 năm 2015", "2015Q1"),
        ("ĐỢT 01 NĂM 2015", "2015Q1"),
        ("Đợt: 2 Năm: 2015", "2015Q2"),
        ("Đợt 3/2015", "2015Q3"),
        ("(Đợt IV năm 2014)", "2014Q4"),
        ("Dot 1 nam 2015", "2015Q1"),
        ("Quý 1 năm 2015", "2015Q1"),
        ("Quý 1-2015", "2015Q1"),
        ("Quý IV/2014", "2014Q4"),
        ("Quý III năm 15", "2015Q3"),
        ("Tháng 3 Quý 1 Năm 2015", "2015Q1"),
        ("Q1/2015", "2015Q1"),
        ("Theo Danh sách Đợt 4 năm 2014 do BHXH Thành phố cung cấp", "2014Q4"),
        ("Đợt 5 năm 2015", None),
        ("Đợt     năm", None),
        ("Đợt … năm …", None),
        ("được cấp thẻ BHYT đợt này", None),
        ("TP.HCM, ngày 1 tháng 4 năm 2015", None),
        ("BHXH Q.1 năm 2015", None),
        ("1/2015", None),
    ],
)
def test_a_round_is_read_as_offices_write_it(text: str, expected: str | None) -> None:
    assert read_round(text) == (Round.parse(expected) if expected else None)


def test_the_very_first_row_may_name_the_round() -> None:
    built = build("form-2", titles=("Đợt 2 năm 2015",))
    (submission,) = recognise(built.workbook, forms(), units()).submissions

    assert submission.round == Round(2015, 2)
    assert submission.round_spot is not None and submission.round_spot.cell == "A1"


def test_a_month_stands_for_its_quarter_but_a_date_does_not() -> None:
    assert read_month_round("Tháng 02 năm 2015") == Round(2015, 1)
    assert read_month_round("Tháng 12 Quý    Năm 2014") == Round(2014, 4)
    assert read_month_round("Ngày 5 tháng 6 năm 2015") is None


def test_the_round_is_read_from_cells_side_by_side() -> None:
    built = build("form-2", titles=(FORM_2, ""))
    built = built.put(2, 3, "Đợt").put(2, 4, 2.0).put(2, 5, "năm").put(2, 6, 2015.0)

    (submission,) = recognise(built.workbook, forms(), units()).submissions

    assert submission.round == Round(2015, 2)
    assert submission.round_spot is not None
    assert submission.round_spot.cell == "C2"


def test_the_sheets_name_may_name_the_round_where_no_line_does() -> None:
    assert read("form-2", FORM_2, name="Quý 3-2015").round == Round(2015, 3)


def test_the_title_goes_before_the_sheets_name() -> None:
    submission = read("form-2", FORM_2, "Đợt 1 năm 2015", name="Quý 3-2015")

    assert submission.round == Round(2015, 1)


def test_a_round_left_blank_says_where_it_should_stand() -> None:
    submission = read("form-2", FORM_2, "Đợt … năm …")

    assert submission.round is None
    assert submission.round_spot is not None
    assert submission.round_spot.cell == "A2"


def test_only_a_cost_list_takes_its_round_from_a_month() -> None:
    cost = read("c79a", "Mẫu số: C79a – HD", "Tháng 2 Quý … Năm 2015")

    assert cost.round is None or cost.round == Round(2015, 1)
    assert read("c79a", "Mẫu số: C79a – HD", "Tháng 2 năm 2015").round == Round(2015, 1)
    assert read("form-2", FORM_2, "Tháng 2 năm 2015").round is None


def test_the_number_line_of_d03_names_no_round() -> None:
    submission = read("d03-ts-490", "DANH SÁCH NGƯỜI CHỈ THAM GIA BHYT", "Số 1 tháng 6 năm 2015")

    assert submission.round is None


WARD_LIST = "Theo Danh sách Đợt 1 năm 2015 do BHXH Quận 1 cung cấp"


@pytest.mark.parametrize(
    ("lines", "unit", "meant"),
    [
        (("UBND PHƯỜNG BẾN NGHÉ",), "26740", {"26740"}),
        (("ỦY BAN NHÂN DÂN", "PHƯỜNG BẾN NGHÉ"), "26740", {"26740"}),
        (("UBND phuong Ben Nghe",), "26740", {"26740"}),
        (("UBND QUẬN 1", "UBND P. BẾN NGHÉ"), "26740", {"26740", "760"}),
        (("UBND Bến Nghé",), "26740", {"26740"}),
        (("UBND Thị trấn Củ Chi",), "27496", {"27496"}),
        (("UBND TT. Củ Chi - Huyện Củ Chi",), "27496", {"27496", "783"}),
        (("ỦY BAN NHÂN DÂN QUẬN 3", "ỦY BAN NHÂN DÂN PHƯỜNG 05"), "27151", {"27151", "770"}),
        (("UBND P5 Q3",), "27151", {"27151", "770"}),
        (("BẢO HIỂM XÃ HỘI QUẬN 1",), "760", {"760"}),
        (("BHXH Q1",), "760", {"760"}),
        (("BHXH TP.HCM", "BHXH HUYỆN BÌNH CHÁNH"), "785", {"785"}),
        (("BHXH Bình Chánh",), "785", {"785"}),
        (("PHÒNG CÔNG NGHỆ THÔNG TIN",), "cntt", {"cntt"}),
        (("Phòng Thu",), "thu", {"thu"}),
        (("BẢO HIỂM XÃ HỘI THÀNH PHỐ HỒ CHÍ MINH",), None, set()),
        (("Kính gửi: BHXH Quận 3",), None, set()),
        (("Địa chỉ: 12 Lê Lợi, P. Bến Thành, Q.1",), None, set()),
        (("Tên cơ sở khám, chữa bệnh: Bệnh viện Quận 5",), None, set()),
        ((), None, set()),
    ],
)
def test_the_heading_names_the_office(
    lines: tuple[str, ...], unit: str | None, meant: set[str]
) -> None:
    submission = read("form-4", *lines, WARD_LIST)

    assert submission.unit == unit
    assert submission.heading_units == meant


def test_a_ward_name_that_many_districts_have_stays_open() -> None:
    submission = read("form-4", "UBND PHƯỜNG 5", WARD_LIST)

    assert submission.unit is None
    assert len(submission.heading_units) > 5
    assert {units()[i].name for i in submission.heading_units} == {"Phường 05"}


def test_the_supplier_of_the_list_is_not_its_issuer() -> None:
    submission = read("form-4", "UBND PHƯỜNG BẾN NGHÉ", WARD_LIST)

    assert submission.heading_units == {"26740"}
    assert submission.unit_spot is not None
    assert (submission.unit_spot.cell, submission.round) == ("A1", Round(2015, 1))


def test_sheets_of_two_wards_are_of_no_one_unit() -> None:
    first = build("form-4", name="Bến Nghé")
    titles = ("UBND PHƯỜNG ĐA KAO", WARD_LIST)
    second = build("form-4", {"I": [sound("form-4", 7, "I")], "II": []}, name="2", titles=titles)
    workbook = type(first.workbook)("xlsx", (first.sheet, second.sheet))

    (submission,) = recognise(workbook, forms(), units()).submissions

    assert submission.unit is None
    assert submission.heading_units == {"26740", "26737"}
    assert len(submission.tables) == 2
    assert len(submission.rows) == 3


# --- several rounds, and codes beside a heading -------------------------------------------------


def coded(of: Round, round_text: str, name: str = "Sheet1") -> Built:
    """A form 1 with a column of codes of one round, whatever its heading says."""
    built = build("form-1", round_text=round_text, name=name)
    column = max(built.columns.values()) + 1
    built = built.put(built.header_row, column, "Mã đối chiếu")
    for index, row in enumerate(built.rows):
        built = built.put(row, column, write_code(of, f"ABCD{index + 2}"))
    return built


@pytest.mark.parametrize("newest_first", [True, False])
def test_last_quarters_sheet_beside_the_new_one_is_told_and_not_read(newest_first: bool) -> None:
    old = build("form-1", round_text="Đợt 4 năm 2014", name="Cũ").sheet
    new = build("form-1", round_text="Đợt 1 năm 2015", name="Mới").sheet
    sheets = (new, old) if newest_first else (old, new)

    found = recognise(Workbook("xlsx", sheets), forms(), units())

    (submission,) = found.submissions
    assert submission.round == Round(2015, 1)
    assert {row.sheet for row in submission.rows} == {"Mới"}
    (told,) = found.findings
    assert (told.code, told.sheet) == ("form.sheet-ignored", "Cũ")
    assert "Đợt 4 năm 2014" in told.message and "Đợt 1 năm 2015" in told.message


def test_last_quarters_list_of_another_form_is_not_read_either() -> None:
    old = build("form-4", round_text="Đợt 4 năm 2014", name="Cũ").sheet
    new = build("form-1", round_text="Đợt 1 năm 2015", name="Mới").sheet

    found = recognise(Workbook("xlsx", (old, new)), forms(), units())

    assert [s.form for s in found.submissions] == ["form-1"]
    assert [one.sheet for one in found.findings] == ["Cũ"]


def test_a_sheet_that_names_no_round_goes_with_the_one_beside_it() -> None:
    named = build("form-1", name="1").sheet
    blank = build("form-1", round_text="", name="2").sheet

    (submission,) = recognise(Workbook("xlsx", (named, blank)), forms(), units()).submissions

    assert {row.sheet for row in submission.rows} == {"1", "2"}


def test_codes_name_the_round_that_the_heading_leaves_out() -> None:
    built = coded(Round(2014, 4), "")

    (submission,) = recognise(built.workbook, forms(), units()).submissions

    assert submission.round == Round(2014, 4)


LONG = Units.of(
    [
        Unit("d", "Huyện Một Hai Ba Bốn Năm", "district"),
        Unit("w", "Xã Sáu Bảy Tám Chín Mười", "ward", "d"),
    ]
)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("UBND huyện Một Hai Ba Bốn Năm", ["d"]),
        ("BHXH H. Một Hai Ba Bốn Năm", ["d"]),
        ("BHXH Một Hai Ba Bốn Năm", ["d"]),
        ("UBND X. Sáu Bảy Tám Chín Mười - H. Một Hai Ba Bốn Năm", ["w", "d"]),
        ("UBND Sáu Bảy Tám Chín Mười", ["w"]),
        ("BHXH Sáu Bảy Tám Chín Mười", []),
        ("UBND X. Sáu Bảy Tám Chín", []),
    ],
)
def test_a_name_of_five_words_is_read_however_its_office_is_written(line: str, named: list[str]):
    assert [unit.id for unit in UnitNames.of(LONG).named_in(line)] == named


def test_a_name_that_one_that_is_gone_had_too_is_that_of_the_one_that_is_there() -> None:
    day = date(2025, 7, 1)
    known = Units.of(
        [
            Unit("old", "Phường Tân Định", "ward", "q", valid_to=date(2025, 6, 30)),
            Unit("new", "Phường Tân Định", "ward", "cs", valid_from=day),
            Unit("q", "Quận 1", "district", valid_to=date(2025, 6, 30)),
            Unit("cs", "BHXH cơ sở", "district", valid_from=day),
        ]
    )
    line = Line("a", 1, "UBND phường Tân Định", ((1, "UBND phường Tân Định"),))

    assert find_heading([line], UnitNames.of(known.at(day))).best == "new"
