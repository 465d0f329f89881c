"""Working days of Viet Nam: the `holidays` package's days, with `config/holidays.toml` on top.

Years are loaded when first asked for, so that a daemon that runs for years needs no restart and a
command that asks for no day pays for no table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from bhyt_filedrop.domain.process.calendar import WorkingDays
from bhyt_filedrop.domain.process.days_off import Overrides, overrides

if TYPE_CHECKING:
    from holidays import HolidayBase


class _DaysByYear:
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
    table: _DaysByYear
    own: Overrides

    def __contains__(self, day: object) -> bool:
        if not isinstance(day, date) or day in self.own.work:
            return False
        if day in self.own.off or day.year in self.own.whole:
            return day in self.own.off
        return day in self.table.of(day.year)


@dataclass(frozen=True, slots=True)
class _WorkedWeekends:
    table: _DaysByYear = field(repr=False)
    own: Overrides

    def __contains__(self, day: object) -> bool:
        if not isinstance(day, date) or day in self.own.off:
            return False
        if day in self.own.work or day.year in self.own.whole:
            return day in self.own.work
        return day.weekday() >= 5 and self.table.of(day.year).is_working_day(day)


def why_off(config: Mapping[str, object] | None = None) -> Callable[[date], str]:
    """Return what says why nobody works on a day ("" = a plain weekend, or it is worked)."""
    own, _ = overrides(config or {})
    table = _DaysByYear()
    off = _DaysOff(table, own)

    def why(day: date) -> str:
        if day not in off:
            return ""
        if day in own.off:
            return "nghỉ theo holidays.toml"
        return str(table.of(day.year).get(day) or "ngày nghỉ")

    return why


def working_days(config: Mapping[str, object] | None = None) -> WorkingDays:
    """Build the working days from a parsed `holidays.toml` (None = the package's days alone).

    Raises ValueError naming every wrong key at once, one a line.
    """
    own, wrong = overrides(config or {})
    if wrong:
        raise ValueError("\n".join(f"{key}: {message}" for key, message in wrong))
    table = _DaysByYear()
    return WorkingDays(_DaysOff(table, own), _WorkedWeekends(table, own))
