"""An address as comparable words: no case, no diacritics, no leading zeros, `y` and `i` alike at
the end of a word (Quý = Quí)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from bhyt_filedrop.domain.cells.kept import forgettable
from bhyt_filedrop.domain.cells.text import COMBINING, tone_blind


class Token(NamedTuple):
    """One word or number of an address. `segment` counts the commas and dashes before it."""

    text: str
    segment: int
    glued: bool
    """True where nothing, or a slash alone, stands between it and the token before."""
    typed: str = ""
    """The word in lower case with its diacritics: `phường` is a level, `phương` a name."""


_LONGEST = 500
_D = str.maketrans("đĐðÐ", "dDdD")
# `QTBình` is Q · T · Bình: a capital begins a word, several of them are one.
_PIECE = re.compile(r"([A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+)|(\d+)|(\s+)|([^\sA-Za-z\d])")
_FINAL_Y = re.compile(r"(qu|[^aeiou\W])y$|^y$")


def tokens_of(address: str) -> list[Token]:
    """Cut an address into comparable words: `Q.BThạnh, P05` → q · b · thanh | p · 5.

    What lies behind the length of any address is not read: each word costs a search for places.
    """
    found: list[Token] = []
    segment = 0
    for part in unicodedata.normalize("NFC", address[:_LONGEST]).split(","):
        tokens = _tokens_of_part(part, segment)
        found += tokens
        segment = tokens[-1].segment + 1 if tokens else segment
    return found


@forgettable
@lru_cache(maxsize=16384)
def _tokens_of_part(composed: str, segment: int) -> tuple[Token, ...]:
    """Cut what stands between two commas; most of it (Phường 5, Quận 3) comes again and again."""
    plain = COMBINING.sub("", unicodedata.normalize("NFD", composed)).translate(_D)
    typed = composed if len(composed) == len(plain) else plain
    found: list[Token] = []
    glued, pending = False, ""
    for piece in _PIECE.finditer(plain):
        word, number, space, sign = piece.groups()
        if space:
            glued, pending = False, pending and pending + " "
        elif sign:
            glued, pending = glued and sign == "/", pending + sign
        else:
            segment += bool(found) and _separates(pending)
            glued = glued and not (word and found[-1].text.isalpha() and not pending)
            as_typed = typed[piece.start() : piece.end()].lower()
            found.append(Token(_word(word or "", number or ""), segment, glued, as_typed))
            glued, pending = True, ""
    return tuple(found)


def _separates(signs: str) -> bool:
    """A comma, a bracket or a free-standing dash parts two segments; `Phú-Nhuận` is one name."""
    return any(sign in ",;()|\\+" for sign in signs) or "- " in signs or signs.startswith("–")


def _word(word: str, number: str) -> str:
    if number:
        return number.lstrip("0") or "0"
    return _FINAL_Y.sub(lambda found: (found[1] or "") + "i", word.lower())


def words_of(name: str) -> tuple[str, ...]:
    """Return a name as its comparable words, separators ignored."""
    return tuple(token.text for token in tokens_of(name))


def typed_of(tokens: Iterable[Token]) -> str:
    """Return words as they were typed, to compare with what stands in `Book.written`."""
    return tone_blind(" ".join(t.text if t.text.isdigit() else t.typed for t in tokens))
