"""Reading xlsb, Excel's binary workbook, record by record.

calamine reads xlsb too, but without errors, merges and hidden parts, and it passes in silence over
the short records with which SheetJS writes every cell that follows another.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bhyt_filedrop.domain.cells.grid import CellValue, ErrorValue, Sheet, Workbook
from bhyt_filedrop.edges.workbooks.child.problems import damaged
from bhyt_filedrop.edges.workbooks.formats import active
from bhyt_filedrop.edges.workbooks.formats.ooxml import main_part, open_zip, read_part, relations
from bhyt_filedrop.edges.workbooks.formats.serials import from_serial
from bhyt_filedrop.edges.workbooks.formats.sheet_builder import Budget, SheetBuilder
from bhyt_filedrop.edges.workbooks.formats.struck import Struck, is_struck
from bhyt_filedrop.edges.workbooks.formats.xls import ERRORS
from bhyt_filedrop.edges.workbooks.formats.xlsb_records import (
    date_styles,
    records,
    shared_texts,
    struck_fonts,
    struck_in,
    struck_styles,
    struck_texts,
    wide_text,
)

_ROW, _COLUMNS, _MERGE, _BUNDLE_SHEET, _BOOK_PROPERTIES = 0, 60, 176, 156, 153
_BLANK, _RK, _ERROR, _BOOL, _REAL, _TEXT, _SHARED = range(1, 8)
_FORMULA_TEXT, _FORMULA_REAL, _FORMULA_BOOL, _FORMULA_ERROR = range(8, 12)
_SHORT_BLANK, _SHORT_SHARED, _RICH_TEXT = 12, 18, 62
_SHORT = _SHORT_BLANK - _BLANK
"""What lies between the number of a short record and that of its long brother."""
_BOOK = "xl/workbook.bin"
_STYLE_BITS = 0xFFFFFF


@dataclass(frozen=True, slots=True)
class _Tables:
    """What the cells of every sheet refer to."""

    texts: Sequence[str]
    dates: Sequence[bool]
    date1904: bool
    struck_fonts: frozenset[int]
    struck_styles: frozenset[int]
    struck_texts: Mapping[int, Struck]


def read(data: bytes, budget: Budget, max_unpacked: int) -> Workbook:
    """Read every worksheet."""
    package = open_zip(data, max_unpacked)
    part = main_part(package, _BOOK)
    book = read_part(package, part)
    tables = _tables(package, part, book)
    sheets = tuple(
        _read_sheet(read_part(package, sheet), SheetBuilder(name, budget, hidden), tables)
        for name, sheet, hidden in _listed(package, part, book)
    )
    if not sheets:
        raise damaged()
    return Workbook("xlsb", sheets, active.of_package(package))


def _tables(package: zipfile.ZipFile, part: str, book: bytes) -> _Tables:
    found = {r.kind: r.target for r in relations(package, part) if not r.external}

    def content(kind: str) -> bytes:
        return read_part(package, found[kind]) if found.get(kind) in package.NameToInfo else b""

    flags = next((body for kind, body in records(book) if kind == _BOOK_PROPERTIES), b"\0")
    shared, styles = content("sharedStrings"), content("styles")
    fonts = struck_fonts(styles)
    return _Tables(
        shared_texts(shared), date_styles(styles), bool(flags[0] & 1), fonts,
        struck_styles(styles, fonts), struck_texts(shared, fonts),
    )  # fmt: skip


def _listed(package: zipfile.ZipFile, part: str, book: bytes) -> Iterator[tuple[str, str, bool]]:
    """Yield name, part and hidden of each worksheet, in order."""
    targets = {r.id: r.target for r in relations(package, part) if r.kind == "worksheet"}
    for kind, body in records(book):
        if kind == _BUNDLE_SHEET:
            (state,) = struct.unpack_from("<L", body)
            relation, at = wide_text(body, 8)
            name, _ = wide_text(body, at)
            if relation in targets:
                yield name, targets[relation], state != 0


def _read_sheet(part: bytes, builder: SheetBuilder, tables: _Tables) -> Sheet:
    row = column = 0
    struck = _StruckRow(builder, tables)
    for kind, body in records(part):
        if kind == _ROW:
            struck.close(row)
            row, column = _take_row(body, builder), 0
        elif _BLANK <= kind <= _FORMULA_ERROR or kind == _RICH_TEXT:
            column, style = struct.unpack_from("<2L", body)
            column += 1
            builder.put(row, column, _value(kind, body[8:], style, tables))
            struck.take((row, column), kind, body[8:], style & _STYLE_BITS)
        elif _SHORT_BLANK <= kind <= _SHORT_SHARED:
            column += 1
            (style,) = struct.unpack_from("<L", body)
            builder.put(row, column, _value(kind - _SHORT, body[4:], style, tables))
            struck.take((row, column), kind - _SHORT, body[4:], style & _STYLE_BITS)
        elif kind in _AROUND:
            _AROUND[kind](body, builder)
    struck.close(row)
    return builder.build()


@dataclass
class _StruckRow:
    """How much of each cell of the row at hand is struck through."""

    builder: SheetBuilder
    tables: _Tables
    told: list[bool] = field(default_factory=list)

    def take(self, place: tuple[int, int], kind: int, body: bytes, style: int) -> None:
        """Look at one cell; `body` begins behind its place and style."""
        if kind == _BLANK or not self.tables.struck_fonts:
            return
        struck: Struck = ""
        if kind == _SHARED:
            struck = self.tables.struck_texts.get(int.from_bytes(body[:4], "little"), "")
        elif kind == _RICH_TEXT:
            struck = struck_in(body, self.tables.struck_fonts)
        self.told.append(struck == "whole" or (not struck and style in self.tables.struck_styles))
        if struck == "part":
            self.builder.struck_parts.add(place)

    def close(self, row: int) -> None:
        """The row is over."""
        if is_struck(self.told):
            self.builder.struck_rows.add(row)
        self.told.clear()


def _take_row(body: bytes, builder: SheetBuilder) -> int:
    row = int(struct.unpack_from("<L", body)[0]) + 1
    if body[11] & 0x10:
        builder.hide_rows(row)
    return row


def _take_columns(body: bytes, builder: SheetBuilder) -> None:
    first, last = struct.unpack_from("<2L", body)
    if body[16] & 1:
        builder.hide_columns(first + 1, last - first + 1)


def _take_merge(body: bytes, builder: SheetBuilder) -> None:
    top, low, left, right = struct.unpack_from("<4L", body)
    builder.merge(top + 1, left + 1, low - top + 1, right - left + 1)


_AROUND: Mapping[int, Callable[[bytes, SheetBuilder], None]] = {
    _COLUMNS: _take_columns,
    _MERGE: _take_merge,
}


def _value(kind: int, body: bytes, style: int, tables: _Tables) -> CellValue:
    """Return what a cell shows; `body` begins behind its place and style."""
    if kind == _SHARED:
        return tables.texts[int.from_bytes(body[:4], "little")]
    if kind in (_TEXT, _FORMULA_TEXT):
        return wide_text(body, 0)[0]
    if kind == _RICH_TEXT:
        return wide_text(body, 1)[0]
    if kind in (_ERROR, _FORMULA_ERROR):
        return ErrorValue(ERRORS.get(body[0], "#N/A"))
    if kind in (_BOOL, _FORMULA_BOOL):
        return bool(body[0])
    return None if kind == _BLANK else _number(kind, body, style & _STYLE_BITS, tables)


def _number(kind: int, body: bytes, style: int, tables: _Tables) -> CellValue:
    number = _rk(body) if kind == _RK else float(struct.unpack_from("<d", body)[0])
    if style < len(tables.dates) and tables.dates[style]:
        return from_serial(number, tables.date1904)
    return number


def _rk(body: bytes) -> float:
    """Unpack a short number: 30 bits of an integer or of a double's head, perhaps hundredths."""
    (packed,) = struct.unpack_from("<l", body)
    if packed & 2:
        number = float(packed >> 2)
    else:
        number = float(struct.unpack("<d", struct.pack("<4xL", packed & 0xFFFFFFFC))[0])
    return number / 100 if packed & 1 else number
