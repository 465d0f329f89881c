"""Spreadsheet serial numbers to days and times, and which number formats mean a day."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from bhyt_filedrop.edges.workbooks.formats.sheet_builder import day_or_moment

_BUILTIN_DATES = frozenset({*range(14, 23), *range(27, 37), *range(50, 59), 45, 47})
_NOT_TOKENS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_LAST_SERIAL = 2_958_466


def is_date_format(number: int, code: str | None) -> bool:
    """Tell whether a number format shows a day or a time of day (`[h]:mm` shows a length)."""
    if code is None:
        return number in _BUILTIN_DATES
    bare = _NOT_TOKENS.sub("", code)
    if _ELAPSED.search(bare) or bare.lower() == "general":
        return False
    return bool(re.search(r"[dmyhs]", bare.partition(";")[0], re.IGNORECASE))


def from_serial(serial: float, date1904: bool) -> date | datetime | time | float:
    """Turn a serial number into what the cell shows; one outside the calendar stays a number.

    Before March 1900 the 1900 calendar counts a 29 February that never was, so a day there is one
    more than its serial says.
    """
    if not 0 <= serial < _LAST_SERIAL:
        return serial
    moment = timedelta(milliseconds=round(serial * 86_400_000))
    if moment < timedelta(days=1):
        return (datetime.min + moment).time()
    if date1904:
        return day_or_moment(datetime(1904, 1, 1) + moment)
    return day_or_moment(datetime(1899, 12, 31 if serial < 60 else 30) + moment)
