"""Whether an FTP program sent a binary file as text (ASCII) and spoiled it.

Text mode rewrites line ends on the way. In the packed bytes of a workbook line ends stand
everywhere by chance, so what was rewritten shows: no LF without its CR, or no CR at all. Asked only
of files that are damaged; a sound file may look like that where it is tiny.
"""

from __future__ import annotations

from bhyt_filedrop.edges.workbooks.sniffing import ole_bytes, zip_bytes

_FEW = 8
"""Line ends enough to tell: by chance, that all of them are CR LF happens once in 256⁸."""
_ENOUGH = 4096
"""Packed bytes enough to hold a CR: none in so many happens once in nine million."""

_PAIR_EACH = 16_384
"""By chance there is a CR LF in each 65,536 packed bytes; four times as many may have been lost."""


def is_spoilt(data: bytes) -> bool:
    """True where the whole bytes of a zip or OLE file show that their line ends were rewritten."""
    if not data.startswith((zip_bytes.LOCAL, ole_bytes.MAGIC)):
        return False
    feeds, pairs = data.count(b"\n"), data.count(b"\r\n")
    if feeds >= _FEW and feeds == pairs:
        return True
    if not data.startswith(zip_bytes.LOCAL) or len(data) < _ENOUGH:
        return False
    lost = 0 if pairs else _lost_bytes(data)
    return b"\r" not in data or 0 < lost <= 2 + len(data) // _PAIR_EACH


def _lost_bytes(data: bytes) -> int:
    """How many bytes before a zip's directory are gone, by where its end record says it begins."""
    end = zip_bytes.end_record(data)
    if end is None:
        return 0
    stated = int.from_bytes(data[end.position + 16 : end.position + 20], "little")
    return stated - (end.position - end.directory_size)


def kind_of(data: bytes) -> str:
    """Name the format of a spoilt zip by the names that its bytes still show; "zip" for others."""
    if b"xl/workbook.bin" in data:
        return "xlsb"
    if b"xl/worksheets/" in data or b"xl/workbook.xml" in data:
        return "xlsx"
    return "ods" if b"opendocument.spreadsheet" in data else "zip"
