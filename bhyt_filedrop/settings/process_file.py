"""`process.toml`: reads the declared process and turns it into the core's own values."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import TypeAdapter

from bhyt_filedrop.domain.forms.spec import FormSpec
from bhyt_filedrop.domain.process.handoffs import (
    ApprovalFolders,
    Due,
    EarlierFolders,
    FolderRule,
    FolderTable,
    HandOff,
    Process,
    ProcessHead,
    Reminders,
)
from bhyt_filedrop.domain.process.keys import Only, Text
from bhyt_filedrop.settings import city_file, layers
from bhyt_filedrop.settings.city_file import CityTable
from bhyt_filedrop.settings.problems import Problem
from bhyt_filedrop.settings.reading import Gathered, field_names, read_toml, rest_of, validated

FILE = city_file.PROCESS


@dataclass(frozen=True, kw_only=True)
class _ProcessTable(ProcessHead):
    """The file, with the tables that become something else."""

    paths: Mapping[Annotated[str, Only()], Text] = field(default_factory=dict)
    reminders: Reminders = field(default_factory=Reminders)
    handoff: Annotated[list[HandOff], Only(min_length=1)]
    folders: Mapping[Annotated[str, Only()], FolderTable]


_TABLE = TypeAdapter(_ProcessTable)

KEYS = field_names(_ProcessTable)
"""Every key of this file."""


@dataclass(frozen=True, slots=True)
class ProcessFile:
    """The process, and which escalations a hand-off names by itself (not inherited)."""

    process: Process
    own_escalations: Mapping[str, tuple[str, ...]]
    amiss: frozenset[str] = frozenset()
    """The tables of the file of which something is told already, as `handoff[ward-list]`."""


def read(
    config_dir: Path, city: CityTable, forms: Sequence[FormSpec], found: Gathered
) -> ProcessFile | None:
    """Read the file with what the city says over it; `forms` says which forms a family's name
    stands for."""
    shared = read_toml(layers.find(config_dir, FILE), found, required=True)
    if shared is None:
        return None
    data = city_file.over(shared, city, found)
    own = Gathered()
    given = validated(_TABLE.validate_python, data, FILE, own, KEYS)
    found.extend(own.problems)
    amiss = frozenset(_table(problem.key) for problem in own.problems)
    if given is None:
        given = rest_of(_TABLE.validate_python, data)
    if given is None:
        return None
    found.extend(unsaid(_wrong(given), amiss))
    made = _convert(given, _own_reminders(data), forms)
    earlier = tuple(_earlier(city, data, given.paths, found))
    return replace(made, process=replace(made.process, earlier=earlier), amiss=amiss)


def _earlier(
    city: CityTable, data: Mapping[str, Any], paths: Mapping[str, str], found: Gathered
) -> Iterator[EarlierFolders]:
    """Where folders were before reorganisations: what `city.toml` says of it, over those of
    today."""
    check = TypeAdapter(FolderTable).validate_python
    for time in city.times:
        rules: dict[str, FolderRule] = {}
        for kind, said in time.folders.items():
            own = Gathered()
            whole = city_file.merged(data.get("folders", {}).get(kind, {}), said)
            given = validated(check, whole, city_file.FILE, own)
            for one in own.problems:
                key = f"earlier[{time.until}].folders.{kind}.{one.key}"
                found.add(city_file.FILE, key, one.value, one.message)
            if given is not None:
                rules[kind] = _folders(kind, given, paths)
        yield EarlierFolders(time.until, rules)


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
            handoffs={
                h.id: _handoff(h, own[h.id], given.reminders, families) for h in given.handoff
            },
            folders={kind: _folders(kind, f, given.paths) for kind, f in given.folders.items()},
            **{key.name: getattr(given, key.name) for key in fields(ProcessHead)},
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


def _folders(kind: str, given: FolderTable, paths: Mapping[str, str]) -> FolderRule:
    said = {key.name: getattr(given, key.name) for key in fields(FolderTable)}
    patterns = {
        key: _expanded(said[key], paths) for key in ("drop", "inbox", "received", "returned")
    }
    inbox_from = {sender: _expanded(path, paths) for sender, path in given.inbox_from.items()}
    approval = given.approval and ApprovalFolders(
        waiting=_expanded(given.approval.waiting, paths),
        agreed=_expanded(given.approval.agreed, paths),
        refused=_expanded(given.approval.refused, paths),
    )
    more = {"inbox_from": inbox_from, "approval": approval}
    return FolderRule(kind=kind, **said | patterns | more)


def _expanded(pattern: str, paths: Mapping[str, str]) -> str:
    for name, path in paths.items():
        pattern = pattern.replace(f"{{{name}}}", path)
    return pattern


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
