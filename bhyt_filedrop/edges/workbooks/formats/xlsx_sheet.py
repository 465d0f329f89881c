"""The closer look at one xlsx sheet: a streaming pass over its XML that misses nothing.

Slower than calamine, but it sees errors, formulas that were never calculated, and hidden rows and
columns, and a stray cell in the last corner costs it nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from functools import lru_cache
from io import BytesIO

from lxml import etree

from bhyt_filedrop.domain.cells.grid import CellValue, ErrorValue
from bhyt_filedrop.edges.workbooks.child.problems import damaged
from bhyt_filedrop.edges.workbooks.formats.ooxml import parse_xml
from bhyt_filedrop.edges.workbooks.formats.serials import from_serial, is_date_format
from bhyt_filedrop.edges.workbooks.formats.sheet_builder import (
    SheetBuilder,
    day_or_moment,
)

_PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_RANGE = re.compile(r"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})")
_ESCAPED = re.compile(r"_x(?![Dd][89A-Fa-f]|[Ff]{3}[EeFf])([0-9A-Fa-f]{4})_")
"""But for what is no character: that stays as it is written, as calamine leaves it too."""


def elements(data: bytes, *tags: str) -> Iterator[etree._Element]:
    """Yield closed elements of these names one by one, forgetting each behind the caller."""
    events = etree.iterparse(
        BytesIO(data),
        events=("end",),
        tag=[f"{{*}}{tag}" for tag in tags],
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    for _, element in events:
        yield element
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]


def read_sheet(
    part: bytes,
    builder: SheetBuilder,
    strings: Sequence[str],
    dates: Sequence[bool],
    date1904: bool,
) -> None:
    """Read one sheet's XML into `builder`. Raises UnreadableError where it is not sound."""
    reader = _SheetReader(builder, strings, dates, date1904)
    try:
        for element in elements(part, "row", "col", "mergeCell"):
            reader.take(element)
    except (etree.XMLSyntaxError, ValueError, IndexError) as err:
        raise damaged() from err


class _SheetReader:
    """Where in the sheet the reading stands, and what values depend on."""

    def __init__(
        self,
        builder: SheetBuilder,
        strings: Sequence[str],
        dates: Sequence[bool],
        date1904: bool,
    ) -> None:
        self._builder = builder
        self._strings = strings
        self._dates = dates
        self._date1904 = date1904
        self._row = 0

    def take(self, element: etree._Element) -> None:
        """Take in a row, a range of columns or a merge."""
        name = etree.QName(element).localname
        if name == "row":
            self._take_row(element)
        elif name == "col":
            if _true(element.get("hidden")):
                first, last = int(element.get("min", "1")), int(element.get("max", "1"))
                self._builder.hide_columns(first, last - first + 1)
        else:
            self._take_merge(element.get("ref", ""))

    def _take_merge(self, ref: str) -> None:
        match = _RANGE.fullmatch(ref)
        if match:
            left, right = column_number(match[1]), column_number(match[3])
            top, low = int(match[2]), int(match[4])
            self._builder.merge(top, left, low - top + 1, right - left + 1)

    def _take_row(self, row: etree._Element) -> None:
        self._row = int(row.get("r") or self._row + 1)
        if _true(row.get("hidden")):
            self._builder.hide_rows(self._row)
        column = 0
        for cell in row:
            match = _PLACE.fullmatch(cell.get("r", ""))
            column = column_number(match[1]) if match else column + 1
            if len(cell):
                place = int(match[2]) if match else self._row
                self._builder.put(place, column, self._value(cell))

    def _value(self, cell: etree._Element) -> CellValue:
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            return unescape("".join(map(_rich_text, cell.iterchildren("{*}is"))))
        stored, formula = _stored(cell)
        if formula is not None and (stored is None or (not stored and kind != "str")):
            return ErrorValue(f"={formula}")
        if not stored:
            return ErrorValue("#N/A") if kind == "e" else None
        return self._typed(kind, stored, cell)

    def _typed(self, kind: str, stored: str, cell: etree._Element) -> CellValue:
        if kind == "s":
            return self._strings[int(stored)]
        if kind == "str":
            return unescape(stored)
        if kind == "e":
            return ErrorValue(stored)
        if kind == "b":
            return _true(stored.strip())
        if kind == "d":
            return _iso(stored.strip())
        return self._number(float(stored), int(cell.get("s") or 0))

    def _number(self, number: float, style: int) -> CellValue:
        if style < len(self._dates) and self._dates[style]:
            return from_serial(number, self._date1904)
        return number


def _true(text: str | None) -> bool:
    return text in ("1", "true")


def _stored(cell: etree._Element) -> tuple[str | None, str | None]:
    """Return the stored value and the formula of a cell; None for what it does not have."""
    stored = formula = None
    for child in cell:
        if child.tag.endswith("}v"):
            stored = child.text or ""
        elif child.tag.endswith("}f"):
            formula = child.text or ""
    return stored, formula


def _iso(text: str) -> date | datetime | time | str:
    bare = text.removesuffix("Z")
    try:
        return time.fromisoformat(bare) if "-" not in bare else iso_moment(bare)
    except ValueError:
        return text


def iso_moment(text: str) -> date | datetime:
    """Read `2014-05-14` or `2014-05-14T00:00:00.000`. Raises ValueError."""
    return day_or_moment(datetime.fromisoformat(text))


@lru_cache(maxsize=1024)
def column_number(letters: str) -> int:
    """Return the number of a column by its letters: `A` → 1, `XFD` → 16384."""
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    return number


def unescape(text: str) -> str:
    """Undo Excel's way to write what XML cannot hold: `_x000D_` is a carriage return."""
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)), text) if "_x" in text else text


def read_strings(part: bytes) -> list[str]:
    """Read the table of shared texts; readings of Asian characters are left out."""
    try:
        return [unescape(_rich_text(item)) for item in elements(part, "si")]
    except etree.XMLSyntaxError as err:
        raise damaged() from err


def _rich_text(item: etree._Element) -> str:
    return "".join(
        text.text or ""
        for text in item.iter("{*}t")
        if etree.QName(text.getparent()).localname != "rPh"
    )


def read_date_styles(part: bytes) -> list[bool]:
    """Read the cell styles: for each, whether it shows numbers as days or times."""
    root = parse_xml(part)
    codes = {
        int(element.get("numFmtId", "0")): element.get("formatCode", "")
        for element in root.iterfind("{*}numFmts/{*}numFmt")
    }
    ids = [int(xf.get("numFmtId") or 0) for xf in root.iterfind("{*}cellXfs/{*}xf")]
    return [is_date_format(number, codes.get(number)) for number in ids]
