"""Finding the wards and districts that one address names, marked, bare or cut off.

It only collects what may be meant; which of it holds is decided in `places`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bhyt_filedrop.domain.cells.text import clean
from bhyt_filedrop.domain.places.names import (
    DISTRICT_MARKS,
    UNTONED_MARKS,
    WARD_MARKS,
    Book,
    Names,
    longest_match,
)
from bhyt_filedrop.domain.places.strangers import Recognised, strangers
from bhyt_filedrop.domain.places.streets import ends_street, holds_street
from bhyt_filedrop.domain.places.tokens import tokens_of, typed_of

# Lengths at which data bases cut a text; a blank or two at the cut may have been trimmed.
_FIELDS = frozenset({30, 40, 50, 60, 64, 80, 100, 120, 128, 150, 200, 255})
_CUTS = frozenset(length - trimmed for length in _FIELDS for trimmed in range(3))
_ROMAN = {
    "i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6",
    "vii": "7", "viii": "8", "ix": "9", "x": "10", "xi": "11", "xii": "12",
}  # fmt: skip
_MARKS_BEGIN = frozenset(mark.split()[0] for mark in (*WARD_MARKS, *DISTRICT_MARKS))
FLOORS = frozenset({"lau", "tang", "block"})
"""What makes of "P. 12" behind it a room."""
_HOUSES = FLOORS | {"cc", "chung", "toa", "nha", "lo"}


@dataclass(frozen=True, slots=True)
class Mention:
    """A place named in tokens `start` to `end`: what it may be, and `longer` what if it was cut."""

    level: str
    name: str
    ids: frozenset[str]
    start: int
    end: int
    longer: frozenset[str] = frozenset()
    mark: str = ""
    """The mark's word as typed (`p`, `phuong`, `q`); "" for a bare name."""

    @property
    def all(self) -> frozenset[str]:
        """Everything it may be, cut or not."""
        return self.ids | self.longer


def cuts_of(address: str, text: str) -> tuple[bool, bool]:
    """Tell by the length of an address, as typed and as repaired, whether it may have been cut, and
    whether that may have been behind its last word, whose blank at most was trimmed."""
    return (
        len(address) in _CUTS or len(text) in _CUTS,
        len(address) in _FIELDS or len(text) + 1 in _FIELDS,
    )


