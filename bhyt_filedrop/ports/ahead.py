"""The ports by which drops are judged before it is their turn, or before they are dropped."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Protocol

from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.facts import Facts
from bhyt_filedrop.domain.process.folders import Place


class JudgedAhead(Protocol):
    """Judges drops ahead of their turn, several at once."""

    def count_ahead(self, waiting: int) -> int:
        """Return how many drops should be begun ahead where so many wait."""
        ...

    def begin(self, drop: Drop, place: Place, at: datetime) -> None:
        """Begin to judge an archived drop as the process is at a moment (aware)."""
        ...

    def begin_beside(self, drop: Drop, place: Place, at: datetime) -> bool:
        """Begin to judge a drop that takes long, however long, beside all others; False where
        nobody can."""
        ...

    def ends_a_process(self, drop: Drop, place: Place, at: datetime) -> bool:
        """Judge a drop in a process for it alone, and tell whether that died of it; True where
        nobody can tell.

        Raises TryLater where such a process does not even come up.
        """
        ...

    def is_under_way(self, drop: Drop) -> bool:
        """Tell whether a drop is still judged beside the others."""
        ...

    def facts(self, drop: Drop) -> Facts | None:
        """Return what `begin` found, waiting for it; None where it was not begun, or nothing came
        of it: then whoever asks judges for himself, and meets what stood in the way.

        Raises TryLater where it takes so long that others shall go first.
        """
        ...


class JudgedApart(Protocol):
    """Judges what was not dropped, in a process of its own: nobody waits for it."""

    def judge(self, drop: Drop, place: Place, at: datetime, folder: Path) -> Facts:
        """Return what a file holds that lies in an archive of its own (`folder`).

        Raises TakesLong where it takes longer than anybody waits for, TryLater where it cannot be
        judged for a reason of this machine.
        """
        ...
