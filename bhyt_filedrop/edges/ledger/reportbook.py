"""What reports and traces ask of the ledger: whole rounds at once, and counts, never row content
where a count will do."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Engine, func, select

from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.findings import Severity
from bhyt_filedrop.domain.lists.as_of import as_of
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListRecord
from bhyt_filedrop.domain.lists.states import COUNTED, GONE, ListState
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.reports.quality import DropFact, FindingCount
from bhyt_filedrop.edges.ledger import schema
from bhyt_filedrop.edges.ledger.rows import child_of, in_chunks, list_of
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
        until: datetime | None = None,
    ) -> tuple[ListRecord, ...]:
        """Return the lists of a round in some states, in order of time; `until` asks for those that
        were there, and in these states, at an earlier moment (aware)."""
        row = schema.lists.c
        query = (
            select(schema.lists)
            .where(row.round == str(round_))
            .order_by(row.at, row.drop_id, row.seq)
        )
        if until is None:
            query = query.where(row.state.in_(states))
        with reading(self._engine) as connection:
            found = tuple(list_of(one) for one in connection.execute(query))
        then = found if until is None else as_of(found, until)
        return tuple(record for record in then if record.state in states)

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

    def drops(self, until: datetime) -> tuple[DropFact, ...]:
        """Return what had become by a moment (aware) of every drop that somebody had dropped, in
        order of arrival; one that was decided later was under way."""
        row = schema.drops.c
        query = (
            select(row.id, row.unit, row.round, row.state, row.arrived_at, row.closed_at)
            .where(row.state != State.VOID.value, row.path.not_like("@%"))
            .where(row.arrived_at <= until)
            .order_by(row.arrived_at, row.id)
        )
        with reading(self._engine) as connection:
            return tuple(
                DropFact(
                    r.id, r.unit, _round(r.round), _by(until, r.state, r.closed_at), r.arrived_at
                )
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

    def unread(self, until: datetime) -> tuple[DropFact, ...]:
        """Return the files that went back by a moment (aware) and held no list."""
        row = schema.drops.c
        query = (
            select(row.id, row.unit, row.arrived_at)
            .join(schema.lists, schema.lists.c.drop_id == row.id, isouter=True)
            .where(row.state == State.RETURNED.value, row.closed_at <= until)
            .where(schema.lists.c.drop_id.is_(None))
            .order_by(row.arrived_at, row.id)
        )
        with reading(self._engine) as connection:
            return tuple(
                DropFact(id_, unit, None, State.RETURNED, at)
                for id_, unit, at in connection.execute(query)
            )

    def codes_of(self, drops: Collection[str]) -> dict[str, tuple[str, ...]]:
        """Return what was found in some drops that somebody has to put right or look at: its
        codes, each once."""
        row, found = schema.findings.c, dict[str, dict[str, None]]()
        for some in in_chunks(sorted(set(drops))):
            query = (
                select(row.drop_id, row.code)
                .where(row.drop_id.in_(some), row.severity == Severity.BLOCKS.value)
                .order_by(row.drop_id, row.seq)
            )
            with reading(self._engine) as connection:
                for drop, code in connection.execute(query):
                    found.setdefault(drop, {})[code] = None
        return {drop: tuple(codes) for drop, codes in found.items()}


def _by(until: datetime, state: str, closed_at: datetime | None) -> State:
    is_later = closed_at is not None and closed_at > until
    return State.CLAIMED if is_later else State(state)


def _round(text: str | None) -> Round | None:
    return Round.parse(text) if text else None
