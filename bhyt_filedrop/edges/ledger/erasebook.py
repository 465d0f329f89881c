"""What the ledger keeps of children, taken out round by round; that it was there stays known.

Drops (when one came, of whom, what became of it), lists (who gave which to whom, how many rows) and
events hold no child's data and stay, so the chain of events stays whole. The children themselves,
what was found in their rows, plans, letters, and the places where files were put, go.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, and_, delete, func, null, or_, select, update

from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.process.calendar import at
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.edges.ledger import schema
from bhyt_filedrop.edges.ledger.moves import event
from bhyt_filedrop.edges.ledger.offerbook import OFFERED
from bhyt_filedrop.edges.ledger.rows import delivery_of, in_chunks
from bhyt_filedrop.edges.ledger.store import reading
from bhyt_filedrop.ports import ToErase

_ERASED = "erased"
_ERASED_PATH = ""
_CLOSED = frozenset({State.ACCEPTED, State.RETURNED, State.VOID})


class LedgerErasures:
    """Says what would be erased, and erases it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def planned(self, before: Round) -> ToErase:
        """Return what there is of rounds before one; a file that was of no round counts by the day
        on which it came. What was erased before is not told again."""
        drop, delivery, lists = schema.drops.c, schema.deliveries.c, schema.lists.c
        old = or_(
            drop.round < str(before),
            and_(drop.round.is_(None), drop.arrived_at < at(before.first_day)),
        )
        with reading(self._engine) as connection:
            there = select(drop.id, drop.state).where(old, drop.path != _ERASED_PATH)
            found = connection.execute(there).all()
            ids = tuple(sorted(id_ for id_, _ in found))
            kept = _files_of(connection, ids)
            rest = _others_keep(connection, ids)
            deliveries = []
            rounds: dict[str, int] = {}
            for some in in_chunks(ids):
                query = select(schema.deliveries).where(
                    delivery.drop_id.in_(some), delivery.done_at.is_not(None)
                )
                deliveries += [delivery_of(one) for one in connection.execute(query)]
                counts = (
                    select(lists.round, func.sum(lists.rows))
                    .where(lists.drop_id.in_(some))
                    .group_by(lists.round)
                )
                for round_, rows in connection.execute(counts):
                    rounds[round_] = rounds.get(round_, 0) + rows
            letters = _count_letters(connection, ids)
        return ToErase(
            before,
            ids,
            tuple(sorted(id_ for id_, state in found if state not in _CLOSED)),
            dict(sorted(rounds.items())),
            letters,
            frozenset(kept - rest),
            tuple(deliveries),
        )

    def erase(self, what: ToErase, why: str, by: str, now: datetime) -> None:
        """Take it out, with an event that says how much, why and who; then leave no trace of it in
        the database's own file."""
        with self._engine.begin() as tx:
            for some in in_chunks(what.drops):
                _erase(tx, tuple(some))
            event(
                tx, now, None, _ERASED, before=str(what.before), drops=len(what.drops),
                rows=sum(what.rounds.values()), files=len(what.files), why=why, by=by,
            )  # fmt: skip
        if self._engine.dialect.name == "sqlite":
            with self._engine.connect() as connection:
                connection.execution_options(isolation_level="AUTOCOMMIT")
                raw = connection.connection.driver_connection
                assert raw is not None
                raw.execute("VACUUM")
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def erased_before(self) -> Round | None:
        """Return the round before which everything was erased, None where nothing was."""
        row = schema.events.c
        query = select(row.detail).where(row.kind == _ERASED)
        with reading(self._engine) as connection:
            found = [Round.parse(one["before"]) for one in connection.execute(query).scalars()]
        return max(found, default=None)


def _erase(tx: Connection, drops: tuple[str, ...]) -> None:
    letter = schema.letters.c
    of_them = select(letter.message_id).where(
        letter.drop_id.in_(drops), letter.message_id.is_not(None)
    )
    tx.execute(delete(schema.mailed).where(schema.mailed.c.message_id.in_(of_them)))
    for table in (schema.letters, schema.roll, schema.findings, schema.deliveries):
        tx.execute(delete(table).where(table.c.drop_id.in_(drops)))
    tx.execute(update(schema.lists).where(schema.lists.c.drop_id.in_(drops)).values(file=""))
    nothing: dict[str, Any] = {"plan": null(), "override": null(), "sha256": None}
    nothing |= {"path": _ERASED_PATH, "work_path": "-"}
    tx.execute(update(schema.drops).where(schema.drops.c.id.in_(drops)).values(nothing))


def _files_of(connection: Connection, drops: tuple[str, ...]) -> set[str]:
    found: set[str] = set()
    event_row = schema.events.c
    for some in in_chunks(drops):
        for column, owner in _FILES:
            query = select(column).where(owner.in_(some), column.is_not(None))
            found |= set(connection.execute(query).scalars())
        # What lay in a folder to be approved is no delivery; its event names the bytes.
        offers = select(event_row.detail).where(
            event_row.drop_id.in_(some), event_row.kind == OFFERED
        )
        found |= {str(told["sha256"]) for told in connection.execute(offers).scalars()}
    return found


def _others_keep(connection: Connection, drops: tuple[str, ...]) -> set[str]:
    """The files that drops that stay have too: the same bytes are kept once."""
    mine, found = set(drops), set[str]()
    for column, owner in _FILES:
        query = select(column, owner).where(column.is_not(None))
        found |= {sha256 for sha256, drop in connection.execute(query) if drop not in mine}
    return found


_FILES = (
    (schema.drops.c.sha256, schema.drops.c.id),
    (schema.deliveries.c.sha256, schema.deliveries.c.drop_id),
    (schema.deliveries.c.source, schema.deliveries.c.drop_id),
    (schema.lists.c.sha256, schema.lists.c.drop_id),
)
"""Where archived bytes are named, and by which drop."""


def _count_letters(connection: Connection, drops: tuple[str, ...]) -> int:
    row = schema.letters.c
    return sum(
        connection.execute(select(func.count()).where(row.drop_id.in_(some))).scalar() or 0
        for some in in_chunks(drops)
    )
