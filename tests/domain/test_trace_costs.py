"""From the cost list to forms 1 and 2, and to the hospitals: every child of H1 is accounted for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bhyt_filedrop.domain.conservation.alarms import alarm_letters, alarms
from bhyt_filedrop.domain.conservation.balance import Hop
from bhyt_filedrop.domain.conservation.child_path import path
from bhyt_filedrop.domain.conservation.steps import steps, traced_handoffs
from bhyt_filedrop.domain.conservation.trace import trace
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.process.handoffs import Due
from bhyt_filedrop.resources import config_dir
from tests.lists import PROCESS, WARDS, Book, a_child
from tests.offices import ROUND, UNITS, a_process, handoff, moment

COSTS = (("c79a",),)
CITY = a_process(
    handoff("cost-list", "board", "cntt", Due(2, 15), parts=COSTS),
    replace(
        handoff("card-drafts", "cntt", "cntt", None, parts=()),
        made_by="card-drafts",
        made_from=("cost-list", "card-register"),
    ),
    handoff("carded", "cntt", "board", Due(2, 20), parts=(("form-1",),)),
    *PROCESS.handoffs.values(),
    replace(
        handoff("allocation", "board", "board", None, parts=()),
        made_by="allocation",
        made_from=("cost-list", "carded", "carded-final", "unverified"),
    ),
)
"""The small city's round with its beginning and its end; the board keeps the accounts."""

PEOPLE = [
    a_child(n, list(WARDS)[n % 3], sex="nam", address=f"{n} Lê Lợi", code="") for n in range(9)
]
CARDED = [replace(c, category="carded-before", carded="yes") for c in PEOPLE[:3]]
UNCARDED = [replace(c, carded="no") for c in PEOPLE[3:]]


def visit(child: ListedChild, cost: int = 100, **more: object) -> ListedChild:
    """As a hospital writes it: small letters, the year of birth, no parent."""
    bare = replace(child, name=child.name.lower(), birth=child.birth[:4], parent="", code="")
    return replace(bare, category="", carded="", costs={"cost_total": cost}, **more)  # type: ignore[arg-type]


def a_round(
    visits: list[ListedChild],
    carded: list[ListedChild] | None = None,
    uncarded: list[ListedChild] | None = None,
) -> Book:
    book = Book()
    book.gave("cost-list", "board", "cntt", visits)
    if carded is not None:
        book.gave("carded", "cntt", "board", carded)
    if uncarded is not None:
        book.gave("uncarded", "cntt", "thu", uncarded)
    return book


def hop_of(book: Book, hop_id: str = "carded") -> Hop:
    (hop,) = trace(ROUND, book.lists, book.rolls, CITY, UNITS).of(hop_id)
    return hop


def counts(hop: Hop) -> tuple[int, ...]:
    return (
        hop.sent, hop.carded_before, hop.carded_now, hop.uncarded,
        hop.missing, hop.unknown, hop.difference,
    )  # fmt: skip


# --- which hops ------------------------------------------------------------------------------


def test_a_round_is_traced_from_the_cost_list_to_the_account_of_each_hospital():
    found = [(step.kind, step.source, step.answers, step.office) for step in steps(CITY, UNITS)]

    assert found[0] == ("sort", "cost-list", ("carded", "uncarded"), "cntt")
    assert found[-1] == ("charge", "cost-list", ("allocation",), "board")
    assert {"cost-list", "carded", "allocation"} <= set(traced_handoffs(CITY, UNITS))


def test_the_shipped_process_is_traced_from_h1_to_h9(shipped):
    world_steps = steps(shipped.process, shipped.units)
    numbers = [shipped.process.handoffs[step.id].number for step in world_steps]

    assert numbers == ["H2a", "H3", "H4", "H5", "H6", "H7", "H9"]
    assert world_steps[0].answers == ("carded", "uncarded")


@pytest.fixture(scope="module")
def shipped():
    from bhyt_filedrop.settings import load

    return load(config_dir())


def test_without_drafts_from_a_register_the_cost_list_is_followed_all_the_same():
    """An office that matches cards by hand takes the drafts out of the process."""
    rest = {id_: h for id_, h in CITY.handoffs.items() if id_ != "card-drafts"}

    assert steps(replace(CITY, handoffs=rest), UNITS) == steps(CITY, UNITS)


# --- H1 → H2 ---------------------------------------------------------------------------------


