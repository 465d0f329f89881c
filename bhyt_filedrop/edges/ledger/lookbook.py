"""What was seen in the trees: when each was looked over, and what lies there that is no drop."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, delete, insert, select, update

from bhyt_filedrop.domain.drops.drop import Role
from bhyt_filedrop.domain.drops.lying import Lying, Why
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.edges.ledger import schema
from bhyt_filedrop.edges.ledger.store import reading
from bhyt_filedrop.ports import GivenFile


class LedgerLooks:
    """What the sweeps saw, for those who did not look themselves: `status`, the next start."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def last_look(self, tree: str) -> datetime | None:
        """Return when a tree was last looked over, None = never."""
        row = schema.looks.c
        with reading(self._engine) as connection:
            return connection.execute(select(row.at).where(row.tree == tree)).scalar()

    def looked(self, tree: str, at: datetime, waiting: Collection[str] = ()) -> None:
        """Note that a tree was looked over by a look that began at a moment, and which units' files
        it left."""
        row, seen = schema.looks.c, {"at": at, "waiting": sorted(waiting)}
        with self._engine.begin() as tx:
            done = tx.execute(update(schema.looks).where(row.tree == tree).values(seen))
            if not done.rowcount:
                tx.execute(insert(schema.looks).values(tree=tree, **seen))

    def waiting_units(self) -> frozenset[str]:
        """Return the units whose files the last looks left, because they were on their way."""
        with reading(self._engine) as connection:
            found = connection.execute(select(schema.looks.c.waiting)).scalars()
            return frozenset(unit for units in found for unit in units)

    def given(self, tree: str, paths: Sequence[str]) -> Mapping[str, GivenFile]:
        """Return what was put, or is to be put, at some paths (NFC), the last of each."""
        row = schema.deliveries.c
        query = (
            select(schema.deliveries)
            .where(row.tree == tree, row.path.in_(paths), row.role != Role.RETIRED.value)
            .order_by(row.done_at, row.seq)
        )
        with reading(self._engine) as connection:
            return {one.path: _given(one) for one in connection.execute(query)}

    def given_of(self, drops: Collection[str]) -> Mapping[str, Sequence[GivenFile]]:
        """Return what was put of some drops, where they are known."""
        row, drop = schema.deliveries.c, schema.drops.c
        known = select(drop.id).where(drop.id.in_(drops), drop.state != State.VOID.value)
        query = select(schema.deliveries).where(row.drop_id.in_(drops))
        with reading(self._engine) as connection:
            found: dict[str, list[GivenFile]] = {
                one: [] for one in connection.execute(known).scalars()
            }
            for one in connection.execute(query):
                found.setdefault(one.drop_id, []).append(_given(one))
        return found

    def lying(self, tree: str = "") -> tuple[Lying, ...]:
        """Return what lay in a tree (in all) and was not taken when it was last looked over."""
        row = schema.lying.c
        query = select(schema.lying).order_by(row.tree, row.path)
        query = query.where(row.tree == tree) if tree else query
        with reading(self._engine) as connection:
            return tuple(
                Lying(one.tree, one.path, Why(one.why), one.unit, one.since)
                for one in connection.execute(query)
            )

    def lie(self, tree: str, found: Sequence[Lying]) -> None:
        """Write down what lies in a tree and is not taken, in place of what did before."""
        with self._engine.begin() as tx:
            tx.execute(delete(schema.lying).where(schema.lying.c.tree == tree))
            if found:
                tx.execute(
                    insert(schema.lying),
                    [{**asdict(one), "why": one.why.value} for one in found],
                )


def _given(row: Row[Any]) -> GivenFile:
    made = (row.recipe or {}).get("list")
    which = (str(made[0]), int(made[1])) if made else None
    return GivenFile(row.drop_id, Role(row.role), row.sha256 or "", row.done_at, which)
