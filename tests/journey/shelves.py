"""An archive in a folder and a tree in memory, for services that are tested alone."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from bhyt_filedrop.domain.process.handoffs import FileAccess
from bhyt_filedrop.ports import TryLater


class Shelf:
    """An archive in a folder: a file is kept under its digest."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._new, self.workspace = folder, count(), folder

    def path(self, sha256: str) -> Path:
        return self.folder / sha256

    def new_file(self) -> Path:
        return self.folder / f"new-{next(self._new)}"

    def keep(self, copy: Path) -> tuple[str, int]:
        data = copy.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        self.path(digest).write_bytes(data)
        copy.unlink()
        return digest, len(data)

    def put(self, text: str) -> str:
        copy = self.new_file()
        copy.write_text(text)
        return self.keep(copy)[0]

    def holds(self, copy: Path) -> bool:
        return self.path(hashlib.sha256(copy.read_bytes()).hexdigest()).exists()

    def size(self, sha256: str) -> int:
        return self.path(sha256).stat().st_size


@dataclass
class Folders:
    """A tree in memory: path → text; some of its folders are closed."""

    files: dict[str, str] = field(default_factory=dict)
    closed: tuple[str, ...] = ()
    asked: list[str] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    access: list[FileAccess] = field(default_factory=list)
    error: Exception | None = None

    def put(self, file: Path, path: str, access: FileAccess) -> None:
        self.tried.append(path)
        if path in self.closed:
            raise self.error or TryLater(f"{path} is closed")
        self.files[path] = file.read_text()
        self.access.append(access)

    def stat(self, path: str) -> str | None:
        self.asked.append(path)
        return self.files.get(path)

    def fetch(self, path: str, to: Path) -> None:
        to.write_text(self.files[path])

    def remove(self, path: str) -> None:
        del self.files[path]
