"""Text as clerks typed it, repaired: Unicode form, spaces, look-alike letters, legacy fonts.

Everything else in the core reads text that went through `clean`, and compares it by `fold` (may the
diacritics be missing) or `same_text` (they count).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache

from bhyt_filedrop.domain.cells.grid import CellValue, ErrorValue
from bhyt_filedrop.domain.cells.kept import forgettable
from bhyt_filedrop.domain.cells.legacy import TCVN3, convert, detect, is_doubtful
from bhyt_filedrop.domain.cells.syllables import split_tones
from bhyt_filedrop.domain.cells.wrong_page import reads_as_typed, undo_1258

# ð (Icelandic eth) stands for đ in text converted from DOS and old Windows code pages; Ƣ (the
# letter OI) is what some keyboards and converters give for Ư; most fonts draw it alike.
_LOOK_ALIKES = str.maketrans({"ð": "đ", "Ð": "Đ", "Ɖ": "Đ", "ɖ": "đ", "Ƣ": "Ư", "ƣ": "ư"})
_INVISIBLE = re.compile(r"[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_ESCAPED = re.compile(r"_x00(?:0[9AaDd]|[Aa]0)_")
_SPACES = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_UNTIDY = re.compile(
    rf"{_INVISIBLE.pattern}|[{''.join(map(chr, _LOOK_ALIKES))}\u0300-\u036f\x00-\x1f\x7f-\x9f]"
    r"|[^\S ]|  |^ | $"
)
"""What leaves something to repair; most texts have none of it."""
COMBINING = re.compile("[\u0300-\u036f]")
"""A mark that follows its letter."""
_TONE_THEN_SHAPE = re.compile("([\u0300\u0301\u0303\u0309])([\u0302\u0306])")
_NOT_A_WORD = re.compile(r"[\W_]+")

_LONGEST = 2_000
"""Letters. A cell may hold 32,767: a sheet full of such would take minutes, and a cache of them all
the memory there is."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Repaired text: NFC, trimmed, single spaces, no newline. `legacy` is what it was typed in."""

    text: str
    legacy: str | None = None
    """`tcvn3` or `vni` where the text was converted from a legacy font's codes."""


def clean(value: str, hint: str | None = None) -> Cleaned:
    """Repair one text as typed.

    `hint` names the legacy encoding that the rest of the sheet is in: a cell that could be either
    (`Vò Dòng`: Vũ Dũng in TCVN3) is then converted too.
    """
    return (_clean if len(value) <= _LONGEST else _repair)(value, hint)


def _repair(value: str, hint: str | None) -> Cleaned:
    if hint is None and all(map(_is_sound, value.split(" "))):
        return Cleaned(value)
    value, was_legacy = undo_1258(value)
    if was_legacy:
        return Cleaned(_tidy(_recase(compose(value), was_legacy)), was_legacy)
    composed = compose(value)
    legacy = detect(composed) or _encoding_by_hint(composed, hint)
    if legacy:
        composed = _recase(convert(composed, legacy), legacy)
    if not _UNTIDY.search(composed):
        return Cleaned(composed, legacy)
    return Cleaned(_tidy(composed), legacy)


@forgettable
@lru_cache(maxsize=65536)
def _is_sound(word: str) -> bool:
    """True for a word that is left as it is, whatever words stand beside it: most words of a name
    have been seen in another."""
    if not word or "_x" in word or _UNTIDY.search(word):
        return False
    return word.isascii() or (
        unicodedata.is_normalized("NFC", word) and reads_as_typed(word) and not is_doubtful(word)
    )


def _tidy(text: str) -> str:
    text = _INVISIBLE.sub("", text.translate(_LOOK_ALIKES))
    # Once more: a mark that a zero-width character or a look-alike kept from its letter joins now.
    return _SPACES.sub(" ", compose(text)).strip()


_clean = forgettable(lru_cache(maxsize=131072)(_repair))


