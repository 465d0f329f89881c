"""One question to the page, as a value: who asks, what, and in which language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from bhyt_filedrop.domain.access.accounts import Account, AccountRole, SignedIn
from bhyt_filedrop.domain.access.sight import Sight
from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.letters.letter import Letter
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit
from bhyt_filedrop.ports import ShownLetter
from bhyt_filedrop.web.forms import SentFile
from bhyt_filedrop.web.office import Office

if TYPE_CHECKING:
    from bhyt_filedrop.web.signing_in import SigningIn


@dataclass(frozen=True)
class Asking:
    """A request behind the door. `now` (aware) is the site's time; `address` whence it came.

    `unit`, `drop` and `letter` are what the path names; the account may see them.
    """

    office: Office
    signing_in: SigningIn
    method: str
    route: str
    path: str
    names: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str]
    now: datetime
    address: str
    cookie: str = ""
    session: SignedIn | None = None
    account: Account | None = None
    unit: Unit | None = None
    drop: Drop | None = None
    letter: tuple[ShownLetter, Letter] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    files: tuple[SentFile, ...] = ()
    cookies: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def sight(self) -> Sight:
        """What may be shown. Raises ValueError where nobody is signed in."""
        if self.account is None:
            raise ValueError("nobody is signed in")
        return Sight(self.office.world.units, self.account)

    @property
    def seen_units(self) -> frozenset[str] | None:
        """The units whose affairs may be listed; None = all."""
        return None if self.sight.sees_city else self.sight.own

    @property
    def who(self) -> Account:
        """Who asks. Raises ValueError where nobody is signed in."""
        return self.sight.account

    @property
    def token(self) -> str:
        """What tells its session from others, "" = it has none."""
        return self.session.token if self.session else ""

    @property
    def may_act(self) -> bool:
        """True where it may act on what others owe and dropped."""
        return self.who.role in (AccountRole.DEPARTMENT, AccountRole.ADMIN)

    @property
    def may_hand_in(self) -> bool:
        """True where it may hand in for the units that it sees, and act on their own affairs."""
        return self.who.role is not AccountRole.VIEWER

    @property
    def is_program(self) -> bool:
        """True where JSON is asked for, and nobody reads a page."""
        return self.path.startswith("/api/")

    @property
    def target(self) -> str:
        """The path with what was asked of it, as a link back."""
        from urllib.parse import urlencode

        return self.path + (f"?{urlencode(self.query)}" if self.query else "")


def round_named(text: str) -> Round | None:
    """Return the round of a name, None where it names none."""
    try:
        return Round.parse(text)
    except ValueError:
        return None
