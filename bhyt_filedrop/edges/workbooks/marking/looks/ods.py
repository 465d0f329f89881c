"""The looks of an ods or fods: its styles, drop-downs and pages, read from the XML."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from bhyt_filedrop.domain.cells.grid import a1
from bhyt_filedrop.edges.workbooks.formats.ooxml import open_zip, parse_xml, read_part
from bhyt_filedrop.edges.workbooks.marking.looks.dress import DropDown, SheetLook
from bhyt_filedrop.edges.workbooks.marking.looks.ods_styles import OdfStyles, attribute

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_PARTS = ("content.xml", "styles.xml", "settings.xml")
_MAX_UNPACKED = 512 * 2**20
_MOST_ROWS, _MOST_COLUMNS = 20_000, 256
_OPTIONS = re.compile(r"cell-content-is-in-list\((.*)\)\s*$", re.DOTALL)
_AREA = re.compile(
    r"\[?\$?(?:'?(?P<sheet>[^'\].]*)'?)?\.(?P<first>[$A-Z0-9]+):\.?(?P<last>[$A-Z0-9]+)\]?"
)


def looks(source: Path) -> dict[str, SheetLook]:
    """Return the looks of each sheet, by its name. Raises for files that do not hold together."""
    roots = _roots(source)
    styles = OdfStyles.of(roots)
    rules = {
        attribute(rule, "name"): rule for root in roots for rule in _all(root, "content-validation")
    }
    frozen = _frozen(roots)
    return {
        attribute(table, "name"): _Walk(styles, rules).look(table, frozen)
        for root in roots
        for table in root.iterfind(f".//{_TABLE}table")
    }


def _roots(source: Path) -> list[etree._Element]:
    data = source.read_bytes()
    if not zipfile.is_zipfile(source):
        return [parse_xml(data)]
    with open_zip(data, _MAX_UNPACKED) as package:
        return [
            parse_xml(read_part(package, name)) for name in _PARTS if name in package.NameToInfo
        ]


def _all(root: etree._Element, name: str) -> Iterator[etree._Element]:
    return root.iterfind(f".//{_TABLE}{name}")


def _frozen(roots: list[etree._Element]) -> Mapping[str, tuple[int, int]]:
    """Sheet → rows and columns that stand still, as the settings of its view say."""
    found: dict[str, tuple[int, int]] = {}
    for root in roots:
        for entry in root.iterfind(".//{*}config-item-map-entry"):
            items = {attribute(i, "name"): i.text or "" for i in entry.iterfind("{*}config-item")}
            down, across = (
                int(items.get(f"{way}SplitPosition", "0") or 0)
                if items.get(f"{way}SplitMode") == "2"
                else 0
                for way in ("Vertical", "Horizontal")
            )
            if down or across:
                found[attribute(entry, "name")] = (down, across)
    return found


@dataclass
class _Walk:
    """One table, row by row."""

    styles: OdfStyles
    rules: Mapping[str, etree._Element]
    cells: list[tuple[int, int, str]] = field(default_factory=list)
    widths: dict[int, float] = field(default_factory=dict)
    heights: dict[int, float] = field(default_factory=dict)
    offered: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    titles: list[int] = field(default_factory=list)
    defaults: dict[int, str] = field(default_factory=dict)

    def look(self, table: etree._Element, frozen: Mapping[str, tuple[int, int]]) -> SheetLook:
        """Walk the table; return what was found."""
        self._columns(table)
        self._rows(table)
        used = {style for _, _, style in self.cells}
        widest = max((column for _, column, _ in self.cells), default=0)
        page = self.styles.page_of(attribute(table, "style-name"))
        if page and self.titles:
            page.title_rows = (min(self.titles), max(self.titles))
        return SheetLook(
            {style: self.styles.cell(style) for style in used},
            tuple(self.cells),
            {column: width for column, width in self.widths.items() if column <= widest},
            self.heights,
            tuple(self._offers()),
            page,
            frozen.get(attribute(table, "name"), (0, 0)),
        )

    def _columns(self, table: etree._Element) -> None:
        at = 1
        for column in _own(table, "table-column"):
            count = _times(column, "columns")
            width = self.styles.width(attribute(column, "style-name"))
            default = attribute(column, "default-cell-style-name")
            for number in range(at, min(at + count, _MOST_COLUMNS + 1)):
                if width:
                    self.widths[number] = width
                self.defaults[number] = default
            at += count

    def _rows(self, table: etree._Element) -> None:
        at = 1
        for row in _own(table, "table-row"):
            count = _times(row, "rows")
            header = any(
                parent.tag == f"{_TABLE}table-header-rows" for parent in row.iterancestors()
            )
            height = self.styles.height(attribute(row, "style-name"))
            # Rows repeated to the end of the sheet hold nothing.
            for number in range(at, at + (count if count < _MOST_ROWS else 0)):
                if number > _MOST_ROWS:
                    return
                if height:
                    self.heights[number] = height
                if header:
                    self.titles.append(number)
                self._cells(row, number)
            at += count

    def _cells(self, row: etree._Element, number: int) -> None:
        at = 1
        for cell in row:
            if cell.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
                continue
            count = _times(cell, "columns")
            style, rule = (attribute(cell, n) for n in ("style-name", "content-validation-name"))
            for column in range(at, min(at + count, _MOST_COLUMNS + 1)):
                if count < _MOST_COLUMNS and (named := style or self.defaults.get(column, "")):
                    self.cells.append((number, column, named))
                if rule:
                    self.offered.setdefault(rule, []).append((number, column))
            at += count

    def _offers(self) -> Iterator[DropDown]:
        for name, places in self.offered.items():
            rule = self.rules.get(name)
            formula = _options(rule) if rule is not None else ""
            help_ = rule.find(f"{_TABLE}help-message") if rule is not None else None
            title = attribute(help_, "title") if help_ is not None else ""
            hint = "".join(map(str, help_.itertext())) if help_ is not None else ""
            if formula or hint:
                yield DropDown(" ".join(_ranges(places)), formula, title, hint)


def _own(table: etree._Element, name: str) -> Iterator[etree._Element]:
    """The table's own columns or rows, in groups and headers too, not those of a table in it."""
    for element in table.iter(f"{_TABLE}{name}"):
        parent = next(p for p in element.iterancestors() if p.tag == f"{_TABLE}table")
        if parent is table:
            yield element


