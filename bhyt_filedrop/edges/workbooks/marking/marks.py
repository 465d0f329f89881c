"""Mark findings in a workbook's own cells: a colour by severity and a comment with what to do."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils.cell import coordinate_to_tuple
from openpyxl.utils.exceptions import CellCoordinatesException
from openpyxl.worksheet.worksheet import Worksheet

from bhyt_filedrop.domain.findings import Finding
from bhyt_filedrop.edges.workbooks.marking.words import (
    AUTHOR,
    FILLS,
    INKS,
    ORDER,
    WORDS,
    cell_at,
    cells_of,
    fill,
    worst,
)

MAX_COMMENTS = 2_000
"""Comments a sheet: more than that and an office program opens the file painfully slowly. Every
bad cell is coloured all the same, and the list has every finding."""

IN_ONE_COMMENT = 5
_LINE_LENGTH = 46
_WIDTH = 340  # pixels
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384


def mark(sheets: Mapping[str, Worksheet], findings: Iterable[Finding]) -> dict[Finding, str]:
    """Mark each finding that has a place in one of the sheets; return where each one's cell lies.

    `sheets` maps the names that findings use to worksheets. A finding without cell but with a row
    marks the row's first filled cell.
    """
    links: dict[Finding, str] = {}
    for sheet, found in _by_sheet(sheets, findings):
        places = _by_cell(sheet, found)
        for (row, column), group in places.items():
            _mark_cell(cell_at(sheet, row, column), group)
            _unhide(sheet, row, column)
            for one in group:
                links[one] = f"{_quoted(sheet.title)}!{sheet.cell(row, column).coordinate}"
        _comment(sheet, places)
        links |= {one: f"{_quoted(sheet.title)}!A1" for one in found if one not in links}
    return links


def remove_own_marks(book: Workbook, *, returned: bool) -> None:
    """Clear the comments of an earlier copy, and its colours; the sender's own comments stay.

    `returned` says that the file is a copy of ours come back: only then do our colours, which are
    also those of Excel's "Bad" and "Neutral" styles, count as ours.
    """
    own_fills = _own_fills(book) if returned else frozenset()
    for sheet in book.worksheets:
        for cell in cells_of(sheet):
            if cell.comment is not None and cell.comment.author == AUTHOR:
                cell.comment = None
            if cell.has_style and _fill_number(cell) in own_fills:
                cell.fill = PatternFill()
                _ink(cell, None)


def _own_fills(book: Workbook) -> frozenset[int]:
    """The numbers of our fills in a workbook; Excel writes FF before a colour where we write 00."""
    fills: Any = book
    colours = {f"{alpha}{colour}" for alpha in ("00", "FF") for colour in FILLS.values()}
    return frozenset(i for i, f in enumerate(fills._fills) if f.fgColor.rgb in colours)


def _fill_number(cell: Any) -> int:
    number: int = cell._style.fillId
    return number


def _ink(cell: Cell, colour: str | None) -> None:
    """Set the colour of a cell's text and leave the rest of its font alone."""
    font: Any = copy(cell.font)
    font.color = colour
    cell.font = font


def _by_sheet(
    sheets: Mapping[str, Worksheet], findings: Iterable[Finding]
) -> list[tuple[Worksheet, list[Finding]]]:
    """Gather findings by worksheet; names are compared as written, then without edge spaces."""
    loose = {name.strip().casefold(): sheet for name, sheet in sheets.items()}
    groups: dict[str, tuple[Worksheet, list[Finding]]] = {}
    for found in findings:
        if found.sheet is None:
            continue
        sheet = sheets.get(found.sheet) or loose.get(found.sheet.strip().casefold())
        if sheet is not None:
            groups.setdefault(sheet.title, (sheet, []))[1].append(found)
    return list(groups.values())


def _by_cell(sheet: Worksheet, findings: Iterable[Finding]) -> dict[tuple[int, int], list[Finding]]:
    places: dict[tuple[int, int], list[Finding]] = defaultdict(list)
    for found in findings:
        place = _place(sheet, found)
        if place is not None:
            places[_anchor(sheet, *place)].append(found)
    return places


def _place(sheet: Worksheet, found: Finding) -> tuple[int, int] | None:
    if found.cell:
        try:
            row, column = coordinate_to_tuple(found.cell)
        except (CellCoordinatesException, ValueError):
            return None
        return (row, column) if 1 <= row <= _LAST_ROW and column <= _LAST_COLUMN else None
    if found.row is None or not 1 <= found.row <= _LAST_ROW:
        return None
    filled = (c.column for c in sheet[found.row] if c.value is not None)
    return found.row, next(filled, 1)


def _anchor(sheet: Worksheet, row: int, column: int) -> tuple[int, int]:
    """The cell that a merged range shows; any other cell is its own."""
    if isinstance(sheet._cells.get((row, column)), MergedCell):
        for area in sheet.merged_cells.ranges:
            if area.min_row <= row <= area.max_row and area.min_col <= column <= area.max_col:
                return area.min_row, area.min_col
    return row, column


def _mark_cell(cell: Cell, findings: Sequence[Finding]) -> None:
    """Colour fill and text together: a sender's white text would vanish on our light fill."""
    severity = worst(findings)
    cell.fill = fill(severity)
    _ink(cell, INKS[severity])


def _comment(sheet: Worksheet, places: Mapping[tuple[int, int], Sequence[Finding]]) -> None:
    """Comment the gravest cells first, as long as the sheet stays usable."""
    gravest = sorted(places, key=lambda place: (ORDER.index(worst(places[place])), place))
    for row, column in gravest[:MAX_COMMENTS]:
        cell = sheet.cell(row, column)
        own = cell.comment.text if cell.comment is not None else ""
        cell.comment = _note(places[row, column], own)


def _note(findings: Sequence[Finding], own: str) -> Comment:
    text = _words(findings)
    if own.strip():
        text += f"\n\nGhi chú sẵn có: {own.strip()}"
    lines = sum(-(-max(len(part), 1) // _LINE_LENGTH) for part in text.split("\n"))
    return Comment(text, AUTHOR, width=_WIDTH, height=min(18 * lines + 16, 560))


def _words(findings: Sequence[Finding]) -> str:
    ordered = sorted(findings, key=lambda f: ORDER.index(f.severity))
    parts = [
        f"{WORDS[f.severity].upper()}: {f.message}\nCách sửa: {f.remedy}".removesuffix(
            "\nCách sửa: "
        )
        for f in ordered[:IN_ONE_COMMENT]
    ]
    if len(ordered) > IN_ONE_COMMENT:
        parts.append(f"… và {len(ordered) - IN_ONE_COMMENT} lỗi khác, xem trang “Lỗi cần sửa”.")
    return "\n\n".join(parts)


def _unhide(sheet: Worksheet, row: int, column: int) -> None:
    """Show what is marked: a link into a hidden row leads nowhere."""
    if row in sheet.row_dimensions:
        sheet.row_dimensions[row].hidden = False
    for dimension in sheet.column_dimensions.values():
        first, last = dimension.min or 0, dimension.max or 0
        if dimension.hidden and first <= column <= last:
            dimension.hidden = False
    sheet.sheet_state = "visible"


def _quoted(title: str) -> str:
    return "'" + re.sub("'", "''", title) + "'"
