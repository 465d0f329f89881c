"""Reading xlsx and xlsm: calamine for the values, a closer look where calamine keeps silent.

calamine gives `""` for an error cell and for a formula without a stored value, a text for a day
that is written out (`t="d"`), and aborts the process over one stray cell in the last corner. Each
sheet is scanned for these first; only a sheet that has one of them is read by the slower reader of
`xlsx_sheet`. What is hidden, of which calamine knows nothing either, the scan itself finds.
"""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from io import BytesIO

from lxml import etree
from python_calamine import CalamineSheet, CalamineWorkbook

from bhyt_filedrop.domain.cells.grid import Sheet, Workbook
from bhyt_filedrop.edges.workbooks.child.problems import UnreadableError, damaged, unsafe
from bhyt_filedrop.edges.workbooks.formats import active, xlsx_sheet, xlsx_struck
from bhyt_filedrop.edges.workbooks.formats.merging import ranges
from bhyt_filedrop.edges.workbooks.formats.ooxml import (
    main_part,
    open_zip,
    parse_xml,
    read_part,
    relations,
    verify_shared,
)
from bhyt_filedrop.edges.workbooks.formats.sheet_builder import (
    MAX_COLUMN,
    MAX_SHEETS,
    Budget,
    SheetBuilder,
    make_sheet,
    tidy_rows,
)
from bhyt_filedrop.edges.workbooks.formats.struck import Struck

_DENSE = 4_000_000
# No pattern looks past the next `<`: over tags that never close each would run to the end.
_ROW = re.compile(rb'<row[^<>]*?\sr="(\d+)"')
_WIDE_COLUMN = re.compile(rb' r="([A-Z]{2,3})\d')
_UNCOMPUTED = re.compile(
    rb"<f(?:\s[^<>]*)?(?:/>|>[^<]*</f>)\s*(?:</c>|<v\s*/>|<v>\s*</v>)", re.DOTALL
)
_PROMISED = re.compile(rb'(?:uniqueCount|count)="(\d+)"')
_ENDS = (b"</sheetData>", b"<sheetData/>", b"<sheetData />")
# Each begins with letters to look for: a choice of beginnings would cost five times as much.
_CLOSER = (
    re.compile(rb't="[ed]"'),
    re.compile(rb"hidden='"),
    re.compile(rb"t='[ed]'"),
    # calamine takes a number with blanks around it for a text.
    re.compile(rb"<v>[ \n\r\t]"),
)
_HIDDEN_ROW = re.compile(rb'<row(?=[^<>]*?\shidden="(?:1|true)")[^<>]*?\sr="(\d+)"')
_HIDDEN_COLUMN = re.compile(rb'<col(?=\s[^<>]*?\shidden="(?:1|true)")\s[^<>]*>')
_REACH = re.compile(rb'\s(min|max)="(\d+)"')


@dataclass(frozen=True, slots=True)
class _Listed:
    """One sheet as the workbook lists it."""

    name: str
    part: str
    hidden: bool


@dataclass
class _Package:
    """One open package, its parts read when first wanted."""

    data: bytes
    package: zipfile.ZipFile
    part: str
    root: etree._Element
    budget: Budget
    calls_program: bool = False

    @property
    def date1904(self) -> bool:
        """True where days are counted from 1904."""
        properties = self.root.find("{*}workbookPr")
        return properties is not None and properties.get("date1904", "0") in ("1", "true")

    @cached_property
    def calamine(self) -> CalamineWorkbook:
        """The same file, opened by calamine, which makes room for as many texts as are promised.

        Raises ValueError where more are promised than could be there.
        """
        verify_shared(self.package, self.part)
        texts = self._part_of_kind("sharedStrings") or b""
        if max(map(int, _PROMISED.findall(texts[:2048])), default=0) > len(texts):
            raise ValueError("the table of texts promises more than it holds")
        return CalamineWorkbook.from_filelike(BytesIO(self.data))

    @cached_property
    def strings(self) -> list[str]:
        """The shared texts."""
        part = self._part_of_kind("sharedStrings")
        return xlsx_sheet.read_strings(part) if part else []

    @cached_property
    def dates(self) -> list[bool]:
        """For each cell style, whether it shows a day or time."""
        part = self._part_of_kind("styles")
        return xlsx_sheet.read_date_styles(part) if part else []

    @cached_property
    def struck(self) -> frozenset[int]:
        """The cell styles that strike text through."""
        part = self._part_of_kind("styles")
        return xlsx_struck.read_struck_styles(part) if part else frozenset()

    @cached_property
    def struck_texts(self) -> Mapping[int, Struck]:
        """The shared texts of which something is struck through, by their numbers."""
        part = self._part_of_kind("sharedStrings")
        return xlsx_struck.read_struck_texts(part) if part else {}

    def _part_of_kind(self, kind: str) -> bytes | None:
        for relation in relations(self.package, self.part):
            if relation.kind == kind and relation.target in self.package.NameToInfo:
                return read_part(self.package, relation.target)
        return None

    @cached_property
    def repeated_names(self) -> frozenset[str]:
        """Names that several sheets have: calamine, asked by name, gives the first."""
        names = Counter(str(s.get("name")) for s in self.root.iterfind("{*}sheets/{*}sheet"))
        return frozenset(name for name, count in names.items() if count > 1)

    def sheets(self) -> Iterator[_Listed]:
        """Yield the worksheets in the workbook's order; charts and dialogs are none."""
        targets = {relation.id: relation for relation in relations(self.package, self.part)}
        for element in self.root.iterfind("{*}sheets/{*}sheet"):
            names = [str(key) for key in element.keys() if str(key).endswith("}id")]  # noqa: SIM118
            relation = targets.get(str(element.get(names[0]))) if names else None
            if relation is not None and relation.kind == "worksheet":
                hidden = element.get("state", "visible") != "visible"
                yield _Listed(element.get("name", ""), relation.target, hidden)


