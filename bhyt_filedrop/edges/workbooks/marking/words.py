"""Colours and words that the list of findings and the marks in the sheets share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from copy import copy
from typing import Any, cast

from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.styles import PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from bhyt_filedrop.domain.findings import Finding, Severity
from bhyt_filedrop.sheet_text import is_live

FONT = "Times New Roman"
AUTHOR = "Kiểm tra danh sách"
"""The author of our comments; tells them from the sender's own."""

ORDER = (Severity.BLOCKS, Severity.WARNS, Severity.NOTES)

WORDS: Mapping[Severity, str] = {
    Severity.BLOCKS: "Phải sửa",
    Severity.WARNS: "Cần xem lại",
    Severity.NOTES: "Để biết",
}

FILLS: Mapping[Severity, str] = {
    Severity.BLOCKS: "FFC7CE",
    Severity.WARNS: "FFEB9C",
    Severity.NOTES: "DDEBF7",
}
INKS: Mapping[Severity, str] = {
    Severity.BLOCKS: "9C0006",
    Severity.WARNS: "7F5700",
    Severity.NOTES: "1F4E78",
}
"""Fill and text colour of each severity: pairs that stay legible in print and for every eye."""

MAX_TEXT = 32_767  # Excel's own limit for one cell
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""More than openpyxl's own: over the last four kinds the whole copy would fail as it is saved."""


def fill(severity: Severity) -> PatternFill:
    """Return the background of one severity."""
    return PatternFill("solid", fgColor=FILLS[severity])


def worst(findings: Iterable[Finding]) -> Severity:
    """Return the gravest severity among at least one finding."""
    return min((f.severity for f in findings), key=ORDER.index)


def cell_at(sheet: Worksheet, row: int, column: int) -> Cell:
    """Return a cell that the caller knows to be no covered part of a merged range."""
    return cast(Cell, sheet.cell(row, column))


def cells_of(sheet: Any) -> list[Cell]:
    """Return the cells that a sheet really holds.

    Asking row by row would make a cell for every empty place, which one stray cell at the far
    end of the sheet turns into billions.
    """
    return [cell for cell in sheet._cells.values() if not isinstance(cell, MergedCell)]


def look_of(cell: Any) -> Any:
    """Return a copy of a cell's whole look, to be given to other cells at once."""
    return copy(cell._style)


def give_look(cell: Any, look: Any) -> None:
    """Give a cell a look from `look_of`: some fifty times cheaper than font, fill and border."""
    cell._style = copy(look)


def put_text(cell: Cell, text: str) -> None:
    """Write a text that stays text, whatever it begins with.

    `=cmd|…` is stored as a string and marked so that it stays one when the cell is edited.
    """
    cell.value = _NOT_IN_XML.sub("", text)[:MAX_TEXT]
    cell.data_type = "s"  # openpyxl takes a text that begins with = for a formula
    keep_as_text(cell)


def keep_as_text(cell: Cell) -> None:
    """Mark a text cell that an office program might run after an edit."""
    if isinstance(cell.value, str) and is_live(cell.value):
        cell.quotePrefix = True
