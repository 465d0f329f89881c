"""Derived lists kept up to date, alone: what is made when, balanced, and who approves it first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.letters.letter import notice
from bhyt_filedrop.domain.lists.records import ListRecord
from bhyt_filedrop.domain.lists.states import ListState
from bhyt_filedrop.work.derived.keep_up import BALANCE, DONE, DUE
from tests.journey.keeping_up import (
    CHILDREN,
    MORNING,
    Office,
    answered,
    asking,
    begun,
    passed_on,
)
from tests.lists import a_child
from tests.offices import ROUND, moment

# --- when there is something to make -------------------------------------------------------------


def test_a_city_list_is_passed_on_to_districts_and_wards_and_made_no_second_time():
    office = begun()

    assert office.look() == ["unplaced", "district-list", "ward-list"]
    assert office.look() == []
    drops = [drop for drop, *_ in office.ledger.owned]
    assert [(d.id, d.unit, d.path) for d in drops] == [
        ("OWN1", "cntt", "@unplaced/2015Q1"),
        ("OWN2", "thu", "@district-list/2015Q1"),
        ("OWN3", "760", "@ward-list/2015Q1"),
    ]
    assert {(d.size, d.tree, d.state, d.arrived_at, d.round) for d in drops} == {
        (0, "main", State.PLANNED, MORNING, ROUND)
    }
    rows = {one.key.receiver: one.rows for one in office.ledger.lists if one.drop != "D001"}
    assert rows == {"thu": 0, "760": 3, "761": 1, "26734": 2, "26740": 1, "26767": 1}
    assert not any(asks for *_, asks in office.ledger.owned), "nobody has to approve them"


def test_only_who_sends_a_corrected_list_makes_it_anew_for_those_whose_list_changed():
    office = passed_on()
    office.corrected(CHILDREN[1:])

    assert office.look() == ["district-list", "ward-list"]
    changed = [[one.key.receiver for one in plan.lists] for _, plan, *_ in office.ledger.owned[3:]]
    assert changed == [["760"], ["26734"]]


def test_as_long_as_nothing_happens_the_lists_are_looked_through_every_five_minutes_alone():
    office = begun()
    office.deriving.work()
    assert office.ledger.looks == 1
    for minutes, looks in ((1, 1), (3.99, 1), (4.99, 1), (5, 2), (6, 2), (10, 3)):
        office.now = MORNING + timedelta(minutes=minutes)
        office.deriving.work()
        assert office.ledger.looks == looks, minutes
    office.ledger.event += 1
    office.deriving.work()
    assert office.ledger.looks == 4, "something happened"


def test_of_a_round_that_is_closed_nothing_is_made_any_more():
    office = begun()
    office.now = moment(5, 18, 9, year=2016)

    assert office.look() == []
    assert office.ledger.marked == []


def test_what_depends_on_nothing_that_came_is_noted_once_and_not_made():
    office = passed_on()
    office.ledger.marked.clear()
    office.look()
    assert office.ledger.marked == [], "all was looked at already"
    answered(office, "760")
    office.look()

    noted = {name for marks in office.ledger.marked for name in marks}
    assert noted == {"carded-final", "unverified", BALANCE}


def test_a_child_who_was_placed_stays_so_when_the_next_list_of_those_to_be_placed_lacks_it():
    office = begun()
    lost = [replace(a_child(n, ""), code="") for n in (7, 8)]
    office.corrected([*CHILDREN, *lost])
    office.settle()
    (asked,) = (one for one in office.ledger.lists if one.key.handoff == "unplaced")
    rows = [replace(child, ward="26767") for child in office.ledger.rolls[asked.drop, asked.seq]]
    office.ledger.gave("placed", "thu", "thu", rows[:1], office.now, state="superseded")
    office.ledger.gave("placed", "thu", "thu", rows[1:], office.now, version=2)
    office.settle()

    standing = {one.key.receiver: one for one in office.ledger.lists if one.is_accepted}
    assert standing["26767"].rows == 1 + len(lost) == 3


# --- the balance ---------------------------------------------------------------------------------


def test_a_round_that_changed_is_balanced_step_by_step_and_then_no_more(
    caplog: pytest.LogCaptureFixture,
):
    office = begun()
    assert office.deriving.balance() is False
    office.settle()
    assert office.ledger.noted[BALANCE] == DUE

    assert [office.deriving.balance() for _ in range(4)] == [True, True, True, False]
    assert office.balanced == [ROUND]
    assert office.told == []
    assert "round.unbalanced" not in caplog.text
    assert office.ledger.noted[BALANCE] == DONE
    office.look()
    assert office.deriving.balance() is False


def test_what_does_not_add_up_is_told(caplog: pytest.LogCaptureFixture):
    office = begun()
    office.unbalanced = (notice("lost", "thu", "Lệch", ["x"]),)
    office.settle()
    while office.deriving.balance():
        pass

    assert office.told == ["notice/lost"]
    assert "round.unbalanced" in caplog.text


def test_a_balance_that_a_crash_cut_off_begins_anew_and_one_under_way_goes_on():
    office = passed_on()
    office.deriving.balance()
    office.look()
    assert [office.deriving.balance() for _ in range(3)] == [True, True, False]

    office.ledger.noted[BALANCE] = DUE
    office.start()
    office.look()
    assert [office.deriving.balance() for _ in range(4)] == [True, True, True, False]
    assert office.balanced == [ROUND, ROUND]


def test_a_round_that_was_balanced_is_not_balanced_again_by_the_next_start():
    office = passed_on()
    while office.deriving.balance():
        pass
    office.start()
    office.look()

    assert office.deriving.balance() is False


# --- what a person approves ----------------------------------------------------------------------


def waiting(office: Office) -> list[ListRecord]:
    return [one for one in office.ledger.lists if one.state == ListState.HELD]


def test_wards_get_no_list_before_their_districts_is_approved():
    office = begun(asking("district-list"))

    assert office.look() == ["unplaced", "district-list"]
    (_, (held, _, _, asks)) = office.ledger.owned
    assert held.state is State.PLANNED
    assert [one.key for one in asks] == ["notice/approve/OWN2"]
    assert "ward-list" in office.ledger.noted, "it was looked at, and waits"
    assert office.look() == []
    office.ledger.release("OWN2")
    assert office.look() == ["ward-list"]


def test_what_waits_for_approval_is_handed_to_nobody():
    office = begun(asking("district-list"))
    office.ledger.event += 1
    drops = {drop.handoff: drop.state for drop in office.deriving.work()}

    assert drops == {"unplaced": State.PLANNED, "district-list": State.HELD}


def test_wards_wait_again_when_the_list_of_one_district_is_corrected():
    office = begun(asking("district-list"))
    office.look()
    office.ledger.release("OWN2")
    office.look()
    office.corrected(CHILDREN[1:])

    assert office.look() == ["district-list"], "Quận 12 has its list, Quận 1 does not"
    office.ledger.release(office.ledger.owned[-1][0].id)
    assert office.look() == ["ward-list"]


def test_only_a_list_that_is_made_alike_and_approved_is_waited_for():
    """Who approves the city's own list or what wards answer holds up nobody's split."""
    office = begun(asking("ward-list"))
    assert office.look() == ["unplaced", "district-list", "ward-list", "ward-list"]

    drafts = begun(asking("district-return"))
    assert drafts.look() == ["unplaced", "district-list", "ward-list"]


def test_a_proposal_that_is_overtaken_is_withdrawn_and_one_that_still_holds_is_left():
    office = begun(asking("district-list"))
    office.look()
    office.ledger.noted.clear()
    assert office.look() == [], "looked at once more, it says the same"
    assert office.ledger.noted["district-list"]

    office.corrected(CHILDREN[:3])
    assert office.look() == ["district-list"]
    assert office.ledger.owned[-1][2] == ("OWN2",)
    assert {one.drop for one in waiting(office)} == {office.ledger.owned[-1][0].id}


def test_a_proposal_that_nobody_needs_any_more_is_withdrawn_without_a_new_one():
    office = begun(asking("district-list"))
    office.look()
    office.ledger.release("OWN2")
    office.corrected(CHILDREN[:3])
    office.look()
    assert [one.key.receiver for one in waiting(office)] == ["761"]
    office.corrected(CHILDREN)

    assert "district-list" not in office.look()
    assert waiting(office) == []


def test_each_district_approves_its_own_lists_and_the_last_carries_the_mark():
    office = begun(asking("ward-list"))
    office.look()
    groups = [
        (drop.unit, [one.key.receiver for one in plan.lists], [a.key for a in asks])
        for drop, plan, _, asks in office.ledger.owned[2:]
    ]

    assert groups == [
        ("760", ["26740", "26734"], ["notice/approve/OWN3"]),
        ("761", ["26767"], ["notice/approve/OWN4"]),
    ]
    held = office.ledger.marked.index({})
    assert set(office.ledger.marked[held + 1]) == {"ward-list", BALANCE}

    office.corrected(CHILDREN[1:])
    assert office.look() == ["district-list", "ward-list"]
    assert office.ledger.owned[-1][2] == ("OWN3",), "the other district's still waits"
    assert {one.drop for one in waiting(office)} == {
        "OWN4",
        office.ledger.owned[-1][0].id,
    }


def test_what_several_districts_had_to_approve_together_is_withdrawn_together():
    """As an earlier version proposed it: one drop for all."""
    office = begun(asking("ward-list"))
    office.look()
    office.ledger.lists = [
        replace(one, drop="OWN3", seq=one.seq + 10) if one.drop == "OWN4" else one
        for one in office.ledger.lists
    ]
    office.corrected(CHILDREN[1:])
    office.look()

    (made, plan, overtaken, _) = office.ledger.owned[-1]
    assert [one.key.receiver for one in plan.lists] == ["26740", "26734", "26767"]
    assert overtaken == ("OWN3",)
    assert {one.drop for one in waiting(office)} == {made.id}


def test_who_was_released_just_now_is_looked_at_again():
    office = begun()
    office.ledger.lost = True
    assert office.look() == []
    assert "district-list" not in office.ledger.noted
    office.ledger.lost = False

    assert office.look() == ["unplaced", "district-list", "ward-list"]
