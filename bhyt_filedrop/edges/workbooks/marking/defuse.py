"""Take out of a loaded workbook whatever would run or reach out when it is opened again.

A copy that we send carries our name. The sender's own arithmetic stays; macros, external links,
DDE, pivot connections and formulas that call out do not. A formula of that kind gives way to the
value it last showed, or where none is stored to its own text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula
from openpyxl.worksheet.worksheet import Worksheet

from bhyt_filedrop.edges.workbooks.marking.rebuild import put_value
from bhyt_filedrop.edges.workbooks.marking.words import cells_of, keep_as_text, put_text

_REACHES_OUT = re.compile(
    r"\|"  # DDE: =cmd|' /C calc'!A0
    r"|\[\d+\][^\[\](),]*!"  # another workbook: [1]Sheet1!A1
    r"|\.xl[a-z]{1,2}\]"  # another workbook by its name: [list.xls]Sheet1!A1
    r"|\b(?:WEBSERVICE|FILTERXML|CALL|REGISTER(?:\.ID)?|EXEC|RTD|DDE(?:AUTO)?|HYPERLINK|IMAGE"
    r"|IMPORT(?:XML|DATA|HTML|FEED|RANGE))\s*\(",
    re.IGNORECASE,
)


def reaches_out(formula: str) -> bool:
    """True where a formula starts a program, asks a network or reads another file."""
    return bool(_REACHES_OUT.search(formula))


def defuse(book: Workbook, stored: Callable[[], Workbook]) -> None:
    """Make a loaded workbook harmless, in place.

    `stored` loads the same file with the values its formulas last gave; it is called only where a
    formula has to give way.
    """
    book.template = False  # a template under an xlsx name is refused by Excel
    _drop_names(book)
    dangerous = []
    for sheet in book.worksheets:
        _drop_parts(sheet)
        dangerous += list(_dangerous_cells(sheet))
    if dangerous:
        values = stored()
        for cell in dangerous:
            _give_way(cell, values[cell.parent.title])


def _drop_names(book: Workbook) -> None:
    for names in (book.defined_names, *(sheet.defined_names for sheet in book.worksheets)):
        for name, defined in list(names.items()):
            runs = defined.xlm or defined.function or defined.vbProcedure
            if runs or reaches_out(str(defined.attr_text or "")):
                del names[name]


def _drop_parts(sheet: Worksheet) -> None:
    """Pivots and charts may hang on outside sources; rules with such formulas damage the file."""
    sheet._pivots = []  # type: ignore[attr-defined]
    sheet._charts = []  # type: ignore[attr-defined]
    sheet.legacy_drawing = None
    validations = sheet.data_validations
    validations.dataValidation = [
        rule
        for rule in validations.dataValidation
        if not reaches_out(f"{rule.formula1 or ''} {rule.formula2 or ''}")
    ]
    for area in list(sheet.conditional_formatting):
        if any(reaches_out(str(text)) for rule in area.rules for text in rule.formula or ()):
            del sheet.conditional_formatting[area.sqref]


def _dangerous_cells(sheet: Worksheet) -> Iterator[Cell]:
    for cell in cells_of(sheet):
        if cell.data_type == "f":
            if reaches_out(_formula(cell.value)):
                yield cell
        elif cell.data_type == "s":
            keep_as_text(cell)


def _formula(value: object) -> str:
    if isinstance(value, ArrayFormula):
        return str(value.text or "")
    if isinstance(value, DataTableFormula):
        return "|"  # a what-if table: no list of children needs one
    return str(value)


def _give_way(cell: Cell, values: Worksheet) -> None:
    formula, last = _formula(cell.value), values[cell.coordinate].value
    if isinstance(last, (int, float)) and not isinstance(last, bool):
        cell.value = last
    elif last is None:
        put_text(cell, formula)
    else:
        put_value(cell, last)
