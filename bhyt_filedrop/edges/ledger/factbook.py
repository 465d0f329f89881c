"""What the ledger knows about lists: which stand, which were delivered, which came before."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Select, func, or_, select

from bhyt_filedrop.domain.cells.card_spellings import NUMBER
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.findings import ACTIVE
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListKey, ListRecord
from bhyt_filedrop.domain.lists.states import COUNTED, IN_FORCE, ONCE_ACCEPTED, ListState
from bhyt_filedrop.domain.owed.came import Delivered, Reopened, SentBack
from bhyt_filedrop.domain.owed.obligations import DeliveredIndex
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.edges.ledger import schema, statements
from bhyt_filedrop.edges.ledger.arrangementbook import standing_arrangements
from bhyt_filedrop.edges.ledger.decided import Where, still_waiting
from bhyt_filedrop.edges.ledger.rows import child_of, in_chunks, list_of, person_digest
from bhyt_filedrop.edges.ledger.store import reading, reading_together


class LedgerFacts:
    """Questions that decisions, reminders and the status ask; nothing here writes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def together(self) -> AbstractContextManager[None]:
        """Have all that this thread asks meanwhile answered as it stood at one moment."""
        return reading_together(self._engine)

    def standing(self, keys: Iterable[ListKey], without: str) -> tuple[ListRecord, ...]:
        """Return the accepted and waiting lists of the same returns, all parts of them.

        `without` is a drop whose own lists (of an earlier judgement) do not count; nor do those of
        a drop that a person just sent round again. What goes on with a plan that is still being
        carried out is told as waiting.
        """
        returns = {(key.handoff, str(key.round), key.sender, key.receiver) for key in keys}
        if not returns:
            return ()
        found: list[ListRecord] = []
        with reading(self._engine) as connection:
            for return_ in returns:
                asked = dict(zip(_OF_RETURN, return_, strict=True)) | {"of_drop": without}
                found += map(list_of, connection.execute(statements.STANDING, asked))
            waiting = still_waiting(connection, without)
        found.sort(key=lambda one: (one.at, one.drop, one.seq))
        return tuple(_as_it_waited(one, waiting) for one in found)

    def repeated(self, sha256: str, unit: str, keys: Iterable[ListKey], without: str) -> str:
        """Return the drop of the same unit and bytes that still stands for the same, or "".

        `keys` are what the new drop's lists stand for: the same file in another folder is another
        hand-off. A scan has no list; it stands once it was delivered.
        """
        wanted = set(keys)
        asked = {"of_sha256": sha256, "of_unit": unit, "of_drop": without}
        with reading(self._engine) as connection:
            same = list(connection.execute(statements.SAME_BYTES, asked).scalars())
        return next((one for one in same if self._stands(one, wanted)), "")

    def _stands(self, drop: str, wanted: set[ListKey]) -> bool:
        lists = self.lists_of(drop)
        standing = {one.key for one in lists if one.state in IN_FORCE}
        return wanted <= standing if standing else not wanted and self._scans_went(drop)

    def _scans_went(self, drop: str) -> bool:
        with reading(self._engine) as connection:
            return connection.execute(statements.SCAN_OF, {"of_drop": drop}).first() is not None

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
        asked = {"of_drop": drop, "of_seq": seq}
        with reading(self._engine) as connection:
            found = connection.execute(statements.CHILDREN_OF, asked).scalars()
            return tuple(child_of(stored) for stored in found)

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
        asked = {"of_round": round_, "of_handoffs": list(handoffs), "of_states": list(states)}
        query = statements.LISTS_OF_ROUND
        if receiver is not None:
            query = statements.LISTS_OF_ROUND_FOR
            asked["of_receiver"] = receiver
        with reading(self._engine) as connection:
            return tuple(list_of(found) for found in connection.execute(query, asked))

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

    def clock_trusted(self) -> datetime | None:
        """Return when a person last said that the clock is right, None where nobody did."""
        row = schema.events.c
        with reading(self._engine) as connection:
            said = select(func.max(row.at)).where(row.kind == "clock-trusted")
            return connection.execute(said).scalar()

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
        for some in in_chunks(sorted(set(drops))):
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
        for query, values in (
            (statements.CARDED_BY_CARD, cards),
            (statements.CARDED_BY_PERSON, persons),
        ):
            for some in in_chunks(sorted(values)):
                found |= self._carded(query, {"values": some, "of_drop": without})
        return tuple(found.values())

    def _carded(
        self, query: Select[Any], asked: Mapping[str, Any]
    ) -> dict[tuple[str, int, int], tuple[ListRecord, ListedChild]]:
        with reading(self._engine) as connection:
            return {
                (one.drop_id, one.seq, one.n): (list_of(one), child_of(one.child))
                for one in connection.execute(query, asked)
            }

    def lists_of(self, drop: str) -> tuple[ListRecord, ...]:
        """Return the lists of one drop."""
        with reading(self._engine) as connection:
            found = connection.execute(statements.LISTS_OF, {"of_drop": drop})
            return tuple(map(list_of, found))


_OF_RETURN = ("of_handoff", "of_round", "of_sender", "of_receiver")


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
