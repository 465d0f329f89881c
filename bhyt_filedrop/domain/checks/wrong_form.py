"""A list whose rows are unsound all in the same way is another list, whatever its columns say.

A hospital's list of grown-ups has names, births and numbers like form 2. To mark each of its rows
would be thousands of findings for one cause, and a hand-off that lets `row.*` only warn would pass
it on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

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
