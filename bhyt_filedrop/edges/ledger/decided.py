"""What a plan does to the lists of other drops, from the moment it is written down.

Not when its last file is put: whoever decides, counts or derives next must hold nothing against a
list that is replaced already. A plan that is decided anew before it was carried out takes it back;
so the plan that is kept says how those lists stood.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from bhyt_filedrop.domain.drops.drop import Plan
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.lists.states import IN_FORCE, ListState
from bhyt_filedrop.edges.ledger import schema, statements

Where = Mapping[tuple[str, int], str]


def take_effect(tx: Connection, drop: str, plan: Plan, at: datetime) -> dict[str, Any]:
    """Let lists go on or give way as a plan says; return how they stood, as the plan keeps it.

    The drops of which nothing is held any more are closed together with this one.
    """
    under_way = still_waiting(tx, drop)
    accepted = {"state": ListState.ACCEPTED, "completed_at": at}
    waited = _change(tx, plan.promotes, accepted)
    waited = [[id_, seq, under_way.get((id_, seq), state)] for id_, seq, state in waited]
    stood = _change(tx, plan.supersedes, {"state": ListState.SUPERSEDED})
    return {"stood": stood, "waited": waited}


def still_waiting(tx: Connection, without: str = "") -> Where:
    """Return the lists that go on with a plan whose files are not all put yet, with the state in
    which they waited: a later plan of the same return takes their delivery over."""
    plans = tx.execute(statements.PLANS_UNDER_WAY, {"of_drop": without}).scalars()
    waited = (one for plan in plans for one in (plan or {}).get("waited", ()))
    return {(drop, seq): state for drop, seq, state in waited}


def take_back(tx: Connection, drop: str) -> None:
    """Undo what the plan of a drop did that waits for a person and is now decided anew.

    Where yet another list stands by now in the place of its own, things have gone on without it.
    """
    row, lists = schema.drops.c, schema.lists.c
    waits = (row.id == drop) & (row.state == State.SET_ASIDE.value)
    plan = tx.execute(select(row.plan).where(waits)).scalar() or {}
    mine = list(tx.execute(select(schema.lists).where(lists.drop_id == drop)))
    for name, there in (("stood", ListState.SUPERSEDED), ("waited", ListState.ACCEPTED)):
        for other, seq, state in plan.get(name, ()):
            here = (lists.drop_id == other) & (lists.seq == seq) & (lists.state == there)
            old = tx.execute(select(schema.lists).where(here)).first()
            if old is not None and _is_behind(old, mine):
                back = {"state": state} | ({"completed_at": None} if name == "waited" else {})
                tx.execute(update(schema.lists).where(here).values(back))


def _is_behind(old: Row[Any], mine: Iterable[Row[Any]]) -> bool:
    """True while the list that an old one made room for, or went along with, is still in force."""
    same = [
        one
        for one in mine
        if (one.handoff, one.round, one.sender, one.receiver)
        == (old.handoff, old.round, old.sender, old.receiver)
    ]
    nearest = [one for one in same if one.part == old.part] or same
    return any(one.state in IN_FORCE for one in nearest)


def _change(
    tx: Connection, lists: Iterable[tuple[str, int]], values: Mapping[str, Any]
) -> list[list[Any]]:
    """Change lists that are in force; return them with the states they had."""
    row, before = schema.lists.c, list[list[Any]]()
    for drop, seq in lists:
        here = (row.drop_id == drop) & (row.seq == seq) & row.state.in_(IN_FORCE)
        state = tx.execute(select(row.state).where(here)).scalar()
        if state is not None:
            tx.execute(update(schema.lists).where(here).values(values))
            before.append([drop, seq, str(state)])
    return before
