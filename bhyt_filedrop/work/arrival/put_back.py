"""Put into a tree again what it lost: every file that was delivered there, from the archive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bhyt_filedrop.domain.drops.drop import Delivery, Role
from bhyt_filedrop.ports import Archive, Tree


@dataclass
class PutBack:
    """What became of the files that stand delivered: how many were missing and were put, how many
    are there, and which the archive lacks."""

    put: int = 0
    there: int = 0
    lost: list[str] = field(default_factory=list)


def put_back(
    trees: Mapping[str, Tree],
    archive: Archive,
    delivered: Iterable[Delivery],
    *,
    dry_run: bool = False,
) -> PutBack:
    """Put what is missing; `delivered` in the order in which it was put, for a later file of a name
    is the one that stands. What is there stays as it is. Repeating is harmless.

    Raises TryLater as trees do.
    """
    done = PutBack()
    for one in {(one.tree, one.path): one for one in delivered}.values():
        if one.role is Role.RETIRED or one.tree not in trees:
            continue
        if trees[one.tree].stat(one.path) is not None:
            done.there += 1
        elif one.sha256 is None or not archive.has(one.sha256):
            done.lost.append(one.path)
        else:
            done.put += 1
            if not dry_run:
                trees[one.tree].put(archive.path(one.sha256), one.path, one.access)
    return done
