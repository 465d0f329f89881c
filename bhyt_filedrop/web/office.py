"""What the page is given of the site: settings, readers, clock. Nothing here is opened by it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

from bhyt_filedrop.domain.conservation.brief import Brief
from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.lying import Lying
from bhyt_filedrop.domain.letters.mailing import WaitingLetter
from bhyt_filedrop.domain.owed.extended_days import DueDate
from bhyt_filedrop.domain.owed.obligations import RoundStatus
from bhyt_filedrop.domain.paper.values import SheetLayout
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit
from bhyt_filedrop.domain.reports.model import Report
from bhyt_filedrop.ports import (
    AccessBook,
    AccountBook,
    Clock,
    DropReader,
    HandInBook,
    IdentityProvider,
    KeptBytes,
    LetterPreview,
    PageReader,
    SessionBook,
    VersionBook,
)
from bhyt_filedrop.settings import Settings
from bhyt_filedrop.site.proposals import Proposals
from bhyt_filedrop.site.trial import Trial
from bhyt_filedrop.site.unit_acts import UnitActs
from bhyt_filedrop.web.logins import PendingLogins
from bhyt_filedrop.web.parcels import Parcels
from bhyt_filedrop.web.sheets import PageSheets
from bhyt_filedrop.work.arrival.deciding import Deciding
from bhyt_filedrop.work.arrival.handing_in import HandingIn
from bhyt_filedrop.work.derived.approve import Approving
from bhyt_filedrop.work.post.resending import Resending
from bhyt_filedrop.work.rounds.arranging import Arranging
from bhyt_filedrop.work.rounds.papers import Papers


class PageAccounts(AccountBook, SessionBook, AccessBook, Protocol):
    """Accounts, sessions and the access log."""


@dataclass(frozen=True)
class Office:
    """One site as the page sees it. `clock` is the site's, `real_clock` the one of sessions."""

    settings: Settings
    world: World
    drops: DropReader
    page: PageReader
    archive: KeptBytes
    accounts: PageAccounts
    sheets: PageSheets
    status: Callable[[Round, datetime], RoundStatus]
    """How a round stands at a moment; what `status` prints."""
    dates: Callable[[Round], tuple[DueDate, ...]]
    """A round's due dates as they hold, what was extended included."""
    rounds_of: Callable[[Unit, Sequence[Round], datetime], tuple[RoundStatus, ...]]
    """How some rounds of a unit stand, or stood, by its own lists alone."""
    arranging: Arranging
    """Extends, snoozes, acknowledges what is owed; what `debt` calls. So with those below."""
    deciding: Deciding
    approving: Callable[[], Approving]
    brief: Callable[[Drop, datetime | None], Brief]
    """What a person should see before a drop goes; with the balance at a moment, if it is given."""
    resending: Resending
    set_aside: Callable[[], Sequence[WaitingLetter]]
    """The letters that wait for a person."""
    papers: Papers
    versions: VersionBook
    trial: Callable[[Settings, datetime], Trial]
    """What another configuration would change; what `config try` says."""
    handing_in: HandingIn
    hand_ins: HandInBook
    unit_acts: UnitActs
    units_seen: Callable[[], frozenset[str]]
    """The ids of all units of which the ledger knows anything."""
    parcels: Parcels
    """What was given to be checked before it is handed in."""
    preview: LetterPreview
    lying: Callable[[], Sequence[Lying]]
    """What lies in the trees and was not taken at the last look."""
    save_report: Callable[[Report, Path], None]
    save_sheets: Callable[[Sequence[SheetLayout], Path], None]
    day_off: Callable[[date], str]
    """Why nobody works on a day ("" = it is worked, or a weekend)."""
    sweeps: Callable[[], Mapping[str, float]]
    """Tree → how many seconds the last look over it took."""
    latest: Callable[[], int]
    """The number of the ledger's last event."""
    clock: Clock
    real_clock: Clock
    provider: IdentityProvider | None = None
    """Who else may say who somebody is."""
    logins: PendingLogins = field(default_factory=PendingLogins)
    proposals: Proposals = field(default_factory=Proposals)
    """The configurations that admins look at before they are in force."""

    def close(self) -> None:
        """End the processes that read workbooks, and let go of what nobody handed in."""
        self.parcels.close()
        self.sheets.close()
