"""Single steps in the ledger, each within a transaction that the caller holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, update

from bhyt_filedrop.domain.drops.states import MOVES, State
from bhyt_filedrop.domain.lists.states import IN_FORCE
from bhyt_filedrop.edges.ledger import schema, statements
from bhyt_filedrop.ports import LostRace

_BEFORE = {to: [state.value for state, targets in MOVES.items() if to in targets] for to in State}


def move(tx: Connection, drop: str, to: State, **values: Any) -> None:
    """Change a drop's state where the change is allowed; raises LostRace where it is not."""
    asked = {"of_drop": drop, "allowed": _BEFORE[to]}
    moved = tx.execute(statements.MOVE_DROP, {**asked, "state": to.value, **values})
    if moved.rowcount != 1:
        raise LostRace(f"{drop} is in no state from which it can become {to.value}")


def event(tx: Connection, at: datetime, drop: str | None, kind: str, **detail: Any) -> None:
    """Write down what happened."""
    tx.execute(statements.NOTE_EVENT, {"at": at, "drop_id": drop, "kind": kind, "detail": detail})


def tick(tx: Connection, drop: str, seq: int, at: datetime) -> None:
    """Note that a delivery was made; a second time it is no event."""
    ticked = tx.execute(statements.TICK, {"of_drop": drop, "of_seq": seq, "done_at": at})
    if ticked.rowcount == 1:
        event(tx, at, drop, "delivered", seq=seq)


def mark_lists(
    tx: Connection, lists: Iterable[Sequence[Any]], by: str, at: datetime, **values: Any
) -> None:
    """Change lists that stand; the drop `by` is what replaced or completed them."""
    row = schema.lists.c
    for drop, seq in lists:
        mine = update(schema.lists).where(row.drop_id == drop, row.seq == seq)
        tx.execute(mine.where(row.state.in_(IN_FORCE)).values(**values))
        close_if_nothing_is_held(tx, drop, by, at)


def close_if_nothing_is_held(tx: Connection, drop: str, by: str, at: datetime) -> None:
    """A held drop ends when the last of its waiting lists was completed or replaced."""
    asked = {"of_drop": drop}
    held = tx.execute(statements.STATE_OF, asked).scalar() == State.HELD.value
    if not held or tx.execute(statements.COUNT_WAITING, asked).scalar():
        return
    move(tx, drop, State.ACCEPTED, closed_at=at)
    event(tx, at, drop, "accepted", by=by)
