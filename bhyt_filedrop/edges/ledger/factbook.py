"""What the ledger knows about lists: which stand, which were delivered, which came before."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Engine, and_, func, or_, select

from bhyt_filedrop.domain.cells.card_spellings import NUMBER
from bhyt_filedrop.domain.drops.drop import Role
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.findings import ACTIVE
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListKey, ListRecord
from bhyt_filedrop.domain.lists.states import COUNTED, IN_FORCE, ONCE_ACCEPTED, ListState
from bhyt_filedrop.domain.owed.came import Delivered, Reopened, SentBack
from bhyt_filedrop.domain.owed.obligations import DeliveredIndex
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.edges.ledger import schema
from bhyt_filedrop.edges.ledger.arrangementbook import standing_arrangements
from bhyt_filedrop.edges.ledger.decided import Where, still_waiting
from bhyt_filedrop.edges.ledger.rows import child_of, list_of, person_digest
from bhyt_filedrop.edges.ledger.store import reading


class LedgerFacts:
    """Questions that decisions, reminders and the status ask; nothing here writes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def standing(self, keys: Iterable[ListKey], without: str) -> tuple[ListRecord, ...]:
        """Return the accepted and waiting lists of the same returns, all parts of them.

        `without` is a drop whose own lists (of an earlier judgement) do not count; nor do those of
        a drop that a person just sent round again. What goes on with a plan that is still being
        carried out is told as waiting.
        """
        row = schema.lists.c
        same = [
            and_(
                row.handoff == key.handoff,
                row.round == str(key.round),
                row.sender == key.sender,
                row.receiver == key.receiver,
            )
            for key in keys
        ]
        if not same:
            return ()
        query = (
            select(schema.lists)
            .where(or_(*same), row.state.in_(IN_FORCE), row.drop_id != without)
            .where(row.drop_id.not_in(_AGAIN))
            .order_by(row.at, row.drop_id, row.seq)
        )
        with reading(self._engine) as connection:
            found = [list_of(one) for one in connection.execute(query)]
            waiting = still_waiting(connection, without)
        return tuple(_as_it_waited(one, waiting) for one in found)

    def repeated(self, sha256: str, unit: str, keys: Iterable[ListKey], without: str) -> str:
        """Return the drop of the same unit and bytes that still stands for the same, or "".

        `keys` are what the new drop's lists stand for: the same file in another folder is another
        hand-off. A scan has no list; it stands once it was delivered.
        """
        drop, wanted = schema.drops.c, set(keys)
        query = (
            select(drop.id)
            .where(drop.sha256 == sha256, drop.unit == unit, drop.id != without)
            .where(drop.state.in_([State.PLANNED.value, State.ACCEPTED.value, State.HELD.value]))
            .order_by(drop.arrived_at)
        )
        with reading(self._engine) as connection:
            same = list(connection.execute(query).scalars())
        return next((one for one in same if self._stands(one, wanted)), "")

    def _stands(self, drop: str, wanted: set[ListKey]) -> bool:
        lists = self.lists_of(drop)
        standing = {one.key for one in lists if one.state in IN_FORCE}
        return wanted <= standing if standing else not wanted and self._scans_went(drop)

    def _scans_went(self, drop: str) -> bool:
        row = schema.deliveries.c
        query = select(row.seq).where(row.drop_id == drop, row.role == Role.SCAN.value).limit(1)
        with reading(self._engine) as connection:
            return connection.execute(query).first() is not None

    def delivered(
        self,
        rounds: Iterable[str],
        always: Iterable[str] = (),
        reopened: Iterable[Reopened] = (),
        until: datetime | None = None,
        of: str = "",
    ) -> DeliveredIndex:
        """Return what was delivered in some rounds, and of the hand-offs `always` in any round;
        `reopened` are answers that are known to be owed once more in part.

        A superseded list counts with its own time: a correction does not make a unit late. A
        derived list that waits for approval has reached nobody. `until` leaves out what happened
        after a moment (aware); `of` leaves only what one unit sent or got.
        """
        row, wanted, named = schema.lists.c, list(rounds), list(always)
        query = select(schema.lists).where(
            row.round.in_(wanted) | row.handoff.in_(named),
            row.state.in_(ONCE_ACCEPTED) | ((row.state == ListState.HELD) & (row.basis == "")),
        )
        if of:
            query = query.where((row.sender == of) | (row.receiver == of))
        with reading(self._engine) as connection:
            records = [list_of(row) for row in connection.execute(query)]
            found = [_fact(one) for one in (records if until is None else _by(until, records))]
            arranged = standing_arrangements(connection, wanted, named, until)
            return DeliveredIndex.of(found, reopened, _sent_back(connection, of), arranged)

    def children(self, drop: str, seq: int) -> tuple[ListedChild, ...]:
        """Return the children of one list, in its order."""
        row = schema.roll.c
        query = select(row.child).where(row.drop_id == drop, row.seq == seq).order_by(row.n)
        with reading(self._engine) as connection:
            return tuple(child_of(stored) for stored in connection.execute(query).scalars())

    def of_round(
        self,
        round_: str,
        handoffs: Iterable[str],
        states: Collection[ListState] = COUNTED,
        receiver: str | None = None,
    ) -> tuple[ListRecord, ...]:
        """Return the standing lists of some hand-offs of a round, in order of time.

        `states` asks for lists in other states, `receiver` for those of one unit alone.
        """
        row = schema.lists.c
        query = (
            select(schema.lists)
            .where(row.round == round_, row.handoff.in_(list(handoffs)))
            .where(row.state.in_(states))
            .order_by(row.at, row.drop_id, row.seq)
        )
        if receiver is not None:
            query = query.where(row.receiver == receiver)
        with reading(self._engine) as connection:
            return tuple(list_of(found) for found in connection.execute(query))

    def latest(self) -> int:
        """Return the number of the last event; nothing happened while it stays the same."""
        with reading(self._engine) as connection:
            return connection.execute(select(func.max(schema.events.c.id))).scalar() or 0

    def last_event(self) -> datetime | None:
        """Return the time of the last event that was written down, None where nothing happened."""
        row = schema.events.c
        query = select(row.at).order_by(row.id.desc()).limit(1)
        with reading(self._engine) as connection:
            return connection.execute(query).scalar()

    def rounds(self) -> tuple[str, ...]:
        """Return the rounds of which any list ever arrived, the oldest first."""
        row = schema.lists.c
        query = (
            select(row.round).where(row.state != ListState.RETURNED).distinct().order_by(row.round)
        )
        with reading(self._engine) as connection:
            return tuple(connection.execute(query).scalars())

    def active_files(self, drops: Iterable[str]) -> frozenset[tuple[str, str]]:
        """See `ports.ListBook.active_files`."""
        row = schema.findings.c
        found: set[tuple[str, str]] = set()
        for some in _chunks(sorted(set(drops))):
            query = select(row.drop_id, row.file).where(row.code == ACTIVE, row.drop_id.in_(some))
            with reading(self._engine) as connection:
                found |= {(drop, file) for drop, file in connection.execute(query)}
        return frozenset(found)

    def known_cards(
        self, children: Sequence[ListedChild], without: str
    ) -> tuple[tuple[ListRecord, ListedChild], ...]:
        """Return carded children of other standing lists who share a card or a person with some.

        `without` is the drop that asks; as in `standing`, a drop that a person just sent round
        again does not count.
        """
        cards = {child.card[-NUMBER:] for child in children if child.card}
        persons = {person_digest(child) for child in children} - {""}
        found: dict[tuple[str, int, int], tuple[ListRecord, ListedChild]] = {}
        for column, values in ((schema.roll.c.card, cards), (schema.roll.c.person, persons)):
            for some in _chunks(sorted(values)):
                found |= self._carded(column.in_(some), without)
        return tuple(found.values())

    def _carded(
        self, wanted: ColumnElement[bool], without: str
    ) -> dict[tuple[str, int, int], tuple[ListRecord, ListedChild]]:
        row, lists = schema.roll.c, schema.lists.c
        query = (
            select(schema.lists, row.child, row.n)
            .join(schema.roll, (row.drop_id == lists.drop_id) & (row.seq == lists.seq))
            .where(wanted, row.card != "", lists.state.in_(COUNTED))
            .where(lists.drop_id != without, lists.drop_id.not_in(_AGAIN))
        )
        with reading(self._engine) as connection:
            return {
                (one.drop_id, one.seq, one.n): (list_of(one), child_of(one.child))
                for one in connection.execute(query)
            }

    def lists_of(self, drop: str) -> tuple[ListRecord, ...]:
        """Return the lists of one drop."""
        row = schema.lists.c
        query = select(schema.lists).where(row.drop_id == drop).order_by(row.seq)
        with reading(self._engine) as connection:
            return tuple(list_of(found) for found in connection.execute(query))


