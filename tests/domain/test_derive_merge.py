"""Merged lists: what came back, city-wide, and everybody else named with the reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bhyt_filedrop.domain.derive.merge import (
    MISSING,
    NEVER_SENT,
    REASONED,
    UNREPORTED,
    UNVERIFIABLE,
    WAITS_FOR_NUMBER,
    carded_final,
    count_left,
    district_draft,
    left_text,
    one_row_each,
    passed_to_nobody,
    unverified,
)
from bhyt_filedrop.domain.derive.split import split
from bhyt_filedrop.domain.lists.children import ListedChild
from tests.derived import carded, city, kids, listed

DISTRICTS = ("760", "770", "787")


def returned(child, category: str) -> ListedChild:
    if category == "uncarded":
        return listed(child, category="uncarded", note="Đã chuyển đi nơi khác")
    return carded(child, category)


# --- H7 --------------------------------------------------------------------------------------


def test_the_final_list_goes_by_section_and_in_it_by_district_in_the_citys_order():
    a, b = kids(2, "760"), kids(2, "770")
    returns = {
        "770": [returned(b[0], "carded-before"), returned(b[1], "carded-now")],
        "760": [returned(a[0], "carded-now"), returned(a[1], "carded-before")],
    }

    found = carded_final(returns, city(), DISTRICTS)

    assert [(c.section, c.district, c.name) for c in found.children] == [
        ("I", "760", a[1].name), ("I", "770", b[0].name),
        ("II", "760", a[0].name), ("II", "770", b[1].name),
    ]  # fmt: skip
    assert (len(found.reported), found.missing) == (2, ("787",))


def test_children_without_a_card_are_not_on_the_final_list():
    a = kids(2)
    found = carded_final({"760": [returned(a[0], "uncarded"), returned(a[1], "carded-now")]},
                         city(), ["760"])  # fmt: skip

    assert [c.name for c in found.children] == [a[1].name]
    assert found.missing == ()


def test_a_child_stands_under_the_district_that_returned_it():
    (child,) = kids(1, "760")
    found = carded_final({"770": [carded(child)]}, city(), DISTRICTS)

    assert found.children[0].district == "770"


# --- H8 --------------------------------------------------------------------------------------

CATEGORIES = st.lists(
    st.sampled_from(["carded-before", "carded-now", "uncarded", "missing"]), min_size=1, max_size=9
)


@given(st.dictionaries(st.sampled_from(DISTRICTS), CATEGORIES), st.sets(st.sampled_from(DISTRICTS)))
@settings(max_examples=40, deadline=None)
def test_carded_and_unverified_children_together_are_all_that_were_sent(answers, reported):
    sent = {d: [listed(c) for c in kids(len(a), d)] for d, a in answers.items()}
    returns = {
        d: [returned(c, a) for c, a in zip(kids(len(answers[d]), d), answers[d], strict=True)
            if a != "missing"]
        for d in answers if d in reported
    }  # fmt: skip

    left = unverified(sent, returns, city())
    done = carded_final(returns, city(), DISTRICTS).children

    everyone = Counter(c.code for rows in sent.values() for c in rows)
    assert Counter(c.code for c in (*left, *done)) == everyone


def test_each_unverified_child_stands_in_the_section_that_says_why():
    a, b = kids(3, "760"), kids(1, "770")
    sent = {"770": [listed(b[0])], "760": [listed(c) for c in a]}
    returns = {"760": [returned(a[0], "uncarded"), returned(a[1], "carded-before")]}

    left = unverified(sent, returns, city())

    assert [(c.section, c.name, c.district) for c in left] == [
        (UNVERIFIABLE, a[0].name, "760"), (MISSING, a[2].name, "760"),
        (UNREPORTED, b[0].name, "770"),
    ]  # fmt: skip
    assert left[0].note == "Đã chuyển đi nơi khác"


def test_a_child_with_a_plain_reason_stands_apart_from_those_whom_nobody_could_verify():
    a = kids(3, "760")
    notes = ("Chưa có giấy khai sinh", "", "Không tìm thấy")
    returns = {
        "760": [listed(c, category="uncarded", note=n) for c, n in zip(a, notes, strict=True)]
    }

    left = unverified({"760": [listed(c) for c in a]}, returns, city())

    assert [(c.section, c.note) for c in left] == [
        (UNVERIFIABLE, ""), (UNVERIFIABLE, "Không tìm thấy"), (REASONED, "Chưa có giấy khai sinh"),
    ]  # fmt: skip


def test_those_who_reached_no_unit_stand_in_sections_of_their_own():
    lost = [listed(c, code=f"c{n}", ward="", district="") for n, c in enumerate(kids(3))]
    parts = split(lost, city(), corrections={"c1": replace(lost[1], outside=True)})
    rows = passed_to_nobody((*parts.unplaced, *parts.outside))

    assert [(c.section, c.code) for c in rows] == [("IV", "c0"), ("IV", "c2"), ("V", "c1")]
    assert count_left((*parts.unplaced, *parts.outside)) == (2, 1)
    assert left_text(2, 1, city().authority) == (
        "Chưa chuyển được cho đơn vị nào: 2 trẻ chưa xác định địa bàn, 1 trẻ ngoài Thành phố."
    )
    assert left_text(0, 0, city().authority) == ""


# --- the draft of form 3 ---------------------------------------------------------------------


def test_a_draft_has_every_answered_child_in_its_section_and_the_others_last():
    a = kids(4)
    categories = ("carded-now", "uncarded", "carded-before")
    answered = [returned(c, s) for c, s in zip(a, categories, strict=False)]

    draft = district_draft(answered, [listed(c) for c in a])

    assert [(c.section, c.name) for c in draft] == [
        ("I", a[2].name), ("II", a[0].name), ("III", a[1].name), ("", a[3].name),
    ]  # fmt: skip


def test_what_a_d03_lacks_is_completed_from_the_list_that_was_sent():
    """D03-TS has no column for the parent and no hospital's name."""
    (child,) = kids(1)
    row = carded(child, "carded-now", parent="", id_number="", address="", ward="", code="")

    (drafted,) = district_draft([row], [listed(child)])

    assert (drafted.parent, drafted.address, drafted.code) == (
        child.mother, child.address, child.code,
    )  # fmt: skip
    assert drafted.card == child.card


