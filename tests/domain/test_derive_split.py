"""Codes, split and changes: every child once, under its ward, by a code that it keeps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bhyt_filedrop.domain.derive.additions import additions_note
from bhyt_filedrop.domain.derive.changes import TOLD, changes
from bhyt_filedrop.domain.derive.codes import is_code, with_codes
from bhyt_filedrop.domain.derive.split import split
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.process.child_codes import ALPHABET
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit, Units
from bhyt_filedrop.domain.reconcile import sent_twice
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import units_file
from bhyt_filedrop.settings.reading import Gathered

ROUND = Round(2015, 1)


@cache
def city() -> Units:
    units = units_file.read(config_dir(), Gathered())
    assert units is not None
    return units


def a_child(n: int = 1, **more: str) -> ListedChild:
    values = {"name": f"Trẻ Số {chr(65 + n % 26)}{'a' * (n // 26)}", "birth": "2014-03-05",
              "parent": "Lê Thị Lan"}  # fmt: skip
    return ListedChild(**{**values, **more})  # type: ignore[arg-type]


NAMES = st.sampled_from(["Nguyễn Gia Bảo", "Lê Minh Hòa", "Lê Minh Hoà", "Trần An", "Con bà Lan"])
CHILDREN = st.lists(
    st.builds(
        ListedChild,
        name=NAMES,
        birth=st.sampled_from(["2014-03-05", "2014-03-06", "2014", ""]),
        parent=st.sampled_from(["Lê Thị Lan", "Trần Thị Hoa", ""]),
        ward=st.sampled_from(["26740", "26734", "27139", "", "no-such-ward"]),
        district=st.sampled_from(["760", "", "770"]),
    ),
    max_size=12,
)


def told(rows: Iterable[ListedChild]) -> Counter[str]:
    """Rows as a bag: which ones, and how often each."""
    return Counter(map(repr, rows))


# --- codes -----------------------------------------------------------------------------------


@given(CHILDREN)
@settings(max_examples=60, deadline=None)
def test_every_child_gets_a_right_code_of_the_round_that_no_other_has(children):
    coded = with_codes(children, ROUND)

    assert [replace(c, code="") for c in coded] == children
    assert len({c.code for c in coded}) == len(children)
    assert all(is_code(c.code, ROUND) for c in coded)


@given(CHILDREN, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_a_corrected_list_in_another_order_keeps_every_code(children, rng):
    first = with_codes(children, ROUND)
    again = [replace(child, code="") for child in first]
    rng.shuffle(again)

    second = with_codes(again, ROUND, first)

    assert {c.code for c in second} == {c.code for c in first}
    by_code = {c.code: c for c in first}
    assert all(by_code[c.code].name.replace("oà", "òa") == c.name.replace("oà", "òa")
               and by_code[c.code].birth == c.birth for c in second)  # fmt: skip


@given(CHILDREN, CHILDREN)
@settings(max_examples=60, deadline=None)
def test_a_child_that_is_gone_leaves_its_code_to_nobody(before, after):
    """A paper copy of the earlier list is still about: its codes must not mean another child."""
    first = with_codes(before, ROUND)
    second = with_codes(after, ROUND, first)
    owners = {c.code: c for c in first}

    for child in second:
        if child.code in owners:
            assert owners[child.code].birth == child.birth


def test_the_same_children_get_the_same_codes_on_every_machine():
    codes = [c.code for c in with_codes([a_child(1), a_child(2)], ROUND)]

    assert codes == [c.code for c in with_codes([a_child(1), a_child(2)], ROUND)]
    assert codes != [c.code for c in with_codes([a_child(1), a_child(2)], ROUND.next)]


def test_a_child_whose_mother_was_corrected_keeps_its_code():
    (first,) = with_codes([a_child(1)], ROUND)
    (second,) = with_codes([a_child(1, parent="Lê Thị Lài")], ROUND, [first])

    assert second.code == first.code


def test_a_child_that_was_renamed_in_the_kit_keeps_the_code_that_it_bears():
    (first,) = with_codes([a_child(1, name="Con bà Lê Thị Lan")], ROUND)
    (second,) = with_codes([replace(first, name="Nguyễn Gia Bảo")], ROUND, [first])

    assert second.code == first.code


def test_a_code_pasted_along_with_a_copied_row_stays_with_its_own_child():
    (first,) = with_codes([a_child(1)], ROUND)
    pasted = a_child(2, birth="2013-01-01", code=first.code)

    copy, own = with_codes([pasted, a_child(1)], ROUND, [first])

    assert own.code == first.code
    assert copy.code != first.code


def test_two_children_of_one_name_and_birth_are_not_taken_for_the_one_of_before():
    (first,) = with_codes([a_child(1, parent="")], ROUND)
    second = with_codes([a_child(1, parent="A Lan"), a_child(1, parent="B Hoa")], ROUND, [first])

    assert first.code not in {c.code for c in second}


@given(st.integers(0, 4), st.sampled_from(ALPHABET))
def test_one_wrong_character_never_makes_another_right_code(place, char):
    (child,) = with_codes([a_child(1)], ROUND)
    at = len("15Q1-") + place
    wrong = child.code[:at] + char + child.code[at + 1 :]

    assert is_code(wrong) == (wrong == child.code)


def test_two_swapped_characters_show():
    (child,) = with_codes([a_child(1)], ROUND)
    prefix, body = child.code[:5], child.code[5:]
    swapped = [body[:n] + body[n + 1] + body[n] + body[n + 2 :] for n in range(4)]

    assert [is_code(prefix + s) for s in swapped] == [s == body for s in swapped]


def test_a_code_of_another_round_is_no_code_of_this_one():
    (child,) = with_codes([a_child(1)], ROUND)

    assert is_code(child.code)
    assert not is_code(child.code, ROUND.next)
    assert not is_code(child.code.replace("15Q1", "15Q2"))
    assert not is_code("2015Q1-000001")


# --- split -----------------------------------------------------------------------------------


def test_a_child_whom_the_list_repeats_goes_to_one_ward_once():
    """Where a clerk said which ward, to that one; else to the first that an address names."""
    first, second = (w.id for w in city().children("760")[:2])
    one = replace(a_child(name="Lê Gia Thúy"), code="A", ward=first)
    other = replace(one, code="B", ward=second, address="chỗ khác")
    lost = replace(one, code="C", ward="", address="?")
    twin = replace(a_child(name="Con bà Lê Thị Hoa"), parent="Lê Thị Hoa", ward=first)

    assert split([lost, one, other, one], city()).by_ward == {first: (in_its_ward(one),)}
    placed = split([one, other], city(), corrections={"B": other})
    assert list(placed.by_ward) == [second]
    assert len(split([twin, twin], city()).by_ward[first]) == 2


def in_its_ward(child: ListedChild) -> ListedChild:
    """The child as its ward's list has it."""
    return replace(child, district=city()[child.ward].parent)


