"""The chain over the ledger's events: each seal covers those since the one before, and that seal.

An event is sealed once it is a minute old, so that writing one costs nothing more. Whoever changes,
adds or takes away a sealed event breaks every seal from there on; who makes all seals anew as well
has others than those that stand in backups and in what `audit verify` printed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine, Row, func, insert, select, union

from bhyt_filedrop.domain.drops.drop import Delivery
from bhyt_filedrop.edges.ledger import schema
from bhyt_filedrop.edges.ledger.rows import delivery_of
from bhyt_filedrop.edges.ledger.store import reading
from bhyt_filedrop.ports import Chain, Seal

SETTLED = timedelta(minutes=1)
"""Until then an event may still be overtaken by one that has an earlier number."""


class LedgerAudit:
    """Seals what was written down, holds the seals against what stands there, and tells what the
    archive and the trees must hold."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def seal(self, at: datetime) -> Seal | None:
        """Seal every settled event since the last seal; None where there is none."""
        row = schema.events.c
        # From the end: asked each minute, it looks at the newest events alone.
        settled = select(row.id).where(row.at <= at - SETTLED).order_by(row.id.desc()).limit(1)
        with reading(self._engine) as connection:
            upto, last = connection.execute(settled).scalar() or 0, _last(connection)
        if upto <= (last.upto if last else 0):
            return None
        with self._engine.begin() as tx:
            last = _last(tx)
            made = _seal_of(tx, last, upto, at)
            tx.execute(insert(schema.seals).values(**made.__dict__))
        return made

    def last_seal(self) -> Seal | None:
        """Return the head of the chain, None before the first seal."""
        with reading(self._engine) as connection:
            return _last(connection)

    def verify(self) -> Chain:
        """Work every seal out anew; the first that is not as it was made is told."""
        with reading(self._engine) as connection:
            every = [_seal(one) for one in connection.execute(_IN_ORDER)]
            last: Seal | None = None
            for seal in every:
                if _seal_of(connection, last, seal.upto, seal.at) != seal:
                    return Chain(tuple(every), broken=seal)
                last = seal
            row = schema.events.c
            after = row.id > (last.upto if last else 0)
            unsealed = connection.execute(select(func.count()).where(after)).scalar() or 0
        return Chain(tuple(every), unsealed=unsealed)

    def delivered_files(self) -> list[Delivery]:
        """Return every delivery that was made, in the order in which they were."""
        row = schema.deliveries.c
        query = (
            select(schema.deliveries)
            .where(row.done_at.is_not(None))
            .order_by(row.done_at, row.drop_id, row.seq)
        )
        with reading(self._engine) as connection:
            return [delivery_of(found) for found in connection.execute(query)]

    def kept_files(self) -> frozenset[str]:
        """Return the SHA-256 of everything that has to lie in the archive."""
        drop, delivery = schema.drops.c, schema.deliveries.c
        named = union(
            select(drop.sha256).where(drop.sha256.is_not(None)),
            select(delivery.sha256).where(delivery.sha256.is_not(None)),
        )
        with reading(self._engine) as connection:
            return frozenset(connection.execute(named).scalars())


_IN_ORDER = select(schema.seals).order_by(schema.seals.c.upto)


def _last(connection: Connection) -> Seal | None:
    newest = select(schema.seals).order_by(schema.seals.c.upto.desc()).limit(1)
    found = connection.execute(newest).first()
    return _seal(found) if found else None


def _seal(row: Row[tuple[object, ...]]) -> Seal:
    return Seal(**row._mapping)


def _seal_of(connection: Connection, last: Seal | None, upto: int, at: datetime) -> Seal:
    row = schema.events.c
    query = select(schema.events).where(row.id <= upto).order_by(row.id)
    query = query.where(row.id > last.upto) if last else query
    events, digest = _digest(last.digest if last else "", connection.execute(query))
    return Seal(upto, at, events, digest)


def _digest(before: str, events: Iterable[Row[tuple[object, ...]]]) -> tuple[int, str]:
    made, count = hashlib.sha256(before.encode()), 0
    for one in events:
        told = [one.id, one.at.astimezone(UTC).isoformat(), one.drop_id, one.kind, one.detail]
        made.update(b"\n" + json.dumps(told, ensure_ascii=True, sort_keys=True).encode())
        count += 1
    return count, made.hexdigest()
