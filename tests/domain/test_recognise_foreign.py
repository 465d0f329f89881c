"""Lists of something else that look like ours: none of them is taken for one (all made up)."""

from __future__ import annotations

from datetime import date

import pytest

from bhyt_filedrop.domain.cells.grid import CellValue, Sheet, Workbook
from bhyt_filedrop.domain.checks import Context, by_id, check
from bhyt_filedrop.domain.findings import Finding, Severity
from bhyt_filedrop.domain.forms.recognise import recognise
from bhyt_filedrop.domain.places.gazetteer import Gazetteer
from bhyt_filedrop.domain.process.handoffs import HandOff
from bhyt_filedrop.domain.process.rounds import Round
from tests.grids import Built, build, forms, sound, units

NUMBERS = tuple(float(n) for n in range(1, 13))


def sheet(title: str, header: tuple[str, ...], *rows: tuple[CellValue, ...]) -> Workbook:
    lines = ((title,), header, *rows)
    return Workbook("xlsx", (Sheet("Sheet1", lines),))


SALARY = sheet(
    "BẢNG LƯƠNG THÁNG 5 NĂM 2015",
    ("STT", "Họ và tên", "Chức vụ", "Hệ số", "Phụ cấp", "Ngày công", "Lương", "BHXH", "BHYT",
     "BHTN", "Thực lãnh", "Ký nhận"),
    NUMBERS,
    (1.0, "Lê Văn Ba", "Kế toán", 2.34, 0.2, 22.0, 2_800_000.0, 1.0, 2.0, 3.0, 2_600_000.0, "x"),
)  # fmt: skip
STOCK = sheet(
    "THẺ KHO",
    ("TT", "Tên thuốc", "Số lô", "Hạn dùng", "ĐVT", "Tồn đầu", "Nhập", "Xuất", "Tồn cuối",
     "Đơn giá", "Thành tiền", "Ghi chú"),
    NUMBERS,
    (1.0, "Paracetamol 500", "A12", "01/2016", "viên", 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, None),
)  # fmt: skip
ROSTER = Workbook(
    "xlsx", (Sheet("Trực", (NUMBERS, (1.0, "Lê Văn Ba", *("T",) * 8, "Q. 1", None))),)
)
HOUSEHOLD = sheet(
    "DANH SÁCH HỘ GIA ĐÌNH THAM GIA BHYT",
    ("STT", "Họ và tên", "Ngày sinh", "Giới tính", "Số thẻ BHYT", "Quan hệ với chủ hộ",
     "Nghề nghiệp", "Địa chỉ", "Ghi chú"),
    (1.0, "Lê Văn Ba", "05/03/1964", "Nam", "GD4790000000001", "Chủ hộ", "Thợ", "P. 5, Q. 3", None),
)  # fmt: skip
DISCHARGED = sheet(
    "DANH SÁCH BỆNH NHÂN RA VIỆN",
    ("STT", "Họ và tên", "Năm sinh", "Mã thẻ BHYT", "Địa chỉ", "Ngày vào", "Ngày ra", "Khoa"),
    (1.0, "Lê Văn Ba", "1964", "HC4790000000001", "P. 5, Q. 3", "1/5/2015", "3/5/2015", "Nội"),
)


@pytest.mark.parametrize(
    "workbook",
    [SALARY, STOCK, ROSTER, HOUSEHOLD, DISCHARGED],
    ids=["salaries", "stock", "duty roster", "household", "discharged"],
)
def test_a_list_of_something_else_is_no_form_whatever_its_number_row_says(
    workbook: Workbook,
) -> None:
    found = recognise(workbook, forms(), units())

    assert found.submissions == ()
    assert [one.code for one in found.findings] == ["form.unrecognised"]


def test_a_number_row_still_reads_unknown_headings_below_the_forms_own_title() -> None:
    built = build("form-1", headers={"parent": ("Mother",), "address": ("Home",)})

    (submission,) = recognise(built.workbook, forms(), units()).submissions

    assert submission.tables[0].columns["parent"] == built.columns["parent"]


def test_a_list_with_another_title_lacks_ours_and_is_told_so() -> None:
    (said,) = recognise(HOUSEHOLD, forms(), units()).findings

    assert "gần giống nhất là" in said.message


def test_all_columns_of_a_long_form_tell_it_below_any_title() -> None:
    built = build("form-1", titles=("DANH SÁCH CHÁU CỦA PHƯỜNG",))

    assert [s.form for s in recognise(built.workbook, forms(), units()).submissions] == ["form-1"]


# --- rows that are unsound all in the same way -----------------------------------------------


def checked(built: Built) -> list[Finding]:
    lowered = HandOff(
        id="h", name="Bước", sender="cntt", receiver="thu", heading_unit="any",
        severities={"row.*": Severity.WARNS},
    )  # fmt: skip
    context = Context(
        date(2015, 6, 5), units(), Gazetteer.of(units()), by_id(forms()), Round(2015, 1),
        handoff=lowered,
    )  # fmt: skip
    (submission,) = recognise(built.workbook, forms(), units()).submissions
    return list(check(submission, context))


def people(form: str, count: int, wrong: int, **values: CellValue) -> Built:
    rows = [sound(form, n) | {"number": float(n)} for n in range(1, count + 1)]
    return build(form, [row | values if n < wrong else row for n, row in enumerate(rows)])


@pytest.mark.parametrize(
    ("form", "values", "why"),
    [
        ("form-2", {"birth_date": "05/03/1964"}, "quá tuổi"),
        ("form-2", {"address": None, "parent": None}, "không có địa chỉ"),
        ("form-1", {"card": "HC4790000000001"}, "không phải thẻ trẻ em"),
        ("form-1", {"birth_date": "1964", "parent": None, "address": None}, "quá tuổi"),
        ("d03-ts-490", {"birth_date": "05/03/1964"}, "quá tuổi"),
    ],
)
def test_where_most_rows_are_unsound_alike_the_list_is_not_the_form_and_no_row_is_told(
    form: str, values: dict[str, CellValue], why: str
) -> None:
    (said,) = checked(people(form, 12, 7, **values))

    assert (said.code, said.severity) == ("form.unrecognised", Severity.BLOCKS)
    assert why in said.message
    assert "7 trong 12" in said.message


@pytest.mark.parametrize(
    ("count", "wrong", "values"),
    [
        (12, 6, {"birth_date": "05/03/1964"}),
        (9, 9, {"birth_date": "05/03/1964"}),
        (12, 12, {"parent": None}),
    ],
    ids=["half of them", "a few rows", "drafts name no parent"],
)
def test_rows_that_may_be_a_lists_own_are_told_one_by_one(
    count: int, wrong: int, values: dict[str, CellValue]
) -> None:
    found = checked(people("form-2", count, wrong, **values))

    assert "form.unrecognised" not in {one.code for one in found}
    assert len(found) >= wrong
