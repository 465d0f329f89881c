"""The statements that every drop asks, built once.

To build a statement and find it among the compiled ones takes four times as long as SQLite takes to
carry it out, and a drop asks fifty. Each says by `of_…` what it is asked for; what a change sets
comes with its values.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Executable,
    bindparam,
    delete,
    func,
    insert,
    select,
    text,
    update,
)

from bhyt_filedrop.domain.drops.drop import Role
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.lists.states import COUNTED, IN_FORCE, WAITING, ListState
from bhyt_filedrop.edges.ledger import schema

_drop, _list, _delivery = schema.drops.c, schema.lists.c, schema.deliveries.c
_child, _letter = schema.roll.c, schema.letters.c
_own = schema.lists.alias()
OF_DROP: BindParameter[str] = bindparam("of_drop")
OF_SEQ: BindParameter[int] = bindparam("of_seq")

_CLAIM = insert(schema.drops)


@functools.cache
def _claim_first() -> Executable:
    """Leaves out what `drops_being_taken` forbids; SQLite's daemons have no use for its dialect."""
    from sqlalchemy.dialects import postgresql

    first = postgresql.insert(schema.drops).on_conflict_do_nothing(
        index_elements=["tree", "path"], index_where=text("state = 'claimed' AND sha256 IS NULL")
    )
    return first.returning(_drop.id)


def claim(tx: Connection, rows: Sequence[dict[str, Any]]) -> Collection[str]:
    """Insert new drops; return the ids of those whose file no other drop is taking."""
    if tx.dialect.name == "postgresql":
        return set(tx.execute(_claim_first(), rows).scalars())
    tx.execute(_CLAIM, rows)
    return {row["id"] for row in rows}


MOVE_DROP = update(schema.drops).where(_drop.id == OF_DROP, _drop.state.in_(bindparam("allowed")))
CHANGE_DROP = update(schema.drops).where(_drop.id == OF_DROP)
UNIT_OF = select(_drop.unit).where(_drop.id == OF_DROP)
STATE_OF = select(_drop.state).where(_drop.id == OF_DROP)
PLAN_OF = select(_drop.plan, _drop.arrived_at, _drop.override).where(_drop.id == OF_DROP)
NOTE_EVENT = insert(schema.events)

DELIVERIES_OF = (
    select(schema.deliveries).where(_delivery.drop_id == OF_DROP).order_by(_delivery.seq)
)
TICK = update(schema.deliveries).where(
    _delivery.drop_id == OF_DROP, _delivery.seq == OF_SEQ, _delivery.done_at.is_(None)
)
SCAN_OF = (
    select(_delivery.seq)
    .where(_delivery.drop_id == OF_DROP, _delivery.role == Role.SCAN.value)
    .limit(1)
)
UNDER_WAY_BEFORE = (
    select(_drop.id)
    .join(schema.lists, _list.drop_id == _drop.id)
    .join(
        _own,
        (_own.c.handoff == _list.handoff)
        & (_own.c.round == _list.round)
        & (_own.c.sender == _list.sender)
        & (_own.c.receiver == _list.receiver)
        & (_own.c.at > _list.at),
    )
    .where(_own.c.drop_id == OF_DROP, _own.c.basis == "", _own.c.state != ListState.RETURNED)
    .where(_drop.state == State.PLANNED.value, _drop.id != OF_DROP, _list.basis == "")
    .where(_list.state != ListState.RETURNED)
    .limit(1)
)
"""Another file of the same return that is decided and still being delivered."""

LISTS_OF = select(schema.lists).where(_list.drop_id == OF_DROP).order_by(_list.seq)
COUNT_WAITING = select(func.count()).where(
    _list.drop_id == OF_DROP, _list.state.in_(sorted(WAITING))
)
CHILDREN_OF = (
    select(_child.child).where(_child.drop_id == OF_DROP, _child.seq == OF_SEQ).order_by(_child.n)
)
OLD_DRAFTS = (
    select(_list.drop_id, _list.seq)
    .join(schema.drops, _drop.id == _list.drop_id)
    .join(schema.roll, (_child.drop_id == _list.drop_id) & (_child.seq == _list.seq))
    .join(
        _own,
        (_own.c.handoff == _list.handoff)
        & (_own.c.round == _list.round)
        & (_own.c.sender == _list.sender)
        & (_own.c.receiver == _list.receiver)
        & (_own.c.part == _list.part),
    )
    .where(_own.c.drop_id == OF_DROP, _own.c.seq == OF_SEQ)
    .where(_own.c.basis != "", _own.c.sender == _own.c.receiver)
    .where(_list.state == ListState.SUPERSEDED, _child.n == 0)
    .where(_drop.state == State.ACCEPTED.value)
)
"""A list, if it is a draft, and its earlier versions: those that gave way, were put and whose
children are known."""

FORGET_CHILDREN = delete(schema.roll).where(_child.drop_id == OF_DROP, _child.seq == OF_SEQ)

AGAIN = select(_drop.id).where(_drop.state == State.CLAIMED.value)
"""Drops that have lists of an earlier judgement and are decided anew."""

STANDING = (
    select(schema.lists)
    .where(
        _list.handoff == bindparam("of_handoff"),
        _list.round == bindparam("of_round"),
        _list.sender == bindparam("of_sender"),
        _list.receiver == bindparam("of_receiver"),
    )
    .where(_list.state.in_(sorted(IN_FORCE)), _list.drop_id != OF_DROP)
    .where(_list.drop_id.not_in(AGAIN))
)
"""The lists of one return that are in force, but those of one drop."""

_OF_ROUND = (
    select(schema.lists)
    .where(
        _list.round == bindparam("of_round"),
        _list.handoff.in_(bindparam("of_handoffs")),
        _list.state.in_(bindparam("of_states")),
    )
    .order_by(_list.at, _list.drop_id, _list.seq)
)
LISTS_OF_ROUND = _OF_ROUND
LISTS_OF_ROUND_FOR = _OF_ROUND.where(_list.receiver == bindparam("of_receiver"))

PLANS_UNDER_WAY = select(_drop.plan).where(
    _drop.state.in_([State.PLANNED.value, State.SET_ASIDE.value]), _drop.id != OF_DROP
)
SAME_BYTES = (
    select(_drop.id)
    .where(_drop.sha256 == bindparam("of_sha256"), _drop.unit == bindparam("of_unit"))
    .where(_drop.id != OF_DROP)
    .where(_drop.state.in_([State.PLANNED.value, State.ACCEPTED.value, State.HELD.value]))
    .order_by(_drop.arrived_at)
)
_CARDED = (
    select(schema.lists, _child.child, _child.n)
    .join(schema.roll, (_child.drop_id == _list.drop_id) & (_child.seq == _list.seq))
    .where(_child.card != "", _list.state.in_(sorted(COUNTED)))
    .where(_list.drop_id != OF_DROP, _list.drop_id.not_in(AGAIN))
)
CARDED_BY_CARD = _CARDED.where(_child.card.in_(bindparam("values")))
CARDED_BY_PERSON = _CARDED.where(_child.person.in_(bindparam("values")))

LETTER_STATE = select(_letter.state).where(_letter.key == bindparam("of_key"))
QUEUE_LETTER = insert(schema.letters)
