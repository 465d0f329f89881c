"""What the first and last bytes of an OLE container (xls, doc, encrypted xlsx) say.

The header names the sectors that must exist, and the sector table those in use, so a file that
was cut off shows it without being parsed.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FREE = 0xFFFFFFFF
_END_OF_CHAIN = 0xFFFFFFFE
_LAST_REAL_SECTOR = 0xFFFFFFF9


@dataclass(frozen=True, slots=True)
class OleHeader:
    """The few facts of the header that matter here; sectors are numbered from 0 after it."""

    shift: int
    directory: int
    table: tuple[int, ...]
    """The sectors that hold the sector table (FAT), as far as the header lists them."""
    others: tuple[int, ...]

    @property
    def sector_size(self) -> int:
        """Bytes in a sector: 512, or 4096 in version 4."""
        return 1 << self.shift

    def offset(self, sector: int) -> int:
        """Where a sector begins in the file."""
        return (sector + 1) << self.shift


def header(head: bytes) -> OleHeader | None:
    """Read the header; None where it is not a sound one."""
    if len(head) < 512 or not head.startswith(MAGIC):
        return None
    (shift,) = struct.unpack_from("<H", head, 30)
    tables, directory = struct.unpack_from("<2L", head, 44)
    mini, minis, difat, difats = struct.unpack_from("<4L", head, 60)
    if shift not in (9, 12):
        return None
    listed = struct.unpack_from("<109L", head, 76)[: min(tables, 109)]
    others = (directory, mini if minis else _FREE, difat if difats else _FREE)
    return OleHeader(shift, directory, tuple(filter(_is_real, listed)), tuple(others))


def _is_real(sector: int) -> bool:
    return sector <= _LAST_REAL_SECTOR


def ends(head: bytes, tail: bytes, size: int) -> bool:
    """Tell whether every sector that is in use lies inside the file.

    The last sector may be short: some writers do not fill it up.
    """
    found = header(head)
    if found is None:
        return False
    needed = [sector for sector in (*found.table, *found.others) if _is_real(sector)]
    needed.extend(_last_used(found, head, tail, size))
    return bool(needed) and found.offset(max(needed)) < size


def _last_used(found: OleHeader, head: bytes, tail: bytes, size: int) -> Iterator[int]:
    """Yield the highest sectors in use of each part of the sector table that is in view."""
    per_sector = found.sector_size // 4
    for number, sector in enumerate(found.table):
        view = _view(found.offset(sector), found.sector_size, head, tail, size)
        entries = struct.unpack(f"<{len(view) // 4}L", view)
        if entries[-2:] == (_END_OF_CHAIN, _END_OF_CHAIN):
            # SheetJS fills a table up with these: only where a chain leads to says what is used.
            yield from filter(_is_real, entries)
            entries = entries[: _length_without(entries, _END_OF_CHAIN)]
        used = _length_without(entries, _FREE)
        if used:
            yield number * per_sector + used - 1


def _length_without(entries: Sequence[int], filler: int) -> int:
    length = len(entries)
    while length and entries[length - 1] == filler:
        length -= 1
    return length


def _view(offset: int, length: int, head: bytes, tail: bytes, size: int) -> bytes:
    if offset + length <= len(head):
        return head[offset : offset + length]
    start = offset - (size - len(tail))
    return tail[start : start + length] if 0 <= start <= len(tail) - length else b""


def directory_offset(head: bytes) -> int | None:
    """Where the directory of streams begins, for a caller that wants to read it."""
    found = header(head)
    return found.offset(found.directory) if found and _is_real(found.directory) else None


def stream_names(directory: bytes) -> frozenset[str]:
    """Return the names of streams and storages in a piece of the directory."""
    entries = (directory[at : at + 128] for at in range(0, len(directory) - 127, 128))
    return frozenset(name for entry in entries if (name := _entry_name(entry)))


def _entry_name(entry: bytes) -> str:
    (length,) = struct.unpack_from("<H", entry, 64)
    if not 2 <= length <= 64 or entry[66] not in (1, 2, 5):
        return ""
    return entry[: length - 2].decode("utf-16-le", "replace")
