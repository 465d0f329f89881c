"""Accounts of the status page, who is signed in, and who looked at what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bhyt_filedrop.domain.access.accounts import Access, Account, SignedIn


class AccountBook(Protocol):
    """The accounts; each writing call is one transaction."""

    def account(self, name: str) -> Account | None:
        """Return one account, whether it is active or not."""
        ...

    def accounts(self) -> Sequence[Account]:
        """Return all accounts, by name."""
        ...

    def add(self, account: Account) -> bool:
        """Write an account down; False where the name is taken (nothing changes)."""
        ...

    def invite(self, name: str, digest: str, until: datetime) -> None:
        """Note the digest of the one link by which a password is chosen, and its last moment."""
        ...

    def invited(self, digest: str, now: datetime) -> Account | None:
        """Return whose link it is, None where it is unknown, used or too old."""
        ...

    def set_password(self, name: str, password: str) -> None:
        """Take a new password (its hash); links and sessions of before end with that."""
        ...

    def set_one_time(self, name: str, key: str) -> None:
        """Take the key of one-time codes; "" takes it away."""
        ...

    def set_active(self, name: str, active: bool) -> None:
        """Let an account in again, or end it with all its sessions."""
        ...


class SessionBook(Protocol):
    """Who is signed in; a session is known by the digest of its cookie alone."""

    def begin_session(self, digest: str, session: SignedIn) -> None:
        """Write a session down."""
        ...

    def session(self, digest: str) -> tuple[SignedIn, Account] | None:
        """Return a session with its account as it is now; None where either is gone or ended."""
        ...

    def seen(self, digest: str, at: datetime) -> None:
        """Note that a session is in use."""
        ...

    def end_session(self, digest: str) -> None:
        """End one session."""
        ...

    def end_idle(self, before: datetime) -> int:
        """End the sessions that were last used before a moment."""
        ...


class AccessBook(Protocol):
    """Who opened or downloaded what of whom."""

    def note(self, access: Access) -> None:
        """Write one look down."""
        ...

    def accesses(
        self, since: datetime, until: datetime, account: str = "", unit: str = ""
    ) -> Sequence[Access]:
        """Return what was looked at from a moment up to another, the oldest first."""
        ...

    def forget(self, before: datetime) -> int:
        """Delete what is older than a moment; return how much."""
        ...
