"""Reading xlsb: calamine for the values; errors, merges and hidden parts from the records.

A sheet is a run of records: a type and a size, seven bits to a byte, then the body (MS-XLSB).
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO

from python_calamine import CalamineWorkbook

from bhyt_filedrop.domain.grid import CellValue, ErrorValue, Range, Sheet, Workbook
from bhyt_filedrop.edges.workbooks import active
from bhyt_filedrop.edges.workbooks.cells import Budget, Row, make_sheet, tidy_rows
from bhyt_filedrop.edges.workbooks.ooxml import (
    main_part,
    open_zip,
    read_part,
    relations,
    verify_shared,
)
from bhyt_filedrop.edges.workbooks.problems import damaged
from bhyt_filedrop.edges.workbooks.xls import ERRORS

_ROW, _COLUMNS, _MERGE, _BUNDLE_SHEET = 0, 60, 176, 156
_BOOK = "xl/workbook.bin"
_CELLS = frozenset(range(2, 12))
_ERROR_CELLS = frozenset({3, 11})


@dataclass(slots=True)
class _Facts:
    """What the records of one sheet say; places are counted from 0 as they stand there."""

    row: int = 0
    last_column: int = 0
    cells: int = 0
    errors: list[tuple[int, int, str]] = field(default_factory=list)
    merges: list[Range] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)


def records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield type and body of each record."""
    at, end = 0, len(data)
    while at < end:
        kind, at = _varint(data, at, 2)
        size, at = _varint(data, at, 4)
        yield kind, data[at : at + size]
        at += size


def _varint(data: bytes, at: int, longest: int) -> tuple[int, int]:
    value = 0
    for index in range(longest):
        if at >= len(data):
            raise damaged()
        byte = data[at]
        at += 1
        # The type keeps its continuation bit off the value just like the size.
        value |= (byte & 0x7F) << (7 * index)
        if not byte & 0x80:
            break
    return value, at


def read(data: bytes, budget: Budget, max_unpacked: int) -> Workbook:
    """Read every worksheet."""
    package = open_zip(data, max_unpacked)
    listed = tuple(_listed(package))
    facts = [_scan(read_part(package, part), budget) for _, part, _ in listed]
    verify_shared(package, main_part(package, _BOOK))
    book = CalamineWorkbook.from_filelike(BytesIO(data))
    sheets = tuple(
        _sheet(book, name, hidden, found, budget)
        for (name, _, hidden), found in zip(listed, facts, strict=True)
    )
    if not sheets:
        raise damaged()
    return Workbook("xlsb", sheets, active.of_package(package))


def _listed(package: zipfile.ZipFile) -> Iterator[tuple[str, str, bool]]:
    """Yield name, part and hidden of each worksheet, in order."""
    part = main_part(package, _BOOK)
    targets = {r.id: r.target for r in relations(package, part) if r.kind == "worksheet"}
    for kind, body in records(read_part(package, part)):
        if kind == _BUNDLE_SHEET:
            (state,) = struct.unpack_from("<L", body)
            relation, at = _wide_text(body, 8)
            name, _ = _wide_text(body, at)
            if relation in targets:
                yield name, targets[relation], state != 0


def _wide_text(body: bytes, at: int) -> tuple[str, int]:
    (length,) = struct.unpack_from("<L", body, at)
    if length == 0xFFFFFFFF:
        return "", at + 4
    end = at + 4 + 2 * length
    return body[at + 4 : end].decode("utf-16-le", "replace"), end


def _scan(part: bytes, budget: Budget) -> _Facts:
    facts = _Facts()
    last_row = 0
    for kind, body in records(part):
        if kind in _CELLS:
            column = body[0] | body[1] << 8
            facts.cells += 1
            last_row = max(last_row, facts.row)
            facts.last_column = max(facts.last_column, column)
            if kind in _ERROR_CELLS:
                facts.errors.append((facts.row, column, ERRORS.get(body[8], "#N/A")))
        else:
            _see(kind, body, facts)
    budget.check((last_row + 1) * (facts.last_column + 1))
    return facts


def _see(kind: int, body: bytes, facts: _Facts) -> None:
    if kind == _ROW:
        (facts.row,) = struct.unpack_from("<L", body)
        if body[11] & 0x10:
            facts.hidden_rows.add(facts.row + 1)
    elif kind == _COLUMNS:
        first, last = struct.unpack_from("<2L", body)
        if body[16] & 1:
            facts.hidden_columns.update(range(first + 1, min(last, 16383) + 2))
    elif kind == _MERGE:
        top, low, left, right = struct.unpack_from("<4L", body)
        facts.merges.append(Range(top + 1, left + 1, low + 1, right + 1))


def _sheet(book: CalamineWorkbook, name: str, hidden: bool, facts: _Facts, budget: Budget) -> Sheet:
    rows = tidy_rows(book.get_sheet_by_name(name).to_python(skip_empty_area=False))
    rows = _with_errors(rows, facts.errors)
    budget.spend(sum(map(len, rows)) + len(facts.merges))
    return make_sheet(
        name,
        rows,
        merges=facts.merges,
        hidden=hidden,
        hidden_rows=facts.hidden_rows,
        hidden_columns=facts.hidden_columns,
    )


def _with_errors(rows: tuple[Row, ...], errors: list[tuple[int, int, str]]) -> tuple[Row, ...]:
    if not errors:
        return rows
    height = max(len(rows), 1 + max(row for row, _, _ in errors))
    cells: list[list[CellValue]] = [list(row) for row in rows]
    cells.extend([] for _ in range(height - len(rows)))
    for row, column, text in errors:
        cells[row].extend([None] * (column + 1 - len(cells[row])))
        cells[row][column] = ErrorValue(text)
    return tuple(map(tuple, cells))
