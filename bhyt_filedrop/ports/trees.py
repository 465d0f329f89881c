"""Trees: where files are dropped and delivered, on a local disk, by SFTP or FTP."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

from bhyt_filedrop.domain.process.handoffs import AS_IT_COMES, FileAccess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path


class Sighting(NamedTuple):
    """One regular file seen in a tree.

    `path` is relative to the tree's root with `/` between its parts, exactly as the server spells
    it (NFC or NFD). `size` in bytes; `mtime` in seconds of the server's clock, only ever compared
    with itself.
    """

    path: str
    size: int
    mtime: float

    def is_same_file(self, other: Sighting) -> bool:
        """Tell whether both are sightings of one file that nobody wrote in between."""
        return (
            self.path == other.path
            and self.size == other.size
            and _same_time(*sorted((self.mtime, other.mtime)))
        )


NO_YEAR = 1972
"""The year of a time whose year the server left out.

FTP's LIST tells a file's hour for half a year, and the year in the place of the hour from then on.
"""


def _same_time(one: float, other: float) -> bool:
    """Tell whether two times of one server may be the same: one may lack its year, then the other
    lacks its hour."""
    if one == other:
        return True
    try:
        without_year, later = (datetime.fromtimestamp(at, UTC) for at in (one, other))
    except (ValueError, OverflowError, OSError):
        return False
    return without_year.year == NO_YEAR and later == datetime(
        later.year, without_year.month, without_year.day, tzinfo=UTC
    )


def unheard(folder: str) -> None:
    """Nobody wants to know of a folder that may not be read."""


class Tree(Protocol):
    """A file tree that parties drop into and read from: a local disk, SFTP, FTP.

    Paths are relative, `/`-separated. Folder names in `put`, `make_folder` and `claim` targets are
    matched to an existing folder that differs only in Unicode form (NFC/NFD); where none exists the
    NFC spelling is made. Every method raises TryLater where a later attempt may work and NeverWorks
    where it cannot. No method follows a symbolic link.
    """

    id: str

    def walk(
        self,
        folder: str,
        skip: Iterable[str] = (),
        closed: Callable[[str], None] = unheard,
        *,
        deep: bool = True,
    ) -> Iterator[Sighting]:
        """Yield every regular file below `folder`, depth first, in name order; those directly in it
        where it is not to go `deep`.

        `skip` holds folders (relative to the root, compared in NFC) that are not entered. Symbolic
        links and special files are passed over. A folder that does not exist yields nothing; one
        that vanishes during the walk is no error. Raises ClosedFolder where `folder` itself may
        not be read; one below it, one that lies deeper than anybody's filing, or a file that the
        folder shows and nobody may look at, is passed over, and `closed` is told of it. A root that
        is not there is TryLater: a share that is not mounted must not look like an empty one.
        """
        ...

    def walk_all(
        self,
        folders: Sequence[str],
        skip: Iterable[str] = (),
        closed: Callable[[str], None] = unheard,
    ) -> Iterator[Sighting]:
        """Walk several folders, one after the other, asking a far server for all of them together.

        One of them that may not be read is passed over and told to `closed` as well; ClosedFolder
        is raised where none may be.
        """
        ...

    def stat(self, path: str) -> Sighting | None:
        """Return the file as it is now, or None where there is no regular file."""
        ...

    def is_still_open(self, path: str) -> bool | None:
        """Tell whether somebody writes the file now; None where the tree cannot know."""
        ...

    def read_range(self, path: str, offset: int, length: int) -> bytes:
        """Return up to `length` bytes at `offset` (negative: from the end).

        Raises ClosedFile where the file is there and nobody lets us read it.
        """
        ...

    def claim(self, path: str, target: str) -> bool:
        """Move a file to `target` in one atomic step; False where `path` is not there any more.

        Never replaces an existing `target`. Folders of `target` are made where missing. Raises
        CannotMove where the file stays because nobody lets us rename it.
        """
        ...

    def fetch(self, path: str, to: Path) -> None:
        """Copy the bytes to a local file, whole or not at all; who keeps it syncs it.

        Raises FileNotFoundError if gone.
        """
        ...

    def put(self, source: Path, path: str, access: FileAccess = AS_IT_COMES) -> None:
        """Make `source` appear whole as `path`, or not at all; repeating is harmless.

        `path` carries the drop's identity, so a second put after a crash writes the same bytes
        again. Missing folders are made.
        """
        ...

    def remove(self, path: str) -> None:
        """Remove a file; one that is not there is no error."""
        ...

    def make_folder(self, path: str, access: FileAccess = AS_IT_COMES) -> None:
        """Make a folder and those above it; one that exists is no error."""
        ...

    def check(self) -> str | None:
        """Return None if the tree answers and can be written to, else one line on what is wrong."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...
