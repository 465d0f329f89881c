"""What goes between the daemon and its reading child: typed values in msgpack, length first.

The child parsed hostile bytes, so nothing of it is ever unpickled: what does not decode into
exactly these types is refused.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

import msgspec
from msgspec.msgpack import Ext

from bhyt_filedrop.domain.cells.grid import CellValue, ErrorValue, Range, Sheet

LENGTH = struct.Struct(">Q")

_Cell = float | str | bool | Ext | None
_ERROR, _DATE, _DATETIME, _TIME = 1, 2, 3, 4


class Ask(msgspec.Struct, array_like=True):
    """One job for the child: `read` a file of a known format, or `unpack` one into a folder."""

    job: str
    path: bytes
    format: str
    max_cells: int
    max_unpacked: int
    seconds: float
    into: bytes = b""


class WireSheet(msgspec.Struct, array_like=True):
    """A sheet on its way; rows hold days, times and errors as extension values."""

    name: str
    rows: tuple[tuple[_Cell, ...], ...]
    merges: tuple[tuple[int, int, int, int], ...]
    hidden: bool
    hidden_rows: frozenset[int]
    hidden_columns: frozenset[int]
    struck_rows: frozenset[int] = frozenset()
    struck_parts: frozenset[tuple[int, int]] = frozenset()


class WireAnswer(msgspec.Struct, array_like=True):
    """What became of a job; `problem` is "" or a word of `problems`, `why` its reason."""

    problem: str = ""
    why: str = ""
    format: str = ""
    sheets: tuple[WireSheet, ...] = ()
    active: tuple[str, ...] = ()
    members: tuple[tuple[str, str], ...] = ()
    """Name inside the archive, name of the file it was unpacked to."""
    retire: bool = False
    """The child has done enough, or grown too big, and wants to be replaced."""


_NO_TEXT = re.compile("[\ud800-\udfff\ufffe\uffff]")
_NO_CHARACTERS = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")
"""U+FFFE and U+FFFF in UTF-8. A number's bytes may look so too: then nothing is found to change."""

_encoder = msgspec.msgpack.Encoder()
_asks = msgspec.msgpack.Decoder(Ask)
_answers = msgspec.msgpack.Decoder(WireAnswer)


def encode(message: Ask | WireAnswer) -> bytes:
    """Make the bytes of one message, its length before it."""
    try:
        body = _encoder.encode(message)
    except UnicodeEncodeError:
        body = _NO_CHARACTERS[0]
    if any(spelt in body for spelt in _NO_CHARACTERS):
        body = _encoder.encode(_as_text(message))
    return framed(body)


def framed(body: bytes) -> bytes:
    """Put its length before a message."""
    return LENGTH.pack(len(body)) + body


def _as_text(value: Any) -> Any:
    """Put a question mark for what is no character: neither UTF-8 nor XML nor a mail takes it."""
    if isinstance(value, str):
        return _NO_TEXT.sub("?", value)
    if isinstance(value, tuple):
        return tuple(map(_as_text, value))
    if isinstance(value, msgspec.Struct):
        return tuple(_as_text(getattr(value, name)) for name in value.__struct_fields__)
    if isinstance(value, Ext):
        return Ext(value.code, _NO_TEXT.sub("?", bytes(value.data).decode()).encode())
    return value


def decode_ask(body: bytes) -> Ask:
    """Read a job. Raises msgspec.DecodeError or msgspec.ValidationError."""
    return _asks.decode(body)


def decode_answer(body: bytes) -> WireAnswer:
    """Read an answer. Raises msgspec.DecodeError or msgspec.ValidationError."""
    return _answers.decode(body)


def pack_sheet(sheet: Sheet) -> WireSheet:
    """Make a sheet ready to be sent."""
    return WireSheet(
        sheet.name,
        tuple(map(_pack_row, sheet.rows)),
        tuple((m.first_row, m.first_column, m.last_row, m.last_column) for m in sheet.merges),
        sheet.hidden,
        sheet.hidden_rows,
        sheet.hidden_columns,
        sheet.struck_rows,
        sheet.struck_parts,
    )


_ODD = frozenset({ErrorValue, datetime, date, time})


def _pack_row(row: tuple[CellValue, ...]) -> tuple[_Cell, ...]:
    if _ODD.isdisjoint(map(type, row)):
        return row  # type: ignore[return-value]
    return tuple([_pack(value) if value.__class__ in _ODD else value for value in row])  # type: ignore[misc]


def _pack(value: CellValue) -> _Cell:
    if isinstance(value, ErrorValue):
        return Ext(_ERROR, value.text.encode("utf-8", "replace"))
    if isinstance(value, datetime):
        return Ext(_DATETIME, value.isoformat().encode())
    if isinstance(value, date):
        return Ext(_DATE, value.isoformat().encode())
    if isinstance(value, time):
        return Ext(_TIME, value.isoformat().encode())
    return value


def unpack_sheets(sheets: Iterable[WireSheet]) -> tuple[Sheet, ...]:
    """Make sheets of what came. Raises ValueError where an extension value is none of ours."""
    return tuple(map(_unpack_sheet, sheets))


def _unpack_sheet(sheet: WireSheet) -> Sheet:
    return Sheet(
        sheet.name,
        tuple(map(_unpack_row, sheet.rows)),
        tuple(Range(*bounds) for bounds in sheet.merges),
        sheet.hidden,
        sheet.hidden_rows,
        sheet.hidden_columns,
        sheet.struck_rows,
        sheet.struck_parts,
    )


def _unpack_row(row: tuple[_Cell, ...]) -> tuple[CellValue, ...]:
    if Ext not in map(type, row):
        return row  # type: ignore[return-value]
    return tuple([_unpack(cell) if isinstance(cell, Ext) else cell for cell in row])


def _unpack(cell: Ext) -> CellValue:
    text = bytes(cell.data).decode()
    if cell.code == _ERROR:
        return ErrorValue(text)
    if cell.code == _DATE:
        return date.fromisoformat(text)
    if cell.code == _DATETIME:
        return datetime.fromisoformat(text)
    if cell.code == _TIME:
        return time.fromisoformat(text)
    raise ValueError("an answer holds an unknown kind of value")
