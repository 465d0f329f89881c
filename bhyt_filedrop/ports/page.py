"""What the status page reads: questions that only ever read, and hold no writer up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from bhyt_filedrop.domain.drops.drop import Delivery, Drop
    from bhyt_filedrop.domain.findings import Finding
    from bhyt_filedrop.domain.letters.letter import Letter
    from bhyt_filedrop.domain.letters.mailing import DueLetter
    from bhyt_filedrop.domain.lists.children import ListedChild
    from bhyt_filedrop.domain.lists.records import ListRecord
    from bhyt_filedrop.domain.process.rounds import Round


class DropReader(Protocol):
    """What became of drops."""

    def get(self, drop: str) -> Drop | None:
        """Return one drop."""
        ...

    def counts(self) -> dict[str, int]:
        """Return how many drops are in each state."""
        ...

    def findings(self, drop: str) -> Sequence[Finding]:
        """Return what was found in a drop."""
        ...

    def deliveries(self, drop: str) -> Sequence[tuple[Delivery, datetime | None]]:
        """Return a drop's deliveries, each with the time it was made."""
        ...

    def history(self, drop: str) -> Sequence[tuple[datetime, str, Mapping[str, Any]]]:
        """Return one drop's events, the oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class ShownLetter:
    """A letter as the page lists it: whose, about which drop ("" = none), how far it is."""

    key: str
    kind: str
    unit: str
    drop: str
    state: str
    attempts: int
    next_at: datetime
    created_at: datetime
    sent_at: datetime | None
    error: str


@dataclass(frozen=True, slots=True)
class FoundChild:
    """A child that a search found, and the list in which it stands."""

    child: ListedChild
    record: ListRecord


@dataclass(frozen=True, slots=True)
class Gauges:
    """What a monitor wants to know; counts and moments (aware), nobody's name."""

    drops: Mapping[str, int]
    letters: Mapping[str, int]
    oldest_open: datetime | None
    """When the oldest drop came that is not closed and waits for nobody."""
    looks: Mapping[str, datetime]
    """Tree → when the last whole look over it began."""
    findings: Mapping[str, int]
    """Code → how often it was given."""


class PageReader(Protocol):
    """Lists of drops, letters and children, of some units or (None) of all."""

    def arrived(
        self,
        units: Collection[str] | None,
        state: str = "",
        text: str = "",
        limit: int = 100,
        offset: int = 0,
    ) -> Sequence[Drop]:
        """Return what arrived, the newest first; `text` is part of its path, or its id."""
        ...

    def letters(
        self,
        units: Collection[str] | None,
        state: str = "",
        drop: str = "",
        limit: int = 100,
        offset: int = 0,
    ) -> Sequence[ShownLetter]:
        """Return letters, the newest first."""
        ...

    def letter(self, key: str) -> tuple[ShownLetter, Letter] | None:
        """Return one letter with what it says."""
        ...

    def lists_of(self, unit: str, rounds: Collection[str]) -> Sequence[ListRecord]:
        """Return the lists that a unit sent or got in some rounds, in order of time."""
        ...

    def lists_in(self, drop: str) -> Sequence[ListRecord]:
        """Return the lists of one drop."""
        ...

    def children(
        self, round_: Round | None, units: Collection[str] | None, code: str, name: str, limit: int
    ) -> Sequence[FoundChild]:
        """Return the children of standing lists (of a round) that some units sent or got, by Mã đối
        chiếu, or by part of a name whatever its marks."""
        ...

    def gauges(self) -> Gauges:
        """Return what a monitor wants to know."""
        ...


class LetterPreview(Protocol):
    """Shows a letter as it goes out."""

    def __call__(self, due: DueLetter) -> tuple[str, str, str]:
        """Return subject, text and HTML. Raises KeyError where its unit is not declared."""
        ...


class KeptBytes(Protocol):
    """The bytes of what was dropped and made."""

    def path(self, sha256: str) -> Path:
        """Return where the bytes lie."""
        ...
