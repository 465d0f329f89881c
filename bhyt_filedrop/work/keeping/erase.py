"""Complete deletion of what is held of old rounds: trees, archive and ledger, in this order.

The ledger goes last, for it alone knows what else there is; so a deletion that was broken off is
finished by the same command. What people changed in their folders is theirs and stays, named.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bhyt_filedrop.domain.drops.drop import Delivery, Role
from bhyt_filedrop.ports import Archive, EraseBook, ToErase, Tree
from bhyt_filedrop.work.keeping.verify import is_as_it_was

log = logging.getLogger(__name__)


@dataclass
class Erased:
    """What became of the files: how many were removed from the trees and from the archive, and the
    deliveries that stay because somebody changed them."""

    removed: int = 0
    unkept: int = 0
    changed: list[Delivery] = field(default_factory=list)


def erase(
    what: ToErase,
    book: EraseBook,
    archive: Archive,
    trees: Mapping[str, Tree],
    note: Callable[[], tuple[str, str, datetime]],
) -> Erased:
    """Delete all of it; `note` gives why, who and when, for the record.

    Raises TryLater and NeverWorks as trees do: nothing is taken out of the ledger then.
    """
    done = Erased()
    for one in {(one.tree, one.path): one for one in what.deliveries}.values():
        if one.tree not in trees or one.role is Role.RETIRED or one.sha256 is None:
            continue
        tree = trees[one.tree]
        there = tree.stat(one.path)
        if there is None:
            continue
        if is_as_it_was(there, one.sha256, tree, archive, whole=True):
            tree.remove(one.path)
            done.removed += 1
        else:
            done.changed.append(one)
    for sha256 in sorted(what.files):
        done.unkept += archive.discard(sha256)
    why, by, now = note()
    book.erase(what, why, by, now)
    log.warning("children.erased", extra={"before": str(what.before), "drops": len(what.drops)})
    return done
