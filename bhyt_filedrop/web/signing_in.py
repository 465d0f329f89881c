"""Passwords, sessions, and how fast somebody may try.

A session is a random id in a cookie; the ledger knows its SHA-256 alone, so whoever reads the
ledger cannot sign in with it. The account is read again at each request: a role that was taken
away, or an account that was ended, is gone at once.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock, Semaphore

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from bhyt_filedrop.domain.access.accounts import Account, SignedIn
from bhyt_filedrop.ports import Clock
from bhyt_filedrop.web.office import PageAccounts
from bhyt_filedrop.web.one_time import step_of

INVITED_FOR = timedelta(hours=48)
"""How long the link holds by which a password is chosen."""

LEAST_CHARACTERS = 12
"""Of a password; NIST 800-63B asks for eight, and for no other rule."""

FREE_TRIES = 5
"""Wrong passwords before somebody has to wait."""

LONGEST_WAIT = timedelta(minutes=15)

AT_MOST = timedelta(days=7)
"""A session lasts no longer, however it is used: a page that is left open asks each minute."""

SEEN_EVERY = timedelta(minutes=5)
"""How often the ledger is told that a session is in use."""

_HASHER = PasswordHasher()
_AT_ONCE = Semaphore(2)
"""Each check takes 64 MiB on purpose; a flood of them must not take the machine's memory."""

_NOBODYS = _HASHER.hash(secrets.token_hex(16))
"""Checked for a name that there is not, so that the answer takes as long."""


def digest_of(secret: str) -> str:
    """Return what the ledger keeps of a secret."""
    return sha256(secret.encode()).hexdigest()


def hash_password(password: str) -> str:
    """Return what the ledger keeps of a password (argon2id)."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def is_password(stored: str, given: str) -> bool:
    """Tell whether a password is the one of a hash; takes its time for no hash too."""
    with _AT_ONCE:
        try:
            return _HASHER.verify(stored or _NOBODYS, given) and bool(stored)
        except (Argon2Error, InvalidHashError):
            return False


def invite(accounts: PageAccounts, name: str, now: datetime) -> str:
    """Return the secret of a new one-time link for an account; the one before ends."""
    secret = secrets.token_urlsafe(32)
    accounts.invite(name, digest_of(secret), now + INVITED_FOR)
    return secret


@dataclass
class Throttle:
    """After some wrong tries each further one has to wait twice as long as the one before."""

    _failed: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def wait(self, keys: tuple[str, ...], now: datetime) -> timedelta:
        """Return how long the next try has to wait; zero where it need not."""
        with self._lock:
            found = [self._failed[key] for key in keys if key in self._failed]
        return max((_until(*one) - now for one in found), default=timedelta(0))

    def failed(self, keys: tuple[str, ...], now: datetime) -> None:
        """Note a wrong try."""
        with self._lock:
            for key in keys:
                count, _ = self._failed.get(key, (0, now))
                self._failed[key] = (count + 1, now)
            if len(self._failed) > _MANY:
                old = now - LONGEST_WAIT
                self._failed = {k: one for k, one in self._failed.items() if one[1] > old}

    def worked(self, keys: tuple[str, ...]) -> None:
        """Forget the wrong tries of somebody who is known now."""
        with self._lock:
            for key in keys:
                self._failed.pop(key, None)


_MANY = 10_000


def _until(count: int, last: datetime) -> datetime:
    if count < FREE_TRIES:
        return last
    return last + min(LONGEST_WAIT, timedelta(seconds=2 ** min(count - FREE_TRIES, 12)))


@dataclass
class SigningIn:
    """Who is signed in, and how one comes and goes. `clock` is the real one."""

    accounts: PageAccounts
    clock: Clock
    lasts: timedelta
    keeps: timedelta
    """How long the access log is kept; what is older goes when somebody signs in."""
    throttle: Throttle = field(default_factory=Throttle)
    _used_steps: dict[str, int] = field(default_factory=dict)
    """The last one-time code of each account: it opens the door once."""

    def sign_in(self, name: str, password: str, code: str, address: str) -> str | None:
        """Return the cookie of a new session, None where name, password or code is wrong.

        `wait` says first whether the try has to wait.
        """
        account, now = self.accounts.account(name), self.clock()
        right = is_password(account.password if account else "", password)
        if not (account and right and account.active and self._is_code(account, code, now)):
            self.throttle.failed((f"name {name}", f"from {address}"), now)
            return None
        self.throttle.worked((f"name {name}",))
        return self.begin(account.name, address)

    def wait(self, name: str, address: str) -> timedelta:
        """Return how long the next try has to wait."""
        return self.throttle.wait((f"name {name}", f"from {address}"), self.clock())

    def begin(self, name: str, address: str) -> str:
        """Return the cookie of a new session of somebody who is known."""
        now, cookie = self.clock(), secrets.token_urlsafe(32)
        self.accounts.end_idle(now - self.lasts)
        self.accounts.forget(now - self.keeps)
        session = SignedIn(name, secrets.token_urlsafe(24), address, now, now)
        self.accounts.begin_session(digest_of(cookie), session)
        return cookie

    def whose(self, cookie: str) -> tuple[SignedIn, Account] | None:
        """Return a session and its account as it is now; None where it is unknown or over."""
        if not cookie:
            return None
        digest, now = digest_of(cookie), self.clock()
        found = self.accounts.session(digest)
        if found is None or found[0].seen_at < now - self.lasts:
            return None
        if found[0].began_at < now - AT_MOST:
            return None
        if found[0].seen_at < now - SEEN_EVERY:
            self.accounts.seen(digest, now)
        return found

    def end(self, cookie: str) -> None:
        """End a session."""
        self.accounts.end_session(digest_of(cookie))

    def _is_code(self, account: Account, code: str, now: datetime) -> bool:
        if not account.one_time:
            return True
        step = step_of(account.one_time, code, now)
        if step is None or self._used_steps.get(account.name, 0) >= step:
            return False
        self._used_steps[account.name] = step
        return True
