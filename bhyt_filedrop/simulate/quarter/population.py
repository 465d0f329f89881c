"""The children of a whole quarter: who they are, how a hospital listed them, what becomes of them.

Nobody here exists. The same seed and count give the same children on every machine. What offices
get wrong on paper is here too: newborns without a name, twins, namesakes, several visits, ten
clerks' ways of writing an address and some that no reader can place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from random import Random

from bhyt_filedrop.domain.cells.text import fold
from bhyt_filedrop.domain.places.old import NOTHING_OLD, OldPlaces
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit, Units
from bhyt_filedrop.simulate.addresses import STYLES, address, house, offices, place_then
from bhyt_filedrop.simulate.people import REASONS, InventedChild, children

Key = tuple[str, str, str]
"""How an office finds a child in its papers: folded name, ISO birth date, folded mother."""

RARE = 3
"""So many children of a small cast are what one in hundreds is of a city: twins, unplaceable."""

CUT = 30
"""Some programs keep so many characters of an address."""

_ADDRESS_STYLES = (*sorted(STYLES), "cut")
_UNPLACEABLE = ("Tạm trú, không rõ nơi ở", "Khu nhà trọ công nhân", "Ở nhờ nhà người quen, {whole}")
_NO_SUCH_WARD = ("Phường 99", "Xã Lạ")
"""Wards that are nowhere: what stands beside them is no place either."""
_PROVINCES = ("Bến Lức, Long An", "Châu Thành, tỉnh Tiền Giang", "tỉnh Đồng Nai")
_MARKUP = "Không tìm thấy <r>&</r>"
"""A reason that a careless writer would take for markup."""


class TrueFate(StrEnum):
    """What the offices find out about a child in the end."""

    LISTED = "listed"
    """Phòng CNTT found its card: on form 1, and never sent to a ward."""
    BEFORE = "carded-before"
    NOW = "carded-now"
    NONE = "uncarded"


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit to a hospital; amounts in đồng."""

    day: date
    tests: int
    drugs: int

    @property
    def total(self) -> int:
        """What the visit cost."""
        return self.tests + self.drugs


@dataclass(frozen=True, slots=True)
class Person:
    """One invented child with everything that is true of it.

    `child` bears its real name, card and address. `listed_as` and `address` are what the hospital
    wrote. `readable` is False where that address names no ward on purpose; `cut` where a program
    cut it, so that it may or may not. `reason` is why no card can be issued.
    """

    child: InventedChild
    fate: TrueFate
    listed_as: str
    address: str
    reason: str = ""
    visits: tuple[Visit, ...] = ()
    readable: bool = True
    cut: bool = False
    split: bool = True
    """The cost list has ward, district and city in columns of their own."""
    outside: bool = False
    """Lives in another province: it reaches no ward, and Phòng Thu answers so."""
    place: tuple[str, str] = ("", "")
    """Ward and district, or city, as the hospital knows them."""

    @property
    def key(self) -> Key:
        """How lists speak of the child until a ward names it."""
        return key_of(self.listed_as, self.child.birth_date, self.child.mother)

    @property
    def real_key(self) -> Key:
        """How lists speak of the child once a ward has named it."""
        return key_of(self.child.name, self.child.birth_date, self.child.mother)

    @property
    def is_nameless(self) -> bool:
        """True for a newborn whom the hospital listed under its mother's name."""
        return self.listed_as != self.child.name

    @property
    def cost(self) -> int:
        """What all its visits cost, in đồng."""
        return sum(visit.total for visit in self.visits)


def key_of(name: object, birth: object, mother: object) -> Key:
    """Make the key of what three cells say; a date cell may be a date or text."""
    day = birth.strftime("%Y-%m-%d") if isinstance(birth, date) else str(birth or "")
    return fold(str(name or "")), day, fold(str(mother or ""))


@dataclass(frozen=True)
class Population:
    """All children of a round, and the registers in which offices look them up."""

    round: Round
    units: Units
    people: tuple[Person, ...]

    @cached_property
    def by_key(self) -> Mapping[Key, Person]:
        """Every child by what lists call it, before and after it is named."""
        found = {person.real_key: person for person in self.people}
        return found | {person.key: person for person in self.people}

    @cached_property
    def sent(self) -> tuple[Person, ...]:
        """The children of form 2, who have to be found out about."""
        return tuple(p for p in self.people if p.fate is not TrueFate.LISTED)

    @cached_property
    def by_ward(self) -> Mapping[str, tuple[Person, ...]]:
        """The children of form 2 by the ward they live in; wards without any are left out, and so
        are children of other provinces."""
        found: dict[str, list[Person]] = {}
        for person in (p for p in self.sent if not p.outside):
            found.setdefault(person.child.ward, []).append(person)
        return {ward: tuple(people) for ward, people in found.items()}

    @cached_property
    def offices(self) -> tuple[Unit, ...]:
        """The offices that stand between the wards and the one on top; there may be none."""
        return offices(self.units)

    def of_district(self, district: str) -> tuple[Person, ...]:
        """The children of form 2 who live in a district."""
        wards = (ward.id for ward in self.units.children(district))
        return tuple(person for ward in wards for person in self.by_ward.get(ward, ()))

    @property
    def outside(self) -> tuple[Person, ...]:
        """The children of form 2 who live in other provinces."""
        return tuple(p for p in self.sent if p.outside)

    @property
    def cost(self) -> int:
        """What the whole cost list adds up to, in đồng."""
        return sum(person.cost for person in self.people)


