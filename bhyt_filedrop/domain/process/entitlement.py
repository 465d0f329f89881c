"""What a child under six is entitled to: how long its card is valid, from when money is paid.

Every rule carries its source, 1331/BHXH-THU of 25/04/2015 (`TB-BHXH`), so that a clerk who asks
"why this month?" gets the sentence it follows from. All days are local days in Ho Chi Minh City.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

CARD_MONTHS = 72
"""A child is under six for so many months."""
RULES_FROM = date(2015, 1, 1)
"""The first day from which contributions are collected under these rules."""

SOURCE_VALIDITY = "1331/BHXH-THU, điểm 2"
SOURCE_COVER = "1331/BHXH-THU, điểm 3"
SOURCE_RESIDENT = "1331/BHXH-THU, điểm 4.2, gạch đầu dòng 1"
SOURCE_MOVED_IN = "1331/BHXH-THU, điểm 4.2, gạch đầu dòng 2"
SOURCE_BORN_BEFORE = "1331/BHXH-THU, điểm 4.2, gạch đầu dòng 3"


@dataclass(frozen=True, slots=True)
class Contribution:
    """What is paid for one child.

    `first_month` is the first day of the first month paid for. `months` counts months of card
    time (a resident child from birth: 72); the month in which the child turns 72 months is not
    counted, though some offices do, which is why checks tolerate one month. `until` is the day on
    which the child is 72 months old. `source` names the rule that set the beginning.
    """

    first_month: date
    months: int
    until: date
    source: str


def turns_72_months(birth: date) -> date:
    """Return the day on which a child is 72 months old.

    Born on 29 February, it is 28 February where the sixth year has no 29th: a period of months
    ends on the month's last day when it lacks the day (BLDS 2005 Đ.152, 2015 Đ.147).
    """
    year, month = birth.year + CARD_MONTHS // 12, birth.month
    return date(year, month, min(birth.day, monthrange(year, month)[1]))


def valid_until(birth: date) -> date:
    """Return the day printed on the card as its last (1331/BHXH-THU, 2).

    A child that is 72 months old before 30/09 waits for the school year, and its card is valid to
    30/09 of that year; one that is so on 30/09 or later, to the day it is 72 months old.
    """
    return max(turns_72_months(birth), date(birth.year + CARD_MONTHS // 12, 9, 30))


def is_covered(birth: date, on: date) -> bool:
    """True where costs of a visit on a day are borne (1331/BHXH-THU, 3).

    The rule says "dưới 72 tháng tuổi hoặc trước ngày 30/09": strictly before the later of the two
    days, although a card in hand is printed as valid to 30/09 itself.
    """
    return birth <= on < valid_until(birth)


def contribution(
    birth: date, *, moved_in: date | None = None, rules_from: date = RULES_FROM
) -> Contribution:
    """Return from which month and for how many months a child is paid for (1331/BHXH-THU, 4.2).

    Resident: from birth. Moved in: from the day it came. Born before the rules: from their first
    day. Always until the day it is 72 months old; no months are left where that is past.
    """
    start, source = birth, SOURCE_RESIDENT
    if moved_in and moved_in > start:
        start, source = moved_in, SOURCE_MOVED_IN
    if rules_from > start:
        start, source = rules_from, SOURCE_BORN_BEFORE
    until = turns_72_months(birth)
    months = (until.year - start.year) * 12 + until.month - start.month
    return Contribution(start.replace(day=1), max(0, months), until, source)


def explain(
    birth: date, moved_in: date | None = None, *, rules_from: date = RULES_FROM
) -> list[tuple[str, str]]:
    """Return what holds for one child as `(Vietnamese sentence, source)`, in order."""
    paid = contribution(birth, moved_in=moved_in, rules_from=rules_from)
    return [
        (_age(birth, paid.until), SOURCE_VALIDITY),
        (_validity(birth), SOURCE_VALIDITY),
        (_cover(birth), SOURCE_COVER),
        (_payment(birth, moved_in, rules_from, paid), paid.source),
    ]


def _age(birth: date, until: date) -> str:
    return f"Trẻ sinh ngày {_day(birth)} đủ 72 tháng tuổi vào ngày {_day(until)}."


def _validity(birth: date) -> str:
    until = valid_until(birth)
    start = f"Thẻ BHYT có giá trị từ ngày {_day(birth)}"
    if until == turns_72_months(birth):
        return f"{start} đến khi đủ 72 tháng tuổi, ngày {_day(until)}."
    return f"{start} đến ngày {_day(until)}, vì trẻ đủ 72 tháng tuổi khi chưa đến kỳ nhập học."


def _cover(birth: date) -> str:
    return (
        f"Chi phí khám, chữa bệnh phát sinh từ ngày {_day(birth)} đến trước ngày "
        f"{_day(valid_until(birth))} được thanh toán, kể cả khi chưa có thẻ."
    )


def _payment(birth: date, moved_in: date | None, rules_from: date, paid: Contribution) -> str:
    if not paid.months:
        return "Không phải đóng BHYT: trẻ đủ 72 tháng tuổi trong tháng bắt đầu thu hoặc trước đó."
    reason = {
        SOURCE_RESIDENT: "trẻ cư trú tại Thành phố đóng từ khi sinh",
        SOURCE_MOVED_IN: f"trẻ chuyển đến Thành phố ngày {_day(moved_in or birth)}",
        SOURCE_BORN_BEFORE: f"trẻ sinh trước ngày {_day(rules_from)}",
    }[paid.source]
    return (
        f"Đóng BHYT từ tháng {paid.first_month:%m/%Y}, {paid.months} tháng, "
        f"đến khi đủ 72 tháng tuổi ({reason})."
    )


def _day(day: date) -> str:
    return f"{day:%d/%m/}{day.year:04d}"
