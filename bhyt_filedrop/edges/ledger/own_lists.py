"""Derived lists in the ledger: what they were made from, and what a person decides about them.

They are not judged again: released they go out as they are, rejected or overtaken not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.lists.states import COUNTED, ListState
from bhyt_filedrop.edges.ledger import schema, statements
from bhyt_filedrop.edges.ledger.moves import event, mark_lists, move
from bhyt_filedrop.ports import LostRace


def prune_drafts(tx: Connection, superseded: Iterable[tuple[str, int]]) -> None:
    """Forget who stood in those of some superseded lists that are drafts.

    A draft is made anew for each return that comes: its children were most of a ledger. What took
    its place has been put, with what changed since, and from then on nobody asks for them. The file
    that was offered lies in the archive, and its list stays on record. A draft whose own file is
    still to be put needs its children.
    """
    for drop, seq in superseded:
        asked = {"of_drop": drop, "of_seq": seq}
        for old, n in tx.execute(statements.OLD_DRAFTS, asked).all():
            tx.execute(statements.FORGET_CHILDREN, {"of_drop": old, "of_seq": n})


def is_own(tx: Connection, drop: str) -> bool:
    """True where the product made the drop itself."""
    path = tx.execute(select(schema.drops.c.path).where(schema.drops.c.id == drop)).scalar()
    return bool(path) and str(path).startswith("@")


def settle_own(
    tx: Connection, drop: str, action: str, why: str, at: datetime, by: str = ""
) -> None:
    """Do what a person decided: deliver the lists, or reject them.

    Lists that were all replaced while they were set aside are not delivered after their successors.
    """
    if action == "reject":
        _close_own(tx, drop, why, at)
    elif not _stand(tx, drop):
        _close_own(tx, drop, "overtaken", at)
    else:
        _deliver(tx, drop, at)
    event(tx, at, drop, action, why=why, who=by)


def _deliver(tx: Connection, drop: str, at: datetime) -> None:
    row = schema.lists.c
    move(tx, drop, State.PLANNED, attempts=0, next_at=None)
    plan = tx.execute(select(schema.drops.c.plan).where(schema.drops.c.id == drop)).scalar_one()
    mark_lists(tx, plan["supersedes"], drop, at, state=ListState.SUPERSEDED)
    mine = update(schema.lists).where(row.drop_id == drop, row.state == ListState.HELD)
    tx.execute(mine.values(state=ListState.ACCEPTED, completed_at=at))


def _stand(tx: Connection, drop: str) -> bool:
    row = schema.lists.c
    standing = select(row.seq).where(row.drop_id == drop, row.state.in_(COUNTED))
    return tx.execute(standing.limit(1)).first() is not None


def withdraw(tx: Connection, drops: Iterable[str], at: datetime) -> None:
    """Close derived lists that nobody approved before others took their place."""
    row = schema.drops.c
    for drop in drops:
        state = tx.execute(select(row.state).where(row.id == drop)).scalar()
        if state != State.HELD.value:
            raise LostRace(f"{drop} does not wait for approval any more")
        _close_own(tx, drop, "overtaken", at)
        event(tx, at, drop, "overtaken")


def _close_own(tx: Connection, drop: str, why: str, at: datetime) -> None:
    """Let derived lists count no more, and deliver nothing of them from now on."""
    row, made = schema.lists.c, schema.deliveries.c
    move(tx, drop, State.RETURNED, closed_at=at, reason=why)
    tx.execute(delete(schema.deliveries).where(made.drop_id == drop, made.done_at.is_(None)))
    mine = update(schema.lists).where(row.drop_id == drop, row.state.in_(COUNTED))
    tx.execute(mine.values(state=ListState.RETURNED))


def remember(tx: Connection, round_: str, marks: Mapping[str, str], at: datetime) -> None:
    """Note what each derived hand-off of a round was last made from."""
    row = schema.derivations.c
    for handoff, mark in marks.items():
        tx.execute(delete(schema.derivations).where(row.round == round_, row.handoff == handoff))
        tx.execute(
            insert(schema.derivations).values(round=round_, handoff=handoff, mark=mark, at=at)
        )
