"""The process as values: which hand-offs exist, who owes what to whom, where things lie, when due.

Read from `config/process.toml`; everything else in the product reads these and says nothing twice.
These classes are at once what their tables of the file are checked against.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from bhyt_filedrop.domain.findings import Severity
from bhyt_filedrop.domain.process.authority import Authority
from bhyt_filedrop.domain.process.keys import TABLE, Days, Flag, Mode, Only, Text
from bhyt_filedrop.domain.process.made import MADE

if TYPE_CHECKING:
    _Maker = str
else:
    _Maker = Literal["", *MADE]


@dataclass(frozen=True, slots=True)
class Due:
    """A day in the quarter after the round's own.

    `month` 1–3 counts the months of that quarter. `before` = True is "trước ngày …" (the day itself
    is late), False is "chậm nhất ngày …" (the day is included until 24:00). A hand-off outside the
    quarters has a fixed `on` instead.
    """

    __pydantic_config__: ClassVar[Any] = TABLE

    month: Annotated[int, Only(ge=1, le=3)] = 0
    day: Annotated[int, Only(ge=1, le=31)] = 0
    before: Flag = False
    roll: Literal["none", "next"] = "none"
    """`next` moves an inclusive due date that falls on a day off to the next working day."""
    on: Annotated[date, Only()] | None = None


PARENT = "parent"
"""The unit above, in the place of a unit's id."""

RECEIVER = "receiver"
"""Whoever gets a hand-off, in the place of a unit's id."""


@dataclass(frozen=True, slots=True)
class Reminders:
    """When a unit hears of what it owes; days are calendar days, `escalate` counts working days."""

    __pydantic_config__: ClassVar[Any] = TABLE

    before: tuple[Days, ...] = (7, 3, 1)
    on_day: Flag = True
    after_daily: Flag = True
    escalate: Mapping[str, Days] = field(default_factory=dict)
    """Unit id, or `parent` for the unit above the one that owes → working days after the due date
    at which it is told too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOff:
    """One hand-off (bước chuyển): who gives which form to whom, by when, and what happens then.

    `sender` is a unit id or a kind of units. `receiver` is a unit id, `parent` (the unit above the
    sender) or `child` (one of the units below the sender, read from the folder or from the rows;
    for a city department the districts count as below). `needs` names a hand-off that must have
    reached the sender before it owes this one. `parts` lists groups of forms that together make the
    hand-off: one list of forms per part; most hand-offs have one part.
    """

    __pydantic_config__: ClassVar[Any] = TABLE

    id: Annotated[str, Only(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    number: str = ""
    name: Text
    source: str = ""
    sender: Text
    receiver: Text
    parts: tuple[tuple[Text, ...], ...] = ()
    due: Due | None = None
    optional: Flag = False
    """Given when there is occasion: nobody owes it."""
    copies: tuple[Text, ...] = ()
    """Units that get the same beside the receiver, and owe nothing by it."""
    papers: str = ""
    """Who gets the paper copies of certificates that go with it: `receiver`, or a unit's id; "" =
    none go."""
    subfolder: str = ""
    drop_in: Annotated[tuple[Literal["sender", "receiver"], ...], Only(min_length=1)] = ("sender",)
    release: Literal["auto", "approve"] = "auto"
    needs: str = ""
    answers: str = ""
    """The hand-off whose children must all come back in this one (H5 answers H4)."""
    made_by: _Maker = ""
    """How the product makes this hand-off itself: a word of `made.MADE`; "" = it does not."""
    made_from: tuple[Text, ...] = ()
    """The hand-offs that it is made from."""
    form: str = ""
    """The form that a draft is made in, where an office may use one of several editions."""
    severities: Mapping[str, Severity] = field(default_factory=dict)
    reminders: Reminders = field(default_factory=Reminders)
    heading_unit: Literal["sender", "receiver", "any"] = "sender"
    """Whose name the form's heading carries: `sender`, `receiver`, or `any` (not checked)."""
    active_content: Literal["defuse", "keep"] = "defuse"
    """What becomes of macros and links in a workbook that goes on: `defuse` = a copy with its cells
    alone goes on, `keep` = the workbook goes on as it came."""
    place_of: Literal["", "sender", "receiver"] = ""
    """`sender` or `receiver`: the unit in whose area every address must lie; "" = not checked."""

    @property
    def forms(self) -> tuple[str, ...]:
        """Every form that this hand-off takes."""
        return tuple(form for part in self.parts for form in part)

    @property
    def is_made_and_sent(self) -> bool:
        """True for one that the product makes and sends by itself, with nobody's approval."""
        return bool(self.made_by) and self.release == "auto"

    def takes_draft_of(self, other: HandOff) -> int | None:
        """Return the part of this return that another hand-off offers filled in; None = none."""
        made = MADE.get(other.made_by)
        if made is None or not made.drafts_a_part or other.made_from[:1] != (self.id,):
            return None
        return next((n for n, forms in enumerate(self.parts) if other.form in forms), None)

    @property
    def holds_unplaced(self) -> bool:
        """True for the list of those whom a split passes on to no unit below."""
        passes_down = bool(self.made_by) and MADE[self.made_by].passes_down
        return passes_down and self.receiver != "child"

    @property
    def is_report(self) -> bool:
        """True for one that is given by a document (PDF, Word) in its sub-folder, not by a list."""
        return bool(self.due and self.subfolder and not self.parts)


