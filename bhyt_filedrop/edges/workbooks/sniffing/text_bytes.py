"""Bytes to text for the formats that are text: byte order marks, UTF-16, UTF-8, the rest.

Seen in real exports: UTF-16LE with and without a mark, UTF-8 with up to five marks in a row, and
single-byte text in cp1258 or in a legacy font's own table.
"""

from __future__ import annotations

import codecs
import re

_CONTROL = re.compile("[\x00-\x08\x0e-\x19\x1b-\x1f]")
_TEXT_BYTES = re.compile(rb"[\x00-\x08\x0e-\x19\x1b-\x1f]")


def strip_marks(data: bytes) -> bytes:
    """Cut every UTF-8 byte order mark off the front."""
    while data.startswith(codecs.BOM_UTF8):
        data = data[3:]
    return data


def utf16_name(data: bytes) -> str:
    """Return `utf-16-le` or `utf-16-be` where the bytes are that, else ""."""
    if data.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le"
    if data.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be"
    sample = data[:400]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    most = 0.6 * (len(sample) // 2)
    if len(sample) < 4 or max(even, odd) < most or min(even, odd) > 0:
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def guess_text(head: bytes) -> str | None:
    """Read the beginning of a file as text, well enough to see its kind; None for binary data."""
    wide = utf16_name(head)
    if wide:
        text = head[: len(head) & ~1].decode(wide, "replace").lstrip("\ufeff")
        return None if _CONTROL.search(text) else text
    data = strip_marks(head)
    if not data or _TEXT_BYTES.search(data):
        return None
    return data.decode("utf-8", "replace")
