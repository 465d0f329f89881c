"""One daemon on a ledger: all leases are its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class Alone:
    """See `ports.Leases`: nobody else ever asks."""

    @contextmanager
    def held(self, name: str, *, keep: bool = True, patience: float = 0.0) -> Iterator[int]:
        """Return the same number at all times."""
        yield 1

    def must_be_held(self) -> None:
        """Nobody takes anything over."""
