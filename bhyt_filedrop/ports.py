"""What the core asks of the outside world, each as a small port with one contract.

Three outcomes everywhere: it is done (returns), it may work later (`TryLater`), it never will
(`NeverWorks`). An answer that nobody understands means later.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

from bhyt_filedrop.domain.cells.grid import Workbook
from bhyt_filedrop.domain.drops.drop import Delivery, Drop, Plan
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.findings import Finding
from bhyt_filedrop.domain.letters.letter import Attachment, Letter
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListKey, ListRecord
from bhyt_filedrop.domain.lists.states import COUNTED, ListState
from bhyt_filedrop.domain.process.handoffs import AS_IT_COMES, FileAccess


class TryLater(Exception):
    """The attempt failed, another may succeed: a full disk, a busy server, a cut line."""


class ClosedFolder(TryLater):
    """One folder may not be looked into; nothing is said of the others."""


class CannotMove(TryLater):
    """A file may not be renamed where it lies, by right or by nature; it may still be read."""


class NeverWorks(Exception):
    """The attempt failed and repeating it is useless: a refused address, a name too long."""


class LostRace(Exception):
    """A state change found that somebody else had moved the drop on first."""


# --- trees -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sighting:
    """One regular file seen in a tree.

    `path` is relative to the tree's root with `/` between its parts, exactly as the server spells
    it (NFC or NFD). `size` in bytes; `mtime` in seconds of the server's clock, only ever compared
    with itself.
    """

    path: str
    size: int
    mtime: float


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
        self, folder: str, skip: Iterable[str] = (), closed: Callable[[str], None] = unheard
    ) -> Iterator[Sighting]:
        """Yield every regular file below `folder`, depth first, in name order.

        `skip` holds folders (relative to the root, compared in NFC) that are not entered. Symbolic
        links and special files are passed over. A folder that does not exist yields nothing; one
        that vanishes during the walk is no error. Raises ClosedFolder where `folder` itself may
        not be read; one below it is passed over, and `closed` is told of it. A root that is not
        there is TryLater: a share that is not mounted must not look like an empty one.
        """
        ...

    def stat(self, path: str) -> Sighting | None:
        """Return the file as it is now, or None where there is no regular file."""
        ...

    def is_still_open(self, path: str) -> bool | None:
        """Tell whether somebody writes the file now; None where the tree cannot know."""
        ...

    def read_range(self, path: str, offset: int, length: int) -> bytes:
        """Return up to `length` bytes at `offset` (negative: from the end)."""
        ...

    def claim(self, path: str, target: str) -> bool:
        """Move a file to `target` in one atomic step; False where `path` is not there any more.

        Never replaces an existing `target`. Folders of `target` are made where missing. Raises
        CannotMove where the file stays because nobody lets us rename it.
        """
        ...

    def fetch(self, path: str, to: Path) -> None:
        """Copy the bytes to a local file, synced to disk. Raises FileNotFoundError if gone."""
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


# --- workbooks -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost. Bytes, cells, seconds of wall clock, bytes of memory."""

    max_bytes: int = 64 * 2**20
    max_cells: int = 5_000_000
    max_unpacked: int = 512 * 2**20
    seconds: float = 60.0
    memory: int = 2 * 2**30


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading one file gave: a workbook, or the findings that say why there is none.

    `format` is the format by content ("" when unknown): of a workbook as in `Workbook.format`, or
    `pdf`, `jpeg`, `png`, `tiff`, `bmp`, `gif`, `webp`, `heic`, `doc`, `docx`, `rtf`, `odt`,
    `zip`, `rar`, `7z`. Findings may come with a workbook too (disguised, active content).
    """

    format: str
    workbook: Workbook | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Member:
    """One file inside an archive: its name as stored (NFC) and where it was unpacked to."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Unpacked:
    """The members of an archive, or the findings that say why it cannot be opened."""

    members: tuple[Member, ...] = ()
    findings: tuple[Finding, ...] = ()


class Reader(Protocol):
    """Turns bytes into workbooks, in a child process that can be killed."""

    def read(self, path: Path, name: str) -> Reading:
        """Read one file. `name` serves only to tell a disguise; content decides.

        Never raises for what a file holds: a hang, an abort or a greed for memory is a finding.
        Raises TryLater where the machine itself fails (disk, no process).
        """
        ...

    def unpack(self, path: Path, into: Path) -> Unpacked:
        """Unpack a zip, rar or 7z below `into`: no path escapes, no links, no nested archives."""
        ...

    def close(self) -> None:
        """End the child processes."""
        ...


class Annotator(Protocol):
    """Makes the copy that goes back to the sender with its errors marked in it."""

    def annotate(self, source: Path, name: str, findings: Sequence[Finding], to: Path) -> str:
        """Write an annotated xlsx to `to`; return `in-place`, `rebuilt` or `list-only`."""
        ...