_AGAIN = select(schema.drops.c.id).where(schema.drops.c.state == State.CLAIMED.value)
"""Drops that have lists of an earlier judgement and are decided anew."""


def _as_it_waited(record: ListRecord, waiting: Where) -> ListRecord:
    state = waiting.get((record.drop, record.seq))
    if state is None or record.state != ListState.ACCEPTED:
        return record
    return replace(record, state=ListState(state), completed_at=None)


def _by(until: datetime, records: Iterable[ListRecord]) -> Iterator[ListRecord]:
    """Yield the lists that had come by a moment. What was completed later was one part by then; of
    a derived list it means that it waited for approval and had reached nobody."""
    for record in records:
        done = record.completed_at is not None and record.completed_at <= until
        if record.at <= until and (done or not record.basis):
            yield record if done else replace(record, completed_at=None)


def _fact(record: ListRecord) -> Delivered:
    """A list with which its hand-off was complete stands for the whole of it."""
    key, done = record.key, record.completed_at
    nothing = bool(record.basis) and not record.rows
    parts = () if done else (key.part,)
    return Delivered(
        key.handoff, key.round, key.sender, key.receiver, done or record.at, parts, nothing
    )


def _sent_back(connection: Connection, of: str = "") -> Iterator[SentBack]:
    """Yield what went back to its sender: each of a drop's lists, or a file that held none."""
    drop, row = schema.drops.c, schema.lists.c
    query = (
        select(drop.unit, drop.closed_at, row.handoff, row.round)
        .join(schema.lists, row.drop_id == drop.id, isouter=True)
        .where(drop.state == State.RETURNED.value, drop.closed_at.is_not(None))
        .where(or_(row.basis == "", row.basis.is_(None)))
    )
    if of:
        query = query.where(drop.unit == of)
    for unit, at, handoff, round_ in connection.execute(query):
        yield SentBack(handoff or "", Round.parse(round_) if round_ else None, unit, at)


def _chunks(values: Sequence[str], size: int = 500) -> Iterator[Sequence[str]]:
    """Cut a long list for `IN (…)`: databases bind only so many values at once."""
    return (values[start : start + size] for start in range(0, len(values), size))
