"""A workbook as it was read: sheets of cells with their places, kinds and hidden flags.

Every reader (xlsx, xls, HTML, SpreadsheetML, ods, xlsb, csv) ends in these types, so nothing
behind them knows which format a clerk used.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time


@dataclass(frozen=True, slots=True)
class ErrorValue:
    """A cell that holds no usable value: `#REF!`, `#N/A` … or a formula without a stored result.

    `text` is what a person sees in the cell (`"#REF!"`); for a formula that was never
    calculated it is the formula itself (`"=A1+B1"`).
    """

    text: str


CellValue = str | float | bool | datetime | date | time | ErrorValue | None
"""Numbers are always `float`; an empty cell is `None`, never `""`; text is as it was stored."""


def column_letters(column: int) -> str:
    """Return the letters of a 1-based column: 1 → `A`, 27 → `AA`."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def a1(row: int, column: int) -> str:
    """Return the A1 name of a 1-based row and column."""
    return f"{column_letters(column)}{row}"


@dataclass(frozen=True, slots=True)
class Range:
    """A rectangle of cells; all four bounds are 1-based and included."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int

    def __contains__(self, place: tuple[int, int]) -> bool:
        row, column = place
        return (
            self.first_row <= row <= self.last_row
            and self.first_column <= column <= self.last_column
        )


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet, anchored at A1: `rows[0][0]` is cell A1, whatever was empty before the data.

    Rows may be of different lengths; trailing empty cells and rows are cut. Row and column
    numbers in the other fields are 1-based.
    """

    name: str
    rows: tuple[tuple[CellValue, ...], ...]
    merges: tuple[Range, ...] = ()
    hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    struck_rows: frozenset[int] = frozenset()
    """Rows of which most cells that hold anything are struck through."""
    struck_parts: frozenset[tuple[int, int]] = frozenset()
    """Cells (row, column) of whose text a part is struck through."""

    def value(self, row: int, column: int) -> CellValue:
        """Return the value at a 1-based place; places outside the stored area are empty."""
        if row < 1 or column < 1 or row > len(self.rows):
            return None
        cells = self.rows[row - 1]
        return cells[column - 1] if column <= len(cells) else None

    def cells(self) -> Iterator[tuple[int, int, CellValue]]:
        """Yield `(row, column, value)` of every cell that is not empty, row by row."""
        for row, cells in enumerate(self.rows, start=1):
            for column, value in enumerate(cells, start=1):
                if value is not None:
                    yield row, column, value


@dataclass(frozen=True, slots=True)
class Workbook:
    """What one file holds.

    `format` is the format by content: `xlsx`, `xlsm`, `xlsb`, `xls`, `ods`, `html`,
    `spreadsheetml`, `csv`. `active_content` names what may run or reach out when the file is
    opened in an office program (`macros`, `external-links`, `dde`, `embedded-objects`).
    """

    format: str
    sheets: tuple[Sheet, ...]
    active_content: tuple[str, ...] = ()
