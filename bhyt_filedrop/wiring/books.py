"""Ledger, archive and register: what is remembered, opened from the settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bhyt_filedrop.domain.derive.drafts import RegisterRow
from bhyt_filedrop.edges.archive import FolderArchive
from bhyt_filedrop.edges.ledger.bouncebook import LedgerBounces
from bhyt_filedrop.edges.ledger.dropbook import LedgerDrops
from bhyt_filedrop.edges.ledger.factbook import LedgerFacts
from bhyt_filedrop.edges.ledger.letterbook import LedgerLetters
from bhyt_filedrop.edges.ledger.reportbook import LedgerReports
from bhyt_filedrop.edges.ledger.store import (
    HEAD,
    ledger_exists,
    migrate,
    open_engine,
    version,
)
from bhyt_filedrop.settings import (
    Settings,
)
from bhyt_filedrop.wiring.secrets import password


@dataclass(frozen=True)
class Books:
    """The ledger, by the questions that are asked of it."""

    engine: Engine
    drops: LedgerDrops
    letters: LedgerLetters
    facts: LedgerFacts
    archive: FolderArchive
    bounces: LedgerBounces

    def close(self) -> None:
        """Let go of the database; SQLite then takes its write-ahead log in."""
        self.engine.dispose()


def open_books(settings: Settings) -> Books:
    """Open the ledger (made or migrated where needed) and the archive."""
    settings.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = open_engine(settings.ledger_url)
    migrate(engine)
    return Books(
        engine,
        LedgerDrops(engine),
        LedgerLetters(engine),
        LedgerFacts(engine),
        FolderArchive(settings.archive_dir),
        LedgerBounces(engine),
    )


def ledger_trouble(settings: Settings) -> str | None:
    """Say in one line why the ledger cannot be used, None where it can; changes nothing."""
    engine = open_engine(settings.ledger_url)
    try:
        found = version(engine) if ledger_exists(settings.ledger_url) else HEAD
    except SQLAlchemyError as error:
        return str(error).splitlines()[0]
    finally:
        engine.dispose()
    return None if found == HEAD else f"the ledger is at version {found}, wanted is {HEAD}"


def reports_of(books: Books) -> LedgerReports:
    """Return what reports and traces ask of the ledger."""
    return LedgerReports(books.engine)


def register_of(settings: Settings) -> Callable[[], Sequence[RegisterRow]] | None:
    """Return what reads the card register of a database, None where none is configured."""
    register = settings.register
    if not register.table:
        return None

    def read() -> Sequence[RegisterRow]:
        from bhyt_filedrop.edges.register import TableSource, read_table

        url = password(register.credential)
        return read_table(TableSource(url, register.table, register.columns))

    return read
