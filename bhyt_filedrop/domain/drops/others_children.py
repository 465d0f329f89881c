"""An old kit that comes back from one of several successors: the rows of those whom others took
over, or who were answered for already, are not its matter.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import replace

from bhyt_filedrop.domain.drops.facts import Facts, Judged
from bhyt_filedrop.domain.drops.returns import Answered, return_of
from bhyt_filedrop.domain.findings import Finding, finding
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListKey


def without_others(facts: Facts, answered: Mapping[ListKey, Answered]) -> Facts:
    """Leave out the rows of children whom others took over, and all that is said of these rows.

    Of a kit on which nobody of the sender's own is left nothing is left out: it is a wrong file.
    """
    judged: list[Judged] = []
    gone: set[tuple[str, str | None, int | None]] = set()
    told: list[Finding] = []
    for one in facts.judged:
        found = answered.get(return_of(one.key))
        others = _of_others(one, found.others if found else ())
        if not others or len(others) == len(one.children):
            judged.append(one)
            continue
        rest = tuple(child for child in one.children if child not in others)
        judged.append(replace(one, children=rest, rows=len(rest)))
        gone |= {_where(child) for child in others}
        told.append(_passed_on(one, len(others)))
    kept = (one for one in facts.findings if (one.file, one.sheet, one.row) not in gone)
    return replace(facts, judged=tuple(judged), findings=(*kept, *told)) if told else facts


def _of_others(judged: Judged, codes: Container[str]) -> list[ListedChild]:
    return [child for child in judged.children if child.code and child.code in codes]


def _where(child: ListedChild) -> tuple[str, str | None, int | None]:
    return child.file, child.sheet, child.row


def _passed_on(judged: Judged, count: int) -> Finding:
    return finding(
        "list.children-passed-on",
        f"{count} trẻ trên phiếu cũ này nay do đơn vị khác trả lời, hoặc đã có kết quả, nên không "
        "tính ở đây.",
        "Không cần làm gì thêm.",
        file=judged.file,
    )
