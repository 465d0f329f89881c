"""The records of an xlsb (MS-XLSB) and the few tables that cells refer to.

A part is a run of records: a type and a size, seven bits to a byte, then the body.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator, Mapping

from bhyt_filedrop.edges.workbooks.child.problems import damaged
from bhyt_filedrop.edges.workbooks.formats.serials import is_date_format
from bhyt_filedrop.edges.workbooks.formats.struck import Struck, how_struck

_TEXT_ITEM, _FONT, _FORMAT, _STYLE, _STYLES_BEGIN, _STYLES_END = 19, 43, 44, 47, 617, 618
_STRUCK_OUT = 0x08
_NO_TEXT = 0xFFFFFFFF


def records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield type and body of each record. Raises UnreadableError where a record breaks off."""
    at, end = 0, len(data)
    while at < end:
        kind, at = _varint(data, at, 2)
        size, at = _varint(data, at, 4)
        if at + size > end:
            raise damaged()
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


def wide_text(body: bytes, at: int) -> tuple[str, int]:
    """Return the text that begins at a place, and where it ends."""
    (length,) = struct.unpack_from("<L", body, at)
    if length == _NO_TEXT:
        return "", at + 4
    end = at + 4 + 2 * length
    if end > len(body):
        raise damaged()
    return body[at + 4 : end].decode("utf-16-le", "replace"), end


def shared_texts(part: bytes) -> list[str]:
    """Read the table of shared texts; their fonts are left out."""
    return [wide_text(body, 1)[0] for kind, body in records(part) if kind == _TEXT_ITEM]


def struck_texts(part: bytes, fonts: Collection[int]) -> Mapping[int, Struck]:
    """Read of which shared texts, by their number, something is struck through by some fonts."""
    items = (body for kind, body in records(part) if kind == _TEXT_ITEM)
    told = ((n, struck_in(body, fonts)) for n, body in enumerate(items)) if fonts else ()
    return {n: struck for n, struck in told if struck}


def struck_in(body: bytes, fonts: Collection[int]) -> Struck:
    """Tell how much of a rich text is struck through by its runs, each with a font of its own."""
    text, end = wide_text(body, 1)
    if not body[0] & 1 or len(body) < end + 4:
        return ""
    (count,) = struct.unpack_from("<L", body, end)
    runs = list(struct.iter_unpack("<2H", body[end + 4 : end + 4 + 4 * count]))
    starts = [0, *(at for at, _ in runs)]
    ends = [*(at for at, _ in runs), len(text)]
    struck = [False, *(font in fonts for _, font in runs)]
    return how_struck((text[a:b], one) for a, b, one in zip(starts, ends, struck, strict=True))


def struck_fonts(part: bytes) -> frozenset[int]:
    """Read which fonts strike their text through."""
    fonts = (body for kind, body in records(part) if kind == _FONT)
    return frozenset(n for n, body in enumerate(fonts) if len(body) > 2 and body[2] & _STRUCK_OUT)


def struck_styles(part: bytes, fonts: Collection[int]) -> frozenset[int]:
    """Read which cell styles have one of some fonts."""
    styles = (struct.unpack_from("<H", body, 4)[0] for body in _cell_styles(part))
    return frozenset(n for n, font in enumerate(styles) if font in fonts)


def _cell_styles(part: bytes) -> Iterator[bytes]:
    of_cells = False
    for kind, body in records(part):
        if kind in (_STYLES_BEGIN, _STYLES_END):
            of_cells = kind == _STYLES_BEGIN
        elif kind == _STYLE and of_cells:
            yield body


def date_styles(part: bytes) -> list[bool]:
    """Read the cell styles: for each, whether it shows numbers as days or times."""
    formats = (body for kind, body in records(part) if kind == _FORMAT)
    codes = {struct.unpack_from("<H", body)[0]: wide_text(body, 2)[0] for body in formats}
    ids = [struct.unpack_from("<H", body, 2)[0] for body in _cell_styles(part)]
    return [is_date_format(number, codes.get(number)) for number in ids]
