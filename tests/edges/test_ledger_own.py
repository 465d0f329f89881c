"""Derived lists in the ledger: what waits for approval, what overtakes it, what people decide."""

from __future__ import annotations

import json
from dataclasses import asdict, fields, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from bhyt_filedrop.domain.drops.drop import Delivery, Drop, Plan, Role
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.letters.letter import notice
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListKey, ListRecord
from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.edges.ledger.dropbook import LedgerDrops
from bhyt_filedrop.edges.ledger.factbook import LedgerFacts
from bhyt_filedrop.edges.ledger.letterbook import LedgerLetters
from bhyt_filedrop.edges.ledger.pagebook import LedgerPage
from bhyt_filedrop.ports import FoundChild, LostRace

NOW = datetime(2015, 5, 18, 9, tzinfo=ZONE)
ROUND = Round(2015, 1)
KEY = ListKey("district-list", ROUND, "thu", "760")
FIRST, SECOND = "D150518-AAAAAA", "D150518-BBBBBB"


@pytest.fixture
def drops(engine: Engine) -> LedgerDrops:
    return LedgerDrops(engine)


@pytest.fixture
def facts(engine: Engine) -> LedgerFacts:
    return LedgerFacts(engine)


def a_drop(name: str, minutes: int = 0) -> Drop:
    at = NOW + timedelta(minutes=minutes)
    return Drop(
        name, "main", f"@district-list/{ROUND}", "thu", 0, 0.0, "", at,
        State.PLANNED, handoff="district-list", round=ROUND,
    )  # fmt: skip


def a_plan(name: str, *, held: bool, replaces: str = "", version: int = 1) -> Plan:
    state = "held" if held else "accepted"
    record = ListRecord(
        name, 0, KEY, "reply-kit", 3, "", state, version, NOW, basis=f"made from {name}",
        completed_at=None if held else NOW,
    )  # fmt: skip
    recipe = {"made_by": "split", "list": [name, 0]}
    delivery = Delivery(Role.DERIVED, "760", "main", f"Quận 1/{name}.xlsx", "", recipe=recipe)
    return Plan(
        State.HELD if held else State.ACCEPTED,
        lists=(record,),
        deliveries=(delivery,),
        supersedes=((replaces, 0),) if replaces else (),
    )


def states(facts: LedgerFacts, *names: str) -> list[str]:
    return [one.state for name in names for one in facts.lists_of(name)]


def state(drops: LedgerDrops, name: str) -> State:
    found = drops.get(name)
    assert found is not None
    return found.state


def test_a_list_takes_its_place_as_soon_as_it_is_recorded(drops: LedgerDrops, facts: LedgerFacts):
    drops.own(a_drop(FIRST), a_plan(FIRST, held=False), NOW, {"district-list": "m1"})
    drops.own(a_drop(SECOND), a_plan(SECOND, held=False, replaces=FIRST, version=2), NOW, {})

    assert states(facts, FIRST, SECOND) == ["superseded", "accepted"]
    assert drops.marks(ROUND) == {"district-list": "m1"}


DRAFT = ListKey("district-draft", ROUND, "760", "760")
CHILDREN = tuple(ListedChild(name=f"Nguyễn Văn {n}", ward="26734") for n in range(3))


def versions(
    drops: LedgerDrops, key: ListKey, count: int, *, closed: bool = True, begin: int = 0
) -> list[str]:
    """Lists of one key, each in place of the one before; their drops."""
    names = [f"D150518-{letter * 6}" for letter in "ABCDEF"[begin : begin + count]]
    for n, name in enumerate(names):
        plan = a_plan(name, held=False, replaces=names[n - 1] if n else "", version=n + 1)
        plan = replace(plan, lists=(replace(plan.lists[0], key=key),), rolls={0: CHILDREN})
        drops.own(a_drop(name, n), plan, NOW, {})
        if closed:
            drops.close(name, NOW, (0,))
    return names


def test_of_a_draft_only_the_version_that_stands_keeps_its_children(
    drops: LedgerDrops, facts: LedgerFacts
):
    """Each return that comes makes a district's draft anew: all versions were 70 % of a ledger."""
    names = versions(drops, DRAFT, 5)

    assert [facts.children(name, 0) for name in names] == [(), (), (), (), CHILDREN]
    assert states(facts, *names) == ["superseded"] * 4 + ["accepted"]
    assert [one.rows for name in names for one in facts.lists_of(name)] == [3] * 5


def test_what_changed_since_the_draft_before_can_be_told_until_the_new_one_is_put(
    drops: LedgerDrops, facts: LedgerFacts
):
    (before,) = versions(drops, DRAFT, 1)
    plan = a_plan(SECOND, held=False, replaces=before, version=2)
    plan = replace(plan, lists=(replace(plan.lists[0], key=DRAFT),), rolls={0: CHILDREN})
    drops.own(a_drop(SECOND, 1), plan, NOW, {})

    assert facts.children(before, 0) == CHILDREN
    drops.close(SECOND, NOW, (0,))
    assert facts.children(before, 0) == ()