def test_every_child_of_the_cost_list_is_on_form_1_or_on_form_2():
    book = a_round([visit(c) for c in PEOPLE], CARDED, UNCARDED)

    assert counts(hop_of(book)) == (9, 3, 0, 6, 0, 0, 0)
    assert not alarms(trace(ROUND, book.lists, book.rolls, CITY, UNITS))


def test_several_visits_of_a_child_are_one_child():
    book = a_round([visit(c, n) for n in (1, 2, 3) for c in PEOPLE], CARDED, UNCARDED)

    assert counts(hop_of(book)) == (9, 3, 0, 6, 0, 0, 0)


def test_as_long_as_one_of_the_two_forms_is_to_come_nobody_is_alarmed():
    hop = hop_of(a_round([visit(c) for c in PEOPLE], CARDED))

    assert counts(hop) == (9, 3, 0, 0, 6, 0, 0)
    assert not hop.is_alarming


def test_a_cost_list_that_came_after_the_forms_raises_no_alarm_until_they_are_corrected():
    book = a_round([], CARDED, UNCARDED)
    book.lists[0] = replace(book.lists[0], at=moment(6, 1))
    book.rolls[book.lists[0].drop, 0] = tuple(visit(c) for c in [*PEOPLE, a_child(70)])

    hop = hop_of(book)

    assert (hop.missing, hop.is_alarming) == (1, False)


def test_a_child_on_neither_form_is_missing_and_an_alarm():
    book = a_round([visit(c) for c in PEOPLE], CARDED, UNCARDED[1:])

    hop = hop_of(book)

    assert counts(hop) == (9, 3, 0, 5, 1, 0, 0)
    assert (hop.lost, hop.is_alarming) == (1, True)


def test_the_alarm_goes_to_the_office_that_leads_and_to_the_department_that_sorted():
    book = a_round([visit(c) for c in PEOPLE], CARDED, UNCARDED[1:])

    letters = alarm_letters(trace(ROUND, book.lists, book.rolls, CITY, UNITS), CITY, UNITS)

    assert [letter.unit for letter in letters] == ["thu", "cntt"]
    for letter in letters:
        told = "\n".join(letter.context["paragraphs"])
        assert "gửi 9 trẻ; 1 trẻ bị thiếu." in told
        assert not any(child.name in told for child in PEOPLE)
    assert "Đề nghị kiểm tra lại rồi nộp bản đã sửa." in letters[1].context["paragraphs"][-1]
    assert len({letter.key for letter in letters}) == 2


def test_a_child_on_both_forms_is_doubled_and_an_alarm():
    twice = replace(PEOPLE[0], carded="no")
    hop = hop_of(a_round([visit(c) for c in PEOPLE], CARDED, [*UNCARDED, twice]))

    assert counts(hop) == (9, 3, 0, 7, 0, 0, -1)
    assert hop.is_alarming


def test_a_child_that_stands_on_one_form_as_the_hospital_wrote_it_is_doubled_too():
    """A draft was approved, and the same child typed into the other form."""
    drafted = replace(visit(PEOPLE[0]), name=PEOPLE[0].name)
    hop = hop_of(a_round([visit(c) for c in PEOPLE], CARDED, [*UNCARDED, drafted]))

    assert counts(hop) == (9, 3, 0, 7, 0, 0, -1)


def test_a_child_that_no_hospital_treated_is_unknown_and_an_alarm():
    stranger = a_child(84, "26767", name="Trương Vô Danh", parent="Trương Thị Lạ")
    hop = hop_of(a_round([visit(c) for c in PEOPLE], CARDED, [*UNCARDED, stranger]))

    assert counts(hop) == (9, 3, 0, 6, 0, 1, 0)
    assert (hop.invented, hop.is_alarming) == (1, True)


def test_a_slip_in_a_name_is_shown_as_uncertain_and_never_taken_for_the_child():
    slip = replace(UNCARDED[0], name=UNCARDED[0].name + "h", parent="")
    book = a_round([visit(c) for c in PEOPLE], CARDED, [slip, *UNCARDED[1:]])

    hop = hop_of(book)

    assert counts(hop) == (9, 3, 0, 5, 1, 1, 0)
    assert (hop.unsure, hop.unsure_rows, hop.is_alarming) == (1, 1, False)
    (fate,) = [fate for fate in hop.fates if fate.likely]
    assert fate.likely[0].child == slip


def test_a_namesake_of_another_district_is_not_taken_for_the_child():
    one = a_child(1, "26734", address="1 Lê Lợi")
    other = replace(one, ward="26767", district="761", address="2 Hậu Giang", birth="2014-09-09")
    hop = hop_of(a_round([visit(one), visit(other)], [], [one]))

    assert counts(hop) == (2, 0, 0, 1, 1, 0, 0)
    assert (hop.unsure, hop.is_alarming) == (0, True)