def populate(
    units: Units, round_: Round, count: int, seed: int, old: OldPlaces = NOTHING_OLD
) -> Population:
    """Make the children of a round; no two are called the same on the lists. Hospitals go on
    writing `old` places."""
    rng = Random(f"{seed}/{count}/population")
    base = children(units, count, round=round_, seed=seed, wards=_homes(rng, units, count))
    named = _twins(rng, _namesakes(rng, base))
    rare = max(0.004, RARE / count)
    people = tuple(_person(rng, child, listed, units, round_, rare, old) for child, listed in named)
    return Population(round_, units, _told_apart(people))


def _homes(rng: Random, units: Units, count: int) -> list[Unit]:
    """Wards of very different size; a few have no child at all."""
    wards = list(units.of_level("ward"))
    empty = frozenset(rng.sample(range(len(wards)), 3))
    weights = [0.0 if n in empty else rng.uniform(0.4, 1.8) for n in range(len(wards))]
    once = [ward for n, ward in enumerate(wards) if n not in empty][:count]
    return once + rng.choices(wards, weights, k=count - len(once))


def _namesakes(rng: Random, base: Sequence[InventedChild]) -> list[InventedChild]:
    """Let one child in a hundred share its name with a child of another ward."""
    people = list(base)
    for number in rng.sample(range(len(people)), len(people) // 100):
        other = people[rng.randrange(len(people))]
        if other.girl == people[number].girl and other.ward != people[number].ward:
            people[number] = replace(people[number], name=other.name)
    return people


def _twins(rng: Random, people: Sequence[InventedChild]) -> list[tuple[InventedChild, str]]:
    """Pair each child with the name a hospital listed it under, and make some children twins."""
    found: list[tuple[InventedChild, str]] = []
    newborn = max(child.birth_date for child in people) - timedelta(days=75)
    rate = max(0.006, RARE / len(people))
    for child in people:
        mother = child.mother
        twin = bool(found) and rng.random() < rate
        if twin and (first := found.pop()[0]).birth_date > newborn:
            second = replace(first, code=child.code, name=child.name, girl=child.girl,
                             card=child.card)  # fmt: skip
            lead = rng.choice(("Con bà", "CB"))
            found += [(first, f"{lead} {first.mother} 1"), (second, f"{lead} {first.mother} 2")]
        elif twin:
            second = replace(child, birth_date=first.birth_date, mother=first.mother,
                             id_number=first.id_number, ward=first.ward,
                             address=first.address)  # fmt: skip
            found += [(first, first.name), (second, second.name)]
        elif child.birth_date > newborn and rng.random() < 0.5:
            found.append((child, f"{rng.choice(('Con bà', 'CB', 'Con bà'))} {mother}"))
        else:
            found.append((child, child.name))
    return found


def _person(
    rng: Random,
    child: InventedChild,
    listed: str,
    units: Units,
    round_: Round,
    rare: float,
    old: OldPlaces,
) -> Person:
    fate = rng.choices(list(TrueFate), (20, 20, 48, 12))[0]
    place = place_then(rng, units[child.ward], units, old)
    style, whole = rng.choice(_ADDRESS_STYLES), units.authority.place
    lost = rng.random() < rare
    person = Person(
        child,
        fate,
        child.name if fate is TrueFate.LISTED else listed,
        _unplaceable(rng, units[child.ward], whole) if lost else _address(rng, place, style, whole),
        rng.choice((*REASONS, _MARKUP)) if fate is TrueFate.NONE else "",
        _visits(rng, child, round_),
        readable=not lost,
        cut=style == "cut",
        split=rng.random() < 0.7,
        place=place,
    )
    away = rng.random() < rare and fate is not TrueFate.LISTED and listed == child.name
    return _moved_away(rng, person) if away else person


def _moved_away(rng: Random, person: Person) -> Person:
    """A child of another province: nobody in the city can issue its card."""
    home = f"{house(rng)}, {rng.choice(_PROVINCES)}"
    none = replace(person, fate=TrueFate.NONE, reason="", address=home, split=False)
    return replace(none, outside=True, readable=False, cut=False)


def _address(rng: Random, place: tuple[str, str], style: str, whole: str) -> str:
    if style == "cut":
        return address(rng, place, "tight")[:CUT]
    return address(rng, place, style, whole)


def _unplaceable(rng: Random, ward: Unit, whole: str) -> str:
    nowhere = f"{house(rng)}, {rng.choice(_NO_SUCH_WARD)}, {ward.folder or ward.name}"
    said = (text.format(whole=whole) for text in _UNPLACEABLE)
    return rng.choice((*said, house(rng), nowhere, nowhere))


def _visits(rng: Random, child: InventedChild, round_: Round) -> tuple[Visit, ...]:
    first = max(round_.first_day, child.birth_date)
    days = (round_.last_day - first).days
    count = rng.choices((1, 2, 3, 4), (74, 17, 6, 3))[0]
    return tuple(
        Visit(
            first + timedelta(days=rng.randint(0, days)),
            1_000 * rng.randint(5, 90) + rng.choice((0, 500)),
            1_000 * rng.randint(10, 400),
        )
        for _ in range(count)
    )


def _told_apart(people: Sequence[Person]) -> tuple[Person, ...]:
    """Give twins of one sex one fate: on paper nothing tells them apart before they are named.

    A child that lists would call the same as another is left out.
    """
    seen: dict[Key, Person] = {}
    twins: dict[tuple[date, str, bool], TrueFate] = {}
    kept = []
    for person in people:
        child = person.child
        alike = (child.birth_date, child.mother, child.girl)
        if not person.outside:
            person = replace(person, fate=twins.setdefault(alike, person.fate))
            person = replace(person, reason=_reason(person))
        keys = {person.key, person.real_key}
        if not keys & seen.keys():
            seen |= dict.fromkeys(keys, person)
            kept.append(person)
    return tuple(kept)


def _reason(person: Person) -> str:
    return (person.reason or REASONS[0]) if person.fate is TrueFate.NONE else ""
