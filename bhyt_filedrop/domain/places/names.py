"""The names by which addresses call wards and districts, compiled for quick look-up.

Names are compared as sequences of small words (`tokens`). Which words mark a level ("P.", "F.",
"huyện") is spelling and stands here; which places there are comes from the units and from
`place-aliases.csv`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from bhyt_filedrop.domain.places.old import NOTHING_OLD, OldPlaces
from bhyt_filedrop.domain.places.tokens import Token, tokens_of, typed_of, words_of
from bhyt_filedrop.domain.process.units import Units

INSIDE = frozenset({"trong thành phố", "trong tỉnh", "trong địa bàn"})
OUTSIDE = frozenset({"ngoài thành phố", "ngoài tỉnh", "ngoài địa bàn"})
"""Meanings in `place-aliases.csv` of names that are no unit: the whole itself, and elsewhere."""

WARD_MARKS: Mapping[str, str] = {
    "phuong": "phuong", "p": "phuong", "f": "phuong", "ph": "phuong", "phg": "phuong",
    "xa": "xa", "x": "xa",
    "thi tran": "thi tran", "tt": "thi tran", "t tran": "thi tran", "ttr": "thi tran",
    "dac khu": "dac khu", "dk": "dac khu",
}  # fmt: skip
DISTRICT_MARKS: Mapping[str, str] = {
    "quan": "quan", "q": "quan", "qu": "quan",
    "huyen": "huyen", "h": "huyen",
}  # fmt: skip
UNTONED_MARKS = frozenset({"phuong", "xa", "thi", "tran", "dac", "khu"})
"""Words of marks that have a tone, where they are typed without."""
TOWN_MARKS: Mapping[str, str] = {
    "thanh pho": "thanh pho", "tp": "thanh pho", "thi xa": "thi xa", "tx": "thi xa",
}  # fmt: skip
"""Marks of districts that are towns; one that grew from a thị xã into a thành phố has either."""
_LEVELS = ("phuong", "xa", "thi tran", "quan", "huyen", "thanh pho", "thi xa", "dac khu")
_LONGEST_NAME = 8  # words of the longest name or alias


def split_level(words: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Split `phuong ben nghe` into its level and the bare name; ("", name) without a level."""
    for level in _LEVELS:
        parts = tuple(level.split())
        if words[: len(parts)] == parts and len(words) > len(parts):
            return level, words[len(parts) :]
    return "", words


@dataclass
class Names:
    """Names of one level: comparable name → ids, and every name for look-up by its beginning."""

    exact: dict[str, frozenset[str]] = field(default_factory=dict)
    marked_only: dict[str, frozenset[str]] = field(default_factory=dict)
    """Abbreviations that mean a place only right after its level's mark: `Q. TB`."""
    _sorted: list[str] = field(default_factory=list, repr=False, compare=False)

    def add(self, words: tuple[str, ...], ids: frozenset[str], *, marked: bool = False) -> None:
        """Add a spelling; the same spelling of another unit makes both candidates."""
        table = self.marked_only if marked else self.exact
        for name in {" ".join(words), "".join(words)}:
            table[name] = table.get(name, frozenset()) | ids

    def get(self, name: str, *, marked: bool) -> frozenset[str]:
        """Return the ids a spelling may mean."""
        ids = self.exact.get(name, frozenset())
        return ids | self.marked_only.get(name, frozenset()) if marked else ids

    def starting(self, beginning: str) -> frozenset[str]:
        """Return the ids of all names that begin so and go on."""
        names = self._in_order()
        longer = names[bisect_right(names, beginning) : bisect_right(names, f"{beginning}\uffff")]
        return frozenset().union(*(self.exact[name] for name in longer))

    def _in_order(self) -> list[str]:
        if len(self._sorted) != len(self.exact):
            self._sorted = sorted(self.exact)
        return self._sorted


