"""What is struck through in an xlsx: cell styles, and runs inside a text."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from bhyt_filedrop.edges.workbooks.formats.ooxml import parse_xml
from bhyt_filedrop.edges.workbooks.formats.struck import Struck, how_struck, is_struck
from bhyt_filedrop.edges.workbooks.formats.xlsx_sheet import column_number, elements

STRIKE = b"strike"
"""Stands in every part that strikes anything."""


@dataclass
class StruckCells:
    """The rows of one sheet of which most cells are struck through, and the cells (row, column) of
    whose text a part is."""

    rows: set[int] = field(default_factory=set)
    parts: set[tuple[int, int]] = field(default_factory=set)


def read_struck_styles(part: bytes) -> frozenset[int]:
    """Read which cell styles strike their text through."""
    root = parse_xml(part)
    struck = {n for n, font in enumerate(root.iterfind("{*}fonts/{*}font")) if _strikes(font)}
    styles = enumerate(root.iterfind("{*}cellXfs/{*}xf"))
    return frozenset(n for n, xf in styles if int(xf.get("fontId") or 0) in struck)


def read_struck_texts(part: bytes) -> Mapping[int, Struck]:
    """Read of which shared texts, by their number, something is struck through."""
    if STRIKE not in part:
        return {}
    told = ((n, how_struck(_runs(item))) for n, item in enumerate(elements(part, "si")))
    return {n: struck for n, struck in told if struck}


def find_struck(part: bytes, styles: Collection[int], texts: Mapping[int, Struck]) -> StruckCells:
    """Look over one sheet for what is struck through."""
    found, number = StruckCells(), 0
    if not (styles or texts or STRIKE in part):
        return found
    for row in elements(part, "row"):
        number = int(row.get("r") or number + 1)
        told, column = [], 0
        for cell in row:
            column = _column(cell) or column + 1
            if not len(cell):
                continue
            struck = _of_text(cell, texts)
            told.append(struck == "whole" or (not struck and int(cell.get("s") or 0) in styles))
            if struck == "part":
                found.parts.add((number, column))
        if is_struck(told):
            found.rows.add(number)
    return found


def _of_text(cell: etree._Element, texts: Mapping[int, Struck]) -> Struck:
    """How much of the text of a cell is struck by the text itself."""
    if cell.get("t") == "s":
        stored = cell.findtext("{*}v")
        return texts.get(int(stored), "") if stored and stored.strip().isdigit() else ""
    inline = cell.find("{*}is")
    return how_struck(_runs(inline)) if inline is not None else ""


def _runs(item: etree._Element) -> Iterator[tuple[str, bool]]:
    for run in item.iterfind("{*}r"):
        look = run.find("{*}rPr")
        yield run.findtext("{*}t") or "", look is not None and _strikes(look)


def _strikes(look: etree._Element) -> bool:
    element = look.find("{*}strike")
    return element is not None and element.get("val", "1") not in ("0", "false")


def _column(cell: etree._Element) -> int:
    letters = cell.get("r", "").rstrip("0123456789")
    return column_number(letters) if letters.isalpha() else 0
