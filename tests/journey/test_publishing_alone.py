"""What a derived workbook says beside its rows: whom it waits for, whose it is, when it is due."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.paper.kit import KitGuide
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import load
from bhyt_filedrop.wiring.declared import world_of
from bhyt_filedrop.work.derived.publish import Publisher, _guide, _remark
from tests.offices import moment

ROUND = Round(2015, 1)


@pytest.fixture(scope="module")
def world() -> World:
    return world_of(load(config_dir()))


@dataclass
class Always:
    """What is declared, whenever it is asked."""

    world: World

    def at(self, _now: object) -> World:
        return self.world


@pytest.fixture
def publisher(world: World) -> Publisher:
    asked = {("D1", 0): (1, 2), ("D2", 1): (3,)}
    return Publisher(
        Always(world),  # type: ignore[arg-type]
        lambda drop, seq: asked[drop, seq],  # type: ignore[arg-type, return-value]
        lambda _sheets, _to: None,
        lambda: moment(6, 12, 9),
    )


def test_a_city_list_waits_for_the_units_of_its_recipe_that_there_are_still(publisher: Publisher):
    recipe = {"reported": ["761", "gone"], "missing": ["760"]}

    assert publisher.expected(recipe) == ["760", "761"]


def test_a_list_s_children_are_those_of_the_lists_that_its_recipe_names(publisher: Publisher):
    recipe = {"list": ["D1", 0], "before": None}

    assert publisher.rows(recipe) == (1, 2)
    assert publisher.rows(recipe, "before") == publisher.rows(recipe, "other") == ()
    assert publisher.several([["D2", 1], ["D1", 0]]) == (3, 1, 2)


def test_a_list_goes_in_the_name_of_who_sends_it(publisher: Publisher, world: World):
    senders = {h.made_by: h.sender for h in world.process.handoffs.values() if h.made_by}
    city_wide = {made: sender for made, sender in senders.items() if sender in world.units.by_id}

    assert len(set(city_wide.values())) > 0
    for made_by, sender in city_wide.items():
        assert world.units[sender].name.upper() in publisher.office(made_by).lines


def test_a_draft_says_how_it_is_approved_until_it_is():
    recipe = {"list": ["D150612-AAAAAA", 3]}

    told = _remark("Bản nháp.", recipe)
    assert told == "Bản nháp. Hoặc báo người quản trị duyệt bản nháp D150612-AAAAAA."
    assert _remark("Bản nháp.", {**recipe, "approved": True}) == ""


def test_a_kit_tells_its_ward_by_when_and_in_which_folder_it_is_answered(world: World):
    ward = next(one for one in world.units.by_id.values() if one.kind == "ward")
    answer = next(
        one for one in world.process.handoffs.values() if one.answers and one.sender == "ward"
    )
    told = _guide(world, ward, ROUND)

    due = world.deadline_of(answer, ROUND, ward)
    assert due is not None
    assert (told.due, told.folder) == (due.text, world.routes.folder_for(ward, answer))
    forms = [world.forms_by_id[one].asks_for_cards for one in answer.forms]
    assert told.asks_for_cards is any(forms)


def test_who_answers_nothing_is_told_nothing_on_its_kit(world: World):
    nobody = replace(next(iter(world.units.by_id.values())), id="x", kind="nobody")

    assert _guide(world, nobody, ROUND) == KitGuide()
