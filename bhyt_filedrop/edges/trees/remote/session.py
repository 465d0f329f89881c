"""One connection to a file server, as few plain steps as any protocol can offer.

SFTP and FTP each implement `Session`; `remote.RemoteTree` builds the tree contract on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import BinaryIO, Protocol

from bhyt_filedrop.domain.process.handoffs import FileAccess
from bhyt_filedrop.ports import TryLater


class Lost(Exception):
    """The connection broke or answers nonsense: it is dropped and made anew."""


class Stalled(Lost):
    """The server kept us waiting too long; asking it again at once would only wait again."""


class CannotConnect(TryLater):
    """No session could be opened. `told` says so in Vietnamese, with what to do; `late` is True
    where the server was waited for in vain."""

    def __init__(self, text: str, told: str, *, late: bool = False) -> None:
        super().__init__(text)
        self.told = told
        self.late = late


class Kind(Enum):
    """What a name in a listing stands for."""

    FILE = "file"
    FOLDER = "folder"
    OTHER = "other"
    """A symbolic link, a pipe, a device: never touched."""
    DENIED = "denied"
    """A listing shows it, and nobody may look at it or can read what is said of it."""


@dataclass(frozen=True, slots=True)
class RemoteEntry:
    """One name of a listing; `size` in bytes, `mtime` in seconds of the server's clock."""

    name: str
    kind: Kind
    size: int
    mtime: float


Listed = list[RemoteEntry] | OSError


class Session(Protocol):
    """One open connection. Paths are relative to the tree's root, names as the server spells them.

    Every method raises Lost where the connection is of no more use, and otherwise an OSError whose
    errno tells what the server (or the local disk) refused.
    """

    in_step: bool
    """False once a transfer was left half way: the connection cannot go on with another step."""

    def root_is_there(self) -> bool:
        """Tell whether the root is a folder that we may enter."""
        ...

    def look_anew(self) -> None:
        """Let no listing that was taken before answer from here on."""
        ...

    def depths(self, folders: Sequence[Sequence[str]]) -> list[int]:
        """Return for each folder how many of its leading parts are existing folders, asking for
        all together where the protocol can."""
        ...

    def entries(self, folder: str) -> list[RemoteEntry]:
        """List a folder; FileNotFoundError where there is none."""
        ...

    def entries_of(self, folders: Sequence[str]) -> list[Listed]:
        """List several folders, all together where the protocol can; for each its entries, or what
        listing it alone would have raised."""
        ...

    def look(self, path: str) -> RemoteEntry | None:
        """Return what stands at a path, None where nothing does. Links are not followed."""
        ...

    def make_folder(self, path: str, access: FileAccess) -> None:
        """Make one folder; one that exists is no error."""
        ...

    def rename(self, path: str, target: str) -> None:
        """Rename without replacing: FileExistsError, FileNotFoundError."""
        ...

    def replace(self, path: str, target: str) -> None:
        """Rename over whatever is there, in one step where the server can."""
        ...

    def download(self, path: str, out: BinaryIO) -> int:
        """Copy a file's bytes into `out`; return how many came."""
        ...

    def read_range(self, path: str, offset: int, length: int, size: int) -> bytes:
        """Return up to `length` bytes at `offset` (≥ 0) of a file of `size` bytes."""
        ...

    def upload(self, source: BinaryIO, path: str, access: FileAccess) -> None:
        """Write a new file, synced on the server where it can be asked for."""
        ...

    def remove(self, path: str) -> None:
        """Remove a file; FileNotFoundError where there is none."""
        ...

    def free_bytes(self) -> int | None:
        """Return the room left on the server, None where it does not tell."""
        ...

    def close(self) -> None:
        """Let go of the connection; never raises, never waits long."""
        ...
