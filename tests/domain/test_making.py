"""Which lists the product makes from those that stand, pure: nobody lost, nothing made twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bhyt_filedrop import resources
from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.derive.inputs import Inputs, Out, Wanted
from bhyt_filedrop.domain.derive.plan import accepted_by_key, find_proposals, is_proposed, plan_of
from bhyt_filedrop.domain.derive.wanted import list_wanted
from bhyt_filedrop.domain.drops.drop import Drop, Role
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListKey, ListRecord
from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.domain.process.handoffs import HandOff
from bhyt_filedrop.settings import load
from bhyt_filedrop.wiring.declared import world_of
from tests.derived import ROUND, carded, city, kids, listed, visit

NOW = datetime(2015, 6, 12, 9, tzinfo=ZONE)
Rolls = Mapping[ListKey, Sequence[ListedChild]]


@pytest.fixture(scope="module")
def world() -> World:
    return world_of(load(resources.config_dir()))


def a_record(key: ListKey, rows: int, state: str = "accepted", **more: object) -> ListRecord:
    """A list that somebody dropped, or (with `basis`) that was derived."""
    values = {"version": 1, "at": NOW, "sha256": "", "form": "form-2", **more}
    name = f"{key.handoff}/{key.sender}/{key.receiver}"
    return ListRecord(name, 0, key, rows=rows, state=state, **values)  # type: ignore[arg-type]


def the_inputs(rolls: Rolls, gone: Rolls | None = None) -> Inputs:
    """Accepted lists with their children; `gone` were replaced by now."""
    records = {key: a_record(key, len(children)) for key, children in rolls.items()}
    old = {
        k: replace(a_record(k, len(c), "superseded"), drop="old") for k, c in (gone or {}).items()
    }
    found = {r.drop: tuple(rolls[k]) for k, r in records.items()}
    found |= {r.drop: tuple((gone or {})[k]) for k, r in old.items()}

    def ever(handoffs: Sequence[str]) -> tuple[ListRecord, ...]:
        return tuple(r for r in (*old.values(), *records.values()) if r.key.handoff in handoffs)

    return Inputs(ROUND, tuple(records.values()), lambda drop, _seq: found[drop], tuple, ever)


def key(handoff: str, sender: str, receiver: str, part: int = 0) -> ListKey:
    return ListKey(handoff, ROUND, sender, receiver, part)


CITY = key("uncarded", "cntt", "thu")
PLACED = key("placed", "thu", "thu")


def made(
    world: World, handoff: str, rolls: Rolls, *, final: bool = False, **more: Rolls
) -> list[Wanted]:
    inputs = the_inputs(rolls, **more)
    return list(list_wanted(world.process.handoffs[handoff], inputs, world, final))


def derived(world: World) -> list[HandOff]:
    return [h for h in world.process.handoffs.values() if h.made_by]


def test_nothing_is_made_from_nothing(world: World):
    assert len(derived(world)) >= 7
    for handoff in derived(world):
        assert made(world, handoff.id, {}, final=True) == []


# --- split -----------------------------------------------------------------------------------


WARDS = [unit.id for unit in (*city().children("760")[:4], *city().children("770")[:2])]
places = st.lists(st.sampled_from([*WARDS, ""]), min_size=1, max_size=12)


@settings(max_examples=25, deadline=None)
@given(where=places)
def test_every_child_of_the_city_is_on_one_wards_list_or_to_be_placed(
    world: World, where: list[str]
):
    """And on its district's list under the same code."""
    rows = [
        listed(child, code="", ward=ward, district=city()[ward].parent if ward else "")
        for child, ward in zip(kids(12), where, strict=False)
    ]
    lists = {h: made(world, h, {CITY: rows}) for h in ("ward-list", "district-list", "unplaced")}
    names = {h: sorted(c.name for one in found for c in one.children) for h, found in lists.items()}
    codes = {
        h: {c.name: c.code for one in found for c in one.children} for h, found in lists.items()
    }

    assert names["ward-list"] == names["district-list"]
    assert sorted(names["ward-list"] + names["unplaced"]) == sorted(c.name for c in rows)
    assert codes["ward-list"] == codes["district-list"]
    assert len({*codes["ward-list"].values(), *codes["unplaced"].values()}) == len(rows)
    for one in (*lists["ward-list"], *lists["district-list"]):
        assert {one.key.receiver} >= {c.ward for c in one.children} or all(
            c.district == one.key.receiver for c in one.children
        )
        assert bool(one.outs) == bool(one.children)


