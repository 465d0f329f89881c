"""What the status page reads: questions that only ever read, and hold no writer up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from bhyt_filedrop.domain.drops.drop import Delivery, Drop
    from bhyt_filedrop.domain.findings import Finding


class DropReader(Protocol):
    """What became of drops."""

    def arrivals(
        self, *, state: str | None = None, unit: str | None = None, limit: int = 50
    ) -> Sequence[Drop]:
        """Return what arrived, the newest first."""
        ...

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


class KeptBytes(Protocol):
    """The bytes of what was dropped and made."""

    def path(self, sha256: str) -> Path:
        """Return where the bytes lie."""
        ...
