"""What a daemon may have done to a tree after another had taken its drop over.

The ledger takes nothing from it then; a tree does. A late file under a name that carries its drop's
number is the same file once more. Where names are not of one drop (drafts, lists that give way to
newer ones), what the ledger knows as the last that was put there is put once more.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from bhyt_filedrop.domain.drops.drop import Delivery, Drop
from bhyt_filedrop.ports import Archive, DropBook, LookBook, Tree

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PuttingRight:
    """Puts right what a late delivery may have overwritten or taken away."""

    trees: Mapping[str, Tree]
    archive: Archive
    drops: DropBook
    looks: LookBook

    def after(self, drop: Drop) -> None:
        """Put once more what stands where a drop delivered under names that are not its own.

        Raises TryLater as trees do; repeating is harmless.
        """
        shared = [one for one, _ in self.drops.deliveries(drop.id) if drop.id not in one.path]
        for tree in {one.tree for one in shared}:
            self._put(drop, tree, [one for one in shared if one.tree == tree])

    def _put(self, drop: Drop, tree: str, deliveries: list[Delivery]) -> None:
        given = self.looks.given(tree, [one.path for one in deliveries])
        for one in deliveries:
            last = given.get(one.path)
            if last and last.drop != drop.id and last.at and last.sha256:
                self.trees[tree].put(self.archive.path(last.sha256), one.path, one.access)
                log.warning("delivery.put-right", extra={"drop": drop.id, "of": last.drop})
