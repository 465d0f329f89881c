"""Walking over folders: one after the other, and on a far server with what lies ahead listed
together, for there each question costs a round trip."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from bhyt_filedrop.edges.trees.names import join, nfc
from bhyt_filedrop.edges.trees.remote.session import Kind, Listed, RemoteEntry
from bhyt_filedrop.ports import ClosedFolder, Sighting

_DEEPEST = 100
_AHEAD = 512
"""Folders that a walk lists before it comes to them; of more it asks when it is there."""


def in_turn(
    folders: Sequence[str],
    walk: Callable[[str], Iterable[Sighting]],
    closed: Callable[[str], None],
) -> Iterator[Sighting]:
    """TreeWalk folders one after the other, as `ports.Tree.walk_all` promises."""
    shut = 0
    for folder in folders:
        try:
            yield from walk(folder)
        except ClosedFolder:
            closed(folder)
            shut += 1
            if shut == len(folders):
                raise


@dataclass
class TreeWalk:
    """One walk over a remote tree, from one or several folders (as the server spells them)."""

    list_together: Callable[[Sequence[str]], list[Listed]]
    why_not: Callable[[str, OSError, bool], None]
    """What follows from a folder that could not be listed: nothing, or an exception. It is told
    whether the walk began there."""
    skipped: frozenset[str]
    """In NFC; never the folder that a walk begins at."""
    closed: Callable[[str], None]
    deep: bool = True
    _ahead: dict[str, Listed] = field(default_factory=dict)

    def begin(self, start: str, later: Sequence[str] = ()) -> Iterator[Sighting]:
        """TreeWalk below one folder; `later` are those at which the walk will begin next."""
        todo: list[str | Sighting] = [start]
        while todo:
            item = todo.pop()
            if isinstance(item, Sighting):
                yield item
            elif item != start and not self._goes_into(item):
                continue
            elif item.count("/") >= _DEEPEST:
                self.closed(item)
            else:
                if item not in self._ahead:
                    self._look_ahead([item, *self._next(todo), *later])
                todo.extend(reversed(self._seen_in(item, self._ahead.pop(item), item == start)))

    def _goes_into(self, folder: str) -> bool:
        return self.deep and nfc(folder) not in self.skipped

    def _is_listed(self, folder: str) -> bool:
        return self._goes_into(folder) and folder.count("/") < _DEEPEST

    def _next(self, todo: Sequence[str | Sighting]) -> Iterator[str]:
        return (item for item in reversed(todo) if isinstance(item, str) and self._is_listed(item))

    def _look_ahead(self, folders: Iterable[str]) -> None:
        """List folders and what lies below them, each level together."""
        room = _AHEAD
        new = (folder for folder in dict.fromkeys(folders) if folder not in self._ahead)
        level = list(islice(new, room))
        while level:
            listed = self.list_together(level)
            self._ahead |= zip(level, listed, strict=True)
            room -= len(level)
            below = (
                join(above, entry.name)
                for above, entries in zip(level, listed, strict=True)
                if isinstance(entries, list)
                for entry in entries
                if entry.kind is Kind.FOLDER and is_plain(entry.name)
            )
            level = list(islice(filter(self._is_listed, below), max(room, 0)))

    def _seen_in(self, folder: str, listed: Listed, begun: bool) -> list[str | Sighting]:
        if not isinstance(listed, list):
            self.why_not(folder, listed, begun)
            return []
        usable = (entry for entry in listed if is_plain(entry.name))
        return [
            seen
            for entry in sorted(usable, key=lambda entry: entry.name)
            for seen in self._seen(entry, folder)
        ]

    def _seen(self, entry: RemoteEntry, folder: str) -> Iterator[str | Sighting]:
        path = join(folder, entry.name)
        if entry.kind is Kind.DENIED:
            self.closed(path)
        elif entry.kind is Kind.FOLDER:
            yield path
        elif entry.kind is Kind.FILE:
            yield sighting_of(path, entry)


def is_plain(name: str) -> bool:
    """A server that names something with a slash or `..` is up to no good."""
    return name not in ("", ".", "..") and "/" not in name and "\0" not in name


def sighting_of(path: str, entry: RemoteEntry) -> Sighting:
    """Return what was seen of a file at its path."""
    return Sighting(path, entry.size, entry.mtime)
