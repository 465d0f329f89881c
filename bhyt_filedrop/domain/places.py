"""Which ward and district a free-text address of the city names; never a guess."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bhyt_filedrop.domain.units import Units


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an address lies: unit ids of ward and district, "" where they cannot be told.

    `how` says how sure it is told, for people: `ward-and-district`, `ward-alone`, `district-alone`,
    `ambiguous`, `nothing`.
    """

    ward: str = ""
    district: str = ""
    how: str = "nothing"


@dataclass(frozen=True)
class Gazetteer:
    """The names of all wards and districts, compiled once."""

    units: Units

    @classmethod
    def of(cls, units: Units, aliases: Mapping[str, str] | None = None) -> Gazetteer:
        """Compile a gazetteer. `aliases` maps other spellings to the official ones."""
        return cls(units)

    def place(self, address: str) -> Placed:
        """Place one address."""
        return Placed()
