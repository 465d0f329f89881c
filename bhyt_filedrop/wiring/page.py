"""The status page, put together: what it reads of the ledger, and its server in the daemon."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.edges.ledger.accountbook import LedgerAccounts
from bhyt_filedrop.ports import Clock, NeverWorks
from bhyt_filedrop.settings import Settings
from bhyt_filedrop.wiring.books import Books
from bhyt_filedrop.wiring.daemon import Running, real_clock
from bhyt_filedrop.wiring.rounds import status_of

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
        office = office_of(running.settings, running.world, running.books, clock)
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


def office_of(
    settings: Settings, world: World, books: Books, clock: Clock, real: Clock = real_clock
) -> Office:
    """Return what the page is given of a site; `real` is the clock of sessions."""
    from bhyt_filedrop.web.office import Office
    from bhyt_filedrop.web.remembering import RememberedStatus

    latest = books.facts.latest
    return Office(
        settings,
        world,
        books.drops,
        books.archive,
        accounts_of(books),
        RememberedStatus(lambda round_, now: status_of(world, books, round_, now), latest),
        latest,
        clock,
        real,
    )
