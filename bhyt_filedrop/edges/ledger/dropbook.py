"""The drops' part of the ledger: every state change with its event, in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, func, insert, null, select, union, update
from sqlalchemy.exc import IntegrityError

from bhyt_filedrop.domain.drops.drop import TOLD_BEFORE, Delivery, Drop, Plan
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.findings import Finding
from bhyt_filedrop.domain.letters.letter import Attachment, Letter
from bhyt_filedrop.domain.lists.states import ListState
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.edges.ledger import queue, schema, statements
from bhyt_filedrop.edges.ledger.decided import take_back, take_effect
from bhyt_filedrop.edges.ledger.letterbook import DUE, queue_letters
from bhyt_filedrop.edges.ledger.moves import (
    close_if_nothing_is_held,
    event,
    mark_lists,
    move,
    tick,
)
from bhyt_filedrop.edges.ledger.own_lists import (
    is_own,
    prune_drafts,
    remember,
    settle_own,
    withdraw,
)
from bhyt_filedrop.edges.ledger.plans import must_still_be_held, plan_json, record_plan
from bhyt_filedrop.edges.ledger.rows import delivery_of, drop_of, drop_row, finding_of
from bhyt_filedrop.edges.ledger.store import reading, writing
from bhyt_filedrop.ports import LostRace, Sighting

_AT_ONCE = 10_000
"""Ids in one question: SQLite takes 32,766 parameters, PostgreSQL's driver 65,535."""


