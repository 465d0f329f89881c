"""The names of an archive's members: which letters their bytes mean, and what is left of a path."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import suppress

from bhyt_filedrop.domain.cells.legacy import ENCODINGS, convert
from bhyt_filedrop.domain.cells.syllables import is_syllable
from bhyt_filedrop.domain.process.file_names import is_clutter
from bhyt_filedrop.edges.workbooks.child.problems import unsafe

_WORD = re.compile(r"[^\W\d_]+")
_DRIVE = re.compile(r"^(?:[A-Za-z]:)?/+")


def decode_name(raw: bytes) -> str:
    """Read a name whose encoding nobody states: UTF-8 where it is that, else as its words say.

    Without a word on it, programs write Windows' Vietnamese, the code page of DOS, or whatever an
    old keyboard typed: TCVN3 or VNI. The reading that gives most Vietnamese syllables is taken.
    """
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return max(_readings(raw), key=_syllables)


def _readings(raw: bytes) -> Iterator[str]:
    """Yield what the bytes may mean, the likeliest first."""
    for encoding in ("cp1258", "cp437"):
        with suppress(UnicodeDecodeError):
            yield unicodedata.normalize("NFC", raw.decode(encoding))
    for font in ENCODINGS:
        yield convert(raw.decode("latin-1"), font)


def _syllables(text: str) -> int:
    return sum(not word.isascii() and is_syllable(word) for word in _WORD.findall(text))


def member_name(name: str) -> str | None:
    """Return a member's name, NFC and relative; None for clutter. Raises for an escape."""
    name = unicodedata.normalize("NFC", name.replace("\\", "/"))
    name = _DRIVE.sub("", name)
    if ".." in name.split("/") or "\0" in name:
        raise unsafe("paths")
    return None if not name or is_clutter(name) else name
