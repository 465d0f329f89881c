"""Somebody else who says who a person is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class LoginBegun:
    """A login that was begun with a provider: where the browser is sent, and what has to come back
    or to be shown with it (`state`, `nonce`, PKCE's `verifier`)."""

    url: str
    state: str
    nonce: str
    verifier: str


class IdentityProvider(Protocol):
    """Signs people in elsewhere. Both raise TryLater where it cannot be reached."""

    @property
    def title(self) -> str:
        """What people call it."""
        ...

    def begin(self, redirect: str) -> LoginBegun:
        """Begin a login that comes back to `redirect`."""
        ...

    def name_of(
        self, begun: LoginBegun, redirect: str, answer: Mapping[str, str], now: datetime
    ) -> str:
        """Return the account's name that a login's answer (its query) stands for at a moment
        (aware). Raises ActRefused where it proves nothing."""
        ...
