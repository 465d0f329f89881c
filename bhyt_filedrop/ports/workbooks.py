"""Workbooks: read, unpacked and annotated in processes that may be killed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Protocol

from bhyt_filedrop.domain.cells.grid import Workbook
from bhyt_filedrop.domain.findings import Finding


class Bound:
    """What a number of the configuration must be at least (`ge`) or above (`gt`).

    Says so in pydantic's words without needing pydantic: values stay free of it, and the bounds
    stand with the keys.
    """

    def __init__(self, **least: float) -> None:
        self.least = least

    def __get_pydantic_core_schema__(self, source: Any, handler: Callable[[Any], Any]) -> Any:
        """Add the bound to pydantic's own check of the type."""
        return {**handler(source), "strict": True, **self.least}


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost. Bytes, cells, seconds of wall clock, bytes of memory."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    max_bytes: Annotated[int, Bound(ge=1)] = 64 * 2**20
    max_cells: Annotated[int, Bound(ge=1)] = 5_000_000
    max_unpacked: Annotated[int, Bound(ge=1)] = 512 * 2**20
    seconds: Annotated[float, Bound(gt=0)] = 60.0
    drop_seconds: Annotated[float, Bound(gt=0)] = 300.0
    """For all files of one drop together: an archive may hold hundreds."""
    memory: Annotated[int, Bound(ge=128 * 2**20)] = 2 * 2**30


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

    def defuse(self, source: Path, name: str, to: Path) -> str:
        """Write an xlsx with a workbook's cells and nothing that runs or reaches out to `to`.

        Returns `cells` or `rebuilt`. Raises NeverWorks where no such copy can be made that holds
        the same cells, TryLater where the machine fails.
        """
        ...
