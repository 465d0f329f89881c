"""The offices: city departments, districts and wards, and who stands above whom.

Units are configuration (`config/units.csv`), never code: in 07/2025 the districts went away.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property

from bhyt_filedrop.domain.cells.text import NaturalKey, natural_key
from bhyt_filedrop.domain.process.authority import Authority
from bhyt_filedrop.domain.process.entitlement import Entitlement
from bhyt_filedrop.domain.process.kinds import UNDECLARED, EarlierKinds, Level, UnitKind
from bhyt_filedrop.domain.process.numbers import NumberRules
from bhyt_filedrop.domain.process.sources import Sources

_PROVINCE_DIGITS = 2


@dataclass(frozen=True, slots=True)
class Unit:
    """One office (đơn vị).

    `kind` is a word of the configuration (`city`, `district`, `ward`). `parent` is the id of the
    unit above ("" at the top). `folder` is its folder's name inside its parent's place in the tree.
    `valid_from` and `valid_to` are its first and last day, where a reorganisation made it or closed
    it; `successors` are the ids of the units that took over from it then. `attach` is "never" where
    no workbook may go along with a letter: it lies in the unit's folder.
    """

    id: str
    name: str
    kind: str
    parent: str = ""
    gso_code: str = ""
    bhxh_code: str = ""
    folder: str = ""
    email: tuple[str, ...] = ()
    phone: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    successors: tuple[str, ...] = ()
    attach: str = ""

    def exists_on(self, day: date) -> bool:
        """True on the days from `valid_from` to `valid_to`, both included; None is no bound."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day <= self.valid_to)

    def is_over(self, day: date) -> bool:
        """True where its last day was before a day."""
        return self.valid_to is not None and self.valid_to < day

    def begins_after(self, day: date) -> bool:
        """True where it was not there yet on a day."""
        return self.valid_from is not None and self.valid_from > day


ATTACH_NEVER = "never"
"""What a unit's `attach` says where its letters carry no workbook."""