# --- mail ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one message: addresses it went to, those refused for good (→ reason), and
    those that may be served later (→ reason)."""

    accepted: tuple[str, ...] = ()
    refused: dict[str, str] = field(default_factory=dict)
    deferred: dict[str, str] = field(default_factory=dict)


class Mailer(Protocol):
    """Hands a message over. Raises TryLater when the server cannot be served at all now."""

    def send(self, message: EmailMessage) -> Sent:
        """Send to every address in To and Cc; per-address outcomes, one refusal stops no other."""
        ...

    def check(self) -> str | None:
        """Return None if mail can be handed over, else one line on what is wrong."""
        ...


@dataclass(frozen=True, slots=True)
class Received:
    """One unread mail: its name in the mailbox, when it came in (aware), how it begins."""

    id: str
    at: datetime
    data: bytes


class Mailbox(Protocol):
    """Where bounces come back to. Every method raises TryLater where it does not answer now.

    Looking changes nothing there; nothing is ever deleted.
    """

    def unread(self, passed_over: Container[str], limit: int) -> Iterator[Received]:
        """Yield up to `limit` unread mails but those whose names are `passed_over`."""
        ...

    def done(self, mail: str) -> None:
        """Mark a mail as read; one that is gone is no error."""
        ...

    def check(self) -> str | None:
        """Return None if the mailbox can be read and marked, else one line on what is wrong."""
        ...

    def close(self) -> None:
        """Let go of the connection; the next call makes a new one."""
        ...


# --- time, archive, ledger -------------------------------------------------------------------


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

    def holds(self, file: Path) -> bool:
        """True where the very bytes of a file are kept already."""
        ...

    def path(self, sha256: str) -> Path:
        """Return where the bytes lie."""
        ...

    def size(self, sha256: str) -> int:
        """Return the size in bytes."""
        ...


class ListBook(Protocol):
    """What the ledger knows about earlier lists."""

    def standing(self, keys: Iterable[ListKey], without: str) -> tuple[ListRecord, ...]:
        """Return the accepted and held lists of the same returns but those of one drop."""
        ...

    def of_round(
        self,
        round_: str,
        handoffs: Iterable[str],
        states: Collection[ListState] = COUNTED,
        receiver: str | None = None,
    ) -> tuple[ListRecord, ...]:
        """Return the lists of some hand-offs of a round (to one unit) in some states."""
        ...

    def children(self, drop: str, seq: int) -> tuple[ListedChild, ...]:
        """Return the children of one list."""
        ...

    def known_cards(
        self, children: Sequence[ListedChild], without: str
    ) -> tuple[tuple[ListRecord, ListedChild], ...]:
        """Return carded children of other lists who share a card or a person with some."""
        ...

    def repeated(self, sha256: str, unit: str, keys: Iterable[ListKey], without: str) -> str:
        """Return the drop of the same unit and bytes that still stands for the same, or ""."""
        ...


class DropBook(Protocol):
    """The ledger's side of the journey; each writing call is one transaction."""

    def claim(self, drops: Sequence[Drop]) -> None:
        """Write down what is about to be taken."""
        ...

    def left_where_it_lies(self, drop: str, at: datetime) -> None:
        """Note that a drop's file cannot be moved: it is read where its sender put it."""
        ...

    def void(self, drop: str, at: datetime) -> None:
        """Close a claim that found nothing to take."""
        ...

    def archived(self, drop: str, sha256: str, size: int, at: datetime) -> None:
        """Note that the bytes lie in the archive."""
        ...

    def begin(self, drop: str) -> int:
        """Note that an archived drop is judged once more; return how often it was begun."""
        ...

    def plan(self, drop: Drop, plan: Plan, at: datetime) -> None:
        """Record what a drop earns before any of it is done."""
        ...

    def pending(self, drop: str) -> list[tuple[int, Delivery]]:
        """Return the deliveries that are not made yet, in order."""
        ...

    def made(self, drop: str, seq: int, sha256: str) -> None:
        """Note the bytes of a copy that was made for a delivery."""
        ...

    def delivered(self, drop: str, seq: int, at: datetime) -> None:
        """Tick one delivery."""
        ...

    def deliveries(self, drop: str) -> list[tuple[Delivery, datetime | None]]:
        """Return a drop's deliveries, each with the time it was made."""
        ...

    def findings(self, drop: str) -> list[Finding]:
        """Return what was found in a drop."""
        ...

    def close(
        self,
        drop: str,
        at: datetime,
        last: int | None = None,
        attachments: tuple[Attachment, ...] = (),
    ) -> State:
        """Tick the last delivery, change the state, queue the letters: one transaction."""
        ...

    def postpone(self, drop: str, at: datetime, until: datetime, reason: str) -> int:
        """Put a drop off; return how many attempts failed so far."""
        ...

    def set_aside(self, drop: str, at: datetime, reason: str, letters: Iterable[Letter]) -> None:
        """Leave a drop to a person, and say so."""
        ...

    def get(self, drop: str) -> Drop | None:
        """Return one drop."""
        ...
