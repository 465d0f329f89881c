"""Checks on what the hospitals ask to be paid."""

from __future__ import annotations

from collections.abc import Iterator

from bhyt_filedrop.domain.checks.context import Context
from bhyt_filedrop.domain.checks.registry import check
from bhyt_filedrop.domain.findings import Finding
from bhyt_filedrop.domain.forms.child import COSTS, Child


def _has_costs(child: Child) -> bool:
    return child.form.rules.visits


@check("row.cost-unreadable", when=_has_costs)
def costs_are_amounts(child: Child, context: Context) -> Iterator[Finding]:
    """An amount that cannot be read is counted as nothing when costs are allocated (H9)."""
    for name in COSTS:
        if child.has_column(name) and child.amount(name).problem == "invalid":
            yield child.finding(
                "row.cost-unreadable",
                name,
                "Không đọc được số tiền ở ô này nên khi phân bổ chi phí tính là 0.",
                "Nhập lại số tiền bằng số, đơn vị đồng.",
            )