class AddressReading:
    """One address being read: its tokens, and the places named in them."""

    def __init__(self, book: Book, address: str) -> None:
        """Read an address as typed: its length tells whether it may have been cut."""
        text = clean(address).text
        self.book = book
        self.tokens = tokens_of(text)
        self.cut, self.cut_after_a_word = cuts_of(address, text)
        self.toned = any(not token.typed.isascii() for token in self.tokens)
        self.province: frozenset[str] = frozenset()
        """The districts of the old province that is named at the end; none where none is."""
        self.end = self._without_city()
        self.mentions = self._marked_mentions()
        self.districts = self._of_level("district")
        self.wards = self._of_level("ward")
        self.elsewhere = self._lies_elsewhere()
        self.unknown = self._unknown_levels()
        if not self.unknown:
            self._add_unmarked()

    def _of_level(self, level: str) -> list[Mention]:
        return [mention for mention in self.mentions if mention.level == level]

    def _unknown_levels(self) -> frozenset[str]:
        """The levels of marked places that nobody knows. An abbreviation that may mean something
        else ("TT Y tế") says nothing beside a ward and a district that are both known."""
        known = [
            Recognised(m.level, m.start, m.end, m.name.isdigit(), bool(m.longer))
            for m in self.mentions
        ]
        found = strangers(self.book, self.tokens, self.end, known)
        plain = bool(self.wards and self.districts)
        return frozenset(stranger.level for stranger in found if stranger.sure or not plain)

    def _add_unmarked(self) -> None:
        if not self.districts and (found := self._bare_district() or self._cut_district()):
            self.districts = [found]
        if not self.wards and (found := self._bare_ward(self.districts) or self._cut_ward()):
            self.wards = [found]

    # --- what is named ---------------------------------------------------------------------

    def _without_city(self) -> int:
        """Return where the address ends before "TP.HCM, Việt Nam"."""
        end = len(self.tokens)
        while end and (length := self._suffix(end, self.book.inside)):
            if self._is_wards(end - length, end):
                return end
            end -= length
            name = self._text(end, end + length)
            self.province = self.province or self.book.provinces.get(name, frozenset())
        return end - self._cut_city(end)

    def _is_wards(self, start: int, end: int) -> bool:
        """True for a city's or province's name that a ward bears: `Phường Sài Gòn`."""
        if not start or self.tokens[start - 1].segment != self.tokens[start].segment:
            return False
        marks = (self._text(start - 1, start), self._text(start - 2, start))
        names = self.book.wards.exact
        return not WARD_MARKS.keys().isdisjoint(marks) and self._text(start, end) in names

    def _lies_elsewhere(self) -> bool:
        """True where the address ends with another province's name, and not as a street's part."""
        start = self.end - self._suffix(self.end, self.book.outside)
        if not self._last <= start < self.end:
            return False
        first = start == 0 or self.tokens[start].segment != self.tokens[start - 1].segment
        said = start > 0 and self.tokens[start - 1].text in ("tinh", "t")
        return first or said or not self.districts

    def _cut_city(self, end: int) -> int:
        """Return how many last tokens are the beginning of the city's name: `…, Q.1, TP. Hồ C`."""
        start = end
        while start and self.tokens[start - 1].segment == self.tokens[end - 1].segment:
            start -= 1
        rest = self._text(start, end)
        if rest in self.book.whole:
            return 0  # Thành phố Bà Rịa is no beginning of Bà Rịa - Vũng Tàu
        plain = rest.startswith("tp") or len(rest) > 3
        return end - start if plain and any(c.startswith(rest) for c in self.book.inside) else 0

    def _suffix(self, end: int, names: Iterable[str]) -> int:
        """Return how many tokens before `end` make the longest of the names: in one segment, but
        for a name that has a dash inside."""
        texts: list[str] = []
        longest = 0
        for token in reversed(self.tokens[max(0, end - 6) : end]):
            parted = token.segment != self.tokens[end - 1].segment
            if parted and not self.book.dashed:
                break
            texts.insert(0, token.text)
            name = " ".join(texts)
            if name in names and (not parted or name in self.book.dashed):
                longest = len(texts)
        return longest

    def _marked_mentions(self) -> list[Mention]:
        found: list[Mention] = []
        at = 0
        while at < self.end:
            follows = bool(found) and found[-1].end == at
            mention = self._mention_at(at, follows)
            if mention:
                found.append(mention)
            at = mention.end if mention else at + 1
        return found

    def _mention_at(self, at: int, follows: bool) -> Mention | None:
        begins = self.tokens[at].text in self.book.whole_begins
        if begins and (match := longest_match(self.tokens, at, (self.book.whole,))):
            return Mention("district", match[0], self.book.whole[match[0]], at, match[1], mark="q")
        if at and not follows and self.tokens[at].glued and self.tokens[at - 1].text.isdigit():
            return None  # 12P5 is a house number
        return self._ward_at(at) or self._district_at(at)

    def _ward_at(self, at: int) -> Mention | None:
        mark, start = self._mark(at, WARD_MARKS)
        if not mark or (at and self.tokens[at - 1].text in ("cu", "thi") and mark == "xa"):
            return None  # cư xá, thị xã
        return self._named("ward", mark, at, start, self.book.wards)

    def _district_at(self, at: int) -> Mention | None:
        mark, start = self._mark(at, DISTRICT_MARKS)
        return self._named("district", mark, at, start, self.book.districts) if mark else None

    def _mark(self, at: int, marks: Mapping[str, str]) -> tuple[str, int]:
        one = self.tokens[at].text
        if one not in _MARKS_BEGIN:
            return "", at
        two = f"{one} {self.tokens[at + 1].text}" if at + 1 < self.end else ""
        if two in marks:
            return two, at + 2
        return (one, at + 1) if one in marks else ("", at)

    def _named(self, level: str, mark: str, at: int, start: int, names: Names) -> Mention | None:
        if start >= self.end or self.tokens[start].segment != self.tokens[at].segment:
            return None
        match = longest_match(self.tokens[: self.end], start, (names.exact, names.marked_only))
        name, end = match or (self._roman(level, start), start + 1)
        ids = self._of_kind(self._as_typed(names.get(name, marked=True), at, start, end), mark)
        if not ids or self._runs_on(name, end) or self._is_room(mark, name, at, end):
            return None
        longer = self._of_kind(self._longer(names, name, end), mark)
        return Mention(level, name, ids, at, end, longer, mark)

    def _as_typed(self, ids: frozenset[str], at: int, start: int, end: int) -> frozenset[str]:
        """Tell names that differ by tone alone apart, where the address has tones at all; a mark
        that is written out without them (`Xa Thanh An`) says that the name has none either."""
        marks = [token.typed for token in self.tokens[at:start]]
        if len(ids) < 2 or not self.toned or any(m in UNTONED_MARKS for m in marks):
            return ids
        return self.book.as_written(ids, typed_of(self.tokens[start:end]))

    def _roman(self, level: str, at: int) -> str:
        """`Q.III` as `3`, where nothing goes on behind it but the next mark."""
        ends = at + 1 >= self.end or self.tokens[at + 1].segment != self.tokens[at].segment
        lone = self.tokens[at - 1].text == "q" or len(self.tokens[at].text) > 1
        if level != "district" or not lone or not (ends or self.tokens[at + 1].text in WARD_MARKS):
            return ""
        return _ROMAN.get(self.tokens[at].text, "")

    def _longer(self, names: Names, name: str, end: int) -> frozenset[str]:
        """What a whole name at the very end may be if the text was cut: `Quận 1` → 10, 11, 12.

        A word begun after it says so by itself: `P. Tân Hưng Th` is of Tân Hưng Thuận.
        """
        if end == len(self.tokens):
            return names.starting(name) if self.cut or name.isdigit() else frozenset()
        if self.end == len(self.tokens) and self._one_segment(end - 1, self.end - 1):
            return names.starting(f"{name} {self._text(end, self.end)}")
        return frozenset()

    def _of_kind(self, ids: frozenset[str], mark: str) -> frozenset[str]:
        """Drop what a mark cannot mean: "huyện Tân Phú" is no quận (it lies in another province).

        The other way about happens: "Q. Hóc Môn", "P. Tân Túc" are slips of the city's clerks.
        """
        kind = WARD_MARKS.get(mark) or DISTRICT_MARKS.get(mark)
        if kind in ("quan", "phuong") or mark == "xa":
            return ids
        return frozenset(i for i in ids if self.book.kind_of[i] == kind)

    def _runs_on(self, name: str, end: int) -> bool:
        """True where a number goes on (P.12/5, P.12B): it is a room or a house, not a ward."""
        if not name.isdigit() or end >= self.end or not self.tokens[end].glued:
            return False
        return self.tokens[end].text not in WARD_MARKS.keys() | DISTRICT_MARKS.keys()

    def _is_room(self, mark: str, name: str, at: int, end: int) -> bool:
        """True where "P. 12" is rather a room: "lầu 3 P. 12", "P. 12 chung cư …"."""
        if mark != "p" or not name.isdigit():
            return False
        before = self.tokens[at - 2].text if at > 1 else ""
        after = self.tokens[end].text if end < self.end else ""
        return before in FLOORS or after in _HOUSES

    # --- bare names ------------------------------------------------------------------------

    @property
    def _last(self) -> int:
        return self.mentions[-1].end if self.mentions else 0

    def _bare_district(self) -> Mention | None:
        """A district's name without "Quận" at the end: `…, P. 4, Tân Bình`."""
        names = self.book.districts
        start = self.end - self._suffix(self.end, names.exact)
        if not self._last <= start < self.end or self.tokens[start].text.isdigit():
            return None
        right_after_ward = bool(self.mentions) and start == self._last
        if not (right_after_ward or self._no_street(start)):
            return None
        name = self._text(start, self.end)
        longer = self._longer(names, name, self.end)
        return Mention("district", name, names.exact[name], start, self.end, longer)

    def _bare_ward(self, districts: Sequence[Mention]) -> Mention | None:
        """A ward's name without "Phường" right before the district, or at the very end."""
        end = districts[0].start if districts else self.end
        if any(m.end > end - 1 for m in self.mentions if m not in districts) or not end:
            return None
        start = end - self._suffix(end, self.book.wards.exact)
        if start == end or self.tokens[start].text.isdigit() or not self._no_street(start):
            return None
        if not districts and start and self.tokens[start].segment == self.tokens[start - 1].segment:
            return None
        name = self._text(start, end)
        ids = self._as_typed(self.book.wards.exact[name], start, start, end)
        if districts:  # of another district: then it is not meant as a ward
            ids = self.book.within(ids, frozenset().union(*(m.all for m in districts)))
        longer = self._longer(self.book.wards, name, end)
        return Mention("ward", name, ids, start, end, longer) if ids else None

    def _no_street(self, start: int) -> bool:
        """True where the name from `start` cannot be the street's: a street, or a hamlet, stands
        before it, or nothing at all.
        """
        before = self.tokens[:start]
        if not before:
            return True
        same = [t for t in before if t.segment == self.tokens[start].segment]
        return ends_street(same) if same else holds_street(before)

    def _name_begun(self, mark: int, start: int) -> str:
        """Return the words from `start` to the end if they stand in one segment with the mark.

        "" too for the beginning of the next mark: `Nguyễn Tri Phương Phườ`.
        """
        text = self._text(start, self.end)
        if not self._one_segment(mark, self.end - 1):
            return ""
        return "" if any(word.startswith(text) for word in ("phuong", "quan", "huyen")) else text

    def _one_segment(self, first: int, last: int) -> bool:
        return self.tokens[first].segment == self.tokens[last].segment

    def lacks_its_end(self, end: int) -> bool:
        """True for a text that may have been cut, unless the city stands whole behind `end`: an old
        district may have followed."""
        if end == len(self.tokens):
            return self.cut_after_a_word
        return self.cut and self._text(end, len(self.tokens)) not in self.book.inside

    def nothing_follows(self, end: int) -> bool:
        """True where nothing but the city, or its cut beginning, stands behind."""
        if end >= self.end:
            return True
        rest = self._text(end, self.end)
        cities = any(name.startswith(rest) for name in self.book.inside)
        return (len(rest) > 1 and cities) or any(
            mark.startswith(rest) for mark in ("quan", "huyen")
        )

    def _text(self, start: int, end: int) -> str:
        return " ".join(token.text for token in self.tokens[start:end])

    # --- names that were cut ---------------------------------------------------------------

    def _cut_district(self) -> Mention | None:
        """The beginning of a district's name at the very end: `P. 4, Q. Tân B`, `P. 4, Phú Nhu`."""
        start = self._last
        rest = self.tokens[start:]
        if not self.mentions or not rest or self.end != len(self.tokens):
            return None
        mark, name_start = self._mark(start, DISTRICT_MARKS)
        beginning = self._name_begun(start, name_start)
        if len(beginning) < (1 if mark else 4) or beginning.isdigit():
            return None
        ids = self._of_kind(self.book.districts.starting(beginning), mark or "quan")
        return Mention("district", "", ids, start, self.end, mark=mark) if ids else None

    def _cut_ward(self) -> Mention | None:
        """The beginning of a ward's name at the very end: `12/3 Hoa Sứ, P. Bến Thàn`."""
        if self.end != len(self.tokens) or not self.cut:
            return None
        for start in range(max(self._last, self.end - 5), self.end - 1):
            mark, name_start = self._mark(start, WARD_MARKS)
            beginning = self._name_begun(start, name_start)
            if mark and len(beginning) >= 4 and not beginning[0].isdigit():
                ids = self.book.of_exact_kind(self.book.wards.starting(beginning), mark)
                return Mention("ward", "", ids, start, self.end, mark=mark) if ids else None
        return None
