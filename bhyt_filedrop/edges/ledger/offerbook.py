"""Which lists wait for approval, what was offered of each in a folder, what was decided there."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, or_, select

from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.edges.ledger import schema
from bhyt_filedrop.edges.ledger.moves import event
from bhyt_filedrop.edges.ledger.rows import drop_of
from bhyt_filedrop.edges.ledger.store import reading

OFFERED, WITHHELD = "offered", "withheld"

ODD = "list.size-odd"


class LedgerOffers:
    """Questions about lists that wait for approval; what is noted are events of their drops."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def waiting(self, tree: str) -> tuple[Drop, ...]:
        """Return the own drops of a tree that wait for approval, the oldest first."""
        row = schema.drops.c
        query = (
            select(schema.drops)
            .where(row.state == State.HELD.value, row.tree == tree, row.path.startswith("@"))
            .order_by(row.arrived_at, row.id)
        )
        with reading(self._engine) as connection:
            return tuple(drop_of(found) for found in connection.execute(query))

    def held_for_a_look(self, handoffs: Collection[str]) -> tuple[Drop, ...]:
        """Return what people dropped and a person has to look at, the oldest first: lists of odd
        size, and those of some hand-offs. What only waits for another list is none of it."""
        row, told = schema.drops.c, schema.findings.c
        odd = select(told.drop_id).where(told.code == ODD)
        query = (
            select(schema.drops)
            .where(
                row.state == State.HELD.value,
                row.path.not_like("@%"),
                or_(row.id.in_(odd), row.handoff.in_(handoffs)),
            )
            .order_by(row.arrived_at, row.id)
        )
        with reading(self._engine) as connection:
            return tuple(drop_of(found) for found in connection.execute(query))

    def offered(self, drop: str) -> str:
        """Return the SHA-256 of what was offered of a drop, "" = nothing was."""
        return str(self._last(drop, OFFERED).get("sha256", ""))

    def is_withheld(self, drop: str) -> bool:
        """True where somebody said that a drop is not to be sent."""
        return bool(self._last(drop, WITHHELD))

    def find(self, drop: str) -> Drop | None:
        """Return a drop by its id."""
        query = select(schema.drops).where(schema.drops.c.id == drop)
        with reading(self._engine) as connection:
            found = connection.execute(query).first()
        return drop_of(found) if found else None

    def offer(self, drop: str, sha256: str, at: datetime) -> None:
        """Note what is offered of a drop."""
        self._note(drop, OFFERED, at, sha256=sha256)

    def withhold(self, drop: str, by: str, at: datetime) -> None:
        """Note that a drop is not to be sent, and who said so."""
        self._note(drop, WITHHELD, at, who=by)

    def _note(self, drop: str, kind: str, at: datetime, **detail: Any) -> None:
        with self._engine.begin() as tx:
            event(tx, at, drop, kind, **detail)

    def _last(self, drop: str, kind: str) -> dict[str, Any]:
        row = schema.events.c
        query = (
            select(row.detail)
            .where(row.drop_id == drop, row.kind == kind)
            .order_by(row.id.desc())
            .limit(1)
        )
        with reading(self._engine) as connection:
            found = connection.execute(query).scalar()
        return dict(found) if found else {}
