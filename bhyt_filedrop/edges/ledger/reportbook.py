"""What reports and traces ask of the ledger: whole rounds at once, and counts, never row content
where a count will do."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import Engine, func, select

from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListRecord
from bhyt_filedrop.domain.lists.states import COUNTED, GONE, ListState
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.reports.quality import DropFact, FindingCount
from bhyt_filedrop.edges.ledger import schema
from bhyt_filedrop.edges.ledger.rows import child_of, list_of
from bhyt_filedrop.edges.ledger.store import reading

Rolls = dict[tuple[str, int], tuple[ListedChild, ...]]
"""The children of lists, by `(drop, seq)`."""


class LedgerReports:
    """Questions about whole rounds; nothing here writes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def lists(
        self,
        round_: Round,
        states: Collection[ListState] = COUNTED | GONE,
    ) -> tuple[ListRecord, ...]:
        """Return the lists of a round in some states, in order of time."""
        row = schema.lists.c
        query = (
            select(schema.lists)
            .where(row.round == str(round_), row.state.in_(states))
            .order_by(row.at, row.drop_id, row.seq)
        )
        with reading(self._engine) as connection:
            return tuple(list_of(found) for found in connection.execute(query))

    def rolls(self, round_: Round, handoffs: Iterable[str]) -> Rolls:
        """Return the children of a round's standing lists of some hand-offs, in their order."""
        row, lists = schema.roll.c, schema.lists.c
        query = (
            select(row.drop_id, row.seq, row.child)
            .join(schema.lists, (row.drop_id == lists.drop_id) & (row.seq == lists.seq))
            .where(lists.round == str(round_), lists.state.in_(COUNTED))
            .where(lists.handoff.in_(list(handoffs)))
            .order_by(row.drop_id, row.seq, row.n)
        )
        found: dict[tuple[str, int], list[ListedChild]] = {}
        with reading(self._engine) as connection:
            for drop, seq, child in connection.execute(query):
                found.setdefault((drop, seq), []).append(child_of(child))
        return {key: tuple(children) for key, children in found.items()}

    def rolls_of(self, records: Iterable[ListRecord]) -> Rolls:
        """Return the children of some lists, in their order."""
        row = schema.roll.c
        found: Rolls = {}
        with reading(self._engine) as connection:
            for record in records:
                query = (
                    select(row.child)
                    .where(row.drop_id == record.drop, row.seq == record.seq)
                    .order_by(row.n)
                )
                children = connection.execute(query).scalars()
                found[record.drop, record.seq] = tuple(child_of(child) for child in children)
        return found

    def drops(self) -> tuple[DropFact, ...]:
        """Return what became of every drop that somebody dropped, in order of arrival."""
        row = schema.drops.c
        query = (
            select(row.id, row.unit, row.round, row.state, row.arrived_at)
            .where(row.state != State.VOID.value, row.path.not_like("@%"))
            .order_by(row.arrived_at, row.id)
        )
        with reading(self._engine) as connection:
            return tuple(
                DropFact(r.id, r.unit, _round(r.round), State(r.state), r.arrived_at)
                for r in connection.execute(query)
            )

    def findings(self) -> tuple[FindingCount, ...]:
        """Return how often each code stands in each drop."""
        row = schema.findings.c
        query = (
            select(row.drop_id, row.code, row.severity, func.count())
            .group_by(row.drop_id, row.code, row.severity)
            .order_by(row.drop_id, row.code)
        )
        with reading(self._engine) as connection:
            return tuple(FindingCount(*found) for found in connection.execute(query))


def _round(text: str | None) -> Round | None:
    return Round.parse(text) if text else None