def test_the_draft_goes_when_the_list_itself_has_gone_out(drops: LedgerDrops, facts: LedgerFacts):
    (draft,) = versions(drops, DRAFT, 1)
    drops.own(a_drop(SECOND, 1), a_plan(SECOND, held=False, replaces=draft), NOW, {})
    drops.close(SECOND, NOW, (0,))

    assert facts.children(draft, 0) == ()


@pytest.mark.parametrize(
    "other",
    [
        replace(DRAFT, handoff="carded-draft"),
        replace(DRAFT, round=Round(2015, 2)),
        replace(DRAFT, sender="761", receiver="761"),
        replace(DRAFT, part=1),
    ],
    ids=["of another hand-off", "of another round", "of another district", "another part"],
)
def test_a_draft_that_is_put_forgets_the_children_of_no_other_draft(
    drops: LedgerDrops, facts: LedgerFacts, other: ListKey
):
    kept = versions(drops, other, 2, closed=False)
    mine = versions(drops, DRAFT, 3, begin=2)

    assert [facts.children(name, 0) for name in mine] == [(), (), CHILDREN]
    assert [facts.children(name, 0) for name in kept] == [CHILDREN] * 2
    drops.close(kept[0], NOW, (0,))
    drops.own(a_drop("D150518-GGGGGG", 9), _draft("D150518-GGGGGG", mine[-1]), NOW, {})
    drops.close("D150518-GGGGGG", NOW, (0,))
    assert facts.children(kept[0], 0) == CHILDREN


def _draft(name: str, before: str) -> Plan:
    plan = a_plan(name, held=False, replaces=before, version=9)
    return replace(plan, lists=(replace(plan.lists[0], key=DRAFT),), rolls={0: CHILDREN})


def test_a_list_that_somebody_was_given_keeps_its_children_for_good(
    drops: LedgerDrops, facts: LedgerFacts
):
    names = versions(drops, KEY, 4)

    assert all(facts.children(name, 0) == CHILDREN for name in names)


def test_a_draft_that_is_not_put_yet_keeps_what_is_to_stand_in_it(
    drops: LedgerDrops, facts: LedgerFacts
):
    names = versions(drops, DRAFT, 4, closed=False)

    assert all(facts.children(name, 0) == CHILDREN for name in names)


def full_child() -> ListedChild:
    """A child of which everything is known, and each thing another."""
    names = [one.name for one in fields(ListedChild)]
    texts = {name: f"{name} Đ" for name in names}
    return ListedChild(**texts | {  # type: ignore[arg-type]
        "costs": {"cost_total": 5, "cost_patient": 0},
        "cells": {"birth": "C9", "parent": "D9", "card": "E9"},
        "outside": True,
        "row": 9,
    })  # fmt: skip


def test_a_child_comes_back_from_the_ledger_as_it_was(engine: Engine, facts: LedgerFacts):
    """What is not known of it is not written down, nor are its letters spelled out."""
    half = ListedChild(name="Trần Thị Bình", birth="2014-03", cells={"card": "E9"}, row=9)
    rolls = {0: (full_child(), half, ListedChild(), ListedChild(name="t\udce9p"))}
    plan = a_plan(FIRST, held=False)
    LedgerDrops(engine).own(a_drop(FIRST), replace(plan, rolls=rolls), NOW, {})

    assert facts.children(FIRST, 0) == rolls[0]
    with engine.connect() as connection:
        stored = connection.exec_driver_sql("SELECT child FROM roll ORDER BY n").scalars().all()
    assert "Đ" in stored[0]
    assert stored[1:3] == ['["Trần Thị Bình","2014-03",0,0,0,0,0,0,9,0,0,[0,0,"E9"]]', "[]"]


def test_children_that_a_ledger_of_before_holds_are_read_as_they_are(
    engine: Engine, facts: LedgerFacts
):
    """It names each field, and spells Vietnamese letters out."""
    plan = a_plan(FIRST, held=False)
    LedgerDrops(engine).own(a_drop(FIRST), replace(plan, rolls={0: (ListedChild(),)}), NOW, {})
    with engine.begin() as connection:
        old = json.dumps(asdict(full_child()))
        connection.exec_driver_sql("UPDATE roll SET child = ?", (old,))

    assert facts.children(FIRST, 0) == (full_child(),)
    assert [one.child for one in found_by_name(engine, full_child().name)] == [full_child()]


@pytest.mark.parametrize(
    ("part", "count"), [("trần thị", 1), ("TRAN THI BINH", 1), ("không có", 0)]
)
def test_children_are_found_by_a_part_of_their_names_whatever_is_not_known_of_others(
    engine: Engine, part: str, count: int
):
    half = ListedChild(name="Trần Thị Bình", birth="2014-03")
    plan = a_plan(FIRST, held=False)
    rolls = {0: (ListedChild(), half, ListedChild(name="Lê An"))}
    LedgerDrops(engine).own(a_drop(FIRST), replace(plan, rolls=rolls), NOW, {})

    assert [one.child for one in found_by_name(engine, part)] == [half] * count