@given(CHILDREN)
@settings(max_examples=80, deadline=None)
def test_every_child_stands_under_exactly_one_ward_or_among_the_unplaced(children):
    found = split(children, city())
    under_wards = [c for group in found.by_ward.values() for c in group]
    under_districts = [c for group in found.by_district.values() for c in group]

    again = sent_twice(children)
    everyone = [(c.name, c.birth, c.parent) for c in (*under_wards, *found.unplaced)]
    assert sorted(everyone) == sorted(
        (c.name, c.birth, c.parent) for n, c in enumerate(children) if n not in again
    )
    assert told(under_wards) == told(under_districts)
    assert all(c.ward == ward for ward, group in found.by_ward.items() for c in group)
    assert all(
        city()[c.ward].parent == district == c.district
        for district, group in found.by_district.items()
        for c in group
    )


def test_a_districts_list_goes_ward_by_ward_in_the_order_of_the_units():
    wards = [w.id for w in city().children("760")][:3]
    rows = [a_child(n, ward=wards[-n % 3]) for n in range(6)]

    found = split(rows, city())

    assert [c.ward for c in found.by_district["760"]] == [w for w in wards for _ in range(2)]
    assert list(found.by_ward) == wards


def test_a_child_without_a_ward_is_given_to_the_collections_office_even_if_its_district_is_read():
    found = split([a_child(1, district="760")], city())

    assert found.unplaced == (a_child(1, district="760"),)
    assert not found.by_district


def test_what_a_clerk_filled_in_places_the_child_and_changes_nothing_else_of_it():
    (child,) = with_codes([a_child(1, address="12 Hoa Sứ")], ROUND)
    filled = replace(child, name="gõ nhầm", ward="26740", district="760",
                     address="12 Hoa Sứ, Bến Nghé, Quận 1")  # fmt: skip

    found = split([child], city(), corrections={child.code: filled})

    assert found.unplaced == ()
    (placed,) = found.by_ward["26740"]
    assert (placed.name, placed.address) == (child.name, "12 Hoa Sứ, Bến Nghé, Quận 1")


