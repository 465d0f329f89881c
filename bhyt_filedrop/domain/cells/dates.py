"""Dates as offices type them: text in every order, Excel serials, a bare year, "ngày 5 tháng 3".

Birth dates keep what is known when the day is not (`00/00/1992`, `/ /1986`, `2014`): half a date
still tells two children apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from math import isfinite
from typing import Literal

from bhyt_filedrop.domain.cells.grid import CellValue, ErrorValue
from bhyt_filedrop.domain.cells.kept import forgettable
from bhyt_filedrop.domain.cells.text import clean, fold

FIRST_YEAR, LAST_YEAR = 1900, 2100
_PIVOT = 50  # a two-digit year below it is of this century: the children all are
_EPOCH = date(1899, 12, 30)  # Excel's serials count from here (after its false 29/02/1900)
_SERIALS = range(15_000, 75_000)  # 1941–2105; smaller numbers are years or slips


@dataclass(frozen=True, slots=True)
class BirthDate:
    """What one cell tells about a birth.

    `date` is set when day, month and year are known (then `exact`). Otherwise `year`, and perhaps
    `month`, hold what is known. `problem` is `""`, `"missing"`, `"unreadable"` or `"incomplete"`.
    """

    date: date | None = None
    year: int | None = None
    month: int | None = None
    exact: bool = False
    problem: str = ""

    @property
    def text(self) -> str:
        """As a form prints it: `05/03/2014`, `03/2014`, `2014`, `""`."""
        if self.date:
            return f"{self.date.day:02d}/{self.date.month:02d}/{self.date.year:04d}"
        if self.month:
            return f"{self.month:02d}/{self.year:04d}"
        return f"{self.year:04d}" if self.year else ""


MISSING = BirthDate(problem="missing")
UNREADABLE = BirthDate(problem="unreadable")


@forgettable
@lru_cache(maxsize=8192)
def exact_birth(day: date) -> BirthDate:
    """Return the birth date of a fully known day."""
    return BirthDate(day, day.year, day.month, exact=True)


def read_birth_date(value: CellValue, *, us_order: bool = False) -> BirthDate:
    """Read the date of birth of a cell, whatever its kind.

    dd/mm comes first; mm/dd is taken only where dd/mm is impossible, or where `us_order` says that
    the whole column is typed so (see `is_us_order`). Days that do not exist (31/02/2014) are
    unreadable, never moved.
    """
    if value is None:
        return MISSING
    if isinstance(value, datetime):
        return _of_date(value.date())
    if isinstance(value, date):
        return _of_date(value)
    if isinstance(value, str):
        return _read_text(value, us_order)
    if isinstance(value, bool | ErrorValue) or not isinstance(value, float | int):
        return UNREADABLE
    return _read_number(float(value))


def read_date(value: CellValue, *, us_order: bool = False) -> date | None:
    """Read any other date (visit, validity …); None where the cell holds no full date.

    Of several joined by ";", as hospitals export those of the cards that a child had one after the
    other, the last that can be read counts, as the last of the cards does.
    """
    if isinstance(value, str) and ";" in value:
        every = (read_birth_date(part, us_order=us_order).date for part in value.split(";"))
        return next((day for day in reversed([*every]) if day), None)
    return read_birth_date(value, us_order=us_order).date


def is_us_order(values: Iterable[CellValue]) -> bool:
    """True where a column's texts show that it puts the month first.

    One text at least is possible only as mm/dd (`3/14/2014`), and none only as dd/mm.
    """
    month_first = day_first = False
    for value in values:
        if isinstance(value, str) and (found := _SLASHED.match(value.strip())):
            month_first |= int(found[1]) <= 12 < int(found[2]) <= 31
            day_first |= int(found[2]) <= 12 < int(found[1]) <= 31
    return month_first and not day_first


def read_month(value: CellValue) -> date | None:
    """Read a month such as `03/2015` or `tháng 3 năm 2015` as its first day, else None.

    A full date gives the month it lies in.
    """
    found = read_birth_date(value)
    if found.year is None or found.month is None:
        return None
    return date(found.year, found.month, 1)


def _of_date(day: date) -> BirthDate:
    return exact_birth(day) if FIRST_YEAR <= day.year <= LAST_YEAR else UNREADABLE


def _read_number(value: float) -> BirthDate:
    if not isfinite(value):
        return UNREADABLE
    whole = int(value)
    if value == whole and FIRST_YEAR <= whole <= LAST_YEAR:
        return BirthDate(year=whole, problem="incomplete")
    if whole in _SERIALS:
        return exact_birth(_EPOCH + timedelta(days=whole))
    if value == whole and whole >= 1_000_000:
        return _read_digits(f"{whole:08d}")
    return UNREADABLE


_SLASHED = re.compile(r"(\d{1,2})[/\-.](\d{1,2})[/\-.]\d{2,4}")
_TIME = re.compile(
    r"[ T]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?(?:AM|PM|SA|CH))?Z?$", re.IGNORECASE
)
_HALF_TOLD = re.compile(
    r"\d[x?]+ ?[/\-. ]|(?<!\d)[x?]+\d{1,2}(?!\d)|(?<!\d)(?:19|20)(?:[x?_…]+|\.{2,})[\W_]*$",
    re.IGNORECASE,
)
"""A figure of which a digit is not known (1?/03/2014), and a year that nobody filled in (20…)."""


@forgettable
@lru_cache(maxsize=65536)
def _read_text(raw: str, us_order: bool) -> BirthDate:
    text = clean(raw).text
    if not text.strip(" ./-_'"):
        return MISSING
    if _HALF_TOLD.search(text):
        return UNREADABLE
    text = _TIME.sub("", text.strip(" '")).strip()
    words = fold(text)
    if any(char.isalpha() for char in words):
        return _read_words(words)
    return _read_figures(text, us_order)


_LEFT_OPEN = r"(?=th|nam|\d{4})"
"""A day or month may be left open before the next word, not before what is told: of "ngày 5 tháng
12" the year is not known."""
_VIETNAMESE = re.compile(
    rf"(?:sinh )?(?:(?:ngay|ng) (?P<d>\d{{1,2}}|{_LEFT_OPEN}) ?)?"
    rf"(?:(?:thang|thg|th) ?(?P<m>\d{{1,2}}|{_LEFT_OPEN}) ?)?(?:nam ?)?(?P<y>\d{{4}}|\d{{2}})"
)
_ENGLISH = re.compile(r"(?P<d>\d{1,2}) (?P<m>[a-z]{3})[a-z]* (?P<y>\d{4}|\d{2})")
_MIXED = re.compile(r"(?P<d>\d{1,2}) (?:thg|th|t|thang) ?(?P<m>\d{1,2}) (?P<y>\d{4}|\d{2})")
_MONTH_NAMES = "jan feb mar apr may jun jul aug sep oct nov dec"
_ENGLISH_MONTHS = _MONTH_NAMES.split()


