"""Which rows the ledger holds of a child or of some files, and who was handed them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Engine, Row, and_, or_, select, true

from bhyt_filedrop.domain.cells.card_spellings import NUMBER
from bhyt_filedrop.domain.cells.text import fold
from bhyt_filedrop.domain.reports.held import HandedOut, HeldRow
from bhyt_filedrop.edges.ledger import schema
from bhyt_filedrop.edges.ledger.offerbook import OFFERED
from bhyt_filedrop.edges.ledger.rows import child_of, in_chunks, list_of
from bhyt_filedrop.edges.ledger.store import reading


class LedgerHoldings:
    """Questions about people's data; nothing here writes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of_child(
        self, code: str = "", card: str = "", name: str = "", born: str = ""
    ) -> list[HeldRow]:
        """Return every row of a child that is asked for by its code, its card, or name and date of
        birth (ISO); rows of other lists are its own where they have one of these or name, birth and
        parent in common with one of those.
        """
        row = schema.roll.c
        wanted: list[ColumnElement[bool]] = []
        if code:
            wanted.append(row.code == code)
        if card:
            wanted.append(row.card == card[-NUMBER:])
        with reading(self._engine) as connection:
            found = self._held(connection, or_(*wanted)) if wanted else {}
            if name:
                found |= self._called(connection, name, born)
            persons = {one.person for one in found.values()}
            codes = {one.child.code for one in found.values() if one.child.code}
            cards = {one.child.card[-NUMBER:] for one in found.values() if one.child.card}
            same = or_(row.person.in_(persons), row.code.in_(codes), row.card.in_(cards))
            found |= self._held(connection, same) if found else {}
        return _in_order(found)

    def of_drops(
        self, since: datetime, until: datetime, unit: str = "", drop: str = ""
    ) -> list[HeldRow]:
        """Return the rows of files that came between two moments (aware), of one unit or one drop
        where that is asked for."""
        drops = schema.drops.c
        wanted = [drops.arrived_at >= since, drops.arrived_at <= until]
        wanted += [or_(drops.unit == unit, schema.lists.c.receiver == unit)] if unit else []
        wanted += [drops.id == drop] if drop else []
        with reading(self._engine) as connection:
            return _in_order(self._held(connection, and_(*wanted)))

    def handed(self, drops: Iterable[str]) -> list[HandedOut]:
        """Return who received something of some drops, in order of time."""
        found: list[HandedOut] = []
        with reading(self._engine) as connection:
            for some in in_chunks(sorted(set(drops))):
                found += _files(connection, some)
                found += _offers(connection, some)
                found += _letters(connection, some)
                found += _pages(connection, some)
        return sorted(found, key=lambda one: (one.at, one.drop, one.what))

    def _held(self, connection: Connection, which: ColumnElement[bool]) -> _Held:
        row, lists, drops = schema.roll.c, schema.lists.c, schema.drops.c
        query = (
            select(schema.lists, row.child, row.person, row.n)
            .join(schema.roll, and_(row.drop_id == lists.drop_id, row.seq == lists.seq))
            .join(schema.drops, drops.id == lists.drop_id)
            .where(which)
        )
        return {(one.drop_id, one.seq, one.n): _held_of(one) for one in connection.execute(query)}

    def _called(self, connection: Connection, name: str, born: str) -> _Held:
        """All rows are gone through: names are kept as they were written."""
        wanted = fold(name)
        return {
            place: one
            for place, one in self._held(connection, true()).items()
            if fold(one.child.name) == wanted and one.child.birth.startswith(born)
        }


_Held = dict[tuple[str, int, int], HeldRow]
"""By drop, list and the child's place in it: a list that was made of many holds the same row of
many sheets."""


def _held_of(row: Row[tuple[object, ...]]) -> HeldRow:
    child, person = child_of(row.child), row.person
    # A row that names nobody wholly is a person of its own, by its code or place.
    return HeldRow(list_of(row), child, person or child.code or f"{row.drop_id}/{row.seq}/{row.n}")


def _files(connection: Connection, drops: Sequence[str]) -> Iterator[HandedOut]:
    row = schema.deliveries.c
    query = select(schema.deliveries).where(row.drop_id.in_(drops), row.done_at.is_not(None))
    for one in connection.execute(query):
        yield HandedOut(one.drop_id, "file", one.unit, f"{one.tree}: {one.path}", one.done_at)


def _offers(connection: Connection, drops: Sequence[str]) -> Iterator[HandedOut]:
    """What lay in an office's folder to be approved, also where it was never sent. Of what a person
    dropped only a summary does."""
    row, drop = schema.events.c, schema.drops.c
    query = (
        select(row.drop_id, row.at, drop.unit, drop.tree)
        .join(schema.drops, drop.id == row.drop_id)
        .where(row.drop_id.in_(drops), row.kind == OFFERED, drop.path.startswith("@"))
    )
    for one in connection.execute(query):
        yield HandedOut(one.drop_id, "file", one.unit, f"{one.tree}: chờ duyệt", one.at)


def _letters(connection: Connection, drops: Sequence[str]) -> Iterator[HandedOut]:
    row, mailed = schema.letters.c, schema.mailed.c
    query = (
        select(row.drop_id, row.unit, mailed.address, row.sent_at)
        .join(schema.mailed, mailed.message_id == row.message_id, isouter=True)
        .where(row.drop_id.in_(drops), row.sent_at.is_not(None))
    )
    for drop, unit, address, at in connection.execute(query):
        yield HandedOut(drop, "letter", unit, address or "", at)


def _pages(connection: Connection, drops: Sequence[str]) -> Iterator[HandedOut]:
    row = schema.accesses.c
    query = select(schema.accesses).where(row.drop_id.in_(drops))
    for one in connection.execute(query):
        yield HandedOut(one.drop_id, "page", one.unit, f"{one.account}, {one.address}", one.at)


def _in_order(found: _Held) -> list[HeldRow]:
    """In order of time, those of a list in its own order."""
    return [found[place] for place in sorted(found, key=lambda p: (found[p].record.at, p))]
