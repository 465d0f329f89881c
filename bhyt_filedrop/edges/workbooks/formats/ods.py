"""Reading ods, and fods, the same document as one plain XML: one streaming pass over the tables.

calamine reads ods too, but without errors, merges, hidden parts or repeats that stop at the data.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import IO

from lxml import etree

from bhyt_filedrop.domain.cells.grid import CellValue, ErrorValue, Sheet, Workbook
from bhyt_filedrop.edges.workbooks.child.problems import ENCRYPTED, UnreadableError, damaged
from bhyt_filedrop.edges.workbooks.formats import active
from bhyt_filedrop.edges.workbooks.formats.ooxml import open_zip, parse_xml, read_part
from bhyt_filedrop.edges.workbooks.formats.sheet_builder import (
    MAX_ROW,
    Budget,
    SheetBuilder,
)
from bhyt_filedrop.edges.workbooks.formats.struck import Struck, how_struck, is_struck, runs_in
from bhyt_filedrop.edges.workbooks.formats.xlsx_sheet import iso_moment
from bhyt_filedrop.edges.workbooks.sniffing.zip_bytes import LOCAL

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_MANIFEST = "{urn:oasis:names:tc:opendocument:xmlns:manifest:1.0}"
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_XLINK = "{http://www.w3.org/1999/xlink}"
_LIBRARY = "{http://openoffice.org/2004/office}library-embedded"
_VALUE_TYPE = f"{_OFFICE}value-type"
_CALC_TYPE = f"{_CALC}value-type"
_FORMULA = f"{_TABLE}formula"
_COLUMNS_REPEATED = f"{_TABLE}number-columns-repeated"
_COLUMNS_SPANNED = f"{_TABLE}number-columns-spanned"
_ROWS_SPANNED = f"{_TABLE}number-rows-spanned"
_PARAGRAPH = f"{_TEXT}p"
_STYLE_NAME = f"{_TABLE}style-name"
_LINES_THROUGH = ("text-line-through-style", "text-line-through-type")
_ERROR = re.compile(r"#(?:REF!|N/A|VALUE!|DIV/0!|NAME\?|NUM!|NULL!)|Err:\d+")
_DURATION = re.compile(r"(-?)PT(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?")
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")


def read(data: bytes, budget: Budget, max_unpacked: int) -> Workbook:
    """Read every table of a spreadsheet document, packed or flat."""
    if not data.startswith(LOCAL):
        return _read_tables("fods", BytesIO(data), budget)
    package = open_zip(data, max_unpacked)
    found = set(_of_manifest(package))
    if "content.xml" not in package.NameToInfo:
        raise damaged()
    with package.open("content.xml") as content:
        return _read_tables("ods", content, budget, found)


def _read_tables(
    kind: str, content: IO[bytes], budget: Budget, found: Iterable[str] = ()
) -> Workbook:
    reader = _OdsReader(budget)
    try:
        for event, element in _events(content):
            reader.take(event, element)
    except (etree.XMLSyntaxError, ValueError, zipfile.BadZipFile, EOFError) as err:
        raise damaged() from err
    if not reader.sheets:
        raise damaged()
    return Workbook(kind, tuple(reader.sheets), active.kinds({*found, *reader.active}))


def _of_manifest(package: zipfile.ZipFile) -> Iterator[str]:
    """Yield active content by the list of parts. Raises UnreadableError for a password."""
    if any(name.startswith(("Basic/", "Scripts/")) for name in package.namelist()):
        yield active.MACROS
    if "META-INF/manifest.xml" not in package.NameToInfo:
        return
    root = parse_xml(read_part(package, "META-INF/manifest.xml"))
    if next(root.iter(f"{_MANIFEST}encryption-data"), None) is not None:
        raise UnreadableError(ENCRYPTED)
    for entry in root.iter(f"{_MANIFEST}file-entry"):
        path = entry.get(f"{_MANIFEST}full-path", "")
        kind = entry.get(f"{_MANIFEST}media-type", "")
        if path.startswith("Object ") and path.endswith("/") and "chart" not in kind:
            yield active.OBJECTS


def _events(content: IO[bytes]) -> Iterator[tuple[str, etree._Element]]:
    tags = ("table", "table-column", "table-row", "dde-link", "table-source")
    yield from etree.iterparse(
        content,
        events=("start", "end"),
        tag=[
            *(f"{_TABLE}{tag}" for tag in tags),
            f"{_STYLE}style",
            f"{_OFFICE}dde-source",
            f"{_OFFICE}binary-data",
            _LIBRARY,
        ],
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )


class _OdsReader:
    """Where in the document the reading stands."""

    def __init__(self, budget: Budget) -> None:
        self.sheets: list[Sheet] = []
        self.active: set[str] = set()
        self._budget = budget
        self._hidden_styles: set[str] = set()
        self._struck_styles: set[str] = set()
        self._builder = SheetBuilder("", budget)
        self._depth = 0
        self._row = 0
        self._column = 0

    def take(self, event: str, element: etree._Element) -> None:
        """Take in one element as it opens or closes."""
        name = etree.QName(element).localname
        if name == "table":
            self._take_table(event, element)
        elif event == "start":
            return
        elif name == "style":
            self._take_style(element)
        elif name == "table-source":
            if element.get(f"{_XLINK}href"):
                self.active.add(active.LINKS)
        elif name in ("dde-link", "dde-source"):
            self.active.add(active.DDE)
        elif element.tag == _LIBRARY:
            self.active.add(active.MACROS)
        elif name == "binary-data":
            self._take_binary(element)
        elif self._depth == 1:
            self._take_part(name, element)

    def _take_part(self, name: str, element: etree._Element) -> None:
        if name == "table-column":
            self._take_column(element)
        else:
            self._take_row(element)
            element.clear()

    def _take_style(self, element: etree._Element) -> None:
        for properties in element.iterchildren(f"{_STYLE}table-properties"):
            if properties.get(f"{_TABLE}display") == "false":
                self._hidden_styles.add(element.get(f"{_STYLE}name", ""))
        for properties in element.iterchildren(f"{_STYLE}text-properties"):
            lines = (properties.get(f"{_STYLE}{name}", "none") for name in _LINES_THROUGH)
            if any(line != "none" for line in lines):
                self._struck_styles.add(element.get(f"{_STYLE}name", ""))

    def _take_binary(self, element: etree._Element) -> None:
        """Only a flat document holds pictures and objects as text; a picture is harmless."""
        parent = element.getparent()
        if parent is not None and etree.QName(parent).localname.startswith("object"):
            self.active.add(active.OBJECTS)
        element.clear()

    def _take_table(self, event: str, element: etree._Element) -> None:
        if event == "start":
            self._depth += 1
            if self._depth == 1:
                hidden = element.get(f"{_TABLE}style-name", "") in self._hidden_styles
                name = element.get(f"{_TABLE}name", "")
                self._builder = SheetBuilder(name, self._budget, hidden)
                self._row = self._column = 0
            return
        self._depth -= 1
        if self._depth == 0:
            self.sheets.append(self._builder.build())

    def _take_column(self, element: etree._Element) -> None:
        count = int(element.get(f"{_TABLE}number-columns-repeated", "1"))
        if element.get(f"{_TABLE}visibility") in ("collapse", "filter"):
            self._builder.hide_columns(self._column + 1, count)
        self._column += count

    def _take_row(self, element: etree._Element) -> None:
        first = self._row + 1
        count = int(element.get(f"{_TABLE}number-rows-repeated", "1"))
        self._row += count
        if element.get(f"{_TABLE}visibility") in ("collapse", "filter"):
            self._builder.hide_rows(first, count)
        cells = list(self._cells(element))
        told = {n: self._struck(cell) for n, value, cell in cells if value is not None}
        rows = range(first, min(first + count, MAX_ROW + 1))
        if is_struck(struck == "whole" for struck in told.values()):
            self._builder.struck_rows.update(rows)
        parts = [column for column, struck in told.items() if struck == "part"]
        self._builder.struck_parts.update((row, n) for n in parts for row in rows)
        for column, value, cell in cells:
            for row in range(first, first + count):
                self._builder.put(row, column, value)
            self._take_merge(first, column, cell)

    def _struck(self, cell: etree._Element) -> Struck:
        if cell.get(_STYLE_NAME) in self._struck_styles:
            return "whole"
        if not self._struck_styles:
            return ""
        own = f"{_TEXT}style-name"
        return how_struck(runs_in(cell, lambda one: one.get(own) in self._struck_styles))

    def _take_merge(self, row: int, column: int, cell: etree._Element) -> None:
        rows = int(cell.get(_ROWS_SPANNED, "1"))
        columns = int(cell.get(_COLUMNS_SPANNED, "1"))
        self._builder.merge(row, column, rows, columns)

    def _cells(self, row: etree._Element) -> Iterator[tuple[int, CellValue, etree._Element]]:
        """Yield column, value and element of each cell that holds something or spans others."""
        column = 1
        for cell in row.iterchildren(*_CELLS):
            count = int(cell.get(_COLUMNS_REPEATED, "1"))
            value = self._value(cell) if len(cell) or cell.attrib else None
            if value is not None:
                self._budget.check(count)
                yield from ((column + more, value, cell) for more in range(count))
            elif cell.get(_COLUMNS_SPANNED) or cell.get(_ROWS_SPANNED):
                yield column, None, cell
            column += count

    def _value(self, cell: etree._Element) -> CellValue:
        kind = cell.get(_VALUE_TYPE, "")
        formula = cell.get(_FORMULA, "")
        if formula and active.is_dde(formula.partition(":")[2]):
            self.active.add(active.DDE)
        text = _paragraphs(cell)
        if cell.get(_CALC_TYPE) == "error" or (formula and _ERROR.fullmatch(text)):
            return ErrorValue(text or "#N/A")
        if formula and not kind and not text:
            return ErrorValue(formula.partition(":")[2])
        return _typed(kind, cell, text)


def _typed(kind: str, cell: etree._Element, text: str) -> CellValue:
    stored = cell.get(f"{_OFFICE}value", "")
    if kind in ("float", "percentage", "currency") and stored:
        return float(stored)
    if kind == "date":
        return _date(cell.get(f"{_OFFICE}date-value", "")) or text or None
    if kind == "time":
        return _time(cell.get(f"{_OFFICE}time-value", "")) or text or None
    if kind == "boolean":
        return cell.get(f"{_OFFICE}boolean-value") == "true"
    return text or cell.get(f"{_OFFICE}string-value") or None


def _date(text: str) -> date | datetime | None:
    try:
        return iso_moment(text.removesuffix("Z"))
    except ValueError:
        return None


def _time(text: str) -> time | float | None:
    match = _DURATION.fullmatch(text)
    if not match:
        return None
    length = timedelta(
        hours=int(match[2] or 0), minutes=int(match[3] or 0), seconds=float(match[4] or 0)
    )
    if match[1] or length >= timedelta(days=1):
        return (-1 if match[1] else 1) * (length / timedelta(days=1))
    return (datetime.min + length).time()


def _paragraphs(cell: etree._Element) -> str:
    """Return the cell's own paragraphs, one a line; a comment's paragraphs are not its own."""
    return "\n".join([_paragraph(child) for child in cell if child.tag == _PARAGRAPH])


def _paragraph(element: etree._Element) -> str:
    if not len(element):
        return element.text or ""
    pieces = [element.text or ""]
    for child in element:
        if child.tag == f"{_TEXT}s":
            pieces.append(" " * min(int(child.get(f"{_TEXT}c", "1")), 32767))
        elif child.tag == f"{_TEXT}tab":
            pieces.append("\t")
        elif child.tag == f"{_TEXT}line-break":
            pieces.append("\n")
        elif isinstance(child.tag, str) and child.tag != f"{_OFFICE}annotation":
            pieces.append(_paragraph(child))
        pieces.append(child.tail or "")
    return "".join(pieces)
