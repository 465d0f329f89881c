"""The process as a chart: everybody stands in it once, every hand-off goes from one to another."""

from __future__ import annotations

import pytest

from bhyt_filedrop.domain.process.chart import ProcessChart, chart_of
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import load
from bhyt_filedrop.wiring.declared import world_of


def chart(city: str) -> ProcessChart:
    world = world_of(load(config_dir().parent / city))
    return chart_of(world.process, world.units, Round(2015, 1), world.days)


@pytest.fixture(scope="module")
def city() -> ProcessChart:
    return chart("hcmc-2015")


def test_offices_with_a_part_of_their_own_stand_alone_and_the_others_as_their_kind(
    city: ProcessChart,
):
    told = {one.key: one.count for one in city.offices}

    assert told == {"nvgd1": 1, "cntt": 1, "thu": 1, "board": 1, "district": 24, "ward": 322}


@pytest.mark.parametrize(
    ("number", "givers", "takers", "made_from"),
    [
        ("H1", ("nvgd1",), ("cntt",), []),
        ("H3", ("thu",), ("district",), ["H2b", "H2d"]),
        ("H4", ("district",), ("ward",), ["H2b", "H2d"]),
        ("H5", ("ward",), ("district",), []),
        ("H9", ("nvgd1",), ("nvgd1",), ["H1", "H2a", "H7", "H8"]),
    ],
)
def test_a_hand_off_goes_from_those_who_give_it_to_those_who_get_it(
    city: ProcessChart,
    number: str,
    givers: tuple[str, ...],
    takers: tuple[str, ...],
    made_from: list[str],
):
    (step,) = (one for one in city.steps if one.handoff.number == number)

    assert (step.givers, step.takers) == (givers, takers)
    assert [one.number for one in step.made_from] == made_from


def test_a_step_is_due_as_its_round_says(city: ProcessChart):
    due = {one.handoff.number: one.due.text for one in city.steps if one.due}

    assert due["H5"] == "chậm nhất ngày 15/06/2015"
    assert due["H6"] == "trước ngày 25/06/2015"


@pytest.mark.parametrize("name", ["hcmc-2015", "hcmc-2025"])
def test_no_step_leads_to_an_office_that_is_not_in_the_chart(name: str):
    drawn = chart(name)
    keys = {one.key for one in drawn.offices}

    assert drawn.steps
    for step in drawn.steps:
        assert step.givers and step.takers, step.handoff.id
        assert keys.issuperset((*step.givers, *step.takers, *step.copies))


def test_an_office_of_the_chart_is_called_by_its_name(city: ProcessChart):
    one = city.offices[1]

    assert city.name_of(one.key) == one.name != city.offices[0].name
    assert city.name_of("nobody") == "nobody"