def test_every_unit_is_recorded_and_only_those_with_children_hear_of_it(world: World):
    rows = [listed(child, code="") for child in kids(3)]
    found = made(world, "ward-list", {CITY: rows})

    assert len(found) == len(city().of_kind("ward"))
    assert {one.key.receiver for one in found if one.tells} == {child.ward for child in kids(3)}


def test_what_was_filled_in_earlier_stands_beside_what_is_filled_in_now(world: World):
    first, second = (listed(child, code="", ward="", district="") for child in kids(2))
    coded = made(world, "unplaced", {CITY: [first, second]})[0].children
    home = [listed(child) for child in kids(2)]
    filled = [
        replace(row, ward=at.ward, district=at.district)
        for row, at in zip(coded, home, strict=True)
    ]
    rolls = {CITY: [first, second], PLACED: filled[1:]}

    assert made(world, "unplaced", rolls, gone={PLACED: filled[:1]})[0].children == ()
    assert [c.name for c in made(world, "unplaced", rolls)[0].children] == [first.name]


def test_what_was_filled_in_stays_where_a_later_list_leaves_it_open_or_tells_no_code(world: World):
    row, other = (listed(child, code="", ward="", district="") for child in kids(2))
    coded = made(world, "unplaced", {CITY: [row, other]})[0].children
    filled = replace(coded[0], ward=WARDS[0], district="760")
    later = [coded[0], replace(coded[1], ward=WARDS[1], district="760", code="")]
    rolls = {CITY: [row, other], PLACED: later}

    (left,) = made(world, "unplaced", rolls, gone={PLACED: [filled]})
    assert [child.code for child in left.children] == [coded[1].code]


def test_an_answer_in_two_lists_has_each_child_once_in_the_final_list(world: World):
    """A district that hands in two lists, as wards do: its kit, and D03-TS that asks for cards."""
    answer = replace(world.process.handoffs["district-return"], parts=(("reply-kit",), ("d03-ts",)))
    process = replace(world.process, handoffs={**world.process.handoffs, answer.id: answer})
    known = replace(world, process=process)
    (child,) = kids(1)
    kit = listed(child, category="carded-now", status="Cấp thẻ đợt này")
    rolls = {
        **sent_to(world, "760"),
        key(answer.id, "760", "thu", 0): [kit],
        key(answer.id, "760", "thu", 1): [carded(child, "carded-now", parent="")],
    }
    (final,) = made(known, "carded-final", rolls)

    assert [(c.name, c.card, c.parent) for c in final.children] == [
        (child.name, child.card, kit.parent)
    ]


def test_a_row_that_is_placed_anew_counts_as_it_was_filled_in_last(world: World):
    row = listed(kids(1)[0], code="", ward="", district="")
    coded = made(world, "unplaced", {CITY: [row]})[0].children[0]
    before, after = (replace(coded, ward=ward, district="760") for ward in WARDS[:2])
    found = made(world, "ward-list", {CITY: [row], PLACED: [after]}, gone={PLACED: [before]})

    assert [one.key.receiver for one in found if one.children] == [WARDS[1]]


def test_a_child_keeps_the_code_that_another_list_of_the_same_split_gave_it(world: World):
    """A district's list went out; then the city's list is corrected, and the wards' are made."""
    first, second = (listed(child, code="") for child in kids(2))
    gone = made(world, "district-list", {CITY: [first, second]})
    before = {c.name: c.code for one in gone for c in one.children}
    rolls = {CITY: [replace(first, parent="Võ Thị Khác"), second], **{
        one.key: one.children for one in gone if one.children
    }}  # fmt: skip
    after = {c.name: c.code for one in made(world, "ward-list", rolls) for c in one.children}

    assert after == before


# --- what makes it another list ---------------------------------------------------------------


def a_wanted(*children: ListedChild) -> Wanted:
    return Wanted(key("ward-list", "760", WARDS[0]), "reply-kit", children, (), {})


def test_where_a_child_stood_in_its_file_makes_no_other_list():
    child = listed(kids(1)[0])
    moved = replace(child, file="b.xlsx", sheet="S", row=9, cell="B9", cells={"birth": "C9"})

    assert a_wanted(child).basis == a_wanted(moved).basis


@pytest.mark.parametrize(
    "changed",
    [{"name": "Khác"}, {"birth": "2014-01-01"}, {"parent": "Khác"}, {"address": "Khác"},
     {"code": "15Q1-222222"}, {"card": "TE1790000000001"}, {"note": "x"}, {"section": "I"}],
)  # fmt: skip
def test_whatever_a_list_says_of_a_child_makes_it_another_list(changed: dict[str, str]):
    child = listed(kids(1)[0])

    assert a_wanted(child).basis != a_wanted(replace(child, **changed)).basis


