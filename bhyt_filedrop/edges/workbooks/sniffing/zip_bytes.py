"""What the first and last bytes of a zip say: which names it holds and whether it is whole.

Only the directory at the end is believed. Scanning for signatures would take the parts of a
workbook that lies uncompressed inside an ordinary zip for the zip's own parts.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_CENTRAL_HEADER = struct.Struct("<4s6H3L5H2L")
_END_RECORD = struct.Struct("<4s4H2LH")
_WHOLE_ZIP64 = 0xFFFFFFFF
_DEFLATED = 8
_ZIP64_RECORDS = 56 + 20
_PADDING = b"\0 \r\n\t\x1a"


@dataclass(frozen=True, slots=True)
class End:
    """The end record: where it lies in the tail, and how many bytes the directory before it has."""

    position: int
    directory_size: int


def end_record(tail: bytes) -> End | None:
    """Find the record that closes a zip; None where the file was cut off before it."""
    position = len(tail)
    while (position := tail.rfind(END, 0, position)) >= 0:
        found = _end_at(tail, position)
        if found is not None:
            return found
    return None


def _end_at(tail: bytes, position: int) -> End | None:
    if position + _END_RECORD.size > len(tail):
        return None
    fields = _END_RECORD.unpack_from(tail, position)
    size, comment = fields[5], fields[7]
    # Behind the comment only padding may follow, or a zip inside a cut-off zip would end it.
    behind = position + _END_RECORD.size + comment
    if behind > len(tail) or tail[behind:].strip(_PADDING):
        return None
    if size in (0, _WHOLE_ZIP64) or size > position:
        return End(position, size)
    for gap in (0, _ZIP64_RECORDS):
        if tail[position - gap - size :].startswith(CENTRAL):
            return End(position - gap, size)
    return None


def names(head: bytes, tail: bytes) -> tuple[str, ...]:
    """Return the names of the members, from the directory, else as far as `head` shows them."""
    end = end_record(tail)
    if end is not None and 0 < end.directory_size <= end.position:
        return tuple(_central_names(tail[end.position - end.directory_size : end.position]))
    return tuple(_local_names(head))


def _central_names(directory: bytes) -> Iterator[str]:
    at = 0
    while at + _CENTRAL_HEADER.size <= len(directory) and directory[at : at + 4] == CENTRAL:
        fields = _CENTRAL_HEADER.unpack_from(directory, at)
        name, extra, comment = fields[10:13]
        at += _CENTRAL_HEADER.size
        yield _text(directory[at : at + name])
        at += name + extra + comment


def _local_names(head: bytes) -> Iterator[str]:
    return (_text(name) for name, _, _ in _local_members(head))


def _local_members(head: bytes) -> Iterator[tuple[bytes, tuple[int, ...], int]]:
    """Yield name, header fields and where the data begins, as far as `head` shows members."""
    at = head.find(LOCAL)
    while at >= 0 and at + _LOCAL_HEADER.size <= len(head) and head[at : at + 4] == LOCAL:
        fields = _LOCAL_HEADER.unpack_from(head, at)
        flags, packed, name, extra = fields[2], fields[7], fields[9], fields[10]
        start = at + _LOCAL_HEADER.size
        end = start + name + extra + packed
        yield head[start : start + name], fields[1:], start + name + extra
        # Bit 3: written as a stream, the packed size comes only after the data.
        at = head.find(LOCAL, end) if flags & 8 else end


def _text(name: bytes) -> str:
    return name.decode("utf-8", "replace").replace("\\", "/").lstrip("/")


def mimetype(head: bytes) -> str:
    """Return what an OpenDocument file says of itself in its member `mimetype`.

    It should be the first and stored as it is; a file that was unzipped and zipped again has it
    packed, and SheetJS puts it third.
    """
    if head[:4] != LOCAL:
        return ""
    for name, fields, start in _local_members(head):
        if name == b"mimetype":
            return _content(head[start:], fields).decode("ascii", "replace")
    return ""


def _content(data: bytes, fields: tuple[int, ...]) -> bytes:
    """Return the first hundred bytes of a member."""
    size = fields[7]
    return _inflated(data) if fields[2] == _DEFLATED else data[: min(size or 100, 100)]


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, 100)
    except zlib.error:
        return b""
