"""Synthetic children and their lists: correct ones pass, planted faults are found at their cell."""

from __future__ import annotations

from datetime import date
from functools import cache

import openpyxl
import pytest

from bhyt_filedrop.domain.cells.grid import Workbook
from bhyt_filedrop.domain.cells.people import read_card, read_facility, read_name
from bhyt_filedrop.domain.checks import Context, by_id, check
from bhyt_filedrop.domain.findings import CODES, Finding, Severity
from bhyt_filedrop.domain.forms.recognise import recognise
from bhyt_filedrop.domain.paper.layout import SheetLayout
from bhyt_filedrop.domain.places.gazetteer import Gazetteer
from bhyt_filedrop.domain.process.entitlement import Entitlement
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import Settings, load
from bhyt_filedrop.simulate.addresses import STYLES
from bhyt_filedrop.simulate.faults import FAULTS, HEADING_FAULTS, Planted
from bhyt_filedrop.simulate.lists import laid_out, list_of, write_list
from bhyt_filedrop.simulate.people import HOSPITALS, InventedChild, children
from bhyt_filedrop.simulate.shapes import shapes

ROUND = Round(2015, 1)
TODAY = date(2015, 6, 10)
SENDERS = {"form-3": "760", "form-4": "26740"}
HANDOFFS = {
    "form-1": "carded",
    "form-2": "ward-list",
    "form-3": "district-return",
    "form-4": "ward-return",
    "d03-ts-490": "ward-return",
    "d03-ts-595": "ward-return",
    "d03-ts-1111": "ward-return",
    "c79a": "cost-list",
    "c80a": "cost-list",
    "c79a-c80a": "cost-list",
}


@cache
def shipped() -> Settings:
    return load(config_dir())


@cache
def gazetteer() -> Gazetteer:
    return Gazetteer.of(shipped().units, shipped().aliases)


@cache
def some_children(count: int = 12, style: str = "full") -> tuple[InventedChild, ...]:
    units = shipped().units
    wards = [units["26740"]]
    return tuple(children(units, count, round=ROUND, wards=wards, style=style))


def sender(form: str) -> str:
    return SENDERS.get(form, "26740" if form.startswith("d03") else "cntt")


def a_list(form: str, style: str = "full"):
    units = shipped().units
    return list_of(form, ROUND, units[sender(form)], units, some_children(12, style))


def context(form: str) -> Context:
    units, handoff = shipped().units, shipped().process.handoffs[HANDOFFS[form]]
    return Context(
        TODAY,
        units,
        gazetteer(),
        by_id(shipped().forms),
        ROUND,
        units["760"] if form == "form-2" else units[sender(form)],
        units["26740"] if form == "form-2" else None,
        handoff,
        frozenset({ROUND}),
        frozenset(f"79{code}" for code, _ in HOSPITALS),
    )


def findings(layout: SheetLayout, form: str) -> list[Finding]:
    book = Workbook("xlsx", (layout.as_sheet(),))
    recognition = recognise(book, shipped().forms, shipped().units)
    found = list(recognition.findings)
    for submission in recognition.submissions:
        found += check(submission, context(form))
    return found


def serious(found: list[Finding]) -> list[tuple[str, str | None]]:
    return [(f.code, f.cell) for f in found if f.severity is not Severity.NOTES]


# --- the people ------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_children_and_another_seed_others():
    units = shipped().units

    assert children(units, 5, round=ROUND, seed=7) == children(units, 5, round=ROUND, seed=7)
    assert children(units, 5, round=ROUND, seed=7) != children(units, 5, round=ROUND, seed=8)


def test_no_two_children_share_a_name_a_card_or_a_code_among_a_hundred_thousand():
    many = children(shipped().units, 100_000, round=ROUND)

    for field in ("name", "card", "code"):
        assert len({getattr(child, field) for child in many}) == 100_000
    assert {child.ward for child in many} == {w.id for w in shipped().units.of_kind("ward")}


