"""A sheet as text: every cell repaired once, with its folded key, whatever kind of cell it was.

Recognition looks at words only; the values themselves stay in the grid and are read by the checks.
"""

from __future__ import annotations

from collections import Counter
from functools import cached_property

from bhyt_filedrop.domain.cells.grid import CellValue, Range, Sheet
from bhyt_filedrop.domain.cells.text import cell_text, clean, fold

Row = dict[int, str]
"""1-based column → repaired text of the cells of one row that hold any."""


_TALLEST_MERGE = 64
"""Rows of a merge that are looked at: no header is taller, but a hostile file may be all merges."""


class SheetText:
    """The repaired texts of one sheet, by 1-based row.

    A sheet typed in a legacy font holds words that could be either (`Vò Dòng`): in a column where
    legacy text was seen and no Unicode Vietnamese, those are converted too.
    """

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.legacy: dict[tuple[int, int], str] = {}
        self.sources: dict[tuple[int, int], int] = {}
        """Cells that stand for the one above them → the row that holds the value."""
        self.said: dict[tuple[int, int], CellValue] = {}
        """Cells that say what several columns say together → their value."""
        self.rows: list[Row] = [self._read_row(n, cells) for n, cells in enumerate(sheet.rows, 1)]
        if self.legacy:
            self._convert_the_rest()

    def _read_row(self, number: int, cells: tuple[CellValue, ...]) -> Row:
        found: Row = {}
        for column, value in enumerate(cells, start=1):
            if value is None:
                continue
            if isinstance(value, str):
                cleaned = clean(value)
                text = cleaned.text
                if cleaned.legacy:
                    self.legacy[number, column] = cleaned.legacy
            else:
                text = cell_text(value)
            if text:
                found[column] = text
        return found

    def _convert_the_rest(self) -> None:
        for column, encoding in self._legacy_columns().items():
            for number, cells in enumerate(self.sheet.rows, start=1):
                value = cells[column - 1] if column <= len(cells) else None
                if isinstance(value, str) and not value.isascii():
                    self._convert(number, column, value, encoding)

    def _convert(self, number: int, column: int, value: str, encoding: str) -> None:
        cleaned = clean(value, encoding)
        if cleaned.legacy and cleaned.text:
            self.rows[number - 1][column] = cleaned.text
            self.legacy[number, column] = cleaned.legacy

    def _legacy_columns(self) -> dict[int, str]:
        """Columns in which at least two cells are of one legacy encoding and none is Unicode."""
        seen: dict[int, Counter[str]] = {}
        for (_, column), encoding in self.legacy.items():
            seen.setdefault(column, Counter())[encoding] += 1
        return {
            column: next(iter(counts))
            for column, counts in seen.items()
            if len(counts) == 1 and counts.total() > 1 and not self._has_unicode(column)
        }

    def _has_unicode(self, column: int) -> bool:
        return any(
            any(char > "\u0102" for char in text)
            for number, row in enumerate(self.rows, start=1)
            if (text := row.get(column)) and (number, column) not in self.legacy
        )

    @property
    def height(self) -> int:
        """The number of the last row."""
        return len(self.rows)

    def row(self, number: int) -> Row:
        """Return the texts of a 1-based row; an empty one outside the sheet."""
        return self.rows[number - 1] if 1 <= number <= len(self.rows) else {}

    def text(self, row: int, column: int) -> str:
        """Return the repaired text at a place, "" where it is empty."""
        return self.row(row).get(column, "")

    def take_from(self, row: int, column: int, above: int) -> None:
        """Let a cell say what the same column says in the row `above`; nothing where that is 0."""
        text = self.text(above, column) if above else ""
        self.rows[row - 1].pop(column, None)
        if text:
            self.rows[row - 1][column] = text
            self.sources[row, column] = self.sources.get((above, column), above)

    def say(self, row: int, column: int, text: str, value: CellValue = None) -> None:
        """Let a cell say what several columns say together; `value` where it is not the text."""
        self.rows[row - 1][column] = text
        self.said[row, column] = text if value is None else value

    def value(self, row: int, column: int) -> CellValue:
        """Return the value of a cell as stored, of the one above where it stands for that."""
        if self.said and (row, column) in self.said:
            return self.said[row, column]
        if self.sources:
            row = self.sources.get((row, column), row)
        cells = self.sheet.rows[row - 1]
        return cells[column - 1] if column <= len(cells) else None

    def line(self, number: int) -> str:
        """Return a row's texts joined by spaces, as a person reads across."""
        return " ".join(self.row(number).values())

    @cached_property
    def _merged(self) -> dict[int, list[Range]]:
        found: dict[int, list[Range]] = {}
        for merge in self.sheet.merges:
            last = min(merge.last_row, merge.first_row + _TALLEST_MERGE)
            for row in range(merge.first_row, last + 1):
                found.setdefault(row, []).append(merge)
        return found

    def merge_at(self, row: int, column: int) -> Range | None:
        """Return the merged range that covers a place, if any."""
        return next((m for m in self._merged.get(row, ()) if (row, column) in m), None)


def folded(text: str) -> str:
    """Return the key of a header or heading: no case, no diacritics, no punctuation."""
    return fold(text)
