"""The allocation: every đồng of H1 on a hospital or in the rest, and never on a namesake."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bhyt_filedrop.domain.derive.allocate import WHY, allocate
from bhyt_filedrop.domain.derive.visits import children_of
from bhyt_filedrop.domain.forms.child import COSTS
from bhyt_filedrop.domain.paper.allocation import allocation_sheets, money
from tests.derived import ROUND, carded, city, kids, listed, office, visit

AMOUNTS = st.integers(0, 9_000_000)


def why(one_visit, cards, **more) -> str:
    (charged,) = allocate([one_visit], cards, city(), **more).charged
    assert bool(charged.hospital) == (charged.why == "")
    return charged.why or charged.hospital


@given(
    st.lists(st.tuples(st.integers(0, 11), AMOUNTS), max_size=25),
    st.sets(st.integers(0, 11)),
    st.sets(st.integers(0, 11)),
)
@settings(max_examples=30, deadline=None)
def test_hospitals_and_the_rest_together_are_h1_to_the_dong(treated, with_card, without_hospital):
    everyone = kids(12)
    visits = [visit(everyone[n], amount) for n, amount in treated]
    cards = [
        carded(everyone[n], **({"facility": ""} if n in without_hospital else {}))
        for n in sorted(with_card)
    ]

    found = allocate(visits, cards, city())

    whole = {name: sum(v.costs[name] for v in visits) for name in COSTS}
    assert found.totals() == whole
    for name in COSTS:
        hospitals = sum(line.amounts[name] for line in found.by_hospital)
        rest = sum(one.visit.costs[name] for one in found.rest)
        assert hospitals + rest == whole[name]
        assert sum(line.amounts[name] for line in found.by_district) == whole[name]
        assert sum(line.rest[name] for line in found.by_district) == rest
    assert sum(line.visits for line in found.by_hospital) + len(found.rest) == len(visits)
    charged = Counter(n for n, _ in treated if n in with_card - without_hospital)
    assert len(found.allocated) == charged.total()


def test_a_visit_is_charged_to_the_hospital_on_its_childs_card():
    (child,) = kids(1)

    assert why(visit(child), [carded(child)]) == f"79{child.facility}"


def test_several_visits_are_one_child_and_several_visits_of_its_hospital():
    (child,) = kids(1)
    found = allocate([visit(child, 500), visit(child, 700)], [carded(child)], city())
    (line,) = found.by_hospital

    assert (line.visits, line.children, line.amounts["cost_total"]) == (2, 1, 1200)
    assert line.name == child.facility_name


def test_a_child_on_both_carded_lists_is_charged_once():
    (child,) = kids(1)
    found = allocate([visit(child, 500)], [carded(child), carded(child, "carded-now")], city())

    assert [line.amounts["cost_total"] for line in found.by_hospital] == [500]


def test_a_name_without_its_marks_finds_its_child():
    (child,) = kids(1)
    plain = {"name": "nguyen gia bao"}

    assert why(visit(child, **plain), [carded(child, name="Nguyễn Gia Bảo")]).startswith("79")


def test_marks_decide_between_two_namesakes_of_a_ward():
    one, other = kids(2)
    same = {"ward": one.ward, "birth": "2014-05-06", "sex": "nam"}
    cards = [carded(one, name="Lê Minh Hoa", facility="79901", **same),
             carded(other, name="Lê Minh Hòa", facility="79902", **same)]  # fmt: skip

    seen = visit(one, name="lê minh hoà", birth="2014", sex="nam")

    assert why(seen, cards) == "79902"


@pytest.mark.parametrize(
    ("seen", "outcome"),
    [
        ({"ward": "", "district": ""}, "unsure"),
        ({"ward": "", "district": "770"}, "unsure"),
        ({"ward": "26734"}, "unsure"),
        ({"birth": "2013"}, "nobody"),
        ({"birth": ""}, "nobody"),
        ({"name": "trần an khang"}, "nobody"),
        ({"ward": ""}, "charged"),
        ({"ward": "", "district": "", "birth": "2014-05-06"}, "charged"),
        ({"ward": "26734", "birth": "2014-05-06"}, "charged"),
        ({"ward": "27139", "district": "770", "birth": "2014-05-06"}, "unsure"),
    ],
)
def test_name_and_year_alone_never_move_money(seen, outcome):
    (child,) = kids(1)
    at = {"ward": "26740", "district": "760"}
    card = carded(child, birth="2014-05-06", **at)

    found = why(visit(child, **{"birth": "2014", **at, **seen}), [card])

    assert ("charged" if found.startswith("79") else found) == outcome


def test_namesakes_of_two_hospitals_stay_in_the_rest_and_of_one_are_charged():
    one, other = kids(2)
    same = {"name": "Lê An", "birth": "2014-05-06", "ward": one.ward, "sex": "nu"}
    cards = [carded(c, **same) for c in (one, other)]
    seen = visit(one, name="lê an", birth="2014", sex="nu")

    apart = [replace(c, facility=f) for c, f in zip(cards, ("79901", "79902"), strict=True)]
    together = [replace(c, facility="79901") for c in cards]

    assert why(seen, apart) == "several"
    assert why(seen, together) == "79901"


def test_a_visit_that_fits_an_uncarded_namesake_as_well_is_charged_to_nobody():
    one, other = kids(2)
    same = {"name": "Lê An", "birth": "2014-05-06", "ward": one.ward, "sex": "nu"}
    seen = visit(one, name="lê an", birth="2014", sex="nu")

    assert why(seen, [carded(one, **same)], uncarded=[listed(other, **same)]) == "several"


def test_a_boy_is_no_girl_unless_the_whole_birth_date_agrees():
    (child,) = kids(1)
    card = carded(child, sex="nu")
    birth = child.birth_date.isoformat()

    assert why(visit(child, sex="nam"), [card]) == "unsure"
    assert why(visit(child, sex="nam", birth=birth), [card]).startswith("79")


def test_a_child_known_to_have_no_card_is_told_as_that():
    (child,) = kids(1)

    assert why(visit(child), [], uncarded=[listed(child)]) == "uncarded"
    assert why(visit(child), [carded(child, facility="")]) == "no-hospital"


@pytest.mark.parametrize("lead", ["con bà ", "CB ", "BÉ TRAI ", "trẻ sơ sinh con bà "])
def test_a_newborn_is_found_by_its_mother(lead):
    (child,) = kids(1)
    seen = visit(child, name=lead + child.mother)

    assert why(seen, [carded(child)]).startswith("79")


def test_a_bare_mothers_name_needs_the_whole_birth_date():
    (child,) = kids(1)
    mother = child.mother.lower()
    birth = child.birth_date.isoformat()

    assert why(visit(child, name=mother), [carded(child)]) == "unsure"
    assert why(visit(child, name=mother, birth=birth), [carded(child)]).startswith("79")


def test_twins_under_their_mothers_name_are_charged_only_where_it_makes_no_difference():
    one, other = kids(2)
    same = {"birth": "2014-05-06", "parent": "Lê Thị Lan", "ward": one.ward, "sex": "nam"}
    cards = [carded(one, facility="79901", **same), carded(other, facility="79902", **same)]
    seen = visit(one, name="con bà lê thị lan 1", birth="2014-05-06", sex="nam")

    assert why(seen, cards) == "several"
    assert why(seen, [replace(c, facility="79901") for c in cards]) == "79901"


def two_visits_each(one, other):
    """Visits of unnamed twins, as a hospital numbers them."""
    same = {"birth": "2014-05-06", "sex": "nam", "ward": one.ward}
    names = ("con bà lê thị lan 1", "con bà lê thị lan 2")
    return [visit(c, name=n, **same) for c, n in zip((one, other), names, strict=True)] * 2


@pytest.mark.parametrize(
    "names",
    [
        ("Con bà Lê Thị Lan 1", "Con bà Lê Thị Lan 2"),
        ("Con ba Le Thi Lan 2", "Con ba Le Thi Lan 1"),
        ("Con bà Lê Thị Lan", "Con bà Lê Thị Lan"),
        ("Nguyễn Gia An", "Nguyễn Gia Bình"),
    ],
)
def test_twins_of_one_hospital_are_two_children_each_with_its_own_visits(names):
    one, other = kids(2)
    same = {"birth": "2014-05-06", "parent": "Lê Thị Lan", "ward": one.ward, "sex": "nam"}
    cards = [
        carded(c, name=n, facility="79901", **same)
        for c, n in zip((one, other), names, strict=True)
    ]

    found = allocate(two_visits_each(one, other), cards, city())

    assert Counter(charged.child.card for charged in found.charged) == {one.card: 2, other.card: 2}
    assert [line.children for line in found.by_hospital] == [2]
    assert sum(line.children for line in found.by_district) == 2


def test_where_a_hospital_writes_twins_in_three_ways_the_third_is_the_first_again():
    one, other = kids(2)
    same = {"birth": "2014-05-06", "parent": "Lê Thị Lan", "ward": one.ward, "name": "Lê Gia An"}
    cards = [carded(c, facility="79901", sex="nam", **same) for c in (one, other)]
    seen = visit(one, name="lê gia an", birth="2014-05-06", ward=one.ward, sex="")
    visits = [replace(seen, card=card) for card in ("", "A1", "A2")]

    found = allocate(visits, cards, city())

    assert [charged.child.card for charged in found.charged] == [one.card, other.card, one.card]


def test_the_second_twin_is_not_charged_to_the_card_of_the_first():
    one, other = kids(2)
    same = {"birth": "2014-05-06", "parent": "Lê Thị Lan", "ward": one.ward, "sex": "nam"}
    card = carded(one, name="Con bà Lê Thị Lan 1", facility="79901", **same)

    first, second = allocate(two_visits_each(one, other)[:2], [card], city()).charged

    assert (first.hospital, second.hospital) == ("79901", "")


def test_a_card_number_on_the_visit_decides_alone():
    one, other = kids(2)

    assert why(visit(one, card=other.card), [carded(other, facility="79903")]) == "79903"


# --- the visits of one child -----------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(0, 4), AMOUNTS), max_size=20))
@settings(max_examples=30, deadline=None)
def test_no_visit_and_no_dong_is_lost_when_visits_become_children(treated):
    visits = [visit(kids(5)[n], amount) for n, amount in treated]

    found = children_of(visits)

    assert len(found) == len({n for n, _ in treated})
    assert sum(len(one.visits) for one in found) == len(visits)
    for name in COSTS:
        assert sum(one.child.costs[name] for one in found) == sum(v.costs[name] for v in visits)


def test_the_visit_that_spells_the_name_best_names_the_child():
    (child,) = kids(1)
    visits = [visit(child, name="le minh hoa"), visit(child, name="lê minh hòa")]

    assert [one.child.name for one in children_of(visits)] == ["lê minh hòa"]


def test_two_children_of_one_name_and_year_in_two_wards_stay_two():
    (child,) = kids(1)

    assert len(children_of([visit(child, ward="26740"), visit(child, ward="26734")])) == 2


# --- the workbook ----------------------------------------------------------------------------


def test_the_proof_sheet_shows_h1_what_was_charged_what_is_left_and_no_difference():
    everyone = kids(6)
    found = allocate([visit(c) for c in everyone], [carded(c) for c in everyone[:4]], city())
    sheets = {s.name: s for s in allocation_sheets(found, ROUND, city(), office("nvgd1"))}
    proof = sheets["Đối chiếu tổng"]
    columns = proof.columns
    told = {(c.row, c.column): c.value for c in proof.cells}

    lines = [[told[row, columns[f]] for f in ("visits", "cost_total")] for row in proof.child_rows]

    assert lines == [[6, 600_000], [4, 400_000], [2, 200_000], [0, 0]]
    assert list(sheets)[:3] == [
        "Tổng hợp theo bệnh viện", "Tổng hợp theo quận, huyện", "Chưa phân bổ",
    ]  # fmt: skip


def test_the_visits_of_one_child_are_one_line_with_their_sum_and_the_home_that_is_told_first():
    """The export of cards names no district; the hospital writes the one that each visit names."""
    (child,) = kids(1)
    visits = [
        visit(child, 5, card=child.card, ward="", district="760"),
        visit(child, 7, card=child.card, ward="", district="770"),
    ]
    found = allocate(visits, [carded(child, ward="", district="")], city())
    sheets = {s.name: s for s in allocation_sheets(found, ROUND, city(), office("nvgd1"))}
    sheet = sheets["Chi tiết đã phân bổ"]
    told = {(c.row, c.column): c.value for c in sheet.cells}
    fields = [sheet.columns[name] for name in ("who", "district", "visits", "cost_total")]

    assert [[told[row, column] for column in fields] for row in sheet.child_rows] == [
        [child.name, "Quận 1", 2, 12]
    ]


def test_an_allocation_without_a_single_carded_child_is_all_rest():
    found = allocate([visit(c) for c in kids(3)], [], city())

    assert found.by_hospital == ()
    assert len(found.rest) == 3
    assert len(allocation_sheets(found, ROUND, city(), office("nvgd1"))) == 5


def test_an_allocation_of_nothing_is_nothing():
    found = allocate([], [], city())

    assert (found.charged, found.by_hospital, found.by_district) == ((), (), ())
    assert len(allocation_sheets(found, ROUND, city(), office("nvgd1"))) == 5


def test_every_reason_is_told_in_words():
    assert all(text[0].isupper() for text in WHY.values())
    assert money(1_234_567) == "1.234.567"


def test_an_amount_that_a_hospitals_list_does_not_have_is_nothing():
    """C79a has no column for a bed: no đồng is charged for what nobody wrote."""
    (child,) = kids(1)
    found = allocate([visit(child, 500, costs={"cost_total": 500})], [carded(child)], city())
    (line,) = found.by_hospital

    assert line.amounts == dict.fromkeys(COSTS, 0) | {"cost_total": 500}
    assert set(line.rest.values()) == {0}
