"""Writes rar archives, versions 4 and 5, that store their members without packing them.

The containers are public (RARLAB's technote of version 5 and the format notes of version 4); only
packing needs WinRAR. `Item` says what a member claims of itself, truthfully or not.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

MAGIC_4, MAGIC_5 = b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00"
_WINDOWS, _UNIX = 2, 3


@dataclass(frozen=True)
class Item:
    """One member; what is left out is told truthfully."""

    name: str
    data: bytes = b""
    raw_name: bytes | None = None
    """The name's bytes as they stand there; version 4 marks them as no Unicode then."""
    folder: bool = False
    link: str = ""
    locked: bool = False
    claimed_size: int | None = None
    crc: int | None = None
    goes_on: bool = False
    """The rest of the member lies in the next volume."""

    @property
    def size(self) -> int:
        """The unpacked size that the header states."""
        return len(self.data) if self.claimed_size is None else self.claimed_size

    @property
    def sum(self) -> int:
        """The checksum that the header states."""
        return zlib.crc32(self.data) if self.crc is None else self.crc


def items(members: Mapping[str, bytes]) -> list[Item]:
    """Honest members."""
    return [Item(name, data) for name, data in members.items()]


# --- version 5 -------------------------------------------------------------------------------


def rar5(members: Iterable[Item], *, volume: bool = False, locked: bool = False) -> bytes:
    """Write version 5. `volume`: the first of several; `locked`: even the names are encrypted."""
    front = MAGIC_5
    if locked:
        front += _block5(4, 0, b"\0\0" + b"\x0f" + bytes(16))
    front += _block5(1, 0, varint(int(volume)))
    return front + b"".join(map(_file5, members)) + _block5(5, 4, varint(int(volume)))


def _file5(item: Item) -> bytes:
    spelt = item.name.encode() if item.raw_name is None else item.raw_name
    data = b"" if item.link else item.data
    body = varint(int(item.folder) | (0 if item.folder else 4)) + varint(item.size)
    body += varint(0o040755 if item.folder else 0o100644)
    body += b"" if item.folder else struct.pack("<L", item.sum)
    body += varint(0) + varint(1) + varint(len(spelt)) + spelt
    extra = b"".join(_extra5(kind, content) for kind, content in _extras5(item))
    flags = (1 if extra else 0) | 2 | (0x10 if item.goes_on else 0)
    sizes = (varint(len(extra)) if extra else b"") + varint(len(data))
    return _block5(2, flags, sizes + body + extra) + data


def _extras5(item: Item) -> Iterable[tuple[int, bytes]]:
    if item.locked:
        yield 1, varint(0) + varint(0) + b"\x0f" + bytes(16) + bytes(16)
    if item.link:
        target = item.link.encode()
        yield 5, varint(1) + varint(0) + varint(len(target)) + target


def _extra5(kind: int, content: bytes) -> bytes:
    body = varint(kind) + content
    return varint(len(body)) + body


def _block5(kind: int, flags: int, body: bytes) -> bytes:
    head = varint(kind) + varint(flags) + body
    sized = varint(len(head)) + head
    return struct.pack("<L", zlib.crc32(sized)) + sized


def varint(value: int) -> bytes:
    """Write a number seven bits to a byte."""
    out = bytearray()
    while True:
        value, low = value >> 7, value & 0x7F
        out.append(low | (0x80 if value else 0))
        if not value:
            return bytes(out)


# --- version 4 -------------------------------------------------------------------------------


def rar4(members: Iterable[Item], *, volume: bool = False, locked: bool = False) -> bytes:
    """Write version 4, as WinRAR did until 2013 and still does on request."""
    flags = (0x0111 if volume else 0) | (0x80 if locked else 0)
    front = MAGIC_4 + _block4(0x73, flags, bytes(6))
    return front + b"".join(map(_file4, members)) + _block4(0x7B, 0x4001 if volume else 0x4000)


def _file4(item: Item) -> bytes:
    spelt, is_unicode = _name4(item)
    data = item.link.encode() if item.link else item.data
    flags = 0x8000 | (0x200 if is_unicode else 0) | (4 if item.locked else 0)
    flags |= (0xE0 if item.folder else 0) | (2 if item.goes_on else 0)
    mode = 0o120777 if item.link else 0o040755 if item.folder else 0x20
    body = struct.pack(
        "<LLBLLBBHL",
        len(data),
        len(data) if item.link else item.size,
        _UNIX if item.link or item.folder else _WINDOWS,
        zlib.crc32(data) if item.link else item.sum,
        0x46EE0000,
        29 if item.locked else 20,
        0x30,
        len(spelt),
        mode,
    )
    salt = bytes(8) if item.locked else b""
    if item.locked:
        flags |= 0x400
    return _block4(0x74, flags, body + spelt + salt) + data


def _name4(item: Item) -> tuple[bytes, bool]:
    """Return a name's bytes, and whether they are marked as Unicode."""
    if item.raw_name is not None:
        return item.raw_name, False
    if item.name.isascii():
        return item.name.encode(), False
    # The name in the machine's code page, then the same in 16 bits, four letters to a mark.
    wide = item.name.encode("utf-16-le")
    packed = b"".join(b"\xaa" + wide[at : at + 8] for at in range(0, len(wide), 8))
    return item.name.encode("cp1258", "replace") + b"\0\0" + packed, True


def _block4(kind: int, flags: int, body: bytes = b"") -> bytes:
    head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
    return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head
