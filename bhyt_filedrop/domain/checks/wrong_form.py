"""A list whose rows are unsound all in the same way is another list, or lies in another's folder.

A hospital's list of grown-ups has names, births and numbers like form 2. To mark each of its rows
would be thousands of findings for one cause, and a hand-off that lets `row.*` only warn would pass
it on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bhyt_filedrop.domain.checks.context import Context
from bhyt_filedrop.domain.findings import Finding, finding
from bhyt_filedrop.domain.forms.child import Child
from bhyt_filedrop.domain.forms.spec import FormSpec
from bhyt_filedrop.domain.forms.submission import Submission

ENOUGH = 10
"""Rows from which on most of them say something about the list; of a few all may be odd."""

_TELLING: Mapping[str, str] = {
    "row.over-age": "quá tuổi trẻ em dưới 6 tuổi",
    "row.address-missing": "không có địa chỉ",
    "row.card-not-child": "có thẻ không phải thẻ trẻ em (TE)",
    "row.name-invalid": "không có họ tên đúng",
    "row.name-missing": "không có họ tên",
}
"""What most rows of one of our lists cannot have in common. A missing parent is none: cost lists do
not name it, and form 2 is drafted from them."""


def not_this_form(
    rows: Sequence[Child], found: Iterable[Finding], submission: Submission, form: FormSpec
) -> Finding | None:
    """Return the one finding on a list of something else; None where the list may be the form."""
    if len(rows) < ENOUGH:
        return None
    of_code: dict[str, set[tuple[str | None, int | None]]] = {code: set() for code in _TELLING}
    for one in found:
        if one.code in of_code:
            of_code[one.code].add((one.sheet, one.row))
    code = max(_TELLING, key=lambda code: len(of_code[code]))
    count = len(of_code[code])
    if count * 2 <= len(rows):
        return None
    return finding(
        "form.unrecognised",
        f"Danh sách có cột giống {form.name}, nhưng {count} trong {len(rows)} dòng "
        f"{_TELLING[code]}, nên không phải mẫu này.",
        "Kiểm tra xem có nộp nhầm tệp không; nếu đúng là danh sách này thì lập lại theo mẫu rồi "
        "nộp lại.",
        sheet=submission.tables[0].sheet if submission.tables else None,
        file=submission.file,
    )


SEVERAL = 3
"""Rows from which on all of them elsewhere is one cause: the folder."""


def in_wrong_folder(
    rows: Sequence[Child], found: Sequence[Finding], submission: Submission, context: Context
) -> Sequence[Finding]:
    """Return the findings of the rows; where every child lives elsewhere, one on the folder."""
    away = {(one.sheet, one.row) for one in found if one.code == "row.address-elsewhere"}
    area = context.place_unit
    if len(rows) < SEVERAL or len(away) < len(rows) or area is None:
        return found
    one = finding(
        "form.sender-wrong",
        f"Cả {len(rows)} trẻ đều ở ngoài địa bàn {context.units.full_name(area)}.",
        "Kiểm tra xem có nộp nhầm thư mục hoặc nhầm tệp của đơn vị khác không.",
        sheet=submission.tables[0].sheet if submission.tables else None,
        file=submission.file,
    )
    return [one, *(other for other in found if other.code != "row.address-elsewhere")]
