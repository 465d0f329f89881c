"""Build an xlsx with the same cells from a grid: for xls, HTML, XML, csv, ods and xlsb.

The grid carries no looks, so the copy gets plain ones: boxed table rows, dates as dd/mm/yyyy,
whole numbers without an exponent, and columns as wide as their texts ask. `looks` then gives the
copy of an xls or ods those of its source.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from bhyt_filedrop.domain.cells.grid import CellValue, ErrorValue, Range, Sheet
from bhyt_filedrop.domain.cells.grid import Workbook as Grid
from bhyt_filedrop.edges.workbooks.marking.sheet_names import allowed_name, unique_names
from bhyt_filedrop.edges.workbooks.marking.words import (
    FONT,
    cell_at,
    give_look,
    look_of,
    put_text,
)

TABLE_CELLS = 4
"""A row with at least so many filled cells belongs to the table and is boxed."""

_LARGEST_MERGE = 100_000
_LINE = Side(style="thin", color="A0A0A0")
_CENTRED = Alignment(horizontal="center", vertical="center", wrap_text=True)
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)


def rebuild(grid: Grid) -> tuple[Workbook, dict[str, Worksheet]]:
    """Return a workbook with the grid's cells, and its sheets by the names they had in the grid."""
    book = Workbook()
    book.remove(book.worksheets[0])
    names = unique_names(allowed_name(sheet.name) for sheet in grid.sheets)
    found = {}
    for name, sheet in zip(names, grid.sheets, strict=True):
        found[sheet.name] = _add(book, name, sheet)
    return book, found


def _add(book: Workbook, name: str, grid: Sheet) -> Worksheet:
    sheet: Worksheet = book.create_sheet(name)
    plain, boxed = _looks(sheet)
    for number, cells in enumerate(grid.rows, start=1):
        table = sum(value is not None for value in cells) >= TABLE_CELLS
        for column, value in enumerate(cells, start=1):
            if value is not None or table:
                cell = cell_at(sheet, number, column)
                give_look(cell, boxed if table else plain)
                put_value(cell, value)
    _merge(sheet, grid.merges)
    _set_widths(sheet, grid)
    _hide(sheet, grid)
    _set_print(sheet)
    return sheet


def _looks(sheet: Worksheet) -> tuple[object, object]:
    """The two styles of a rebuilt sheet, made once: outside and inside the table."""
    cell = cell_at(sheet, 1, 1)
    cell.font = Font(name=FONT, size=11)
    cell.alignment = Alignment(vertical="center")
    plain = look_of(cell)
    cell.border = _BOX
    cell.alignment = Alignment(vertical="center", wrap_text=True)
    return plain, look_of(cell)


def put_value(cell: Cell, value: CellValue) -> None:
    """Write a value by its own kind; nothing that was text or an error becomes a formula."""
    if isinstance(value, str):
        put_text(cell, value)
    elif isinstance(value, ErrorValue):
        put_text(cell, value.text)
    elif isinstance(value, (datetime, date, time)):
        cell.value = value
        cell.number_format = _date_format(value)
    elif isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        cell.value = int(value)
        cell.number_format = "0"
    elif value is not None:
        cell.value = value


def _date_format(value: date | time) -> str:
    if isinstance(value, time):
        return "hh:mm"
    timed = isinstance(value, datetime) and (value.hour or value.minute or value.second)
    return "dd/mm/yyyy hh:mm" if timed else "dd/mm/yyyy"


def _merge(sheet: Worksheet, merges: Iterable[Range]) -> None:
    """Merge as the source did; ranges that overlap are left out, Excel calls them damage."""
    taken: set[tuple[int, int]] = set()
    for area in merges:
        rows = area.last_row - area.first_row + 1
        if not 2 <= rows * (area.last_column - area.first_column + 1) <= _LARGEST_MERGE:
            continue
        places = {
            (row, column)
            for row in range(area.first_row, area.last_row + 1)
            for column in range(area.first_column, area.last_column + 1)
        }
        if places & taken:
            continue
        taken |= places
        cell_at(sheet, area.first_row, area.first_column).alignment = _CENTRED
        sheet.merge_cells(
            start_row=area.first_row,
            start_column=area.first_column,
            end_row=area.last_row,
            end_column=area.last_column,
        )


def _set_widths(sheet: Worksheet, grid: Sheet) -> None:
    widths: dict[int, int] = {}
    for cells in grid.rows:
        if sum(value is not None for value in cells) < TABLE_CELLS:
            continue
        for column, value in enumerate(cells, start=1):
            widths[column] = max(widths.get(column, 0), _length(value))
    for column, width in widths.items():
        sheet.column_dimensions[get_column_letter(column)].width = min(max(width + 2, 6), 42)


def _length(value: CellValue) -> int:
    if isinstance(value, str):
        return max((len(part) for part in value.split("\n")), default=0)
    if isinstance(value, (date, datetime)):
        return 10
    return 0 if value is None else min(len(str(value)), 16)


def _hide(sheet: Worksheet, grid: Sheet) -> None:
    for row in grid.hidden_rows:
        sheet.row_dimensions[row].hidden = True
    for column in grid.hidden_columns:
        sheet.column_dimensions[get_column_letter(column)].hidden = True
    if grid.hidden:
        sheet.sheet_state = "hidden"


def _set_print(sheet: Worksheet) -> None:
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
