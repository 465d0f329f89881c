"""`process.toml`: reads the declared process and turns it into the core's own values."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import time
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

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
from bhyt_filedrop.settings.problems import Problem
from bhyt_filedrop.settings.reading import Gathered, field_names, read_toml, rest_of, validated

FILE = "process.toml"

_Text = Annotated[str, Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _AccessTable(_Strict):
    owner: str = ""
    group: str = ""
    mode: Annotated[str, Field(pattern=r"^0?[0-7]{3}$")] | None = None


class _FoldersTable(_Strict):
    tree: _Text = "main"
    drop: _Text
    inbox: _Text
    received: _Text
    returned: _Text
    inbox_from: dict[str, _Text] = {}
    scans: str = ""
    access: _AccessTable = _AccessTable()


class _ProcessTable(_Strict):
    name: _Text
    authority: Authority = Authority()
    remind_at: time = time(8, 0)
    digest_to: str = ""
    admin: str = ""
    open_from_month: Annotated[int, Field(ge=1, le=3)] = 1
    open_days_after_last_due: Annotated[int, Field(ge=0, le=3650)] = 90
    paths: dict[str, _Text] = {}
    reminders: Reminders = Reminders()
    handoff: Annotated[list[HandOff], Field(min_length=1)]
    folders: dict[str, _FoldersTable]


KEYS = field_names(_ProcessTable)
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
    given = validated(_ProcessTable.model_validate, data, FILE, own, KEYS)
    found.extend(own.problems)
    amiss = frozenset(_table(problem.key) for problem in own.problems)
    if given is None:
        given = rest_of(_ProcessTable.model_validate, data)
    if given is None:
        return None
    found.extend(unsaid(_wrong(given), amiss))
    return replace(_convert(given, _own_reminders(data), forms), amiss=amiss)


def unsaid(problems: Iterable[Problem], amiss: Container[str]) -> Iterator[Problem]:
    """Leave out what may only follow from a problem told before in the same table."""
    return (one for one in problems if one.file != FILE or _table(one.key) not in amiss)


def _table(key: str) -> str:
    """The table that a key stands in: `handoff[ward-list]`, `folders.ward`, `paths`."""
    parts = key.split(".")
    return ".".join(parts[:2]) if parts[0] == "folders" else parts[0]


def _own_reminders(data: Mapping[str, Any]) -> Mapping[str, frozenset[str]]:
    """Which keys of reminders each hand-off writes itself; it inherits the others."""
    tables = [h for h in data["handoff"] if isinstance(h, Mapping)]
    written = {str(h.get("id")): h.get("reminders") for h in tables}
    return {
        name: frozenset(own if isinstance(own, Mapping) else ()) for name, own in written.items()
    }


def _convert(
    given: _ProcessTable, own: Mapping[str, frozenset[str]], forms: Sequence[FormSpec]
) -> ProcessFile:
    families = _families(forms)
    return ProcessFile(
        Process(
            name=given.name,
            handoffs={
                h.id: _handoff(h, own[h.id], given.reminders, families) for h in given.handoff
            },
            folders={kind: _folders(kind, f, given.paths) for kind, f in given.folders.items()},
            remind_at=given.remind_at,
            digest_to=given.digest_to,
            admin=given.admin,
            authority=given.authority,
            open_from_month=given.open_from_month,
            open_days_after_last_due=given.open_days_after_last_due,
        ),
        {h.id: tuple(h.reminders.escalate) for h in given.handoff},
    )


def _families(forms: Sequence[FormSpec]) -> dict[str, tuple[str, ...]]:
    """A family's name stands for every edition, so that a new one needs no change here."""
    families: dict[str, list[str]] = {}
    for form in forms:
        families.setdefault(form.family, []).append(form.id)
    known = {form.id for form in forms}
    return {name: tuple(ids) for name, ids in families.items() if name not in known}


def _handoff(
    given: HandOff,
    own: frozenset[str],
    common: Reminders,
    families: Mapping[str, tuple[str, ...]],
) -> HandOff:
    return replace(
        given,
        parts=tuple(
            tuple(form for name in part for form in families.get(name, (name,)))
            for part in given.parts
        ),
        reminders=_reminders(given, own, common),
    )


def _reminders(handoff: HandOff, own: frozenset[str], common: Reminders) -> Reminders:
    """Take each key from the hand-off if it is its own, else from [reminders], which has the
    product's defaults.

    Nobody hears of its own delay twice: an inherited escalation to the sender is left out.
    """
    said = handoff.reminders
    before = said.before if "before" in own else common.before
    escalate = said.escalate if "escalate" in own else common.escalate
    return Reminders(
        before=tuple(sorted(set(before), reverse=True)),
        on_day=said.on_day if "on_day" in own else common.on_day,
        after_daily=said.after_daily if "after_daily" in own else common.after_daily,
        escalate={unit: days for unit, days in escalate.items() if unit != handoff.sender},
    )


def _folders(kind: str, given: _FoldersTable, paths: Mapping[str, str]) -> FolderRule:
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


def _wrong(given: _ProcessTable) -> Iterator[Problem]:
    ids = [h.id for h in given.handoff]
    for name in sorted({i for i in ids if ids.count(i) > 1}):
        yield Problem(FILE, f"handoff[{name}].id", name, "hai bước chuyển trùng mã")
    for name, path in given.paths.items():
        if "{" in path or "}" in path:
            yield Problem(FILE, f"paths.{name}", path, "không được chứa dấu ngoặc nhọn")
    for handoff in given.handoff:
        yield from _wrong_handoff(handoff)


def _wrong_handoff(handoff: HandOff) -> Iterator[Problem]:
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


def _wrong_due(due: Due, key: str) -> Iterator[Problem]:
    if due.on is not None:
        if due.month or due.day:
            yield Problem(FILE, key, str(due.on), "đã ghi ngày on thì không ghi month, day nữa")
    elif not (due.month and due.day):
        yield Problem(FILE, key, "", "phải ghi cả month và day, hoặc một ngày on")
    elif due.day > _SHORTEST[due.month]:
        yield Problem(FILE, f"{key}.day", str(due.day), "có quý tháng này không có ngày đó")
    if due.before and due.roll == "next":
        yield Problem(
            FILE, f"{key}.roll", due.roll, "hạn “trước ngày” không được tự lùi sang ngày sau"
        )
