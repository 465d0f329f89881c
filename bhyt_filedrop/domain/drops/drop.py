"""A drop (tệp nộp) and what is decided about it: the values that the ledger keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.findings import Finding
from bhyt_filedrop.domain.letters.letter import Letter
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListRecord
from bhyt_filedrop.domain.process.file_names import legible
from bhyt_filedrop.domain.process.handoffs import FileAccess
from bhyt_filedrop.domain.process.rounds import Round

TOLD_BEFORE = "told-before"
"""The `action` of a drop that a ledger had lost and its people had heard of; also the state of the
letters that are written of it and do not go out a second time."""


@dataclass(frozen=True, slots=True)
class Drop:
    """One file that was taken from a drop folder, as the ledger knows it.

    `id` is short, readable and never used twice (`D150614-7K3FQ`). `size` in bytes, `mtime` in the
    tree's own clock. `sha256` is None until the bytes lie in the archive. `override` is what a
    person decided about it (`{"action": "release" | "reject" | "retry", "why": …}`), or the draft
    that it approves (`{"action": "approve", "why": …, "draft": "D150518-7K3FQ/0"}`); of one that is
    taken in again (`TOLD_BEFORE`) nobody decided anything.
    """

    id: str
    tree: str
    path: str
    unit: str
    size: int
    mtime: float
    work_path: str
    arrived_at: datetime
    state: State = State.CLAIMED
    sha256: str | None = None
    handoff: str = ""
    round: Round | None = None
    late: bool = False
    attempts: int = 0
    next_at: datetime | None = None
    reason: str = ""
    override: Mapping[str, str] | None = None
    closed_at: datetime | None = None
    incomplete: bool = False
    """Was taken although its format never ended: the patience ran out."""

    @property
    def name(self) -> str:
        """The file name that the sender used, as people can read it."""
        return legible(self.path.rsplit("/", 1)[-1])

    @property
    def shown_path(self) -> str:
        """The path as people can read it; `path` itself is what the tree knows."""
        return legible(self.path)

    @property
    def lies_there(self) -> bool:
        """True where the file stays in its drop folder: its server lets nobody rename it."""
        return self.work_path == self.path

    @property
    def is_own(self) -> bool:
        """True where nobody dropped it: lists that the product derived (`@split/2015Q1`)."""
        return self.path.startswith("@")

    @property
    def is_under_way(self) -> bool:
        """True where something is to be done about it, now or when it is due again."""
        tries_on = self.state is State.SET_ASIDE and self.next_at is not None
        return self.state in (State.CLAIMED, State.PLANNED) or tries_on


class Role(StrEnum):
    """What a delivery (lần chuyển) is for."""

    FORWARD = "forward"
    """The sender's own workbook to the next party: byte for byte, or its cells alone where it holds
    what may run or reach out (`sha256` is then known once the copy is made)."""
    SCAN = "scan"
    """A scan that goes along."""
    ORIGINAL = "original"
    """What was dropped, back into the sender's received or returned folder."""
    ANNOTATED = "annotated"
    """The copy with the errors marked in it."""
    DERIVED = "derived"
    """A list that the product itself made from others."""
    RETIRED = "retired"
    """A draft of the product's own that is taken away, once the list itself has gone out."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One file put into one folder, once; or a draft taken away from where it was put.

    `source` is the SHA-256 of the bytes it is (or, for an annotated copy, is made from). `sha256`
    is what is put: known from the start except for copies that are yet to be made. `file` is the
    archive member it stems from ("" for the whole drop).
    """

    role: Role
    unit: str
    tree: str
    path: str
    source: str
    sha256: str | None = None
    file: str = ""
    access: FileAccess = field(default_factory=FileAccess)
    recipe: Mapping[str, Any] | None = None
    """How a derived list is made from what the ledger holds: plain JSON."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that one drop earns; recorded before it is applied.

    `promotes` are `(drop, seq)` of lists held until now that this drop completes; `supersedes` of
    lists that it replaces. Letters are queued when the last delivery is made. `rolls` are the
    children of each list, by its `seq`.
    """

    state: State
    findings: tuple[Finding, ...] = ()
    lists: tuple[ListRecord, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    letters: tuple[Letter, ...] = ()
    promotes: tuple[tuple[str, int], ...] = ()
    supersedes: tuple[tuple[str, int], ...] = ()
    reason: str = ""
    rolls: Mapping[int, tuple[ListedChild, ...]] = field(default_factory=dict)