def compose(text: str) -> str:
    """Return NFC, also of half-decomposed Vietnamese with its marks in the wrong order (é + ̂)."""
    if text.isascii():
        return _ESCAPED.sub(" ", text) if "_x" in text else text
    if "_x" not in text and not COMBINING.search(text) and unicodedata.is_normalized("NFC", text):
        return text
    decomposed = _TONE_THEN_SHAPE.sub(r"\2\1", unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFC", _ESCAPED.sub(" ", decomposed))


def _encoding_by_hint(text: str, hint: str | None) -> str | None:
    if hint is None or text.isascii() or any(char > "\u00ff" for char in text):
        return None
    return hint


def _recase(text: str, legacy: str) -> str:
    """Put TCVN3 text of a capitals font (.VnTimeH) into capitals: `NGUYÔN` gave `NGUYễN`."""
    typed_so = legacy == TCVN3 and not re.search("[a-z]", text)
    return text.upper() if typed_so and re.search(r"[A-Z]\w*[A-Z]", text) else text


def fold(text: str) -> str:
    """Return the key for comparing where diacritics may be missing.

    Case-folded, no diacritics (đ → d), punctuation turned into spaces, single spaces; so it is
    blind to tone placement too. "" for text without letters and digits. Of a text that is longer
    than any name, heading or address only the beginning counts.
    """
    return _fold(text[:_LONGEST])


@forgettable
@lru_cache(maxsize=131072)
def _fold(text: str) -> str:
    return " ".join(text.translate(_FOLDED).split())


class _Folded(dict[int, str]):
    """Letter → its letters without case and marks, " " for what is no letter or digit."""

    _MANY = 4096
    """Letters to remember: more are in no file of this country."""

    def __missing__(self, letter: int) -> str:
        decomposed = unicodedata.normalize("NFD", chr(letter).casefold().translate(_LOOK_ALIKES))
        bare = "".join(char for char in decomposed if not unicodedata.combining(char))
        folded = _NOT_A_WORD.sub(" ", bare.replace("đ", "d"))
        if len(self) < self._MANY:
            self[letter] = folded
        return folded


_FOLDED = _Folded()


def tone_blind(text: str) -> str:
    """Return the key for comparing where diacritics count, but not where in a word the tone sits.

    `Hòa` and `Hoà` have one key, `Hoa` has another. Case-folded, single spaces, NFC.
    """
    return _tone_blind(text[:_LONGEST])


@forgettable
@lru_cache(maxsize=131072)
def _tone_blind(text: str) -> str:
    return " ".join(map(_tone_blind_word, clean(text).text.casefold().split()))


@forgettable
@lru_cache(maxsize=16384)
def _tone_blind_word(word: str) -> str:
    bare, tones = split_tones(word)
    return bare + tones


def same_text(a: str, b: str) -> bool:
    """True where two texts differ at most in case, spacing, Unicode form or tone placement."""
    return tone_blind(a) == tone_blind(b)


def capitalised(text: str) -> str:
    """Begin with a capital letter and leave the rest: `BHXH` stays what it is."""
    return text[:1].upper() + text[1:]


def uncapitalised(text: str) -> str:
    """Return a text as it stands inside a sentence: `Ngoài Thành phố` → `ngoài Thành phố`."""
    return text[:1].lower() + text[1:]


def cell_text(value: CellValue) -> str:
    """Return how a cell reads as text, unrepaired: 79014.0 → `79014`, a date → `05/03/2014`."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, ErrorValue):
        return value.text
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float | int):
        return _number_text(float(value))
    return _moment_text(value)


def _number_text(value: float) -> str:
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return format(value, ".15g")


def _moment_text(value: datetime | date | time) -> str:
    if isinstance(value, time):
        return f"{value:%H:%M}"
    text = f"{value.day:02d}/{value.month:02d}/{value.year:04d}"
    if isinstance(value, datetime) and value.time() != time.min:
        text += f" {value:%H:%M}"
    return text


NaturalKey = tuple[str | int, ...]
"""Texts and numbers in turn, a text first."""


@forgettable
@lru_cache(maxsize=4096)
def natural_key(text: str) -> NaturalKey:
    """Return what names of places are put in order by: Phường 2, Phường 12, Phường Đa Kao.

    Numbers count as numbers and come before words; tones and case count only where all else is
    alike.
    """
    parts = re.split(r"(\d+)", fold(text))
    numbered = (int(part) if n % 2 else part for n, part in enumerate(parts))
    return (*numbered, 0, text)