def test_every_child_is_covered_in_its_round_and_was_born_before_it_ended():
    for child in children(shipped().units, 300, round=ROUND):
        assert child.birth_date <= ROUND.last_day
        assert Entitlement().is_covered(child.birth_date, max(child.birth_date, ROUND.first_day))


def test_names_cards_and_hospitals_are_such_as_the_rules_take():
    for child in children(shipped().units, 300, round=ROUND):
        assert read_name(child.name).problem == ""
        assert read_name(child.mother).problem == ""
        assert read_card(child.card).kind == "te"
        assert read_facility("79", child.facility).problem == ""


@pytest.mark.parametrize("style", sorted(STYLES))
def test_addresses_in_ten_clerks_styles_lie_where_they_say(style):
    """None may be misplaced; a style that says too little may stay unplaced."""
    placed = 0
    for child in children(shipped().units, 322, round=ROUND, style=style):
        found = gazetteer().place(child.address)
        assert found.ward in ("", child.ward)
        placed += found.ward == child.ward
    assert placed >= 319  # 99 %


# --- correct lists ---------------------------------------------------------------------------


@pytest.mark.parametrize("form", sorted(shapes()))
def test_a_correct_list_of_every_form_earns_nothing_above_a_note(form):
    layout, _ = laid_out(a_list(form), shipped().units)

    assert serious(findings(layout, form)) == []


# --- planted faults --------------------------------------------------------------------------


def fitting_form(code: str) -> str:
    """The first form that a fault fits, the wards' own form first."""
    fault = FAULTS[code]
    order = ["form-4", "form-3", "form-2", "d03-ts-490", "d03-ts-1111", "c79a"]
    for form in order:
        if fault.forms and form not in fault.forms:
            continue
        if any(c.field == fault.field for c in shapes()[form].columns):
            return form
    raise AssertionError(code)


def where(planted: tuple[Planted, ...]) -> list[tuple[str, str | None]]:
    return [(p.code, p.cell) for p in planted]


@pytest.mark.parametrize("code", sorted(FAULTS))
def test_a_planted_fault_is_found_at_its_cell_and_nothing_else_is_found(code):
    form = fitting_form(code)
    layout, planted = laid_out(a_list(form), shipped().units, [code])
    found = findings(layout, form)

    assert where(planted)[0] in [(f.code, f.cell) for f in found]
    assert {f.code for f in found if f.severity is not Severity.NOTES} <= {code}


@pytest.mark.parametrize("code", sorted(HEADING_FAULTS))
def test_a_fault_of_the_whole_list_is_found_and_nothing_else_is_found(code):
    layout, planted = laid_out(a_list("form-3"), shipped().units, [code])
    found = findings(layout, "form-3")

    assert {f.code for f in found if f.severity is not Severity.NOTES} == {code}
    if planted[0].cell:
        assert where(planted)[0] in [(f.code, f.cell) for f in found]


def test_many_faults_in_one_list_are_each_found_at_their_own_cell():
    codes = [
        "row.birth-date-missing",
        "row.card-invalid",
        "row.card-missing",
        "row.parent-missing",
        "row.reason-missing",
        "row.address-elsewhere",
        "form.total-wrong",
    ]
    layout, planted = laid_out(a_list("form-4"), shipped().units, codes)

    assert sorted(serious(findings(layout, "form-4"))) == sorted(where(planted))


def test_every_code_that_can_be_planted_is_a_published_one():
    assert {*FAULTS, *HEADING_FAULTS} <= set(CODES)


def test_a_fault_that_no_child_of_the_list_fits_is_refused():
    with pytest.raises(ValueError, match="does not fit form-2"):
        laid_out(a_list("form-2"), shipped().units, ["row.reason-missing"])
    with pytest.raises(ValueError, match="no child is left"):
        laid_out(a_list("form-2"), shipped().units, ["row.parent-missing"] * 13)


def test_a_written_list_holds_its_faults_where_it_says(tmp_path):
    wanted = a_list("form-4")
    planted = write_list(tmp_path / "a.xlsx", wanted, shipped().units, ["row.card-not-child"])
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")[planted[0].sheet]

    assert str(sheet[planted[0].cell].value).startswith("DN479")
