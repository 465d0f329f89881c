"""Checks on who the child is: name, birth, sex, parent, the parent's number."""

from __future__ import annotations

from collections.abc import Iterator

from bhyt_filedrop.domain.checks.context import Context
from bhyt_filedrop.domain.checks.registry import check
from bhyt_filedrop.domain.findings import Finding
from bhyt_filedrop.domain.forms.child import Child


@check("row.name-missing", "row.name-invalid", "row.name-placeholder", reads=("name",))
def name_is_a_name(child: Child, context: Context) -> Iterator[Finding]:
    """A child needs a name; a newborn's placeholder is one (DOMAIN 5)."""
    name = child.name
    if name.problem == "missing":
        yield child.finding(
            "row.name-missing",
            "name",
            "Chưa ghi họ và tên trẻ.",
            "Ghi họ và tên; trẻ sơ sinh chưa đặt tên thì ghi “Con bà …” và họ tên mẹ.",
        )
    elif name.problem:
        yield child.finding(
            "row.name-invalid",
            "name",
            "Họ và tên trẻ không hợp lệ (có số, ký hiệu lạ hoặc chỉ có một chữ).",
            "Ghi đủ họ và tên theo giấy khai sinh, chứng sinh.",
        )
    elif name.placeholder:
        yield child.finding(
            "row.name-placeholder",
            "name",
            "Trẻ chưa có tên riêng, đang ghi theo tên mẹ.",
            "Nếu trẻ đã có giấy khai sinh thì ghi tên của trẻ; nếu chưa thì để nguyên.",
        )


def _tells_birth(child: Child) -> bool:
    return bool(child.birth_field.column) and child.birth_field.name not in child.broken


@check(
    "row.birth-date-missing",
    "row.birth-date-unreadable",
    "row.birth-date-incomplete",
    "row.birth-date-future",
    "row.birth-date-after-round",
    "row.over-age",
    when=_tells_birth,
)
def birth_fits_the_round(child: Child, context: Context) -> Iterator[Finding]:
    """The birth is known, past, and within the time the round covers (1331/BHXH-THU, 2 and 3)."""
    where, problem = child.birth_field.name, child.birth.problem
    if problem == "missing":
        yield child.finding(
            "row.birth-date-missing",
            where,
            "Chưa ghi ngày tháng năm sinh.",
            "Ghi ngày sinh theo giấy khai sinh, chứng sinh, dạng ngày/tháng/năm.",
        )
    elif problem == "unreadable":
        yield child.finding(
            "row.birth-date-unreadable",
            where,
            "Không đọc được ngày sinh.",
            "Ghi lại dạng ngày/tháng/năm, ví dụ 05/03/2014.",
        )
    else:
        if problem == "incomplete":
            yield child.finding(
                "row.birth-date-incomplete",
                where,
                "Ngày sinh chưa đủ ngày hoặc tháng.",
                "Tra giấy khai sinh, chứng sinh để ghi đủ ngày/tháng/năm.",
            )
        yield from _birth_in_time(child, context, where)


_STAYS_IF_TOO_OLD = (
    "Kiểm tra lại ngày sinh; nếu đúng thì để ngày sinh như danh sách đã gửi, ghi trẻ vào danh sách "
    "chưa được cấp thẻ và nêu ngày sinh đúng ở cột Ghi chú."
)
"""A return has to hold every child that was sent (1331/BHXH-THU, 5.2.4)."""


def _birth_in_time(child: Child, context: Context, where: str) -> Iterator[Finding]:
    first, last, round_ = child.born_from, child.born_to, context.round
    rules = context.units.entitlement
    if first is None or last is None:
        return
    if first > context.today:
        yield child.finding(
            "row.birth-date-future",
            where,
            "Ngày sinh sau ngày nộp tệp.",
            "Kiểm tra lại năm sinh, tháng sinh.",
        )
    elif round_ and first > round_.last_day:
        yield child.finding(
            "row.birth-date-after-round",
            where,
            f"Trẻ sinh sau quý của danh sách ({round_.title} tính đến hết ngày "
            f"{round_.last_day:%d/%m/%Y}).",
            "Kiểm tra lại ngày sinh theo giấy khai sinh, chứng sinh."
            if context.is_answer
            else "Kiểm tra lại ngày sinh; nếu đúng thì chuyển trẻ sang danh sách đợt sau.",
        )
    elif round_ and last < round_.first_day and not rules.is_covered(last, round_.first_day):
        yield child.finding(
            "row.over-age",
            where,
            f"Trẻ đã đủ {rules.months} tháng tuổi (ngày {rules.of_age(last):%d/%m/%Y}) và hết "
            f"thời gian được thanh toán trước ngày đầu quý ({round_.first_day:%d/%m/%Y}).",
            _STAYS_IF_TOO_OLD
            if context.is_answer
            else "Kiểm tra lại ngày sinh; nếu đúng thì bỏ trẻ khỏi danh sách.",
        )


@check("row.sex-missing", "row.sex-invalid", reads=("sex",))
def sex_is_told(child: Child, context: Context) -> Iterator[Finding]:
    """In the column "Nữ" a blank is a boy; in "Giới tính" it is missing (DOMAIN 5)."""
    problem = child.sex.problem
    if problem == "missing":
        yield child.finding("row.sex-missing", "sex", "Chưa ghi giới tính.", "Ghi “Nam” hoặc “Nữ”.")
    elif problem == "undetermined":
        yield child.finding(
            "row.sex-missing",
            "sex",
            "Giới tính ghi 3 (chưa xác định).",
            "Ghi “Nam” hoặc “Nữ” khi đã rõ.",
        )
    elif problem:
        girls_only = child["sex"].kind == "sex-nu"
        yield child.finding(
            "row.sex-invalid",
            "sex",
            "Không hiểu ký hiệu ở cột giới tính.",
            "Bé gái ghi “X”, bé trai để trống." if girls_only else "Ghi “Nam” hoặc “Nữ”.",
        )


def _needs_parent(child: Child) -> bool:
    return child.form.rules.parent


@check("row.parent-missing", reads=("parent",), when=_needs_parent)
def parent_is_named(child: Child, context: Context) -> Iterator[Finding]:
    """The mother's or father's name tells children of one name apart."""
    if not any(map(str.isalpha, child.text("parent"))):
        yield child.finding(
            "row.parent-missing",
            "parent",
            "Chưa ghi họ tên mẹ (hoặc cha).",
            "Ghi họ tên mẹ hoặc cha theo giấy khai sinh, chứng sinh.",
        )


@check("row.id-number-invalid", "row.id-number-repaired", reads=("id_number",))
def id_number_has_its_digits(child: Child, context: Context) -> Iterator[Finding]:
    """CMND has 9 digits, CCCD 12, mã số BHXH 10; none is no fault."""
    number = child.id_number
    if number.problem == "invalid":
        yield child.finding(
            "row.id-number-invalid",
            "id_number",
            "Số CMND/CCCD không đúng: phải có 9, 10 hoặc 12 chữ số.",
            "Kiểm tra và ghi lại số; nên định dạng cột là văn bản để không mất số 0 ở đầu.",
        )
    elif number.repaired:
        yield child.finding(
            "row.id-number-repaired",
            "id_number",
            f"Số CMND/CCCD bị mất số 0 ở đầu, đã được hiểu là {number.text}.",
            "Không cần làm gì nếu đúng; lần sau nên định dạng cột là văn bản.",
        )
