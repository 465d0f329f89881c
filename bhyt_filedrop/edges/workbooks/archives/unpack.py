"""Unpacking zip, rar and 7z inside the reading child, into files of our own naming.

Members never choose where they are written: the first becomes `0001.xlsx`, the second `0002.xls`.
Their own names travel beside, so no path can lead out and no child's name lands in a file name.
"""

from __future__ import annotations

import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, Any

from bhyt_filedrop.edges.workbooks.archives import rar_headers
from bhyt_filedrop.edges.workbooks.archives.member_names import decode_name, member_name
from bhyt_filedrop.edges.workbooks.archives.rar_headers import RarMember
from bhyt_filedrop.edges.workbooks.child.problems import (
    DAMAGED,
    ENCRYPTED,
    NOT_A_WORKBOOK,
    UnreadableError,
    unsafe,
)

MAX_MEMBERS = 500
_MAX_ENTRIES = 20_000
_CHUNK = 1 << 20
_RATIO = 400
_SMALL = 64 * 2**20
_EXTENSION = re.compile(r"\.[a-z0-9]{1,8}")
_UNICODE_PATH = 0x7075
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, NotImplementedError, RuntimeError, ValueError),
)


@dataclass(slots=True)
class _Sink:
    """Where members go, and how much may still come."""

    into: Path
    packed: int
    left: int
    unpacked: int = 0
    members: int = 0

    def store(self, name: str, blocks: Iterable[bytes]) -> tuple[str, str]:
        """Write one member; return its own name and the name of its file."""
        self.members += 1
        if self.members > MAX_MEMBERS:
            raise unsafe("members")
        extension = PurePosixPath(name).suffix.lower()
        if not _EXTENSION.fullmatch(extension):
            extension = ""
        stored = f"{self.members:04d}{extension}"
        with (self.into / stored).open("wb") as file:
            for block in blocks:
                self._spend(len(block))
                file.write(block)
        return name, stored

    def _spend(self, size: int) -> None:
        self.left -= size
        self.unpacked += size
        too_thin = self.unpacked > _SMALL and self.unpacked > _RATIO * self.packed
        if self.left < 0 or too_thin:
            raise unsafe("archive-size")


def unpack(source: Path, into: Path, kind: str, max_unpacked: int) -> list[tuple[str, str]]:
    """Unpack an archive; return the members' names and the files they are in now.

    Raises UnreadableError for what is not to be taken; what was written before stays for the
    caller to clear away. Raises OSError where the disk fails.
    """
    sink = _Sink(into, source.stat().st_size, max_unpacked)
    try:
        members = _from_zip(source, sink) if kind == "zip" else _from_other(source, sink)
        return list(members)
    except _BROKEN as err:
        raise UnreadableError(DAMAGED, "archive") from err
    except OSError as err:
        # bz2 says so of bad data; a disk that fails has a number.
        if err.errno is None:
            raise UnreadableError(DAMAGED, "archive") from err
        raise


def _from_zip(source: Path, sink: _Sink) -> Iterator[tuple[str, str]]:
    # In memory: on a disk a senseless offset looks like a disk that fails.
    with zipfile.ZipFile(BytesIO(source.read_bytes())) as archive:
        infos = archive.infolist()
        if len(infos) > _MAX_ENTRIES:
            raise unsafe("members")
        for info in infos:
            name = member_name(_zip_name(info))
            if info.is_dir() or name is None:
                continue
            if info.flag_bits & 1:
                raise UnreadableError(ENCRYPTED, "archive")
            if (info.external_attr >> 28) == 0o12:
                raise unsafe("paths")
            with archive.open(info) as member:
                yield sink.store(name, _blocks(member))


def _blocks(member: IO[bytes]) -> Iterator[bytes]:
    while block := member.read(_CHUNK):
        yield block


def _zip_name(info: zipfile.ZipInfo) -> str:
    """Return the name in the encoding it was most likely stored in: only a flag says UTF-8."""
    stated = _unicode_path(info.extra)
    if stated is not None:
        return stated
    if info.flag_bits & 0x800:
        return info.filename
    return decode_name(info.orig_filename.encode("cp437", "replace"))


def _unicode_path(extra: bytes) -> str | None:
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        if kind == _UNICODE_PATH and size > 5:
            return extra[at + 9 : at + 4 + size].decode("utf-8", "replace")
        at += 4 + size
    return None


def _from_other(source: Path, sink: _Sink) -> Iterator[tuple[str, str]]:
    """Unpack by libarchive, where the machine has it."""
    try:
        import libarchive
    except (ImportError, OSError, AttributeError, TypeError) as err:
        raise UnreadableError(NOT_A_WORKBOOK, "no-unpacker") from err
    kind = _reader_of(source)
    stated = _rar_members(source) if kind != "7zip" else None
    with (
        _archive_errors(libarchive.ArchiveError),
        # Asked to guess, libarchive takes a workbook that is stored last in a rar for a zip of
        # its parts.
        libarchive.file_reader(str(source), kind, "none") as entries,
    ):
        if stated is None:
            yield from _of_seven_zip(entries, sink)
        else:
            yield from _of_rar(entries, stated, sink)


def _rar_members(source: Path) -> list[RarMember]:
    with source.open("rb") as file:
        return rar_headers.members(file)


def _of_seven_zip(entries: Iterable[Any], sink: _Sink) -> Iterator[tuple[str, str]]:
    for count, entry in enumerate(entries):
        if count > _MAX_ENTRIES:
            raise unsafe("members")
        name = member_name(entry.pathname or "")
        if entry.isdir or name is None:
            continue
        if (entry.filetype and not entry.isfile) or entry.linkpath:
            raise unsafe("paths")
        yield sink.store(name, entry.get_blocks())


def _of_rar(
    entries: Iterable[Any], stated: Sequence[RarMember], sink: _Sink
) -> Iterator[tuple[str, str]]:
    """Hold what libarchive unpacks to what the headers state, member by member."""
    if len(stated) > _MAX_ENTRIES:
        raise unsafe("members")
    entries = iter(entries)
    for member in stated:
        entry = next(entries, None)
        if entry is None:
            raise UnreadableError(DAMAGED, "archive")
        name = member_name(member.name)
        if member.is_link:
            raise unsafe("paths")
        if not member.is_folder and name is not None:
            yield sink.store(name, _verified(entry.get_blocks(), member))


def _verified(blocks: Iterable[bytes], member: RarMember) -> Iterator[bytes]:
    """Pass blocks on and see at their end that nothing is missing or changed."""
    size = crc = 0
    for block in blocks:
        size, crc = size + len(block), zlib.crc32(block, crc)
        yield block
    if member.size not in (None, size) or member.crc not in (None, crc):
        raise UnreadableError(DAMAGED, "archive")


def _reader_of(source: Path) -> str:
    """Return libarchive's name for the kind of archive that the first bytes say."""
    with source.open("rb") as file:
        head = file.read(8)
    if head.startswith(b"Rar!"):
        return "rar5" if head[6:7] == b"\x01" else "rar"
    return "7zip"


@contextmanager
def _archive_errors(kind: type[Exception]) -> Iterator[None]:
    try:
        yield
    except kind as err:
        text = str(err).lower()
        if "encrypt" in text or "passphrase" in text:
            raise UnreadableError(ENCRYPTED, "archive") from err
        raise UnreadableError(DAMAGED, "archive") from err
