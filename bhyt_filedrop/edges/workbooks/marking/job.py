"""What the annotating child process is asked to do, and what it may answer.

The job goes to the child pickled: it comes from our own process. The answer is one plain word,
because the child has parsed a stranger's bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bhyt_filedrop.domain.cells.grid import Workbook
from bhyt_filedrop.domain.findings import Finding

MAX_ROWS = 20_000
"""Above so many filled rows a marked copy costs more than it helps: the list alone goes back."""


class Way(StrEnum):
    """How a copy is made; also the word that `Annotator.annotate` returns."""

    IN_PLACE = "in-place"
    """The sender's own file, loaded, marked and saved."""
    REBUILT = "rebuilt"
    """A new xlsx with the same cells, for formats that cannot be edited."""
    LIST_ONLY = "list-only"
    """Only the list of findings."""
    CELLS = "cells"
    """The sender's own file with its values alone: nothing is marked, nothing runs."""
    CELLS_REBUILT = "cells-rebuilt"
    """A new xlsx with the same values."""


LEAVES = " leaves"
"""Follows the answer of a child that has worked long enough: another takes the next job."""


class MarkingAnswer(StrEnum):
    """What the child says of a job."""

    DONE = "done"
    TOO_BIG = "too-big"
    UNSUITED = "unsuited"


@dataclass(frozen=True, slots=True)
class Job:
    """One copy to make. `name` is the file's name as its sender knows it; `to` must not exist yet.

    `memory` in bytes, `seconds` of wall clock. `workbook` is the grid to rebuild from.
    """

    way: Way
    source: str
    name: str
    findings: tuple[Finding, ...]
    to: str
    workbook: Workbook | None = None
    max_rows: int = MAX_ROWS
    max_unpacked: int = 512 * 2**20
    seconds: float = 60.0
    memory: int = 2 * 2**30
