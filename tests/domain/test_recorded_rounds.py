"""Made-up rounds: lists made, sent, asked for, counted and reported as they were before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random

import pytest

from bhyt_filedrop.domain.access.accounts import Access
from bhyt_filedrop.domain.conservation.alarms import alarm_letters
from bhyt_filedrop.domain.conservation.child_path import path
from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.derive.allocate import allocate
from bhyt_filedrop.domain.derive.changes import changes
from bhyt_filedrop.domain.derive.codes import with_codes
from bhyt_filedrop.domain.derive.drafts import RegisterRow, drafts
from bhyt_filedrop.domain.derive.inputs import Wanted
from bhyt_filedrop.domain.derive.plan import (
    accepted_by_key,
    approval_letter,
    plan_of,
    register_letter,
)
from bhyt_filedrop.domain.derive.sorting import sort_out
from bhyt_filedrop.domain.derive.wanted import list_wanted
from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.letters.letter import Letter
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListKey
from bhyt_filedrop.domain.owed.arrangements import Arrangement, ArrangementKind
from bhyt_filedrop.domain.owed.came import Delivered, Reopened, SentBack
from bhyt_filedrop.domain.owed.extended_days import dates_that_hold
from bhyt_filedrop.domain.owed.ics import calendar, unit_calendar
from bhyt_filedrop.domain.owed.obligations import DeliveredIndex, RoundStatus, status
from bhyt_filedrop.domain.owed.reminders import owed
from bhyt_filedrop.domain.places.gazetteer import Gazetteer
from bhyt_filedrop.domain.process.calendar import ZONE, WorkingDays
from bhyt_filedrop.domain.reports.accesses import access_report
from bhyt_filedrop.domain.reports.backlog import backlog
from bhyt_filedrop.domain.reports.endings import endings, endings_report
from bhyt_filedrop.domain.reports.held import HandedOut, HeldRow, exposure_report, person_report
from bhyt_filedrop.domain.reports.model import Report, shown
from bhyt_filedrop.domain.reports.quality import quality
from bhyt_filedrop.domain.reports.round import round_report
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import load
from bhyt_filedrop.wiring.declared import world_of
from tests.derived import ROUND, carded, city, kids, listed, visit
from tests.domain.test_making import a_record, key, the_inputs
from tests.domain.test_recorded_paper import an_answer
from tests.domain.test_reports import DROPS, FOUND
from tests.lists import PROCESS as TRACED
from tests.lists import WARDS, Book, coming_back
from tests.lists import a_child as a_traced_child
from tests.offices import LISTS_REACHED_WARDS, PROCESS, UNITS, gave, moment
from tests.recorded import is_as_recorded, mark, told

NOW = datetime(2015, 6, 12, 9, tzinfo=ZONE)
DAYS = WorkingDays()


@pytest.fixture(scope="module")
def world() -> World:
    return world_of(load(config_dir()))


# --- derived lists -------------------------------------------------------------------------------

CITY_WARDS = [unit.id for unit in (*city().children("760")[:3], *city().children("770")[:2])]


def some_children(rng: Random, count: int) -> list[ListedChild]:
    """Children of two districts, some of whom nobody can place, some twice, some outside."""
    rows = []
    for child in kids(12)[:count]:
        ward = rng.choice((*CITY_WARDS, *CITY_WARDS, ""))
        above = city()[ward].parent if ward else rng.choice(("", "", "760"))
        rows.append(
            listed(child, ward=ward, district=above, outside=not ward and rng.random() < 0.3)
        )
    return rows + rng.sample(rows, min(len(rows), rng.choice((0, 0, 1))))


def a_city_round(rng: Random) -> dict[ListKey, list[ListedChild]]:
    """What stands of a round: always the city's list, then more and more of what follows."""
    everyone = list(with_codes(some_children(rng, rng.randrange(1, 13)), ROUND))
    rolls = {key("uncarded", "cntt", "thu"): everyone}
    if rng.random() < 0.5:
        rolls[key("cost-list", "nvgd1", "cntt")] = [
            visit(child, rng.randrange(1, 90) * 10_000)
            for child in kids(12)[: rng.randrange(12)]
            for _ in range(rng.choice((1, 1, 2)))
        ]
    lost = [child for child in everyone if not child.ward]
    if lost and rng.random() < 0.5:
        placed = [replace(c, ward=CITY_WARDS[0], district="760") for c in lost]
        rolls[key("placed", "thu", "thu")] = placed[: rng.choice((1, len(placed)))]
    for district in ("760", "770"):
        mine = [c for c in everyone if c.district == district]
        rolls[key("district-list", "thu", district)] = mine
        for ward in {c.ward: 0 for c in mine if c.ward}:
            own = [c for c in mine if c.ward == ward]
            rolls[key("ward-list", district, ward)] = own
            if rng.random() < 0.6:
                told_of = [an_answer(c, rng) for c in own if rng.random() < 0.9]
                now = [c for c in told_of if c.category == "carded-now"]
                rolls[key("ward-return", ward, district)] = [c for c in told_of if c not in now]
                if rng.random() < 0.6:
                    rolls[key("ward-return", ward, district, 1)] = now
        if mine and rng.random() < 0.5:
            rolls[key("district-return", district, "thu")] = [an_answer(c, rng) for c in mine]
    if rng.random() < 0.4:
        final = [replace(carded(child), district="760") for child in kids(12)[:5]]
        rolls[key("carded-final", "thu", "nvgd1")] = final
    return rolls


