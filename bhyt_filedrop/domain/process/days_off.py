"""What `config/holidays.toml` says: days off and days worked besides the calendar's own table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

Wrong = tuple[str, str]
"""A key of the file and, in Vietnamese, what is wrong with it."""

_KEYS = ("off", "work", "whole")


@dataclass(frozen=True, slots=True)
class Overrides:
    """Days off and days worked besides, and years that the file tells whole.

    In a `whole` year the package's days do not count: the office's own list is the list.
    """

    off: frozenset[date] = frozenset()
    work: frozenset[date] = frozenset()
    whole: frozenset[int] = frozenset()


def overrides(config: Mapping[str, object]) -> tuple[Overrides, tuple[Wrong, ...]]:
    """Read the tables `[2026]` with `off`, `work` (lists of dates) and `whole` (true/false).

    Returns what could be read and everything that is wrong, in the order of the file.
    """
    wrong: list[Wrong] = []
    off: set[date] = set()
    work: set[date] = set()
    whole: set[int] = set()
    for key, value in config.items():
        if not _is_year(key, value):
            wrong.append((key, "phải là một bảng mang tên năm, ví dụ [2026]"))
            continue
        year, table = int(key), cast("Mapping[str, object]", value)
        off |= _dates(year, table, "off", wrong)
        work |= _dates(year, table, "work", wrong)
        whole |= {year} if _flag(key, table, wrong) else set()
        wrong += [
            (f"{key}.{name}", "không có khóa này; chỉ có off, work, whole")
            for name in table
            if name not in _KEYS
        ]
    wrong += [(f"{day.year}", f"{day} ghi ở cả off và work") for day in sorted(off & work)]
    return Overrides(frozenset(off), frozenset(work), frozenset(whole)), tuple(wrong)


def _is_year(key: str, value: object) -> bool:
    return key.isascii() and key.isdigit() and len(key) == 4 and isinstance(value, Mapping)


def _dates(
    year: int, table: Mapping[str, object], name: str, wrong: list[Wrong]
) -> frozenset[date]:
    days = table.get(name, [])
    if not isinstance(days, list):
        wrong.append((f"{year}.{name}", "phải là danh sách ngày, ví dụ [2026-01-02]"))
        return frozenset()
    wrong += [(f"{year}.{name}", message) for day in days for message in _wrong_day(day, year)]
    return frozenset(day for day in days if not any(_wrong_day(day, year)))


def _wrong_day(day: object, year: int) -> Iterator[str]:
    if not isinstance(day, date) or isinstance(day, datetime):
        yield f"{day} không phải là ngày; viết như 2026-01-02"
    elif day.year != year:
        yield f"{day} thuộc năm khác"


def _flag(key: str, table: Mapping[str, object], wrong: list[Wrong]) -> bool:
    value = table.get("whole", False)
    if not isinstance(value, bool):
        wrong.append((f"{key}.whole", "phải là true hoặc false"))
    return value is True
