"""How the wards answer: which manner, which habits, which faults, by the seed alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from bhyt_filedrop.simulate.quarter.answering import APART, HABITS, PLAIN, Habit
from bhyt_filedrop.simulate.quarter.population import Person, Population, TrueFate

MANNERS = ("kit", "kit-d03", "files", "zip", "sheets")
"""The list itself filled in, and D03-TS sent after it; form 4 and D03-TS as two files, zipped, or
as one workbook."""
IN_TWO = ("kit-d03", "files")
"""Manners in which a second file follows the first."""

LIST_FAULTS = ("list.child-missing", "list.child-unknown", "list.child-in-two-lists")

DAMAGED = "file.damaged"
"""A file that is cut off while it is sent."""


@dataclass(frozen=True, slots=True)
class WardPlan:
    """How one ward answers; `fault` is the code of what is wrong at first ("" = nothing)."""

    manner: str = "kit"
    habit: Habit = PLAIN
    format: str = "xlsx"
    fault: str = ""
    twice: bool = False
    """Drops the same file once more."""
    again: bool = False
    """Sends a corrected list of its own accord, after the first was accepted."""
    scan: bool = False
    """Adds a scan of the signed list."""
    old_sheet: bool = False
    """Its workbook still begins with the list of the round before."""
    in_copy: bool = False
    """Corrects the marked copy that came back, instead of its own file."""


KIT_CODES = (
    "row.status-missing", "row.card-missing", "row.card-invalid", "row.card-not-child",
    "row.facility-missing", "row.reason-missing", "row.status-invalid", DAMAGED, APART,
)  # fmt: skip
OWN_CODES = (
    *LIST_FAULTS,
    "row.reason-missing", "row.card-invalid", "row.birth-date-missing", "form.round-wrong",
    "row.card-missing", "row.parent-missing", "row.address-elsewhere", "form.section-missing",
    "row.birth-date-unreadable", "row.card-not-child", "row.name-missing", "form.sender-wrong",
    "row.facility-invalid", "row.card-unexpected", "row.sex-invalid", "form.column-missing",
    "row.birth-date-future", "row.birth-date-after-round", "row.address-missing",
    "row.facility-missing", "row.name-invalid", "row.card-repeated",
)  # fmt: skip
"""The faults that wards make, each in a ward of its own."""


def needs(code: str) -> Mapping[TrueFate, int]:
    """Return how many children of which fate a list must have for a fault to fit it."""
    if code == DAMAGED:
        return {}
    if code == "row.card-repeated":
        return {TrueFate.BEFORE: 2}
    if code in ("row.reason-missing", "row.card-unexpected"):
        return {TrueFate.NONE: 1}
    if code.startswith("row.status"):
        return {TrueFate.NOW: 1, TrueFate.BEFORE: 1}
    if code == "list.child-in-two-lists":
        return {TrueFate.NOW: 2, TrueFate.BEFORE: 1}
    return {TrueFate.BEFORE: 1, TrueFate.NONE: 1, TrueFate.NOW: 1}


def fits(people: Sequence[Person], code: str) -> bool:
    """True where a ward's children let it make a fault."""
    return all(
        sum(person.fate is fate for person in people) >= count
        for fate, count in needs(code).items()
    )


def plans(population: Population, rng: Random) -> Iterator[tuple[str, WardPlan]]:
    """Yield every ward that has children, and how it answers."""
    wards = list(population.by_ward)
    rng.shuffle(wards)
    faults = [(code, True) for code in KIT_CODES] + [(code, False) for code in OWN_CODES]
    rng.shuffle(faults)
    for number, ward in enumerate(wards):
        people = population.by_ward[ward]
        fault = next(((c, kit) for c, kit in faults if fits(people, c)), None)
        if fault and number % 3 == 0:
            faults.remove(fault)
        yield ward, _plan(rng, number, fault if number % 3 == 0 else None)


def _plan(rng: Random, number: int, fault: tuple[str, bool] | None) -> WardPlan:
    if fault:
        code, kit = fault
        if kit:
            return WardPlan("kit", fault=code, in_copy=code == "row.card-missing")
        # A list of another round beside others, in a workbook or an archive, is passed over; a file
        # of one is sent home.
        manners = MANNERS[2:3] if code == "form.round-wrong" else MANNERS[2:]
        return WardPlan(rng.choice(manners), fault=code)
    manner = rng.choices(MANNERS, (35, 10, 30, 12, 13))[0]
    own = not manner.startswith("kit")
    habit = rng.choice(HABITS) if own and rng.random() < 0.5 else PLAIN
    odd = manner == "files" and habit == PLAIN and rng.random() < 0.35
    format = rng.choice(("xls", "html", "xml", "csv")) if odd else "xlsx"
    again = manner == "kit" and number % 10 == 2
    twice = number % 25 == 1
    old = manner == "sheets" and not twice and rng.random() < 0.4
    return WardPlan(
        manner, habit, format, twice=twice, again=again, scan=number % 20 == 3, old_sheet=old
    )
