"""Reading HTML tables under the name .xls, as hospital and insurance programs export them.

All that stands in one document is one sheet: text above a table, a title table, the data table and
the signatures below are stacked in the order a browser shows them.
"""

from __future__ import annotations

import email.policy
import re
from collections.abc import Iterator
from html import unescape

from lxml import etree

from bhyt_filedrop.domain.cells.grid import Sheet, Workbook
from bhyt_filedrop.edges.workbooks.child.problems import NOT_A_WORKBOOK, UnreadableError
from bhyt_filedrop.edges.workbooks.formats import active
from bhyt_filedrop.edges.workbooks.formats.html_cells import (
    cell_value,
    collapse,
    how_struck_through,
    is_hidden,
    is_struck_through,
    span,
    tag_of,
)
from bhyt_filedrop.edges.workbooks.formats.sheet_builder import Budget, SheetBuilder
from bhyt_filedrop.edges.workbooks.formats.struck import is_struck
from bhyt_filedrop.edges.workbooks.formats.text_csv import decode as decode_by_words
from bhyt_filedrop.edges.workbooks.sniffing.text_bytes import strip_marks, utf16_name

_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)
_SHEET_NAME = re.compile(r"<x:Name>([^<]{1,100})</x:Name>", re.IGNORECASE)
_CLOSING = re.compile(r"</(?:body|html)\s*>", re.IGNORECASE)
_SKIPPED = frozenset({"script", "style", "head", "title", "object", "noscript", "template"})
_INLINE = frozenset(
    {"a", "abbr", "b", "bdo", "big", "cite", "code", "em", "font", "i", "ins", "label", "nobr"}
    | {"s", "small", "span", "strong", "sub", "sup", "tt", "u"}
)
_OBJECTS = ("object", "embed", "applet")


def read(data: bytes, budget: Budget, max_unpacked: int) -> Workbook:
    """Read a document, or each document of a single-file web archive, into one sheet."""
    found: set[str] = set()
    sheets: list[Sheet] = []
    for text in _documents(data):
        sheet = _read_document(text, f"Sheet{len(sheets) + 1}", budget, found)
        if sheet is not None:
            sheets.append(sheet)
    if not sheets:
        raise UnreadableError(NOT_A_WORKBOOK, "no-table")
    return Workbook("html", tuple(sheets), active.kinds({*found, *active.of_texts(sheets)}))


def _documents(data: bytes) -> Iterator[str]:
    if data[:13].lower() != b"mime-version:":
        yield decode(data)
        return
    message = email.message_from_bytes(data, policy=email.policy.default)
    for part in message.walk():
        if part.get_content_type() == "text/html":
            content = part.get_payload(decode=True)
            yield decode(content if isinstance(content, bytes) else b"")


def decode(data: bytes) -> str:
    """Read the bytes of a document: by their mark, else by UTF-8, else by what it says of itself.

    UTF-8 goes first because programs that write it often leave an old charset in the head.
    """
    wide = utf16_name(data)
    if wide:
        return data.decode(wide, "replace").lstrip("\ufeff")
    bare = strip_marks(data)
    try:
        return bare.decode("utf-8")
    except UnicodeDecodeError:
        return _by_charset(bare)


def _by_charset(data: bytes) -> str:
    match = _CHARSET.search(data[:4096])
    name = match[1].decode("ascii").lower() if match else ""
    if name in ("utf-8", "utf8"):
        return data.decode("utf-8", "replace")
    # windows-1252 and -1258 are claimed over legacy fonts' codes alike: the words tell.
    return decode_by_words(data)


def _read_document(text: str, name: str, budget: Budget, found: set[str]) -> Sheet | None:
    root = _parse(text)
    if root is None or next(root.iter("table"), None) is None:
        return None
    if next(root.iter(*_OBJECTS), None) is not None:
        found.add(active.OBJECTS)
    if any(active.is_dde(cell.get("x:fmla", "")) for cell in root.iter("td")):
        found.add(active.DDE)
    own_name = _SHEET_NAME.search(text)
    stack = _Stack(SheetBuilder(unescape(own_name[1]) if own_name else name, budget))
    stack.walk(root)
    stack.flush()
    return stack.builder.build()


