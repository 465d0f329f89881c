"""Who had to hear of what on which morning, worked out from the play alone, and who did hear.

1331/BHXH-THU's dates and the shipped reminder plan (7, 3, 1 days before, the day itself, each
working day after it) are written out here once more on purpose: the product's own calendar and its
reminders are what is being judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bhyt_filedrop.domain.process.calendar import WorkingDays, local_day
from bhyt_filedrop.simulate.quarter.mails import sent_letters
from bhyt_filedrop.simulate.quarter.population import Population
from bhyt_filedrop.simulate.quarter.script import FIRST_DAY, LAST_DAY, MORNING, moment
from bhyt_filedrop.simulate.quarter.stage import Stage

BEFORE = (7, 3, 1, 0)
OPENING = moment(date(2015, 4, 1))
COSTS_DUE, CITY_DUE = date(2015, 5, 15), date(2015, 5, 20)
WARDS_DUE, DISTRICTS_DUE = date(2015, 6, 15), date(2015, 6, 24)
FIRST_DIGEST = COSTS_DUE - timedelta(days=7)
TOLD_ABOVE, TOLD_TO_BOARD = 1, 3
"""Working days after the due date at which the office above, and the board, hear of who has not
delivered."""

Day = tuple[str, date]
"""A unit and a morning."""


@dataclass(frozen=True, slots=True)
class Debt:
    """What one unit owes from a moment on; `paid` is None where it never came."""

    unit: str
    last_day: date
    since: datetime
    paid: datetime | None

    def is_open(self, morning: datetime) -> bool:
        """True where it is owed and not there."""
        return self.since <= morning and (self.paid is None or self.paid > morning)


def debts(stage: Stage, population: Population) -> Iterator[Debt]:
    """Yield everything that people (not the product) owe in the round."""
    costs, finder, splitter = stage.roles.costs, stage.roles.finder, stage.roles.splitter
    yield Debt(costs, COSTS_DUE, OPENING, _first(stage, costs))
    yield Debt(finder, CITY_DUE, OPENING, _first(stage, finder))
    split = _first(stage, finder) or OPENING
    for ward, people in population.by_ward.items():
        at_once = any(person.key not in stage.unplaced for person in people)
        since = split if at_once else _first(stage, splitter) or split
        yield Debt(ward, WARDS_DUE, since, _last(stage, ward))
    for district in population.offices:
        if population.of_district(district.id):
            yield Debt(district.id, DISTRICTS_DUE, OPENING, _first(stage, district.id))


def _sound(stage: Stage, unit: str) -> list[datetime]:
    mine = (d for d in stage.dropped if d.unit == unit)
    return [d.at for d in mine if not (d.returned or d.repeats or d.more)]


def _first(stage: Stage, unit: str) -> datetime | None:
    return min(_sound(stage, unit), default=None)


def _last(stage: Stage, unit: str) -> datetime | None:
    """A ward's return is there with its last list."""
    return max(_sound(stage, unit), default=None)


def owed_mornings(stage: Stage, population: Population) -> frozenset[Day]:
    """Return who had to get a reminder of its own debts on which morning."""
    days = stage.running.world.days
    return frozenset(
        (debt.unit, day)
        for debt in debts(stage, population)
        for day in _mornings(days)
        if debt.is_open(moment(day, MORNING)) and _is_reminded(debt, day, days)
    )


def _mornings(days: WorkingDays) -> list[date]:
    span = (FIRST_DAY + timedelta(days=n) for n in range((LAST_DAY - FIRST_DAY).days + 1))
    return [day for day in span if days.is_working(day)]


def _is_reminded(debt: Debt, day: date, days: WorkingDays) -> bool:
    """A day off is told of on the working day before it; what lies before the debt is not told."""
    planned = {days.previous_working(debt.last_day - timedelta(days=n)) for n in BEFORE}
    told = {one for one in planned if moment(one, MORNING) >= debt.since}
    return day > debt.last_day or day in told


def told_mornings(stage: Stage) -> frozenset[Day]:
    """Return who got a reminder on which morning, from the ledger's letters."""
    keys = stage.running.books.letters.known_keys(("reminder/",))
    parts = (key.split("/") for key in keys)
    return frozenset((unit, date.fromisoformat(day)) for _, unit, day in parts)