def _times(element: etree._Element, what: str) -> int:
    repeated = element.get(f"{_TABLE}number-{what}-repeated", "1")
    return int(repeated) if repeated.isdigit() else 1


def _options(rule: etree._Element) -> str:
    """Excel's words for a list: its options, or the cells that hold them; "" for other rules."""
    found = _OPTIONS.search(attribute(rule, "condition"))
    if not found:
        return ""
    texts = re.findall(r'"((?:[^"]|"")*)"', found[1])
    if texts:
        return '"' + ",".join(text.replace('""', '"') for text in texts).replace('"', '""') + '"'
    area = _AREA.search(found[1])
    if not area:
        return ""
    sheet = (area["sheet"] or "").lstrip("$").strip("'").replace("'", "''")
    cells = f"{area['first']}:{area['last']}"
    return f"'{sheet}'!{cells}" if sheet else cells


def _ranges(places: list[tuple[int, int]]) -> Iterator[str]:
    """Yield places as ranges, cells below each other as one."""
    run: list[tuple[int, int]] = []
    for row, column in sorted(places, key=lambda place: (place[1], place[0])):
        if run and (row, column) != (run[-1][0] + 1, run[-1][1]):
            yield _range(run)
            run = []
        run.append((row, column))
    if run:
        yield _range(run)


def _range(run: list[tuple[int, int]]) -> str:
    first, last = a1(*run[0]), a1(*run[-1])
    return first if first == last else f"{first}:{last}"
