"""Which ward and district a free-text address of the city names; never a guess.

Addresses are typed by hand in one cell, abbreviated, without diacritics, often cut at 30
characters. Places named with their level ("P. 4", "Q. Tân Bình") come first; bare names count only
where no street can be meant, for many streets bear the name of a ward or district (Nguyễn Thái Bình
is a street everywhere and a ward of Quận 1). Where two readings remain, the answer is "not told".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from bhyt_filedrop.domain.cells.kept import forgettable
from bhyt_filedrop.domain.cells.text import clean, fold
from bhyt_filedrop.domain.places.fronts import Front, Fronts, rests_on_its_end
from bhyt_filedrop.domain.places.names import (
    DISTRICT_MARKS,
    TOWN_MARKS,
    WARD_MARKS,
    Book,
    compile_book,
)
from bhyt_filedrop.domain.places.old import NOTHING_OLD, OldPlaces
from bhyt_filedrop.domain.places.reading import AddressReading, Mention, cuts_of
from bhyt_filedrop.domain.places.tokens import tokens_of, words_of
from bhyt_filedrop.domain.process.units import Units


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an address lies: unit ids of ward and district, "" where they cannot be told.

    `how` tells people why: `ward` (ward and district agree), `ward-alone` (only one ward has that
    name), `district` (no ward could be read), `ambiguous` (two readings, or they disagree),
    `elsewhere` (outside the city), `nothing`. `candidates` are the wards of today among which a
    person chooses, where the old ward that is named was divided.
    """

    ward: str = ""
    district: str = ""
    how: str = "nothing"
    candidates: tuple[str, ...] = ()

    def choice(self, units: Units) -> str:
        """Say among which wards a person chooses, "" where that is not known."""
        names = " hoặc ".join(units.full_name(units[ward]) for ward in self.candidates)
        return f"Địa bàn cũ nay thuộc {names}." if names else ""


_OUTSIDE = re.compile(r"(ngoai|khac) (thanh pho|tp|tinh|dia ban)\b|tinh (thanh )?khac\b")

_ENDS = 16384
"""Ends of addresses to remember: wards by the ways in which clerks write them."""

_NOTHING, _AMBIGUOUS, _ELSEWHERE = Placed(), Placed(how="ambiguous"), Placed(how="elsewhere")


class Gazetteer:
    """All names of one configuration's wards and districts, compiled once; safe to share."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._fronts = Fronts(book)
        self._by_end: dict[tuple[str, Front, bool, bool], Placed] = {}
        self._placed = forgettable(lru_cache(maxsize=65536)(self._place))

    @classmethod
    def of(
        cls, units: Units, aliases: Mapping[str, str] | None = None, old: OldPlaces = NOTHING_OLD
    ) -> Gazetteer:
        """Compile a gazetteer of the units that are a level of addresses, and of old places.

        `aliases` maps another spelling to an official name: `Q. BT` → `Quận Bình Thạnh|Quận Bình
        Tân` (either), `Phường 19, Quận Tân Bình` → `Quận Tân Phú` (a place that moved), `TP.HCM` →
        `trong thành phố`, `Long An` → `ngoài thành phố`. Raises ValueError naming an alias that
        means no unit.
        """
        return cls(compile_book(units, aliases or {}, old))

    def place(self, address: str) -> Placed:
        """Place one address as typed. The same text is only read once."""
        return self._placed(address)

    def place_parts(self, ward: str, district: str, city: str = "", address: str = "") -> Placed:
        """Place an address that stands split in columns, with or without "Phường" and "Quận".

        Columns of their own speak before free text: a clerk filled them in, or a hospital did. A
        Tỉnh/Thành phố that is not this city settles it, and so does `Authority.outside` in any.
        """
        if not (ward or district or city):
            return self.place(address) if address else _NOTHING
        if says_outside(ward, district) or (city and self._is_elsewhere(city)):
            return _ELSEWHERE
        if office := self.book.offices.get(" ".join(words_of(district))):
            return self._below(office, ward, city, address)
        beside = [
            _with_mark(district, _ABOVE_WARDS, "quận"),
            city if self._is_old_province(city) else "",
        ]
        said = [
            _in_one_line(_with_mark(ward, WARD_MARKS, mark), *beside)
            for mark in self._marks_of(ward)
        ]
        placed = _one_of([self.place(split) for split in said if split])
        if placed.ward or not address:
            return placed
        return self.place(_in_one_line(address, said[0], city))

    def _marks_of(self, ward: str) -> list[str]:
        """The marks that a bare name may lack: `Vĩnh Lộc` is a xã, `5` a phường. A name that wards
        of today have is theirs."""
        ids = self.book.wards.get(" ".join(words_of(ward)), marked=False)
        kinds = {self.book.kind_of[i] for i in ids - self.book.old.now.keys() or ids}
        return [_WRITTEN[kind] for kind in _WRITTEN if kind in kinds] or [_WRITTEN["phuong"]]

    def _below(self, office: str, ward: str, city: str, address: str) -> Placed:
        """Place by what is said beside the name of an office that no address names: what it comes
        to lies below that office, or nobody can tell."""
        placed = self.place_parts(ward, "", city, address)
        own = [w for w in placed.candidates or (placed.ward,) if self._is_below(w, office)]
        if len(own) == 1:
            return Placed(own[0], office, "ward")
        return placed if placed.how == "elsewhere" else Placed("", office, "district")

    def _is_below(self, ward: str, office: str) -> bool:
        return self.book.district_of.get(ward) == office

    def _is_old_province(self, city: str) -> bool:
        """True for one that says which of the wards of a name is meant: it is the city's now."""
        return bool(self.book.provinces and AddressReading(self.book, city).province)

    def _is_elsewhere(self, city: str) -> bool:
        reading = AddressReading(self.book, city)
        named = any(token.text.isalpha() for token in reading.tokens)
        return named and reading.end == len(reading.tokens) and not reading.districts

    def _place(self, address: str) -> Placed:
        """Read an address; of those that differ in their house alone only the first."""
        text = clean(address).text
        if not (parted := self._fronts.split(text)):
            return self._read(AddressReading(self.book, address))
        front, street, end = parted
        key = (end, street, *cuts_of(address, text))
        if not (placed := self._by_end.get(key)):
            reading = AddressReading(self.book, address)
            placed = self._read(reading)
            if rests_on_its_end(reading, front):
                self._keep(key, placed)
        return placed

    def _keep(self, key: tuple[str, Front, bool, bool], placed: Placed) -> None:
        if len(self._by_end) >= _ENDS:
            self._by_end.clear()
        self._by_end[key] = placed

    def _read(self, reading: AddressReading) -> Placed:
        return _Verdict(self.book, reading).placed()