def _parse(text: str) -> etree._Element | None:
    # Two ways to lose children in silence: with its size limits on, the parser drops the rest of a
    # big table; and it drops what follows `</html>`, where some programs write the next sheet.
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True
    )
    clean = _CLOSING.sub("", text.replace("\0", "")).encode("utf-8", "replace")
    return etree.fromstring(clean, parser) if clean.strip() else None


class _Stack:
    """The sheet as it grows downwards."""

    def __init__(self, builder: SheetBuilder) -> None:
        self.builder = builder
        self._row = 0
        self._text: list[str] = []

    def walk(self, node: etree._Element) -> None:
        """Take in text and tables below a node, in document order."""
        self._text.append(node.text or "")
        for child in node:
            tag = tag_of(child)
            if tag == "table" and _holds_data(child):
                self.flush()
                self._take_table(child)
            elif tag in _INLINE:
                self.walk(child)
            elif tag and tag not in _SKIPPED:
                self.flush()
                self.walk(child)
                self.flush()
            self._text.append(child.tail or "")

    def flush(self) -> None:
        """Give the text gathered so far a row of its own."""
        text = collapse("".join(self._text))
        self._text.clear()
        if text.strip():
            self._row += 1
            self.builder.put(self._row, 1, text)

    def _take_table(self, table: etree._Element) -> None:
        self._hide_columns(table)
        taken: dict[int, int] = {}
        for row in _own(table, "tr"):
            self._row += 1
            if is_hidden(row):
                self.builder.hide_rows(self._row)
            taken = self._take_row(row, taken)

    def _hide_columns(self, table: etree._Element) -> None:
        column = 1
        for element in _own(table, "col"):
            width = span(element, "span")
            if is_hidden(element):
                self.builder.hide_columns(column, width)
            column += width

    def _take_row(self, row: etree._Element, taken: dict[int, int]) -> dict[int, int]:
        """Place one row's cells beside those that reach down from above.

        `taken` says for a column how many more rows are covered; the same for the next row is
        returned.
        """
        below = {column: left - 1 for column, left in taken.items() if left > 1}
        column, struck, whole = 0, list[bool](), is_struck_through(row)
        for cell in row.iterchildren("td", "th"):
            column += 1
            while column in taken:
                column += 1
            across, down = span(cell, "colspan"), span(cell, "rowspan")
            value = cell_value(cell)
            if value is not None:
                told = "whole" if whole else how_struck_through(cell)
                struck.append(told == "whole")
                if told == "part":
                    self.builder.struck_parts.add((self._row, column))
            self.builder.put(self._row, column, value)
            self.builder.merge(self._row, column, down, across)
            if down > 1:
                below.update(dict.fromkeys(range(column, column + across), down - 1))
            column += across - 1
        if is_struck(struck):
            self.builder.struck_rows.add(self._row)
        return below


def _own(table: etree._Element, tag: str) -> Iterator[etree._Element]:
    """Yield a table's own rows or columns, not those of tables inside its cells."""
    for child in table:
        name = tag_of(child)
        if name == tag:
            yield child
        elif name in ("thead", "tbody", "tfoot", "colgroup"):
            yield from child.iterchildren(tag)


def _holds_data(table: etree._Element) -> bool:
    """Tell a table of data from one that only lays out other tables on the page."""
    inner = [other for other in table.iter("table") if other is not table]
    if not inner:
        return True
    return _wide_rows(table) > max(map(_wide_rows, inner))


def _wide_rows(table: etree._Element) -> int:
    return sum(len(row) >= 3 for row in _own(table, "tr"))
