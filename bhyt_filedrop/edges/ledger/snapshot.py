"""A copy of a SQLite ledger that is in use: whole, of one moment, and held against SQLite's check.

The copy is made in steps with pauses in between, so that a daemon that writes goes on; what it
writes meanwhile is taken along by SQLite itself.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from pathlib import Path

from sqlalchemy import Engine

from bhyt_filedrop.edges.ledger.store import reading
from bhyt_filedrop.ports import NeverWorks, TryLater
from bhyt_filedrop.whole_files import sync_folder_of

_PAGES = 4096
_PAUSE = 0.01


def copy_ledger(source: Path, to: Path) -> str:
    """Copy a ledger to a new file, which is synced and stands there whole or not at all; return its
    SHA-256.

    Raises TryLater where the ledger or the disk cannot be used now, NeverWorks where the copy is
    not sound: so then is the ledger.
    """
    partial = to.with_name(f".{to.name}.part")
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        _copy(source, partial)
        must_be_sound(partial)
        digest = _synced(partial)
        partial.replace(to)
        sync_folder_of(to)
    except sqlite3.Error as error:
        raise TryLater(f"the ledger cannot be copied: {error}") from error
    finally:
        partial.unlink(missing_ok=True)
    return digest


def _copy(source: Path, partial: Path) -> None:
    ledger = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, timeout=30)
    copy = sqlite3.connect(partial)
    try:
        ledger.backup(copy, pages=_PAGES, sleep=_PAUSE)
        copy.execute("PRAGMA journal_mode=DELETE")
    finally:
        copy.close()
        ledger.close()


def must_be_sound(file: Path) -> None:
    """Hold a SQLite file against its own check. Raises NeverWorks where it is not sound."""
    ledger = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
    try:
        found = [str(row[0]) for row in ledger.execute("PRAGMA integrity_check(1)")]
    except sqlite3.DatabaseError as error:
        found = [str(error)]
    finally:
        ledger.close()
    if found != ["ok"]:
        raise NeverWorks(f"{file}: {found[0]}")


def trouble_of(engine: Engine) -> str:
    """Return the first fault that SQLite finds in a ledger, "" where it is sound or on a server."""
    if engine.dialect.name != "sqlite":
        return ""
    with reading(engine) as connection:
        found = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar()
    return "" if found == "ok" else str(found)


def _synced(file: Path) -> str:
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        os.fsync(stream.fileno())
    return digest