def test_an_address_that_was_cut_does_not_lose_a_child():
    cut = visit(PEOPLE[0], ward="", district="", address="0 Lê L")
    hop = hop_of(a_round([cut, *(visit(c) for c in PEOPLE[1:])], CARDED, UNCARDED))

    assert counts(hop) == (9, 3, 0, 6, 0, 0, 0)


def test_a_child_whom_two_hospitals_place_differently_is_still_one():
    elsewhere = visit(PEOPLE[0], ward="", address="Quận 1")
    hop = hop_of(a_round([elsewhere, *(visit(c) for c in PEOPLE)], CARDED, UNCARDED))

    assert counts(hop) == (9, 3, 0, 6, 0, 0, 0)


def test_a_name_without_its_marks_is_the_same_child():
    bare = visit(PEOPLE[0], name="nguyen an an")
    hop = hop_of(a_round([bare, *(visit(c) for c in PEOPLE[1:])], CARDED, UNCARDED))

    assert PEOPLE[0].name == "Nguyễn An An"
    assert counts(hop) == (9, 3, 0, 6, 0, 0, 0)


def test_a_newborn_that_was_named_meanwhile_is_found_by_its_mother():
    named = replace(UNCARDED[0], parent="Trần Thị Út")
    listed = visit(named, name="con bà trần thị út")
    rest = [visit(c) for c in PEOPLE if c.name != named.name]
    hop = hop_of(a_round([listed, *rest], CARDED, [named, *UNCARDED[1:]]))

    assert counts(hop) == (9, 3, 0, 6, 0, 0, 0)


def test_neighbours_of_one_name_and_year_whom_the_hospital_cannot_tell_apart_are_two_children():
    one = a_child(1, "26734", address="1 Lê Lợi")
    other = replace(one, birth="2014-11-30", parent="Vũ Thị Khác", address="9 Lê Lai")
    hop = hop_of(a_round([visit(one), visit(other)], [], [one, other]))

    assert counts(hop) == (2, 0, 0, 2, 0, 0, 0)


def test_twins_without_names_are_two_children_where_each_was_treated():
    twin = a_child(1, "26734", name="Con bà Lê Thị Út", parent="Lê Thị Út", address="1 Lê Lợi")
    both = a_round([visit(twin), visit(twin)], [], [twin, twin])

    assert counts(hop_of(both)) == (2, 0, 0, 2, 0, 0, 0)


def test_the_number_of_a_card_finds_its_child_however_the_name_is_spelt():
    card = "TE1790000000042"
    hop = hop_of(
        a_round([visit(PEOPLE[0], name="n. an an", card=card)], [replace(CARDED[0], card=card)], [])
    )

    assert counts(hop) == (1, 1, 0, 0, 0, 0, 0)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["form 1", "form 2", "both", "neither"]), min_size=9, max_size=9))
def test_the_balance_tells_exactly_who_is_missing_and_who_is_doubled(places: list[str]):
    pairs = list(zip(PEOPLE, places, strict=True))
    carded = [
        replace(c, category="carded-before") for c, where in pairs if where in ("form 1", "both")
    ]
    uncarded = [c for c, where in pairs if where in ("form 2", "both")]
    hop = hop_of(a_round([visit(c) for c in PEOPLE for _ in range(2)], carded, uncarded))

    assert (hop.sent, hop.missing, hop.unknown) == (9, places.count("neither"), 0)
    assert hop.difference == -places.count("both")


# --- H1 → H9 ---------------------------------------------------------------------------------


VISITS = [visit(c, 100 + n) for n, c in enumerate([*PEOPLE, *PEOPLE[:4]])]


