"""Logins with somebody else that are under way: each comes back once, to its own browser."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from bhyt_filedrop.ports import LoginBegun

HOLDS = timedelta(minutes=10)
"""How long somebody may take at the provider."""

MANY = 1000
"""Logins under way; the oldest is forgotten."""


@dataclass(frozen=True, slots=True)
class Pending:
    """One login under way: what has to come back, to which browser, and where it leads then."""

    begun: LoginBegun
    browser: str
    back: str
    at: datetime


@dataclass
class PendingLogins:
    """The logins under way; each comes back once."""

    _by_state: dict[str, Pending] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def add(self, one: Pending) -> None:
        """Remember a login."""
        with self._lock:
            kept = [*self._by_state.items(), (one.begun.state, one)]
            self._by_state = dict(kept[-MANY:])

    def take(self, state: str, browser: str, now: datetime) -> Pending | None:
        """Return the login that an answer belongs to, for the last time; `browser` is the digest of
        its cookie."""
        with self._lock:
            found = self._by_state.get(state)
            if found is None or not secrets.compare_digest(found.browser, browser):
                return None  # another browser's answer does not end somebody's login
            del self._by_state[state]
        return found if now - found.at <= HOLDS else None
