"""Reading SpreadsheetML 2003: Excel's first XML format, met under the name .xls."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time
from io import BytesIO

from lxml import etree

from bhyt_filedrop.domain.cells.grid import CellValue, ErrorValue, Sheet, Workbook
from bhyt_filedrop.edges.workbooks.child.problems import damaged
from bhyt_filedrop.edges.workbooks.formats import active
from bhyt_filedrop.edges.workbooks.formats.serials import from_serial, is_date_format
from bhyt_filedrop.edges.workbooks.formats.sheet_builder import (
    MAX_ROW,
    Budget,
    SheetBuilder,
)
from bhyt_filedrop.edges.workbooks.formats.struck import Struck, how_struck, is_struck, runs_in
from bhyt_filedrop.edges.workbooks.formats.xlsx_sheet import iso_moment
from bhyt_filedrop.edges.workbooks.sniffing.text_bytes import strip_marks

_CUSTOM = 164
"""Any number of a format that stands for itself by its code."""
_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"
_TAKEN = ("Style", "Worksheet", "Column", "Row", "Visible", "SupBook", "ExternName")
_NAMED_DATES = frozenset(
    {"general date", "long date", "medium date", "short date"}
    | {"long time", "medium time", "short time"}
)


def read(data: bytes, budget: Budget, max_unpacked: int) -> Workbook:
    """Read every worksheet of the document."""
    reader = _SpreadsheetReader(budget)
    try:
        for event, element in _events(strip_marks(data).lstrip()):
            reader.take(event, element)
    except (etree.XMLSyntaxError, ValueError) as err:
        raise damaged() from err
    if not reader.sheets:
        raise damaged()
    return Workbook("spreadsheetml", tuple(reader.sheets), active.kinds(reader.active))


def _events(data: bytes) -> Iterator[tuple[str, etree._Element]]:
    yield from etree.iterparse(
        BytesIO(data),
        events=("start", "end"),
        tag=[f"{{*}}{tag}" for tag in _TAKEN],
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )


def _get(element: etree._Element, name: str) -> str | None:
    return element.get(_SS + name) or element.get(name)


def _int(element: etree._Element, name: str, default: int = 0) -> int:
    return int(_get(element, name) or default)


class _SpreadsheetReader:
    """Where in the document the reading stands."""

    def __init__(self, budget: Budget) -> None:
        self.sheets: list[Sheet] = []
        self.active: set[str] = set()
        self._budget = budget
        self._builder = SheetBuilder("", budget)
        self._dates: set[str] = set()
        self._struck: set[str] = set()
        self._row = 0
        self._column = 0

    def take(self, event: str, element: etree._Element) -> None:
        """Take in one element as it opens or closes."""
        name = etree.QName(element).localname
        if event == "start":
            if name == "Worksheet":
                self._open(element)
            return
        if name == "Row":
            self._take_row(element)
            element.clear()
        elif name == "Style":
            self._take_style(element)
        elif name == "Column":
            self._take_column(element)
        elif name == "Visible":
            self._builder.hidden = (element.text or "").strip() != "SheetVisible"
        elif name == "Worksheet":
            self.sheets.append(self._builder.build())
            element.clear()
        else:
            self.active.add(active.LINKS)

    def _open(self, element: etree._Element) -> None:
        self._builder = SheetBuilder(_get(element, "Name") or "", self._budget)
        self._row = self._column = 0

    def _take_style(self, element: etree._Element) -> None:
        """Keep the styles that show numbers as days (Excel itself writes days out, SheetJS not) and
        those that strike through."""
        for child in element.iterchildren("{*}NumberFormat"):
            code = _get(child, "Format") or ""
            if code.lower() in _NAMED_DATES or is_date_format(_CUSTOM, code):
                self._dates.add(_get(element, "ID") or "")

        if any(_get(child, "StrikeThrough") == "1" for child in element.iterchildren("{*}Font")):
            self._struck.add(_get(element, "ID") or "")

    def _take_column(self, element: etree._Element) -> None:
        first = _int(element, "Index", self._column + 1)
        count = 1 + _int(element, "Span")
        self._column = first + count - 1
        if _get(element, "Hidden") == "1":
            self._builder.hide_columns(first, count)

    def _take_row(self, element: etree._Element) -> None:
        row = _int(element, "Index", self._row + 1)
        span = _int(element, "Span")
        self._row = row + span
        if _get(element, "Hidden") == "1":
            self._builder.hide_rows(row, 1 + span)
        column, told = 0, list[bool]()
        for cell in element:
            column = _int(cell, "Index", column + 1)
            self._builder.put(row, column, self._value(cell))
            if len(cell):
                struck = self._how_struck(cell, _get(element, "StyleID"))
                told.append(struck == "whole")
                self._builder.struck_parts |= {(row, column)} if struck == "part" else set()
            across, down = _get(cell, "MergeAcross"), _get(cell, "MergeDown")
            if across or down:
                self._builder.merge(row, column, 1 + int(down or 0), 1 + int(across or 0))
                column += int(across or 0)
        if is_struck(told):
            self._builder.struck_rows.update(range(row, min(row + span, MAX_ROW) + 1))

    def _how_struck(self, cell: etree._Element, style_of_row: str | None) -> Struck:
        if (_get(cell, "StyleID") or style_of_row) in self._struck:
            return "whole"
        return how_struck(runs_in(cell, lambda one: etree.QName(one).localname == "S"))

    def _value(self, cell: etree._Element) -> CellValue:
        formula = _get(cell, "Formula") or ""
        if formula and active.is_dde(formula):
            self.active.add(active.DDE)
        for data in cell:
            if etree.QName(data).localname == "Data":
                text = "".join(map(str, data.itertext())) if len(data) else data.text or ""
                value = _typed(_get(data, "Type") or "String", text)
                is_day = isinstance(value, float) and _get(cell, "StyleID") in self._dates
                return from_serial(float(text), date1904=False) if is_day else value
        return ErrorValue(formula) if formula else None


def _typed(kind: str, text: str) -> CellValue:
    if kind == "Error":
        return ErrorValue(text or "#N/A")
    if kind == "Number":
        return float(text) if text.strip() else None
    if kind == "Boolean":
        return text.strip() == "1"
    if kind == "DateTime" and text.strip():
        moment = iso_moment(text.strip().removesuffix("Z"))
        # A time of day is written as a moment on the calendar's day nought.
        return time.fromisoformat(text.strip()[11:]) if moment.year < 1900 else moment
    return text
