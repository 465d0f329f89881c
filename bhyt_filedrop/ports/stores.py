"""Clock and archive: the time of day, and every byte that was ever claimed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path


class Clock(Protocol):
    """Tells the time (aware); given from outside so that a quarter can be played in a minute."""

    def __call__(self) -> datetime:
        """Return now."""
        ...


class Archive(Protocol):
    """Every byte that was ever claimed, under its SHA-256."""

    @property
    def workspace(self) -> Path:
        """A folder for what is needed for a moment; whatever a crash left there is gone with the
        next start."""
        ...

    def new_file(self) -> Path:
        """Return the path of a fresh, empty file on the archive's disk, to fill and `keep`."""
        ...

    def keep(self, file: Path) -> tuple[str, int]:
        """Take a file in; return its SHA-256 and size. The file moves."""
        ...

    def has(self, sha256: str) -> bool:
        """True where bytes lie under that name."""
        ...

    def holds(self, file: Path) -> bool:
        """True where the very bytes of a file are kept already."""
        ...

    def path(self, sha256: str) -> Path:
        """Return where the bytes lie (or would lie, where they are not kept), on this machine.

        Raises TryLater where they have to be fetched and cannot be.
        """
        ...

    def size(self, sha256: str) -> int:
        """Return the size in bytes. Raises FileNotFoundError where nothing is kept."""
        ...

    def every(self) -> Iterator[str]:
        """Yield the SHA-256 under which each file lies."""
        ...

    def is_whole(self, sha256: str) -> bool:
        """True where the bytes that lie there are those that were kept; reads all of them."""
        ...

    def discard(self, sha256: str) -> bool:
        """Remove a file for good, where nobody may keep it any longer; False = it is not there."""
        ...
