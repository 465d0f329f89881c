"""Checks on whole columns of dates: days and months exchanged by the settings of Excel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Literal

from bhyt_filedrop.domain.cells.dates import exchanged
from bhyt_filedrop.domain.checks.context import Context
from bhyt_filedrop.domain.checks.registry import check_list
from bhyt_filedrop.domain.findings import Finding, Severity
from bhyt_filedrop.domain.forms.child import DATES, Child
from bhyt_filedrop.domain.forms.submission import Submission


@check_list("form.dates-exchanged")
def days_and_months_stand_in_their_places(
    children: Sequence[Child], submission: Submission, context: Context
) -> Iterator[Finding]:
    """Wrong births find no register entry and no sent child, and each alone looks right."""
    for rows, name in _date_columns(children):
        if found := _exchanged(rows, name):
            told = _told_at_first(rows, name)
            # A reply gives the births that cards are issued by.
            sure = found == "whole" and context.is_answer
            yield replace(told, severity=Severity.BLOCKS) if sure else told


def _date_columns(children: Sequence[Child]) -> Iterator[tuple[list[Child], str]]:
    """Yield each column of dates: the children of its sheet, and the field."""
    for sheet in dict.fromkeys(child.row.sheet for child in children):
        rows = [child for child in children if child.row.sheet == sheet]
        yield from ((rows, name) for name in DATES if rows[0].has_column(name))


def _exchanged(rows: Iterable[Child], name: str) -> Literal["", "likely", "whole"]:
    return exchanged(child.row.fields.raw(name) for child in rows)


_OF_THEIR_TIME = frozenset({"row.birth-date-future", "row.birth-date-after-round", "row.over-age"})


def one_cause_of_dates(children: Sequence[Child], found: Sequence[Finding]) -> list[Finding]:
    """One cause, one finding: where a whole column has days and months exchanged, no birth in it is
    of the wrong time as well. Most children are newborns, whose births then lie ahead."""
    if not any(one.code == "form.dates-exchanged" for one in found):
        return list(found)
    columns = _date_columns(children)
    whole = {(rows[0].row.sheet, n) for rows, n in columns if _exchanged(rows, n) == "whole"}
    told = (one for one in found if one.code in _OF_THEIR_TIME)
    gone = {id(one) for one in told if (one.sheet, one.field) in whole}
    return [one for one in found if id(one) not in gone]


def _told_at_first(rows: Iterable[Child], name: str) -> Finding:
    first = next(child for child in rows if child[name] and not isinstance(child[name].raw, str))
    return first.finding(
        "form.dates-exchanged",
        name,
        "Có vẻ Excel (đặt kiểu ngày của Mỹ) đã đổi chỗ ngày và tháng trong cột này: các ô kiểu "
        "ngày đều có ngày từ 12 trở xuống, các ngày sau 12 thì còn là chữ.",
        "Đối chiếu vài dòng với giấy khai sinh; nếu bị đổi thì định dạng cột là văn bản (Text), gõ "
        "lại ngày/tháng/năm rồi nộp lại.",
    )