def test_a_child_on_both_the_kit_and_the_d03_stands_once_with_what_either_tells():
    (child,) = kids(1)
    kit = listed(child, category="carded-now", status="Cấp thẻ đợt này")
    d03 = carded(child, "carded-now", parent="")

    for rows in ([kit, d03], [d03, kit]):
        (drafted,) = district_draft(rows, [listed(child)])
        assert (drafted.section, drafted.card, drafted.parent) == ("II", child.card, child.mother)


def test_a_card_without_a_number_yet_is_marked_as_waiting():
    (child,) = kids(1)
    (drafted,) = district_draft([listed(child, category="carded-now")], [listed(child)])

    assert (drafted.section, drafted.note) == ("II", WAITS_FOR_NUMBER)


def test_a_child_nobody_sent_is_shown_as_such_and_not_dropped():
    a = kids(2)
    draft = district_draft([returned(c, "uncarded") for c in a], [listed(a[0])])

    assert [c.note.startswith(NEVER_SENT) for c in draft] == [False, True]


def test_a_newborn_that_got_its_name_is_drafted_under_it():
    (child,) = kids(1)
    sent = listed(child, name=f"Con bà {child.mother}")

    (drafted,) = district_draft([replace(carded(child), code="")], [sent])

    assert (drafted.name, drafted.code) == (child.name, child.code)


def test_an_answer_in_two_lists_has_a_row_for_each_child_and_none_for_who_is_in_neither():
    a = kids(3)
    kit = [listed(c, category="carded-now", status="Cấp thẻ đợt này") for c in a[:2]]
    d03 = carded(a[0], "carded-now", parent="")

    found = one_row_each([*kit, d03], [listed(c) for c in a])

    assert [(c.name, c.card) for c in found] == [(a[0].name, a[0].card), (a[1].name, "")]