def charged(visits: list[ListedChild]) -> list[ListedChild]:
    """Three children had a card, three got one, the costs of the others are left."""
    told = {c.name.lower(): n for n, c in enumerate(PEOPLE)}
    kinds = ("carded-before", "carded-now", "uncarded")
    return [replace(v, category=kinds[told[v.name] // 3]) for v in visits]  # type: ignore[arg-type]


def an_allocation(visits: list[ListedChild], rows: list[ListedChild]) -> Book:
    book = a_round(visits, CARDED, UNCARDED)
    book.gave("allocation", "board", "board", rows)
    return book


def test_every_childs_costs_are_charged_by_the_first_list_or_the_last_or_left():
    hop = hop_of(an_allocation(VISITS, charged(VISITS)), "allocation")

    assert counts(hop) == (9, 3, 3, 3, 0, 0, 0)
    assert (hop.unit, hop.is_alarming) == ("board", False)


def test_before_the_costs_are_allocated_they_are_missing_without_alarm():
    hop = hop_of(a_round(VISITS, CARDED, UNCARDED), "allocation")

    assert counts(hop) == (9, 0, 0, 0, 9, 0, 0)
    assert not hop.is_alarming


def test_a_visit_that_is_charged_to_nobody_and_not_left_either_is_an_alarm():
    hop = hop_of(an_allocation(VISITS, charged(VISITS)[:-1]), "allocation")

    assert (hop.missing, hop.is_alarming) == (1, True)


def test_a_dong_that_was_lost_on_the_way_is_an_alarm():
    rows = charged(VISITS)
    dearer = replace(rows[0], costs={"cost_total": 101})
    hop = hop_of(an_allocation(VISITS, [dearer, *rows[1:]]), "allocation")

    assert (hop.missing, hop.is_alarming) == (1, True)


def test_a_visit_that_is_charged_twice_is_an_alarm():
    rows = charged(VISITS)
    hop = hop_of(an_allocation(VISITS, [*rows, rows[-1]]), "allocation")

    assert (hop.difference, hop.is_alarming) == (-1, True)


def test_costs_that_no_hospital_had_are_an_alarm():
    rows = [*charged(VISITS), replace(visit(a_child(80)), category="uncarded")]
    hop = hop_of(an_allocation(VISITS, rows), "allocation")

    assert (hop.unknown, hop.is_alarming) == (1, True)


@pytest.mark.parametrize(("minutes", "missing"), [(0, 0), (1, 9)])
def test_an_allocation_says_nothing_of_a_cost_list_that_was_corrected_since(
    minutes: int, missing: int
):
    """What was made in the moment in which the list came is of that list."""
    book = an_allocation(VISITS, charged(VISITS))
    corrected = book.lists[-1].at + timedelta(minutes=minutes)
    book.lists[0] = replace(book.lists[0], at=corrected)

    hop = hop_of(book, "allocation")

    assert (hop.missing, hop.difference, hop.is_alarming) == (missing, 0, False)


# --- one child -------------------------------------------------------------------------------


def test_a_childs_path_leads_from_its_visits_to_its_hospital():
    book = a_round(VISITS, CARDED, UNCARDED)
    coded = [replace(c, code=f"15Q1-{n:04}") for n, c in enumerate(UNCARDED)]
    for district in dict.fromkeys(WARDS.values()):
        mine = [c for c in coded if c.district == district]
        book.gave("district-list", "thu", district, mine)
    book.gave("allocation", "board", "board", charged(VISITS))
    found = trace(ROUND, book.lists, book.rolls, CITY, UNITS)

    stops = path(found, "15Q1-0000")

    assert [s.stand.record.key.handoff for s in stops] == [
        "cost-list", "cost-list", "uncarded", "district-list", "allocation", "allocation",
    ]  # fmt: skip
    assert {s.stand.child.name.lower() for s in stops} == {UNCARDED[0].name.lower()}
    assert all(s.certain for s in stops)


def test_a_visit_that_may_be_the_childs_is_on_its_path_as_uncertain():
    slip = replace(UNCARDED[0], name=UNCARDED[0].name + "h", parent="")
    book = a_round([visit(c) for c in PEOPLE], CARDED, [slip, *UNCARDED[1:]])
    coded = replace(slip, code="15Q1-0000")
    book.gave("district-list", "thu", coded.district, [coded])
    found = trace(ROUND, book.lists, book.rolls, CITY, UNITS)

    told = [(s.stand.record.key.handoff, s.certain) for s in path(found, "15Q1-0000")]

    assert told == [("cost-list", False), ("uncarded", True), ("district-list", True)]


def test_a_round_that_begins_with_form_2_is_held_against_no_cost_list():
    book = Book()
    book.gave("uncarded", "cntt", "thu", UNCARDED)

    assert trace(ROUND, book.lists, book.rolls, CITY, UNITS).of("carded") == ()


def test_a_child_stands_with_each_of_its_visits():
    visits = [visit(PEOPLE[0], 100), visit(PEOPLE[0], 200), visit(PEOPLE[1], 300)]
    fates = hop_of(a_round(visits, CARDED[:2], [])).fates

    costs = [sorted(s.child.costs["cost_total"] for s in (one.sent, *one.also)) for one in fates]
    assert sorted(costs) == [[100, 200], [300]]