def problems(stage: Stage, population: Population) -> Iterator[str]:
    """Yield in one line each what is wrong with the reminders."""
    told, owed = told_mornings(stage), owed_mornings(stage, population)
    on_top = (stage.roles.splitter, stage.roles.board)
    mine = frozenset(one for one in told if one[0] not in on_top)
    above = frozenset(told_above(stage, population))
    yield from (
        f"{unit} was not reminded on {day:%d/%m}" for unit, day in sorted((owed | above) - mine)
    )
    yield from (
        f"{unit} was reminded on {day:%d/%m} of nothing"
        for unit, day in sorted(mine - owed - above)
    )
    yield from _of_late_wards(stage, population)
    yield from _digests(stage, population, told)
    yield from _board(stage, population, told)
    yield from _posted(stage)


def told_above(stage: Stage, population: Population) -> Iterator[Day]:
    """Yield the mornings on which a district has to hear of a ward that is newly late."""
    for debt in debts(stage, population):
        above, day = population.units[debt.unit].parent, _risen(stage, debt)
        if above and day <= LAST_DAY and debt.is_open(moment(day, MORNING)):
            yield above, day


def _risen(stage: Stage, debt: Debt) -> date:
    """The morning from which on the office above knows: a late list gives as many days."""
    start = max(debt.last_day, local_day(debt.since))
    return stage.running.world.days.count_after(start, TOLD_ABOVE)


def _of_late_wards(stage: Stage, population: Population) -> Iterator[str]:
    """Such a letter names all wards of the district that are late then, and no other unit."""
    wanted: dict[Day, set[str]] = {day: set() for day in told_above(stage, population)}
    for district, day in wanted:
        wanted[district, day] = {
            population.units[debt.unit].name
            for debt in debts(stage, population)
            if population.units[debt.unit].parent == district
            and debt.is_open(moment(day, MORNING))
            and _risen(stage, debt) <= day
        }
    by_address = {a: unit for unit in population.offices for a in unit.email}
    for mail in sent_letters(stage):
        office = by_address.get(mail.address)
        if office and mail.kind == "escalation":
            names = wanted.pop((office.id, mail.day), set())
            if set(mail.late_units()) != names:
                yield f"{office.id} was told on {mail.day:%d/%m} of {sorted(mail.late_units())}"
    yield from (f"{unit} was not told who was late on {day:%d/%m}" for unit, day in sorted(wanted))


def _digests(stage: Stage, population: Population, told: frozenset[Day]) -> Iterator[str]:
    """As long as anybody owes something, the office on top hears of it every working morning."""
    every = list(debts(stage, population))
    for day in _mornings(stage.running.world.days):
        is_owed = any(debt.is_open(moment(day, MORNING)) for debt in every)
        if is_owed and (stage.roles.splitter, day) not in told and day >= FIRST_DIGEST:
            yield f"{stage.roles.splitter} got no digest on {day:%d/%m}"


def _board(stage: Stage, population: Population, told: frozenset[Day]) -> Iterator[str]:
    days = stage.running.world.days
    wanted = {
        day
        for debt in debts(stage, population)
        for day in [days.count_after(debt.last_day, TOLD_TO_BOARD)]
        if debt.is_open(moment(day, MORNING)) and day <= LAST_DAY
    }
    got = {day for unit, day in told if unit == stage.roles.board}
    if got != wanted:
        yield f"the board heard on {sorted(map(str, got))}, not on {sorted(map(str, wanted))}"


# --- what left the house -----------------------------------------------------------------------


def _posted(stage: Stage) -> Iterator[str]:
    """Every letter was handed over, and no mail twice."""
    counts = dict(stage.running.books.letters.counts())
    waiting = {state: n for state, n in counts.items() if state != "sent" and n}
    if waiting:
        yield f"letters that were not sent: {waiting}"
    mails = [mail.id for mail in sent_letters(stage)]
    if len(mails) != len(set(mails)):
        yield f"{len(mails) - len(set(mails))} mails went out twice"
