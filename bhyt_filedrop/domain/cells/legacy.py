"""Vietnamese text typed in legacy fonts: told by its content, and turned into Unicode.

Before Unicode, offices typed in fonts that draw Vietnamese letters over Latin-1 codes: TCVN3
(`.VnTime`, also called ABC) gives each letter one code, VNI-Windows (`VNI-Times`) follows the bare
vowel with a second code for its mark. Opened without the font, `Nguyễn Thị Hồng` reads
`NguyÔn ThÞ Hång` or `Nguyeãn Thò Hoàng`. The font of a cell proves nothing (cells in `.VnTime` may
hold Unicode), so the words themselves are asked: which reading makes Vietnamese syllables of them?
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from types import MappingProxyType

from bhyt_filedrop.domain.cells.kept import forgettable
from bhyt_filedrop.domain.cells.syllables import is_syllable

TCVN3 = "tcvn3"
VNI = "vni"
ENCODINGS = (TCVN3, VNI)

# TCVN 5712:1993, VN1, codes 0x80–0xFF in order, as glibc's charmap TCVN5712-1 has them. The fonts
# of the offices draw only the VN3 part (0xA1 and above, without the toned capitals); the rest costs
# nothing and is met in files converted by other programs.
_TCVN_HIGH = (
    "ÀẢÃÁẠẶẬÈẺẼÉẸỆÌỈĨÍỊÒỎÕÓỌỘỜỞỠỚỢÙỦŨ"
    "\u00a0ĂÂÊÔƠƯĐăâêôơưđẰ\u0300\u0309\u0303\u0301\u0323àảãáạẲằẳẵắẴẮẦẨẪẤỀặầẩẫấậèỂẻẽéẹềểễếệìỉỄẾỒĩíịò"
    "ỔỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵỐ"
)
_TCVN_CONTROLS = dict(
    zip(b"\x01\x02\x04\x05\x06\x11\x12\x13\x14\x15\x16\x17", "ÚỤỪỬỮỨỰỲỶỸÝỴ", strict=True)
)

# VNI-Windows: what follows a vowel → the vowel's mark and tone as combining characters.
_VNI_TONES = {"ù": "\u0301", "ø": "\u0300", "û": "\u0309", "õ": "\u0303", "ï": "\u0323"}
_VNI_CIRCUMFLEX = {
    "â": "\u0302", "á": "\u0302\u0301", "à": "\u0302\u0300",
    "å": "\u0302\u0309", "ã": "\u0302\u0303", "ä": "\u0302\u0323",
}  # fmt: skip
_VNI_BREVE = {
    "ê": "\u0306", "é": "\u0306\u0301", "è": "\u0306\u0300",
    "ú": "\u0306\u0309", "ü": "\u0306\u0303", "ë": "\u0306\u0323",
}  # fmt: skip
_VNI_SINGLE = {
    "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "ô": "ơ", "ö": "ư", "î": "ỵ", "ñ": "đ",
}  # fmt: skip
_VNI_MARKS: Mapping[str, Mapping[str, str]] = {
    "a": _VNI_TONES | _VNI_CIRCUMFLEX | _VNI_BREVE,
    "e": _VNI_TONES | _VNI_CIRCUMFLEX,
    "o": _VNI_TONES | _VNI_CIRCUMFLEX,
    "u": _VNI_TONES,
    "y": _VNI_TONES,
    "ô": _VNI_TONES,
    "ö": _VNI_TONES,
}

# Foreign given names that happen to read as a Vietnamese syllable in VNI.
_FOREIGN = frozenset({"loïc", "naïm", "haïm", "maï", "taï"})


@cache
def _tcvn_table() -> Mapping[int, str]:
    table = dict(_TCVN_CONTROLS)
    for code, letter in enumerate(_TCVN_HIGH, start=0x80):
        table[code] = letter
        if code < 0xA0:
            seen = bytes([code]).decode("cp1252", "replace")
            table.setdefault(ord(seen), letter)
    table.pop(0xFFFD, None)
    return MappingProxyType(table)


@cache
def _vni_table() -> Mapping[str, str]:
    table = dict(_VNI_SINGLE)
    for base, marks in _VNI_MARKS.items():
        vowel = _VNI_SINGLE.get(base, base)
        for code, mark in marks.items():
            table[base + code] = unicodedata.normalize("NFC", vowel + mark)
    for codes, letter in list(table.items()):
        table[codes.upper()] = letter.upper()
        if len(codes) == 2:
            table[codes[0].upper() + codes[1]] = letter.upper()
            table[codes[0] + codes[1].upper()] = letter
    return MappingProxyType(table)


@cache
def _vni_pattern() -> re.Pattern[str]:
    # Two codes before one: "ôù" is ớ, not ơ + ù.
    longest_first = sorted(_vni_table(), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)))


def convert(text: str, encoding: str) -> str:
    """Return legacy text as Unicode (NFC); what the encoding does not know stays as it is.

    Raises ValueError for an encoding other than `tcvn3` and `vni`.
    """
    if encoding == TCVN3:
        return unicodedata.normalize("NFC", text.translate(_tcvn_table()))
    if encoding == VNI:
        table = _vni_table()
        return _vni_pattern().sub(lambda found: table[found[0]], text)
    raise ValueError(f"unknown legacy encoding {encoding!r}")


def encode(text: str, encoding: str) -> str:
    """Return Unicode Vietnamese as a legacy font's codes seen as Latin-1: for samples and demos."""
    known = _encoder(encoding)
    return "".join(known.get(char, char) for char in unicodedata.normalize("NFC", text))


