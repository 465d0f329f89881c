"""The cast of the simulated quarter: its children, what its offices read and what they write."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random

import openpyxl
import pytest

from bhyt_filedrop.domain.checks import Context, by_id, check
from bhyt_filedrop.domain.findings import Finding, Severity
from bhyt_filedrop.domain.forms.recognise import recognise
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.paper.kit import kit_sheets
from bhyt_filedrop.domain.places.gazetteer import Gazetteer
from bhyt_filedrop.domain.process.units import Unit
from bhyt_filedrop.edges.workbooks.reading.reader import WorkbookReader
from bhyt_filedrop.edges.workbooks.write import write_layouts
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import Settings, load
from bhyt_filedrop.simulate.quarter import ward_plans
from bhyt_filedrop.simulate.quarter.answering import (
    HABITS,
    PLAIN,
    ChildAnswer,
    Habit,
    form_4,
    joining,
    printed,
)
from bhyt_filedrop.simulate.quarter.filling import KIT_FAULTS, fill_in
from bhyt_filedrop.simulate.quarter.formats import WRITERS
from bhyt_filedrop.simulate.quarter.population import Person, Population, TrueFate, populate
from bhyt_filedrop.simulate.quarter.script import ROUND, moment
from bhyt_filedrop.simulate.quarter.tables import SheetLine, SheetTable, read_table


@cache
def shipped() -> Settings:
    return load(config_dir())


@cache
def gazetteer() -> Gazetteer:
    return Gazetteer.of(shipped().units, shipped().aliases)


@cache
def a_city(count: int = 3000, seed: int = 1) -> Population:
    return populate(shipped().units, ROUND, count, seed)


def a_ward(*fates: TrueFate) -> tuple[Unit, tuple[Person, ...]]:
    """The ward with the most children that has some of each fate."""
    by_size = sorted(a_city().by_ward.items(), key=lambda item: -len(item[1]))
    wards = (item for item in by_size if {p.fate for p in item[1]} >= set(fates))
    unit, people = next(wards)
    return shipped().units[unit], people


# --- the children ----------------------------------------------------------------------------


def test_the_same_seed_makes_the_same_city_and_another_seed_another():
    assert populate(shipped().units, ROUND, 700, 5) == populate(shipped().units, ROUND, 700, 5)
    assert a_city(700, 5).people != a_city(700, 6).people


def test_no_two_children_are_called_the_same_on_any_list():
    people = a_city().people
    keys = [key for person in people for key in {person.key, person.real_key}]

    assert len(keys) == len(set(keys))
    assert len(people) > 2990


def test_a_city_has_what_makes_its_lists_hard():
    people = a_city().people
    names = [person.child.name for person in people]
    mothers = [(person.child.mother, person.child.birth_date) for person in people]

    assert {person.fate for person in people} == set(TrueFate)
    assert any(person.is_nameless for person in people)
    assert len(set(names)) < len(names), "namesakes"
    assert len(set(mothers)) < len(mothers), "twins"
    assert any(len(person.visits) > 1 for person in people)
    assert any(not person.readable for person in people)
    assert any(person.outside for person in people)
    assert not {p.key for p in a_city().outside} & {
        p.key for own in a_city().by_ward.values() for p in own
    }
    assert 3 <= 322 - len(a_city().by_ward) <= 15, "some wards have no child"


def test_a_child_without_a_card_has_a_reason_and_no_other_has_one():
    inside = [p for p in a_city().people if not p.outside]
    assert {bool(p.reason) for p in inside if p.fate is TrueFate.NONE} == {True}
    assert {p.reason for p in a_city().people if p.fate is not TrueFate.NONE} == {""}


def test_twins_of_one_sex_end_in_one_list_for_nothing_tells_them_apart():
    found: dict[object, set[TrueFate]] = {}
    for person in a_city().people:
        child = person.child
        found.setdefault((child.mother, child.birth_date, child.girl), set()).add(person.fate)

    assert {len(fates) for fates in found.values()} == {1}


def test_the_gazetteer_misplaces_no_child_of_the_city_and_places_nearly_all():
    told = [(p, gazetteer().place(p.address).ward) for p in a_city().sent]
    plain = [ward for person, ward in told if person.readable and not person.cut]

    assert all(ward in ("", person.child.ward) for person, ward in told)
    assert sum(map(bool, plain)) >= 0.99 * len(plain)


# --- what an office reads ----------------------------------------------------------------------


@pytest.fixture
def kit(tmp_path: Path) -> tuple[Path, SheetTable, list[ChildAnswer]]:
    """A ward's list as it is delivered, and what the ward knows of the children on it."""
    unit, people = a_ward(TrueFate.BEFORE, TrueFate.NOW, TrueFate.NONE)
    path = tmp_path / "kit.xlsx"
    write_layouts(kit_sheets([_listed(p) for p in people], unit, ROUND, shipped().units), path)
    table = read_table(path)
    return path, table, [ChildAnswer(line, a_city().by_key[line.key]) for line in table.lines]


def _listed(person: Person) -> ListedChild:
    child = person.child
    return ListedChild(
        code=child.code,
        name=person.listed_as,
        birth=child.birth_date.isoformat(),
        sex="nu" if child.girl else "nam",
        parent=child.mother,
        id_number=child.id_number,
        address=person.address,
        ward=child.ward,
    )


