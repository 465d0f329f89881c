"""Who drops what when: the first quarter of 2015, from the cost list to the last correction.

Everything is decided beforehand by the seed, and nothing by the clock of this machine. Actions look
into the folders only when their time has come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from bhyt_filedrop.domain.process.calendar import ZONE, WorkingDays
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit
from bhyt_filedrop.simulate.quarter import districts, second_thoughts, ward_plans
from bhyt_filedrop.simulate.quarter.city import City
from bhyt_filedrop.simulate.quarter.districts import District
from bhyt_filedrop.simulate.quarter.population import Population, TrueFate
from bhyt_filedrop.simulate.quarter.stage import Stage
from bhyt_filedrop.simulate.quarter.ward_plans import IN_TWO, WardPlan
from bhyt_filedrop.simulate.quarter.wards import Ward

ROUND = Round(2015, 1)
FIRST_DAY, LAST_DAY = date(2015, 5, 4), date(2015, 7, 3)
MORNING, FORENOON, AFTERNOON = time(8, 0), time(9, 30), time(14, 30)
NO_ROOM, ROOM_AGAIN = time(10, 0), timedelta(hours=1)
"""When nothing can be delivered, and for how long."""
SILENT = 2
"""So many wards never answer; their districts answer for them."""

Action = Callable[[], None]


def moment(day: date, clock: time = FORENOON) -> datetime:
    """Return a moment of the city's clock."""
    return datetime.combine(day, clock, ZONE)


@dataclass
class Agenda:
    """Actions by their moment."""

    days: WorkingDays
    actions: dict[datetime, list[Action]] = field(default_factory=dict)

    def put(self, at: datetime, action: Action) -> None:
        """Add one action."""
        self.actions.setdefault(at, []).append(action)

    def working(self, first: date, last: date) -> list[date]:
        """Return the working days of a span."""
        span = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return [day for day in span if self.days.is_working(day)]

    def later(self, day: date, count: int) -> date:
        """Return the working day that comes so many after another."""
        return self.days.count_after(day, count)


def play(
    stage: Stage,
    population: Population,
    seed: int,
    tell: Callable[[datetime, int], None] = lambda at, dropped: None,
) -> None:
    """Play the whole quarter on a stage: every morning the clock ticks, then people drop files."""
    agenda = Agenda(stage.running.world.days)
    rng = Random(f"{seed}/script")
    _city(agenda, City(stage, population, rng))
    _wards(agenda, stage, population, rng)
    _districts(agenda, stage, population, rng)
    for at, actions in _in_order(agenda):
        stage.now = at
        for action in actions:
            action()
        stage.handle(at)
        tell(at, len(stage.dropped))


def _in_order(agenda: Agenda) -> Iterator[tuple[datetime, Sequence[Action]]]:
    """Yield every moment at which something happens, each day's tick of the clock included."""
    span = (LAST_DAY - FIRST_DAY).days + 1
    ticks = {moment(FIRST_DAY + timedelta(days=n), MORNING) for n in range(span)}
    for at in sorted(ticks | agenda.actions.keys()):
        yield at, agenda.actions.get(at, ())


# --- the city --------------------------------------------------------------------------------


def _city(agenda: Agenda, city: City) -> None:
    agenda.put(moment(date(2015, 5, 14)), city.give_costs)
    agenda.put(moment(date(2015, 5, 15)), city.give_what_is_no_list)
    agenda.put(moment(date(2015, 5, 19)), city.give_carded)
    agenda.put(moment(date(2015, 5, 19)), city.give_uncarded)
    agenda.put(moment(date(2015, 5, 20)), city.correct_carded)
    agenda.put(moment(date(2015, 5, 20)), city.correct_uncarded)
    agenda.put(moment(date(2015, 5, 21)), city.place_the_unplaced)
    agenda.put(moment(date(2015, 5, 25)), city.answer_for_the_outside)


# --- the wards -------------------------------------------------------------------------------


