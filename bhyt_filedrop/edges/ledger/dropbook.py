"""The drops' part of the ledger: every state change with its event, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from bhyt_filedrop.domain.drops import Delivery, Drop, Plan, Role
from bhyt_filedrop.domain.findings import Finding
from bhyt_filedrop.domain.letters import Attachment, Letter
from bhyt_filedrop.domain.rounds import Round
from bhyt_filedrop.domain.states import MOVES, State
from bhyt_filedrop.edges.ledger import schema
from bhyt_filedrop.edges.ledger.letterbook import queue_letters
from bhyt_filedrop.edges.ledger.rows import (
    delivery_of,
    delivery_row,
    drop_of,
    drop_row,
    finding_of,
    finding_row,
    list_row,
    roll_row,
)
from bhyt_filedrop.ports import LostRace


class LedgerDrops:
    """What became of every drop. Only this class moves a drop from one state to the next."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # --- arrival -----------------------------------------------------------------------------

    def claim(self, drops: Sequence[Drop]) -> None:
        """Write down what is about to be taken, before it is taken."""
        if not drops:
            return
        with self._engine.begin() as tx:
            tx.execute(insert(schema.drops), [drop_row(drop) for drop in drops])
            for drop in drops:
                _event(tx, drop.arrived_at, drop.id, "claimed", tree=drop.tree, size=drop.size)

    def void(self, drop: str, at: datetime) -> None:
        """Close a claim that found nothing to take."""
        with self._engine.begin() as tx:
            _move(tx, drop, State.VOID, closed_at=at)
            _event(tx, at, drop, "void")

    def archived(self, drop: str, sha256: str, size: int, at: datetime) -> None:
        """Note that the bytes lie in the archive: from here they cannot be lost."""
        with self._engine.begin() as tx:
            row = schema.drops
            tx.execute(
                update(row)
                .where(row.c.id == drop)
                .values(sha256=sha256, size=size, recoveries=1, attempts=0)
            )
            _event(tx, at, drop, "archived", sha256=sha256, size=size)

    def begin(self, drop: str) -> int:
        """Note that an archived drop is judged once more; return how often it was begun."""
        row = schema.drops
        with self._engine.begin() as tx:
            tx.execute(update(row).where(row.c.id == drop).values(recoveries=row.c.recoveries + 1))
            return int(tx.execute(select(row.c.recoveries).where(row.c.id == drop)).scalar_one())

    def unclaimed_paths(self, tree: str) -> frozenset[str]:
        """Return the paths whose claim is written down but whose bytes are not archived yet."""
        row = schema.drops.c
        query = select(row.path).where(
            row.tree == tree, row.state == State.CLAIMED.value, row.sha256.is_(None)
        )
        with self._engine.connect() as connection:
            return frozenset(connection.execute(query).scalars())

    def due(self, now: datetime, limit: int = 1000) -> list[Drop]:
        """Return the drops that want work now, the oldest first."""
        row = schema.drops.c
        query = (
            select(schema.drops)
            .where(row.state.in_([State.CLAIMED.value, State.PLANNED.value]))
            .where((row.next_at.is_(None)) | (row.next_at <= now))
            .order_by(row.arrived_at, row.id)
            .limit(limit)
        )
        with self._engine.connect() as connection:
            return [drop_of(found) for found in connection.execute(query)]

    # --- judgement ---------------------------------------------------------------------------

    def plan(self, drop: Drop, plan: Plan, at: datetime) -> None:
        """Record what a drop earns before any of it is done.

        A drop that a person sent round again may have deliveries that were made already: they
        stay, and the same file is not put into the same place again.
        """
        first = plan.lists[0] if plan.lists else None
        with self._engine.begin() as tx:
            _move(
                tx,
                drop.id,
                State.PLANNED,
                plan=_plan_json(plan),
                handoff=first.key.handoff if first else drop.handoff,
                round=str(first.key.round) if first else None,
                late=any(record.late for record in plan.lists),
                attempts=0,
                recoveries=0,
                next_at=None,
            )
            _must_still_be_held(tx, plan.promotes)
            _record_plan(tx, drop.id, plan)
            codes = sorted({f.code for f in plan.findings})
            _event(tx, at, drop.id, "planned", verdict=plan.state.value, codes=codes)

    def own(
        self,
        drop: Drop,
        plan: Plan,
        at: datetime,
        marks: Mapping[str, str],
        overtaken: Sequence[str] = (),
        asks: Sequence[Letter] = (),
    ) -> None:
        """Record lists that the product derived, with their plan, as one more drop.

        A plan whose state is `held` waits for a person's `release` before anything is delivered;
        `asks` are the letters that ask for it. `marks` says what each hand-off of the drop's round
        was made from. `overtaken` are own drops that wait for approval and in whose place this one
        stands; raises LostRace where one of them does not wait any more.
        """
        held = plan.state is State.HELD
        values = drop_row(drop) | {
            "state": (State.HELD if held else State.PLANNED).value,
            "plan": _plan_json(replace(plan, state=State.ACCEPTED)),
        }
        with self._engine.begin() as tx:
            _withdraw(tx, overtaken, at)
            tx.execute(insert(schema.drops), [values])
            _record_plan(tx, drop.id, plan)
            if not held:
                # At once and not when the last file is put: what is derived next, and the
                # balance, must not count a list beside the one that it replaces.
                _mark_lists(tx, plan.supersedes, drop.id, at, state="superseded")
            queue_letters(tx, asks, at, drop.id)
            _mark(tx, str(drop.round), marks, at)
            _event(tx, at, drop.id, "derived", lists=len(plan.lists), held=held)

    def looked_at(
        self,
        round_: Round,
        marks: Mapping[str, str],
        at: datetime,
        overtaken: Sequence[str] = (),
    ) -> None:
        """Note that derived hand-offs are up to date although nothing had to be made.

        `overtaken` are own drops that waited for approval and are not wanted any more.
        """
        with self._engine.begin() as tx:
            _withdraw(tx, overtaken, at)
            _mark(tx, str(round_), marks, at)

    def marks(self, round_: Round) -> dict[str, str]:
        """Return what each derived hand-off of a round was last made from."""
        row = schema.derivations.c
        query = select(row.handoff, row.mark).where(row.round == str(round_))
        with self._engine.connect() as connection:
            return {handoff: mark for handoff, mark in connection.execute(query)}  # noqa: C416

    def pending(self, drop: str) -> list[tuple[int, Delivery]]:
        """Return the deliveries that are not made yet, in order."""
        row = schema.deliveries.c
        query = (
            select(schema.deliveries)
            .where(row.drop_id == drop, row.done_at.is_(None))
            .order_by(row.seq)
        )
        with self._engine.connect() as connection:
            return [(r.seq, delivery_of(r)) for r in connection.execute(query)]

    def made(self, drop: str, seq: int, sha256: str) -> None:
        """Note the bytes of a copy that was made for a delivery."""
        row = schema.deliveries.c
        with self._engine.begin() as tx:
            tx.execute(
                update(schema.deliveries)
                .where(row.drop_id == drop, row.seq == seq)
                .values(sha256=sha256)
            )

    def delivered(self, drop: str, seq: int, at: datetime) -> None:
        """Tick one delivery."""
        with self._engine.begin() as tx:
            _tick(tx, drop, seq, at)

    def close(
        self,
        drop: str,
        at: datetime,
        last: int | None = None,
        attachments: tuple[Attachment, ...] = (),
    ) -> State:
        """Tick the last delivery, change the state and queue the letters, all at once.

        `attachments` (the annotated copies) go with the letter that returns the drop.
        """
        with self._engine.begin() as tx:
            if last is not None:
                _tick(tx, drop, last, at)
            plan = tx.execute(
                select(schema.drops.c.plan).where(schema.drops.c.id == drop)
            ).scalar_one()
            state = State(plan["state"])
            _move(tx, drop, state, closed_at=at, reason=plan["reason"])
            _close_if_nothing_is_held(tx, drop, drop, at)
            _mark_lists(tx, plan["supersedes"], drop, at, state="superseded")
            complete = tx.execute(
                select(schema.drops.c.arrived_at).where(schema.drops.c.id == drop)
            ).scalar_one()
            _mark_lists(tx, plan["promotes"], drop, at, state="accepted", completed_at=complete)
            letters = (_with(Letter.from_json(one), attachments) for one in plan["letters"])
            queue_letters(tx, letters, at, drop)
            _event(tx, at, drop, state.value)
            return state

    # --- trouble -----------------------------------------------------------------------------

    def postpone(self, drop: str, at: datetime, until: datetime, reason: str) -> int:
        """Put a drop off after a failed attempt; return how many attempts failed so far."""
        row = schema.drops
        with self._engine.begin() as tx:
            tx.execute(
                update(row)
                .where(row.c.id == drop)
                .values(attempts=row.c.attempts + 1, next_at=until, reason=reason)
            )
            _event(tx, at, drop, "postponed", reason=reason)
            return int(tx.execute(select(row.c.attempts).where(row.c.id == drop)).scalar_one())

    def set_aside(self, drop: str, at: datetime, reason: str, letters: Iterable[Letter]) -> None:
        """Leave a drop to a person, and say so."""
        with self._engine.begin() as tx:
            _move(tx, drop, State.SET_ASIDE, reason=reason, next_at=None)
            queue_letters(tx, letters, at, drop)
            _event(tx, at, drop, "set-aside", reason=reason)

    def override(self, drop: str, action: str, why: str, at: datetime) -> None:
        """Send a drop round again under a person's decision.

        Raises LostRace where the drop is in no state that waits for a person.
        """
        with self._engine.begin() as tx:
            if _is_own(tx, drop):
                _settle_own(tx, drop, action, why, at)
                return
            decision = {"action": action, "why": why}
            _move(
                tx, drop, State.CLAIMED, override=decision, attempts=0, recoveries=0, next_at=None
            )
            _event(tx, at, drop, action, why=why)

    # --- reading -----------------------------------------------------------------------------

    def get(self, drop: str) -> Drop | None:
        """Return one drop by its id."""
        with self._engine.connect() as connection:
            row = connection.execute(
                select(schema.drops).where(schema.drops.c.id == drop)
            ).one_or_none()
        return drop_of(row) if row else None

    def findings(self, drop: str) -> list[Finding]:
        """Return what was found in one drop."""
        row = schema.findings.c
        query = select(schema.findings).where(row.drop_id == drop).order_by(row.seq)
        with self._engine.connect() as connection:
            return [finding_of(found) for found in connection.execute(query)]

    def deliveries(self, drop: str) -> list[tuple[Delivery, datetime | None]]:
        """Return one drop's deliveries, each with the time it was made."""
        row = schema.deliveries.c
        query = select(schema.deliveries).where(row.drop_id == drop).order_by(row.seq)
        with self._engine.connect() as connection:
            return [(delivery_of(r), r.done_at) for r in connection.execute(query)]

    def history(self, drop: str) -> list[tuple[datetime, str, Mapping[str, Any]]]:
        """Return one drop's events, the oldest first."""
        row = schema.events.c
        query = select(schema.events).where(row.drop_id == drop).order_by(row.id)
        with self._engine.connect() as connection:
            return [(r.at, r.kind, r.detail) for r in connection.execute(query)]

    def arrivals(
        self, *, state: str | None = None, unit: str | None = None, limit: int = 50
    ) -> list[Drop]:
        """Return drops, the newest first; a void claim is shown only when asked for."""
        row = schema.drops.c
        query = select(schema.drops).order_by(row.arrived_at.desc(), row.id.desc()).limit(limit)
        query = query.where(row.state == state) if state else query.where(row.state != "void")
        if unit:
            query = query.where(row.unit == unit)
        with self._engine.connect() as connection:
            return [drop_of(found) for found in connection.execute(query)]

    def counts(self) -> dict[str, int]:
        """Return how many drops are in each state."""
        row = schema.drops.c
        query = select(row.state, func.count()).group_by(row.state)
        with self._engine.connect() as connection:
            return {state: int(count) for state, count in connection.execute(query)}


