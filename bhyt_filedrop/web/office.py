"""What the page is given of the site: settings, readers, clock. Nothing here is opened by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.owed.obligations import RoundStatus
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.ports import AccessBook, AccountBook, Clock, DropReader, KeptBytes, SessionBook
from bhyt_filedrop.settings import Settings


class PageAccounts(AccountBook, SessionBook, AccessBook, Protocol):
    """Accounts, sessions and the access log."""


@dataclass(frozen=True)
class Office:
    """One site as the page sees it. `clock` is the site's, `real_clock` the one of sessions."""

    settings: Settings
    world: World
    drops: DropReader
    archive: KeptBytes
    accounts: PageAccounts
    status: Callable[[Round, datetime], RoundStatus]
    """How a round stands at a moment; what `status` prints."""
    latest: Callable[[], int]
    """The number of the ledger's last event."""
    clock: Clock
    real_clock: Clock
