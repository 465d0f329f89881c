"""What lies on this machine of an archive that is kept elsewhere."""

from __future__ import annotations

from pathlib import Path

from bhyt_filedrop.edges.archive.folder import FolderArchive

COPIES = "copies"
"""The folder of the copies."""
MADE = "made"
"""The folder of what judging processes keep."""


def key_of(sha256: str) -> str:
    """Return the name of an object."""
    return f"{sha256[:2]}/{sha256}"


def copy_nearby(near: Path, sha256: str) -> Path:
    """Return where this machine's copy of an object lies, or would lie."""
    return near / COPIES / key_of(sha256)


def made_nearby(near: Path) -> FolderArchive:
    """Return where what judging processes keep waits for the daemon, which holds the secret."""
    return FolderArchive(near / MADE)


class JudgesArchive(FolderArchive):
    """What a judging process has of a store: this machine's copies, and what it makes itself."""

    def __init__(self, near: Path) -> None:
        super().__init__(near / MADE, workspace=near / "incoming")
        self._copies = near

    def path(self, sha256: str) -> Path:
        """Return where the bytes lie (or would lie)."""
        copy = copy_nearby(self._copies, sha256)
        return copy if copy.exists() else super().path(sha256)
