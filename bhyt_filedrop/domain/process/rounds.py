"""Rounds (đợt): the list of quarter Q, which is handled in the quarter after it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, order=True)
class Round:
    """The round of one quarter: `Round(2015, 1)` is written `2015Q1` and read "Đợt 1 năm 2015"."""

    year: int
    quarter: int

    def __str__(self) -> str:
        return f"{self.year}Q{self.quarter}"

    @classmethod
    def parse(cls, text: str) -> Round:
        """Read `2015Q1`. Raises ValueError with a one-line reason."""
        match = re.fullmatch(r"([12][0-9]{3})[Qq]([1-4])", text.strip())
        if not match:
            raise ValueError(f"{text!r} is not a round; write it as 2015Q1")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of_day(cls, day: date) -> Round:
        """Return the round whose quarter a day lies in."""
        return cls(day.year, (day.month + 2) // 3)

    @property
    def title(self) -> str:
        """As the forms print it: `Đợt 1 năm 2015`."""
        return f"Đợt {self.quarter} năm {self.year}"

    @property
    def folder(self) -> str:
        """As the tree names it: `Quý 1-2015`."""
        return f"Quý {self.quarter}-{self.year}"

    @property
    def next(self) -> Round:
        """The round after this one."""
        return Round(self.year + 1, 1) if self.quarter == 4 else Round(self.year, self.quarter + 1)

    @property
    def previous(self) -> Round:
        """The round before this one."""
        return Round(self.year - 1, 4) if self.quarter == 1 else Round(self.year, self.quarter - 1)

    @property
    def first_day(self) -> date:
        """The first day of the quarter."""
        return date(self.year, 3 * self.quarter - 2, 1)

    @property
    def last_day(self) -> date:
        """The last day of the quarter."""
        return date.fromordinal(self.next.first_day.toordinal() - 1)