def wanted_line(one: Wanted) -> str:
    key_ = one.key
    outs = told([(o.unit, o.label, o.subfolder, o.stable_name) for o in one.outs])
    return (
        f"  {key_.handoff} {key_.sender}→{key_.receiver}/{key_.part} {one.form} {outs} "
        f"{told(one.recipe)} tells={one.tells} ready={one.is_ready} {told(one.replaces)} "
        f"{len(one.retires)} {one.extra} “{one.note}”\n    {told(one.children)}"
    )


def test_the_lists_of_a_round_are_made_as_they_were(world: World):
    rng = Random(31)
    lines: list[str] = []
    for number in range(16):
        inputs = the_inputs(a_city_round(rng))
        final = rng.random() < 0.3
        for handoff in (h for h in world.process.handoffs.values() if h.made_by):
            made = list(list_wanted(handoff, inputs, world, final))
            lines.append(f"{number} {handoff.id} {'final' if final else ''}")
            lines += map(wanted_line, made[:4])

    is_as_recorded("rounds lists", lines)


def test_what_is_made_goes_out_as_it_did(world: World):
    rng = Random(37)
    lines: list[str] = []
    for number in range(10):
        rolls = a_city_round(rng)
        inputs = the_inputs(rolls)
        for handoff in (h for h in world.process.handoffs.values() if h.made_by):
            now = rng.choice((NOW, NOW, moment(7, 2), moment(5, 20)))
            drop = Drop(
                "D150612-AAAAAA",
                "main",
                f"@{handoff.id}/{ROUND}",
                handoff.sender if handoff.sender in world.units.by_id else "thu",
                0,
                0.0,
                "",
                now,
                State.PLANNED,
                handoff=handoff.id,
                round=ROUND,
            )
            todo = list(list_wanted(handoff, inputs, world, rng.random() < 0.3))[:5]
            old = [a_record(one.key, 3, basis="old", version=2) for one in todo[: rng.randrange(3)]]
            plan = plan_of(drop, todo, accepted_by_key(old), world)
            lines.append(f"{number} {handoff.id} {plan.state} {told(plan.supersedes)}")
            lines += [
                f"  {r.key.receiver} v{r.version} {r.state} {r.late} {r.rows}" for r in plan.lists
            ]
            lines += [
                f"  {d.role} {d.unit} {d.path} {mark(told(d.recipe))}" for d in plan.deliveries
            ]
            letters = (*plan.letters, approval_letter(drop, plan, world))
            lines += [f"  ✉ {x.key} {x.unit} {mark(told(x.context))}" for x in letters]
    lines += letter_lines([register_letter("Không mở được", NOW, world)])

    is_as_recorded("rounds plans", lines)


