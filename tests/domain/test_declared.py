"""What is declared, as it is on a day; and what holds where the configuration says nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.places.gazetteer import Gazetteer
from bhyt_filedrop.domain.process.calendar import ZONE, owed_once
from bhyt_filedrop.domain.process.handoffs import Due, HandOff, ProcessHead, Reminders
from bhyt_filedrop.domain.process.keys import Days, Text
from bhyt_filedrop.domain.process.units import Unit, Units
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import load
from bhyt_filedrop.wiring.declared import world_of
from tests.offices import MAY_DAY, a_process, handoff

JUNE, JULY = date(2025, 6, 30), date(2025, 7, 1)


@pytest.fixture(scope="module")
def world() -> World:
    units = Units.of(
        [
            Unit("q1", "Quận 1", "district", valid_to=JUNE, successors=("cs1",)),
            Unit("cs1", "BHXH cơ sở Sài Gòn", "district", valid_from=JULY),
        ]
    ).at(JUNE)
    shipped = world_of(load(config_dir()))
    return replace(shipped, units=units, places=Gazetteer.of)


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=ZONE)


def test_the_world_of_a_day_has_the_units_and_the_places_of_that_day(world: World):
    """It is worked out once a day, not for each file."""
    today, later = world.at(at(JUNE)), world.at(at(JULY))

    assert today is world
    assert later.units.is_gone("q1") and not later.units.is_gone("cs1")
    assert later.gazetteer is not world.gazetteer
    assert later.routes.units is later.units
    assert world.at(at(JULY)) is later


def test_where_places_are_always_the_same_another_day_has_them_too(world: World):
    fixed = replace(world, places=None)

    assert fixed.at(at(JULY)).gazetteer is fixed.gazetteer


@pytest.mark.parametrize(("day", "over"), [(JUNE, False), (JULY, True)])
def test_an_office_is_over_from_the_day_after_its_last(day: date, over: bool):
    assert Unit("q1", "Quận 1", "district", valid_to=JUNE).is_over(day) is over
    assert not Unit("q1", "Quận 1", "district").is_over(day)


def test_what_has_a_date_of_its_own_is_owed_once():
    process = a_process(
        handoff("a", "cntt", "thu", Due(2, 20)),
        handoff("b", "thu", "board", Due(on=MAY_DAY)),
        handoff("c", "thu", "board", None),
    )

    assert owed_once(process) == ("b",)


@pytest.mark.parametrize(
    ("made_by", "made_from", "form", "part"),
    [
        ("card-requests", ("ward-return",), "d03-ts", 1),
        ("card-requests", ("ward-return",), "form-4", 0),
        ("card-requests", ("ward-return",), "form-3", None),
        ("card-requests", ("district-return",), "d03-ts", None),
        ("split", ("ward-return",), "d03-ts", None),
        ("", ("ward-return",), "d03-ts", None),
    ],
)
def test_a_part_of_a_return_is_offered_filled_in_by_the_hand_off_that_is_made_from_it(
    made_by: str, made_from: tuple[str, ...], form: str, part: int | None
):
    parties = {"sender": "ward", "receiver": "parent"}
    back = HandOff(id="ward-return", name="H5", parts=(("form-4",), ("d03-ts",)), **parties)
    other = HandOff(
        id="offer", name="Nháp", made_by=made_by, made_from=made_from, form=form, **parties
    )

    assert back.takes_draft_of(other) == part


def test_a_process_that_says_nothing_reminds_at_eight_and_takes_lists_for_a_quarter_more():
    """The reference names these defaults; who relies on them changed nothing."""
    said = ProcessHead(name="Thử")

    assert (said.remind_at, said.open_from_month) == (time(8), 1)
    assert said.open_days_after_last_due == 90
    assert Reminders().before == (7, 3, 1)


@pytest.mark.parametrize(
    ("kind", "value", "taken"),
    [
        (Text, "A", True), (Text, "", False),
        (Days, 0, True), (Days, 365, True), (Days, -1, False), (Days, 366, False),
    ],
)  # fmt: skip
def test_a_name_has_a_letter_at_least_and_a_number_of_days_a_year_at_most(
    kind: Any, value: object, taken: bool
):
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError:
        assert not taken
    else:
        assert taken
