"""What became of each file: every planted fault told at its cell, no sound file sent back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.findings import Finding, Severity
from bhyt_filedrop.simulate.faults import Planted
from bhyt_filedrop.simulate.quarter.filling import APART
from bhyt_filedrop.simulate.quarter.stage import Dropped, Stage

EVERYTHING = 10**6

_FOLLOWS: Mapping[str, frozenset[str]] = {
    code: frozenset({"list.child-missing", "list.child-unknown"})
    for code in (
        "row.name-missing", "row.name-invalid", "row.birth-date-missing", "row.parent-missing",
        "row.birth-date-unreadable", "row.birth-date-future", "row.birth-date-after-round",
    )
} | {APART: frozenset({"list.code-of-another"})}  # fmt: skip
"""A fault that takes away who a child is may also leave it missing."""

_KNOWN_WARNINGS = frozenset({"row.address-unplaced"})
"""What the simulated offices pass on and cannot mend: an address that says no ward."""

_OF_THE_CITYS_LIST = frozenset({"row.id-number-invalid", "row.sex-missing"})
"""Doubtful rows of form 2 travel on: wards mend them, those who fill in the list itself do not."""


def arrivals(stage: Stage) -> Mapping[str, list[Drop]]:
    """Return every file that the daemon took, by its path, the oldest first."""
    found: dict[str, list[Drop]] = {}
    for drop in reversed(stage.running.books.drops.arrivals(limit=EVERYTHING)):
        if not drop.is_own:
            found.setdefault(drop.path, []).append(drop)
    return found


def problems(stage: Stage) -> Iterator[str]:
    """Yield in one line each what is wrong with the verdicts."""
    taken = arrivals(stage)
    count = sum(map(len, taken.values()))
    if count != len(stage.dropped):
        yield f"{len(stage.dropped)} files were dropped and {count} taken"
    for one in stage.dropped:
        drop = _first_since(one, taken.get(one.path, []))
        if drop is None:
            yield f"{_name_of(one)}: was never taken"
        else:
            passes_on = stage.running.world.units.kind_of(stage.unit(one.unit)).level != "ward"
            known = _KNOWN_WARNINGS | (_OF_THE_CITYS_LIST if passes_on else frozenset())
            yield from _of_one(one, drop, stage.running.books.drops.findings(drop.id), known)


def _first_since(one: Dropped, drops: Sequence[Drop]) -> Drop | None:
    """A file that seems to go on growing is taken later than it was dropped."""
    return next((drop for drop in drops if drop.arrived_at >= one.since), None)


def _of_one(
    one: Dropped, drop: Drop, findings: Sequence[Finding], known: frozenset[str]
) -> Iterator[str]:
    wanted = State.RETURNED if one.returned else State.ACCEPTED
    codes = sorted({f.code for f in findings if f.severity is not Severity.NOTES})
    if drop.state is not wanted:
        yield f"{_name_of(one)}: is {drop.state}, not {wanted}; {codes}"
    for planted in one.planted:
        if not any(_tells(finding, planted) for finding in findings):
            yield f"{_name_of(one)}: {planted.code} was not told at {planted.cell}; {codes}"
    if one.repeats and "file.repeated" not in {f.code for f in findings}:
        yield f"{_name_of(one)}: was not known as the same file again"
    yield from _too_much(one, codes, known)


def _tells(finding: Finding, planted: Planted) -> bool:
    same_sheet = not planted.sheet or finding.sheet == planted.sheet
    return (finding.code, finding.cell) == (planted.code, planted.cell) and same_sheet


def _too_much(one: Dropped, codes: Sequence[str], known: frozenset[str]) -> Iterator[str]:
    """One cause gives one finding: whatever else is told is a false alarm."""
    allowed = set(known)
    for planted in one.planted:
        allowed |= {planted.code} | _FOLLOWS.get(planted.code, frozenset())
    for code in codes:
        if code not in allowed:
            yield f"{_name_of(one)}: {code} was told without a cause"


def _name_of(one: Dropped) -> str:
    return f"{one.unit} {one.at:%d/%m %H:%M} {one.path.rpartition('/')[2]}"
