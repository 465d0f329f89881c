"""The files of a burst: what a city's wards and districts might drop in one morning, made up.

Every unit sends its return over and over, each time anew: whole zips, single lists, lists with
mistakes, the same file twice, and things that are no list at all. What must become of each is said
here and nowhere else.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from measure import ROUND

from bhyt_filedrop.domain.process.units import Unit, Units
from bhyt_filedrop.simulate.lists import list_of, write_list
from bhyt_filedrop.simulate.people import InventedChild, children

PER_WARD = 10
"""Children of one ward; the city's 322 have 3,220."""

WARD_CYCLES = (
    ("zip", "form-4", "d03", "again", "fault", "form-4", "d03", "zip-fault", "form-4", "junk"),
    ("form-4", "d03", "zip", "again", "junk", "form-4", "fault", "d03", "zip", "form-4"),
)
"""What one ward sends, in turn. The first complete their return at once; the form 4 of the others
is held until D03-TS is there."""

DISTRICT_CYCLE = ("form-3", "form-3", "again", "form-3", "fault-3")

RETURNED = {
    "fault": "row.reason-missing",
    "zip-fault": "row.reason-missing",
    "fault-3": "row.birth-date-missing",
    "junk": "file.not-a-workbook",
}
"""What goes back, and the code of what is wrong with it. Everything else is accepted."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One file of the burst: who drops it, under which name, what it is, and its bytes."""

    unit: str
    name: str
    kind: str
    made: Path
    sha256: str


def everybody(units: Units) -> list[InventedChild]:
    """The children of the round, the same every time."""
    wards = units.of_kind("ward")
    return children(units, PER_WARD * len(wards), round=ROUND, seed=7)


def make(units: Units, count: int, folder: Path) -> list[Sent]:
    """Write so many files into a folder, in the order in which they are to be dropped."""
    by_unit = _by_unit(everybody(units), units)
    senders = _senders(units, count)
    turns = -(-count // len(senders))
    plans = [(unit, turn) for turn in range(turns) for unit in senders][:count]
    sent: dict[str, Sent] = {}
    made = []
    places = {unit.id: place for place, unit in enumerate(senders)}
    for number, (unit, turn) in enumerate(plans):
        kind = _kind(unit, places[unit.id], turn)
        path = folder / f"{number:05}"
        if kind == "again":
            path.write_bytes(sent[unit.id].made.read_bytes())
        else:
            _write(path, kind, unit, turn, by_unit[unit.id], units)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        name = f"{sent[unit.id].name} (2)" if kind == "again" else f"{turn:03} {_NAMES[kind]}"
        one = Sent(unit.id, name, kind, path, digest)
        sent[unit.id] = one
        made.append(one)
    return made


_NAMES = {
    "zip": "ho so.zip", "zip-fault": "ho so (2).zip", "form-4": "mẫu 4.xlsx", "d03": "D03-TS.xlsx",
    "fault": "mẫu 4 quý 1.xlsx", "junk": "phần mềm.xls", "form-3": "mẫu 3.xlsx",
    "fault-3": "mẫu 3 Q1.xlsx",
}  # fmt: skip


def _senders(units: Units, count: int) -> list[Unit]:
    """One district beside each thirteen wards, and so many of both that each sends ten times."""
    wards, districts = units.of_kind("ward"), units.of_kind("district")
    wanted = min(len(wards), max(1, count // 10))
    return [*wards[:wanted], *districts[: -(-wanted // 14)]]


def _by_unit(group: Sequence[InventedChild], units: Units) -> Mapping[str, list[InventedChild]]:
    found: dict[str, list[InventedChild]] = {}
    for child in group:
        found.setdefault(child.ward, []).append(child)
        found.setdefault(units[child.ward].parent, []).append(child)
    return found


def _kind(unit: Unit, place: int, turn: int) -> str:
    cycle = DISTRICT_CYCLE if unit.kind == "district" else WARD_CYCLES[place % len(WARD_CYCLES)]
    return cycle[turn % len(cycle)]


def _write(
    path: Path, kind: str, unit: Unit, turn: int, group: Sequence[InventedChild], units: Units
) -> None:
    if kind == "junk":
        path.write_bytes(b"MZ" + f"{unit.id}/{turn}".encode() * 60)
    elif kind.startswith("zip"):
        _write_zip(path, kind, unit, turn, group, units)
    else:
        _write_one(path, kind, unit, turn, group, units)


def _write_zip(
    path: Path, kind: str, unit: Unit, turn: int, group: Sequence[InventedChild], units: Units
) -> None:
    form_4 = "fault" if kind == "zip-fault" else "form-4"
    member = path.with_suffix(".member")
    with zipfile.ZipFile(path, "w") as packed:
        for what in (form_4, "d03"):
            _write_one(member, what, unit, turn, group, units)
            packed.write(member, _NAMES[what])
    member.unlink()


def _write_one(
    path: Path, kind: str, unit: Unit, turn: int, group: Sequence[InventedChild], units: Units
) -> None:
    """Every turn's list has its children in another order and another day on it."""
    form, sections = _list(kind, group)
    turned = {name: _turned(some, turn) for name, some in sections.items()}
    day = date(2015, 4, 1) + timedelta(days=turn)
    wanted = list_of(form, ROUND, unit, units, turned, made_on=day)
    write_list(path, wanted, units, _FAULTS.get(kind, ()), seed=turn)


def _turned(some: Sequence[InventedChild], turn: int) -> list[InventedChild]:
    first = turn % len(some)
    return [*some[first:], *some[:first]]


def _list(
    kind: str, group: Sequence[InventedChild]
) -> tuple[str, Mapping[str, Sequence[InventedChild]]]:
    """The form of a list and who stands in which of its sections: a child never moves."""
    if kind == "d03":
        return "d03-ts-1111", {"I": group[6:]}
    if kind in ("form-4", "fault"):
        return "form-4", {"I": group[:3], "II": group[3:6]}
    third = len(group) // 3
    parts = {"I": group[:third], "II": group[third : 2 * third], "III": group[2 * third :]}
    return "form-3", parts


_FAULTS = {"fault": ("row.reason-missing",), "fault-3": ("row.birth-date-missing",)}
