"""The Vietnamese words of reconciliation: how a child, a place and a list are named to a clerk."""

from __future__ import annotations

from collections.abc import Mapping

from bhyt_filedrop.domain.forms.spec import Category
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.reconcile.values import Came

FIELD_NAMES: Mapping[str, str] = {
    "name": "Họ tên",
    "birth": "Ngày sinh",
    "parent": "Họ tên mẹ (cha)",
}

LISTS: Mapping[Category, str] = {
    "carded-before": "trẻ đã được cấp thẻ từ trước",
    "carded-now": "trẻ được cấp thẻ đợt này",
    "uncarded": "trẻ chưa được cấp thẻ",
}
"""What people call the three lists of a return (1331/BHXH-THU, 5.2.4)."""

PUT_IN_ONE_LIST = (
    "Ghi trẻ này vào đúng một danh sách: đã được cấp thẻ từ trước, cấp thẻ đợt này, hoặc chưa được "
    "cấp thẻ (ghi rõ lý do)."
)
SAME_OR_ADD = (
    "Nếu là một trẻ thì sửa họ tên, ngày sinh, tên mẹ (cha) cho giống danh sách đã gửi{or_code}; "
    "nếu là hai trẻ thì bổ sung trẻ còn thiếu."
)
SAME_OR_OUT = (
    "Nếu là một trẻ thì sửa họ tên, ngày sinh, tên mẹ (cha) cho giống danh sách đã gửi{or_code}; "
    "nếu là trẻ khác thì xóa dòng này."
)
OR_CODE = (
    ", hoặc ghi lại Mã đối chiếu {code} của trẻ vào dòng đó (không có cột ấy thì ghi vào Ghi chú)"
)
ASK_FOR_CARD = (
    "Bổ sung trẻ vào D03-TS; nếu trẻ đã có thẻ thì ghi mã số thẻ vào phiếu trả lời, nếu không cấp "
    "thẻ thì chọn lại Kết quả."
)
TAKE_OUT = (
    "Xóa dòng này; trẻ ngoài danh sách thì lập hồ sơ cấp thẻ như thường lệ, không ghi vào đây."
)


def person(child: ListedChild) -> str:
    """Name a child as a clerk finds it in the list: `“…” (sinh 05/03/2014, mẹ (cha) …)`."""
    told = []
    if child.birth:
        told.append(f"sinh {birth(child.birth)}")
    if child.parent:
        told.append(f"mẹ (cha) {child.parent}")
    return f"“{child.name}”" + (f" ({', '.join(told)})" if told else "")


def or_code(child: ListedChild) -> str:
    """The way out where the unit's own spelling is right: the kit's code, if the child has one."""
    return OR_CODE.format(code=child.code) if child.code else ""


def birth(iso: str) -> str:
    """Write a birth as forms do: `05/03/2014`, `03/2014`, `2014`."""
    return "/".join(reversed(iso.split("-")))


def value_of(child: ListedChild, value: str) -> str:
    """Return a value as a form prints it."""
    return birth(child.birth) if value == "birth" else str(getattr(child, value))


def place(row: Came, beside: Came | None = None) -> str:
    """Say where a row stands; sheet and file are left out where `beside` stands in them too."""
    here = beside is not None and _file(beside) == _file(row)
    on_sheet = here and beside is not None and beside.child.sheet == row.child.sheet
    where = f"dòng {row.child.row}"
    if row.child.sheet and not on_sheet:
        where += f" trang “{row.child.sheet}”"
    name = row.child.file or row.label
    return where if here or not name else f"{where} của tệp “{name}”"


def _file(row: Came) -> tuple[str, str]:
    return row.source, row.child.file


def in_list(row: Came) -> str:
    """Say in which of the three lists a row stands."""
    return f" (danh sách {LISTS[row.category]})" if row.category in LISTS else ""
