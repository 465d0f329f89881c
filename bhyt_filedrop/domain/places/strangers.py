"""Marked places that the book does not know: "Phường 30", "xã Lạ", "Thành phố Vũng Tàu".

Whoever writes a level names a place. Where nobody knows that place, a name beside it must not be
taken instead: the child lives elsewhere, or the clerk mistyped, and only a person can tell which.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bhyt_filedrop.domain.places.names import Book, Names, longest_match
from bhyt_filedrop.domain.places.tokens import Token

_LEVELS = {
    "phường": "ward", "xã": "ward", "thị trấn": "ward", "đặc khu": "ward",
    "quận": "district", "huyện": "district", "thị xã": "district", "thành phố": "district",
    "tỉnh": "province",
}  # fmt: skip
"""Levels as written in full: with their diacritics they mean nothing else, wherever they stand."""
_BARE_LEVELS = {
    "phuong": "ward", "xa": "ward", "thi tran": "ward", "dac khu": "ward",
    "quan": "district", "huyen": "district", "thi xa": "district", "thanh pho": "district",
    "tinh": "province",
}  # fmt: skip
"""The same without diacritics: the streets Tri Phương and Thanh Quan hold them too."""
_SHORT = {
    "p": "ward", "f": "ward", "ph": "ward", "x": "ward", "tt": "ward", "ttr": "ward",
    "q": "district", "h": "district", "tp": "district", "tx": "district",
}  # fmt: skip
_MARKS_BEGIN = frozenset(mark.split()[0] for mark in (*_BARE_LEVELS, *_SHORT))
_NUMBERED = frozenset({"p", "f", "ph", "q"})
_NOT_AFTER = {"xa": ("cu",), "huyen": ("ba",), "thi xa": ()}
_NOT_BEFORE = {
    "xa": ("lo", "hoi"), "tinh": ("lo",), "tt": ("i", "te"), "phuong": ("doi",), "huyen": ("doi",),
}  # fmt: skip
_NOT_PLACES = frozenset({"lo", "block", "toa", "day", "lau", "tang", "phong", "can", "khu"})
_BESIDES = frozenset(
    {"so", "duong", "d", "khu", "kp", "to", "ap", "hem", "gan", "sdt", "dt", "tel", "cu", "nay"}
)
"""Words that may follow a place without being part of its name."""

WORDS_AROUND_MARKS = frozenset(
    word
    for mark in (*_BARE_LEVELS, *_SHORT, *(w for words in _NOT_AFTER.values() for w in words))
    for word in mark.split()
) | frozenset(_NOT_PLACES)
"""Every word that is a part of a mark, or changes what the mark behind it means."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """A place that was recognised: its level, its tokens, and whether it is a mere number."""

    level: str
    start: int
    end: int
    is_number: bool
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Stranger:
    """A marked place that nobody knows. `sure`: its mark can be nothing but a level."""

    level: str
    sure: bool


def strangers(
    book: Book, tokens: Sequence[Token], end: int, known: Sequence[Recognised]
) -> Iterator[Stranger]:
    """Yield the unknown places of an address; `end` is where the city's own name begins."""
    look = _Survey(book, tokens, end, {place.start: place for place in known})
    at = 0
    while at < len(tokens):
        if place := look.known.get(at):
            if look.goes_on(place):
                yield Stranger(place.level, True)
            at = max(place.end, at + 1)
            continue
        if found := look.stranger_at(at):
            yield found
        at += 1


@dataclass(frozen=True, slots=True)
class _Survey:
    book: Book
    tokens: Sequence[Token]
    end: int
    known: dict[int, Recognised]

    def goes_on(self, place: Recognised) -> bool:
        """True where words follow that make it another place's name: `Phường Tân Phú Lạ`."""
        if place.is_number or place.is_cut or place.end >= self.end:
            return False
        following = self.tokens[place.end]
        return (
            following.segment == self.tokens[place.start].segment
            and following.text.isalpha()
            and place.end not in self.known
            and following.text not in _BESIDES
            and not self._mark(place.end)[0]
            and not self._is_district(place.end)
        )

    def _is_district(self, at: int) -> bool:
        found = longest_match(
            self.tokens[: self.end], at, (self.book.districts.exact, self.book.whole)
        )
        return bool(found)

    def stranger_at(self, at: int) -> Stranger | None:
        """Return the unknown place whose mark stands here."""
        mark, level, start, sure = self._mark(at)
        if not level or start >= len(self.tokens) or self._is_other_word(mark, at, start):
            return None
        if self.tokens[start].segment != self.tokens[at].segment or self._mark(start)[0]:
            return None
        if level == "district" and not self.book.districts.exact and mark not in ("tp", "tx"):
            return None  # a city without districts: its old ones are history
        if self._is_city(at, start) or self._may_be_cut(level, start):
            return None
        return Stranger(level, sure) if self._is_name(mark, start) else None

    def _mark(self, at: int) -> tuple[str, str, int, bool]:
        """Return the mark at a token, its level, the index after it, and whether it is sure."""
        if self.tokens[at].text not in _MARKS_BEGIN:
            return "", "", at, False
        first = at == 0 or self.tokens[at - 1].segment != self.tokens[at].segment
        for length in (2, 1):
            part = self.tokens[at : at + length]
            typed, text = " ".join(t.typed for t in part), " ".join(t.text for t in part)
            if typed in _LEVELS:
                return text, _LEVELS[typed], at + length, True
            if text in _BARE_LEVELS and typed == text:
                return text, _BARE_LEVELS[text], at + length, first
            if text in _SHORT and (first or not self.tokens[at].glued):
                return text, _SHORT[text], at + length, False
        return "", "", at, False

    def _is_other_word(self, mark: str, at: int, start: int) -> bool:
        before = self.tokens[at - 1].text if at else ""
        return (
            before in _NOT_AFTER.get(mark, ())
            or self.tokens[start].text in _NOT_BEFORE.get(mark, ())
            or (mark in _SHORT and before in _NOT_PLACES)
        )

    def _is_city(self, at: int, start: int) -> bool:
        """True for the city itself, wherever it stands: `TP.HCM, Quận 1`."""
        inside = (self.book.inside,)
        return at >= self.end or any(longest_match(self.tokens, n, inside) for n in (at, start))

    def _may_be_cut(self, level: str, start: int) -> bool:
        """True for the beginning of a known name at the very end of the text."""
        if self.end != len(self.tokens) or self.tokens[-1].segment != self.tokens[start].segment:
            return False
        beginning = " ".join(token.text for token in self.tokens[start:])
        names: Names = self.book.wards if level == "ward" else self.book.districts
        return bool(names.starting(beginning) or names.get(beginning, marked=True))

    def _is_name(self, mark: str, start: int) -> bool:
        """A word, or a number that no room or alley has: `P.502` and `H.12` are none."""
        name = self.tokens[start].text
        if mark not in _SHORT:
            return True
        if not name.isdigit():
            return len(name) > 1
        following = self._next_in_segment(start)
        runs_on = following is not None and following.glued and following.text not in _SHORT
        room = following is not None and following.text in _NOT_PLACES | {"cc", "chung", "nha"}
        return mark in _NUMBERED and len(name) < 3 and not runs_on and not room

    def _next_in_segment(self, at: int) -> Token | None:
        """Return the token after one, None behind a comma: `P. 29, Cần Thạnh` is no flat."""
        segment = self.tokens[at].segment
        return next((t for t in self.tokens[at + 1 :] if t.segment == segment), None)