@dataclass(frozen=True)
class Units:
    """All offices, by id; in the order in which every list, report and letter names them.

    That is kind by kind as the file begins them, places in natural order (Phường 2, 7, 12) under
    the office above them, the others (city departments) as the file has them.

    Every office that ever was is known by its id, for what it sent stays under its name. Who is
    there, below whom, and which places there are, is asked of one `day` (`at`); None = of all days.
    """

    by_id: Mapping[str, Unit]
    authority: Authority = field(default_factory=Authority)
    """Whose offices they are."""
    kinds: Mapping[str, UnitKind] = field(default_factory=dict)
    """What each kind is, as far as the configuration says it."""
    earlier: tuple[EarlierKinds, ...] = ()
    """What they were before reorganisations, the oldest first."""
    sources: Sources = field(default_factory=Sources)
    """Which documents its rules come from."""
    entitlement: Entitlement = field(default_factory=Entitlement)
    """What a child is entitled to there."""
    numbers: NumberRules = field(default_factory=NumberRules)
    """Which numbers may stand for a child's card."""
    example: str = ""
    """An address as it should be written, for those who left something out."""
    day: date | None = None
    """The day of which it says who is there."""

    @classmethod
    def of(cls, units: Iterable[Unit], kinds: Mapping[str, UnitKind] | None = None) -> Units:
        """Index units by id; a later unit of the same id would win, so callers check first."""
        return cls({unit.id: unit for unit in units}, kinds=kinds or {})

    def __getitem__(self, unit_id: str) -> Unit:
        return self.by_id[unit_id]

    def __iter__(self) -> Iterator[Unit]:
        return iter(self._there)

    @cached_property
    def _there(self) -> tuple[Unit, ...]:
        day = self.day
        return tuple(u for u in self.everybody if day is None or u.exists_on(day))

    @cached_property
    def everybody(self) -> tuple[Unit, ...]:
        """The units of all days, in order."""
        kinds = list(dict.fromkeys(unit.kind for unit in self.by_id.values()))
        return tuple(
            sorted(self.by_id.values(), key=lambda u: (kinds.index(u.kind), *self._place_of(u)))
        )

    def in_order(self, ids: Iterable[str]) -> list[str]:
        """Return ids of units in this order; those of no unit come last, by themselves."""
        return sorted(ids, key=lambda id_: (self._places.get(id_, len(self._places)), id_))

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {unit.id: place for place, unit in enumerate(self.everybody)}

    def _place_of(self, unit: Unit) -> tuple[NaturalKey, NaturalKey]:
        above = self.by_id.get(unit.parent)
        own = natural_key(unit.name) if self.kind_of(unit).level != "none" else ()
        return natural_key(above.name) if above else (), own

    def __contains__(self, unit_id: object) -> bool:
        return unit_id in self.by_id

    def of_kind(self, kind: str) -> tuple[Unit, ...]:
        """Return the units of one kind, in order."""
        return tuple(unit for unit in self if unit.kind == kind)

    @property
    def top(self) -> str:
        """The whole of it: `Toàn Thành phố`."""
        return f"Toàn {self.authority.short}"

    @cached_property
    def province_code(self) -> str:
        """Two digits of the whole, as the units on top bear them; "" where none does."""
        codes = (u.gso_code for u in self if not u.parent)
        return next((code for code in codes if len(code) == _PROVINCE_DIGITS), "")

    @cached_property
    def province_codes(self) -> Mapping[str, str]:
        """What a column Tỉnh may say of the whole, folded → its two digits."""
        code = self.province_code
        return dict.fromkeys(self.authority.spellings, code) if code else {}

    def kind_of(self, unit: Unit) -> UnitKind:
        """Return what a unit's kind is, or was when it closed."""
        last = unit.valid_to
        then = next((e.kinds for e in self.earlier if last and last <= e.until), {})
        return (
            then.get(unit.kind)
            or self.kinds.get(unit.kind)
            or UNDECLARED.get(unit.kind)
            or UnitKind()
        )

    def worded(self, pattern: str, unit: Unit) -> str:
        """Fill in a pattern of a kind (`UBND {full_name}`) for one unit."""
        above = self.by_id.get(unit.parent)
        return pattern.format(
            name=unit.name,
            full_name=self.full_name(unit),
            above=above.name if above else "",
            authority=self.authority.letterhead,
        )

    def called(self, some: Iterable[Unit]) -> str:
        """Return how sentences call several units: `quận, huyện`; `đơn vị` for none at all."""
        words = dict.fromkeys(self.kind_of(unit).called for unit in some)
        return ", ".join(words) or UnitKind().called

    @cached_property
    def words(self) -> Mapping[str, str]:
        """The words of sentences: `wards` and `offices`, and what their columns are headed."""
        wards = self.of_level("ward")
        above = [self.by_id[unit.parent] for unit in wards if unit.parent in self.by_id]
        heads = [self.kind_of(some[0]) if some else UnitKind() for some in (wards, above or wards)]
        return {
            "wards": self.wards,
            "offices": self.offices,
            "ward_column": heads[0].column,
            "office_column": heads[1].column,
        }

    @cached_property
    def columns(self) -> tuple[str, str | None]:
        """How columns with wards and with the offices above are headed: "" where the configuration
        does not say it, None where there are no such offices."""
        ward, office = (self.words[f"{name}_column"] for name in ("ward", "office"))
        said = {kind.column for kind in self.kinds.values()} - {UnitKind().column}
        own = office if office in said else ""
        return ward if ward in said else "", own if self.has_offices else None

    @cached_property
    def wards(self) -> str:
        """How sentences call the units that are the smallest part of an address."""
        return self.called(self.of_level("ward"))

    @cached_property
    def offices(self) -> str:
        """How sentences call the offices that those stand under; the same where there are none."""
        parents = dict.fromkeys(unit.parent for unit in self.of_level("ward"))
        above = [self.by_id[parent] for parent in parents if parent in self.by_id]
        return self.called(above) if above else self.wards

    @cached_property
    def has_offices(self) -> bool:
        """True where offices stand between the smallest parts of addresses and the top."""
        return any(unit.parent in self.by_id for unit in self.of_level("ward"))

    def of_level(self, level: Level) -> tuple[Unit, ...]:
        """Return the units that are one level of an address, in order."""
        return tuple(unit for unit in self if self.kind_of(unit).level == level)

    @cached_property
    def _children(self) -> Mapping[str, tuple[Unit, ...]]:
        found: dict[str, list[Unit]] = {}
        for unit in self:
            found.setdefault(unit.parent, []).append(unit)
        return {parent: tuple(units) for parent, units in found.items()}

    def children(self, unit_id: str) -> tuple[Unit, ...]:
        """Return the units directly below one."""
        return self._children.get(unit_id, ())

    def below(self, unit: Unit) -> tuple[Unit, ...]:
        """Return the units that one gives lists to: its children.

        A city department has none of its own: below it are the top units of the kinds that the
        file names after its kind (the districts; since 07/2025 the communes). Below one whose kind
        is gone by now there is nobody.
        """
        own = self.children(unit.id)
        kind_has_children = any(self.children(peer.id) for peer in self.of_kind(unit.kind))
        if own or unit.parent or kind_has_children:
            return own
        kinds = list(dict.fromkeys(other.kind for other in self))
        lower = kinds[kinds.index(unit.kind) + 1 :] if unit.kind in kinds else []
        return tuple(other for other in self.children("") if other.kind in lower)

    def full_name(self, unit: Unit) -> str:
        """Return the name with its parent's, as an address does: `Phường Bến Nghé, Quận 1`."""
        above = self.by_id.get(unit.parent)
        return f"{unit.name}, {above.name}" if above else unit.name

    # --- units in time -------------------------------------------------------------------------

    def at(self, day: date) -> Units:
        """Return the units as they are on a day; one object for all days between two changes."""
        begun = max((change for change in self._changes if change <= day), default=date.min)
        if not self._changes or begun == self.day:
            return self
        if begun not in self._of_day:
            self._of_day[begun] = replace(self, day=begun)
        return self._of_day[begun]

    def of_each_day(self) -> tuple[Units, ...]:
        """Return the units of each time between two changes, the oldest first; none where there is
        no change."""
        return tuple(self.at(day) for day in (date.min, *self._changes) if self._changes)

    @cached_property
    def _of_day(self) -> dict[date, Units]:
        return {}

    @cached_property
    def _changes(self) -> tuple[date, ...]:
        """The first days on which other units are there than on the day before."""
        begun = {unit.valid_from for unit in self.by_id.values() if unit.valid_from}
        over = {unit.valid_to + timedelta(days=1) for unit in self.by_id.values() if unit.valid_to}
        return tuple(sorted(begun | over))

    def is_there(self, unit_id: str) -> bool:
        """True for a unit that there is on the day."""
        unit = self.by_id.get(unit_id)
        return unit is not None and (self.day is None or unit.exists_on(self.day))

    def is_gone(self, unit_id: str) -> bool:
        """True for a unit that is known and not there on the day."""
        return unit_id in self.by_id and not self.is_there(unit_id)

    def heirs(self, unit_id: str) -> tuple[Unit, ...]:
        """Return who is there in the place of a unit, in order: itself as long as it is there, then
        whoever took over from it, from its successors, and so on."""
        if self.is_there(unit_id):
            return (self.by_id[unit_id],)
        line, ahead = {unit_id}, [unit_id]
        while ahead:
            id_ = ahead.pop()
            if self.is_gone(id_):
                new = set(self.by_id[id_].successors) - line
                line |= new
                ahead += new
        return tuple(unit for unit in self if unit.id in line)

    def forebears(self, unit_id: str) -> frozenset[str]:
        """Return the ids of all units whose work a unit took over, near and far."""
        found, ahead = set[str](), [unit_id]
        while ahead:
            new = set(self._took_over.get(ahead.pop(), ())) - found
            found |= new
            ahead += new
        return frozenset(found)

    @cached_property
    def _took_over(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for unit in self.everybody:
            for successor in unit.successors:
                found[successor] = (*found.get(successor, ()), unit.id)
        return found
