"""PostgreSQL under the ledger: what SQLite does by itself is asked for here.

SQLite lets one transaction write at a time, from its first statement on; whoever decides on what
stands and writes what follows is alone. The same holds on PostgreSQL by a lock of the transaction's
own. A report reads one moment, as there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, Connection, Engine, event, text

DRIVER = "postgresql+psycopg"

WRITING, SERVING = 1331_001, 1331_002
"""Advisory locks: of a transaction that writes, and of the one daemon on a ledger."""


def with_driver(url: URL, password: str) -> URL:
    """Return a URL with the driver that the extra `[postgres]` brings, and the password."""
    if url.get_backend_name() != "postgresql":
        return url
    return url.set(drivername=DRIVER, password=password or None)


def tune_postgres(engine: Engine, reads: str) -> None:
    """Give transactions what SQLite gives them; `reads` is the option of those that only read."""

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        if connection.get_execution_options().get(reads):
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        else:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITING})")


@contextmanager
def held_for_serving(engine: Engine) -> Iterator[bool]:
    """Hold a PostgreSQL ledger for one daemon; False where another holds it, here or elsewhere.

    A SQLite ledger is held by its site's own lock.
    """
    if engine.dialect.name != "postgresql":
        yield True
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as held:
        yield bool(held.execute(text(f"SELECT pg_try_advisory_lock({SERVING})")).scalar())
