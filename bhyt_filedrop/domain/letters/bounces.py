"""Mails that come back (thư báo không gửi được): what they say, and what it changes.

A server that took a letter may still fail to deliver it, and then writes to the letter's sender.
Anybody can write such a mail. Only what concerns a mail that was really handed over, and an address
that it was really handed over for, changes anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Outcome(StrEnum):
    """What became of a letter at one address after its server had taken it."""

    DELIVERED = "delivered"
    """It arrived, or went on to a server that will tell no more."""
    DELAYED = "delayed"
    """Not delivered yet, tried on: a warning."""
    GIVEN_UP = "given-up"
    """Not delivered: a passing trouble (4.x.x) did not pass. The address may be right."""
    REFUSED = "refused"
    """Not delivered, for good (5.x.x): nobody will get a letter there."""

    @property
    def is_final(self) -> bool:
        """True where this letter will not be delivered any more."""
        return self in (Outcome.GIVEN_UP, Outcome.REFUSED)


_RANK = {None: 0, Outcome.DELIVERED: 0, Outcome.DELAYED: 1, Outcome.GIVEN_UP: 2, Outcome.REFUSED: 3}


@dataclass(frozen=True, slots=True)
class Receiver:
    """What a bounce tells of one receiver.

    `addresses` are the names that it has there: as the letter was addressed, where the server kept
    that, and where it was passed on to. `reason` is one line of printable text.
    """

    addresses: tuple[str, ...]
    outcome: Outcome
    reason: str


class Sort(StrEnum):
    """What kind of mail came in."""

    BOUNCE = "bounce"
    AUTOMATIC = "automatic"
    """An absence note, a receipt of reading, anything else that a program wrote."""
    OTHER = "other"
    """Written by a person, for all that can be told."""


@dataclass(frozen=True, slots=True)
class IncomingMail:
    """A mail as far as it concerns us: its sort, the Message-IDs (`<…>`) of the mail that it may be
    about (the surest first), and of a bounce what it tells of each receiver."""

    sort: Sort
    message_ids: tuple[str, ...] = ()
    receivers: tuple[Receiver, ...] = ()


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A mail that a server took: to which unit, with which letters (the keys of those that count as
    sent), for which addresses, and what was heard of each since (None = nothing)."""

    message_id: str
    unit: str
    keys: tuple[str, ...]
    copies: Mapping[str, Outcome | None]


@dataclass(frozen=True, slots=True)
class AddressChange:
    """What a bounce teaches about one address."""

    outcome: Outcome
    reason: str


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one bounce changes.

    `is_ours` is False where it speaks of no address that the mail went to. `changes` is empty for
    one that was heard of before. `nobody` is True where it leaves nobody who got the letters.
    """

    is_ours: bool
    changes: Mapping[str, AddressChange] = field(default_factory=dict)
    nobody: bool = False


def lesson(mail: IncomingMail, handed: HandedOver | None) -> Lesson:
    """Judge a bounce by what was really handed over. Hearing the same twice changes nothing, and a
    warning never takes back a failure that was told before it."""
    if handed is None or mail.sort is not Sort.BOUNCE:
        return Lesson(is_ours=False)
    told = [(address, one) for one in mail.receivers for address in _ours(one, handed)]
    heard = dict(handed.copies)
    changes: dict[str, AddressChange] = {}
    for address, one in told:
        if _RANK[one.outcome] > _RANK[heard[address]]:
            heard[address] = one.outcome
            changes[address] = AddressChange(one.outcome, one.reason)
    lost = all(outcome is not None and outcome.is_final for outcome in heard.values())
    news = any(change.outcome.is_final for change in changes.values())
    return Lesson(bool(told), changes, nobody=lost and news)


def _ours(one: Receiver, handed: HandedOver) -> list[str]:
    """Return the address of the mail that a bounce tells of, in a list of one or none.

    Servers change the case of addresses; that of the part before the @ matters to none we know.
    """
    named = {address.casefold() for address in one.addresses}
    return [address for address in handed.copies if address.casefold() in named]