# --- merge -----------------------------------------------------------------------------------


def returned(district: str, *children: ListedChild) -> Rolls:
    return {key("district-return", district, "thu"): children}


def sent_to(world: World, *districts: str) -> Rolls:
    """H3 as it was made: the named districts got a child each, the others none."""
    return {
        key("district-list", "thu", unit.id): (
            [listed(kids(1, unit.id)[0])] if unit.id in districts else []
        )
        for unit in world.units.of_kind("district")
    }


def test_districts_that_were_sent_no_child_are_not_waited_for(world: World):
    rolls = {**sent_to(world, "760", "770"), **returned("760", carded(kids(1)[0]))}
    (draft,) = made(world, "carded-final", rolls)
    assert draft.recipe["missing"] == ["770"]
    assert draft.is_draft

    rolls |= returned("770", carded(kids(1, "770")[0]))
    (final,) = made(world, "carded-final", rolls)
    assert final.recipe["missing"] == []
    assert (final.key.receiver, final.is_draft, final.tells) == ("nvgd1", False, True)
    assert final.replaces == (key("carded-final", "thu", "thu"),)


def test_the_last_day_makes_it_final_and_names_who_is_missing(world: World):
    rolls = {**sent_to(world, "760", "770"), **returned("760", carded(kids(1)[0]))}
    (final,) = made(world, "carded-final", rolls, final=True)

    assert final.key.receiver == "nvgd1"
    assert "Quận 3" in final.note
    assert final.basis != made(world, "carded-final", rolls)[0].basis


def test_carded_and_doubtful_children_are_all_that_went_out(world: World):
    rolls = {**sent_to(world, "760", "770"), **returned("760", carded(kids(1)[0]))}
    (certain,) = made(world, "carded-final", rolls, final=True)
    (doubtful,) = made(world, "unverified", rolls, final=True)

    assert [c.name for c in certain.children] == [kids(1)[0].name]
    assert [c.name for c in doubtful.children] == [kids(1, "770")[0].name]


def test_costs_wait_for_the_final_list_and_a_draft_is_none(world: World):
    costs = {key("cost-list", "nvgd1", "cntt"): [visit(kids(1)[0])]}
    final = {key("carded-final", "thu", "nvgd1"): [carded(kids(1)[0])]}

    assert made(world, "allocation", costs) == []
    inputs = the_inputs({**costs, key("carded-final", "thu", "thu"): [carded(kids(1)[0])]})
    drafts = tuple(replace(r, basis="x") for r in inputs.records if r.key.sender == "thu")
    handoff = world.process.handoffs["allocation"]
    with_draft = replace(inputs, records=(*inputs.records[:1], *drafts))
    assert list_wanted(handoff, with_draft, world, False) == ()
    (one,) = made(world, "allocation", {**costs, **final})
    assert one.key.receiver == "nvgd1"
    assert one.recipe["carded"]


# --- the plan of what has to be made -----------------------------------------------------------


def a_drop(handoff: str = "district-list") -> Drop:
    return Drop(
        "D150612-AAAAAA", "main", f"@{handoff}/{ROUND}", "thu", 0, 0.0, "", NOW,
        State.PLANNED, handoff=handoff, round=ROUND,
    )  # fmt: skip


def to_be_approved(world: World, handoff: str) -> World:
    changed = replace(world.process.handoffs[handoff], release="approve")
    process = replace(world.process, handoffs={**world.process.handoffs, handoff: changed})
    return replace(world, process=process)


def test_the_next_version_is_told_against_the_list_that_was_delivered(world: World):
    rows = [listed(child, code="") for child in kids(2)]
    todo = [one for one in made(world, "district-list", {CITY: rows}) if one.children]
    before = a_record(todo[0].key, 2, basis="older", version=3)
    waits = replace(a_record(todo[0].key, 2, "held", basis="newer"), drop="D-waits")
    plan = plan_of(a_drop(), todo, accepted_by_key([before, waits]), world)

    assert plan.lists[0].version == 4
    assert plan.supersedes == ((before.drop, 0),)
    assert plan.deliveries[0].recipe is not None
    assert plan.deliveries[0].recipe["before"] == [before.drop, 0]
    assert " - lần 4 - " in plan.deliveries[0].path


