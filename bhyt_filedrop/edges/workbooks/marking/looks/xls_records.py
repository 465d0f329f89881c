"""What xlrd passes over in the records of an xls sheet: its drop-downs and its print set-up."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bhyt_filedrop.domain.cells.grid import a1
from bhyt_filedrop.edges.workbooks.marking.looks.dress import DropDown, PageLook

_EOF, _SETUP, _FIT, _CENTRED, _RULE = 0x000A, 0x00A1, 0x0081, 0x0083, 0x01BE
_MARGINS = {0x0026: "left", 0x0027: "right", 0x0028: "top", 0x0029: "bottom"}
_PORTRAIT, _UNSET, _FIT_TO_PAGE = 0x0002, 0x0004, 0x0100
_LIST, _KIND, _INLINE = 3, 0x000F, 0x0080
_TEXT, _AREA, _AREA_ELSEWHERE = 0x17, 0x25, 0x3B


@dataclass(frozen=True, slots=True)
class XlsRest:
    """What the records of one sheet add."""

    offers: tuple[DropDown, ...] = ()
    page: PageLook | None = None


def read(book: Any, number: int) -> XlsRest:
    """Read the records of one sheet; of versions before 8 only the print set-up is told."""
    setup = b""
    fits, centred = False, False
    margins: dict[str, float] = {}
    offers: list[DropDown] = []
    for kind, data in _records(book.mem, book._sh_abs_posn[number]):
        if kind == _SETUP:
            setup = data
        elif kind == _FIT:
            fits = bool(struct.unpack_from("<H", data)[0] & _FIT_TO_PAGE)
        elif kind == _CENTRED:
            centred = bool(struct.unpack_from("<H", data)[0])
        elif kind in _MARGINS:
            margins[_MARGINS[kind]] = float(struct.unpack_from("<d", data)[0])
        elif kind == _RULE and book.biff_version >= 80:
            offers += _offers(data, book)
    return XlsRest(tuple(offers), _page(setup, margins, fits, centred))


def _records(stream: Any, at: int) -> Iterator[tuple[int, bytes]]:
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        at += 4
        if kind == _EOF:
            return
        yield kind, bytes(stream[at : at + size])
        at += size


def _page(setup: bytes, margins: dict[str, float], fits: bool, centred: bool) -> PageLook | None:
    if len(setup) < 12:
        return None
    paper, scale, _, wide, high, flags = struct.unpack_from("<6H", setup)
    set_up = not flags & _UNSET
    return PageLook(
        landscape=set_up and not flags & _PORTRAIT,
        paper=paper if set_up and 0 < paper < 119 else 9,
        scale=scale if set_up and 10 <= scale <= 400 else 100,
        fit=(wide, high) if fits else None,
        margins=margins,
        centred=centred,
    )


def _offers(data: bytes, book: Any) -> Iterator[DropDown]:
    """Yield the drop-down or the hint of one rule; what other rules forbid is left out."""
    (flags,) = struct.unpack_from("<L", data)
    texts, at = [], 4
    for _ in range(4):
        text, at = _string(data, at)
        texts.append(text)
    size = struct.unpack_from("<H", data, at)[0]
    formula = _formula(data[at + 4 : at + 4 + size], book, inline=bool(flags & _INLINE))
    at += 4 + size
    at += 4 + struct.unpack_from("<H", data, at)[0]
    where = " ".join(_areas(data, at))
    title, hint = (texts[n].strip("\0") for n in (0, 2))
    if where and (formula or hint):
        yield DropDown(where, formula if flags & _KIND == _LIST else "", title, hint)


def _string(data: bytes, at: int) -> tuple[str, int]:
    length, wide = struct.unpack_from("<HB", data, at)
    end = at + 3 + length * (2 if wide & 1 else 1)
    return data[at + 3 : end].decode("utf-16-le" if wide & 1 else "latin-1", "replace"), end


def _formula(tokens: bytes, book: Any, *, inline: bool) -> str:
    """Excel's own words for a list: its options, or the cells that hold them; "" = neither."""
    kind = tokens[0] if tokens else 0
    if kind == _TEXT:
        length, wide = tokens[1], tokens[2] & 1
        text = tokens[3:].decode("utf-16-le" if wide else "latin-1", "replace")[:length]
        options = text.replace("\0", ",") if inline else text
        return '"' + options.replace('"', '""') + '"'
    if kind & 0x1F == _AREA & 0x1F and len(tokens) >= 9:
        return _area(struct.unpack_from("<4H", tokens, 1))
    if kind & 0x1F == _AREA_ELSEWHERE & 0x1F and len(tokens) >= 11:
        first, last = _sheets_of(book, struct.unpack_from("<H", tokens, 1)[0])
        if first == last and 0 <= first < book.nsheets:
            name = book.sheet_names()[first].replace("'", "''")
            return f"'{name}'!{_area(struct.unpack_from('<4H', tokens, 3))}"
    return ""


def _sheets_of(book: Any, reference: int) -> tuple[int, int]:
    from xlrd.formula import get_externsheet_local_range

    first, last = get_externsheet_local_range(book, reference)
    return int(first), int(last)


def _area(corners: tuple[int, ...]) -> str:
    top, bottom, left, right = corners
    ends = (a1(row + 1, (column & 0xFF) + 1) for row, column in ((top, left), (bottom, right)))
    return ":".join(_fixed(end) for end in ends)


def _fixed(cell: str) -> str:
    letters = cell.rstrip("0123456789")
    return f"${letters}${cell[len(letters) :]}"


def _areas(data: bytes, at: int) -> Iterator[str]:
    (count,) = struct.unpack_from("<H", data, at)
    for n in range(count):
        top, bottom, left, right = struct.unpack_from("<4H", data, at + 2 + 8 * n)
        ends = a1(top + 1, left + 1), a1(bottom + 1, right + 1)
        yield ends[0] if ends[0] == ends[1] else ":".join(ends)
