"""`process.toml`: reads the declared process and turns it into the core's own values."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from bhyt_filedrop.domain.findings import Severity
from bhyt_filedrop.domain.forms.spec import FormSpec
from bhyt_filedrop.domain.process.authority import Authority
from bhyt_filedrop.domain.process.handoffs import (
    Due,
    FileAccess,
    FolderRule,
    HandOff,
    Process,
    Reminders,
)
from bhyt_filedrop.domain.process.made import MADE
from bhyt_filedrop.settings.problems import Problem
from bhyt_filedrop.settings.reading import Gathered, field_names, read_toml, rest_of, validated

FILE = "process.toml"

_Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
_Text = Annotated[str, Field(min_length=1)]
_Days = Annotated[int, Field(ge=0, le=365)]
if TYPE_CHECKING:
    _Maker = str
else:
    _Maker = Literal["", *MADE]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Due(_Strict):
    month: Annotated[int, Field(ge=1, le=3)] | None = None
    day: Annotated[int, Field(ge=1, le=31)] | None = None
    before: bool = False
    roll: Literal["none", "next"] = "none"
    on: date | None = None


class _Reminders(_Strict):
    before: list[_Days] | None = None
    on_day: bool | None = None
    after_daily: bool | None = None
    escalate: dict[str, _Days] | None = None


class _HandOff(_Strict):
    id: _Id
    number: str = ""
    name: _Text
    source: str = ""
    sender: _Text
    receiver: _Text
    parts: list[list[_Text]] = []
    due: _Due | None = None
    subfolder: str = ""
    drop_in: Annotated[list[Literal["sender", "receiver"]], Field(min_length=1)] = ["sender"]
    release: Literal["auto", "approve"] = "auto"
    needs: str = ""
    answers: str = ""
    made_by: _Maker = ""
    made_from: list[_Text] = []
    severities: dict[str, Literal["blocks", "warns", "notes"]] = {}
    reminders: _Reminders = _Reminders()
    heading_unit: Literal["sender", "receiver", "any"] = "sender"
    place_of: Literal["", "sender", "receiver"] = ""


class _Access(_Strict):
    owner: str = ""
    group: str = ""
    mode: Annotated[str, Field(pattern=r"^0?[0-7]{3}$")] | None = None


class _Folders(_Strict):
    tree: _Text = "main"
    drop: _Text
    inbox: _Text
    received: _Text
    returned: _Text
    inbox_from: dict[str, _Text] = {}
    scans: str = ""
    access: _Access = _Access()


class _Process(_Strict):
    name: _Text
    authority: Authority = Authority()
    remind_at: time = time(8, 0)
    digest_to: str = ""
    admin: str = ""
    open_from_month: Annotated[int, Field(ge=1, le=3)] = 1
    open_days_after_last_due: Annotated[int, Field(ge=0, le=3650)] = 90
    paths: dict[str, _Text] = {}
    reminders: _Reminders = _Reminders()
    handoff: Annotated[list[_HandOff], Field(min_length=1)]
    folders: dict[str, _Folders]


KEYS = field_names(_Process)
"""Every key of this file."""


@dataclass(frozen=True, slots=True)
class ProcessFile:
    """The process, and which escalations a hand-off names by itself (not inherited)."""

    process: Process
    own_escalations: Mapping[str, tuple[str, ...]]
    amiss: frozenset[str] = frozenset()
    """The tables of the file of which something is told already, as `handoff[ward-list]`."""


def read(config_dir: Path, forms: Sequence[FormSpec], found: Gathered) -> ProcessFile | None:
    """Read the file; `forms` says which forms a family's name stands for."""
    data = read_toml(config_dir / FILE, found, required=True)
    if data is None:
        return None
    own = Gathered()
    given = validated(_Process.model_validate, data, FILE, own, KEYS)
    found.extend(own.problems)
    amiss = frozenset(_table(problem.key) for problem in own.problems)
    if given is None:
        given = rest_of(_Process.model_validate, data)
    if given is None:
        return None
    found.extend(unsaid(_wrong(given), amiss))
    return replace(_convert(given, forms), amiss=amiss)


def unsaid(problems: Iterable[Problem], amiss: Container[str]) -> Iterator[Problem]:
    """Leave out what may only follow from a problem told before in the same table."""
    return (one for one in problems if one.file != FILE or _table(one.key) not in amiss)


def _table(key: str) -> str:
    """The table that a key stands in: `handoff[ward-list]`, `folders.ward`, `paths`."""
    parts = key.split(".")
    return ".".join(parts[:2]) if parts[0] == "folders" else parts[0]


def _convert(given: _Process, forms: Sequence[FormSpec]) -> ProcessFile:
    families = _families(forms)
    return ProcessFile(
        Process(
            name=given.name,
            handoffs={h.id: _handoff(h, given.reminders, families) for h in given.handoff},
            folders={kind: _folders(kind, f, given.paths) for kind, f in given.folders.items()},
            remind_at=given.remind_at,
            digest_to=given.digest_to,
            admin=given.admin,
            authority=given.authority,
            open_from_month=given.open_from_month,
            open_days_after_last_due=given.open_days_after_last_due,
        ),
        {h.id: tuple(h.reminders.escalate or ()) for h in given.handoff},
    )