def read(data: bytes, budget: Budget, max_unpacked: int) -> Workbook:
    """Read an xlsx or xlsm; `format` says which by whether it carries a macro project."""
    package = open_zip(data, max_unpacked)
    part = main_part(package, "xl/workbook.xml")
    book = _Package(data, package, part, parse_xml(read_part(package, part)), budget)
    listed = tuple(book.sheets())
    if len(listed) > MAX_SHEETS:
        raise unsafe("sheets")
    sheets = tuple(_read_sheet(book, one) for one in listed)
    if not sheets:
        raise damaged()
    names = package.namelist()
    kind = "xlsm" if any(name.endswith("vbaProject.bin") for name in names) else "xlsx"
    found = active.kinds(active.of_package(package), dde=book.calls_program)
    return Workbook(kind, sheets, found)


def _read_sheet(book: _Package, listed: _Listed) -> Sheet:
    part = read_part(book.package, listed.part)
    sheet = _read_cells(book, listed, part)
    struck = _find_struck(book, part)
    return replace(
        sheet,
        struck_rows=frozenset(row for row in struck.rows if row <= len(sheet.rows)),
        struck_parts=frozenset(one for one in struck.parts if sheet.value(*one) is not None),
    )


def _find_struck(book: _Package, part: bytes) -> xlsx_struck.StruckCells:
    try:
        return xlsx_struck.find_struck(part, book.struck, book.struck_texts)
    except (etree.XMLSyntaxError, ValueError, UnreadableError):
        # What calamine could read is worth more than how it is drawn.
        return xlsx_struck.StruckCells()


def _read_cells(book: _Package, listed: _Listed, part: bytes) -> Sheet:
    book.calls_program |= active.calls_program(part)
    size = _box(part)
    book.budget.check(part.count(b"<c "))
    closely = _needs_closer_look(part) or listed.name in book.repeated_names
    if closely or size > min(_DENSE, book.budget.left):
        return _closely(book, listed, part)
    try:
        sheet = book.calamine.get_sheet_by_name(listed.name)
        return _by_calamine(book, listed, sheet, part)
    except (MemoryError, KeyboardInterrupt, SystemExit, UnreadableError):
        raise
    except BaseException:
        # calamine refuses, or panics over, some files that other programs open.
        return _closely(book, listed, part)


def _needs_closer_look(part: bytes) -> bool:
    if not any(end in part for end in _ENDS):
        # A prefix on every name, another encoding, or XML that breaks off.
        return True
    if any(sign.search(part) for sign in _CLOSER) or _UNCOMPUTED.search(part):
        return True
    return part.count(b"<c ") != part.count(b'<c r="')


def _box(part: bytes) -> int:
    """Return how many cells the sheet would have if none were left out."""
    last_row = max(map(int, _ROW.findall(part)), default=part.count(b"<row"))
    letters = max(map(_column_number, set(_WIDE_COLUMN.findall(part))), default=26)
    return last_row * letters


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number


def _closely(book: _Package, listed: _Listed, part: bytes) -> Sheet:
    builder = SheetBuilder(listed.name, book.budget, listed.hidden)
    xlsx_sheet.read_sheet(part, builder, book.strings, book.dates, book.date1904)
    return builder.build()


def _by_calamine(book: _Package, listed: _Listed, sheet: CalamineSheet, part: bytes) -> Sheet:
    end = sheet.end
    if end is not None:
        book.budget.spend((end[0] + 1) * (end[1] + 1))
    rows = tidy_rows(sheet.to_python(skip_empty_area=False))
    return make_sheet(
        listed.name,
        rows,
        merges=ranges(sheet, book.budget),
        hidden=listed.hidden,
        hidden_rows=map(int, _HIDDEN_ROW.findall(part)),
        hidden_columns=_hidden_columns(part),
    )


def _hidden_columns(part: bytes) -> Iterator[int]:
    for element in _HIDDEN_COLUMN.findall(part.partition(b"<sheetData")[0]):
        reach = {name: int(number) for name, number in _REACH.findall(element)}
        yield from range(reach.get(b"min", 1), min(reach.get(b"max", 1), MAX_COLUMN) + 1)