def found_by_name(engine: Engine, part: str) -> list[FoundChild]:
    return LedgerPage(engine).children(None, None, "", part)


def test_what_waits_for_approval_replaces_nothing_until_it_is_released(
    drops: LedgerDrops, facts: LedgerFacts, engine: Engine
):
    ask = notice("approve/x", "thu", "Chờ duyệt", ["…"])
    drops.own(a_drop(FIRST), a_plan(FIRST, held=False), NOW, {})
    plan = a_plan(SECOND, held=True, replaces=FIRST, version=2)
    drops.own(a_drop(SECOND), plan, NOW, {}, (), (ask,))
    assert states(facts, FIRST, SECOND) == ["accepted", "held"]
    assert [drop.id for drop in drops.due(NOW)] == [FIRST]
    assert LedgerLetters(engine).known_keys(("notice/approve",)) == {"notice/approve/x"}

    drops.override(SECOND, "release", "đồng ý", NOW)

    assert states(facts, FIRST, SECOND) == ["superseded", "accepted"]
    assert SECOND in [drop.id for drop in drops.due(NOW)]


def test_a_proposal_is_withdrawn_with_everything_it_was_to_deliver(
    drops: LedgerDrops, facts: LedgerFacts
):
    drops.own(a_drop(FIRST), a_plan(FIRST, held=True), NOW, {})
    drops.own(a_drop(SECOND), a_plan(SECOND, held=True), NOW, {}, (FIRST,))

    assert (state(drops, FIRST), state(drops, SECOND)) == (State.RETURNED, State.HELD)
    assert states(facts, FIRST) == ["returned"]
    assert drops.pending(FIRST) == []
    assert "overtaken" in [kind for _, kind, _ in drops.history(FIRST)]


def test_a_proposal_that_a_person_has_just_released_is_not_withdrawn(
    drops: LedgerDrops, facts: LedgerFacts
):
    drops.own(a_drop(FIRST), a_plan(FIRST, held=True), NOW, {})
    drops.override(FIRST, "release", "đồng ý", NOW)

    with pytest.raises(LostRace):
        drops.own(a_drop(SECOND), a_plan(SECOND, held=True), NOW, {"district-list": "m"}, (FIRST,))
    with pytest.raises(LostRace):
        drops.looked_at(ROUND, {"district-list": "m"}, NOW, (FIRST,))

    assert drops.get(SECOND) is None
    assert drops.marks(ROUND) == {}
    assert len(drops.pending(FIRST)) == 1
    assert states(facts, FIRST) == ["accepted"]


def test_a_rejected_proposal_delivers_nothing_and_cannot_be_released_any_more(
    drops: LedgerDrops, facts: LedgerFacts
):
    drops.own(a_drop(FIRST), a_plan(FIRST, held=True), NOW, {})
    drops.override(FIRST, "reject", "sai", NOW)

    assert state(drops, FIRST) is State.RETURNED
    assert (drops.pending(FIRST), states(facts, FIRST)) == ([], ["returned"])
    with pytest.raises(LostRace):
        drops.override(FIRST, "release", "thôi", NOW)


@pytest.mark.parametrize("action", ["retry", "release"])
def test_a_list_that_was_set_aside_is_delivered_when_a_person_says_so(
    drops: LedgerDrops, facts: LedgerFacts, action: str
):
    drops.own(a_drop(FIRST), a_plan(FIRST, held=False), NOW, {})
    drops.set_aside(FIRST, NOW, "the folder is away", [])
    drops.override(FIRST, action, "đã sửa", NOW)

    assert state(drops, FIRST) is State.PLANNED
    assert len(drops.pending(FIRST)) == 1
    assert states(facts, FIRST) == ["accepted"]


def test_a_retried_list_that_was_replaced_meanwhile_is_not_delivered_any_more(
    drops: LedgerDrops, facts: LedgerFacts
):
    drops.own(a_drop(FIRST), a_plan(FIRST, held=False), NOW, {})
    drops.set_aside(FIRST, NOW, "the folder is away", [])
    drops.own(a_drop(SECOND), a_plan(SECOND, held=False, replaces=FIRST), NOW, {})
    drops.override(FIRST, "retry", "đã sửa", NOW)

    assert states(facts, FIRST, SECOND) == ["superseded", "accepted"]
    assert state(drops, FIRST) is State.RETURNED
    assert drops.pending(FIRST) == []


def test_lists_that_were_replaced_are_found_when_they_are_asked_for(
    drops: LedgerDrops, facts: LedgerFacts
):
    drops.own(a_drop(FIRST), a_plan(FIRST, held=False), NOW, {})
    later = a_plan(SECOND, held=False, replaces=FIRST, version=2)
    moved = replace(later, lists=(replace(later.lists[0], at=NOW + timedelta(hours=1)),))
    drops.own(a_drop(SECOND, 60), moved, NOW, {})

    ever = facts.of_round(str(ROUND), ["district-list"], ("accepted", "superseded"))
    assert [one.drop for one in ever] == [FIRST, SECOND]
    assert [one.drop for one in facts.of_round(str(ROUND), ["district-list"])] == [SECOND]