def _families(forms: Sequence[FormSpec]) -> dict[str, tuple[str, ...]]:
    """A family's name stands for every edition, so that a new one needs no change here."""
    families: dict[str, list[str]] = {}
    for form in forms:
        families.setdefault(form.family, []).append(form.id)
    known = {form.id for form in forms}
    return {name: tuple(ids) for name, ids in families.items() if name not in known}


def _handoff(
    given: _HandOff, common: _Reminders, families: Mapping[str, tuple[str, ...]]
) -> HandOff:
    return HandOff(
        id=given.id,
        number=given.number,
        name=given.name,
        source=given.source,
        sender=given.sender,
        receiver=given.receiver,
        parts=tuple(
            tuple(form for name in part for form in families.get(name, (name,)))
            for part in given.parts
        ),
        due=_due(given.due),
        subfolder=given.subfolder,
        drop_in=tuple(given.drop_in),
        release=given.release,
        needs=given.needs,
        answers=given.answers,
        made_by=given.made_by,
        made_from=tuple(given.made_from),
        severities={code: Severity(word) for code, word in given.severities.items()},
        reminders=_reminders(given, common),
        heading_unit=given.heading_unit,
        place_of=given.place_of,
    )


def _due(given: _Due | None) -> Due | None:
    if given is None:
        return None
    return Due(given.month or 0, given.day or 0, given.before, given.roll, given.on)


def _reminders(handoff: _HandOff, common: _Reminders) -> Reminders:
    """Take each key from the hand-off, else from [reminders], else the product's own default.

    Nobody hears of its own delay twice: an inherited escalation to the sender is left out.
    """
    own, default = handoff.reminders, Reminders()
    before = own.before if own.before is not None else common.before
    escalate = own.escalate if own.escalate is not None else common.escalate or {}
    return Reminders(
        before=tuple(sorted(set(before), reverse=True)) if before is not None else default.before,
        on_day=_first(own.on_day, common.on_day, default.on_day),
        after_daily=_first(own.after_daily, common.after_daily, default.after_daily),
        escalate={unit: days for unit, days in escalate.items() if unit != handoff.sender},
    )


def _first(own: bool | None, common: bool | None, default: bool) -> bool:
    if own is not None:
        return own
    return common if common is not None else default


def _folders(kind: str, given: _Folders, paths: Mapping[str, str]) -> FolderRule:
    return FolderRule(
        kind=kind,
        tree=given.tree,
        drop=_expanded(given.drop, paths),
        inbox=_expanded(given.inbox, paths),
        received=_expanded(given.received, paths),
        returned=_expanded(given.returned, paths),
        inbox_from={kind: _expanded(p, paths) for kind, p in given.inbox_from.items()},
        scans=given.scans,
        access=FileAccess(given.access.owner, given.access.group, _mode(given.access.mode)),
    )


def _expanded(pattern: str, paths: Mapping[str, str]) -> str:
    for name, path in paths.items():
        pattern = pattern.replace(f"{{{name}}}", path)
    return pattern


def _mode(text: str | None) -> int | None:
    return int(text, 8) if text is not None else None


# --- what single keys cannot tell ----------------------------------------------------------------

_SHORTEST = {1: 30, 2: 28, 3: 30}
"""Month of a quarter → its fewest days in any quarter of any year."""


def _wrong(given: _Process) -> Iterator[Problem]:
    ids = [h.id for h in given.handoff]
    for name in sorted({i for i in ids if ids.count(i) > 1}):
        yield Problem(FILE, f"handoff[{name}].id", name, "hai bước chuyển trùng mã")
    for name, path in given.paths.items():
        if "{" in path or "}" in path:
            yield Problem(FILE, f"paths.{name}", path, "không được chứa dấu ngoặc nhọn")
    for handoff in given.handoff:
        yield from _wrong_handoff(handoff)


def _wrong_handoff(handoff: _HandOff) -> Iterator[Problem]:
    key = f"handoff[{handoff.id}]"
    if handoff.due is not None:
        yield from _wrong_due(handoff.due, f"{key}.due")
    dated = handoff.due is not None and handoff.due.on is not None
    if not handoff.parts and not dated and not handoff.made_by:
        yield Problem(FILE, f"{key}.parts", "", "phải ghi ít nhất một mẫu biểu")
    if any(not part for part in handoff.parts):
        yield Problem(FILE, f"{key}.parts", "", "có phần không ghi mẫu biểu nào")
    if "receiver" in handoff.drop_in and handoff.receiver != "child":
        yield Problem(FILE, f"{key}.drop_in", "receiver", "chỉ dùng được khi receiver là child")


def _wrong_due(due: _Due, key: str) -> Iterator[Problem]:
    if due.on is not None:
        if due.month is not None or due.day is not None:
            yield Problem(FILE, key, str(due.on), "đã ghi ngày on thì không ghi month, day nữa")
    elif due.month is None or due.day is None:
        yield Problem(FILE, key, "", "phải ghi cả month và day, hoặc một ngày on")
    elif due.day > _SHORTEST[due.month]:
        yield Problem(FILE, f"{key}.day", str(due.day), "có quý tháng này không có ngày đó")
    if due.before and due.roll == "next":
        yield Problem(
            FILE, f"{key}.roll", due.roll, "hạn “trước ngày” không được tự lùi sang ngày sau"
        )