def _move(tx: Connection, drop: str, to: State, **values: Any) -> None:
    allowed = [state.value for state, targets in MOVES.items() if to in targets]
    row = schema.drops.c
    moved = tx.execute(
        update(schema.drops)
        .where(row.id == drop, row.state.in_(allowed))
        .values(state=to.value, **values)
    )
    if moved.rowcount != 1:
        raise LostRace(f"{drop} is in no state from which it can become {to.value}")


def _event(tx: Connection, at: datetime, drop: str | None, kind: str, **detail: Any) -> None:
    tx.execute(insert(schema.events).values(at=at, drop_id=drop, kind=kind, detail=detail))


def _tick(tx: Connection, drop: str, seq: int, at: datetime) -> None:
    row = schema.deliveries.c
    ticked = tx.execute(
        update(schema.deliveries)
        .where(row.drop_id == drop, row.seq == seq, row.done_at.is_(None))
        .values(done_at=at)
    )
    if ticked.rowcount == 1:
        _event(tx, at, drop, "delivered", seq=seq)


def _is_own(tx: Connection, drop: str) -> bool:
    path = tx.execute(select(schema.drops.c.path).where(schema.drops.c.id == drop)).scalar()
    return bool(path) and str(path).startswith("@")


def _settle_own(tx: Connection, drop: str, action: str, why: str, at: datetime) -> None:
    """Derived lists are not judged again: they go out as they are, or not at all."""
    if action == "reject":
        _close_own(tx, drop, why, at)
    else:
        _move(tx, drop, State.PLANNED, attempts=0, next_at=None)
        plan = tx.execute(select(schema.drops.c.plan).where(schema.drops.c.id == drop)).scalar_one()
        _mark_lists(tx, plan["supersedes"], drop, at, state="superseded")
        row = schema.lists.c
        mine = update(schema.lists).where(row.drop_id == drop, row.state == State.HELD.value)
        tx.execute(mine.values(state="accepted", completed_at=at))
    _event(tx, at, drop, action, why=why)


