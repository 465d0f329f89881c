"""Reading csv and tsv: every value is text, as a file of text holds no other kind."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from io import StringIO

from bhyt_filedrop.domain.cells.grid import Workbook
from bhyt_filedrop.edges.workbooks.child.problems import unsafe
from bhyt_filedrop.edges.workbooks.formats import active
from bhyt_filedrop.edges.workbooks.formats.sheet_builder import Budget, SheetBuilder
from bhyt_filedrop.edges.workbooks.formats.single_byte import decode as decode_single_byte
from bhyt_filedrop.edges.workbooks.sniffing.text_bytes import strip_marks, utf16_name

_DELIMITERS = ",;\t|"
_HINT = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_SHEET_NAME = "Sheet1"


def read(data: bytes, budget: Budget, max_unpacked: int) -> Workbook:
    """Read one table of text into one sheet."""
    text = decode(data)
    hint = _HINT.match(text)
    delimiter = hint[1] if hint else guess_delimiter(text)
    builder = SheetBuilder(_SHEET_NAME, budget)
    for row, values in enumerate(_rows(text[hint.end() :] if hint else text, delimiter), start=1):
        for column, value in enumerate(values, start=1):
            builder.put(row, column, value)
    sheets = (builder.build(),)
    return Workbook("csv", sheets, active.of_texts(sheets))


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(2**24)
    try:
        yield from csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as err:
        raise unsafe("cells") from err


def decode(data: bytes) -> str:
    """Read bytes as UTF-16 or UTF-8 where they are that, else as what its words make likely."""
    wide = utf16_name(data)
    if wide:
        return data.decode(wide, "replace").lstrip("\ufeff")
    bare = strip_marks(data).rstrip(b"\x1a\x00")
    try:
        return bare.decode("utf-8")
    except UnicodeDecodeError:
        text = bare.decode("latin-1")
        return decode_single_byte(text.splitlines())(text)


def guess_delimiter(text: str) -> str:
    """Return the mark that cuts most lines into the same number of columns.

    Marks between quotes do not count; a comma inside addresses makes uneven lines.
    """
    lines = [re.sub(r'"[^"]*"', "", line) for line in text.splitlines()[:200]]
    return max(_DELIMITERS, key=lambda mark: _evenness(lines, mark))


def _evenness(lines: list[str], mark: str) -> tuple[int, int]:
    counts = [count for line in lines if (count := line.count(mark))]
    common = max(set(counts), key=counts.count, default=0)
    return counts.count(common) * common, len(counts)