@dataclass(frozen=True)
class Book:
    """All names of one configuration."""

    wards: Names
    districts: Names
    whole: Mapping[str, frozenset[str]]
    """Spellings that need no mark and name districts by themselves: `TP Thủ Đức`, `QTB`."""
    inside: frozenset[str]
    outside: frozenset[str]
    moved: Mapping[tuple[str, str], str]
    """(ward name that a district no longer has, district id) → the unit it means now."""
    district_of: Mapping[str, str]
    kind_of: Mapping[str, str]
    """Unit id → the level word of its official name: phuong, xa, thi tran, quan, huyen."""
    written: Mapping[str, str]
    """Unit id → its bare name with its diacritics, to tell Thanh An and Thạnh An apart."""
    around: Mapping[str, frozenset[str]]
    """Ward id → the districts that it may be said to lie in: its own, or, for a ward of today, the
    old ones that it was made of."""
    old: OldPlaces = NOTHING_OLD
    provinces: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Names of old provinces → their districts."""
    offices: Mapping[str, str] = field(default_factory=dict)
    """Name → id of offices above wards that no address names: `BHXH cơ sở Tân Định`."""
    dashed: frozenset[str] = frozenset()
    """Names of a city or province with a dash inside: `Bà Rịa - Vũng Tàu` is one name."""

    @cached_property
    def whole_begins(self) -> frozenset[str]:
        """The first words of the names in `whole`: few words of an address are one."""
        return frozenset(name.split()[0] for name in self.whole)

    def within(self, wards: frozenset[str], districts: frozenset[str]) -> frozenset[str]:
        """Return the wards that lie in one of the districts."""
        return frozenset(ward for ward in wards if not self.around[ward].isdisjoint(districts))

    def as_written(self, ids: frozenset[str], typed: str) -> frozenset[str]:
        """Return those of several places whose name has the very tones that were typed; all where
        the text has none at all, or those of no place."""
        if len(ids) < 2:
            return ids
        return frozenset(i for i in ids if self.written[i] == typed) or ids

    def of_exact_kind(self, wards: frozenset[str], mark: str) -> frozenset[str]:
        """Return the wards of the very kind that a mark names: "P." no xã, "X." no phường."""
        return frozenset(ward for ward in wards if self.kind_of[ward] == WARD_MARKS.get(mark))


def compile_book(units: Units, aliases: Mapping[str, str], old: OldPlaces = NOTHING_OLD) -> Book:
    """Compile the names of units and old places and their aliases.

    Raises AliasError naming an alias whose meaning is no unit of the configuration.
    """
    wards, districts = Names(), Names()
    then = Units(old.units)
    kinds: dict[str, str] = {}
    written: dict[str, str] = {}
    whole: dict[str, frozenset[str]] = {}
    of_wards = (*units.of_level("ward"), *then.of_level("ward"))
    of_districts = (*units.of_level("district"), *then.of_level("district"))
    for names, level in ((wards, of_wards), (districts, of_districts)):
        for unit in level:
            kinds[unit.id], bare = split_level(words_of(unit.name))
            names.add(bare, frozenset({unit.id}))
            written[unit.id] = _bare_as_written(unit.name)
            if names is districts:
                _add_town(whole, kinds[unit.id], bare, frozenset({unit.id}))
    for city, ids in old.cities.items():
        _add_town(whole, *split_level(words_of(city)), ids)
    around = {w.id: old.around.get(w.id, frozenset()) | {w.parent} for w in of_wards}
    book = Book(
        wards,
        districts,
        whole,
        frozenset(),
        frozenset(),
        {},
        {ward.id: ward.parent for ward in of_wards},
        kinds,
        written,
        around,
        old,
        offices={
            " ".join(words_of(units[parent].name)): parent
            for parent in dict.fromkeys(ward.parent for ward in units.of_level("ward"))
            if parent in units and units.kind_of(units[parent]).level == "none"
        },
    )
    return _with_aliases(book, units, aliases)


def _add_town(
    whole: dict[str, frozenset[str]], level: str, bare: tuple[str, ...], ids: frozenset[str]
) -> None:
    """A district that is a town needs its mark: its bare name is a ward's, or the province's."""
    if level in TOWN_MARKS.values():
        for mark in TOWN_MARKS:
            whole[" ".join((mark, *bare))] = whole["".join((*mark.split(), *bare))] = ids


def _bare_as_written(name: str) -> str:
    """`Xã Thạnh An` → `thạnh an`, as `Token.typed` has it, wherever in a word the tone sits."""
    tokens = tokens_of(name)
    _, bare = split_level(tuple(token.text for token in tokens))
    return typed_of(tokens[len(tokens) - len(bare) :])


def alias_problems(
    units: Units, aliases: Mapping[str, str], old: OldPlaces = NOTHING_OLD
) -> dict[str, str]:
    """Return what is wrong with aliases, alias → one line of Vietnamese, for those who keep them.

    `compile_book` would raise on the first; this lets a configuration name every bad line at once.
    """
    book = compile_book(units, {}, old)
    official = _official_names(units, book)
    problems = {}
    for alias, meaning in aliases.items():
        try:
            _check_alias(alias, meaning, official, book)
        except AliasError as err:
            problems[alias] = err.reason
    return problems


class AliasError(ValueError):
    """An alias that cannot be used; `reason` says why, in Vietnamese."""

    def __init__(self, alias: str, reason: str) -> None:
        self.reason = reason
        super().__init__(f"place alias {alias!r}: {reason}")


def _check_alias(alias: str, meaning: str, official: Mapping[str, set[str]], book: Book) -> None:
    if not words_of(alias):
        raise AliasError(alias, "không có chữ hay số nào")
    if meaning not in INSIDE | OUTSIDE | book.old.provinces.keys():
        _meant(alias, meaning, official)
        if "," in alias:
            _old_place(alias, book)


def _own_names(authority: str) -> set[str]:
    """The province's own name, with each mark it may bear; aliases add what people call it."""
    words = list(words_of(authority))
    for mark in _PROVINCE_MARKS:
        if words[: len(mark)] == [*mark]:
            words = words[len(mark) :]
            break
    return {" ".join((*mark, *words)) for mark in ((), *_PROVINCE_MARKS)} if words else set()


