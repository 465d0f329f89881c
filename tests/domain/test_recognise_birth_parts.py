"""A birth date in three columns, or in a column for boys and one for girls, is one date."""

from __future__ import annotations

from datetime import date, datetime
from itertools import permutations

import pytest

from bhyt_filedrop.domain.cells.grid import CellValue, Sheet, Workbook
from bhyt_filedrop.domain.findings import Finding
from bhyt_filedrop.domain.forms.child import Child, children
from bhyt_filedrop.domain.forms.recognise import recognise
from tests.grids import forms, units

TITLE = ("DANH SÁCH TRẺ EM KHÁM BẰNG GIẤY KHAI SINH", "CHƯA ĐƯỢC CẤP THẺ BHYT", "Đợt 1 năm 2015")
AFTER = ("Họ tên mẹ (cha)", "Số CMND", "Địa chỉ", "Ghi chú")
REST = ("Trần Thị Lan", "023456789", "12 Lê Lợi, P. Bến Nghé, Q.1", None)


def read(
    upper: tuple[str | None, ...], lower: tuple[str | None, ...], *rows: tuple[CellValue, ...]
) -> tuple[list[Child], tuple[Finding, ...]]:
    """Form 2 with these columns between the name and the mother."""
    head = ("STT", "Họ và tên", *upper, *AFTER)
    below = (None, None, *lower)
    body = [(float(n), "Lê Gia An", *row, *REST) for n, row in enumerate(rows, start=1)]
    sheet = Sheet("Sheet1", (*((line,) for line in TITLE), head, below, *body))
    found = recognise(Workbook("xlsx", (sheet,)), forms(), units())
    (submission,) = found.submissions
    spec = next(form for form in forms() if form.id == submission.form)
    assert spec.id == "form-2"
    return list(children(submission, spec)), found.findings


@pytest.mark.parametrize(
    ("lower", "values"),
    [
        (("Ngày", "Tháng", "Năm"), (5.0, 3.0, 2014.0)),
        (("Ngày", "Tháng", "Năm"), ("05", "03", "2014")),
        (("Năm", "Tháng", "Ngày"), (2014.0, 3.0, 5.0)),
    ],
)
def test_day_month_and_year_in_columns_of_their_own_are_one_date(
    lower: tuple[str, ...], values: tuple[CellValue, ...]
):
    upper = ("Ngày tháng năm sinh", None, None, "Giới tính")

    (child,), said = read(upper, (*lower, None), (*values, "Nam"))

    assert child.birth.date == date(2014, 3, 5)
    assert child.sex.value == "nam"
    assert said == ()


def test_columns_that_say_of_what_they_are_need_no_heading_above_them():
    upper = ("Ngày sinh", "Tháng sinh", "Năm sinh", "Giới tính")

    (child,), _ = read(upper, (None,) * 4, (5.0, 3.0, 2014.0, "Nữ"))

    assert child.birth.date == date(2014, 3, 5)


def test_a_day_that_is_not_known_leaves_the_rest():
    upper = ("Ngày tháng năm sinh", None, None, "Giới tính")

    (known, blank), _ = read(
        upper, ("Ngày", "Tháng", "Năm", None), (None, 3.0, 2014.0, "Nam"), (None,) * 3 + ("Nam",)
    )

    assert (known.birth.text, known.birth.problem) == ("03/2014", "incomplete")
    assert blank.birth.problem == "missing"


@pytest.mark.parametrize("value", ["05/03/2014", datetime(2014, 3, 5)])
def test_a_date_under_boys_or_girls_tells_birth_and_sex(value: CellValue):
    (boy, girl, nobody), said = read(
        ("Ngày tháng năm sinh", None), ("Nam", "Nữ"), (value, None), (None, value), (None, None)
    )

    assert [boy.birth.date, girl.birth.date] == [date(2014, 3, 5)] * 2
    assert (boy.sex.value, girl.sex.value) == ("nam", "nu")
    assert (nobody.birth.problem, nobody.sex.problem) == ("missing", "missing")
    assert said == ()


def test_a_column_of_the_sex_beside_them_keeps_its_word():
    (child,), _ = read(
        ("Ngày tháng năm sinh", None, "Giới tính"), ("Nam", "Nữ", None), ("05/03/2014", None, "Nam")
    )

    assert (child.birth.date, child.sex.value) == (date(2014, 3, 5), "nam")


PARTS = {"Ngày": 5.0, "Tháng": 3.0, "Năm": 2014.0}


@pytest.mark.parametrize("order", list(permutations(PARTS)), ids="-".join)
def test_in_whatever_order_the_three_stand_each_row_down_to_the_last_is_read(
    order: tuple[str, ...],
):
    upper = ("Ngày tháng năm sinh", None, None, "Giới tính")
    row = (*(PARTS[name] for name in order), "Nam")

    found, _ = read(upper, (*order, None), row, row)

    assert [child.birth.date for child in found] == [date(2014, 3, 5)] * 2


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (("--", "03", "2014"), "03/2014"),
        (("--", "..", "2014"), "2014"),
        (("/", "-", "."), ""),
    ],
)
def test_a_dash_stands_for_a_part_that_is_not_known(values: tuple[CellValue, ...], text: str):
    upper = ("Ngày tháng năm sinh", None, None, "Giới tính")
    (child,), _ = read(upper, ("Ngày", "Tháng", "Năm", None), (*values, "Nam"))

    assert child.birth.text == text


def test_girls_may_stand_before_boys_and_a_birth_under_both_is_nobodys():
    (girl, boy, both), _ = read(
        ("Ngày tháng năm sinh", None), ("Nữ", "Nam"),
        ("05/03/2014", None), (None, "2014"), ("05/03/2014", "06/03/2014"),
    )  # fmt: skip

    assert (girl.birth.date, girl.sex.value) == (date(2014, 3, 5), "nu")
    assert (boy.birth.text, boy.sex.value) == ("2014", "nam")
    assert both.sex.value not in ("nam", "nu")


def test_marks_under_boys_and_girls_are_no_births():
    """Beside a column of the birth, Nam and Nữ hold a mark each and take nothing from it."""
    (child,), _ = read(
        ("Ngày tháng năm sinh", "Giới tính", None), (None, "Nam", "Nữ"), ("05/03/2014", None, "x")
    )

    assert child.birth.date == date(2014, 3, 5)
