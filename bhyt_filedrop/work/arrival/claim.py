"""Claim what is settled: a row in the ledger, one rename into the work area, bytes in the archive.

From here the original bytes cannot be lost (docs/crash-table.md).
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from bhyt_filedrop.domain.drops.coming import behind, came_at, was_away
from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.ids import new_id, work_path
from bhyt_filedrop.ports import (
    Archive,
    CannotMove,
    Clock,
    DropBook,
    Sighting,
    Tree,
    TryLater,
)
from bhyt_filedrop.work.arrival.sweep import Settled

log = logging.getLogger(__name__)


@dataclass
class Claiming:
    """Takes settled files out of their drop folders."""

    trees: Mapping[str, Tree]
    archive: Archive
    drops: DropBook
    clock: Clock
    given_back: Callable[[Drop], Sighting | None]
    """Where the original of a drop lies that was handled before (`GivenBack.of`)."""
    stays: Callable[[Drop], bool] = lambda _drop: False
    """Whether an archived drop's file stays in the work area for a while (`Lingering.stays`)."""
    choose: Callable[[str], str] = secrets.choice
    """Draws the letters of an id."""
    shared: bool = False
    """Whether another daemon may have taken the file while this one stood still."""

    def register(self, tree: str, settled: list[Settled]) -> list[Drop]:
        """Write down what is about to be taken; the rename follows in `take`.

        What is taken first has the earlier time of arrival, in this look and over all looks:
        whatever holds one of a unit's files up, and whatever is doubted for its benefit, the later
        one stays the correction of the earlier one.
        """
        fresh: list[Drop] = []
        units = {one.place.unit.id for one in settled}
        last = dict(self.drops.last_arrivals(tree, units)) if settled else {}
        for name, one in zip(self.new_ids(len(settled)), settled, strict=True):
            drop = self._new_drop(tree, name, one)
            if drop.unit in last:
                after = behind(last[drop.unit], self.clock())
                drop = replace(drop, arrived_at=max(drop.arrived_at, after))
            last[drop.unit] = drop.arrived_at
            fresh.append(drop)
        now = self.clock()
        away = {
            drop.id: one.since
            for drop, one in zip(fresh, settled, strict=True)
            if one.since and was_away(one.since, now)
        }
        return self.drops.claim(fresh, now, away)

    def new_id(self) -> str:
        """Return an id that no drop has."""
        return self.new_ids(1)[0]

    def new_ids(self, wanted: int) -> list[str]:
        """Return as many ids that no drop has: on a full day two are drawn alike soon."""
        found: dict[str, None] = {}
        while len(found) < wanted:
            drawn = [new_id(self.clock(), self.choose) for _ in range(wanted - len(found))]
            taken = self.drops.taken_ids(drawn)
            found |= dict.fromkeys(name for name in drawn if name not in taken)
        return list(found)

    def _new_drop(self, tree: str, name: str, settled: Settled) -> Drop:
        now = self.clock()
        sighting = settled.sighting
        return Drop(
            id=name,
            tree=tree,
            path=sighting.path,
            unit=settled.place.unit.id,
            size=sighting.size,
            mtime=sighting.mtime,
            work_path=work_path(name),
            arrived_at=came_at(sighting.mtime, settled.since, now),
            incomplete=settled.incomplete,
        )

    def take(self, drop: Drop) -> Drop | None:
        """Rename into the work area and copy into the archive; None where there is nothing."""
        tree = self.trees[drop.tree]
        try:
            claimed = self._claim(tree, drop)
        except CannotMove:
            self.drops.left_where_it_lies(drop.id, self.clock())
            log.info("drop.left-there", extra={"drop": drop.id})
            drop = replace(drop, work_path=drop.path)
            claimed = self._claim(tree, drop)
        lies = drop.work_path if claimed else self._given_back(drop)
        if lies is None:
            self.drops.void(drop.id, self.clock())
            log.info("drop.void", extra={"drop": drop.id})
            return None
        sha256, size = self._archive(tree, lies)
        self.drops.archived(drop.id, sha256, size, self.clock())
        drop = replace(drop, sha256=sha256, size=size)
        self.clear(drop)
        return drop

    def _claim(self, tree: Tree, drop: Drop) -> bool:
        """Take the very file that was sighted; one that changed since is left to the next sweep.

        A file that is gone from both places is asked for all the same: a rename whose answer never
        came may be done by the server between our two looks.
        """
        if not drop.lies_there and tree.stat(drop.work_path) is not None:
            return True
        now = tree.stat(drop.path)
        if now is not None and not now.is_same_file(Sighting(drop.path, drop.size, drop.mtime)):
            return False
        if drop.lies_there:
            return now is not None
        moved = tree.claim(drop.path, drop.work_path)
        return self._has_moved(tree, drop) if self.shared else moved

    def _has_moved(self, tree: Tree, drop: Drop) -> bool:
        """Look who moved what: a file that another daemon moved for the same drop is there, one
        that came into its place since goes back."""
        there = tree.stat(drop.work_path)
        if there is None or there.is_same_file(Sighting(drop.work_path, drop.size, drop.mtime)):
            return there is not None
        tree.claim(drop.work_path, drop.path)
        return False

    def _given_back(self, drop: Drop) -> str | None:
        found = self.given_back(drop)
        return found.path if found else None

    def clear(self, drop: Drop) -> None:
        """Leave nothing in the work area but what may still grow; a file that could not be moved
        there is its sender's."""
        if not drop.lies_there and not self.stays(drop):
            self.trees[drop.tree].remove(drop.work_path)

    def _archive(self, tree: Tree, path: str) -> tuple[str, int]:
        before = tree.stat(path)
        if tree.is_still_open(path):
            raise TryLater("the file is being written again")
        copy = self.archive.new_file()
        try:
            tree.fetch(path, copy)
            if tree.stat(path) != before:
                raise TryLater("the file changed while it was copied")
            return self.archive.keep(copy)
        finally:
            copy.unlink(missing_ok=True)
