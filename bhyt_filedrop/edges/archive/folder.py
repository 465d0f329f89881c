"""The archive in a folder: each file under its SHA-256, written once, never changed."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bhyt_filedrop.ports import TryLater
from bhyt_filedrop.whole_files import sync_folder_of

CHUNK = 1 << 20
_PREFIX = 2
"""Letters of a SHA-256 that name its folder."""


class FolderArchive:
    """A content-addressed folder: `ab/abcdef…`.

    Several processes may keep files in one, on several machines where it is a shared folder: what
    is kept appears by one rename, and the same bytes have the same name.
    """

    def __init__(self, root: Path, whose: str = "", *, workspace: Path | None = None) -> None:
        """`whose` names one of several processes that share the folder: each fills files in a place
        of its own. `workspace` may lie on another disk."""
        self._root = root
        self._incoming = root / "incoming" / whose
        self._workspace = workspace or self._incoming
        self._lasting: set[str] = set()
        """Folders whose own names are known to be on the disk."""

    def prepare(self) -> None:
        """Make the folders, readable by the daemon alone; forget files a crash left half-made."""
        self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in {self._incoming, self._workspace}:
            empty_folder(folder)

    def is_empty(self) -> bool:
        """True where nothing was ever kept; a folder that is not there is empty."""
        folders = self._root.iterdir() if self._root.is_dir() else iter(())
        return not any(any(folder.iterdir()) for folder in folders if len(folder.name) == _PREFIX)

    @property
    def workspace(self) -> Path:
        """A folder for what is needed for a moment; emptied at the next start."""
        return self._workspace

    def new_file(self) -> Path:
        """Return the path of a fresh, empty file on the archive's own disk, to fill and `keep`."""
        return fresh_file(self._incoming)

    def keep(self, file: Path) -> tuple[str, int]:
        """Take a file in; return its SHA-256 and its size in bytes. The file moves.

        Raises TryLater where the disk does not take it.
        """
        try:
            sha256, size = hash_and_sync(file)
            self._move_in(file, self.path(sha256))
        except OSError as error:
            raise TryLater(f"the archive cannot take a file: {error.strerror}") from error
        return sha256, size

    def keep_what_was_judged(self) -> None:
        """Nothing: judging processes keep files in the same folder."""

    def _move_in(self, file: Path, target: Path) -> None:
        """Another may be at the same bytes: its name for them is on the disk when this returns, or
        ours replaces it by the same."""
        if target.exists():
            file.unlink()
        else:
            target.parent.mkdir(exist_ok=True, mode=0o700)
            file.chmod(0o400)
            file.replace(target)
        sync_folder_of(target)
        if target.parent.name not in self._lasting:
            sync_folder_of(target.parent)
            self._lasting.add(target.parent.name)

    def has(self, sha256: str) -> bool:
        """True where bytes lie under that name."""
        return self.path(sha256).exists()

    def holds(self, file: Path) -> bool:
        """True where the very bytes of a file are kept already."""
        return self.has(digest_of(file))

    def path(self, sha256: str) -> Path:
        """Return where the bytes lie (or would lie)."""
        return self._root / sha256[:2] / sha256

    def size(self, sha256: str) -> int:
        """Return the size in bytes. Raises FileNotFoundError where nothing is kept."""
        return self.path(sha256).stat().st_size

    def every(self) -> Iterator[str]:
        """Yield the SHA-256 under which each file lies."""
        yield from (sha256 for sha256, _ in self.every_size())

    def every_size(self) -> Iterator[tuple[str, int]]:
        """Yield the SHA-256 under which each file lies, and its size in bytes."""
        for file in sorted(self._root.glob(f"{'[0-9a-f]' * _PREFIX}/*")):
            yield file.name, file.stat().st_size

    def is_whole(self, sha256: str) -> bool:
        """True where the bytes that lie there are those that were kept; reads all of them."""
        return digest_of(self.path(sha256)) == sha256

    def fetch(self, sha256: str, to: Path) -> str:
        """Copy what lies under a name into a file; return the SHA-256 of what was copied."""
        shutil.copyfile(self.path(sha256), to)
        return digest_of(to)

    def discard(self, sha256: str) -> bool:
        """Remove a file for good, where nobody may keep it any longer; False = it is not there."""
        target = self.path(sha256)
        if not target.exists():
            return False
        target.unlink()
        sync_folder_of(target)
        return True


def fresh_file(folder: Path) -> Path:
    """Return a new, empty file in a folder, readable by the daemon alone."""
    handle, name = tempfile.mkstemp(dir=folder)
    os.close(handle)
    return Path(name)


def hash_and_sync(file: Path) -> tuple[str, int]:
    """Return the SHA-256 and the size of a file that is then on the disk."""
    digest, size = hashlib.sha256(), 0
    with file.open("rb") as stream:
        while block := stream.read(CHUNK):
            digest.update(block)
            size += len(block)
        os.fsync(stream.fileno())
    return digest.hexdigest(), size


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def empty_folder(folder: Path) -> None:
    """Make a folder for the daemon alone, or take out of it what a crash left."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in folder.iterdir():
        shutil.rmtree(left) if left.is_dir() else left.unlink(missing_ok=True)