class LedgerDrops:
    """What became of every drop. Only this class moves a drop from one state to the next."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.hands_out = False
        """Whether a drop that lies in the archive is put into the queue for any free worker."""

    # --- arrival -----------------------------------------------------------------------------

    def claim(
        self,
        drops: Sequence[Drop],
        at: datetime | None = None,
        away: Mapping[str, datetime] = MappingProxyType({}),
    ) -> list[Drop]:
        """Write down what is about to be taken, before it is taken; return what was written down:
        a file that another daemon is taking is its.

        `away` says of some drops since when nobody had looked where they lay: they are taken to
        have come as early as that allows.
        """
        if not drops:
            return []
        with self._engine.begin() as tx:
            claimed = statements.claim(tx, [drop_row(drop) for drop in drops])
            fresh = [drop for drop in drops if drop.id in claimed]
            for drop in fresh:
                noted = at or drop.arrived_at
                event(tx, noted, drop.id, "claimed", tree=drop.tree, size=drop.size)
                if drop.id in away:
                    event(tx, noted, drop.id, "service-away", since=away[drop.id].isoformat())
        return fresh

    def take_back(self, drops: Sequence[Drop], at: datetime) -> None:
        """Claim drops once more under the ids that they had; one that was void lives again."""
        with self._engine.begin() as tx:
            for drop in drops:
                row = schema.drops.c
                if tx.execute(select(row.id).where(row.id == drop.id)).scalar():
                    values = drop_row(drop)
                    del values["id"], values["state"]
                    move(tx, drop.id, State.CLAIMED, **values)
                else:
                    tx.execute(insert(schema.drops), [drop_row(drop)])
                event(tx, at, drop.id, "taken-back", tree=drop.tree, size=drop.size)

    def every_id(self) -> frozenset[str]:
        """Return the id of every drop; a claim that was void is none."""
        query = select(schema.drops.c.id).where(schema.drops.c.state != State.VOID.value)
        with reading(self._engine) as connection:
            return frozenset(connection.execute(query).scalars())

    def taken_ids(self, ids: Collection[str]) -> frozenset[str]:
        """Return those of some ids that a drop has, be its claim void."""
        row, asked = schema.drops.c, sorted(ids)
        taken: set[str] = set()
        with reading(self._engine) as connection:
            for start in range(0, len(asked), _AT_ONCE):
                some = asked[start : start + _AT_ONCE]
                taken |= set(connection.execute(select(row.id).where(row.id.in_(some))).scalars())
        return frozenset(taken)

    def last_arrivals(self, tree: str, units: Collection[str]) -> Mapping[str, datetime]:
        """Return when the last file of each of some units came that was taken from a tree."""
        row = schema.drops.c
        query = (
            select(row.unit, func.max(row.arrived_at))
            .where(row.tree == tree, row.unit.in_(units), row.state != State.VOID.value)
            .group_by(row.unit)
        )
        with reading(self._engine) as connection:
            return {unit: at for unit, at in connection.execute(query)}  # noqa: C416

    def void(self, drop: str, at: datetime) -> None:
        """Close a claim that found nothing to take. Raises LostRace where its bytes are known: it
        was taken, by another daemon or in an attempt that failed behind that."""
        row = schema.drops.c
        with self._engine.begin() as tx:
            if tx.execute(select(row.sha256).where(row.id == drop)).scalar():
                raise LostRace(f"{drop} lies in the archive")
            move(tx, drop, State.VOID, closed_at=at)
            event(tx, at, drop, "void")

    def left_where_it_lies(self, drop: str, at: datetime) -> None:
        """Note that a drop's file cannot be moved: from here this row alone is its claim."""
        row = schema.drops
        with self._engine.begin() as tx:
            tx.execute(update(row).where(row.c.id == drop).values(work_path=row.c.path))
            event(tx, at, drop, "left-there")

    def archived(self, drop: str, sha256: str, size: int, at: datetime) -> None:
        """Note that the bytes lie in the archive: from here they cannot be lost."""
        with self._engine.begin() as tx:
            begun = 0 if self.hands_out else 1
            kept = {"sha256": sha256, "size": size, "recoveries": begun, "attempts": 0}
            tx.execute(statements.CHANGE_DROP, {"of_drop": drop, **kept})
            event(tx, at, drop, "archived", sha256=sha256, size=size)
            if self.hands_out:
                queue.put(tx, drop, tx.execute(statements.UNIT_OF, {"of_drop": drop}).scalar_one())

    def begin(self, drop: str) -> int:
        """Note that an archived drop is judged once more; return how often it was begun."""
        row = schema.drops
        with self._engine.begin() as tx:
            tx.execute(update(row).where(row.c.id == drop).values(recoveries=row.c.recoveries + 1))
            return int(tx.execute(select(row.c.recoveries).where(row.c.id == drop)).scalar_one())

    def unclaimed_paths(self, tree: str) -> frozenset[str]:
        """Return the paths whose claim is written down but whose bytes are not archived yet."""
        row = schema.drops.c
        tried_again = (row.state == State.SET_ASIDE.value) & row.next_at.is_not(None)
        under_way = (row.state == State.CLAIMED.value) | tried_again
        query = select(row.path).where(row.tree == tree, under_way, row.sha256.is_(None))
        with reading(self._engine) as connection:
            return frozenset(connection.execute(query).scalars())

    def left_there(self, tree: str) -> frozenset[Sighting]:
        """Return the files that were taken and yet stay where they were dropped."""
        row = schema.drops.c
        query = select(row.path, row.size, row.mtime).where(
            row.tree == tree, row.work_path == row.path, row.state != State.VOID.value
        )
        with reading(self._engine) as connection:
            return frozenset(Sighting(*found) for found in connection.execute(query))

    def due(self, now: datetime, limit: int = 1000, untaken: str | None = None) -> list[Drop]:
        """Return the drops that want work now, the oldest first; `untaken`: those of one tree alone
        whose bytes are not in the archive."""
        row = schema.drops.c
        query = (
            select(schema.drops)
            .where(_wants_work(now))
            .order_by(row.arrived_at, row.id)
            .limit(limit)
        )
        if untaken is not None:
            query = query.where(row.tree == untaken, row.sha256.is_(None), row.path.not_like("@%"))
        with reading(self._engine) as connection:
            return [drop_of(found) for found in connection.execute(query)]

    def unjudged_units(self) -> frozenset[str]:
        """Return the units of which a file was taken and not judged yet, or waits for a person."""
        row = schema.drops.c
        undecided = [State.CLAIMED.value, State.SET_ASIDE.value]
        query = select(row.unit).where(row.state.in_(undecided)).distinct()
        with reading(self._engine) as connection:
            return frozenset(connection.execute(query).scalars())

    def units_seen(self) -> frozenset[str]:
        """Return the units of which there is any file or list."""
        lists = schema.lists.c
        columns = (schema.drops.c.unit, lists.sender, lists.receiver)
        query = union(*(select(column) for column in columns))
        with reading(self._engine) as connection:
            return frozenset(connection.execute(query).scalars())

    # --- judgement ---------------------------------------------------------------------------

    def plan(self, drop: Drop, plan: Plan, at: datetime) -> None:
        """Record what a drop earns before any of it is done.

        A drop that a person sent round again may have deliveries that were made already: they
        stay, and the same file is not put into the same place again.
        """
        first = plan.lists[0] if plan.lists else None
        with writing(self._engine) as tx:
            move(
                tx,
                drop.id,
                State.PLANNED,
                plan=plan_json(plan) | take_effect(tx, drop.id, plan, drop.arrived_at),
                handoff=first.key.handoff if first else drop.handoff,
                round=str(first.key.round) if first else None,
                late=any(record.late for record in plan.lists),
                attempts=0,
                recoveries=0,
                next_at=None,
            )
            must_still_be_held(tx, plan.promotes)
            record_plan(tx, drop.id, plan)
            codes = sorted({f.code for f in plan.findings})
            event(tx, at, drop.id, "planned", verdict=plan.state.value, codes=codes)

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
            "plan": plan_json(replace(plan, state=State.ACCEPTED)),
        }
        with self._engine.begin() as tx:
            withdraw(tx, overtaken, at)
            tx.execute(insert(schema.drops), [values])
            record_plan(tx, drop.id, plan)
            if not held:
                # At once and not when the last file is put: what is derived next, and the
                # balance, must not count a list beside the one that it replaces.
                mark_lists(tx, plan.supersedes, drop.id, at, state=ListState.SUPERSEDED)
            queue_letters(tx, asks, at, drop.id)
            remember(tx, str(drop.round), marks, at)
            event(tx, at, drop.id, "derived", lists=len(plan.lists), held=held)
            if self.hands_out and not held:
                queue.put(tx, drop.id, drop.unit)

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
            withdraw(tx, overtaken, at)
            remember(tx, str(round_), marks, at)

    def marks(self, round_: Round) -> dict[str, str]:
        """Return what each derived hand-off of a round was last made from."""
        row = schema.derivations.c
        query = select(row.handoff, row.mark).where(row.round == str(round_))
        with reading(self._engine) as connection:
            return {handoff: mark for handoff, mark in connection.execute(query)}  # noqa: C416

    def pending(self, drop: str) -> list[tuple[int, Delivery]]:
        """Return the deliveries that are not made yet, in order."""
        with reading(self._engine) as connection:
            found = connection.execute(statements.DELIVERIES_OF, {"of_drop": drop})
            return [(r.seq, delivery_of(r)) for r in found if r.done_at is None]

    def waits_behind(self, drop: str) -> bool:
        """Tell whether an earlier file of the same return is decided and still being delivered."""
        with reading(self._engine) as connection:
            found = connection.execute(statements.UNDER_WAY_BEFORE, {"of_drop": drop})
            return found.first() is not None

    def made(self, drop: str, seq: int, sha256: str) -> None:
        """Note the bytes of a copy that was made for a delivery."""
        row = schema.deliveries.c
        with self._engine.begin() as tx:
            tx.execute(
                update(schema.deliveries)
                .where(row.drop_id == drop, row.seq == seq)
                .values(sha256=sha256)
            )

    def delivered(self, drop: str, done: Iterable[int], at: datetime) -> None:
        """Tick deliveries."""
        with self._engine.begin() as tx:
            for seq in done:
                tick(tx, drop, seq, at)

    def close(
        self,
        drop: str,
        at: datetime,
        done: Iterable[int] = (),
        attachments: tuple[Attachment, ...] = (),
    ) -> State:
        """Tick the last deliveries, change the state and queue the letters, all at once.

        `attachments` (the annotated copies) go with the letter that returns the drop.
        """
        with self._engine.begin() as tx:
            for seq in done:
                tick(tx, drop, seq, at)
            plan, arrived_at, decided = tx.execute(statements.PLAN_OF, {"of_drop": drop}).one()
            state = State(plan["state"])
            move(tx, drop, state, closed_at=at, reason=plan["reason"])
            close_if_nothing_is_held(tx, drop, drop, at)
            mark_lists(tx, plan["supersedes"], drop, at, state=ListState.SUPERSEDED)
            prune_drafts(tx, plan["supersedes"])
            mark_lists(
                tx, plan["promotes"], drop, at, state=ListState.ACCEPTED, completed_at=arrived_at
            )
            letters = (_with(Letter.from_json(one), attachments) for one in plan["letters"])
            told = state is not State.RETURNED and (decided or {}).get("action") == TOLD_BEFORE
            queue_letters(tx, letters, at, drop, TOLD_BEFORE if told else DUE)
            event(tx, at, drop, state.value)
            return state

    # --- trouble -----------------------------------------------------------------------------

    def postpone(self, drop: str, at: datetime, until: datetime, reason: str) -> int:
        """Put a drop off after a failed attempt; return how many attempts failed so far.

        An attempt that ends so did not kill the process: only those in a row that left no outcome
        at all (`begin`) tell of a file that does.
        """
        row = schema.drops
        with self._engine.begin() as tx:
            tx.execute(
                update(row)
                .where(row.c.id == drop)
                .values(attempts=row.c.attempts + 1, recoveries=0, next_at=until, reason=reason)
            )
            event(tx, at, drop, "postponed", reason=reason)
            return int(tx.execute(select(row.c.attempts).where(row.c.id == drop)).scalar_one())

    def set_aside(
        self,
        drop: str,
        at: datetime,
        reason: str,
        letters: Iterable[Letter],
        again_at: datetime | None = None,
    ) -> None:
        """Leave a drop to a person, and say so; where a machine is the reason, it is due again by
        itself at `again_at`, whoever has seen to that."""
        with self._engine.begin() as tx:
            move(tx, drop, State.SET_ASIDE, reason=reason, next_at=again_at)
            queue_letters(tx, letters, at, drop)
            event(tx, at, drop, "set-aside", reason=reason)

    def trust_clock(self, why: str, at: datetime) -> None:
        """Note that a person says that the clock is right: what follows is held against this."""
        with self._engine.begin() as tx:
            event(tx, at, None, "clock-trusted", why=why)

    def override(self, drop: str, action: str, why: str, at: datetime, by: str = "") -> None:
        """Send a drop round again under a person's decision; `by` is who decided.

        Raises LostRace where the drop is in no state that waits for a person.
        """
        with self._engine.begin() as tx:
            if is_own(tx, drop):
                settle_own(tx, drop, action, why, at, by)
                return
            decision = {"action": action, "why": why}
            _send_round_again(tx, drop, override=decision, attempts=0)
            event(tx, at, drop, action, why=why, who=by)

    def resume(self, drop: str, at: datetime) -> Drop:
        """Take up again what was set aside for a machine's reason, as `retry` does; what a person
        decided of it stands, and so does how often it was tried."""
        row = schema.drops
        with self._engine.begin() as tx:
            tried = tx.execute(select(row.c.attempts).where(row.c.id == drop)).scalar_one()
            if is_own(tx, drop):
                settle_own(tx, drop, "resumed", "", at)
                tx.execute(update(row).where(row.c.id == drop).values(attempts=tried))
            else:
                _send_round_again(tx, drop)
                event(tx, at, drop, "resumed")
            return drop_of(tx.execute(select(row).where(row.c.id == drop)).one())

    # --- reading -----------------------------------------------------------------------------

    def get(self, drop: str) -> Drop | None:
        """Return one drop by its id."""
        with reading(self._engine) as connection:
            row = connection.execute(
                select(schema.drops).where(schema.drops.c.id == drop)
            ).one_or_none()
        return drop_of(row) if row else None

    def findings(self, drop: str) -> list[Finding]:
        """Return what was found in one drop."""
        row = schema.findings.c
        query = select(schema.findings).where(row.drop_id == drop).order_by(row.seq)
        with reading(self._engine) as connection:
            return [finding_of(found) for found in connection.execute(query)]

    def deliveries(self, drop: str) -> list[tuple[Delivery, datetime | None]]:
        """Return one drop's deliveries, each with the time it was made."""
        with reading(self._engine) as connection:
            found = connection.execute(statements.DELIVERIES_OF, {"of_drop": drop})
            return [(delivery_of(r), r.done_at) for r in found]

    def history(self, drop: str) -> list[tuple[datetime, str, Mapping[str, Any]]]:
        """Return one drop's events, the oldest first."""
        row = schema.events.c
        query = select(schema.events).where(row.drop_id == drop).order_by(row.id)
        with reading(self._engine) as connection:
            return [(r.at, r.kind, r.detail) for r in connection.execute(query)]

    def arrivals(
        self, *, state: str | None = None, unit: str | None = None, limit: int = 50
    ) -> list[Drop]:
        """Return drops, the newest first; a void claim is shown only when asked for."""
        row = schema.drops.c
        query = select(schema.drops).order_by(row.arrived_at.desc(), row.id.desc()).limit(limit)
        query = query.where(row.state == state) if state else query.where(row.state != State.VOID)
        if unit:
            query = query.where(row.unit == unit)
        with reading(self._engine) as connection:
            return [drop_of(found) for found in connection.execute(query)]

    def counts(self) -> dict[str, int]:
        """Return how many drops are in each state."""
        row = schema.drops.c
        query = select(row.state, func.count()).group_by(row.state)
        with reading(self._engine) as connection:
            return {state: int(count) for state, count in connection.execute(query)}


def _with(letter: Letter, attachments: tuple[Attachment, ...]) -> Letter:
    return replace(letter, attachments=attachments) if letter.kind == "returned" else letter


def _wants_work(now: datetime) -> ColumnElement[bool]:
    """Under way, and not put off beyond now; or set aside until now."""
    row = schema.drops.c
    under_way = row.state.in_([State.CLAIMED.value, State.PLANNED.value])
    over = row.next_at <= now
    return (under_way & (row.next_at.is_(None) | over)) | (
        (row.state == State.SET_ASIDE.value) & over
    )


def _send_round_again(tx: Connection, drop: str, **values: Any) -> None:
    """Let a drop be judged anew, and give back what its plan had taken."""
    take_back(tx, drop)
    try:
        move(tx, drop, State.CLAIMED, plan=null(), recoveries=0, next_at=None, **values)
    except IntegrityError as error:
        raise LostRace(f"{drop}: another drop is taking the very file") from error
