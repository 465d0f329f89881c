"""Single-byte Vietnamese text without a word on its encoding: old xls files and csv.

Three things look alike in bytes: cp1258 (Windows' own Vietnamese), and the two legacy fonts'
codes, which must stay as Latin-1 characters for `domain.legacy` to convert. Which one it is shows
in the words: the right reading makes Vietnamese syllables of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from itertools import islice

from bhyt_filedrop.domain.cells.legacy import ENCODINGS, convert
from bhyt_filedrop.domain.cells.syllables import is_syllable

_WORD = re.compile(r"[^\W\d_]*[\x80-\xff][\w\x80-\xff]*")
_SAMPLE = 400


def decode(texts: Iterable[str]) -> Callable[[str], str]:
    """Return what turns one text (its bytes read as Latin-1) into what was meant.

    The first few hundred words beyond ASCII decide for all.
    """
    words = list(islice((w for text in texts for w in _WORD.findall(text)), _SAMPLE))
    as_windows = _readable(map(_from_1258, words))
    as_legacy = max(_readable(convert(word, font) for word in words) for font in ENCODINGS)
    if as_windows > as_legacy and 2 * as_windows >= len(words):
        return _from_1258
    return _from_1252


def _readable(words: Iterable[str]) -> int:
    return sum(is_syllable(word) for word in words)


def _from_1258(text: str) -> str:
    decoded = text.encode("latin-1", "replace").decode("cp1258", "replace")
    return unicodedata.normalize("NFC", decoded)


def _from_1252(text: str) -> str:
    """Read as Western Windows; codes that it leaves out stay as they are."""
    data = text.encode("latin-1", "replace")
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")
