"""A dropped workbook as Excel shows it, beside what was found in it.

Read again from the archive by the same reader that judged it, in a child process of the page's own:
a page never waits for a drop that is being read, nor a drop for a page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from bhyt_filedrop.domain.cells.grid import Sheet, a1, column_letters
from bhyt_filedrop.domain.cells.text import cell_text
from bhyt_filedrop.domain.findings import Finding
from bhyt_filedrop.ports import Reader, TryLater

AROUND = 3
"""Rows that are shown before and after one with a finding."""

FIRST = 25
"""Rows that are shown of a sheet without findings."""

MOST_ROWS = 3_000
"""Rows that are shown of a whole sheet: a browser has to lay them out."""

MOST_COLUMNS = 60

_KEPT = 4
"""Workbooks that are remembered, the last read."""


@dataclass
class PageSheets:
    """Reads workbooks for the page, one at a time."""

    reader: Reader
    _read: dict[str, tuple[Sheet, ...]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def close(self) -> None:
        """End the child process."""
        self.reader.close()

    def forget(self, sha256: str) -> None:
        """Let go of a workbook that was read."""
        with self._lock:
            self._read.pop(sha256, None)

    def sheets(self, path: Path, name: str, sha256: str) -> tuple[Sheet, ...]:
        """Return a workbook's sheets; none for what is no workbook, or cannot be read now."""
        with self._lock:
            if sha256 not in self._read:
                try:
                    book = self.reader.read(path, name).workbook
                except TryLater:
                    return ()
                while len(self._read) >= _KEPT:
                    del self._read[next(iter(self._read))]
                self._read[sha256] = book.sheets if book else ()
            return self._read[sha256]


@dataclass(frozen=True, slots=True)
class ShownCell:
    """One cell: its name, its text, the numbers of the findings about it, their worst severity."""

    name: str
    text: str
    findings: tuple[int, ...] = ()
    severity: str = ""


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One row; `gap` counts the rows before it that are left out."""

    number: int
    cells: tuple[ShownCell, ...]
    gap: int
    hidden: bool


@dataclass(frozen=True, slots=True)
class ShownSheet:
    """A sheet, or the rows of it around the findings."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[ShownRow, ...]
    left_out: int
    """Rows of the sheet that are not shown."""


def show_sheet(sheet: Sheet, findings: Mapping[int, Finding], *, whole: bool = False) -> ShownSheet:
    """Return what is shown of a sheet; `findings` are those about it, by their numbers."""
    wanted = _wanted_rows(sheet, findings.values(), whole)
    width = min(max((len(sheet.rows[n - 1]) for n in wanted), default=0), MOST_COLUMNS)
    about: dict[str, list[int]] = {}
    for number, one in findings.items():
        if one.cell:
            about.setdefault(one.cell, []).append(number)
    rows, before = [], 0
    for n in wanted:
        cells = tuple(_cell(sheet, n, column, about, findings) for column in range(1, width + 1))
        rows.append(ShownRow(n, cells, n - before - 1, n in sheet.hidden_rows))
        before = n
    letters = tuple(column_letters(column) for column in range(1, width + 1))
    return ShownSheet(sheet.name, letters, tuple(rows), len(sheet.rows) - len(wanted))


def _wanted_rows(sheet: Sheet, findings: Iterable[Finding], whole: bool) -> list[int]:
    last = len(sheet.rows)
    if whole:
        return list(range(1, min(last, MOST_ROWS) + 1))
    places = {row for one in findings if (row := _row_of(one))}
    if not places:
        return list(range(1, min(last, FIRST) + 1))
    near = {n for row in places for n in range(row - AROUND, row + AROUND + 1)}
    return sorted(n for n in near if 1 <= n <= last)[:MOST_ROWS]


def _row_of(found: Finding) -> int:
    """The row that a finding is about, 0 where it is about none."""
    digits = (found.cell or "").lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return found.row or (int(digits) if digits.isdecimal() else 0)


def _cell(
    sheet: Sheet,
    row: int,
    column: int,
    about: Mapping[str, Sequence[int]],
    findings: Mapping[int, Finding],
) -> ShownCell:
    name = a1(row, column)
    numbers = tuple(about.get(name, ()))
    order = ("blocks", "warns", "notes")
    worst = min((str(findings[n].severity) for n in numbers), key=order.index, default="")
    return ShownCell(name, cell_text(sheet.value(row, column)), numbers, worst)