def _withdraw(tx: Connection, drops: Iterable[str], at: datetime) -> None:
    """Close derived lists that nobody approved before others took their place."""
    row = schema.drops.c
    for drop in drops:
        state = tx.execute(select(row.state).where(row.id == drop)).scalar()
        if state != State.HELD.value:
            raise LostRace(f"{drop} does not wait for approval any more")
        _close_own(tx, drop, "overtaken", at)
        _event(tx, at, drop, "overtaken")


def _close_own(tx: Connection, drop: str, why: str, at: datetime) -> None:
    """Let derived lists count no more, and deliver nothing of them from now on."""
    row, made = schema.lists.c, schema.deliveries.c
    _move(tx, drop, State.RETURNED, closed_at=at, reason=why)
    tx.execute(delete(schema.deliveries).where(made.drop_id == drop, made.done_at.is_(None)))
    standing = row.state.in_(["accepted", "held"])
    tx.execute(update(schema.lists).where(row.drop_id == drop, standing).values(state="returned"))


def _mark(tx: Connection, round_: str, marks: Mapping[str, str], at: datetime) -> None:
    row = schema.derivations.c
    for handoff, mark in marks.items():
        tx.execute(delete(schema.derivations).where(row.round == round_, row.handoff == handoff))
        tx.execute(
            insert(schema.derivations).values(round=round_, handoff=handoff, mark=mark, at=at)
        )