_WRITTEN: Mapping[str, str] = {
    "phuong": "phường", "xa": "xã", "thi tran": "thị trấn", "dac khu": "đặc khu",
}  # fmt: skip
"""Level word → its mark as an address writes it."""
_ABOVE_WARDS: Mapping[str, str] = {**DISTRICT_MARKS, **TOWN_MARKS}


def says_outside(*columns: str) -> bool:
    """True where a clerk answered that a child lives outside the city: `Ngoài Thành phố`."""
    return any(text and _OUTSIDE.match(fold(text)) for text in columns)


def _in_one_line(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _one_of(placed: Sequence[Placed]) -> Placed:
    """What several readings of one place come to: one ward, or several among which to choose."""
    wards = sorted({one.ward for one in placed if one.ward})
    if len(wards) > 1:
        return Placed(how="ambiguous", candidates=tuple(wards))
    return next((one for one in placed if one.ward), placed[0] if placed else _NOTHING)


def _with_mark(text: str, marks: Mapping[str, str], mark: str) -> str:
    if not text:
        return ""
    texts = [token.text for token in tokens_of(text)]
    pairs = pairwise(texts)
    marked = any(first in marks or f"{first} {then}" in marks for first, then in pairs)
    return text.strip() if marked or not texts else f"{mark} {text.strip()}"


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What the places named in one address come to."""

    book: Book
    reading: AddressReading

    def placed(self) -> Placed:
        if self.reading.elsewhere:
            return _ELSEWHERE
        if self.reading.unknown:
            return self._without_ward(self.reading.unknown)
        if not self.reading.districts:
            return self._by_ward(self.reading.wards)
        return self._by_district(self.reading.wards, self.reading.districts)

    def _without_ward(self, unknown: frozenset[str]) -> Placed:
        """A level that is written with a name nobody knows: at most the marked district holds."""
        districts = self.reading.districts
        if unknown != {"ward"} or not districts:
            return _NOTHING
        return self._district_only(set(frozenset.intersection(*(m.ids for m in districts))))

    def _by_ward(self, wards: Sequence[Mention]) -> Placed:
        """No district is named: a ward's name alone is enough where only one ward has it."""
        if not wards or not self.reading.nothing_follows(wards[-1].end):
            return _NOTHING
        ids = frozenset().union(*(self._alone(ward) for ward in wards))
        if self.reading.province:
            ids = self.book.within(ids, self.reading.province)
            return self._settled(self._then_first(ids), "ward-alone")
        if self.reading.lacks_its_end(wards[-1].end):
            return self._settled(ids, "ward-alone")
        longer = ids & frozenset().union(*(ward.longer for ward in wards))
        return self._settled(self._now_first(ids - longer) | longer, "ward-alone")

    def _alone(self, ward: Mention) -> frozenset[str]:
        if ward.name.isdigit() and ward.mark != "phuong":
            return frozenset(self.book.district_of)  # P. 25 may be a room
        return self.book.of_exact_kind(ward.all, ward.mark) if ward.mark else ward.all

    def _by_district(self, wards: Sequence[Mention], districts: Sequence[Mention]) -> Placed:
        exact = frozenset.intersection(*(m.ids for m in districts))
        possible = frozenset.intersection(*(m.all for m in districts))
        if not exact:
            return _AMBIGUOUS
        named = frozenset().union(*(m.ids for m in wards))
        hits = self._hits(wards, possible) if self.reading.cut else self._hits(wards, exact)
        hits = self._then_first(hits or self._hits(wards, possible))
        by_name = not any(m.name.isdigit() for m in wards)
        # A name that only one of the districts has also tells which one "Q. 1" was cut from.
        certainly = self.book.within(named, possible if by_name else exact)
        if len(self._today(hits)) == 1 and hits <= certainly:
            return self._settled(hits, "ward")
        if hits:
            return self._district_only({d for ward in hits for d in self.book.around[ward]})
        if wards and by_name:
            return self._moved(wards, exact) or _AMBIGUOUS
        certain = possible if self.reading.cut else exact
        if self._is_doubtful(districts) or len(certain) > 1:
            return _AMBIGUOUS
        return self._moved(wards, exact) or self._district_only(set(exact))

    def _hits(self, wards: Sequence[Mention], districts: frozenset[str]) -> frozenset[str]:
        return self.book.within(frozenset().union(*(m.all for m in wards)), districts)

    # --- then and now ----------------------------------------------------------------------

    def _then_first(self, wards: frozenset[str]) -> frozenset[str]:
        """Beside its old district or province a name is the old ward's, if there was one."""
        then = wards & self.book.old.now.keys()
        return then or wards

    def _now_first(self, wards: frozenset[str]) -> frozenset[str]:
        """A name alone is that of a ward of today, if there is one."""
        return wards - self.book.old.now.keys() or wards

    def _settled(self, wards: frozenset[str], how: str) -> Placed:
        """Say which ward of today the wards that an address may name come to."""
        meant = self._today(wards)
        if len(meant) != 1:
            above = {self.book.district_of[ward] for wards in meant for ward in wards} - {""}
            return Placed("", min(above), "district") if len(above) == 1 else _AMBIGUOUS
        (now,) = meant
        if len(now) > 1:
            return Placed(how="ambiguous", candidates=tuple(sorted(now)))
        return Placed(min(now), self.book.district_of[min(now)], how)

    def _today(self, wards: frozenset[str]) -> frozenset[frozenset[str]]:
        """Return what each of several names comes to: one ward, or those an old one lies in."""
        return frozenset(self.book.old.now.get(ward, frozenset({ward})) for ward in wards)

    def _district_only(self, districts: set[str]) -> Placed:
        """One district; of an old one the office that has all of it today."""
        now = {ward for ward, around in self.book.old.around.items() if around & districts}
        if len(now) == 1:  # all of the old district lies in one ward
            return self._settled(frozenset(now), "district")
        above = {self.book.district_of[ward] for ward in now} or districts
        return Placed("", min(above), "district") if len(above) == 1 else _AMBIGUOUS

    def _is_doubtful(self, districts: Sequence[Mention]) -> bool:
        """A bare name that a ward elsewhere has too (Tân Phú, a quận and a ward of Quận 7)."""
        return all(
            not m.mark and self._within_others(self.book.wards.get(m.name, marked=False), m.ids)
            for m in districts
        )

    def _within_others(self, wards: frozenset[str], districts: frozenset[str]) -> bool:
        return any(self.book.around[ward].isdisjoint(districts) for ward in wards)

    def _moved(self, wards: Sequence[Mention], districts: frozenset[str]) -> Placed | None:
        """An old name that `place-aliases.csv` knows: Phường 19, Quận Tân Bình → Quận Tân Phú."""
        now = {self.book.moved.get((w.name, d), "") for w in wards for d in districts}
        if len(now) != 1 or now == {""}:
            return None
        unit = min(now)
        if unit in self.book.district_of:
            return self._settled(frozenset({unit}), "ward")
        return self._district_only({unit})