def _wards(agenda: Agenda, stage: Stage, population: Population, rng: Random) -> None:
    early = agenda.working(date(2015, 5, 26), date(2015, 6, 5))
    normal = agenda.working(date(2015, 5, 26), date(2015, 6, 12))
    late = agenda.working(date(2015, 6, 16), date(2015, 6, 19))
    plans = list(ward_plans.plans(population, rng))
    sound = [unit for unit, plan in plans if not (plan.fault or plan.twice or plan.at_once)]
    silent = frozenset(sound[:SILENT])
    tardy = frozenset(sound[SILENT : SILENT + len(plans) // 20])
    last = _last_of_all(plans) if not population.offices else {}
    for unit, plan in plans:
        if unit in silent and unit not in last:
            continue
        ward = Ward(
            stage, population, population.units[unit], plan, Random(f"{unit}/{rng.random()}")
        )
        days = late if unit in tardy else early if plan.fault or plan.at_once else normal
        _ward(agenda, ward, last.get(unit) or rng.choice(days))
    if not population.offices:
        _amended(agenda, stage, population, plans, last)


LATE = (date(2015, 6, 25), date(2015, 6, 26), date(2015, 6, 30))
"""When the late ones answer of those who answer to the office on top."""


def _last_of_all(plans: Sequence[tuple[str, WardPlan]]) -> Mapping[str, date]:
    """Where nobody stands above the wards who could answer for them, all answer at last: three
    about the day on which their lists are joined, the last one, in one file, when the quarter
    ends."""
    sound = [(unit, plan) for unit, plan in plans if not (plan.fault or plan.twice or plan.at_once)]
    first, second = (unit for unit, _ in sound[:SILENT])
    in_one = (unit for unit, plan in sound[SILENT:] if plan.manner in ("zip", "sheets"))
    return dict(zip((first, second, next(in_one)), LATE, strict=True))


def _amended(
    agenda: Agenda,
    stage: Stage,
    population: Population,
    plans: Sequence[tuple[str, WardPlan]],
    last: Mapping[str, date],
) -> None:
    """One of those wards finds a card after all, when the final lists have gone out."""
    for unit, plan in plans:
        plain = plan.manner == "kit" and not (plan.fault or plan.twice or plan.again)
        uncarded = any(p.fate is TrueFate.NONE for p in population.by_ward[unit])
        if plain and uncarded and unit not in last:
            ward = Ward(stage, population, population.units[unit], plan, Random(f"{unit}/amend"))
            agenda.put(moment(date(2015, 6, 29), FORENOON), ward.amend)
            return
    raise ValueError("no ward is left that could find a card after all")


def _at_once(agenda: Agenda, ward: Ward, day: date) -> None:
    if ward.plan.both:
        agenda.put(moment(day), lambda: second_thoughts.hand_in_both(ward))
        return
    full = moment(agenda.later(day, 1), NO_ROOM)
    agenda.put(moment(day), lambda: second_thoughts.answer_hastily(ward))
    agenda.put(full, lambda: second_thoughts.put_right(ward))
    again = full + second_thoughts.WHILE_IT_LASTS
    agenda.put(again, lambda: second_thoughts.put_right_again(ward))
    agenda.put(full + ROOM_AGAIN, lambda: second_thoughts.make_room(ward))


def _ward(agenda: Agenda, ward: Ward, day: date) -> None:
    if ward.plan.at_once:
        _at_once(agenda, ward, day)
        return
    agenda.put(moment(day), ward.answer)
    last = day
    if ward.plan.manner in IN_TWO:
        last = agenda.later(day, 1)
        agenda.put(moment(last), lambda: ward.answer(1))
    if ward.plan.fault:
        agenda.put(moment(agenda.later(last, 2)), ward.correct)
    if ward.blamed:
        agenda.put(moment(agenda.later(last, 3)), lambda: ward.correct(1))
    if ward.plan.manner == "kit":
        days = 3 if ward.plan.fault else 1
        agenda.put(moment(agenda.later(last, days), AFTERNOON), ward.ask_for_cards)
    if ward.plan.twice:
        agenda.put(moment(agenda.later(last, 1)), ward.repeat)
    if ward.plan.again:
        agenda.put(moment(agenda.later(last, 2)), ward.think_again)
    if ward.plan.scan:
        agenda.put(moment(day), ward.scan)


# --- the districts ---------------------------------------------------------------------------


def _districts(agenda: Agenda, stage: Stage, population: Population, rng: Random) -> None:
    offices = [unit for unit in population.offices if population.of_district(unit.id)]
    if not offices:
        return
    rng.shuffle(offices)
    wrong, *late_ones = offices[:4]
    amended = next(unit for unit in offices[4:] if _has_one_without_a_card(population, unit))
    normal = agenda.working(date(2015, 6, 17), date(2015, 6, 23))
    for unit in offices:
        plan = _district_plan(rng, unit, wrong, amended)
        district = District(stage, population, unit, plan, Random(unit.id))
        if unit in late_ones:
            day = LATE[late_ones.index(unit)]
        else:
            day = date(2015, 6, 18) if plan.fault else rng.choice(normal)
        agenda.put(moment(day, AFTERNOON), district.answer)
        if plan.fault:
            agenda.put(moment(date(2015, 6, 19), AFTERNOON), district.correct_elsewhere)
            agenda.put(moment(date(2015, 6, 22), AFTERNOON), district.correct)
        if unit is amended:
            agenda.put(moment(date(2015, 6, 29), FORENOON), district.amend)


def _has_one_without_a_card(population: Population, unit: Unit) -> bool:
    """In a small quarter not every district has a child who may get its card after all."""
    return any(person.fate is TrueFate.NONE for person in population.of_district(unit.id))


def _district_plan(rng: Random, unit: Unit, wrong: Unit, amended: Unit) -> districts.DistrictPlan:
    if unit is wrong:
        return districts.DistrictPlan("own", "row.card-missing")
    if unit is amended:
        return districts.DistrictPlan("own")
    return districts.DistrictPlan(rng.choice(("draft", "draft", "kit", "own")))
