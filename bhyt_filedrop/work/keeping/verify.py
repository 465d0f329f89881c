"""The audit: every event is as it was sealed, every kept file is whole, and each delivery is there.

What people do with files in their own folders is their matter, so a delivery that is gone or was
changed is said and is no fault. Ledger, chain and archive must be as they were written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from bhyt_filedrop.domain.drops.drop import Delivery, Role
from bhyt_filedrop.ports import Archive, AuditBook, Chain, NeverWorks, Sighting, Tree, TryLater

CHUNK = 1 << 20


@dataclass
class Audit:
    """What an audit found. `missing` and `spoilt` are names of archive files; `gone`, `changed` and
    `unread` are deliveries in the trees."""

    ledger: str
    """The database's own complaint, "" = none."""
    chain: Chain
    kept: int = 0
    missing: list[str] = field(default_factory=list)
    spoilt: list[str] = field(default_factory=list)
    delivered: int = 0
    gone: list[Delivery] = field(default_factory=list)
    changed: list[Delivery] = field(default_factory=list)
    unread: list[Delivery] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """True where nothing of ours was lost or altered."""
        return not (self.ledger or self.chain.broken or self.missing or self.spoilt)


def audit(
    ledger: str,
    book: AuditBook,
    archive: Archive,
    trees: Mapping[str, Tree],
    reads_whole: Callable[[str], bool],
    step: Callable[[], object] = lambda: None,
) -> Audit:
    """Hold everything against everything. `ledger` is what the database says of itself;
    `reads_whole` tells of a tree whether its files are compared byte for byte or by their size;
    `step` is called after each file.
    """
    found = Audit(ledger, book.verify())
    there = set[str]()
    for sha256 in archive.every():
        there.add(sha256)
        if not archive.is_whole(sha256):
            found.spoilt.append(sha256)
        step()
    found.kept, found.missing = len(there), sorted(book.kept_files() - there)
    for one in _standing(book.delivered_files(), trees):
        found.delivered += 1
        for kind in _differs(one, trees[one.tree], archive, whole=reads_whole(one.tree)):
            getattr(found, kind).append(one)
        step()
    return found


def _standing(delivered: Iterable[Delivery], trees: Mapping[str, Tree]) -> Iterator[Delivery]:
    """Yield what must lie in the trees: the last that was put at a place, if it was not taken away
    again."""
    for one in {(one.tree, one.path): one for one in delivered}.values():
        if one.role is not Role.RETIRED and one.tree in trees and one.sha256:
            yield one


def _differs(one: Delivery, tree: Tree, archive: Archive, *, whole: bool) -> Iterator[str]:
    """Yield the name of what is so of a delivery: nothing, where it is as it was put."""
    assert one.sha256 is not None
    try:
        there = tree.stat(one.path)
        if there is None:
            yield "gone"
        elif not is_as_it_was(there, one.sha256, tree, archive, whole=whole):
            yield "changed"
    except FileNotFoundError:
        yield "gone"
    except (TryLater, NeverWorks):
        yield "unread"


def is_as_it_was(
    there: Sighting, sha256: str, tree: Tree, archive: Archive, *, whole: bool
) -> bool:
    """True where a file of a tree has the bytes, or at least the size, with which it was put."""
    try:
        if there.size != archive.size(sha256):
            return False
    except FileNotFoundError:
        pass  # what the archive lost is told of by itself
    return not whole or _digest(tree, there.path, there.size) == sha256


def _digest(tree: Tree, path: str, size: int) -> str:
    made = hashlib.sha256()
    for start in range(0, size, CHUNK):
        made.update(tree.read_range(path, start, CHUNK))
    return made.hexdigest()
