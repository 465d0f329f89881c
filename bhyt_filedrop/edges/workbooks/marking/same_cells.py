"""Whether two workbooks hold the same cells, whichever programs wrote them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import zip_longest

from bhyt_filedrop.domain.cells.grid import CellValue, ErrorValue, Sheet, Workbook

_DIGITS = 15
"""Decimal digits that a spreadsheet keeps of a number."""


def same_cells(one: Workbook, other: Workbook) -> bool:
    """Tell whether each cell of two workbooks says the same at the same place, sheet by sheet.

    A cell without a usable value (an error, a formula that was never calculated) may be told by its
    text, or be empty: it said nothing before and says nothing after.
    """
    if len(one.sheets) != len(other.sheets):
        return False
    return all(
        _agree(value, again)
        for sheet, copied in zip(one.sheets, other.sheets, strict=True)
        for value, again in _pairs(sheet, copied)
    )


def _pairs(one: Sheet, other: Sheet) -> Iterator[tuple[CellValue, CellValue]]:
    for row, copied in zip_longest(one.rows, other.rows, fillvalue=()):
        yield from zip_longest(row, copied)


def _agree(one: CellValue, other: CellValue) -> bool:
    if isinstance(one, ErrorValue):
        return other is None or isinstance(other, ErrorValue) or other == one.text
    return _plain(one) == _plain(other)


def _plain(value: CellValue) -> object:
    """Bring a value to what a person sees of it."""
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n") or None
    if isinstance(value, datetime):
        return value.replace(microsecond=0)
    if isinstance(value, date):
        return datetime.combine(value, time())
    if isinstance(value, float):
        return f"{value:.{_DIGITS}g}"
    return value
