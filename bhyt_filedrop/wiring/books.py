"""Ledger, archive and register: what is remembered, opened from the settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bhyt_filedrop.domain.drops.lying import Lying
from bhyt_filedrop.domain.owed.arrangements import Arrangement
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.edges.ledger.arrangementbook import LedgerArrangements
from bhyt_filedrop.edges.ledger.auditbook import LedgerAudit
from bhyt_filedrop.edges.ledger.bouncebook import LedgerBounces
from bhyt_filedrop.edges.ledger.dropbook import LedgerDrops
from bhyt_filedrop.edges.ledger.erasebook import LedgerErasures
from bhyt_filedrop.edges.ledger.factbook import LedgerFacts
from bhyt_filedrop.edges.ledger.holdbook import LedgerHoldings
from bhyt_filedrop.edges.ledger.leasebook import LedgerLeases
from bhyt_filedrop.edges.ledger.letterbook import LedgerLetters
from bhyt_filedrop.edges.ledger.lookbook import LedgerLooks
from bhyt_filedrop.edges.ledger.reportbook import LedgerReports
from bhyt_filedrop.edges.ledger.shape import differences, lacking
from bhyt_filedrop.edges.ledger.store import (
    HEAD,
    ledger_exists,
    migrate,
    open_engine,
    version,
)
from bhyt_filedrop.edges.ledger.versionbook import LedgerVersions
from bhyt_filedrop.language import say
from bhyt_filedrop.ports import LedgerAway, NeverWorks
from bhyt_filedrop.settings import (
    LEDGER_SECRET,
    Settings,
    secret,
)
from bhyt_filedrop.site.mastery import Master, this_daemon, this_site
from bhyt_filedrop.wiring.archives import FolderArchive, StoreArchive, archive_of
from bhyt_filedrop.wiring.secrets import password
from bhyt_filedrop.wiring.serving import must_be_served_by_nobody

if TYPE_CHECKING:
    from bhyt_filedrop.domain.derive.drafts import RegisterRow

Told = TypeVar("Told")


@dataclass(frozen=True)
class Books:
    """The ledger, by the questions that are asked of it."""

    engine: Engine
    drops: LedgerDrops
    letters: LedgerLetters
    facts: LedgerFacts
    archive: FolderArchive | StoreArchive
    bounces: LedgerBounces
    looks: LedgerLooks
    audit: LedgerAudit

    def close(self) -> None:
        """Let go of the database; SQLite then takes its write-ahead log in."""
        self.engine.dispose()


def open_books(settings: Settings, part: str = "") -> Books:
    """Open the ledger (made or migrated where needed) and the archive; `part` names a process that
    works for a daemon.

    Raises NeverWorks where the ledger is not the one that belongs to this archive and program: a
    new one beside a full archive would take every file for new and forget who was told what; one
    that lacks a table would take drops and fail at the letters.
    """
    engine = engine_of(settings)
    found = _version_of(settings, engine)
    if wrong := _foreign(settings, found):
        raise NeverWorks(wrong)
    if found not in (None, HEAD):
        # A daemon of an older program would go on, and know nothing of the new tables.
        must_be_served_by_nobody(engine)
    settings.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    whose = this_daemon(settings) + part if settings.shares_ledger else ""
    migrate(engine)
    if missing := lacking(engine):
        raise NeverWorks(_misshapen(missing))
    return Books(
        engine,
        LedgerDrops(engine),
        LedgerLetters(engine),
        LedgerFacts(engine),
        archive_of(settings, whose),
        LedgerBounces(engine),
        LedgerLooks(engine),
        LedgerAudit(engine),
    )


@contextmanager
def leases_of(settings: Settings, books: Books, part: str = "") -> Iterator[LedgerLeases | None]:
    """Hold leases for this daemon, or a `part` of it that is a process of its own; None where the
    ledger is in a file, for the site's lock holds that."""
    if not settings.shares_ledger:
        yield None
        return
    leases = LedgerLeases(books.engine, this_daemon(settings) + part)
    leases.start()
    try:
        yield leases
    finally:
        leases.close()


def site_of(settings: Settings, books: Books) -> Master:
    """Return whose mark the trees bear: this site's, or the ledger's where machines share one."""
    shared = settings.shares_ledger
    return this_site(settings, LedgerLeases(books.engine, "").site if shared else None)


def engine_of(settings: Settings) -> Engine:
    """Open a site's ledger; nothing is asked of it yet. Raises NeverWorks as `engine_at`."""
    return engine_at(settings.ledger_url, secret(LEDGER_SECRET) or "")


def must_have_ledger(settings: Settings) -> None:
    """Raise NeverWorks where there is no ledger yet."""
    if not ledger_exists(settings.ledger_url):
        raise NeverWorks(say("Chưa có sổ để chép.", "There is no ledger to copy yet."))


def engine_at(url: str, password: str) -> Engine:
    """Open a database. Raises NeverWorks where it is on a server whose driver is not installed."""
    try:
        return open_engine(url, password)
    except ImportError as error:
        raise NeverWorks(
            say(
                "Sổ trên PostgreSQL cần thêm thư viện: pip install 'bhyt-filedrop[postgres]' (hoặc "
                "-r requirements-postgres.txt).",
                "A ledger on PostgreSQL needs more libraries: pip install "
                "'bhyt-filedrop[postgres]' (or -r requirements-postgres.txt).",
            )
        ) from error


