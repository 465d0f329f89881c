"""Leases in the ledger: which daemon does what, by the database's time alone.

A lease is a row: who holds it, until when, and how often it was taken (its epoch). Its holder says
every few seconds that it is still there; one that was not heard of for `SILENT_SECONDS` is taken
over by whoever asks first. A holder that was only frozen finds out at its next write (`postgres`).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event, Lock, Thread
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, select, text

from bhyt_filedrop.edges.ledger import schema
from bhyt_filedrop.edges.ledger.postgres import (
    UNGUARDED,
    Lease,
    cut_lines,
    must_stand,
    working_under,
)
from bhyt_filedrop.edges.ledger.store import reading
from bhyt_filedrop.ports import Holding, LedgerAway, LostLease

log = logging.getLogger(__name__)

SILENT_SECONDS = 20
"""How long a holder may be silent before another takes over."""

BEAT_SECONDS = 4.0
"""How often a holder says that it is still there."""

NO_ANSWER_SECONDS = 30.0
"""After so long without an answer to that the lines to the server are given up."""

IDENTITY = "ledger"
"""The row that names the ledger itself: its holder is the site whose trees bear its mark."""

_NOW = "(clock_timestamp() AT TIME ZONE 'UTC')"
_UNTIL = f"{_NOW} + interval '{SILENT_SECONDS} seconds'"
_IS_FREE = text(
    f"SELECT NOT EXISTS (SELECT 1 FROM leases WHERE name = :name AND holder <> :holder"
    f" AND until > {_NOW})"
)
_TAKE = text(
    f"INSERT INTO leases AS l (name, holder, epoch, since, until)"
    f" VALUES (:name, :holder, 1, {_NOW}, {_UNTIL})"
    f" ON CONFLICT (name) DO UPDATE SET holder = :holder, epoch = l.epoch + 1, since = {_NOW},"
    f" until = {_UNTIL} WHERE l.holder = :holder OR l.until <= {_NOW} RETURNING epoch"
)
_RENEW = text(
    f"UPDATE leases SET until = {_UNTIL} WHERE holder = :holder AND name IN :names"
    " RETURNING name, epoch"
).bindparams(bindparam("names", expanding=True))
_RELEASE = text(
    f"UPDATE leases SET until = {_NOW} WHERE holder = :holder AND name IN :names"
).bindparams(bindparam("names", expanding=True))
_NAMED = select(schema.leases.c.holder).where(schema.leases.c.name == IDENTITY)
_NAME_LEDGER = text(
    f"INSERT INTO leases (name, holder, epoch, since, until)"
    f" VALUES ('{IDENTITY}', :site, 0, {_NOW}, {_NOW}) ON CONFLICT DO NOTHING"
)


class LedgerLeases:
    """The leases of one daemon. `holder` names it, and no other process at the same time."""

    def __init__(self, engine: Engine, holder: str) -> None:
        self._engine, self._holder = engine, holder
        self._mine: dict[str, Lease] = {}
        self._busy: set[str] = set()
        self._lock, self._stop = Lock(), Event()
        self._ahead = timedelta()
        """How far the database's clock is ahead of this machine's."""
        self._beating = Thread(target=self._beat_on, name="leases", daemon=True)
        self._watching = Thread(target=self._watch, name="leases-watch", daemon=True)
        self._answered = time.monotonic()

    # --- holding -----------------------------------------------------------------------------

    @contextmanager
    def held(self, name: str, *, keep: bool = True, patience: float = 0.0) -> Iterator[int]:
        """See `ports.Leases.held`. What is not kept is for one thread at a time."""
        end = time.monotonic() + patience
        while not (lease := self._take_once(name, keep=keep)) and time.monotonic() < end:
            self._stop.wait(1.0)
        if lease is None:
            yield 0
            return
        before = working_under.set((*working_under.get(), lease))
        try:
            yield lease.epoch
        except LostLease:
            self._forget([lease])
            raise
        finally:
            working_under.reset(before)
            if not keep:
                self._busy.discard(name)
                self._release([name])

    def must_be_held(self) -> None:
        """See `ports.Leases.must_be_held`."""
        if working_under.get():
            with self._bare() as connection:
                must_stand(connection, working_under.get())

    def _take_once(self, name: str, *, keep: bool) -> Lease | None:
        with self._lock:
            if not keep:
                if name in self._busy:
                    return None
                self._busy.add(name)
            elif mine := self._mine.get(name):
                return mine
        lease = None
        try:
            lease = self._take(name)
        finally:
            if lease is None and not keep:
                self._busy.discard(name)
        return lease

    def _take(self, name: str) -> Lease | None:
        asked = {"name": name, "holder": self._holder}
        with self._bare() as connection:
            if not connection.execute(_IS_FREE, asked).scalar():
                return None
        before = working_under.set(())
        try:
            with self._engine.begin() as tx:
                epoch = tx.execute(_TAKE, asked).scalar()
        finally:
            working_under.reset(before)
        if epoch is None:
            return None
        lease = Lease(name, self._holder, int(epoch))
        with self._lock:
            self._mine[name] = lease
        return lease

    def _forget(self, lost: list[Lease]) -> None:
        with self._lock:
            for lease in lost:
                if self._mine.get(lease.name) == lease:
                    del self._mine[lease.name]

    def _release(self, names: list[str]) -> None:
        with self._lock:
            held = [name for name in names if self._mine.pop(name, None)]
        if held:
            try:
                with self._bare() as connection:
                    connection.execute(_RELEASE, {"holder": self._holder, "names": held})
            except Exception as error:  # it runs out by itself
                log.warning("leases.unreleased", extra={"error": type(error).__name__})

    # --- staying alive -----------------------------------------------------------------------

    def start(self) -> None:
        """Ask the database's time, and begin to say that this daemon is there."""
        self.beat()
        self._beating.start()
        self._watching.start()

    def close(self) -> None:
        """Give everything back: another daemon goes on at once."""
        self._stop.set()
        if self._beating.is_alive():
            self._beating.join(timeout=BEAT_SECONDS)
        self._release(list(self._mine))

    def _beat_on(self) -> None:
        while not self._stop.wait(BEAT_SECONDS):
            try:
                self.beat()
            except Exception as error:
                log.warning("leases.unheard", extra={"error": type(error).__name__})
                if isinstance(error, LedgerAway):  # others may wait for ever where this one broke
                    cut_lines(self._engine)

    def _watch(self) -> None:
        """Give up lines on which no answer comes: what waits there tries again on new ones."""
        while not self._stop.wait(NO_ANSWER_SECONDS / 10):
            if time.monotonic() - self._answered > NO_ANSWER_SECONDS:
                log.warning("ledger.silent")
                cut_lines(self._engine)
                self._answered = time.monotonic()

    def beat(self) -> None:
        """Say once that this daemon is there, and forget what another has taken over."""
        with self._lock:
            mine = list(self._mine.values())
        with self._bare() as connection:
            before = datetime.now(UTC)
            told: datetime = connection.execute(text(f"SELECT {_NOW}")).scalar_one()
            self._answered = time.monotonic()
            self._ahead = told.replace(tzinfo=UTC) - (before + (datetime.now(UTC) - before) / 2)
            if not mine:
                return
            asked = {"holder": self._holder, "names": [lease.name for lease in mine]}
            renewed = {(row.name, row.epoch) for row in connection.execute(_RENEW, asked)}
        lost = [lease for lease in mine if (lease.name, lease.epoch) not in renewed]
        if lost:
            log.warning("leases.lost", extra={"leases": ", ".join(one.name for one in lost)})
            self._forget(lost)

    def now(self) -> datetime:
        """Return the database's time: one time for all daemons, whatever their clocks say."""
        return datetime.now(UTC) + self._ahead

    # --- asking ------------------------------------------------------------------------------

    def standing(self) -> list[Holding]:
        """Return who holds what but single units, in order of names."""
        row = schema.leases.c
        query = select(row.name, row.holder, row.since, text(f"until > {_NOW} AS alive"))
        query = query.where(row.name != IDENTITY, row.name.not_like("unit/%")).order_by(row.name)
        with reading(self._engine) as connection:
            return [Holding(*found) for found in connection.execute(query)]

    def site(self, first: str) -> str:
        """Return the site as which this ledger marks its trees: of the daemon that opened it first,
        whose own is `first`."""
        with self._engine.begin() as tx:
            tx.execute(_NAME_LEDGER, {"site": first})
            return str(tx.execute(_NAMED).scalar_one())

    def named(self) -> str:
        """Return what `site` does, "" where no daemon has opened the ledger yet."""
        with reading(self._engine) as connection:
            return str(connection.execute(_NAMED).scalar() or "")

    @contextmanager
    def _bare(self) -> Iterator[Connection]:
        options: dict[str, Any] = {"isolation_level": "AUTOCOMMIT", UNGUARDED: True}
        with self._engine.connect().execution_options(**options) as connection:
            yield connection
