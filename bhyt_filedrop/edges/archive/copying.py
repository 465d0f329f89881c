"""From one archive into another: a backup, the way back, or a move from a folder into a store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol


class CopiedArchive(Protocol):
    """What copying asks of an archive, whatever holds it."""

    def every_size(self) -> Iterator[tuple[str, int]]:
        """Yield the SHA-256 under which each file lies, and its size in bytes."""
        ...

    def has(self, sha256: str) -> bool:
        """True where bytes lie under that name."""
        ...

    def size(self, sha256: str) -> int:
        """Return the size in bytes."""
        ...

    def new_file(self) -> Path:
        """Return the path of a fresh, empty file, to fill and `keep`."""
        ...

    def fetch(self, sha256: str, to: Path) -> str:
        """Copy what lies under a name into a file; return the SHA-256 of what was copied."""
        ...

    def keep(self, file: Path) -> tuple[str, int]:
        """Take a file in."""
        ...

    def discard(self, sha256: str) -> bool:
        """Remove a file for good."""
        ...


def copy_archive(source: CopiedArchive, target: CopiedArchive) -> tuple[int, list[str]]:
    """Copy what the target lacks; return how many files, and which were not as they were kept:
    these are not copied. An archive never changes, so that is a backup of it.
    """
    copied, spoilt = 0, []
    for sha256, size in source.every_size():
        there = target.has(sha256)
        if there and target.size(sha256) == size:
            continue
        made = target.new_file()
        if source.fetch(sha256, made) != sha256:
            made.unlink()
            spoilt.append(sha256)
            continue
        if there:
            target.discard(sha256)
        target.keep(made)
        copied += 1
    return copied, spoilt