_PROVINCE_MARKS = (("tp",), ("thanh", "pho"), ("tinh",))


def _with_aliases(book: Book, units: Units, aliases: Mapping[str, str]) -> Book:
    whole = dict(book.whole)
    provinces = {name: ids for said, ids in book.old.provinces.items() for name in _own_names(said)}
    dashed = {n for said in book.old.provinces if " - " in said for n in _own_names(said)}
    inside = _own_names(units.authority.name) | provinces.keys()
    outside: set[str] = set()
    moved: dict[tuple[str, str], str] = {}
    official = _official_names(units, book)
    for alias, meaning in aliases.items():
        _check_alias(alias, meaning, official, book)
        words = words_of(alias)
        if " - " in alias:
            dashed.add(" ".join(words))
        if meaning in INSIDE | OUTSIDE:
            (inside if meaning in INSIDE else outside).add(" ".join(words))
            continue
        if meaning in book.old.provinces:
            inside.add(" ".join(words))
            provinces[" ".join(words)] = book.old.provinces[meaning]
            continue
        ids = _meant(alias, meaning, official)
        if "," in alias:
            moved[_old_place(alias, book)] = min(ids)
        else:
            _add_alias(book, whole, words, ids)
    today = " ".join(words_of(units.authority.name))
    return replace(
        book,
        whole=whole,
        inside=frozenset(inside),
        outside=frozenset(outside),
        moved=moved,
        provinces={name: ids for name, ids in provinces.items() if name not in _own_names(today)},
        dashed=frozenset(dashed),
    )


def _add_alias(
    book: Book, whole: dict[str, frozenset[str]], words: tuple[str, ...], ids: frozenset[str]
) -> None:
    names = book.wards if ids <= book.district_of.keys() else book.districts
    marks = WARD_MARKS if names is book.wards else DISTRICT_MARKS
    if words[0] in marks and words[1:]:
        names.add(words[1:], ids, marked=True)
        if names is book.districts:
            whole["".join(words)] = ids
    elif words[0] in ("tp", "tx"):
        whole[" ".join(words)] = whole["".join(words)] = ids
    else:
        names.add(words, ids)


def _meant(alias: str, meaning: str, official: Mapping[str, set[str]]) -> frozenset[str]:
    """Read `Quận Bình Thạnh|Quận Bình Tân` or `Phường Đa Kao, Quận 1` as unit ids."""
    parts = {" ".join(words_of(part)): part.strip() for part in meaning.split("|")}
    if unknown := [text for name, text in parts.items() if name not in official]:
        raise AliasError(alias, f"«{unknown[0]}» không phải là đơn vị nào trong units.csv")
    return frozenset().union(*(official[name] for name in parts))


def _official_names(units: Units, book: Book) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = {}
    for unit in (*units, *book.old.units.values()):
        if unit.id in book.kind_of:
            above = book.old.units.get(unit.parent)
            full = f"{unit.name}, {above.name}" if above else units.full_name(unit)
            for name in (unit.name, full):
                found.setdefault(" ".join(words_of(name)), set()).add(unit.id)
    return found


def _old_place(alias: str, book: Book) -> tuple[str, str]:
    ward, _, district = alias.partition(",")
    ids = book.districts.get(" ".join(split_level(words_of(district))[1]), marked=True)
    if len(ids) != 1:
        raise AliasError(alias, "phần sau dấu phẩy không phải là quận, huyện nào")
    return " ".join(split_level(words_of(ward))[1]), min(ids)


def longest_match(
    tokens: Sequence[Token], start: int, tables: Iterable[Container[str]]
) -> tuple[str, int] | None:
    """Return the longest run of tokens from `start`, within one segment, that stands in a table.

    The answer is the run as text and the index after it.
    """
    segment = tokens[start].segment
    texts = [t.text for t in tokens[start : start + _LONGEST_NAME] if t.segment == segment]
    for length in range(len(texts), 0, -1):
        run = " ".join(texts[:length])
        for names in tables:
            if run in names:
                return run, start + length
    return None
