"""The status page, put together: what it reads of the ledger, and its server in the daemon."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.edges.holidays import why_off
from bhyt_filedrop.edges.ledger.accountbook import LedgerAccounts
from bhyt_filedrop.edges.ledger.pagebook import LedgerPage
from bhyt_filedrop.ports import Clock, NeverWorks
from bhyt_filedrop.settings import ConfigError, Settings, load
from bhyt_filedrop.site.unit_acts import UnitActs
from bhyt_filedrop.wiring.approving import approving_of, brief_for, deciding_of
from bhyt_filedrop.wiring.books import Books, versions_of
from bhyt_filedrop.wiring.daemon import Running, real_clock
from bhyt_filedrop.wiring.handing_in import (
    desk_of,
    given_in,
    handing_in_of,
    nobody_to_wake,
    shelf_in,
)
from bhyt_filedrop.wiring.mail import composer_of
from bhyt_filedrop.wiring.openid import provider_of
from bhyt_filedrop.wiring.rounds import arranging_of, dates_of, papers_of, rounds_of, status_of
from bhyt_filedrop.wiring.trying import trial_of
from bhyt_filedrop.wiring.workbooks import reader_of, save_report, save_sheets
from bhyt_filedrop.work.post.resending import Resending

if TYPE_CHECKING:
    from bhyt_filedrop.web.office import Office

log = logging.getLogger(__name__)


def accounts_of(books: Books) -> LedgerAccounts:
    """Return the accounts of the page."""
    return LedgerAccounts(books.engine)


@contextmanager
def page_of(running: Running, clock: Clock, *, must: bool) -> Iterator[None]:
    """Serve the page as long as the daemon runs, where it is turned on.

    A port that is taken ends the start (raises NeverWorks) if it `must` be there; at a change of
    the configuration the daemon goes on without the page, for lists must not wait for it.
    """
    if not running.settings.web.enabled:
        yield
        return
    from bhyt_filedrop.web.serve import PageServer

    try:
        office = office_of(
            running.settings,
            running.world,
            running.books,
            clock,
            sweeps=lambda: {n: w.look_seconds for n, w in running.daemon.workers.items()},
            ring=lambda tree: running.daemon.workers[tree].bell.set(),
        )
        server = PageServer(office)
    except NeverWorks as error:
        if must:
            raise
        log.error("page.not-served", extra={"reason": str(error)})
        yield
        return
    server.start()
    try:
        yield
    finally:
        server.stop()
        office.close()


def office_of(
    settings: Settings,
    world: World,
    books: Books,
    clock: Clock,
    real: Clock = real_clock,
    sweeps: Callable[[], Mapping[str, float]] = dict,
    ring: Callable[[str], None] = nobody_to_wake,
) -> Office:
    """Return what the page is given of a site; `real` is the clock of sessions, `sweeps` tells how
    long the last looks took, `ring` wakes who looks over a tree."""
    from bhyt_filedrop.web.office import Office
    from bhyt_filedrop.web.parcels import Parcels
    from bhyt_filedrop.web.remembering import RememberedStatus
    from bhyt_filedrop.web.sheets import PageSheets

    latest = books.facts.latest
    status = RememberedStatus(lambda round_, now: status_of(world, books, round_, now), latest)
    composer = composer_of(settings, books)
    sheets, desk = PageSheets(reader_of(settings)), desk_of(settings, world, books, clock)
    return Office(
        settings=settings,
        world=world,
        drops=books.drops,
        page=LedgerPage(books.engine),
        archive=books.archive,
        accounts=accounts_of(books),
        sheets=sheets,
        status=status,
        dates=lambda round_: dates_of(world, books, round_),
        rounds_of=lambda unit, rounds, now: rounds_of(world, books, unit, rounds, now),
        arranging=arranging_of(world, books),
        deciding=deciding_of(books),
        approving=lambda: approving_of(settings, books, clock),
        brief=lambda drop, at: brief_for(world, books, drop, at),
        resending=Resending(books.letters, world.units),
        set_aside=books.letters.set_aside,
        papers=papers_of(world, books),
        handing_in=handing_in_of(settings, world, books, ring),
        hand_ins=given_in(books),
        unit_acts=UnitActs(settings.config_dir, versions_of(books)),
        units_seen=books.drops.units_seen,
        parcels=Parcels(
            desk.before,
            desk.mark,
            lambda: shelf_in(books.archive.workspace / "page"),
            desk.close,
            sheets.forget,
        ),
        versions=versions_of(books),
        trial=lambda other, now: trial_of(_on_disk(settings), other, books, now),
        preview=composer.preview,
        lying=books.looks.lying,
        save_report=save_report,
        save_sheets=save_sheets,
        day_off=why_off(settings.holidays),
        sweeps=sweeps,
        latest=latest,
        clock=clock,
        real_clock=real,
        provider=provider_of(settings),
    )


def _on_disk(settings: Settings) -> Settings:
    """The configuration as it lies there: what was put in force a moment ago is read by the daemon
    in some seconds. One that is not sound is not in force."""
    try:
        return load(settings.config_dir)
    except ConfigError:
        return settings
