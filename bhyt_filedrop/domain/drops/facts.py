"""What is known of a drop when it is decided: its files, its lists, and what stood before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.findings import Finding
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListKey, ListRecord
from bhyt_filedrop.domain.lists.states import ListState
from bhyt_filedrop.domain.process.folders import Routes
from bhyt_filedrop.domain.process.handoffs import FileAccess, HandOff
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit


@dataclass(frozen=True, slots=True)
class FilePart:
    """One file of a drop: the file itself, or a member of the archive that was dropped."""

    name: str
    sha256: str
    format: str
    is_scan: bool = False
    readable: bool = True
    """True where its cells could be read, so that an annotated copy can hold them."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One recognised list, and the hand-off it turned out to be."""

    file: str
    sha256: str
    form: str
    label: str
    rows: int
    handoff: HandOff
    sender: Unit
    receiver: Unit
    round: Round
    part: int
    late: bool = False
    due_text: str = ""
    children: tuple[ListedChild, ...] = ()
    next_step: str = ""
    """What the receiver owes once it has this list, in one Vietnamese sentence ("" = nothing)."""
    visits: bool = False
    """True where its rows are visits."""

    @property
    def key(self) -> ListKey:
        """What the list stands for."""
        return ListKey(self.handoff.id, self.round, self.sender.id, self.receiver.id, self.part)


@dataclass(frozen=True, slots=True)
class ScanRoute:
    """Where scans that come with (or without) a list go."""

    handoff: HandOff
    sender: Unit
    receiver: Unit
    round: Round


ListId: TypeAlias = tuple[str, int]
"""A list in the ledger: its drop and seq."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """What becomes of the earlier lists of the returns that a drop belongs to.

    `kept` stand beside its own, `replaced` give way to it (or to another correction that goes on
    with it). `amended` are returns (keys of part 0) into which its correction does not fit until
    another part is corrected too.
    """

    kept: frozenset[ListId] = frozenset()
    replaced: frozenset[ListId] = frozenset()
    amended: frozenset[ListKey] = frozenset()

    def __or__(self, other: Pieces) -> Pieces:
        return Pieces(
            self.kept | other.kept,
            self.replaced | other.replaced,
            self.amended | other.amended,
        )


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that is known about one drop when it is decided.

    `standing` are the accepted and held lists of the same hand-offs, rounds and units. `repeated`
    is the id of an earlier accepted drop with the very same bytes that still stands.
    """

    drop: Drop
    owner: Unit
    parts: tuple[FilePart, ...]
    judged: tuple[Judged, ...]
    findings: tuple[Finding, ...]
    standing: tuple[ListRecord, ...] = ()
    scans: ScanRoute | None = None
    repeated: str = ""
    accounted: frozenset[ListKey] = frozenset()
    """Returns (keys of part 0) for which nothing more is waited for, whatever part has not come."""
    to_ask_for: Mapping[ListKey, int] = field(default_factory=dict)
    """Return (key of part 0) → for how many children D03-TS, which has not come, has to ask a
    card."""
    kits_to_come: Mapping[ListKey, tuple[str, ...]] = field(default_factory=dict)
    """Return (key of part 0) → the units that are gone whose kits its sender took over and of which
    nobody came yet."""
    pieces: Pieces = field(default_factory=Pieces)
    odd_sizes: Mapping[ListKey, str] = field(default_factory=dict)
    """Lists that wait for a person because of their size, with what it is held against."""
    active_before: frozenset[tuple[str, str]] = frozenset()
    """Drop and file of the standing lists that hold what may run or reach out."""
    access: FileAccess = field(default_factory=FileAccess)
    """Owner, group and mode of what is put back into the owner's folders."""


def same_return(one: ListKey, other: ListKey) -> bool:
    """True where two lists are parts of one return (or versions of one part)."""
    return (one.handoff, one.round, one.sender, one.receiver) == (
        other.handoff,
        other.round,
        other.sender,
        other.receiver,
    )


def replaces(facts: Facts, record: ListRecord) -> bool:
    """True where an earlier list gives way to this drop: a list of the same key, unless both are
    lists of a return that stand beside each other."""
    if (record.drop, record.seq) in facts.pieces.kept | facts.pieces.replaced:
        return (record.drop, record.seq) in facts.pieces.replaced
    return record.state != ListState.AMENDING and record.key in {
        judged.key for judged in facts.judged
    }


def amends(facts: Facts, key: ListKey) -> bool:
    """True where a list waits for the correction of another part of its return."""
    return replace(key, part=0) in facts.pieces.amended


def missing_parts(judged: Judged, facts: Facts) -> tuple[int, ...]:
    """Return the parts of a return still to come; none once every child is accounted for."""
    if replace(judged.key, part=0) in facts.accounted:
        return ()
    there = {other.part for other in facts.judged if same_return(other.key, judged.key)}
    there |= {r.key.part for r in facts.standing if same_return(r.key, judged.key)}
    return tuple(n for n in range(len(judged.handoff.parts)) if n not in there)


def draft_of_part(judged: Judged, part: int, facts: Facts, routes: Routes) -> str:
    """Say where a missing part lies filled in; "" where the product makes none of it."""
    count = facts.to_ask_for.get(replace(judged.key, part=0), 0)
    made = (h for h in routes.process.handoffs.values() if judged.handoff.takes_draft_of(h) == part)
    if not count or next(made, None) is None:
        return ""
    folder = routes.inbox(judged.sender, judged.round)
    return (
        f"{part_name(judged.handoff, part, routes)} điền sẵn cho {count} trẻ nằm trong thư mục "
        f"{folder}: kiểm tra, bổ sung chỗ còn trống, ký rồi nộp chính tệp ấy."
    )


def part_name(handoff: HandOff, part: int, routes: Routes) -> str:
    """Return how people call one part of a hand-off."""
    return routes.part_label(handoff.parts[part])


def round_of(facts: Facts) -> Round | None:
    """Return the round of a drop, None where it has neither list nor scan."""
    first = next((judged.round for judged in facts.judged), None)
    return first or (facts.scans.round if facts.scans else None)
