"""A site's ledger moved into another database; and a backup of one that is on a server."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from bhyt_filedrop.edges.ledger.copying import (
    CopiedTable as CopiedTable,
)
from bhyt_filedrop.edges.ledger.copying import (
    copy_into,
    copy_into_file,
    who_serves,
)
from bhyt_filedrop.edges.ledger.postgres import is_server
from bhyt_filedrop.edges.ledger.store import (
    ledger_exists,
    ledger_file,
    migrate,
    open_engine,
    version,
)
from bhyt_filedrop.language import say
from bhyt_filedrop.ports import NeverWorks
from bhyt_filedrop.settings import LEDGER_SECRET, Settings, secret
from bhyt_filedrop.settings.machine import wrong_ledger
from bhyt_filedrop.wiring.books import Books, engine_at, engine_of, must_have_ledger, open_books
from bhyt_filedrop.wiring.serving import must_be_served_by_nobody

TARGET_SECRET = "ledger-to"
"""The name of the password of the database that a ledger is copied to, where it is another one than
the ledger's own."""


def copy_ledger_to(settings: Settings, url: str) -> list[CopiedTable]:
    """Copy a site's ledger into another database and hold both against each other. The caller holds
    the site's lock.

    Raises NeverWorks where the address is none, somebody serves one of the two, or the target is
    not empty; LedgerAway where one of them cannot be used now.
    """
    _must_be_another(settings, url)
    must_have_ledger(settings)
    with closing(open_books(settings)) as books:
        must_be_alone = partial(must_be_served_by_nobody, books.engine)
        must_be_alone()
        file = ledger_file(url)
        if file:
            if file.exists() and file.stat().st_size:
                raise NeverWorks(_not_empty(str(file)))
            return copy_into_file(books.engine, file, must_be_alone)
        target = engine_at(url, secret(TARGET_SECRET) or secret(LEDGER_SECRET) or "")
        try:
            must_be_served_by_nobody(target)
            return copy_into(books.engine, target, must_be_alone)
        finally:
            target.dispose()


def _must_be_another(settings: Settings, url: str) -> None:
    for problem in wrong_ledger(url or "?"):
        raise NeverWorks(f"--to: {problem.value}: {problem.message}")
    if url == settings.ledger_url:
        raise NeverWorks(
            say("--to: chính là sổ đang dùng.", "--to: this is the ledger that is in use.")
        )


def _not_empty(where: str) -> str:
    return say(
        f"{where}: đã có sổ ở đó; hãy chọn nơi còn trống.",
        f"{where}: there is a ledger already; choose an empty place.",
    )


def describe_ledger(settings: Settings) -> str:
    """Say which database a ledger is in, which version it has, and that of the ledger's tables; ""
    where there is none yet. Changes nothing."""
    if not ledger_exists(settings.ledger_url):
        return ""
    engine = engine_of(settings)
    try:
        found = version(engine)
        served = who_serves(engine)
        name = "PostgreSQL" if is_server(engine.url) else "SQLite"
        number = ".".join(map(str, engine.dialect.server_version_info or ()))
    finally:
        engine.dispose()
    serving = f" Đang phục vụ: {served}." if served else ""
    return f"{name} {number}, bảng ở phiên bản {found or '–'}.{serving}"


def save_into_file(books: Books, to: Path) -> None:
    """Write a ledger that is on a server into a file of a backup, as it stands at one moment; the
    daemons go on. Raises NeverWorks where the two are not equal."""
    _must_be_equal(copy_into_file(books.engine, to))


def fill_from_file(settings: Settings, copy: Path) -> None:
    """Fill the configured database from a file of a backup, whatever version made it.

    Raises NeverWorks where the database holds a ledger or is served.
    """
    target = engine_of(settings)
    with tempfile.TemporaryDirectory(dir=settings.state_dir) as folder:
        newer = Path(shutil.copyfile(copy, Path(folder, "ledger.sqlite3")))
        source = open_engine(f"sqlite:///{newer}")
        try:
            must_be_served_by_nobody(target)
            migrate(source)
            _must_be_equal(copy_into(source, target))
        finally:
            source.dispose()
            target.dispose()


def _must_be_equal(compared: Sequence[CopiedTable]) -> None:
    for one in compared:
        if not one.is_equal:
            raise NeverWorks(
                say(
                    f"Bảng {one.name} ở bản chép không như bản gốc ({one.differing} dòng khác).",
                    f"The table {one.name} was not copied as it is ({one.differing} rows differ).",
                )
            )
