"""The end mark of each format that has one, found in a file's last bytes.

A mark must lie near the end but not at the very last byte: scanners and mailers add padding.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Mapping

Mark = Callable[[bytes, bytes, int], "bool | None"]
"""(first bytes, last bytes, size) → whether the file is whole."""

_WORKBOOK_END = re.compile(rb"</(?:\w+:)?Workbook\s*>\s*$")

_FLAT_ODF_END = re.compile(rb"</office:document\s*>\s*$")


def _narrow(tail: bytes) -> bytes:
    """Make ASCII of UTF-16 by leaving its zero bytes out; good enough to find a tag."""
    return tail.replace(b"\0", b"")


def _html(head: bytes, tail: bytes, size: int) -> bool:
    """The last table, or the document around it, is closed after its last row.

    A title table that is closed before a data table which is not shows nothing, nor does a whole
    document before one that breaks off.
    """
    text = _narrow(tail).lower()
    if head[:13].lower() == b"mime-version:":
        return text.rstrip().endswith(b"--")
    closed = max(text.rfind(b"</table"), text.rfind(b"</html"))
    opened = max(text.rfind(tag) for tag in (b"<tr", b"<td", b"<th", b"<table"))
    return closed > opened


def _spreadsheetml(head: bytes, tail: bytes, size: int) -> bool:
    return bool(_WORKBOOK_END.search(_narrow(tail).rstrip()))


def _flat_odf(head: bytes, tail: bytes, size: int) -> bool:
    return bool(_FLAT_ODF_END.search(_narrow(tail).rstrip()))


def _pdf(head: bytes, tail: bytes, size: int) -> bool:
    return b"%%EOF" in tail


def _jpeg(head: bytes, tail: bytes, size: int) -> bool:
    # Phones append a film after the picture and say so in the last bytes.
    return b"\xff\xd9" in tail or tail.rstrip(b"\0").endswith(b"SEFT")


def _png(head: bytes, tail: bytes, size: int) -> bool:
    return b"IEND\xaeB`\x82" in tail


def _gif(head: bytes, tail: bytes, size: int) -> bool:
    return tail.rstrip(b"\0").endswith(b";")


def _rtf(head: bytes, tail: bytes, size: int) -> bool:
    return tail.rstrip(b"\0 \r\n\t").endswith(b"}")


def _bmp(head: bytes, tail: bytes, size: int) -> bool:
    return size >= int(struct.unpack_from("<L", head, 2)[0])


def _webp(head: bytes, tail: bytes, size: int) -> bool:
    return size >= int(struct.unpack_from("<L", head, 4)[0]) + 8


def _heic(head: bytes, tail: bytes, size: int) -> bool | None:
    """Walk the boxes as far as the first bytes show them."""
    at = 0
    while at + 16 <= len(head):
        length = int(struct.unpack_from(">L", head, at)[0])
        if length == 1:
            length = int(struct.unpack_from(">Q", head, at + 8)[0])
        if length < 8:
            return None
        at += length
        if at >= size:
            return at == size
    return None


def _seven_zip(head: bytes, tail: bytes, size: int) -> bool:
    if len(head) < 32:
        return False
    offset, length = struct.unpack_from("<2Q", head, 12)
    return 32 + int(offset) + int(length) <= size


def _rar(head: bytes, tail: bytes, size: int) -> bool | None:
    if head.startswith(b"Rar!\x1a\x07\x01\x00"):
        # Header type 4 comes first where even the headers are encrypted: no mark can be seen.
        return None if head[13:14] == b"\x04" else _has_rar5_end(tail.rstrip(b"\0")[-64:] + b"\0")
    # Locked names, or one of several parts, whose ends look otherwise.
    if len(head) > 11 and head[10] & 0x81:
        return None
    return b"\xc4\x3d\x7b\x00\x40\x07\x00" in tail


def _has_rar5_end(last: bytes) -> bool:
    """Look for the block that closes the archive: its checksum, its size, type 5."""
    return any(
        last[at + 5 : at + 6] == b"\x05"
        and zlib.crc32(last[at + 4 : at + 5 + last[at + 4]]).to_bytes(4, "little")
        == last[at : at + 4]
        for at in range(len(last) - 6)
    )


def _biff(head: bytes, tail: bytes, size: int) -> bool:
    return tail.rstrip(b"\0").endswith(b"\x0a")


MARKS: Mapping[str, Mark] = {
    "html": _html,
    "spreadsheetml": _spreadsheetml,
    "fods": _flat_odf,
    "pdf": _pdf,
    "jpeg": _jpeg,
    "png": _png,
    "gif": _gif,
    "rtf": _rtf,
    "bmp": _bmp,
    "webp": _webp,
    "heic": _heic,
    "7z": _seven_zip,
    "rar": _rar,
    "xls": _biff,
}
"""Format → its mark. `xls` here is the bare stream; containers answer for themselves."""