@pytest.mark.parametrize("before", [0, 1])
def test_the_second_list_says_already_that_it_takes_the_place_of_the_first(
    world: World, before: int
):
    rows = [listed(child, code="") for child in kids(2)]
    todo = [one for one in made(world, "district-list", {CITY: rows}) if one.children]
    there = [a_record(todo[0].key, 2, basis="older", version=1)] * before
    plan = plan_of(a_drop(), todo[:1], accepted_by_key(there), world)

    assert [record.version for record in plan.lists] == [1 + before]
    told = [letter.context["corrects"] for letter in plan.letters if "corrects" in letter.context]
    assert told == [bool(before)]


def test_a_plan_that_waits_for_approval_has_no_list_that_counts(world: World):
    rows = [listed(child, code="") for child in kids(2)]
    todo = made(world, "district-list", {CITY: rows})
    plan = plan_of(a_drop(), todo, {}, to_be_approved(world, "district-list"))

    assert plan.state is State.HELD
    assert {record.state for record in plan.lists} == {"held"}
    assert all(record.completed_at is None for record in plan.lists)


def test_a_draft_needs_no_approval(world: World):
    rolls = {**sent_to(world, "760", "770"), **returned("760", carded(kids(1)[0]))}
    todo = made(world, "carded-final", rolls)
    plan = plan_of(a_drop("carded-final"), todo, {}, to_be_approved(world, "carded-final"))

    assert plan.state is State.ACCEPTED


def test_what_waits_for_approval_is_not_proposed_twice_but_any_other_list_is(world: World):
    rows = [listed(child, code="") for child in kids(2)]
    todo = made(world, "district-list", {CITY: rows})
    waiting = [a_record(one.key, len(one.children), "held", basis=one.basis) for one in todo]

    assert is_proposed(todo, find_proposals(waiting))
    assert not is_proposed(todo[1:], find_proposals(waiting))
    assert not is_proposed(made(world, "district-list", {CITY: rows[:1]}), find_proposals(waiting))
    assert find_proposals([a_record(CITY, 2, "held")]) == ()


def test_returns_of_a_round_in_which_nothing_was_sent_make_no_final_list(world: World):
    """A list under another round's heading must not start that round."""
    inputs = the_inputs({key("district-return", "760", "thu"): (carded(kids(1)[0]),)})

    for name in ("carded-final", "unverified"):
        assert list_wanted(world.process.handoffs[name], inputs, world, final=True) == ()


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (datetime(2015, 6, 28, tzinfo=ZONE), State.ACCEPTED),
        (datetime(2015, 7, 1, tzinfo=ZONE), State.HELD),
    ],
    ids=["in its own quarter", "when the next round is handled"],
)
def test_a_final_list_of_a_past_round_waits_for_a_person(world: World, day: datetime, state: State):
    rolls = {
        key("district-list", "thu", "760"): (listed(kids(1)[0]),),
        key("district-return", "760", "thu"): (carded(kids(1)[0]),),
    }
    final = list_wanted(
        world.process.handoffs["carded-final"], the_inputs(rolls), world, final=True
    )

    plan = plan_of(replace(a_drop("carded-final"), arrived_at=day), final, {}, world)

    assert plan.state is state
    assert [record.state for record in plan.lists] == [state]


def test_who_is_named_for_a_copy_gets_it_once_and_of_a_draft_nothing(world: World):
    """A unit that has its own paper of the list already needs no second one."""
    name = "district-list"
    handoff = replace(world.process.handoffs[name], copies=("cntt", "thu", "board"))
    process = replace(world.process, handoffs={**world.process.handoffs, name: handoff})
    known = replace(world, process=process)
    child = listed(kids(1)[0])
    one = Wanted(
        key(name, "thu", "760"), "reply-kit", (child,),
        (Out("760", "Danh sách quận"), Out("thu", "Danh sách quận Quận 1")),
        {"made_by": "split", "unit": "760"},
    )  # fmt: skip
    drop = Drop(
        "D150612-AAAAAA", "main", f"@{name}/{ROUND}", "thu", 0, 0.0, "", NOW, State.PLANNED,
        handoff=name, round=ROUND,
    )  # fmt: skip
    draft = replace(one, outs=tuple(replace(o, stable_name="nháp.xlsx") for o in one.outs))
    for wanted, getters in ((one, ["760", "thu", "cntt", "board"]), (draft, ["760", "thu"])):
        sent = plan_of(drop, [wanted], accepted_by_key([]), known).deliveries
        assert [delivery.unit for delivery in sent] == getters
        copies = [d.path for d in sent if d.unit in ("cntt", "board")]
        assert all("Danh sách quận Quận 1 - " in path for path in copies)


