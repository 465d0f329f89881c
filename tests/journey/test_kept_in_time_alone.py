"""Derived lists kept up to date, alone: the card register, the last day, each unit by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.derive.drafts import RegisterRow
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.ports import NeverWorks, TryLater
from tests.journey.keeping_up import (
    CHILDREN,
    MORNING,
    Office,
    a_city,
    answered,
    begun,
    passed_on,
)
from tests.lists import WARDS, coming_back
from tests.offices import moment

# --- the card register ---------------------------------------------------------------------------


@dataclass
class Register:
    """A card register that can be away."""

    away: Exception | None = None
    asked: int = 0

    def __call__(self) -> Sequence[RegisterRow]:
        self.asked += 1
        if self.away:
            raise self.away
        return (RegisterRow(name="Lê An", birth="2014-01-01", parent="", card="TE1790000000001"),)


def with_costs(register: Register | None, *, exported: bool = False) -> Office:
    """The hospitals' costs came, and perhaps an export of the register."""
    office = Office(register=register)
    office.ledger.gave("cost-list", "nvgd1", "cntt", CHILDREN, MORNING)
    if exported:
        office.ledger.gave("card-register", "cntt", "cntt", CHILDREN[:1], MORNING)
    return office


@pytest.mark.parametrize("error", [TryLater("hỏng"), NeverWorks("sai mật khẩu")])
def test_a_register_that_is_away_is_told_and_asked_again_after_five_minutes(error: Exception):
    register = Register(error)
    office = with_costs(register)
    office.ledger.gave("uncarded", "cntt", "thu", CHILDREN, MORNING)

    assert office.look() == ["unplaced", "district-list", "ward-list"], "nothing waits for it"
    assert office.told == ["notice/card-register/2015-05-18"]
    register.away = None
    assert office.look(timedelta(minutes=4.99)) == []
    assert register.asked == 1
    assert office.look(timedelta(minutes=0.01)) == ["card-drafts"]
    assert register.asked == 2


def test_other_lists_are_made_while_the_register_is_away():
    office = with_costs(Register(TryLater("hỏng")))
    office.look()
    office.ledger.gave("uncarded", "cntt", "thu", CHILDREN, MORNING)

    assert office.look() == ["unplaced", "district-list", "ward-list"]


def test_a_database_is_asked_again_once_a_day_for_it_tells_nobody_that_it_changed():
    register = Register()
    office = with_costs(register)
    assert office.look() == ["card-drafts"]
    office.look(timedelta(hours=5))
    assert register.asked == 1
    office.look(timedelta(days=1))
    assert register.asked == 2


def test_an_export_of_the_register_is_read_once():
    office = with_costs(None, exported=True)
    assert office.look() == ["card-drafts"]
    office.start()
    office.ledger.read.clear()

    assert office.look(timedelta(days=1)) == []
    assert office.ledger.read == []


def test_a_round_without_costs_asks_no_database():
    register = Register()
    office = Office(register=register)
    office.ledger.gave("uncarded", "cntt", "thu", CHILDREN, MORNING)
    office.settle()
    asked, noted = register.asked, dict(office.ledger.noted)
    office.look(timedelta(days=1))

    assert register.asked == asked
    assert office.ledger.noted == noted


# --- the last day --------------------------------------------------------------------------------

LAST_MORNING = moment(6, 27, 8)


def went_out(office: Office) -> list[str]:
    """To whom the lists of the children without a card went by now, one after another."""
    every = (one for _, plan, *_ in office.ledger.owned for one in plan.lists)
    return [one.key.receiver for one in every if one.key.handoff == "unverified"]


def half_answered(world: World | None = None) -> Office:
    office = begun(world)
    office.look()
    answered(office, "760")
    office.look()
    assert went_out(office) == ["thu"], "a draft for who owes it"
    return office


def test_what_is_there_on_the_working_morning_of_the_last_day_goes_out():
    office = half_answered()
    office.now = LAST_MORNING - timedelta(seconds=1)
    office.look()
    assert went_out(office) == ["thu"]
    office.now = LAST_MORNING

    assert "unverified" in office.look()
    assert went_out(office) == ["thu", "board"]


def test_what_all_answered_goes_out_before_its_last_day():
    office = half_answered()
    answered(office, "761")
    office.look()

    assert went_out(office) == ["thu", "board"]


