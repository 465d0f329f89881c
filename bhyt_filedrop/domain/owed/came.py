"""What happened to lists that are owed: they came, went back, or are owed once more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bhyt_filedrop.domain.process.rounds import Round


@dataclass(frozen=True, slots=True)
class Delivered:
    """A fact: at `at` (aware) a sender's list for a receiver was accepted, or held as one part.

    `parts` are indexes into `HandOff.parts`; () = the whole hand-off. `nothing` says that there
    was no child to hand over (a ward without children in the round): nothing went, nothing is owed.
    """

    handoff_id: str
    round: Round
    sender_id: str
    receiver_id: str
    at: datetime
    parts: tuple[int, ...] = ()
    nothing: bool = False


@dataclass(frozen=True, slots=True)
class SentBack:
    """A fact: at `at` (aware) a file of a sender went back to be put right.

    `handoff_id` is "" and `round` None where nobody could tell which list the file was.
    """

    handoff_id: str
    round: Round | None
    sender_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Reopened:
    """A fact: at `since` (aware) a corrected list reached a unit that had answered the one before,
    and `children` on it are in no answer: a supplement is owed.

    `unplaced` says that these children wait to be placed, answered or not: it is owed until there
    is none.
    """

    handoff_id: str
    round: Round
    sender_id: str
    since: datetime
    children: int
    unplaced: bool = False
    named: tuple[str, ...] = ()
    """The first of the children, as letters name them."""
