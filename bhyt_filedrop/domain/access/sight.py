"""Whose affairs an account may see: all of the city's, or those of one office and below it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from bhyt_filedrop.domain.access.accounts import Account
from bhyt_filedrop.domain.process.units import Unit, Units


@dataclass(frozen=True)
class Sight:
    """What one account may see. A unit that is in the table no more is seen by the city alone."""

    units: Units
    account: Account

    @property
    def sees_city(self) -> bool:
        """True where nothing is hidden."""
        return self.account.sees_city

    @cached_property
    def own(self) -> frozenset[str]:
        """The ids of the account's office and of all below it; none where it has no office."""
        found: set[str] = set()
        waiting = [self.account.unit] if self.account.unit in self.units else []
        while waiting:
            unit = waiting.pop()
            if unit not in found:
                found.add(unit)
                waiting += [child.id for child in self.units.children(unit)]
        return frozenset(found)

    def sees(self, unit_id: str) -> bool:
        """True where a unit's files, letters and children may be shown."""
        return self.sees_city or unit_id in self.own

    def visible(self) -> tuple[Unit, ...]:
        """The units that may be shown, in the order of every list."""
        return tuple(unit for unit in self.units if self.sees(unit.id))