def test_an_extension_of_the_sender_moves_the_last_day():
    world = a_city()

    def extended(handoff: str, _round: Round, sender: object, _receiver: str) -> date | None:
        mine = (handoff, getattr(sender, "id", "")) == ("unverified", "thu")
        return date(2015, 6, 29) if mine else None

    office = half_answered(replace(world, extended_to=extended))
    office.now = LAST_MORNING
    office.look()
    assert went_out(office) == ["thu"]
    office.now = LAST_MORNING + timedelta(days=2)
    office.look()
    assert went_out(office) == ["thu", "board"]


def test_a_list_without_a_date_never_goes_out_unfinished():
    world = a_city()
    every = world.process.handoffs
    undated = every | {"unverified": replace(every["unverified"], due=None)}
    office = half_answered(replace(world, process=replace(world.process, handoffs=undated)))
    office.now = LAST_MORNING + timedelta(days=3)
    office.look()

    assert went_out(office) == ["thu"]


# --- lists that are made for each unit by itself -------------------------------------------------


def returned(office: Office, ward: str) -> None:
    """A ward answers: its children have no card and ask for one."""
    mine = coming_back([c for c in CHILDREN if c.ward == ward], "carded-now")
    office.ledger.gave("ward-return", ward, WARDS[ward], mine, office.now)


def test_a_wards_return_makes_the_draft_of_its_district_alone_and_reads_no_other_lists():
    office = passed_on()
    returned(office, "26767")
    assert "district-draft" in office.look()
    returned(office, "26734")
    office.start()
    office.ledger.read.clear()
    office.look()

    drafts = office.ledger.made("district-draft")
    assert [drop.unit for drop in drafts] == ["761", "760"]
    others = {
        one.drop
        for one in office.ledger.lists
        if one.key.handoff == "ward-return" and one.key.receiver == "761"
    }
    assert others
    assert not others.intersection(office.ledger.read)


def test_the_marks_of_drafts_name_the_unit_that_draws_them_up():
    office = passed_on()
    returned(office, "26734")
    office.look()

    assert {name for name in office.ledger.noted if name.endswith(("/26734", "/760"))} == {
        "card-request-draft/26734",
        "district-draft/760",
    }


# --- units that are gone -------------------------------------------------------------------------


def reorganised() -> World:
    """Ward 26740 is closed after May; ward 26734 took over."""
    world = a_city()
    by_id = dict(world.units.by_id)
    by_id["26740"] = replace(by_id["26740"], valid_to=date(2015, 5, 31), successors=("26734",))
    return replace(world, units=replace(world.units, by_id=by_id))


def marks_of(office: Office, *handoffs: str) -> list[str | None]:
    return [office.ledger.noted.get(name) for name in handoffs]


@pytest.mark.parametrize("drafts", [True, False], ids=["drafts", "no drafts"])
def test_the_answer_of_a_closed_ward_makes_the_split_anew_and_that_of_another_does_not(
    drafts: bool,
):
    world = reorganised()
    every = world.process.handoffs
    kept = {id_: one for id_, one in every.items() if drafts or "draft" not in id_}
    office = begun(replace(world, process=replace(world.process, handoffs=kept)))
    office.now = moment(6, 5)
    office.settle()
    before = marks_of(office, "ward-list", "district-list", "carded-final")
    returned(office, "26734")
    office.look()
    assert marks_of(office, "ward-list", "district-list", "carded-final") == before

    returned(office, "26740")
    office.look()
    after = marks_of(office, "ward-list", "district-list", "carded-final")
    assert after[0] != before[0]
    assert after[1] != before[1]
    assert after[2] == before[2], "what passes no list on asks nobody else"


def test_a_day_on_which_units_come_or_go_makes_all_lists_anew_and_no_other_day_does():
    office = begun(reorganised())
    office.look()
    before = marks_of(office, "ward-list")
    office.look(timedelta(days=3))
    assert marks_of(office, "ward-list") == before
    office.now = moment(6, 1)
    office.look()
    assert marks_of(office, "ward-list") != before

    heirs = [one.key.receiver for _, plan, *_ in office.ledger.owned[-1:] for one in plan.lists]
    assert "26734" in heirs
