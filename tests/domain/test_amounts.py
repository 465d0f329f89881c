"""Amounts of money, as hospitals' programs and clerks write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bhyt_filedrop.domain.cells.amounts import Amount, read_amount
from bhyt_filedrop.domain.cells.grid import CellValue


@pytest.mark.parametrize(
    ("cell", "dong"),
    [
        (150000.0, 150_000),
        (150000.4, 150_000),
        (-150000.0, -150_000),
        ("150000", 150_000),
        ("1.250.000", 1_250_000),
        ("1,250,000", 1_250_000),
        ("1 250 000", 1_250_000),
        ("1\u00a0250\u00a0000 đồng", 1_250_000),
        ("150.000 đ", 150_000),
        ("150.000VNĐ", 150_000),
        ("1.250.000,00", 1_250_000),
        ("1,250,000.00", 1_250_000),
        ("150000,6", 150_001),
        ("-0,6", -1),
        ("0", 0),
    ],
)
def test_an_amount_is_read_however_its_thousands_are_parted(cell: CellValue, dong: int):
    assert read_amount(cell) == Amount(dong)


@pytest.mark.parametrize("cell", [None, "", "  ", "-", " – "])
def test_an_empty_cell_or_a_dash_is_no_amount_and_no_fault(cell: CellValue):
    assert read_amount(cell) == Amount(problem="missing")


@pytest.mark.parametrize(
    "cell",
    [
        date(2015, 3, 5), True, float("inf"), float("nan"), 1e300, "150.000 - 200.000", "12²",
        "1.2.3", "1,250.000", "1.250000", "100.000 (đã trả)", "1.5E+06", "không rõ", "9" * 5000,
    ],
)  # fmt: skip
def test_what_is_no_amount_is_told_and_never_made_into_one(cell: CellValue):
    assert read_amount(cell) == Amount(problem="invalid")


@given(st.integers(-(10**11), 10**11), st.sampled_from(",. "), st.sampled_from(["", "00"]))
def test_what_a_program_wrote_with_marks_is_read_back_as_it_was(dong: int, mark: str, cents: str):
    text = f"{dong:,}".replace(",", mark)
    part = ("," if mark == "." else ".") + cents if cents else ""

    assert read_amount(text + part) == Amount(dong)