@pytest.mark.parametrize("drafted", [True, False])
def test_the_draft_is_taken_away_when_the_final_list_goes_out(world: World, drafted: bool):
    """Nobody may take an old draft for the list; where none was put, nothing is taken away."""
    rolls = {**sent_to(world, "760"), **returned("760", carded(kids(1)[0]))}
    (final,) = made(world, "carded-final", rolls)
    drop = Drop(
        "D150612-AAAAAA", "main", f"@carded-final/{ROUND}", "thu", 0, 0.0, "", NOW, State.PLANNED,
        handoff="carded-final", round=ROUND,
    )  # fmt: skip
    before = [a_record(key, 1, basis="x") for key in final.replaces] if drafted else []
    plan = plan_of(drop, [final], accepted_by_key(before), world)
    away = [d for d in plan.deliveries if d.role is Role.RETIRED]

    assert [(d.unit, d.recipe) for d in away] == ([("thu", None)] if drafted else [])
    assert all("bản tạm" in d.path for d in away)


# --- drafts of forms 1 and 2 ---------------------------------------------------------------------


def card_drafts(world: World, cards: int, before: Sequence[int] = ()) -> list[Wanted]:
    """The drafts for three treated children of whom so many have a card; some drafts were put
    before."""
    (handoff,) = [h for h in derived(world) if h.made_by == "card-drafts"]
    costs, exports = (world.process.handoffs[name] for name in handoff.made_from)
    some = kids(3)
    rolls: dict[ListKey, Sequence[ListedChild]] = {
        key(costs.id, costs.sender, costs.receiver): [visit(child) for child in some],
        key(exports.id, exports.sender, exports.receiver): [carded(c) for c in some[:cards]]
        or [carded(kids(9)[8])],
    }
    for part in before:
        rolls[key(handoff.id, handoff.sender, handoff.receiver, part)] = [listed(some[0])]
    return made(world, handoff.id, rolls)


@pytest.mark.parametrize(
    ("cards", "put", "told"),
    [(3, ["form-1"], "form-1"), (2, ["form-1", "form-2"], "form-1"), (0, ["form-2"], "form-2")],
)
def test_drafts_of_forms_1_and_2_are_put_where_somebody_is_on_them_and_told_once(
    world: World, cards: int, put: list[str], told: str
):
    found = card_drafts(world, cards)

    assert [one.form for one in found] == ["form-1", "form-2", "doubts"]
    assert [one.form for one in found if one.outs] == put
    assert [one.form for one in found if one.tells] == [told]
    assert [len(one.children) for one in found] == [cards, 3 - cards, 0]
    assert [one.key.part for one in found] == [0, 1, 2]


@pytest.mark.parametrize("is_admin", [True, False])
def test_a_draft_says_how_it_is_confirmed_without_dropping_it(world: World, is_admin: bool):
    """Whoever runs the service has a command line, every other office asks its leader."""
    drafted = card_drafts(world, 3)
    process = replace(world.process, admin=drafted[0].key.sender if is_admin else "thu")
    known = replace(world, process=process)
    plan = plan_of(a_drop(drafted[0].key.handoff), drafted, {}, known)
    (told,) = [told for letter in plan.letters if "duyệt" in (told := str(letter.context))]

    assert ("bhyt-filedrop release D150612-AAAAAA --why" in told) is is_admin
    assert (f"báo {known.leader} duyệt thay bản nháp D150612-AAAAAA" in told) is not is_admin


def test_a_draft_that_nobody_is_on_any_more_takes_the_place_of_the_one_before(world: World):
    found = card_drafts(world, 3, before=[1])

    assert [(one.form, len(one.children)) for one in found if one.outs] == [
        ("form-1", 3), ("form-2", 0),
    ]  # fmt: skip


@pytest.mark.parametrize(("minutes", "late"), [(-1, False), (0, True)])
def test_a_list_that_is_made_at_the_midnight_after_its_last_day_is_late(
    world: World, minutes: int, late: bool
):
    due = world.deadline(world.process.handoffs["district-list"], ROUND)
    assert due is not None
    child = listed(kids(1)[0])
    one = Wanted(
        key("district-list", "thu", "760"), "reply-kit", (child,), (Out("760", "Danh sách quận"),),
        {"made_by": "split", "unit": "760"},
    )  # fmt: skip
    at = due.instant + timedelta(minutes=minutes)
    drop = Drop(
        "D150612-AAAAAA", "main", f"@district-list/{ROUND}", "thu", 0, 0.0, "", at, State.PLANNED,
        handoff="district-list", round=ROUND,
    )  # fmt: skip
    (record,) = plan_of(drop, [one], accepted_by_key([]), world).lists

    assert record.late is late
