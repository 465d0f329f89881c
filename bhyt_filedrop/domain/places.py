"""Which ward and district a free-text address of the city names; never a guess.

Addresses are typed by hand in one cell, abbreviated, without diacritics, often cut at 30
characters. Places named with their level ("P. 4", "Q. Tân Bình") come first; bare names count only where no
street can be meant, for many streets bear the name of a ward or district (Nguyễn Thái Bình is a
street everywhere and a ward of Quận 1). Where two readings remain, the answer is "not told".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bhyt_filedrop.domain.place_names import (
    DISTRICT_MARKS,
    WARD_MARKS,
    Book,
    Names,
    compile_book,
    longest_match,
    tokens_of,
)
from bhyt_filedrop.domain.text import clean
from bhyt_filedrop.domain.units import Units

# Lengths at which data bases cut a text; a trimmed blank or two may be missing.
_CUTS = frozenset({28, 29, 30, 40, 50, 60, 64, 80, 100, 120, 128, 150, 200, 255})
_ROMAN = {
    "i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6",
    "vii": "7", "viii": "8", "ix": "9", "x": "10", "xi": "11", "xii": "12",
}  # fmt: skip
# What a house stands in besides a street: after "ấp 3" or "khu phố 2" comes the ward.
_LOCALITY_WORDS = "ap kp khom to tdp thon khu pho xom dp cum"
# What may stand before a street's name without being one, so that the name is still the street's.
_LEAD_WORDS = (
    "so duong d dg hem h ngo ngach lo quoc tinh huong lau tang phong can ho block toa nha chung"
    " cu cc cx xa kdc kcn kcx cho cong ti truong benh vien chua cau ben nga tu ba sau lien dan moi"
    " khach san sn nr noi dai"
)
_LOCALITIES = frozenset(_LOCALITY_WORDS.split())
_NO_STREET = _LOCALITIES | frozenset(_LEAD_WORDS.split())
_FLOORS = frozenset({"lau", "tang", "block", "lo"})
_HOUSES = _FLOORS | {"cc", "chung", "toa", "nha"}


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an address lies: unit ids of ward and district, "" where they cannot be told.

    `how` tells people why: `ward` (ward and district agree), `ward-alone` (only one ward has that
    name), `district` (no ward could be read), `ambiguous` (two readings, or they disagree),
    `elsewhere` (outside the city), `nothing`.
    """

    ward: str = ""
    district: str = ""
    how: str = "nothing"


_NOTHING, _AMBIGUOUS, _ELSEWHERE = Placed(), Placed(how="ambiguous"), Placed(how="elsewhere")


@dataclass(frozen=True, slots=True)
class _Mention:
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
        return self.ids | self.longer


