"""The records of an xlsb (MS-XLSB) and the few tables that cells refer to.

A part is a run of records: a type and a size, seven bits to a byte, then the body.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from bhyt_filedrop.edges.workbooks.child.problems import damaged
from bhyt_filedrop.edges.workbooks.formats.serials import is_date_format

_TEXT_ITEM, _FORMAT, _STYLE, _STYLES_BEGIN, _STYLES_END = 19, 44, 47, 617, 618
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


def date_styles(part: bytes) -> list[bool]:
    """Read the cell styles: for each, whether it shows numbers as days or times."""
    codes: dict[int, str] = {}
    ids: list[int] = []
    of_cells = False
    for kind, body in records(part):
        if kind == _FORMAT:
            codes[struct.unpack_from("<H", body)[0]] = wide_text(body, 2)[0]
        elif kind in (_STYLES_BEGIN, _STYLES_END):
            of_cells = kind == _STYLES_BEGIN
        elif kind == _STYLE and of_cells:
            ids.append(struct.unpack_from("<H", body, 2)[0])
    return [is_date_format(number, codes.get(number)) for number in ids]
