"""Files that stay in the work area for a while, since nobody can know that they were whole.

A format without an end mark on a tree that does not tell who writes: an upload that paused may go
on after the file was moved, for it goes on in the same file. So the file is looked at again before
it leaves the work area; one that grew is put back where it was dropped, and is taken anew as a
correction of what came before.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.ids import WORK
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.process.file_names import split_ending
from bhyt_filedrop.ports import Archive, ClosedFolder, Sighting, Tree

log = logging.getLogger(__name__)

MOST_NAMES = 100
"""Names that are tried for a file that is put back."""


@dataclass
class Lingering:
    """The work area of one tree. `seconds` is how long a file there must have stood still."""

    tree: Tree
    archive: Archive
    drop_of: Callable[[str], Drop | None]
    ends: Callable[[Path], bool | None]
    """Whether a file's own format says that it ends; None = it has no end mark."""
    seconds: float
    _still: dict[str, tuple[int, float]] = field(default_factory=dict)
    """Path → size, and since when (steady clock) it has that."""
    _some: bool = True
    """True where something may lie there; at the start nobody knows."""

    def stays(self, drop: Drop) -> bool:
        """Tell whether the file of an archived drop is to stay in the work area for now."""
        if self.seconds <= 0 or drop.sha256 is None:
            return False
        if self.tree.is_still_open(drop.work_path) is not None:
            return False
        stays = self.ends(self.archive.path(drop.sha256)) is None
        self._some = self._some or stays
        return stays

    def tidy(self, now: float) -> None:
        """Take away what stood still for long enough, put back what grew. `now` is a steady clock.

        Raises TryLater as trees do; repeating is harmless.
        """
        if not self._some:
            return
        still: dict[str, tuple[int, float]] = {}
        for sighting, drop in self._lying():
            size, since = self._still.get(sighting.path, (-1, now))
            since = since if size == sighting.size else now
            if now - since < self.seconds:
                still[sighting.path] = (sighting.size, since)
            elif drop.state is not State.VOID and sighting.size == drop.size:
                self.tree.remove(sighting.path)
            else:
                self._put_back(sighting, drop)
        self._still, self._some = still, bool(still)

    def _lying(self) -> Iterator[tuple[Sighting, Drop]]:
        """What lies there and is not on its way into the archive."""
        try:
            for sighting in self.tree.walk(WORK):
                drop = self.drop_of(sighting.path.rpartition("/")[2])
                if drop and (drop.sha256 is not None or drop.state is State.VOID):
                    yield sighting, drop
        except ClosedFolder:
            return

    def _put_back(self, sighting: Sighting, drop: Drop) -> None:
        stem, ending = split_ending(drop.path)
        names = (f"{stem} ({n}){ending}" if n > 1 else drop.path for n in range(1, MOST_NAMES))
        free = next((name for name in names if self.tree.stat(name) is None), None)
        if free and self.tree.claim(sighting.path, free):
            log.warning("drop.put-back", extra={"drop": drop.id, "size": sighting.size})