class Gazetteer:
    """All names of one configuration's wards and districts, compiled once; safe to share."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._placed = lru_cache(maxsize=65536)(self._place)

    @classmethod
    def of(
        cls,
        units: Units,
        aliases: Mapping[str, str] | None = None,
        *,
        ward_kind: str = "ward",
        district_kind: str = "district",
    ) -> Gazetteer:
        """Compile a gazetteer.

        `aliases` maps another spelling to an official name: `Q. BT` → `Quận Bình Thạnh|Quận Bình
        Tân` (either), `Phường 19, Quận Tân Bình` → `Quận Tân Phú` (a place that moved), `TP.HCM` →
        `trong thành phố`, `Long An` → `ngoài thành phố`. Raises ValueError naming an alias that
        means no unit.
        """
        return cls(compile_book(units, aliases or {}, ward_kind, district_kind))

    def place(self, address: str) -> Placed:
        """Place one address as typed. The same text is only read once."""
        return self._placed(address)

    def place_parts(self, ward: str, district: str) -> Placed:
        """Place an address that stands split in columns, with or without "Phường" and "Quận"."""
        parts = (
            _with_mark(ward, WARD_MARKS, "phường"),
            _with_mark(district, DISTRICT_MARKS, "quận"),
        )
        return self.place(", ".join(part for part in parts if part))

    def _place(self, address: str) -> Placed:
        return _Reading(self.book, clean(address).text).placed()


def _with_mark(text: str, marks: Mapping[str, str], mark: str) -> str:
    texts = [token.text for token in tokens_of(text)]
    marked = len(texts) > 1 and (texts[0] in marks or " ".join(texts[:2]) in marks)
    return text.strip() if marked or not texts else f"{mark} {text.strip()}"


class _Reading:
    """One address being read: its tokens, and the places named in them."""

    def __init__(self, book: Book, address: str) -> None:
        self.book = book
        self.tokens = tokens_of(address)
        self.cut = len(address) in _CUTS
        self.end, self.elsewhere = self._without_city()
        self.mentions = self._marked_mentions()

    def placed(self) -> Placed:
        if self.elsewhere:
            return _ELSEWHERE
        districts = [m for m in self.mentions if m.level == "district"]
        wards = [m for m in self.mentions if m.level == "ward"]
        if not districts and (bare := self._bare_district() or self._cut_district()):
            districts = [bare]
        if not wards and (other := self._bare_ward(districts) or self._cut_ward()):
            wards = [other]
        if not districts:
            return self._by_ward(wards)
        return self._by_district(wards, districts)

    # --- what is named ---------------------------------------------------------------------

    def _without_city(self) -> tuple[int, bool]:
        """Return where the address ends before "TP.HCM", and whether it lies elsewhere."""
        end = len(self.tokens)
        while end and (length := self._suffix(end, self.book.inside)):
            end -= length
        end -= self._cut_city(end)
        length = self._suffix(end, self.book.outside)
        # A mark before it says that a ward or street bears the province's name (P. Bình Thuận).
        marked = length and end > length and self.tokens[end - length - 1].text in WARD_MARKS
        return end, bool(length and not marked)

    def _cut_city(self, end: int) -> int:
        """Return how many last tokens are the beginning of the city's name: `…, Q.1, TP. Hồ C`."""
        start = end
        while start and self.tokens[start - 1].segment == self.tokens[end - 1].segment:
            start -= 1
        rest = self._text(start, end)
        plain = rest.startswith("tp") or len(rest) > 3
        return end - start if plain and any(c.startswith(rest) for c in self.book.inside) else 0

    def _suffix(self, end: int, names: Iterable[str]) -> int:
        """Return how many tokens before `end`, in one segment, make the longest of the names."""
        texts: list[str] = []
        longest = 0
        for token in reversed(self.tokens[max(0, end - 6) : end]):
            if token.segment != self.tokens[end - 1].segment:
                break
            texts.insert(0, token.text)
            if " ".join(texts) in names:
                longest = len(texts)
        return longest

    def _marked_mentions(self) -> list[_Mention]:
        found: list[_Mention] = []
        at = 0
        while at < self.end:
            follows = bool(found) and found[-1].end == at
            mention = self._mention_at(at, follows)
            if mention:
                found.append(mention)
            at = mention.end if mention else at + 1
        return found

    def _mention_at(self, at: int, follows: bool) -> _Mention | None:
        if match := longest_match(self.tokens, at, (self.book.whole,)):
            return _Mention("district", match[0], self.book.whole[match[0]], at, match[1], mark="q")
        if at and not follows and self.tokens[at].glued and self.tokens[at - 1].text.isdigit():
            return None  # 12P5 is a house number
        return self._ward_at(at) or self._district_at(at)

    def _ward_at(self, at: int) -> _Mention | None:
        mark, start = self._mark(at, WARD_MARKS)
        if not mark or (at and self.tokens[at - 1].text in ("cu", "thi") and mark == "xa"):
            return None  # cư xá, thị xã
        return self._named("ward", mark, at, start, self.book.wards)

    def _district_at(self, at: int) -> _Mention | None:
        mark, start = self._mark(at, DISTRICT_MARKS)
        return self._named("district", mark, at, start, self.book.districts) if mark else None

    def _mark(self, at: int, marks: Mapping[str, str]) -> tuple[str, int]:
        one = self.tokens[at].text
        two = f"{one} {self.tokens[at + 1].text}" if at + 1 < self.end else ""
        if two in marks:
            return two, at + 2
        return (one, at + 1) if one in marks else ("", at)

    def _named(self, level: str, mark: str, at: int, start: int, names: Names) -> _Mention | None:
        if start >= self.end or self.tokens[start].segment != self.tokens[at].segment:
            return None
        match = longest_match(self.tokens[: self.end], start, (names.exact, names.marked_only))
        name, end = match or (_ROMAN.get(self.tokens[start].text, ""), start + 1)
        ids = self._of_kind(names.get(name, marked=True), mark)
        if not ids or self._runs_on(name, end) or self._is_room(mark, name, at, end):
            return None
        longer = names.starting(name) if self.cut and end == len(self.tokens) else frozenset()
        return _Mention(level, name, ids, at, end, self._of_kind(longer, mark), mark)

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
        return before in _FLOORS or after in _HOUSES

    # --- bare names ------------------------------------------------------------------------

    @property
    def _last(self) -> int:
        return self.mentions[-1].end if self.mentions else 0

    def _bare_district(self) -> _Mention | None:
        """A district's name without "Quận" at the end: `…, P. 4, Tân Bình`."""
        names = self.book.districts
        start = self.end - self._suffix(self.end, names.exact)
        if not self._last <= start < self.end or self.tokens[start].text.isdigit():
            return None
        right_after_ward = bool(self.mentions) and start == self._last
        if not (right_after_ward or self._no_street(start)):
            return None
        name = self._text(start, self.end)
        return _Mention("district", name, names.exact[name], start, self.end)

    def _bare_ward(self, districts: Sequence[_Mention]) -> _Mention | None:
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
        ids = self.book.wards.exact[name]
        if districts:  # of another district: then it is not meant as a ward
            ids = self._within(ids, frozenset().union(*(m.all for m in districts)))
        return _Mention("ward", name, ids, start, end) if ids else None

    def _no_street(self, start: int) -> bool:
        """True where the name from `start` cannot be the street's: a street, or a hamlet, stands
        before it, or nothing at all.
        """
        before = self.tokens[:start]
        if not before:
            return True
        same = [t.text for t in before if t.segment == self.tokens[start].segment]
        if same:
            return _ends_street(same)
        texts = [t.text for t in before]
        return any(map(_is_street_word, texts)) or not _LOCALITIES.isdisjoint(texts)

    def _text(self, start: int, end: int) -> str:
        return " ".join(token.text for token in self.tokens[start:end])

    # --- names that were cut ---------------------------------------------------------------

    def _cut_district(self) -> _Mention | None:
        """The beginning of a district's name at the very end: `P. 4, Q. Tân B`, `P. 4, Phú Nhu`."""
        start = self._last
        rest = self.tokens[start:]
        if not self.mentions or not rest or self.end != len(self.tokens):
            return None
        mark, name_start = self._mark(start, DISTRICT_MARKS)
        beginning = self._text(name_start, self.end)
        if len(beginning) < (1 if mark else 3) or beginning.isdigit():
            return None
        ids = self._of_kind(self.book.districts.starting(beginning), mark or "quan")
        return _Mention("district", "", ids, start, self.end, mark=mark) if ids else None

    def _cut_ward(self) -> _Mention | None:
        """The beginning of a ward's name at the very end: `12/3 Hoa Sứ, P. Bến Thàn`."""
        if self.end != len(self.tokens):
            return None
        for start in range(max(self._last, self.end - 5), self.end - 1):
            mark, name_start = self._mark(start, WARD_MARKS)
            beginning = self._text(name_start, self.end)
            if mark and len(beginning) >= 4 and not beginning[0].isdigit():
                ids = self._exact_kind(self.book.wards.starting(beginning), mark)
                return _Mention("ward", "", ids, start, self.end, mark=mark) if ids else None
        return None

    def _exact_kind(self, ids: frozenset[str], mark: str) -> frozenset[str]:
        return frozenset(i for i in ids if self.book.kind_of[i] == WARD_MARKS.get(mark))

    # --- the verdict -----------------------------------------------------------------------

    def _by_ward(self, wards: Sequence[_Mention]) -> Placed:
        """No district is named: a ward's name alone is enough where only one ward has it."""
        if not wards or not self._nothing_follows(wards[-1].end):
            return _NOTHING
        ids = frozenset().union(*(self._alone(ward) for ward in wards))
        districts = {self.book.district_of[ward] for ward in ids}
        if len(ids) == 1:
            return Placed(min(ids), min(districts), "ward-alone")
        return Placed("", min(districts), "district") if len(districts) == 1 else _AMBIGUOUS

    def _alone(self, ward: _Mention) -> frozenset[str]:
        if ward.name.isdigit() and ward.mark != "phuong":
            return frozenset(self.book.district_of)  # P. 25 may be a room
        return self._exact_kind(ward.all, ward.mark) if ward.mark else ward.all

    def _nothing_follows(self, end: int) -> bool:
        """True where nothing but the city, or its cut beginning, stands behind."""
        if end >= self.end:
            return True
        rest = self._text(end, self.end)
        cities = any(name.startswith(rest) for name in self.book.inside)
        return (len(rest) > 1 and cities) or any(
            mark.startswith(rest) for mark in ("quan", "huien", "huyen")
        )

    def _by_district(self, wards: Sequence[_Mention], districts: Sequence[_Mention]) -> Placed:
        exact = frozenset.intersection(*(m.ids for m in districts))
        possible = frozenset.intersection(*(m.all for m in districts))
        if not exact:
            return _AMBIGUOUS
        named = frozenset().union(*(m.ids for m in wards))
        hits = self._within(frozenset().union(*(m.all for m in wards)), possible)
        if len(hits) == 1 and hits <= self._within(named, exact):
            ward = min(hits)
            return Placed(ward, self.book.district_of[ward], "ward")
        if hits:
            return self._district_only({self.book.district_of[ward] for ward in hits})
        if any(not m.name.isdigit() for m in wards):
            return self._moved(wards, exact) or _AMBIGUOUS
        if self._is_doubtful(districts) or len(possible) > 1:
            return _AMBIGUOUS
        return self._moved(wards, exact) or self._district_only(set(exact))

    def _within(self, wards: frozenset[str], districts: frozenset[str]) -> frozenset[str]:
        return frozenset(ward for ward in wards if self.book.district_of[ward] in districts)

    def _district_only(self, districts: set[str]) -> Placed:
        return Placed("", min(districts), "district") if len(districts) == 1 else _AMBIGUOUS

    def _is_doubtful(self, districts: Sequence[_Mention]) -> bool:
        """A bare name that a ward elsewhere has too (Tân Phú, a quận and a ward of Quận 7)."""
        return all(
            not m.mark and self._within_others(self.book.wards.get(m.name, marked=False), m.ids)
            for m in districts
        )

    def _within_others(self, wards: frozenset[str], districts: frozenset[str]) -> bool:
        return any(self.book.district_of[ward] not in districts for ward in wards)

    def _moved(self, wards: Sequence[_Mention], districts: frozenset[str]) -> Placed | None:
        """An old name that `place-aliases.csv` knows: Phường 19, Quận Tân Bình → Quận Tân Phú."""
        now = {self.book.moved.get((w.name, d), "") for w in wards for d in districts}
        if len(now) != 1 or now == {""}:
            return None
        unit = min(now)
        if unit in self.book.district_of:
            return Placed(unit, self.book.district_of[unit], "ward")
        return Placed("", unit, "district")


def _is_street_word(text: str) -> bool:
    return len(text) > 1 and text.isalpha() and text not in _NO_STREET


def _ends_street(texts: Sequence[str]) -> bool:
    """True where words of one segment end in a whole street or hamlet: "12 Hoa Sứ", "ấp 3"."""
    if texts[-1].isdigit():
        lead = texts[-3:-1]
        return bool(lead) and (not _LOCALITIES.isdisjoint(lead) or "duong" in lead)
    return len(texts) > 1 and all(map(_is_street_word, texts[-2:]))
