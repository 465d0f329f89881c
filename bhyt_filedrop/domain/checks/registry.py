"""How checks are declared: small pure functions, registered by the codes they may give.

A row check sees one child, a list check all of them. A check names the fields it reads; where one
of them is broken (`#REF!`) or the table lacks the column, it is not asked: that cause has its own
finding already.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from bhyt_filedrop.domain.checks.context import Context
from bhyt_filedrop.domain.findings import CODES, Finding
from bhyt_filedrop.domain.forms.child import Child
from bhyt_filedrop.domain.forms.fields import Layout
from bhyt_filedrop.domain.forms.submission import Submission

RowCheck = Callable[[Child, Context], Iterable[Finding]]
ListCheck = Callable[[Sequence[Child], Submission, Context], Iterable[Finding]]
When = Callable[[Child], bool]


def always(child: Child) -> bool:
    """Every child of every form."""
    return True


@dataclass(frozen=True, slots=True)
class RowRule:
    """A registered row check. `reads[0]` is the column it is about; the others only help it."""

    codes: tuple[str, ...]
    run: RowCheck
    reads: tuple[str, ...]
    when: When

    def is_about(self, fields: Collection[str]) -> bool:
        """True where a table with these fields has the column that the check is about."""
        return not self.reads or self.reads[0] in fields


ROW_RULES: list[RowRule] = []
LIST_RULES: list[tuple[tuple[str, ...], ListCheck]] = []


def check(
    *codes: str, reads: tuple[str, ...] = (), when: When = always
) -> Callable[[RowCheck], RowCheck]:
    """Register a row check that may give `codes`.

    Raises KeyError for a code that was never published.
    """
    _publish(codes)

    def register(run: RowCheck) -> RowCheck:
        ROW_RULES.append(RowRule(codes, run, reads, when))
        return run

    return register


def check_list(*codes: str) -> Callable[[ListCheck], ListCheck]:
    """Register a check of a whole list. Raises KeyError for a code that was never published."""
    _publish(codes)

    def register(run: ListCheck) -> ListCheck:
        LIST_RULES.append((codes, run))
        return run

    return register


def _publish(codes: Iterable[str]) -> None:
    for code in codes:
        CODES[code]


def run_rows(children: Iterable[Child], context: Context) -> Iterator[Finding]:
    """Ask every row check about every child that it applies to."""
    layout: Layout | None = None
    rules: list[RowRule] = []
    for child in children:
        if layout is not (now := child.row.fields.layout):
            layout = now
            rules = [rule for rule in ROW_RULES if rule.is_about(layout)]
        broken = child.broken
        for rule in rules:
            if broken and not broken.isdisjoint(rule.reads):
                continue
            if rule.when(child):
                yield from rule.run(child, context)


def run_lists(
    children: Sequence[Child], submission: Submission, context: Context
) -> Iterator[Finding]:
    """Ask every list check."""
    for _, run in LIST_RULES:
        yield from run(children, submission, context)
