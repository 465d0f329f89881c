"""One cell of an HTML table: its text as a browser shows it, its value, its reach."""

from __future__ import annotations

import re

from lxml import etree

from bhyt_filedrop.domain.cells.grid import CellValue, ErrorValue
from bhyt_filedrop.edges.workbooks.formats.struck import Struck, how_struck, runs_in

_SPACES = re.compile(r"[ \t\r\n\f]+")
_LINE_BREAK = "\x0b"
_AROUND_BREAK = re.compile(rf" *{_LINE_BREAK} *")
_BLOCKS = frozenset({"p", "div", "li", "tr", "h1", "h2", "h3", "h4"})
_UNSEEN = frozenset({"script", "style", "comment"})
"""LibreOffice saves what our annotated copies say of a cell as `<comment>` inside that cell."""
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_STRUCK = re.compile(r"line-through", re.IGNORECASE)
_STRUCK_TAGS = frozenset({"s", "strike", "del"})
_ERROR = re.compile(r"#(?:REF!|N/A|VALUE!|DIV/0!|NAME\?|NUM!|NULL!)")
_SHOWN_AS_NUMBER = re.compile(r"[-+]?(?:0|[1-9][\d.,\s\u00a0]*|0?[.,]\d+)(?:\s*[%₫đ])?")
_MAX_SPAN = 65_536


def tag_of(element: etree._Element) -> str:
    """Return an element's tag; "" for a comment or an instruction."""
    return element.tag if isinstance(element.tag, str) else ""


def is_hidden(element: etree._Element) -> bool:
    """Tell whether an element itself is not shown."""
    return bool(_HIDDEN.search(element.get("style", ""))) or element.get("hidden") is not None


def is_struck_through(element: etree._Element) -> bool:
    """Tell whether an element strikes its own text."""
    return bool(_STRUCK.search(element.get("style", ""))) or element.tag in _STRUCK_TAGS


def how_struck_through(cell: etree._Element) -> Struck:
    """Tell how much of what stands in a cell is struck through."""
    if not len(cell):
        return "whole" if is_struck_through(cell) else ""
    return how_struck(runs_in(cell, is_struck_through))


def span(element: etree._Element, name: str) -> int:
    """Return how many rows or columns an element reaches over; nonsense counts as one."""
    digits = re.match(r"\s*(\d{1,7})", element.get(name, ""))
    return min(max(int(digits[1]), 1), _MAX_SPAN) if digits else 1


def collapse(text: str) -> str:
    """Join runs of white space as a browser does; no-break spaces stay."""
    text = _SPACES.sub(" ", text).strip(" ")
    return _AROUND_BREAK.sub("\n", text).strip("\n") if _LINE_BREAK in text else text


def cell_value(cell: etree._Element) -> CellValue:
    """Return what a cell holds.

    Numbers and dates stay as they are shown, for Excel would read a day as the clerk's own
    settings say; only where the exporting program states the number behind is it taken.
    """
    text = collapse(_text(cell) if len(cell) else cell.text or "")
    if not text.strip():
        # `&nbsp;` alone is how HTML writes an empty cell with a border.
        return None
    if _ERROR.fullmatch(text):
        return ErrorValue(text)
    stated = cell.get("x:num", cell.get("sdval"))
    return text if stated is None else _number(stated, text)


def _number(stated: str, shown: str) -> CellValue:
    if not _SHOWN_AS_NUMBER.fullmatch(shown):
        return shown
    try:
        return float(stated or shown)
    except ValueError:
        return shown


def _text(element: etree._Element) -> str:
    pieces = [element.text or ""]
    for child in element:
        tag = tag_of(child)
        if tag == "br":
            pieces.append(_LINE_BREAK)
        elif tag and tag not in _UNSEEN and not is_hidden(child):
            inner = _text(child)
            pieces.append(f"{_LINE_BREAK}{inner}{_LINE_BREAK}" if tag in _BLOCKS else inner)
        pieces.append(child.tail or "")
    return "".join(pieces)
