"""How the wards answer: which manner, which habits, which faults, by the seed alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from bhyt_filedrop.simulate.quarter.answering import HABITS, PLAIN, Habit
from bhyt_filedrop.simulate.quarter.filling import APART, OLD_CODES, OLD_HEAD
from bhyt_filedrop.simulate.quarter.own_faults import (
    CARD_OF_ANOTHER,
    EXCHANGED,
    ONE_NUMBER,
    TWICE,
    TWICE_JOINING,
    fits_own,
)
from bhyt_filedrop.simulate.quarter.population import Person, Population, TrueFate

MANNERS = ("kit", "kit-d03", "files", "zip", "sheets")
"""The list itself filled in, and D03-TS sent after it; form 4 and D03-TS as two files, zipped, or
as one workbook."""
IN_TWO = ("kit-d03", "files")
"""Manners in which a second file follows the first."""

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
    both: bool = False
    """Hands in an older file and its correction at once."""
    hasty: bool = False
    """Corrects twice what was accepted, while nothing can be delivered."""

    @property
    def at_once(self) -> bool:
        """True for second thoughts that must be played on their day."""
        return self.both or self.hasty


GRAVE = (
    (APART, True), (OLD_HEAD, True), (OLD_CODES, True),
    (EXCHANGED, False), (TWICE, False), (TWICE_JOINING, False), (ONE_NUMBER, False),
    (CARD_OF_ANOTHER, False), ("row.card-repeated", False),
    ("list.child-missing", False), ("list.child-unknown", False),
    ("list.child-in-two-lists", False),
)  # fmt: skip
"""Faults by which children are lost, doubled or mixed up, with whether they are made in the reply
kit: some ward makes each, however small the cast."""

KIT_CODES = (
    "row.status-missing", "row.card-missing", "row.card-invalid", "row.card-not-child",
    "row.facility-missing", "row.reason-missing", "row.status-invalid", DAMAGED,
)  # fmt: skip
OWN_CODES = (
    "row.reason-missing", "row.card-invalid", "row.birth-date-missing", "form.round-wrong",
    "row.card-missing", "row.parent-missing", "row.address-elsewhere", "form.section-missing",
    "row.birth-date-unreadable", "row.card-not-child", "row.name-missing", "form.sender-wrong",
    "row.facility-invalid", "row.card-unexpected", "row.sex-invalid", "form.column-missing",
    "row.birth-date-future", "row.birth-date-after-round", "row.address-missing",
    "row.facility-missing", "row.name-invalid",
)  # fmt: skip
"""The faults that wards make, each in a ward of its own."""

SHARE = 3
"""One ward in so many is wrong at first."""


_NEEDS: Mapping[str, Mapping[TrueFate, int]] = {
    DAMAGED: {},
    APART: {TrueFate.BEFORE: 2},
    OLD_HEAD: {TrueFate.BEFORE: 1},
    OLD_CODES: {TrueFate.BEFORE: 1},
    EXCHANGED: {TrueFate.BEFORE: 1},
    TWICE: {TrueFate.BEFORE: 1},
    TWICE_JOINING: {TrueFate.NOW: 1, TrueFate.BEFORE: 1},
    ONE_NUMBER: {TrueFate.NOW: 2, TrueFate.BEFORE: 1},
    CARD_OF_ANOTHER: {TrueFate.BEFORE: 1},
    "row.card-repeated": {TrueFate.BEFORE: 2},
    "row.reason-missing": {TrueFate.NONE: 1},
    "row.card-unexpected": {TrueFate.NONE: 1},
    "list.child-missing": {TrueFate.BEFORE: 2, TrueFate.NOW: 1},
    "list.child-unknown": {TrueFate.BEFORE: 1},
    "list.child-in-two-lists": {TrueFate.NOW: 2, TrueFate.BEFORE: 1},
    "row.status-missing": {TrueFate.NOW: 1, TrueFate.BEFORE: 1},
    "row.status-invalid": {TrueFate.NOW: 1, TrueFate.BEFORE: 1},
}
_ONE_OF_EACH = {TrueFate.BEFORE: 1, TrueFate.NONE: 1, TrueFate.NOW: 1}


def needs(fault: str) -> Mapping[TrueFate, int]:
    """Return how many children of which fate a list must have for a fault to fit it."""
    return _NEEDS.get(fault, _ONE_OF_EACH)


def fits(people: Sequence[Person], fault: str) -> bool:
    """True where a ward's children let it make a fault."""
    return fits_own(people, fault) and _has(people, needs(fault))


def plans(population: Population, rng: Random) -> Iterator[tuple[str, WardPlan]]:
    """Yield every ward that has children, and how it answers."""
    wards = list(population.by_ward)
    rng.shuffle(wards)
    wrong = _wrong(wards, population, rng)
    chosen = {ward: _wrong_plan(rng, *fault) for ward, fault in wrong.items()}
    chosen |= _second_thoughts([ward for ward in wards if ward not in wrong], population)
    for number, ward in enumerate(wards):
        yield ward, chosen.get(ward) or _plan(rng, number)


def _wrong(
    wards: Sequence[str], population: Population, rng: Random
) -> dict[str, tuple[str, bool]]:
    """Choose who makes which fault, the grave ones first, of these those that fit fewest."""
    scarce = sorted(GRAVE, key=lambda f: sum(fits(population.by_ward[w], f[0]) for w in wards))
    others = [(code, True) for code in KIT_CODES] + [(code, False) for code in OWN_CODES]
    rng.shuffle(others)
    found: dict[str, tuple[str, bool]] = {}
    for fault in (*scarce, *others):
        free = (w for w in wards if w not in found and fits(population.by_ward[w], fault[0]))
        if ward := next(free, None):
            found[ward] = fault
        if len(found) >= max(len(GRAVE), len(wards) // SHARE):
            break
    return found


def _second_thoughts(wards: Iterable[str], population: Population) -> dict[str, WardPlan]:
    """One ward in a hundred corrects at once, another while nothing can be delivered."""
    needed = {TrueFate.NOW: 2, TrueFate.BEFORE: 1}
    able = [ward for ward in wards if _has(population.by_ward[ward], needed)]
    count = max(1, len(population.by_ward) // 100)
    both = dict.fromkeys(able[:count], WardPlan("sheets", both=True))
    return both | dict.fromkeys(able[count : 2 * count], WardPlan("sheets", hasty=True))


def _has(people: Sequence[Person], needed: Mapping[TrueFate, int]) -> bool:
    return all(sum(p.fate is fate for p in people) >= count for fate, count in needed.items())


def _wrong_plan(rng: Random, fault: str, kit: bool) -> WardPlan:
    if kit:
        return WardPlan("kit", fault=fault, in_copy=fault == "row.card-missing")
    # A list of another round beside others, in a workbook or an archive, is passed over; a file
    # of one is sent home.
    manners = MANNERS[2:3] if fault == "form.round-wrong" else MANNERS[2:]
    return WardPlan(rng.choice(manners), fault=fault)


def _plan(rng: Random, number: int) -> WardPlan:
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
