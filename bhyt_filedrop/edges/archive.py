"""The archive: every byte that was ever claimed, under its SHA-256, written once, never changed."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bhyt_filedrop.ports import TryLater
from bhyt_filedrop.whole_files import write_whole

CHUNK = 1 << 20
_PREFIX = 2
"""Letters of a SHA-256 that name its folder."""


class FolderArchive:
    """A content-addressed folder: `ab/abcdef…`."""

    def __init__(self, root: Path, whose: str = "") -> None:
        """`whose` names one of several processes that share the folder: each fills files in a place
        of its own."""
        self._root = root
        self._incoming = root / "incoming" / whose
        self._lasting: set[str] = set()
        """Folders whose own names are known to be on the disk."""

    def prepare(self) -> None:
        """Make the folders, readable by the daemon alone; forget files a crash left half-made."""
        self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
        for left in self._incoming.iterdir():
            shutil.rmtree(left) if left.is_dir() else left.unlink(missing_ok=True)

    def is_empty(self) -> bool:
        """True where nothing was ever kept; a folder that is not there is empty."""
        folders = self._root.iterdir() if self._root.is_dir() else iter(())
        return not any(any(folder.iterdir()) for folder in folders if len(folder.name) == _PREFIX)

    @property
    def workspace(self) -> Path:
        """A folder for what is needed for a moment; emptied at the next start."""
        return self._incoming

    def new_file(self) -> Path:
        """Return the path of a fresh, empty file on the archive's own disk, to fill and `keep`."""
        handle, name = tempfile.mkstemp(dir=self._incoming)
        os.close(handle)
        return Path(name)

    def keep(self, file: Path) -> tuple[str, int]:
        """Take a file in; return its SHA-256 and its size in bytes. The file moves.

        Raises TryLater where the disk does not take it.
        """
        try:
            sha256, size = _hash_and_sync(file)
            self._move_in(file, self.path(sha256))
        except OSError as error:
            raise TryLater(f"the archive cannot take a file: {error.strerror}") from error
        return sha256, size

    def _move_in(self, file: Path, target: Path) -> None:
        if target.exists():
            file.unlink()
            return
        target.parent.mkdir(exist_ok=True, mode=0o700)
        file.chmod(0o400)
        file.replace(target)
        _sync_folder(target.parent)
        if target.parent.name not in self._lasting:
            _sync_folder(self._root)
            self._lasting.add(target.parent.name)

    def holds(self, file: Path) -> bool:
        """True where the very bytes of a file are kept already."""
        with file.open("rb") as stream:
            return self.path(hashlib.file_digest(stream, "sha256").hexdigest()).exists()

    def path(self, sha256: str) -> Path:
        """Return where the bytes lie (or would lie)."""
        return self._root / sha256[:2] / sha256

    def size(self, sha256: str) -> int:
        """Return the size in bytes. Raises FileNotFoundError where nothing is kept."""
        return self.path(sha256).stat().st_size

    def every(self) -> Iterator[str]:
        """Yield the SHA-256 under which each file lies."""
        for file in sorted(self._root.glob(f"{'[0-9a-f]' * _PREFIX}/*")):
            yield file.name

    def is_whole(self, sha256: str) -> bool:
        """True where the bytes that lie there are those that were kept; reads all of them."""
        with self.path(sha256).open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == sha256

    def discard(self, sha256: str) -> bool:
        """Remove a file for good, where nobody may keep it any longer; False = it is not there."""
        target = self.path(sha256)
        if not target.exists():
            return False
        target.unlink()
        _sync_folder(target.parent)
        return True

    def copy_to(self, folder: Path) -> tuple[int, list[str]]:
        """Copy what another archive's folder lacks; return how many files, and which were not as
        they were kept: these are not copied. An archive never changes, so that is a backup of it.
        """
        copied, spoilt = 0, []
        other = FolderArchive(folder)
        other.prepare()
        for sha256 in self.every():
            target = other.path(sha256)
            if target.exists() and target.stat().st_size == self.size(sha256):
                continue
            made = other.new_file()
            shutil.copyfile(self.path(sha256), made)
            digest, _ = _hash_and_sync(made)
            if digest != sha256:
                made.unlink()
                spoilt.append(sha256)
                continue
            target.unlink(missing_ok=True)
            other._move_in(made, target)
            copied += 1
        for beside in self._root.iterdir():
            if beside.is_file():
                write_whole(folder / beside.name, beside.read_bytes())
        return copied, spoilt


def _hash_and_sync(file: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with file.open("rb") as stream:
        while block := stream.read(CHUNK):
            digest.update(block)
            size += len(block)
        os.fsync(stream.fileno())
    return digest.hexdigest(), size


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