@dataclass(frozen=True, slots=True)
class FileAccess:
    """Owner, group (names or numbers, "" = leave) and mode of files put into a folder.

    `{id}` in a name stands for the id of the unit whose folder it is: each has an account of its
    own. With `acl` nothing is given away: what is put stays the service's, and an access list lets
    the owner in.
    """

    __pydantic_config__: ClassVar[Mapping[str, Any]] = TABLE

    owner: Annotated[str, Only()] = ""
    group: Annotated[str, Only()] = ""
    mode: Mode | None = None
    acl: Annotated[bool, Only()] = False

    @property
    def gives_away(self) -> bool:
        """True where files get another owner or group than the service's own."""
        return bool(self.group or (self.owner and not self.acl))

    def of_unit(self, unit_id: str) -> FileAccess:
        """Return it with the unit's id filled in."""
        if "{" not in f"{self.owner}{self.group}":
            return self
        owner, group = (name.replace("{id}", unit_id) for name in (self.owner, self.group))
        return replace(self, owner=owner, group=group)


AS_IT_COMES = FileAccess()
"""Owner, group and mode as the server gives them to a new file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalFolders:
    """Where a unit approves lists that go in its name: one that waits lies in `waiting`; moved to
    `agreed` it is sent, moved to `refused` it is held back. Patterns as in `FolderTable`."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = TABLE

    waiting: Text
    agreed: Text
    refused: Text

    def patterns(self) -> tuple[str, str, str]:
        """All three."""
        return self.waiting, self.agreed, self.refused


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderTable:
    """Where one kind of unit has its folders, as paths in one tree, relative to the tree's root.

    The patterns know `{unit}` (the unit's folder name), `{parent}` (its parent's), and `{round}`
    (`Quý 1-2015`). `drop` is watched; the others are the product's own.
    """

    __pydantic_config__: ClassVar[Mapping[str, Any]] = TABLE

    tree: Text = "main"
    drop: Text
    inbox: Text
    received: Text
    returned: Text
    inbox_from: Mapping[Annotated[str, Only()], Text] = field(default_factory=dict)
    """Kind of sender → the folder for what comes from such units, where that is not `inbox`."""
    scans: Annotated[str, Only()] = ""
    """The hand-off that scans (PDF, pictures, Word) dropped here go along with; "" = none."""
    approval: ApprovalFolders | None = None
    access: FileAccess = field(default_factory=FileAccess)


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderRule(FolderTable):
    """The folders of one kind of unit, or of one unit."""

    kind: str
    """The kind, or the unit's id."""

    def own(self) -> Iterator[tuple[str, str]]:
        """Yield `(inbox | received | returned | approval, pattern)` of every folder of the
        product's own."""
        yield "inbox", self.inbox
        yield from (("inbox", pattern) for pattern in self.inbox_from.values())
        yield "received", self.received
        yield "returned", self.returned
        if self.approval:
            yield from (("approval", pattern) for pattern in self.approval.patterns())


@dataclass(frozen=True, slots=True)
class EarlierFolders:
    """Where folders were before a reorganisation: of units whose last day is `until` or before."""

    until: date
    folders: Mapping[str, FolderRule]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessHead:
    """What holds for the whole process."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = TABLE

    name: Text
    authority: Authority = field(default_factory=Authority)
    remind_at: Annotated[time, Only()] = time(8, 0)
    digest_to: Annotated[str, Only()] = ""
    admin: Annotated[str, Only()] = ""
    """The unit that hears of what was set aside."""
    open_from_month: Annotated[int, Only(ge=1, le=3)] = 1
    """The month of the following quarter in which the round opens (1 = its first day)."""
    open_days_after_last_due: Annotated[int, Only(ge=0, le=3650)] = 90
    """A round takes late lists for so many days after its last due date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process(ProcessHead):
    """The whole declared process."""

    handoffs: Mapping[str, HandOff]
    folders: Mapping[str, FolderRule]
    """Kind of unit, or one unit's id → its folders; what names a unit goes before its kind's."""
    earlier: tuple[EarlierFolders, ...] = ()
    """Where they were before reorganisations, the oldest first."""

    def folders_of(self, unit_id: str, kind: str, last: date | None = None) -> FolderRule | None:
        """Return the folders of a unit, whose `last` day may be known; None where neither it nor
        its kind has any."""
        then = next((e.folders for e in self.earlier if last and last <= e.until), {})
        return self.folders.get(unit_id) or then.get(kind) or self.folders.get(kind)