@cache
def _encoder(encoding: str) -> Mapping[str, str]:
    if encoding == TCVN3:
        return {
            letter: chr(code)
            for code, letter in reversed(list(_tcvn_table().items()))
            if letter != "\u00a0" and not unicodedata.combining(letter) and code < 0x100
        }
    if encoding == VNI:
        return {letter: codes for codes, letter in reversed(list(_vni_table().items()))}
    raise ValueError(f"unknown legacy encoding {encoding!r}")


# Letters, and the signs that TCVN3 draws letters over (¨ for ă, ® for đ, the soft hyphen for ư …).
_WORD = re.compile(
    "[A-Za-z\u00a1-\u00ff\x80-\x9f"
    "\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc"  # 0x80–0x9F as cp1252
    "\u2013-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122]+"
)
_SHARED = frozenset("àáâãèéêìíòóôõùúýÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝ")  # Vietnamese letters within Latin-1
_CAPITAL_INSIDE = re.compile("[a-z][ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝ]|(?<=[A-Za-z])[ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝ][a-z]")
_BEYOND_LATIN1 = re.compile(r"[\u0102-\u01b0\u1ea0-\u1ef9]")


@forgettable
@lru_cache(maxsize=65536)
def detect(text: str) -> str | None:
    """Tell which legacy encoding a text is in: `tcvn3`, `vni`, or None for anything else.

    None too where the text reads well as it stands: `Vò Dòng` may be a person of that name. A
    letter that only Unicode has (ễ, ơ, đ …) settles it at once.
    """
    words, doubtful = _words_of(text)
    if not doubtful:
        return None
    scores = {encoding: _score(words, doubtful, encoding) for encoding in ENCODINGS}
    best = max(ENCODINGS, key=lambda encoding: scores[encoding])
    return best if scores[best] > 0 else None


def is_doubtful(text: str) -> bool:
    """True for a text that may be in a legacy encoding: some word reads as no Vietnamese."""
    return bool(_words_of(text)[1])


def _words_of(text: str) -> tuple[list[str], list[str]]:
    """The words that a legacy encoding may have written, and those that do not read as they are."""
    if text.isascii() or _BEYOND_LATIN1.search(text):
        return [], []
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    return words, [word for word in words if not _reads(word)]


def _score(words: list[str], doubtful: list[str], encoding: str) -> int:
    """How many words of a text this reading explains; 0 where it does not convince."""
    if encoding == TCVN3 and not any(map(_shows_tcvn3, doubtful)):
        return 0
    explained = sum(_reads_as(word, encoding) for word in doubtful)
    spoilt = sum(not _reads(convert(word, encoding)) for word in words)
    return explained if explained > spoilt else 0


def _shows_tcvn3(word: str) -> bool:
    """True where a word has a code that correct Vietnamese in Latin-1 letters never shows.

    That is a sign or a foreign letter (`¸`, `å`), or a capital inside a word (`NguyÔn`). Without it
    a misspelt word of real Unicode would be taken for TCVN3.
    """
    if len(word) > 1 and any(not char.isascii() and char not in _SHARED for char in word):
        return True
    return bool(_CAPITAL_INSIDE.search(word))


def _reads(word: str) -> bool:
    return all(is_syllable(part) for part in re.split(r"[\W_]+", word) if part)


def _reads_as(word: str, encoding: str) -> bool:
    if word.casefold() in _FOREIGN:
        return False
    converted = convert(word, encoding)
    return converted != word and converted.isalpha() and is_syllable(converted)
