"""More made-up rounds and drops, in few letters each: lists, plans, debts, traces, reports stay.

`test_recorded_rounds` and `test_recorded_drops` write all out, so that a difference can be read; of
these a mark is kept. Some are of a city that was reorganised in the middle of the round.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from random import Random

import pytest

from bhyt_filedrop.domain.conservation.alarms import alarm_letters
from bhyt_filedrop.domain.conservation.child_path import path
from bhyt_filedrop.domain.conservation.trace import trace
from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.derive.plan import accepted_by_key, approval_letter, plan_of
from bhyt_filedrop.domain.derive.wanted import list_wanted
from bhyt_filedrop.domain.drops.decide import decide
from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.owed.board import board_of
from bhyt_filedrop.domain.owed.obligations import status
from bhyt_filedrop.domain.owed.reminders import owed
from bhyt_filedrop.domain.owed.todo import to_do
from bhyt_filedrop.domain.process.calendar import WorkingDays
from bhyt_filedrop.domain.process.units import Unit, Units
from bhyt_filedrop.domain.reports.backlog import backlog
from bhyt_filedrop.domain.reports.endings import endings, endings_report
from bhyt_filedrop.domain.reports.quality import DropFact, FindingCount, quality
from bhyt_filedrop.domain.reports.round import round_report
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import load
from bhyt_filedrop.wiring.declared import world_of
from tests.cities import as_shipped
from tests.domain.test_decide import ROUTES
from tests.domain.test_making import a_record, the_inputs
from tests.domain.test_recorded_drops import plan_lines, some_facts
from tests.domain.test_recorded_rounds import (
    NOW,
    a_city_round,
    a_rounds_facts,
    a_traced_round,
    standing,
)
from tests.lists import PROCESS as TRACED
from tests.offices import PROCESS, ROUND, UNITS, a_process, moment
from tests.recorded import is_as_recorded, mark, told

DAYS = WorkingDays(frozenset({date(2015, 6, 17)}))
LAST = date(2015, 6, 12)


@pytest.fixture(scope="module")
def world() -> World:
    return world_of(load(config_dir()))


def reorganised(day: date) -> Units:
    """Quận 1 and a ward of it are closed on 12/06: others took over."""
    old = {"760": ("cs1",), "26740": ("n1",)}
    kept = [
        replace(u, valid_to=LAST, successors=old[u.id]) if u.id in old else u
        for u in UNITS
    ]  # fmt: skip
    first = date(2015, 6, 13)
    new = [
        Unit("cs1", "BHXH cơ sở Sài Gòn", "district", valid_from=first),
        Unit("n1", "Phường Sài Gòn", "ward", "cs1", valid_from=first),
    ]
    return as_shipped(Units.of([*kept, *new])).at(day)


def test_debts_and_letters_of_more_rounds_are_as_they_were():
    rng = Random(107)
    lines: list[str] = []
    names = {"form-4": "Mẫu 4", "d03-ts": "D03-TS"}
    quiet = [replace(h, reminders=replace(h.reminders, after_daily=False, on_day=False))
             for h in PROCESS.handoffs.values()]  # fmt: skip
    for number in range(42):
        facts, already = a_rounds_facts(rng), frozenset[str]()
        process = rng.choice((PROCESS, PROCESS, a_process(*quiet, digest_to="")))
        undecided = frozenset({"26740"}) if rng.random() < 0.2 else frozenset()
        changed = rng.random() < 0.4
        for day in sorted(rng.sample(range(5, 30), 2)):
            now = moment(6, day, rng.choice((7, 8, 9, 15)))
            units = reorganised(now.date()) if changed else UNITS
            found = status(process, units, ROUND, facts, now, DAYS)
            letters = owed(now, process, units, DAYS, [ROUND], facts, already, names, undecided)
            already |= {one.key for one in letters}
            lines.append(
                f"{number} {now:%d/%m %H} {mark(told(found.as_json()))} "
                f"{[(x.unit, x.kind) for x in letters]} {mark(told([x.context for x in letters]))} "
                f"{mark(told(board_of(found, units)))} {mark(told(to_do(found)))}"
            )

    is_as_recorded("odd owed", lines)


def test_more_drops_earn_what_they_did():
    rng = Random(109)
    lines: list[str] = []
    for number in range(160):
        plan = decide(some_facts(rng), ROUTES)
        kinds = Counter(letter.kind for letter in plan.letters)
        lines.append(
            f"{number} {plan.state} {[f.code for f in plan.findings]} {dict(kinds)} "
            f"{len(plan.deliveries)} {mark(plan_lines(plan))}"
        )

    is_as_recorded("odd decided", lines)


def test_lists_and_plans_of_more_rounds_are_as_they_were(world: World):
    rng = Random(113)
    lines: list[str] = []
    for number in range(15):
        inputs = the_inputs(a_city_round(rng))
        for handoff in (h for h in world.process.handoffs.values() if h.made_by):
            now = rng.choice((NOW, NOW, moment(7, 2), moment(5, 20)))
            sender = handoff.sender if handoff.sender in world.units.by_id else "thu"
            drop = Drop(
                "D150612-AAAAAA", "main", f"@{handoff.id}/{ROUND}", sender, 0, 0.0, "", now,
                State.PLANNED, handoff=handoff.id, round=ROUND,
            )  # fmt: skip
            made = list(list_wanted(handoff, inputs, world, rng.random() < 0.3))
            made = [one for one in made if one.outs or one.children or rng.random() < 0.02]
            old = [a_record(one.key, 3, basis="old", version=2) for one in made[: rng.randrange(3)]]
            plan = plan_of(drop, made, accepted_by_key(old), world)
            letters = (*plan.letters, approval_letter(drop, plan, world))
            lines.append(
                f"{number} {handoff.id} {[(x.key.receiver, len(x.children)) for x in made]} "
                f"{mark(told(made))} {plan.state} {[(r.state, r.version) for r in plan.lists]} "
                f"{mark(told((plan.lists, plan.deliveries, plan.supersedes)))} "
                f"{mark(told([(x.key, x.context) for x in letters]))}"
            )

    is_as_recorded("odd lists", lines)


def test_more_children_are_traced_and_reported_as_they_were():
    rng = Random(127)
    lines: list[str] = []
    for number in range(50):
        book, now = a_traced_round(rng), moment(6, rng.choice((11, 14, 22, 30)))
        units = reorganised(now.date()) if number % 3 == 0 else UNITS
        found = trace(ROUND, book.lists, book.rolls, TRACED, units)
        stops = [path(found, f"15Q1-{n:04}") for n in (0, 1, 2, 3, 25)]
        lines.append(
            f"{number} {found.unplaced} {mark(told(found.as_json()))} {[len(s) for s in stops]} "
            f"{mark(told([[(s.stand.place, s.certain) for s in some] for some in stops]))} "
            f"{[(x.unit, mark(told(x.context))) for x in alarm_letters(found, TRACED, units)]}"
        )
        if number % 6 == 0:
            stands = standing(book, now)
            ended = endings(stands, book.lists, {r.drop: ("row.over-age",) for r in book.lists[:3]})
            reports = (
                backlog(found, stands, TRACED, units),
                round_report(stands, book.lists, UNITS),
                endings_report(ended, UNITS, now, [ROUND], {}),
            )
            lines += [
                f"  {r.name} {mark(told(r.as_json()))} {mark(told(r.tables))}" for r in reports
            ]

    is_as_recorded("odd traces", lines)


def test_the_quality_of_more_files_is_reported_as_it_was():
    rng = Random(131)
    lines: list[str] = []
    codes = ("row.card-missing", "row.over-age", "row.number-gap", "form.round-missing", "file.x")
    weights = ("blocks", "blocks", "warns", "notes")
    for number in range(8):
        rounds = [ROUND, ROUND.next, ROUND.previous, ROUND.next.next, ROUND.previous.previous]
        drops = [
            DropFact(
                f"d{n}", rng.choice(("760", "26734", "761", "26740", "gone")),
                rng.choice((None, *rounds[: number % 6])), rng.choice(list(State)), moment(6, 8),
            )
            for n in range(rng.randrange(1, 30))
        ]  # fmt: skip
        counts = [
            FindingCount(d.drop, rng.choice(codes), rng.choice(weights), rng.randrange(1, 9))
            for d in drops
            if rng.random() < 0.7
        ]
        report = quality(drops, counts, UNITS, moment(6, 30))
        lines.append(f"{number} {report.subtitle} {mark(told(report.as_json()))}")
        lines += [f"  {t.key} {len(t.rows)} {mark(told(t))}" for t in report.tables]

    is_as_recorded("odd quality", lines)