def test_a_child_that_lives_outside_the_city_as_a_clerk_answered_is_not_asked_about_again():
    (away, open_) = with_codes([a_child(1), a_child(2)], ROUND)

    found = split([away, open_], city(), corrections={away.code: replace(away, outside=True)})

    assert [c.code for c in found.outside] == [away.code]
    assert [c.code for c in found.unplaced] == [open_.code]
    assert (found.by_ward, found.by_district) == ({}, {})


def test_what_an_address_says_of_another_province_is_no_answer_until_a_clerk_gives_it():
    (child,) = with_codes([a_child(1, outside=True)], ROUND)

    assert split([child], city()).unplaced == (child,)


def test_a_clerk_who_finds_the_ward_after_all_takes_the_answer_back():
    (child,) = with_codes([a_child(1, outside=True)], ROUND)
    found = split([child], city(), corrections={child.code: replace(child, outside=False,
                                                ward="26740", district="760")})  # fmt: skip

    assert list(found.by_ward) == ["26740"]
    assert (found.unplaced, found.outside) == ((), ())


def test_a_row_that_the_clerk_left_empty_stays_unplaced():
    (child,) = with_codes([a_child(1)], ROUND)

    assert split([child], city(), corrections={child.code: child}).unplaced == (child,)


def test_wards_without_districts_above_them_are_split_too():
    """From 07/2025 there are no districts."""
    units = Units.of([Unit("a", "Phường A", "ward"), Unit("b", "Phường B", "ward")])

    found = split([a_child(1, ward="b"), a_child(2, ward="a")], units)

    assert list(found.by_ward) == ["a", "b"]
    assert not found.by_district
    assert not found.unplaced


# --- changes ---------------------------------------------------------------------------------


@given(CHILDREN)
@settings(max_examples=40, deadline=None)
def test_a_list_compared_with_itself_has_no_changes(children):
    assert not changes(children, children[::-1])


@given(CHILDREN, CHILDREN)
@settings(max_examples=60, deadline=None)
def test_what_stayed_plus_what_was_added_is_the_new_list(before, after):
    found = changes(before, after)

    assert len(after) - len(found.added) == len(before) - len(found.removed)
    assert not told(found.added) - told(after)
    assert not told(found.removed) - told(before)


@pytest.mark.parametrize("field", TOLD)
def test_each_corrected_field_is_named(field):
    before, *others = with_codes([a_child(1), a_child(2)], ROUND)
    after = replace(before, **{field: "2014-09-09" if field == "birth" else "giá trị mới"})

    (changed,) = changes([before, *others], [*others, after]).changed

    assert (changed.before, changed.after, changed.fields) == (before, after, (field,))


def test_case_spacing_and_tone_placement_are_no_change():
    before = a_child(1, name="Lê Minh Hòa", parent="Trần Thị Thúy")
    after = a_child(1, name="LÊ MINH  HOÀ", parent="trần thị thuý")

    assert not changes([before], [after])


def test_children_added_and_removed_are_told_in_the_order_of_their_lists():
    a, b, c, d = (a_child(n) for n in range(4))

    found = changes([a, b, c], [d, c])

    assert (found.added, found.removed, found.changed) == ((d,), (a, b), ())


@pytest.mark.parametrize(("count", "more"), [(1, False), (10, False), (11, True)])
def test_a_corrected_list_names_ten_of_the_children_whom_it_adds(count: int, more: bool):
    before = [a_child(n) for n in range(3)]
    added = [a_child(n) for n in range(100, 100 + count)]

    told = additions_note(before, [*before, *added])

    assert f"thêm {count} trẻ" in told
    assert told.count("(sinh ") == min(count, 10)
    assert ("; …" in told) is more
    assert additions_note((), added) == additions_note(before, before) == ""


def test_a_code_that_was_pasted_on_two_rows_makes_no_child_another():
    """Then name, birth and parent say who is who."""
    a, b = a_child(1), a_child(2)
    pasted = replace(b, code=a.code)

    found = changes([a, b], [pasted, a])

    assert (found.added, found.removed) == ((), ())
    assert all("name" not in one.fields for one in found.changed)


@pytest.mark.parametrize("many", [1, 2])
def test_a_child_whose_mother_was_corrected_is_the_same_unless_a_namesake_was_born_that_day(
    many: int,
):
    plain = replace(a_child(1), code="")
    before = [replace(plain, parent=f"Trần Thị {n}") for n in ("Lan", "Mai")[:many]]
    after = [replace(plain, parent=f"Hồ Ngọc {n}") for n in ("Yến", "Oanh")[:many]]

    found = changes(before, after)

    assert (len(found.added), len(found.removed)) == ((0, 0) if many == 1 else (2, 2))
    assert [one.fields for one in found.changed] == ([("parent",)] if many == 1 else [])
