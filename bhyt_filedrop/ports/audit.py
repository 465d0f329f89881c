"""What was written down stays as it was, as long as it may: the chain over the events, what must be
kept, and what is erased."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bhyt_filedrop.domain.drops.drop import Delivery
    from bhyt_filedrop.domain.process.rounds import Round


@dataclass(frozen=True)
class Seal:
    """What a chain says of the events up to a number: how many there are since the seal before, and
    the SHA-256 of them and of that seal."""

    upto: int
    at: datetime
    events: int
    digest: str


@dataclass(frozen=True, slots=True)
class Chain:
    """Every seal, the first that is not as it was made, and the events that await one."""

    seals: tuple[Seal, ...]
    broken: Seal | None = None
    unsealed: int = 0

    @property
    def events(self) -> int:
        """How many events are sealed."""
        return sum(seal.events for seal in self.seals)


class AuditBook(Protocol):
    """The chain over the events, and what archive and trees must hold."""

    def seal(self, at: datetime) -> Seal | None:
        """Seal what was written down since the last seal and is settled; None = nothing."""
        ...

    def verify(self) -> Chain:
        """Work every seal out anew."""
        ...

    def kept_files(self) -> frozenset[str]:
        """Return the SHA-256 of everything that has to lie in the archive."""
        ...

    def delivered_files(self) -> list[Delivery]:
        """Return every delivery that was made, in the order in which they were."""
        ...


@dataclass(frozen=True, slots=True)
class ToErase:
    """What is held of rounds before one: its drops, those of them that are not closed, rows by
    round, how many letters, archive files that nothing else names, deliveries that were made."""

    before: Round
    drops: tuple[str, ...]
    open: tuple[str, ...]
    rounds: Mapping[str, int]
    letters: int
    files: frozenset[str]
    deliveries: tuple[Delivery, ...]


class EraseBook(Protocol):
    """Takes what is kept of children out of the ledger."""

    def erase(self, what: ToErase, why: str, by: str, now: datetime) -> None:
        """Take it out, with an event that says how much, why and who."""
        ...