def _read_words(words: str) -> BirthDate:
    if found := _ENGLISH.fullmatch(words):
        if found["m"] not in _ENGLISH_MONTHS:
            return UNREADABLE
        return _of_parts(found["d"], str(_ENGLISH_MONTHS.index(found["m"]) + 1), found["y"])
    if found := _MIXED.fullmatch(words) or _VIETNAMESE.fullmatch(words):
        return _of_parts(found["d"] or "", found["m"] or "", found["y"])
    if set(words) <= set("x 0123456789"):
        return _read_figures(words.replace("x", ""), us_order=False)
    return UNREADABLE


_FIGURES = re.compile(r"(\d{0,4})\s*[/\-.,\\ ]+\s*(\d{0,2})\s*[/\-.,\\ ]+\s*(\d{0,4})\.?")
_MONTH_YEAR = re.compile(r"(\d{1,2})\s*[/\-.\\ ]\s*(\d{4})\.?")


def _read_figures(text: str, us_order: bool) -> BirthDate:
    text = text.replace("_", "").replace("?", "").replace("…", "")
    if digits := re.fullmatch(r"\d+", text.strip(" ./-")):
        return _read_digits(digits[0])
    if found := _MONTH_YEAR.fullmatch(text):
        return _of_parts("", found[1], found[2])
    if found := _FIGURES.fullmatch(text):
        first, second, third = found.groups()
        if len(first) == 4 and len(third) <= 2:
            return _of_parts(third, second, first) if int(second or 0) <= 12 else UNREADABLE
        if len(first) <= 2 and us_order and 1 <= int(first or 0) <= 12:
            return _of_parts(second, first, third)
        if len(first) <= 2:
            return _of_parts(first, second, third)
    return UNREADABLE


def _read_digits(digits: str) -> BirthDate:
    if len(digits) == 4:
        return _of_parts("", "", digits)
    if len(digits) == 5:
        return _read_number(float(digits))
    if len(digits) == 8:
        day_first = _of_parts(digits[:2], digits[2:4], digits[4:])
        if not day_first.problem:
            return day_first
        return _of_parts(digits[6:], digits[4:6], digits[:4])
    return UNREADABLE


def _of_parts(day: str, month: str, year: str) -> BirthDate:
    """Build from digits; an empty or zero day or month is unknown. Two-digit years are of 20xx."""
    full_year = _full_year(year)
    if full_year is None:
        return UNREADABLE
    d, m = int(day or 0), int(month or 0)
    if m > 12 and 1 <= d <= 12:
        d, m = m, d  # US order: month first
    if m > 12 or d > 31:
        return UNREADABLE
    if not d or not m:
        return BirthDate(year=full_year, month=m or None, problem="incomplete")
    try:
        return exact_birth(date(full_year, m, d))
    except ValueError:
        return UNREADABLE


def _full_year(year: str) -> int | None:
    if len(year) == 2:
        value = int(year)
        return 2000 + value if value < _PIVOT else 1900 + value
    if len(year) == 4 and FIRST_YEAR <= int(year) <= LAST_YEAR:
        return int(year)
    return None


_SURE = 3
_FEW, _MANY = 4, 5


def exchanged(values: Iterable[CellValue]) -> Literal["", "likely", "whole"]:
    """Tell whether a column looks as an Excel of US settings leaves typed dd/mm dates.

    What could be a date with the month first became one, day and month exchanged, so no true date
    has a day above 12; what could not stayed text, so the texts do. `whole` where every cell says
    so and there are a few of each: a column that is mixed for another reason hardly looks like it.
    """
    dates = texts = other_texts = 0
    for value in values:
        if isinstance(value, str):
            if found := _SLASHED.match(value.strip()):
                late = int(found[1]) > 12 >= int(found[2])
                texts, other_texts = texts + late, other_texts + (not late)
        elif day := read_birth_date(value).date:
            if day.day > 12:
                return ""
            dates += 1
    if not dates or not texts:
        return ""
    if not other_texts and min(dates, texts) >= _SURE:
        return "whole"
    return "likely" if dates >= _MANY or (not other_texts and dates + texts >= _FEW) else ""
