"""A ward's D03-TS, filled in for the children whose cards it has to ask for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bhyt_filedrop.domain.forms.spec import FormSpec
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.paper.layout import ListOf, Row, SheetLayout, lay_out_as, supplier_of
from bhyt_filedrop.domain.paper.letterhead import issuer_lines
from bhyt_filedrop.domain.paper.prints import print_of
from bhyt_filedrop.domain.paper.rows import row_of
from bhyt_filedrop.domain.process.entitlement import Entitlement
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit, Units

REMARK = (
    "Điền sẵn cho các trẻ cấp thẻ đợt này chưa có số thẻ; thời gian tính theo ngày sinh, trẻ từ "
    "nơi khác chuyển đến thì sửa theo ngày đến và ghi “chuyển đến ngày …” vào Ghi chú. Kiểm tra, "
    "ghi nơi đăng ký KCB còn trống, ký rồi nộp chính tệp này vào thư mục {folder}."
)


def card_request_sheets(
    children: Sequence[ListedChild],
    edition: FormSpec,
    unit: Unit,
    round: Round,
    units: Units,
    *,
    folder: str,
) -> tuple[SheetLayout, ...]:
    """Lay D03-TS out in an edition; `folder` is where the ward drops it.

    Raises KeyError for an edition that has no printed shape.
    """
    wanted = ListOf(
        edition.id,
        round,
        issuer_lines(unit, units),
        place=units.authority.place,
        sections={"I": [_row(child, edition.id, units.entitlement) for child in children]},
        about=units.full_name(unit),
        supplier=supplier_of(unit, units),
        remarks=(REMARK.format(folder=folder),),
        sheet="D03-TS",
        coded=True,
    )
    return (lay_out_as(print_of(edition), wanted),)


def _row(child: ListedChild, form: str, rules: Entitlement) -> Row:
    return {
        **row_of(child, form),
        "facility": child.facility,
        **_time(child.birth, rules),
    }


def _time(birth: str, rules: Entitlement) -> Row:
    """Months of contribution and validity by the rule; nothing where the day is not known."""
    if len(birth) != len("2015-01-31"):
        return {}
    day = date.fromisoformat(birth)
    paid = rules.contribution(day)
    return {
        "start_month": f"{paid.first_month:%m/%Y}",
        "months": paid.months,
        "valid_from": day,
        "valid_to": rules.valid_until(day),
    }
