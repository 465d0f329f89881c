"""What people arranged about lists that are owed: one row each, an event for all that is done."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, insert, or_, select, update

from bhyt_filedrop.domain.letters.mailing import DAILY_KINDS
from bhyt_filedrop.domain.owed.arrangements import Arrangement, ArrangementKind
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.edges.ledger import schema
from bhyt_filedrop.edges.ledger.letterbook import TAKEN_BACK
from bhyt_filedrop.edges.ledger.moves import event
from bhyt_filedrop.edges.ledger.store import reading


class LedgerArrangements:
    """Arrangements are made and undone, never changed."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def arrange(self, wanted: Arrangement) -> Arrangement:
        """Write an arrangement down; return it with its number. Daily letters that have not left
        yet are taken back, for they say what was owed before: the next tick writes them anew."""
        row = schema.arrangements.c
        with self._engine.begin() as tx:
            values = asdict(wanted) | {"kind": str(wanted.kind), "round": str(wanted.round)}
            del values["id"]
            new = insert(schema.arrangements).values(values).returning(row.id)
            made = replace(wanted, id=tx.execute(new).scalar_one())
            event(tx, wanted.at, None, "arranged", who=wanted.by, **_detail(made),
                  taken_back=take_back_daily(tx))  # fmt: skip
        return made

    def undo(self, number: int, why: str, by: str, at: datetime) -> Arrangement | None:
        """End an arrangement; return it, None where it does not stand."""
        row = schema.arrangements.c
        standing = (row.id == number, row.undone_at.is_(None))
        with self._engine.begin() as tx:
            done = tx.execute(update(schema.arrangements).where(*standing).values(undone_at=at))
            if done.rowcount != 1:
                return None
            found = tx.execute(select(schema.arrangements).where(row.id == number)).one()
            undone = _arrangement(found)
            event(tx, at, None, "arrangement-undone", who=by, why=why, **_named(undone),
                  taken_back=take_back_daily(tx))  # fmt: skip
        return undone

    def of_round(self, round_: Round) -> tuple[Arrangement, ...]:
        """Return every arrangement of a round, undone or not, the oldest first."""
        row = schema.arrangements.c
        query = select(schema.arrangements).where(row.round == str(round_)).order_by(row.id)
        with reading(self._engine) as connection:
            return tuple(_arrangement(found) for found in connection.execute(query))

    def extensions(self) -> tuple[Arrangement, ...]:
        """Return the extensions that stand, the oldest first."""
        with reading(self._engine) as connection:
            return tuple(_arrangement(found) for found in connection.execute(_EXTENSIONS))


_EXTENSIONS = (
    select(schema.arrangements)
    .where(schema.arrangements.c.kind == ArrangementKind.EXTENDED.value)
    .where(schema.arrangements.c.undone_at.is_(None))
    .order_by(schema.arrangements.c.id)
)
"""Built once: it is asked for each list that is judged."""


def standing_arrangements(
    connection: Connection,
    rounds: Collection[str],
    always: Collection[str],
    until: datetime | None,
) -> tuple[Arrangement, ...]:
    """Return what stands (stood at `until`) of some rounds, and of some hand-offs in any round."""
    row = schema.arrangements.c
    query = select(schema.arrangements).where(row.round.in_(rounds) | row.handoff.in_(always))
    if until is None:
        query = query.where(row.undone_at.is_(None))
    else:
        query = query.where(row.at <= until, or_(row.undone_at.is_(None), row.undone_at > until))
    return tuple(_arrangement(found) for found in connection.execute(query))


def take_back_daily(tx: Connection) -> int:
    """Take daily letters back of which nothing has left; return how many. One that is on its way
    this very moment goes."""
    row = schema.letters.c
    waiting = select(row.key, row.remaining).where(
        row.state == "due", row.kind.in_(sorted(DAILY_KINDS))
    )
    keys = [key for key, remaining in tx.execute(waiting) if not remaining]
    if keys:
        tx.execute(update(schema.letters).where(row.key.in_(keys)).values(state=TAKEN_BACK))
    return len(keys)


def _detail(one: Arrangement) -> dict[str, Any]:
    until = one.until.isoformat() if one.until else None
    return _named(one) | {"why": one.why, "until": until}


def _named(one: Arrangement) -> dict[str, Any]:
    return {
        "number": one.id,
        "what": str(one.kind),
        "handoff": one.handoff,
        "round": str(one.round),
        "unit": one.unit,
        "receiver": one.receiver,
    }


def _arrangement(row: Row[Any]) -> Arrangement:
    values = dict(row._mapping)
    values["kind"] = ArrangementKind(values["kind"])
    values["round"] = Round.parse(values["round"])
    return Arrangement(**values)
