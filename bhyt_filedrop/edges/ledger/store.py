"""Open the ledger's database and bring it to the present schema."""

from __future__ import annotations

import contextlib
import json
import os
import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, OperationalError

from bhyt_filedrop.edges.ledger.postgres import (
    ONE_MOMENT,
    is_server,
    line_of,
    tune_postgres,
    with_driver,
)
from bhyt_filedrop.ports import LedgerAway

HEAD = "0012"
"""The newest migration; a test holds it against the migrations folder. Comparing it with the stored
version spares every start but the first the 1.1 s that importing alembic takes."""


BUSY_SECONDS = 30.0
"""How long a statement waits for another process that writes to the embedded ledger."""

_PASSING = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
    }
)

_READS = "bhyt_reads"


def open_engine(url: str, password: str = "") -> Engine:
    """Return an engine on `url`; SQLite in WAL mode with every commit on disk.

    Raises ImportError where the driver of a server is not installed.
    """
    address = with_driver(make_url(url), password)
    if is_server(address) and find_spec("procrastinate") is None:
        raise ImportError("procrastinate")
    engine = create_engine(
        address,
        connect_args=line_of(address),
        json_serializer=_as_json,
    )
    event.listens_for(engine, "handle_error")(_passing_trouble)
    if engine.dialect.name == "sqlite":
        _tune_sqlite(engine)
    else:
        tune_postgres(engine, _READS)
    return engine


_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_LONE = re.compile("[\ud800-\udfff]")


def _as_json(value: object) -> str:
    """Write a value as short as it goes: with its Vietnamese letters spelt out as \\u…, a child
    takes half as much again. Only half a surrogate (a byte of a file name that is no text) has no
    other spelling."""
    text = _COMPACT.encode(value)
    return json.dumps(value) if _LONE.search(text) else text


def _passing_trouble(context: ExceptionContext) -> None:
    """A disk that is full or failing, a busy database, a line that broke: later, nobody's fault."""
    error = context.sqlalchemy_exception
    if isinstance(error, DBAPIError) and (
        _fell_asleep(error.orig) or (isinstance(error, OperationalError) and _may_pass(error.orig))
    ):
        raise LedgerAway(str(error.orig)) from context.original_exception


def _fell_asleep(error: BaseException | None) -> bool:
    """True where a server gave a transaction up whose process asked nothing for too long."""
    return getattr(error, "sqlstate", None) == "25P03"


def _may_pass(error: BaseException | None) -> bool:
    """True for every error of a server; of SQLite for those that are its disk's or its memory's."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is None or code & 0xFF in _PASSING


def _tune_sqlite(engine: Engine) -> None:
    """Hand transactions to us: pysqlite's own BEGIN comes too late for a read-then-write."""

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_SECONDS * 1000:.0f}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        only_reads = connection.get_execution_options().get(_READS)
        connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")


def reading(engine: Engine) -> AbstractContextManager[Connection]:
    """Return a connection whose transactions only read: however long they last, writers go on.

    `engine.begin()` is for those that write, or read what they then change.
    """
    if open_ := getattr(_together, "open", {}).get(engine):
        return nullcontext(open_)
    options = ONE_MOMENT if is_server(engine.url) else {}
    return engine.connect().execution_options(**{_READS: True, **options})


_together = threading.local()
"""The connection that each thread holds open, by engine: `open` to read, `writes` to write too."""


@contextmanager
def reading_together(engine: Engine) -> Iterator[None]:
    """Have this thread read all that it asks meanwhile as it stood at one moment: a dozen questions
    over one connection cost what three cost over their own."""
    with reading(engine) as connection:
        before = getattr(_together, "open", {})
        _together.open = {**before, engine: connection}
        try:
            yield
        finally:
            _together.open = before


def writing(engine: Engine) -> AbstractContextManager[Connection]:
    """Return a transaction that writes: the one that this thread has open (`decided_alone`), or one
    of its own."""
    open_ = getattr(_together, "writes", {}).get(engine)
    return nullcontext(open_) if open_ else engine.begin()


@contextmanager
def decided_alone(engine: Engine) -> Iterator[None]:
    """Have all that this thread asks and `writing` writes meanwhile be one transaction: while it
    looks, nobody else writes, on whichever machine."""
    with engine.begin() as tx:
        before = getattr(_together, "open", {}), getattr(_together, "writes", {})
        _together.open, _together.writes = {**before[0], engine: tx}, {**before[1], engine: tx}
        try:
            yield
        finally:
            _together.open, _together.writes = before


def ledger_file(url: str) -> Path | None:
    """Return the file of a SQLite ledger, None where it is on a server."""
    database = make_url(url).database
    return Path(database) if url.startswith("sqlite") and database else None


def ledger_exists(url: str) -> bool:
    """True unless the URL names a SQLite file that is not there yet, or holds nothing."""
    file = ledger_file(url)
    return file is None or (file.exists() and file.stat().st_size > 0)


def version(engine: Engine) -> str | None:
    """Return the schema version the database is at, None for an empty one."""
    with reading(engine) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _for_us_alone(engine: Engine) -> None:
    """Make a new SQLite file so that nobody else reads it, whatever the umask; its write-ahead log
    gets the same mode."""
    file = engine.url.database
    if file and not is_server(engine.url):
        with contextlib.suppress(FileExistsError):
            os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def migrate(engine: Engine) -> None:
    """Bring the database to HEAD; nothing happens when it is there already."""
    _for_us_alone(engine)
    if version(engine) != HEAD:
        with engine.connect() as connection:
            upgrade(connection)
            connection.commit()
    if is_server(engine.url):
        from bhyt_filedrop.edges.ledger.queue import bring_up

        bring_up(engine)


def upgrade(connection: Connection) -> None:
    """Run what is missing of the migrations in the connection's own transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
