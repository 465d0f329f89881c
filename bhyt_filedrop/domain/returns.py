"""Hold a return against the list that it answers: H5 against H4, H6 against H3.

A return may come in pieces over days. What came before is taken together with what came now; only
when everything is there is a child called missing, and when every child is accounted for nothing
more is waited for, whatever part has not come (1331/BHXH-THU, 5.2.4: the three lists together must
equal what was sent).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bhyt_filedrop.domain.drops import ListKey, ListRecord
from bhyt_filedrop.domain.findings import Finding
from bhyt_filedrop.domain.judged import Judged
from bhyt_filedrop.domain.reconcile import Came, came_of, can_reconcile, reconcile, remarks
from bhyt_filedrop.domain.rolls import ListedChild

Children = tuple[ListedChild, ...]


def is_elsewhere(known: ListKey, mine: ListKey) -> bool:
    """True for a list of an earlier round, or of another unit that gives the same hand-off.

    A child's card stands in its ward's return, its district's and the city's final list of one
    round; that is its way, not a second registration.
    """
    if known.round != mine.round:
        return known.round < mine.round
    return known.handoff == mine.handoff and known.sender != mine.sender


@dataclass(frozen=True, slots=True)
class Answered:
    """One return and what the ledger holds of it: what was sent, and the lists that came before."""

    key: ListKey
    sent: Children
    earlier: tuple[tuple[ListRecord, Children], ...] = ()


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What reconciling found, and the returns in which every child is accounted for."""

    findings: tuple[Finding, ...] = ()
    accounted: frozenset[ListKey] = frozenset()


def whole(key: ListKey) -> ListKey:
    """Return the key of the return that a list is a part of."""
    return ListKey(key.handoff, key.round, key.sender, key.receiver)


def reconciled(
    judged: Sequence[Judged], answered: Mapping[ListKey, Answered], own: Iterable[Finding]
) -> Reconciliation:
    """Reconcile every return of one drop with what was sent.

    `own` are the findings of the files themselves: where a file could not be read for what it is,
    nothing more is said.
    """
    if not can_reconcile(own):
        return Reconciliation()
    findings: list[Finding] = []
    accounted: set[ListKey] = set()
    for key, facts in answered.items():
        mine = [one for one in judged if whole(one.key) == key]
        result = reconcile(facts.sent, _came(mine, facts))
        done = not result.missing
        complete = done or _has_every_part(mine, facts)
        findings += [
            one.finding for one in remarks(result, complete=complete) if one.source in (None, HERE)
        ]
        if done:
            accounted.add(key)
    return Reconciliation(tuple(findings), frozenset(accounted))


HERE = ""
"""The source of rows that came in this very drop."""


def _came(mine: Sequence[Judged], facts: Answered) -> list[Came]:
    """What came before stands first: a child that is there twice is told at its new row."""
    new = {one.key for one in mine}
    rows = [
        row
        for record, children in facts.earlier
        if record.key not in new
        for row in came_of(children, source=record.drop, label=record.file)
    ]
    for one in mine:
        rows += came_of(one.children, source=HERE, label=one.file)
    return rows


def _has_every_part(mine: Sequence[Judged], facts: Answered) -> bool:
    there = {one.part for one in mine} | {record.key.part for record, _ in facts.earlier}
    return there >= set(range(len(mine[0].handoff.parts)))
