"""Checks on the reply kit's answers: every child needs one, and a number where nothing follows."""

from __future__ import annotations

from collections.abc import Iterator

from bhyt_filedrop.domain.cells.text import fold
from bhyt_filedrop.domain.checks.context import Context
from bhyt_filedrop.domain.checks.registry import check
from bhyt_filedrop.domain.findings import Finding
from bhyt_filedrop.domain.forms.answers import ANSWER_TEXTS
from bhyt_filedrop.domain.forms.child import Child

_CHOICES = "; ".join(f"“{text}”" for text in ANSWER_TEXTS.values())


def _is_asked(child: Child) -> bool:
    return child.form.rules.answered


@check("row.status-missing", "row.status-invalid", reads=("status",), when=_is_asked)
def every_child_has_an_answer(child: Child, context: Context) -> Iterator[Finding]:
    """1331/BHXH-THU 5.2.4: the lists of a return together are all children that were sent."""
    if child.answer:
        return
    if fold(child.text("status")):
        yield child.finding(
            "row.status-invalid",
            "status",
            "Kết quả ghi ở dòng này không phải một trong ba kết quả có sẵn.",
            f"Chọn lại một trong ba kết quả: {_CHOICES}.",
        )
    else:
        yield child.finding(
            "row.status-missing",
            "status",
            "Chưa chọn Kết quả cho trẻ này.",
            f"Chọn một trong ba kết quả: {_CHOICES}.",
        )


def _is_being_carded(child: Child) -> bool:
    return child.form.rules.answered and child.answer == "carded-now"


@check("row.card-missing", reads=("card", "status"), when=_is_being_carded)
def a_new_card_has_its_number(child: Child, context: Context) -> Iterator[Finding]:
    """A ward's D03-TS asks for the number; the district, whose return has no such part, has it."""
    if child["card"] or context.handoff is None or len(context.handoff.parts) > 1:
        return
    yield child.finding(
        "row.card-missing",
        "card",
        f"Trẻ có kết quả “{ANSWER_TEXTS['carded-now']}” nhưng chưa ghi mã số thẻ.",
        "Ghi mã số thẻ vừa được cấp; nếu chưa có số thì chờ cấp xong rồi nộp lại.",
    )