def ledger_trouble(settings: Settings) -> str | None:
    """Say in one line why the ledger cannot be used, None where it can; changes nothing."""
    engine = engine_of(settings)
    try:
        found = _version_of(settings, engine)
        differing = differences(engine) if found == HEAD else ()
    except (SQLAlchemyError, LedgerAway) as error:
        return f"{str(error).splitlines()[0].rstrip('.')}."
    finally:
        engine.dispose()
    wrong = _foreign(settings, found)
    if wrong or not ledger_exists(settings.ledger_url):
        return wrong
    return _misshapen(differing) if differing else None


def ledger_awaits(settings: Settings) -> str | None:
    """Say that the next start brings an older ledger up to date, None where nothing awaits it."""
    engine = engine_of(settings)
    try:
        found = _version_of(settings, engine)
    except (SQLAlchemyError, LedgerAway):
        return None
    finally:
        engine.dispose()
    if found is None or found >= HEAD:
        return None
    return say(
        f"Sổ ở phiên bản {found}; lần chạy tới sẽ nâng lên {HEAD}.",
        f"The ledger is at version {found}; the next start brings it to {HEAD}.",
    )


def last_event_of(settings: Settings) -> datetime | None:
    """Return when the ledger was last written, None where it is not there; changes nothing."""
    engine = engine_of(settings)
    try:
        there = ledger_exists(settings.ledger_url) and version(engine) == HEAD
        return LedgerFacts(engine).last_event() if there else None
    finally:
        engine.dispose()


def lying_in(settings: Settings) -> tuple[Lying, ...]:
    """Return what the daemon saw lying in the trees that it cannot take."""
    return _asked_of(settings, lambda engine: LedgerLooks(engine).lying(), ())


def units_seen_in(settings: Settings) -> frozenset[str]:
    """Return the ids of all units of which the ledger knows a file or a list."""
    return _asked_of(settings, lambda engine: LedgerDrops(engine).units_seen(), frozenset())


def extensions_in(settings: Settings) -> tuple[Arrangement, ...]:
    """Return which extensions stand."""
    return _asked_of(settings, lambda engine: LedgerArrangements(engine).extensions(), ())


def _asked_of(settings: Settings, ask: Callable[[Engine], Told], nothing: Told) -> Told:
    """Ask the ledger something; changes nothing, and knows `nothing` where there is no ledger of
    this program."""
    engine = engine_of(settings)
    try:
        return ask(engine) if _version_of(settings, engine) == HEAD else nothing
    except (SQLAlchemyError, LedgerAway):
        return nothing
    finally:
        engine.dispose()


def _version_of(settings: Settings, engine: Engine) -> str | None:
    """The schema's version, None for a ledger that is empty or not there; makes none."""
    return version(engine) if ledger_exists(settings.ledger_url) else None


def _misshapen(differing: Sequence[str]) -> str:
    """Say that a ledger bears this program's version and has not its tables."""
    named = ", ".join(differing[:_NAMED]) + (" …" if len(differing) > _NAMED else "")
    return say(
        f"Sổ ghi đúng phiên bản {HEAD} nhưng bảng bên trong không khớp với chương trình ({named}): "
        "hãy khôi phục sổ từ bản sao lưu của đúng phiên bản rồi nâng cấp lại.",
        f"The ledger says version {HEAD} but its tables are not this program's ({named}): restore "
        "it from a backup and upgrade again.",
    )


_NAMED = 8
"""Differences that one line names."""


def _foreign(settings: Settings, found: str | None) -> str | None:
    """Say that a ledger does not belong to this archive, or not to this program."""
    if found is None and not archive_of(settings).is_empty():
        return say(
            "Sổ không có hoặc rỗng trong khi kho lưu đã có tệp: hãy khôi phục sổ từ bản sao lưu; "
            "nếu thật sự bắt đầu lại từ đầu thì chuyển kho lưu đi nơi khác.",
            "The ledger is missing or empty while the archive holds files: restore the ledger from "
            "a backup; to begin anew on purpose, move the archive away.",
        )
    if found is not None and found > HEAD:
        return say(
            f"Sổ thuộc phiên bản mới hơn chương trình (sổ {found}, chương trình {HEAD}): hãy cài "
            "lại bản chương trình mới.",
            f"The ledger is newer than this program (ledger {found}, program {HEAD}): install the "
            "newer program again.",
        )
    return None


def reports_of(books: Books) -> LedgerReports:
    """Return what reports and traces ask of the ledger."""
    return LedgerReports(books.engine)


def extensions_of(books: Books) -> Callable[[], Sequence[Arrangement]]:
    """Return what tells which extensions stand."""
    return LedgerArrangements(books.engine).extensions


def holdings_of(books: Books) -> LedgerHoldings:
    """Return what is asked of the ledger about people's own data."""
    return LedgerHoldings(books.engine)


def erasures_of(books: Books) -> LedgerErasures:
    """Return what takes old rounds out of the ledger."""
    return LedgerErasures(books.engine)


def must_be_kept(books: Books, round_: Round) -> None:
    """Raise NeverWorks where the children of a round were erased: nothing can be said of them."""
    before = erasures_of(books).erased_before()
    if before and round_ < before:
        raise NeverWorks(
            say(
                f"{round_.title}: dữ liệu trẻ của các đợt trước {before.title} đã xóa theo thời "
                "hạn lưu.",
                f"{round_.title}: what was held of rounds before {before.title} was erased.",
            )
        )


def has_ledger(settings: Settings) -> bool:
    """True where there is a ledger already: reading a table of units must not make one."""
    return ledger_exists(settings.ledger_url)


def versions_of(books: Books) -> LedgerVersions:
    """Return the configurations that were in force."""
    return LedgerVersions(books.engine)


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
