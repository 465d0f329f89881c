"""What a rar says about its members, versions 4 and 5: names, sums, locks, parts of a set.

libarchive unpacks, but tells nothing of a password on stored members, checks no sum of theirs, and
cannot return a name in a code page of Windows. The headers are walked beside it (RARLAB's technote
on version 5 and unrar's own notes on version 4).

The library rarfile (4.5) was tried in its place: 51 of the 57 tests of rars hold. It lists a part
of a set like a whole archive, so that nobody would be told to bring the other parts, and gives a
name with a NUL in it cut off there, as if it were sound.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from bhyt_filedrop.edges.workbooks.archives.member_names import decode_name
from bhyt_filedrop.edges.workbooks.child.problems import DAMAGED, ENCRYPTED, UnreadableError

MAGIC_4, MAGIC_5 = b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00"
_LONGEST = 2 * 2**20
_MAIN_4, _FILE_4, _END_4 = 0x73, 0x74, 0x7B
_MAIN_5, _FILE_5, _LOCKED_5, _END_5 = 1, 2, 4, 5
_ENCRYPTION, _REDIRECTION = 1, 5
_UNIX = 3


@dataclass(frozen=True, slots=True)
class RarMember:
    """One member as its header states it; None for what the header leaves open."""

    name: str
    size: int | None
    crc: int | None
    is_folder: bool
    is_link: bool


def members(file: IO[bytes]) -> list[RarMember]:
    """Walk the headers. Raises UnreadableError for a password, a part of a set, or nonsense."""
    head = file.read(len(MAGIC_5))
    walk = _version_5 if head == MAGIC_5 else _version_4
    file.seek(len(MAGIC_5 if head == MAGIC_5 else MAGIC_4))
    try:
        return list(walk(file))
    except (struct.error, IndexError, OverflowError) as err:
        raise _damaged() from err


def _damaged() -> UnreadableError:
    return UnreadableError(DAMAGED, "archive")


def _locked() -> UnreadableError:
    return UnreadableError(ENCRYPTED, "archive")


def _one_of_many() -> UnreadableError:
    return UnreadableError(DAMAGED, "volume")


# --- version 4 -------------------------------------------------------------------------------


def _version_4(file: IO[bytes]) -> Iterator[RarMember]:
    while head := file.read(7):
        kind, flags, size = struct.unpack_from("<2xBHH", head)
        if size < 7:
            raise _damaged()
        body = file.read(size - 7)
        behind = struct.unpack_from("<L", body)[0] if flags & 0x8000 else 0
        if kind == _END_4:
            return
        if kind == _MAIN_4:
            _see_main_4(flags)
        elif kind == _FILE_4:
            behind += (struct.unpack_from("<L", body, 25)[0] << 32) if flags & 0x100 else 0
            yield _member_4(flags, body)
        file.seek(behind, 1)


def _see_main_4(flags: int) -> None:
    if flags & 0x80:
        raise _locked()
    if flags & 1:
        raise _one_of_many()


def _member_4(flags: int, body: bytes) -> RarMember:
    if flags & 4:
        raise _locked()
    if flags & 3:
        raise _one_of_many()
    size, system, crc, length, mode = struct.unpack_from("<4xLBL6xHL", body)
    at = 25
    if flags & 0x100:
        size |= struct.unpack_from("<L", body, 29)[0] << 32
        at = 33
    raw = body[at : at + length]
    is_folder = flags & 0xE0 == 0xE0
    is_link = system == _UNIX and mode >> 12 == 0o12
    name = _unicode_name(raw) if flags & 0x200 else decode_name(raw)
    return RarMember(name, size, crc, is_folder, is_link)


def _unicode_name(raw: bytes) -> str:
    """Undo the packing of a 16-bit name behind the same name in a code page."""
    plain, mark, packed = raw.partition(b"\0")
    if not mark:
        return decode_name(raw)
    high, rest = packed[0] << 8, iter(packed[1:])
    letters: list[int] = []
    for marks in rest:
        for shift in (6, 4, 2, 0):
            low = next(rest, None)
            if low is None:
                break
            letters.extend(_letters(marks >> shift & 3, low, high, rest, plain[len(letters) :]))
    wide = struct.pack(f"<{len(letters)}H", *letters)
    return wide.decode("utf-16-le", "replace")


def _letters(kind: int, low: int, high: int, rest: Iterator[int], plain: bytes) -> list[int]:
    """Return what one mark stands for: a letter, or a run taken from the plain name."""
    if kind < 2:
        return [low | (high if kind else 0)]
    if kind == 2:
        return [low | next(rest, 0) << 8]
    run = plain[: (low & 0x7F) + 2]
    if not low & 0x80:
        return list(run)
    shift = next(rest, 0)
    return [(letter + shift) & 0xFF | high for letter in run]


# --- version 5 -------------------------------------------------------------------------------


class _Fields:
    """Reads numbers of seven bits to a byte, one after the other."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.at = 0

    def number(self) -> int:
        """Return the next number."""
        value = 0
        for shift in range(0, 70, 7):
            byte = self.body[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            if not byte & 0x80:
                return value
        raise _damaged()

    def take(self, length: int) -> bytes:
        """Return the next bytes."""
        taken = self.body[self.at : self.at + length]
        if len(taken) < length:
            raise _damaged()
        self.at += length
        return taken


def _version_5(file: IO[bytes]) -> Iterator[RarMember]:
    while file.read(4):
        fields = _Fields(file.read(_header_size(file)))
        kind, flags = fields.number(), fields.number()
        extra = fields.number() if flags & 1 else 0
        behind = fields.number() if flags & 2 else 0
        if kind == _END_5:
            return
        if kind == _LOCKED_5:
            raise _locked()
        if kind == _MAIN_5 and fields.number() & 1:
            raise _one_of_many()
        if kind == _FILE_5:
            if flags & 0x18:
                raise _one_of_many()
            yield _member_5(fields, extra)
        file.seek(behind, 1)


def _header_size(file: IO[bytes]) -> int:
    fields = _Fields(file.read(3))
    size = fields.number()
    file.seek(fields.at - len(fields.body), 1)
    if size > _LONGEST:
        raise _damaged()
    return size


def _member_5(fields: _Fields, extra: int) -> RarMember:
    flags, size, _attributes = fields.number(), fields.number(), fields.number()
    fields.take(4 if flags & 2 else 0)
    crc = struct.unpack("<L", fields.take(4))[0] if flags & 4 else None
    _packing, _system = fields.number(), fields.number()
    name = decode_name(fields.take(fields.number()))
    kinds = set(_extra_kinds(_Fields(fields.body[len(fields.body) - extra :]))) if extra else set()
    if _ENCRYPTION in kinds:
        raise _locked()
    known = None if flags & 8 else size
    return RarMember(name, known, crc, bool(flags & 1), _REDIRECTION in kinds)


def _extra_kinds(fields: _Fields) -> Iterator[int]:
    while fields.at < len(fields.body):
        size = fields.number()
        end = fields.at + size
        yield fields.number()
        fields.at = end
