"""Text whose bytes somebody's program read by the Vietnamese code page 1258 though they were not.

1258 puts the tones where Western Windows has ì, ò, Ì, Ò and Þ, and ă, đ, ơ, ư where it has ã, ð, õ
and ý. So `Thìn` reads `Th` + a loose tone + `n`, and the codes of a legacy font, which are Western
letters too, no longer look like its own. Read back as bytes, the words themselves tell what it was.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from bhyt_filedrop.domain.cells.kept import forgettable
from bhyt_filedrop.domain.cells.legacy import ENCODINGS, convert
from bhyt_filedrop.domain.cells.syllables import TONES, is_syllable, split_tones

_MADE_BY_1258 = re.compile("[\u0300\u0301\u0303\u0309\u0323\u20abăĂđĐơƠưƯ]")
_VOWELS = frozenset("aeiouy")
_WORD = re.compile(r"[^\s\d.,;:/()\-–\"'|]+")


def undo_1258(text: str) -> tuple[str, str | None]:
    """Return a text as it was meant, and the legacy font's encoding that it was in, if any.

    A text that reads well as it stands, or no better otherwise, is returned as it is.
    """
    if text.isascii() or reads_as_typed(text):
        return text, None
    written = _as_1258_writes(text)
    if not _MADE_BY_1258.search(written):
        return text, None
    try:
        data = written.encode("cp1258")
    except UnicodeEncodeError:
        return text, None
    western = data.decode("cp1252", "replace") if b"\x81" not in data else data.decode("latin-1")
    readings: list[tuple[str, str | None]] = [(western, None)]
    readings += [(convert(data.decode("latin-1"), font), font) for font in ENCODINGS]
    best = min(readings, key=lambda reading: _unread(reading[0]))
    return best if _unread(best[0]) == 0 else (text, None)


def reads_as_typed(text: str) -> bool:
    """True where no word of a text looks as if another code page had made it."""
    return not _unread(text)


def _as_1258_writes(text: str) -> str:
    """The code page has some toned letters; of the others the tone follows the letter."""
    return "".join(map(_letter_and_tone, unicodedata.normalize("NFC", text)))


@cache
def _letter_and_tone(letter: str) -> str:
    bare, tone = split_tones(letter)
    try:
        letter.encode("cp1258")
    except UnicodeEncodeError:
        return bare + tone
    return letter


def _unread(text: str) -> int:
    """How many words beyond ASCII are no Vietnamese syllable; letters without a vowel (HĐ, QĐ) are
    short for others."""
    words = _WORD.findall(unicodedata.normalize("NFC", text))
    return sum(_is_unread(word) for word in words if not word.isascii())


@forgettable
@lru_cache(maxsize=16384)
def _is_unread(word: str) -> bool:
    return _is_a_word(word) and not is_syllable(word)


def _is_a_word(word: str) -> bool:
    letters = frozenset(unicodedata.normalize("NFD", word.casefold()))
    return not letters.isdisjoint(TONES) or (len(word) > 2 and not letters.isdisjoint(_VOWELS))
