"""What came back as it was sent sends no return home.

The city's lists go on with doubtful rows only marked, so a unit may be sent a child that is too
old, or one without a birth date. It must be able to answer: every child that was sent has to come
back (1331/BHXH-THU, 5.2.4), and a child that cannot be found has nobody who knows its birth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from bhyt_filedrop.domain.cells.text import fold
from bhyt_filedrop.domain.findings import CODES, Finding, Severity
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.reconcile.values import Pair

_VALUES: Mapping[str, Callable[[ListedChild], str]] = {
    "name": lambda child: fold(child.name),
    "birth": lambda child: child.birth,
    "parent": lambda child: fold(child.parent),
    "address": lambda child: fold(child.address),
}
"""What has to be the same in both lists, by its name in `findings.AsSent`."""

REMEDY = "Danh sách đã gửi cũng ghi như vậy: nếu biết thông tin đúng thì sửa, không thì để nguyên."


def as_it_was_sent(own: Iterable[Finding], pairs: Iterable[Pair]) -> tuple[Finding, ...]:
    """Let what blocks only warn where the row says just what the list sent said."""
    answered = {_place(pair.came.child): pair for pair in pairs}
    return tuple(_ease(one, answered.get((one.file, one.sheet or "", one.row or 0))) for one in own)


def _place(child: ListedChild) -> tuple[str, str, int]:
    return child.file, child.sheet, child.row


def _ease(found: Finding, pair: Pair | None) -> Finding:
    if pair is None or found.severity is not Severity.BLOCKS:
        return found
    rule = CODES[found.code].as_sent
    if rule is None or (rule.uncarded and pair.came.category != "uncarded"):
        return found
    said = _VALUES[rule.value]
    if said(pair.sent) != said(pair.came.child):
        return found
    return replace(found, severity=Severity.WARNS, remedy=REMEDY)
