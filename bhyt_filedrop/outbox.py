"""The outbox: takes letters that are due from the ledger, and hands them over as mails.

Ledger, mailer and templates come in as ports. Nothing here ever blocks the drops: a letter that
cannot go now goes later, one that never can is set aside, and no letter stops another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bhyt_filedrop.domain.letters import Letter


@dataclass(frozen=True, slots=True)
class DueLetter:
    """A stored letter that may go now.

    `stored_at` (aware) is when its cause was recorded, `attempts` how often it failed so far.
    `remaining` are the addresses still to be served (() = all of the unit's). `batch` names the
    letters that go in one mail with it ("" = none): fixed before the first attempt, so that a
    repeat has the same Message-ID.
    """

    letter: Letter
    stored_at: datetime
    attempts: int = 0
    remaining: tuple[str, ...] = ()
    batch: str = ""


class LetterBook(Protocol):
    """The ledger's side of the outbox. Each call is one transaction.

    A stored letter is `due`, then `sent` or `set-aside`; those two are never due again (a person
    may make a set-aside one due again).
    """

    def put_letter(self, letter: Letter, at: datetime) -> bool:
        """Store a letter as due now; False where its key is known already (nothing changes)."""
        ...

    def due_letters(self, now: datetime, limit: int) -> Sequence[DueLetter]:
        """Return letters whose time has come, oldest `stored_at` first (then by key)."""
        ...

    def letters_joined(self, keys: Sequence[str], batch: str) -> None:
        """Record that these letters go as one mail."""
        ...

    def letter_sent(
        self, keys: Sequence[str], at: datetime, message_id: str, refused: Mapping[str, str]
    ) -> None:
        """Record a hand-over; `refused` are addresses that were refused for good, with reasons."""
        ...

    def letter_later(
        self,
        keys: Sequence[str],
        next_at: datetime,
        error: str,
        remaining: Sequence[str] = (),
        refused: Mapping[str, str] = {},
    ) -> None:
        """Record a failed attempt (`attempts` + 1) and when to try again.

        `remaining` replaces the addresses still to be served (() = all); `refused` adds to those
        refused for good.
        """
        ...

    def letter_set_aside(self, keys: Sequence[str], error: str) -> None:
        """Record that these letters wait for a person, and why."""
        ...