def test_an_office_finds_every_child_of_the_list_it_was_sent(
    kit: tuple[Path, SheetTable, list[ChildAnswer]],
):
    _, people = a_ward(TrueFate.BEFORE, TrueFate.NOW, TrueFate.NONE)

    assert [answer.person for answer in kit[2]] == list(people)
    assert {"status", "card", "facility", "note", "code"} <= set(kit[1].columns)


@pytest.mark.parametrize("format", sorted(WRITERS))
def test_every_format_that_offices_save_is_read_by_the_product_cell_by_cell(
    format: str, tmp_path: Path
):
    layout, _ = own_list()
    ending, write = WRITERS[format]
    path = tmp_path / f"a{ending}"
    write([layout], path)

    with WorkbookReader(shipped().limits) as reader:
        book = reader.read(path, path.name).workbook

    assert book is not None
    (sheet,) = book.sheets
    name = sheet.rows[layout.child_rows[0] - 1][layout.columns["name"] - 1]
    assert name == answers_of()[0].name


# --- what an office writes ---------------------------------------------------------------------


def answers_of() -> list[ChildAnswer]:
    """The answers of a ward that types form 4: those for its two sections, in their order."""
    _, people = a_ward(TrueFate.BEFORE, TrueFate.NOW, TrueFate.NONE)
    lines = read_lines(people)
    told = [ChildAnswer(line, person) for line, person in zip(lines, people, strict=True)]
    return [
        a for fate in (TrueFate.BEFORE, TrueFate.NONE, TrueFate.NOW) for a in told if a.fate is fate
    ]


def read_lines(people: tuple[Person, ...]) -> Iterator[SheetLine]:
    for number, person in enumerate(people, start=1):
        listed = _listed(person)
        yield SheetLine(
            number, "", {"name": listed.name, "parent": listed.parent, "code": listed.code}
        )


def own_list(habit: Habit = PLAIN, spoil: tuple[str, ...] = ()):
    unit, _ = a_ward(TrueFate.BEFORE, TrueFate.NOW, TrueFate.NONE)
    wanted = form_4(unit, shipped().units, ROUND, answers_of(), habit)
    return printed(wanted, shipped().units, habit, spoil)


def findings(path: Path) -> list[Finding]:
    """What the product says of a ward's file, the comparison with the sent list aside."""
    unit, _ = a_ward(TrueFate.BEFORE, TrueFate.NOW, TrueFate.NONE)
    units, forms = shipped().units, shipped().forms
    with WorkbookReader(shipped().limits) as reader:
        book = reader.read(path, path.name).workbook
    assert book is not None
    found = recognise(book, forms, units)
    handoff = shipped().process.handoffs["ward-return"]
    context = Context(
        moment(ROUND.next.last_day).date(), units, gazetteer(), by_id(forms), ROUND, unit,
        units[unit.parent], handoff, frozenset({ROUND}),
    )  # fmt: skip
    rows = [one for submission in found.submissions for one in check(submission, context)]
    return [f for f in (*found.findings, *rows) if f.severity is Severity.BLOCKS]


@pytest.mark.parametrize("habit", [PLAIN, *HABITS], ids=str)
def test_whatever_a_clerks_habits_are_a_correct_list_of_its_own_is_taken(
    habit: Habit, tmp_path: Path
):
    unit, _ = a_ward(TrueFate.BEFORE, TrueFate.NOW, TrueFate.NONE)
    form, _ = own_list(habit)
    wanted = joining(unit, shipped().units, ROUND, answers_of(), habit)
    d03, _ = printed(wanted, shipped().units, habit)
    write_layouts([form, d03], tmp_path / "a.xlsx")

    assert findings(tmp_path / "a.xlsx") == []
    assert ("code" in form.columns) == habit.keeps_code


def test_a_list_that_was_filled_in_right_is_taken(
    kit: tuple[Path, SheetTable, list[ChildAnswer]], tmp_path: Path
):
    source, table, answers = kit
    fill_in(source, table, answers, tmp_path / "a.xlsx")

    assert findings(tmp_path / "a.xlsx") == []


@pytest.mark.parametrize("code", sorted(KIT_FAULTS))
def test_a_fault_made_in_the_reply_kit_stands_where_it_says_and_is_found_there(
    code: str, kit: tuple[Path, SheetTable, list[ChildAnswer]], tmp_path: Path
):
    source, table, answers = kit
    (planted,) = fill_in(source, table, answers, tmp_path / "a.xlsx", [code])
    field, value = KIT_FAULTS[code]
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")

    assert book[planted.sheet][planted.cell].value == value
    assert planted.cell == table.cell(planted.row or 0, field)
    assert [(f.code, f.cell) for f in findings(tmp_path / "a.xlsx")] == [(code, planted.cell)]


def test_every_fault_of_the_plans_is_made_by_some_ward_of_a_whole_city():
    grave = {fault for fault, _ in ward_plans.GRAVE}
    every = {*grave, *ward_plans.KIT_CODES, *ward_plans.OWN_CODES}
    plans = dict(ward_plans.plans(a_city(10_000), Random("1")))

    assert {plan.fault for plan in plans.values()} == {*every, ""}
    assert {plan.manner for plan in plans.values()} == set(ward_plans.MANNERS)
    assert {plan.habit for plan in plans.values()} == {PLAIN, *HABITS}
    assert any(plan.old_sheet for plan in plans.values())
    assert any(plan.both for plan in plans.values())
    assert any(plan.hasty for plan in plans.values())
    assert {plan.format for plan in plans.values()} == set(WRITERS)
    assert len(plans) == len(a_city(10_000).by_ward)
