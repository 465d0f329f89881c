"""Leases: what one of several daemons does at a time, and how long it may be silent about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from datetime import datetime


class Leases(Protocol):
    """Who does what, where several daemons share one ledger. Threads may share it."""

    def held(
        self, name: str, *, keep: bool = True, patience: float = 0.0
    ) -> AbstractContextManager[int]:
        """Do something under a lease; 0 where another has it, and for `patience` seconds. Another
        number than the last time's says that somebody may have had it meanwhile.

        What this thread writes into the ledger meanwhile fails whole, with `LostLease`, once
        another has taken it over. A lease is kept afterwards, for the next time, unless `keep` is
        False.
        """
        ...

    def must_be_held(self) -> None:
        """Raise LostLease where another took over what this thread works under; for what is done
        outside the ledger and cannot be undone."""
        ...


@dataclass(frozen=True, slots=True)
class Holding:
    """A lease as it stands: since when it is held, and whether its holder was heard of lately."""

    name: str
    holder: str
    since: datetime
    is_alive: bool


@dataclass(frozen=True, slots=True)
class Sharing:
    """How several daemons share a ledger: who does what; drops that wait for a worker and those in
    hand; workers that are there, and when one was last heard of; whose tables the queue has, and
    which version of their library is installed here; as which site it marks its trees, "" = none of
    its daemons has begun yet."""

    leases: Sequence[Holding]
    waiting: int
    doing: int
    workers: int
    heard: datetime | None
    tables: str
    installed: str
    site: str = ""
