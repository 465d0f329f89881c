"""PostgreSQL under the ledger: what SQLite does by itself is asked for here.

SQLite lets one transaction write at a time, from its first statement on; whoever decides on what
stands and writes what follows is alone. The same holds on PostgreSQL by a lock of the transaction's
own, whichever machine it comes from. A report reads one moment, as there.

Several daemons may share such a ledger. A transaction that writes under a lease (`leasebook.py`)
looks first whether the lease still stands: leases are taken by transactions that write, so none
changes hands before this one ends.
"""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from sqlalchemy import URL, Connection, Engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from bhyt_filedrop.ports import LostLease

DRIVER = "postgresql+psycopg"

WRITING = 1331_001
"""The advisory lock of a transaction that writes."""

ASLEEP_SECONDS = 15
"""How long a transaction that writes may ask nothing: one whose process was frozen, or whose line
was cut, would hold up all others."""

DEAD_LINE = {
    "connect_timeout": 10,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""A line that was cut and of which nobody told us is found out in about ten seconds."""

RESTED_SECONDS = 2.0
"""A line that rested for so long is asked whether it still stands before it is used: to ask each
time would be every fourth question."""

ONE_MOMENT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
"""The options of connections that only read."""

UNGUARDED = "bhyt_unguarded"
"""The option of connections that take no part in this: single statements, each for itself."""


@dataclass(frozen=True, slots=True)
class Lease:
    """What its holder does until another takes it over: the next one has a higher epoch."""

    name: str
    holder: str
    epoch: int


working_under: ContextVar[tuple[Lease, ...]] = ContextVar("working_under", default=())
"""The leases under which the present thread works."""


def is_server(url: URL) -> bool:
    """Tell whether a ledger is on PostgreSQL, where several daemons may share it."""
    return url.get_backend_name() == "postgresql"


def with_driver(url: URL, password: str) -> URL:
    """Return a URL with the driver that the extra `[postgres]` brings, and the password."""
    if not is_server(url):
        return url
    return url.set(drivername=DRIVER, password=password or None)


def line_of(url: URL) -> dict[str, Any]:
    """Return how a connection is kept alive; a URL's own parameters win."""
    return {} if not is_server(url) else {k: v for k, v in DEAD_LINE.items() if k not in url.query}


def tune_postgres(engine: Engine, reads: str) -> None:
    """Give transactions what SQLite gives them; `reads` is the option of those that only read."""

    lines = _lines[engine] = WeakSet[Any]()
    event.listen(engine, "connect", lambda line, _record: lines.add(line))
    event.listen(engine, "checkin", lambda _line, record: _note_use(record))
    event.listen(engine, "checkout", lambda line, record, _: _must_answer(engine, line, record))

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get(UNGUARDED) or options.get(reads):
            return
        connection.exec_driver_sql(
            f"SET LOCAL idle_in_transaction_session_timeout = '{ASLEEP_SECONDS}s';"
            f"SELECT pg_advisory_xact_lock({WRITING})"
        )
        must_stand(connection, working_under.get())


def _note_use(record: ConnectionPoolEntry) -> None:
    record.info[_USED] = time.monotonic()


def _must_answer(engine: Engine, line: Any, record: ConnectionPoolEntry) -> None:
    """Have the pool make a line anew that broke while it rested."""
    now = time.monotonic()
    if now - record.info.get(_USED, now) > RESTED_SECONDS:
        try:
            engine.dialect.do_ping(line)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error


_USED = "used"
_lines: WeakKeyDictionary[Engine, WeakSet[Any]] = WeakKeyDictionary()
"""The connections of each engine."""


def cut_lines(engine: Engine) -> None:
    """Give up every connection: whoever waits for an answer on one hears that it broke.

    For lines on which nothing passes any more and which something on the way keeps alive.
    """
    for line in tuple(_lines.get(engine, ())):
        with suppress(Exception), socket.socket(fileno=os.dup(line.pgconn.socket)) as end:
            end.shutdown(socket.SHUT_RDWR)  # it fails where that is closed already


def must_stand(connection: Connection, leases: tuple[Lease, ...]) -> None:
    """Raise LostLease where one of some leases was taken over."""
    for lease in leases:
        stands = connection.exec_driver_sql(
            "SELECT 1 FROM leases WHERE name = %s AND holder = %s AND epoch = %s",
            (lease.name, lease.holder, lease.epoch),
        )
        if stands.first() is None:
            raise LostLease(lease.name)