def letter_lines(letters: Iterable[Letter]) -> Iterator[str]:
    for one in letters:
        said = told(one.context) if one.kind != "digest" else mark(told(one.context))
        yield f"  ✉ {one.key} {one.kind} {one.unit} {said}"


def test_the_register_knows_whom_it_knew():
    """Names, births, mothers and wards of visits against those of the card register."""
    rng = Random(41)
    gazetteer = Gazetteer.of(city())
    lines: list[str] = []
    for number in range(25):
        some = rng.sample(list(kids(12)), rng.randrange(1, 9))
        visits = [
            visit(
                child,
                rng.randrange(1, 50) * 1000,
                name=rng.choice((child.name, child.name.lower(), child.name.split(" ", 1)[1])),
                birth=rng.choice(
                    (str(child.birth_date.year), child.birth_date.isoformat(), "2013")
                ),
                card=rng.choice(("", "", child.card)),
                parent=rng.choice(("", child.mother)),
                address=rng.choice((child.address, "", "12 Hoa Sứ")),
            )
            for child in some
            for _ in range(rng.choice((1, 1, 2, 3)))
        ]
        register = [
            RegisterRow(
                rng.choice((child.name, child.name.upper(), "Lê Văn Tý")),
                rng.choice((child.birth_date.isoformat(), str(child.birth_date.year))),
                rng.choice((child.mother, "")),
                rng.choice((child.card, child.card, "")),
                f"79{child.facility}",
                child.facility_name,
                rng.choice((child.address, "")),
                rng.choice(("", "nu" if child.girl else "nam")),
            )
            for child in rng.sample(list(kids(12)), rng.randrange(1, 9))
        ]
        found = drafts(visits, register, gazetteer)
        lines += [
            f"{number} {told(found.carded)}",
            f"  {told(found.uncarded)}",
            f"  {told(found.doubtful)}",
            f"  {mark(told(found.treated))}",
        ]
        cards = [
            carded(c, facility=rng.choice(("", "79014"))) for c in rng.sample(some, len(some) // 2)
        ]
        charged = allocate(visits, cards, city())
        lines.append(
            f"  {[(c.hospital, c.why) for c in charged.charged]} {mark(told(charged.by_district))}"
            f" {told(charged.by_hospital)}"
        )
        rows = [listed(c) for c in some] + [listed(c) for c in kids(12)[:2]]
        lines.append(f"  {told(sort_out(visits, rows))}")

    is_as_recorded("rounds register", lines)


def test_what_changed_between_two_versions_is_told_as_it_was():
    rng = Random(43)
    lines: list[str] = []
    for number in range(40):
        before = [listed(c) for c in kids(8)][: rng.randrange(9)]
        after = [c for c in before if rng.random() < 0.8]
        for at in range(len(after)):
            if rng.random() < 0.5:
                name = rng.choice(("name", "birth", "address", "code", "parent", "ward"))
                after[at] = replace(after[at], **{name: rng.choice(("", "2014-01-01", "Lê An"))})
        after += [listed(c) for c in rng.sample(list(kids(12)[8:]), rng.randrange(3))]
        rng.shuffle(after)
        lines.append(f"{number} {told(changes(before, after))}")

    is_as_recorded("rounds changes", lines)


# --- who owes what, and what is written about it -------------------------------------------------


def a_rounds_facts(rng: Random) -> DeliveredIndex:
    """Some of what comes in a round, in time or late, whole or in part, sent back, extended."""
    came: list[Delivered] = [fact for fact in LISTS_REACHED_WARDS if rng.random() < 0.93]
    back, again, arranged = [], [], []
    for ward, above in (("26734", "760"), ("26740", "760"), ("26767", "761")):
        at = moment(6, rng.randrange(1, 28))
        if rng.random() < 0.6:
            parts = rng.choice(((0, 1), (0,), (1,)))
            came.append(gave("ward-return", ward, above, at, parts, nothing=rng.random() < 0.1))
        if rng.random() < 0.3:
            name = rng.choice(("ward-return", "ward-return", ""))
            back.append(SentBack(name, ROUND if name else None, ward, at + timedelta(days=1)))
        if rng.random() < 0.3:
            again.append(Reopened("ward-return", ROUND, ward, at, rng.randrange(1, 4)))
        if rng.random() < 0.4:
            kind = rng.choice(list(ArrangementKind))
            until = (
                None if kind is list(ArrangementKind)[2] else date(2015, 6, rng.randrange(8, 29))
            )
            arranged.append(
                Arrangement(
                    1,
                    kind,
                    "ward-return",
                    ROUND,
                    rng.choice((ward, above, "")),
                    rng.choice(("", "", above, "761")),
                    until,
                    "đã gọi",
                    "thu",
                    moment(6, 5),
                )
            )
    for district in ("760", "761"):
        if rng.random() < 0.4:
            came.append(gave("district-return", district, "thu", moment(6, rng.randrange(10, 29))))
    return DeliveredIndex.of(came, again, back, arranged)


def test_who_owes_what_and_what_is_written_is_as_it_was():
    rng = Random(53)
    lines: list[str] = []
    names = {"form-4": "Mẫu 4", "d03-ts": "D03-TS"}
    for number in range(22):
        facts = a_rounds_facts(rng)
        already: frozenset[str] = frozenset()
        undecided = frozenset({"26740"}) if rng.random() < 0.2 else frozenset()
        for day in sorted(rng.sample(range(8, 30), 3)):
            now = moment(6, day, rng.choice((7, 8, 9, 15)))
            found = status(PROCESS, UNITS, ROUND, facts, now, DAYS)
            lines.append(f"{number} {now:%d/%m %H} {mark(told(found.as_json()))}")
            letters = owed(now, PROCESS, UNITS, DAYS, [ROUND], facts, already, names, undecided)
            already |= {one.key for one in letters}
            lines += letter_lines(letters)

    is_as_recorded("rounds owed", lines)


def test_calendars_to_subscribe_are_as_they_were():
    stamp = moment(6, 1)
    facts = a_rounds_facts(Random(59))
    found = status(PROCESS, UNITS, ROUND, facts, moment(6, 10), DAYS)
    dates = dates_that_hold(PROCESS, UNITS, ROUND, DAYS, facts.arranged)
    texts = [calendar(PROCESS, dates, UNITS, DAYS, stamp)]
    seen = [one.seen_by(frozenset({"26734"})) for one in dates]
    texts.append(calendar(PROCESS, seen, UNITS, DAYS, stamp))
    texts += [unit_calendar([found], unit, PROCESS, DAYS, stamp) for unit in ("26734", "760")]

    is_as_recorded("rounds calendars", (line for text in texts for line in text.splitlines()))


# --- what became of every child ------------------------------------------------------------------


def a_traced_round(rng: Random) -> Book:
    """Lists go down, most come back; some children are lost, doubled or invented on the way."""
    everyone = [a_traced_child(n, rng.choice(list(WARDS))) for n in range(rng.randrange(3, 14))]
    book = Book()
    book.down_to_wards(everyone)
    for ward, above in WARDS.items():
        mine = [c for c in everyone if c.ward == ward and rng.random() < 0.95]
        if rng.random() < 0.8:
            cut = rng.randrange(len(mine) + 1)
            rows = coming_back(mine[:cut], rng.choice(("carded-before", "uncarded", "")))
            rows += [a_traced_child(rng.randrange(20, 40), ward)] if rng.random() < 0.2 else []
            state = rng.choice(("accepted", "accepted", "held", "returned", "superseded"))
            book.gave(
                "ward-return", ward, above, rows, moment(6, rng.randrange(8, 28)), state=state
            )
            if rng.random() < 0.8:
                joined = coming_back(
                    mine[cut:], "carded-now", card=rng.choice(("", "TE1790000000009"))
                )
                book.gave("ward-return", ward, above, joined, moment(6, 20), part=1)
    for district in ("760", "761"):
        mine = [c for c in everyone if c.district == district and rng.random() < 0.95]
        if rng.random() < 0.6:
            rows = coming_back(mine[:3], "carded-now") + coming_back(mine[3:], "uncarded")
            book.gave("district-return", district, "thu", rows, moment(6, 26))
    if rng.random() < 0.5:
        final = [c for c in everyone if rng.random() < 0.5]
        book.gave("carded-final", "thu", "board", coming_back(final, "carded-now"), moment(6, 27))
        rest = [c for c in everyone if c not in final]
        book.gave("unverified", "thu", "cntt", coming_back(rest, "uncarded"), moment(6, 27))
    return book


def standing(book: Book, now: datetime) -> RoundStatus:
    facts = DeliveredIndex.of(
        Delivered(r.key.handoff, r.key.round, r.key.sender, r.key.receiver, r.at, (r.key.part,))
        for r in book.lists
        if r.state not in ("returned", "superseded")
    )
    return status(TRACED, UNITS, ROUND, facts, now, DAYS)


def report_lines(report: Report) -> Iterator[str]:
    yield f"  {report.name} | {report.title} | {report.subtitle} | {told(report.about)}"
    yield f"  {mark(told(report.as_json()))}"
    yield f"  {told(report.figures)}"
    for table in report.tables:
        yield f"  {told(replace(table, rows=()))}"
        for row in table.charted():
            yield "    " + " | ".join(shown(row.get(c.key), c.kind) for c in table.columns)


def test_every_child_is_traced_as_it_was():
    rng = Random(61)
    lines: list[str] = []
    for number in range(40):
        book = a_traced_round(rng)
        found = book.trace()
        lines.append(f"{number} {found.closes} {found.unplaced} {told(found.as_json())}")
        lines += letter_lines(alarm_letters(found, TRACED, UNITS))
        for child in (f"15Q1-{n:04}" for n in (0, 1, 2, 25)):
            stops = path(found, child)
            lines.append(f"  {[(s.stand.place, s.stand.category, s.certain) for s in stops]}")

    is_as_recorded("rounds traces", lines)


def test_every_report_says_what_it_said():
    rng = Random(67)
    lines: list[str] = []
    for number in range(5):
        book, now = a_traced_round(rng), moment(6, rng.choice((14, 22, 30)))
        found, stands = book.trace(), standing(book, now)
        held = [
            HeldRow(r, c, f"{c.name}|{c.birth}") for r in book.lists for c in book.rolls[r.drop, 0]
        ]
        handed = [
            HandedOut("D001", "file", "760", "main: a/b.xlsx", moment(5, 20)),
            HandedOut("D001", "letter", "760", "a@q1.example", moment(5, 21)),
            HandedOut("D002", "page", "gone", "phong-thu", moment(5, 22)),
        ]
        ended = endings(stands, book.lists, {r.drop: ("row.over-age",) for r in book.lists})
        lines.append(f"{number}")
        for report in (
            backlog(found, stands, TRACED, UNITS),
            round_report(stands, book.lists, UNITS),
            endings_report(ended, UNITS, now, [ROUND], {}),
            exposure_report(held[:9], handed, UNITS, now, "mọi tệp"),
            person_report(held[:3], handed[: number % 4], UNITS, now),
        ):
            lines += report_lines(report)
    lines += report_lines(quality(DROPS, FOUND, UNITS, moment(6, 30)))
    seen = [
        Access(moment(6, 16), "phong-thu", "10.0.0.7", "opened", "760", "D150616-7K3FQX", "drop"),
        Access(moment(6, 17), "quan-1", "10.0.0.8", "searched", what="search 15Q1-7K3FQM"),
        Access(moment(6, 18), "phong-thu", "10.0.0.7", "opened", "gone", "", "round"),
    ]
    lines += report_lines(access_report(seen, UNITS, moment(6, 30), ["phong-thu"]))
    lines += report_lines(access_report([], UNITS, moment(6, 30), []))

    is_as_recorded("rounds reports", lines)