def _record_plan(tx: Connection, drop: str, plan: Plan) -> None:
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
    here = row.path.in_([delivery.path for delivery in planned])
    open_ = row.done_at.is_(None)
    tx.execute(delete(schema.deliveries).where(open_, here | (row.drop_id == drop)))
    last = tx.execute(select(func.max(row.seq)).where(row.drop_id == drop)).scalar()
    first = 0 if last is None else last + 1
    done = {(r.tree, r.path) for r in tx.execute(select(row.tree, row.path).where(here))}
    # A draft keeps its name from version to version: each new one is put over the one before.
    fresh = [d for d in planned if d.role is Role.DERIVED or (d.tree, d.path) not in done]
    if fresh:
        rows = [delivery_row(drop, n, d) for n, d in enumerate(fresh, start=first)]
        tx.execute(insert(schema.deliveries), rows)


def _must_still_be_held(tx: Connection, promotes: Iterable[tuple[str, int]]) -> None:
    """A person may have rejected a held list since it was looked at; then it is decided anew."""
    row = schema.drops.c
    wanted = {drop for drop, _ in promotes}
    again = select(row.id).where(row.id.in_(wanted), row.state == State.CLAIMED.value)
    if wanted and tx.execute(again).first():
        raise LostRace("a list that this drop completes was sent round again meanwhile")


def _mark_lists(
    tx: Connection, lists: Iterable[Sequence[Any]], by: str, at: datetime, **values: Any
) -> None:
    row = schema.lists.c
    for drop, seq in lists:
        mine = update(schema.lists).where(row.drop_id == drop, row.seq == seq)
        tx.execute(mine.where(row.state.in_(["accepted", "held"])).values(**values))
        _close_if_nothing_is_held(tx, drop, by, at)


def _close_if_nothing_is_held(tx: Connection, drop: str, by: str, at: datetime) -> None:
    """A held drop ends when the last of its held lists was completed or replaced."""
    row = schema.lists.c
    waiting = select(func.count()).where(row.drop_id == drop, row.state == State.HELD.value)
    held = select(schema.drops.c.state).where(schema.drops.c.id == drop)
    if tx.execute(held).scalar() != State.HELD.value or tx.execute(waiting).scalar():
        return
    _move(tx, drop, State.ACCEPTED, closed_at=at)
    _event(tx, at, drop, "accepted", by=by)


def _with(letter: Letter, attachments: tuple[Attachment, ...]) -> Letter:
    return replace(letter, attachments=attachments) if letter.kind == "returned" else letter


def _plan_json(plan: Plan) -> dict[str, Any]:
    return {
        "state": plan.state.value,
        "letters": [letter.to_json() for letter in plan.letters],
        "promotes": [list(pair) for pair in plan.promotes],
        "supersedes": [list(pair) for pair in plan.supersedes],
        "reason": plan.reason,
    }
