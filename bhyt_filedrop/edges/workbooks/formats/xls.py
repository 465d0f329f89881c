"""Reading xls (BIFF 2 to 8): calamine for the values, xlrd where calamine keeps silent.

The records are walked first, which costs little: they say whether there are error cells, hidden
rows or columns, a stray cell far out, a password, macros or links.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import olefile
from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from bhyt_filedrop.domain.cells.grid import CellValue, ErrorValue, Sheet, Workbook
from bhyt_filedrop.edges.workbooks.child.problems import UnreadableError, damaged
from bhyt_filedrop.edges.workbooks.formats import active, encryption
from bhyt_filedrop.edges.workbooks.formats.merging import ranges
from bhyt_filedrop.edges.workbooks.formats.serials import from_serial
from bhyt_filedrop.edges.workbooks.formats.sheet_builder import (
    Budget,
    SheetBuilder,
    make_sheet,
    tidy_rows,
)
from bhyt_filedrop.edges.workbooks.formats.single_byte import decode as decode_single_byte
from bhyt_filedrop.edges.workbooks.formats.struck import Struck, how_struck, is_struck
from bhyt_filedrop.edges.workbooks.sniffing import ole_bytes

if TYPE_CHECKING:
    import xlrd

_DENSE = 4_000_000
_CELLS = frozenset({0x0203, 0x027E, 0x00FD, 0x0204, 0x0006, 0x0205, 0x00D6})
_MULTIPLE = 0x00BD
_BOOL_OR_ERROR, _FORMULA, _ROW, _COLUMNS = 0x0205, 0x0006, 0x0208, 0x007D
_FONT, _STRUCK_OUT = 0x0031, 0x08
_NUMBER_FORMAT, _CHINESE_DATES = 0x041E, frozenset({*range(27, 37), *range(50, 59)})
"""Numbers of formats that are days in East Asia's Excel. calamine takes them for days even where
the file defines them otherwise, as Gnumeric does."""
_START, _SHEET, _PASSWORD, _SUPBOOK, _EXTERNAL_SHEET = 0x0809, 0x0085, 0x002F, 0x01AE, 0x0017
_INTERNAL_LINKS = (b"\x01\x04", b"\x01\x3a")


@dataclass(slots=True)
class XlsFacts:
    """What the records say before anything is parsed in earnest."""

    version: int = 0
    encrypted: bool = False
    closer: bool = False
    last_row: int = 0
    last_column: int = 0
    cells: int = 0
    active: set[str] = field(default_factory=set)


def read(data: bytes, budget: Budget, max_unpacked: int) -> Workbook:
    """Read an xls in a container, or the bare stream of an old one."""
    facts = XlsFacts()
    if data.startswith(ole_bytes.MAGIC):
        with olefile.OleFileIO(BytesIO(data)) as container:
            facts.active.update(_of_storages(container))
            walk(_stream(container), facts)
            # calamine knows the stream by these letters alone.
            facts.closer |= not {"Workbook", "Book"} & {path[0] for path in container.listdir()}
    else:
        facts.closer = True
    if facts.encrypted:
        return _decrypted(data, budget, max_unpacked)
    budget.check(facts.cells)
    sheets = _sheets(data, facts, budget)
    if not sheets:
        raise damaged()
    return Workbook("xls", sheets, active.kinds(facts.active))


def _decrypted(data: bytes, budget: Budget, max_unpacked: int) -> Workbook:
    plain, kind = encryption.open_by_default_password(data)
    if kind != "xls" or plain == data:
        raise UnreadableError("file.encrypted")
    with olefile.OleFileIO(BytesIO(plain)) as container:
        facts = XlsFacts()
        walk(_stream(container), facts)
    if facts.encrypted:
        raise UnreadableError("file.encrypted")
    return read(plain, budget, max_unpacked)


def _stream(container: Any) -> bytes:
    for name in ("Workbook", "Book"):
        if container.exists(name):  # whatever the case of its letters
            stream: bytes = container.openstream(name).read()
            if len(stream) < container.get_size(name):
                raise damaged("cut-off")
            return stream
    raise damaged()


def _of_storages(container: Any) -> Iterator[str]:
    for path in container.listdir(streams=True, storages=True):
        top, name = path[0].upper(), path[-1].upper()
        if name.startswith("_VBA_PROJECT"):
            yield active.MACROS
        elif top.startswith(("MBD", "LNK")) or name in ("\x01OLE10NATIVE", "CTLS"):
            yield active.OBJECTS


def walk(stream: bytes, facts: XlsFacts) -> None:
    """Go over the records once."""
    at, end = 0, len(stream) - 4
    head = struct.Struct("<HH")
    while at <= end:
        code, size = head.unpack_from(stream, at)
        at += 4
        if code in _CELLS or code == _MULTIPLE:
            _see_cell(code, stream[at : at + size], facts)
        elif code in _SEEN:
            _SEEN[code](stream[at : at + size], facts)
        at += size


def _see_cell(code: int, body: bytes, facts: XlsFacts) -> None:
    if len(body) < 6:
        return
    row = body[0] | body[1] << 8
    column = body[-2] | body[-1] << 8 if code == _MULTIPLE else body[2] | body[3] << 8
    facts.cells += 1
    facts.last_row = max(facts.last_row, row)
    facts.last_column = max(facts.last_column, column)
    if code == _BOOL_OR_ERROR:
        facts.closer |= len(body) > 7 and body[7] == 1
    elif code == _FORMULA:
        facts.closer |= body[6:7] == b"\x02" and body[12:14] == b"\xff\xff"


def _see_row(body: bytes, facts: XlsFacts) -> None:
    facts.closer |= len(body) > 12 and bool(body[12] & 0x20)


def _see_columns(body: bytes, facts: XlsFacts) -> None:
    facts.closer |= len(body) > 8 and bool(body[8] & 1)


def _see_number_format(body: bytes, facts: XlsFacts) -> None:
    facts.closer |= struct.unpack_from("<H", body)[0] in _CHINESE_DATES


def _see_font(body: bytes, facts: XlsFacts) -> None:
    facts.closer |= len(body) > 2 and bool(body[2] & _STRUCK_OUT)


def _see_start(body: bytes, facts: XlsFacts) -> None:
    if not facts.version:
        facts.version = struct.unpack_from("<H", body)[0]
        facts.closer |= facts.version != 0x0600


def _see_sheet(body: bytes, facts: XlsFacts) -> None:
    if len(body) > 5 and body[5] == 1:
        facts.active.add(active.MACROS)


def _see_password(body: bytes, facts: XlsFacts) -> None:
    facts.encrypted = True


def _see_supbook(body: bytes, facts: XlsFacts) -> None:
    """A path that is encoded (it begins with 1) has 3 between its folders; in one that is not, 3
    stands between a program and its topic (MS-XLS 2.5.277)."""
    if len(body) > 5 and body[2:4] not in _INTERNAL_LINKS:
        calls = body[5] != 1 and b"\x03" in body[5:]
        facts.active.add(active.DDE if calls else active.LINKS)


def _see_external_sheet(body: bytes, facts: XlsFacts) -> None:
    if facts.version == 0x0500 and body[1:2] == b"\x01":
        facts.active.add(active.LINKS)


_SEEN = {
    _ROW: _see_row,
    _COLUMNS: _see_columns,
    _FONT: _see_font,
    _NUMBER_FORMAT: _see_number_format,
    _START: _see_start,
    _SHEET: _see_sheet,
    _PASSWORD: _see_password,
    _SUPBOOK: _see_supbook,
    _EXTERNAL_SHEET: _see_external_sheet,
}


def _sheets(data: bytes, facts: XlsFacts, budget: Budget) -> tuple[Sheet, ...]:
    box = (facts.last_row + 1) * (facts.last_column + 1)
    if facts.closer or box > min(_DENSE, budget.left):
        return tuple(_by_xlrd(data, facts, budget))
    try:
        return tuple(_by_calamine(data, budget))
    except (MemoryError, KeyboardInterrupt, SystemExit, UnreadableError):
        raise
    except BaseException:
        # xlrd opens some old exporters' files that calamine refuses or panics over.
        return tuple(_by_xlrd(data, facts, budget))


def _by_calamine(data: bytes, budget: Budget) -> Iterator[Sheet]:
    book = CalamineWorkbook.from_filelike(BytesIO(data))
    for number, listed in enumerate(book.sheets_metadata):
        if listed.typ is SheetTypeEnum.WorkSheet:
            hidden = listed.visible is not SheetVisibleEnum.Visible
            yield _calamine_sheet(book.get_sheet_by_index(number), hidden, budget)


def _calamine_sheet(sheet: CalamineSheet, hidden: bool, budget: Budget) -> Sheet:
    rows = tidy_rows(sheet.to_python(skip_empty_area=False))
    budget.spend(sum(map(len, rows)))
    return make_sheet(sheet.name, rows, merges=ranges(sheet, budget), hidden=hidden)


def _by_xlrd(data: bytes, facts: XlsFacts, budget: Budget) -> Iterator[Sheet]:
    book = _open_by_xlrd(data, facts)
    for number in range(book.nsheets):
        sheet = book.sheet_by_index(number)
        yield _xlrd_sheet(book, sheet, budget)
        book.unload_sheet(number)


def _open_by_xlrd(data: bytes, facts: XlsFacts) -> xlrd.book.Book:
    import xlrd

    with Path(os.devnull).open("w") as nowhere:
        return xlrd.open_workbook(
            file_contents=data,
            logfile=nowhere,
            formatting_info=True,
            ragged_rows=True,
            on_demand=True,
            ignore_workbook_corruption=True,
            # Before BIFF8 texts are single bytes, whose real table only the texts can tell.
            encoding_override=None if facts.version == 0x0600 else "latin-1",
        )


def _xlrd_sheet(book: Any, sheet: Any, budget: Budget) -> Sheet:
    builder = SheetBuilder(sheet.name, budget, sheet.visibility != 0)
    old = book.biff_version < 80
    decode = decode_single_byte(_texts(sheet)) if old else str
    for row in range(sheet.nrows):
        types, values = sheet.row_types(row), sheet.row_values(row)
        for column, (kind, value) in enumerate(zip(types, values, strict=True), start=1):
            builder.put(row + 1, column, _value(kind, value, book.datemode, decode))
        struck = dict(_struck_cells(book, sheet, row))
        if is_struck(one == "whole" for one in struck.values()):
            builder.struck_rows.add(row + 1)
        builder.struck_parts |= {(row + 1, n + 1) for n, one in struck.items() if one == "part"}
    for row, info in sheet.rowinfo_map.items():
        if info.hidden:
            builder.hide_rows(row + 1)
    for column, info in sheet.colinfo_map.items():
        if info.hidden:
            builder.hide_columns(column + 1)
    for top, below, left, right in sheet.merged_cells:
        builder.merge(top + 1, left + 1, below - top, right - left)
    return builder.build()


def _struck_cells(book: Any, sheet: Any, row: int) -> Iterator[tuple[int, Struck]]:
    """Yield column (from 0) and how much is struck of each cell that holds anything."""
    styles, fonts = book.xf_list, book.font_list

    def strikes(font: int) -> bool:
        # Some programs name styles and fonts that they do not write.
        return font < len(fonts) and bool(fonts[font].struck_out)

    for column, value in enumerate(sheet.row_values(row)):
        style = sheet.cell_xf_index(row, column)
        font = styles[style].font_index if style < len(styles) else len(fonts)
        if value != "":
            runs = [(0, font), *sheet.rich_text_runlist_map.get((row, column), ())]
            ends = [at for at, _ in runs[1:]] + [None]
            text = str(value)
            yield (
                column,
                how_struck(
                    (text[at:end], strikes(own)) for (at, own), end in zip(runs, ends, strict=True)
                ),
            )


def _texts(sheet: Any) -> Iterator[str]:
    for row in range(sheet.nrows):
        yield from (value for value in sheet.row_values(row) if isinstance(value, str))


def _value(kind: int, value: Any, datemode: int, decode: Any) -> CellValue:
    if kind == 1:
        return str(decode(value))
    if kind == 2:
        return float(value)
    if kind == 3:
        return _day(float(value), bool(datemode))
    if kind == 4:
        return bool(value)
    return ErrorValue(ERRORS.get(value, "#N/A")) if kind == 5 else None


def _day(serial: float, date1904: bool) -> date | datetime | time | float:
    return from_serial(serial, date1904)


ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
