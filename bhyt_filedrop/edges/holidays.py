"""Working days of Viet Nam: the `holidays` package's days, with `config/holidays.toml` on top.

Years are loaded when first asked for, so that a daemon that runs for years needs no restart and a
command that asks for no day pays for no table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, cast

from bhyt_filedrop.domain.calendar import WorkingDays

if TYPE_CHECKING:
    from holidays import HolidayBase


@dataclass(frozen=True, slots=True)
class Overrides:
    """What `holidays.toml` says: days off and days worked besides, and years that it tells whole.

    In a `whole` year the package's days do not count: the office's own list is the list.
    """

    off: frozenset[date] = frozenset()
    work: frozenset[date] = frozenset()
    whole: frozenset[int] = frozenset()


class _Table:
    """The package's days, one year at a time."""

    def __init__(self) -> None:
        self._days: HolidayBase | None = None
        self._loaded: set[int] = set()

    def of(self, year: int) -> HolidayBase:
        if self._days is None:
            from holidays import country_holidays

            self._days = country_holidays("VN")
        for near in (year - 1, year, year + 1):
            # A day off in January may be paid for by a Saturday in December, and the other way.
            if near not in self._loaded:
                _ = date(near, 1, 1) in self._days
                self._loaded.add(near)
        return self._days


@dataclass(frozen=True, slots=True)
class _DaysOff:
    table: _Table
    own: Overrides

    def __contains__(self, day: object) -> bool:
        if not isinstance(day, date) or day in self.own.work:
            return False
        if day in self.own.off or day.year in self.own.whole:
            return day in self.own.off
        return day in self.table.of(day.year)


@dataclass(frozen=True, slots=True)
class _WorkedWeekends:
    table: _Table = field(repr=False)
    own: Overrides

    def __contains__(self, day: object) -> bool:
        if not isinstance(day, date) or day in self.own.off:
            return False
        if day in self.own.work or day.year in self.own.whole:
            return day in self.own.work
        return day.weekday() >= 5 and self.table.of(day.year).is_working_day(day)


def working_days(config: Mapping[str, object] | None = None) -> WorkingDays:
    """Build the working days from a parsed `holidays.toml` (None = the package's days alone).

    Raises ValueError naming every wrong key at once, one a line.
    """
    own = overrides(config or {})
    table = _Table()
    return WorkingDays(_DaysOff(table, own), _WorkedWeekends(table, own))


def overrides(config: Mapping[str, object]) -> Overrides:
    """Read the tables `[2026]` with `off`, `work` (lists of dates) and `whole` (true/false).

    Raises ValueError naming every wrong key at once, one a line.
    """
    problems: list[str] = []
    off: set[date] = set()
    work: set[date] = set()
    whole: set[int] = set()
    for key, value in config.items():
        year = _year(key, value, problems)
        if year is None:
            continue
        table = cast("Mapping[str, object]", value)
        off |= _dates(year, table, "off", problems)
        work |= _dates(year, table, "work", problems)
        whole |= {year} if _flag(key, table, problems) else set()
        problems += [f"{key}.{name}: unknown key" for name in sorted(set(table) - _KEYS)]
    problems += [f"{day.year}: {day} stands in both off and work" for day in sorted(off & work)]
    if problems:
        raise ValueError("\n".join(problems))
    return Overrides(frozenset(off), frozenset(work), frozenset(whole))


_KEYS = {"off", "work", "whole"}


def _year(key: str, value: object, problems: list[str]) -> int | None:
    if key.isascii() and key.isdigit() and len(key) == 4 and isinstance(value, Mapping):
        return int(key)
    problems.append(f"{key}: not a table named by a year, such as [2026]")
    return None


def _dates(
    year: int, table: Mapping[str, object], name: str, problems: list[str]
) -> frozenset[date]:
    days = table.get(name, [])
    if not isinstance(days, list):
        problems.append(f"{year}.{name}: not a list of dates")
        return frozenset()
    good = [d for d in days if isinstance(d, date) and not isinstance(d, datetime)]
    problems += [f"{year}.{name}: {d!r} is not a date" for d in days if d not in good]
    problems += [f"{year}.{name}: {d} lies in another year" for d in good if d.year != year]
    return frozenset(good)


def _flag(key: str, table: Mapping[str, object], problems: list[str]) -> bool:
    value = table.get("whole", False)
    if not isinstance(value, bool):
        problems.append(f"{key}.whole: not true or false")
    return value is True
