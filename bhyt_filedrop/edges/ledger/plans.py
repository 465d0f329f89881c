"""Write a plan down: its lists with their children, its findings, its deliveries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, tuple_

from bhyt_filedrop.domain.drops.drop import Delivery, Plan, Role
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.edges.ledger import schema
from bhyt_filedrop.edges.ledger.rows import delivery_row, finding_row, list_row, roll_row
from bhyt_filedrop.ports import LostRace


def record_plan(tx: Connection, drop: str, plan: Plan) -> None:
    """Write down everything that a drop earns, in place of what an earlier judgement gave it."""
    tx.execute(delete(schema.roll).where(schema.roll.c.drop_id == drop))
    _replace(tx, schema.lists, drop, [list_row(record) for record in plan.lists])
    children = [
        roll_row(drop, seq, n, child)
        for seq, roll in plan.rolls.items()
        for n, child in enumerate(roll)
    ]
    if children:
        tx.execute(insert(schema.roll), children)
    found = [finding_row(drop, n, one) for n, one in enumerate(plan.findings)]
    _replace(tx, schema.findings, drop, found)
    _record_deliveries(tx, drop, plan.deliveries)


def _replace(tx: Connection, table: Any, drop: str, rows: list[dict[str, Any]]) -> None:
    tx.execute(delete(table).where(table.c.drop_id == drop))
    if rows:
        tx.execute(insert(table), rows)


def _record_deliveries(tx: Connection, drop: str, planned: Sequence[Delivery]) -> None:
    """Write down what is to be put where, each place once.

    A held list that goes on may be planned twice: by a drop that completes it but is still under
    way, then by another. The bytes and the name are the same, so the later plan takes it over.
    """
    row = schema.deliveries.c
    places = [(one.tree, one.path) for one in planned]
    # SQLite finds a path by its index, a pair only by reading all.
    here = row.path.in_([path for _, path in places]) & tuple_(row.tree, row.path).in_(places)
    open_ = row.done_at.is_(None)
    tx.execute(delete(schema.deliveries).where(open_, here | (row.drop_id == drop)))
    last = tx.execute(select(func.max(row.seq)).where(row.drop_id == drop)).scalar()
    first = 0 if last is None else last + 1
    done = {(r.tree, r.path) for r in tx.execute(select(row.tree, row.path).where(here))}
    # A draft keeps its name from version to version: each new one is put over the one before, and
    # the last is taken away from where it was put.
    again = (Role.DERIVED, Role.RETIRED)
    fresh = [d for d in planned if d.role in again or (d.tree, d.path) not in done]
    if fresh:
        rows = [delivery_row(drop, n, d) for n, d in enumerate(fresh, start=first)]
        tx.execute(insert(schema.deliveries), rows)


def must_still_be_held(tx: Connection, promotes: Iterable[tuple[str, int]]) -> None:
    """A person may have rejected a held list since it was looked at; then it is decided anew."""
    row = schema.drops.c
    wanted = {drop for drop, _ in promotes}
    again = select(row.id).where(row.id.in_(wanted), row.state == State.CLAIMED.value)
    if wanted and tx.execute(again).first():
        raise LostRace("a list that this drop completes was sent round again meanwhile")


def plan_json(plan: Plan) -> dict[str, Any]:
    """The part of a plan that is kept with its drop until it is closed."""
    return {
        "state": plan.state.value,
        "letters": [letter.to_json() for letter in plan.letters],
        "promotes": [list(pair) for pair in plan.promotes],
        "supersedes": [list(pair) for pair in plan.supersedes],
        "reason": plan.reason,
    }
