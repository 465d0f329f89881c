"""Checks on time: months of contribution in D03-TS and the validity that a card states."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from bhyt_filedrop.domain.cells.text import fold
from bhyt_filedrop.domain.checks.context import Context
from bhyt_filedrop.domain.checks.registry import check
from bhyt_filedrop.domain.findings import Finding
from bhyt_filedrop.domain.forms.child import Child

TOLERANCE_MONTHS = 1
"""Offices count the last month differently."""
TOLERANCE_DAYS = 31
"""Cards print the last day of the month, the day itself or the day before."""

_MOVED_IN = re.compile(r"\b(chuyen den|chuyen ve|moi den|nhap (ho )?khau|tam tru|noi khac den)\b")


def _pays(child: Child) -> bool:
    return child.form.rules.contribution and child.row.section in ("", "I") and child.birth.exact


@check("row.contribution-wrong", reads=("start_month", "months", "birth_date"), when=_pays)
def contribution_follows_the_rule(child: Child, context: Context) -> Iterator[Finding]:
    """From birth (not before 01/01/2015) to 72 months; moved in: from its coming (4.2)."""
    if child.birth.date is None:
        return
    rules = context.units.entitlement
    due, start = rules.contribution(child.birth.date), child.month("start_month")
    if start is None:
        yield _wrong(
            child,
            "start_month",
            "Chưa ghi hoặc không đọc được tháng bắt đầu đóng.",
            f"Ghi dạng tháng/năm, theo quy định là {due.first_month:%m/%Y}.",
        )
        return
    apart = _months_between(due.first_month, start)
    if abs(apart) > TOLERANCE_MONTHS and not (apart > 0 and _moved_in(child)):
        yield _wrong(
            child,
            "start_month",
            f"Tháng bắt đầu đóng khác quy định (theo ngày sinh phải từ {due.first_month:%m/%Y}).",
            "Kiểm tra lại; trẻ từ nơi khác chuyển đến thì ghi “chuyển đến ngày …” ở Ghi chú.",
        )
        return
    yield from _wrong_length(child, max(0, _months_between(start, due.until)), rules.months)


def _wrong_length(child: Child, expected: int, age: int) -> Iterator[Finding]:
    found = re.fullmatch(r"(\d{1,3})(?: ?(?:tháng|th))?", child.text("months"))
    if not found:
        yield _wrong(
            child,
            "months",
            "Chưa ghi hoặc không đọc được số tháng đóng.",
            f"Ghi số tháng đóng đến khi đủ {age} tháng tuổi, theo quy định là {expected}.",
        )
    elif abs(int(found[1]) - expected) > TOLERANCE_MONTHS:
        yield _wrong(
            child,
            "months",
            f"Số tháng đóng khác quy định (đến khi đủ {age} tháng tuổi là {expected} tháng).",
            "Kiểm tra lại số tháng và ngày sinh.",
        )


def _wrong(child: Child, name: str, message: str, remedy: str) -> Finding:
    return child.finding("row.contribution-wrong", name, message, remedy)


def _moved_in(child: Child) -> bool:
    return bool(_MOVED_IN.search(fold(child.text("note"))))


def _months_between(first: date, later: date) -> int:
    return (later.year - first.year) * 12 + later.month - first.month


def _states_validity(child: Child) -> bool:
    return child.form.rules.validity and child.birth.year is not None


@check("row.validity-wrong", reads=("valid_to", "valid_from", "birth_date"), when=_states_validity)
def validity_follows_the_rule(child: Child, context: Context) -> Iterator[Finding]:
    """From birth until 72 months or 30/09 of that year (1331/BHXH-THU, 2)."""
    first, last = child.born_from, child.born_to
    start, end = child.day("valid_from"), child.day("valid_to")
    if first is None or last is None:
        return
    valid_until = context.units.entitlement.valid_until
    if start and (start < first or start > valid_until(last)):
        yield _invalid(child, "valid_from", f"trẻ sinh {child.birth.text}")
    elif end and not _about(end, valid_until(first), valid_until(last)):
        yield _invalid(child, "valid_to", f"theo quy định đến ngày {valid_until(last):%d/%m/%Y}")


def _about(day: date, first: date, last: date) -> bool:
    return (
        first.toordinal() - TOLERANCE_DAYS <= day.toordinal() <= last.toordinal() + TOLERANCE_DAYS
    )


def _invalid(child: Child, name: str, why: str) -> Finding:
    return child.finding(
        "row.validity-wrong",
        name,
        f"Thời hạn thẻ không khớp với ngày sinh ({why}).",
        "Kiểm tra lại thời hạn trên thẻ và ngày sinh.",
    )
