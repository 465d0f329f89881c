"""Places that a reorganisation did away with, which people go on writing for years.

Each old ward is known by its province, district and name, and lies in one new ward or in several.
It takes part in reading an address as the wards of today do; what it comes to is a ward of today,
or, where it was divided, several of which a person chooses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from bhyt_filedrop.domain.process.units import Unit

MARK = "cũ:"
"""Begins the id of an old place: no unit's id has a colon, and GSO codes are used again."""


@dataclass(frozen=True, slots=True)
class OldWard:
    """One line of the table: a ward's name then, where it lay, and the wards it lies in now.

    A district that had no wards has one line without a name.
    `within` are further names of its district: the city that the district was made a part of.
    """

    province: str
    district: str
    name: str
    now: tuple[str, ...]
    within: tuple[str, ...] = ()


@dataclass(frozen=True)
class OldPlaces:
    """All old wards of a city of today."""

    wards: tuple[OldWard, ...] = ()

    @cached_property
    def units(self) -> Mapping[str, Unit]:
        """Old districts and wards by ids of their own, as units that no list is ever sent to."""
        found: dict[str, Unit] = {}
        for ward in self.wards:
            above = self.district_id(ward)
            if ward.district:  # else it lay in none
                found.setdefault(above, Unit(above, ward.district, "district"))
            if ward.name:
                below = f"{above}/{ward.name}"
                found[below] = Unit(below, ward.name, "ward", parent=above)
        return found

    def district_id(self, ward: OldWard) -> str:
        """Return the id of an old ward's district."""
        return f"{MARK}{ward.province}/{ward.district}"

    @cached_property
    def now(self) -> Mapping[str, frozenset[str]]:
        """Old ward's id → the wards of today that it lies in."""
        found: dict[str, frozenset[str]] = {}
        for ward in (ward for ward in self.wards if ward.name):
            key = f"{self.district_id(ward)}/{ward.name}"
            found[key] = found.get(key, frozenset()) | frozenset(ward.now)
        return found

    @cached_property
    def around(self) -> Mapping[str, frozenset[str]]:
        """Ward of today → the old districts from which it has something."""
        return _gathered((new, self.district_id(ward)) for ward in self.wards for new in ward.now)

    @cached_property
    def wards_of(self) -> Mapping[str, tuple[OldWard, ...]]:
        """Ward of today → the old wards that lie in it with all they had."""
        found: dict[str, tuple[OldWard, ...]] = {}
        for ward in self.wards:
            if ward.name and len(ward.now) == 1:
                found[ward.now[0]] = (*found.get(ward.now[0], ()), ward)
        return found

    @cached_property
    def provinces(self) -> Mapping[str, frozenset[str]]:
        """Old province → its districts."""
        return _gathered((ward.province, self.district_id(ward)) for ward in self.wards)

    @cached_property
    def cities(self) -> Mapping[str, frozenset[str]]:
        """Name of a city that several districts became → these districts."""
        return _gathered(
            (name, self.district_id(ward)) for ward in self.wards for name in ward.within
        )


def _gathered(pairs: Iterable[tuple[str, str]]) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for key, value in pairs:
        found.setdefault(key, set()).add(value)
    return {key: frozenset(values) for key, values in found.items()}


NOTHING_OLD = OldPlaces()
