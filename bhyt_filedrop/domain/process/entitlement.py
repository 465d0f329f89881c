"""What a child under six is entitled to: how long its card is valid, from when money is paid.

`[entitlement]` of `city.toml` holds the age and the days, `[sources]` the document of each rule, so
that a clerk who asks "why this month?" gets the sentence it follows from. Where a rule changed
(NĐ 188/2025, Điều 13: to the end of the month), the day from which it holds is one of the keys, and
what was printed before stays as it was. All days are local days in Viet Nam.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from bhyt_filedrop.domain.process.keys import TABLE, Only
from bhyt_filedrop.domain.process.sources import Sources

Rule = Literal["resident", "moved_in", "born_before"]
"""Which rule sets the month from which is paid; a key of `[sources]`."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """What is paid for one child.

    `first_month` is the first day of the first month paid for. `months` counts months of card
    time (a resident child from birth: all of them); the month in which the child is of age is not
    counted, though some offices do, which is why checks tolerate one month. `until` is the day on
    which the child is of age. `rule` is the one that set the beginning.
    """

    first_month: date
    months: int
    until: date
    rule: Rule


@dataclass(frozen=True, slots=True)
class Entitlement:
    """The rules of one city.

    A child is covered for `months`; one that is of age before the school year begins on
    `school_day`.`school_month` waits for it. `paid_from` is the first day from which contributions
    are collected. A card that ends on `month_end_from` or later ends with the last day of its month
    (None: never).
    """

    __pydantic_config__: ClassVar[Mapping[str, Any]] = TABLE

    months: Annotated[int, Only(ge=1, le=240)] = 72
    school_month: Annotated[int, Only(ge=1, le=12)] = 9
    school_day: Annotated[int, Only(ge=1, le=30)] = 30
    paid_from: Annotated[date, Only()] = date(1900, 1, 1)
    month_end_from: Annotated[date, Only()] | None = None

    def of_age(self, birth: date) -> date:
        """Return the day on which a child has its months.

        Born on 29 February, it is 28 February where that year has no 29th: a period of months ends
        on the month's last day when it lacks the day (BLDS 2005 Đ.152, 2015 Đ.147).
        """
        years, month = divmod(birth.month - 1 + self.months, 12)
        year, month = birth.year + years, month + 1
        return date(year, month, min(birth.day, monthrange(year, month)[1]))

    def valid_until(self, birth: date) -> date:
        """Return the day printed on the card as its last.

        A child that is of age before the school year waits for it, and its card is valid to that
        day; a later one's to the day it is of age, or to the end of that month.
        """
        age = self.of_age(birth)
        end = max(age, date(age.year, self.school_month, self.school_day))
        return _month_end(end) if self._ends_with_month(end) else end

    def _ends_with_month(self, end: date) -> bool:
        return self.month_end_from is not None and end >= self.month_end_from

    def is_covered(self, birth: date, on: date) -> bool:
        """True where costs of a visit on a day are borne.

        1331/BHXH-THU, 3 says "dưới 72 tháng tuổi hoặc trước ngày 30/09": strictly before the later
        of the two days, although a card in hand is printed as valid to 30/09 itself. Where a card
        ends with its month, that day is the last one that counts.
        """
        end = self.valid_until(birth)
        return birth <= on < end or (on == end and self._ends_with_month(end))

    def contribution(self, birth: date, *, moved_in: date | None = None) -> Contribution:
        """Return from which month and for how many months a child is paid for.

        Resident: from birth. Moved in: from the day it came. Born before the rules: from their
        first day. Always until the day it is of age; no months are left where that is past.
        """
        start: date = birth
        rule: Rule = "resident"
        if moved_in and moved_in > start:
            start, rule = moved_in, "moved_in"
        if self.paid_from > start:
            start, rule = self.paid_from, "born_before"
        until = self.of_age(birth)
        months = (until.year - start.year) * 12 + until.month - start.month
        return Contribution(start.replace(day=1), max(0, months), until, rule)

    def explain(
        self, birth: date, sources: Sources, here: str, moved_in: date | None = None
    ) -> list[tuple[str, str]]:
        """Return what holds for one child as `(Vietnamese sentence, source)`, in order; `here` is
        what people call the place (`Thành phố`)."""
        paid = self.contribution(birth, moved_in=moved_in)
        cited = {
            "resident": sources.resident,
            "moved_in": sources.moved_in,
            "born_before": sources.born_before,
        }
        age = (
            f"Trẻ sinh ngày {_day(birth)} đủ {self.months} tháng tuổi vào ngày {_day(paid.until)}."
        )
        return [
            (age, sources.validity),
            (self._validity(birth), sources.validity),
            (self._cover(birth), sources.cover),
            (self._payment(birth, here, moved_in, paid), cited[paid.rule]),
        ]

    def _validity(self, birth: date) -> str:
        age, until = self.of_age(birth), self.valid_until(birth)
        start = f"Thẻ BHYT có giá trị từ ngày {_day(birth)}"
        if until == age:
            return f"{start} đến khi đủ {self.months} tháng tuổi, ngày {_day(until)}."
        if (until.year, until.month) == (age.year, age.month) and self._ends_with_month(until):
            return (
                f"{start} đến ngày {_day(until)}, ngày cuối của tháng trẻ đủ {self.months} tháng "
                "tuổi."
            )
        return (
            f"{start} đến ngày {_day(until)}, vì trẻ đủ {self.months} tháng tuổi khi chưa đến kỳ "
            "nhập học."
        )

    def _cover(self, birth: date) -> str:
        until = self.valid_until(birth)
        last = "đến hết ngày" if self._ends_with_month(until) else "đến trước ngày"
        return (
            f"Chi phí khám, chữa bệnh phát sinh từ ngày {_day(birth)} {last} {_day(until)} được "
            "thanh toán, kể cả khi chưa có thẻ."
        )

    def _payment(self, birth: date, here: str, moved_in: date | None, paid: Contribution) -> str:
        if not paid.months:
            return (
                f"Không phải đóng BHYT: trẻ đủ {self.months} tháng tuổi trong tháng bắt đầu thu "
                "hoặc trước đó."
            )
        reason = {
            "resident": f"trẻ cư trú tại {here} đóng từ khi sinh",
            "moved_in": f"trẻ chuyển đến {here} ngày {_day(moved_in or birth)}",
            "born_before": f"trẻ sinh trước ngày {_day(self.paid_from)}",
        }[paid.rule]
        return (
            f"Đóng BHYT từ tháng {paid.first_month:%m/%Y}, {paid.months} tháng, "
            f"đến khi đủ {self.months} tháng tuổi ({reason})."
        )


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _day(day: date) -> str:
    return f"{day:%d/%m/}{day.year:04d}"
