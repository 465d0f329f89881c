"""A ledger from one database into another, empty one: all of it in one transaction, or nothing.

Both are then read again and compared row by row, each child of each list among them, before the
transaction ends: a copy that was broken off or that differs is never there to work on.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, Table, func, insert, inspect, select, text
from sqlalchemy.exc import DataError, IntegrityError

from bhyt_filedrop.edges.ledger import schema
from bhyt_filedrop.edges.ledger.leasebook import IDENTITY
from bhyt_filedrop.edges.ledger.postgres import is_server
from bhyt_filedrop.edges.ledger.raw_rows import (
    RawRow,
    bare,
    bytes_of,
    every_table,
    key_of,
    numbered,
    rows_in_batches,
    rows_of,
)
from bhyt_filedrop.edges.ledger.store import open_engine, reading, upgrade
from bhyt_filedrop.ports import NeverWorks
from bhyt_filedrop.whole_files import sync_folder_of

_PATIENCE = "10min"
"""How long the server waits for us to read on: its usual patience is for daemons that froze."""


@dataclass(frozen=True, slots=True)
class CopiedTable:
    """One table on both sides: how many rows, and a digest over all of them in order; how many rows
    are not the same, and the keys of the first of these."""

    name: str
    rows: int
    copied: int
    digest: str
    copied_digest: str
    differing: int
    first: str

    @property
    def is_equal(self) -> bool:
        """True where both sides say the same."""
        return not self.differing and self.digest == self.copied_digest


def copy_into(
    source: Engine, target: Engine, must_be_alone: Callable[[], None] = lambda: None
) -> list[CopiedTable]:
    """Copy everything into a database that has no rows, and compare; it stays there only where both
    are equal. The source is read as it stood at one moment; `must_be_alone` is asked before the end
    and raises where somebody went on with it meanwhile.

    Raises NeverWorks where the target is not empty or does not take what the source holds,
    LedgerAway where one of them cannot be used now.
    """
    with reading(source) as there, target.connect() as here, here.begin() as tx:
        if is_server(target.url):
            here.exec_driver_sql(f"SET LOCAL idle_in_transaction_session_timeout = '{_PATIENCE}'")
        must_hold_nothing(here)
        upgrade(here)
        for table in every_table():
            _copy(there, here, table)
        _number_on(here)
        compared = [_compared(there, here, table) for table in every_table()]
        must_be_alone()
        if not all(one.is_equal for one in compared):
            tx.rollback()
    return compared


def copy_into_file(
    source: Engine, to: Path, must_be_alone: Callable[[], None] = lambda: None
) -> list[CopiedTable]:
    """Copy everything into a new SQLite file, synced, which stands there whole or not at all."""
    partial = to.with_name(f".{to.name}.part")
    partial.unlink(missing_ok=True)
    to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    engine = open_engine(f"sqlite:///{partial}")
    try:
        compared = copy_into(source, engine, must_be_alone)
        engine.dispose()
        if all(one.is_equal for one in compared):
            _close_file(partial)
            partial.replace(to)
            sync_folder_of(to)
    finally:
        engine.dispose()
        for part in ("", "-wal", "-shm"):
            partial.with_name(partial.name + part).unlink(missing_ok=True)
    return compared


def _close_file(file: Path) -> None:
    """Take the write-ahead log in, so that the file is all of it."""
    ledger = sqlite3.connect(file)
    ledger.execute("PRAGMA journal_mode=DELETE")
    ledger.close()
    with file.open("rb") as stream:
        os.fsync(stream.fileno())


def must_hold_nothing(here: Connection) -> None:
    """Raise NeverWorks where a database holds rows of a ledger; empty tables are none."""
    found = inspect(here)
    for table in every_table():
        there = found.has_table(table.name)
        if there and here.execute(select(text("1")).select_from(table).limit(1)).first():
            raise NeverWorks(f"the database holds a ledger already: {table.name} has rows")


def who_serves(engine: Engine) -> str:
    """Return who serves a ledger on a server just now, "" = nobody, or it is in a file."""
    if not is_server(engine.url):
        return ""
    with reading(engine) as connection:
        if not inspect(connection).has_table(schema.leases.name):
            return ""
        alive = select(schema.leases.c.holder).where(
            schema.leases.c.name != IDENTITY,
            text("until > (clock_timestamp() AT TIME ZONE 'UTC')"),
        )
        return str(connection.execute(alive.limit(1)).scalar() or "")


def _copy(there: Connection, here: Connection, table: Table) -> None:
    names = [column.name for column in table.columns]
    taking = insert(bare(table))
    try:
        for some in rows_in_batches(there, table):
            here.execute(taking, [dict(zip(names, row, strict=True)) for row in some])
    except (DataError, IntegrityError, ValueError) as error:
        kind = type(error).__name__  # its text may hold a child's data
        raise NeverWorks(f"the table {table.name} does not fit there ({kind})") from None


def _number_on(here: Connection) -> None:
    """Let the next number follow the highest; SQLite does so by itself."""
    if not is_server(here.engine.url):
        return
    for table in every_table():
        if name := numbered(table):
            highest = here.execute(select(func.max(table.c[name]))).scalar()
            sequence = func.pg_get_serial_sequence(table.name, name)
            here.execute(select(func.setval(sequence, highest or 1, highest is not None)))


# --- comparing -----------------------------------------------------------------------------------


def _compared(there: Connection, here: Connection, table: Table) -> CopiedTable:
    left, right = _Hashed(rows_of(there, table)), _Hashed(rows_of(here, table))
    differing, first = 0, ""
    for key in _differences(table, left, right):
        differing, first = differing + 1, first or ", ".join(map(str, key))
    return CopiedTable(
        table.name, left.count, right.count, left.digest, right.digest, differing, first
    )


class _Hashed:
    """Rows that are counted and hashed as they pass."""

    def __init__(self, rows: Iterator[RawRow]) -> None:
        self._rows, self._made = rows, hashlib.sha256()
        self.count = 0

    @property
    def digest(self) -> str:
        """Of those that passed."""
        return self._made.hexdigest()

    def next(self) -> RawRow | None:
        """Return the next row, None after the last."""
        row = next(self._rows, None)
        if row is not None:
            self.count += 1
            self._made.update(bytes_of(row))
        return row


def _differences(table: Table, left: _Hashed, right: _Hashed) -> Iterator[RawRow]:
    """Yield the keys of rows that are on one side alone, or not the same on both."""
    mine, theirs = left.next(), right.next()
    while mine is not None or theirs is not None:
        here, there = (one and key_of(table, one) for one in (mine, theirs))
        least = min(key for key in (here, there) if key is not None)
        if mine != theirs:
            yield least
        if here == least:
            mine = left.next()
        if there == least:
            theirs = right.next()
