"""What the ledger knows about lists: which stand, which were delivered, which came before."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Engine, and_, or_, select

from bhyt_filedrop.domain.drops import ListKey, ListRecord
from bhyt_filedrop.domain.obligations import Delivered, Facts
from bhyt_filedrop.edges.ledger import schema
from bhyt_filedrop.edges.ledger.rows import list_of


class LedgerFacts:
    """Questions that decisions, reminders and the status ask; nothing here writes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def standing(self, keys: Iterable[ListKey], without: str) -> tuple[ListRecord, ...]:
        """Return the accepted and held lists of the same returns, all parts of them.

        `without` is a drop whose own lists (of an earlier judgement) do not count.
        """
        row = schema.lists.c
        same = [
            and_(
                row.handoff == key.handoff,
                row.round == str(key.round),
                row.sender == key.sender,
                row.receiver == key.receiver,
            )
            for key in keys
        ]
        if not same:
            return ()
        query = (
            select(schema.lists)
            .where(or_(*same), row.state.in_(["accepted", "held"]), row.drop_id != without)
            .order_by(row.at, row.drop_id, row.seq)
        )
        with self._engine.connect() as connection:
            return tuple(list_of(found) for found in connection.execute(query))

    def repeated(self, sha256: str, unit: str, without: str) -> str:
        """Return the drop of the same unit with the same bytes whose lists still stand, or ""."""
        drop, row = schema.drops.c, schema.lists.c
        query = (
            select(drop.id)
            .join(schema.lists, row.drop_id == drop.id)
            .where(drop.sha256 == sha256, drop.unit == unit, drop.id != without)
            .where(row.state.in_(["accepted", "held"]))
            .limit(1)
        )
        with self._engine.connect() as connection:
            return connection.execute(query).scalar() or ""

    def delivered(self, rounds: Iterable[str]) -> Facts:
        """Return what was delivered in some rounds.

        A superseded list counts with its own time: a correction does not make a unit late.
        """
        row = schema.lists.c
        query = select(schema.lists).where(
            row.round.in_(list(rounds)), row.state.in_(["accepted", "held", "superseded"])
        )
        with self._engine.connect() as connection:
            return Facts.of(_fact(list_of(found)) for found in connection.execute(query))

    def lists_of(self, drop: str) -> tuple[ListRecord, ...]:
        """Return the lists of one drop."""
        row = schema.lists.c
        query = select(schema.lists).where(row.drop_id == drop).order_by(row.seq)
        with self._engine.connect() as connection:
            return tuple(list_of(found) for found in connection.execute(query))


def _fact(record: ListRecord) -> Delivered:
    key = record.key
    return Delivered(key.handoff, key.round, key.sender, key.receiver, record.at, (key.part,))
