"""The outcomes that every port knows: done (it returns), later (`TryLater`), never (`NeverWorks`).

An answer that nobody understands means later.
"""

from __future__ import annotations


class TryLater(Exception):
    """The attempt failed, another may succeed: a full disk, a busy server, a cut line."""


class ClosedFolder(TryLater):
    """One folder may not be looked into; nothing is said of the others."""


class ClosedFile(TryLater):
    """One file may not be read or looked at, though its folder shows it; the others may."""


class LedgerAway(TryLater):
    """The ledger cannot be used now: its disk is full or failing, or somebody else is at it."""


class CannotMove(TryLater):
    """A file may not be renamed where it lies, by right or by nature; it may still be read."""


class NotOurs(TryLater):
    """Another site serves the tree. `told` says so in Vietnamese, with what to do."""

    def __init__(self, text: str, told: str = "") -> None:
        super().__init__(text)
        self.told = told or text


class NeverWorks(Exception):
    """The attempt failed and repeating it is useless: a refused address, a name too long."""


class MailTooBig(NeverWorks):
    """A mail is larger than the server takes; without what is attached it may go."""


class ActRefused(Exception):
    """What a person asked for cannot be done as things stand; nothing was changed. `told` says so
    in one Vietnamese sentence, with what to do; the text itself in English."""

    def __init__(self, told: str, text: str) -> None:
        super().__init__(text)
        self.told = told


class LostRace(Exception):
    """A state change found that somebody else had moved the drop on first."""


class LostLease(Exception):
    """Another daemon has taken over what this one was doing; what it would have written was not."""
