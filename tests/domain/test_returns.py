"""A return held against what was sent: in pieces, over days, corrected; and cards elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bhyt_filedrop.domain.drops.facts import Judged
from bhyt_filedrop.domain.drops.returns import (
    Answered,
    Reconciliation,
    is_elsewhere,
    reconcile_returns,
    return_of,
)
from bhyt_filedrop.domain.findings import Severity, finding
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListKey, ListRecord
from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.domain.process.handoffs import HandOff
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.reconcile.pieces import Piece, take_return
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import load
from tests.derived import ROUND, city, kids, listed

WARD = "26734"
NOW = datetime(2015, 6, 12, 9, tzinfo=ZONE)
HANDOFF = HandOff(
    id="ward-return", number="H5", name="Kết quả của phường, xã", source="1331/BHXH-THU, 5.2.4",
    sender="ward", receiver="parent", parts=(("form-4", "reply-kit"), ("d03-ts",)),
    answers="ward-list",
)  # fmt: skip
KEY = ListKey("ward-return", ROUND, WARD, "760")
SENT = tuple(listed(child) for child in kids(6))


def rows(children: Sequence[ListedChild], part: int) -> tuple[ListedChild, ...]:
    """The children as a ward's list has them: in form 4 (part 0), or in D03-TS (part 1)."""
    category = "carded-now" if part else "uncarded"
    return tuple(
        replace(c, code="", category=category, section="I" if part else "II", row=n, cell=f"B{n}")
        for n, c in enumerate(children, start=10)
    )


def now(children: Sequence[ListedChild], part: int, file: str = "") -> Judged:
    """One list of the drop that is judged."""
    return Judged(
        file, "", "d03-ts-1111" if part else "form-4", "Mẫu", len(children), HANDOFF,
        city()[WARD], city()["760"], ROUND, part, children=rows(children, part),
    )  # fmt: skip


def earlier(
    children: Sequence[ListedChild], part: int, state: str = "held", drop: str = "D150611-AAAAAA"
) -> tuple[ListRecord, tuple[ListedChild, ...]]:
    """One list that came before and still stands."""
    record = ListRecord(
        drop, 0, replace(KEY, part=part), "form-4", len(children), "", state, 1, NOW
    )
    return record, rows(children, part)


def judge(
    mine: Sequence[Judged], *before: tuple[ListRecord, tuple[ListedChild, ...]]
) -> Reconciliation:
    return reconcile_returns(mine, {KEY: Answered(KEY, SENT, before)}, ())


def codes(result: Reconciliation) -> list[str]:
    return [one.code for one in result.findings]


# --- in pieces -------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(first=st.sets(st.integers(0, 5)), in_one=st.booleans())
def test_however_a_return_is_cut_in_two_it_is_whole_when_both_have_come(
    first: set[int], in_one: bool
):
    """In one drop or in two, whichever children stand in which list."""
    a = [child for n, child in enumerate(SENT) if n in first]
    b = [child for n, child in enumerate(SENT) if n not in first]
    result = judge([now(a, 0), now(b, 1)]) if in_one else judge([now(b, 1)], earlier(a, 0))

    assert codes(result) == []
    assert result.accounted == {KEY}


def test_nobody_is_missing_while_a_part_is_still_to_come():
    result = judge([now(SENT[:3], 0)])

    assert codes(result) == []
    assert result.accounted == frozenset()


@pytest.mark.parametrize("gone", range(6))
def test_once_both_have_come_the_child_in_neither_is_named(gone: int):
    there = [child for n, child in enumerate(SENT) if n != gone]
    result = judge([now(there[3:], 1)], earlier(there[:3], 0))

    assert codes(result) == ["list.child-missing"]
    assert result.findings[0].value == SENT[gone].name
    assert result.accounted == frozenset()


def test_one_list_that_accounts_for_everybody_is_the_whole_return():
    assert judge([now(SENT, 0)]).accounted == {KEY}


def test_a_corrected_part_is_judged_without_the_part_it_replaces():
    """The first form 4 had a child too many, which D03-TS has as well."""
    result = judge([now(SENT[:3], 0)], earlier(SENT[:4], 0), earlier(SENT[3:], 1))

    assert codes(result) == []
    assert result.accounted == {KEY}


def test_a_child_on_two_days_in_two_lists_is_told_at_the_row_that_came_last():
    result = judge([now(SENT[2:], 1, "D03.xlsx")], earlier(SENT[:3], 0))

    assert codes(result) == ["list.child-in-two-lists"]
    assert (result.findings[0].cell, result.findings[0].value) == ("B10", SENT[2].name)


def test_what_was_wrong_in_an_earlier_file_is_not_told_at_the_new_one():
    stranger = listed(kids(8, seed=9)[7], name="Hồ Quốc Tín", birth="2014-01-02")
    result = judge([now(SENT[3:], 1)], earlier((*SENT[:3], stranger), 0))

    assert codes(result) == []


def test_a_file_that_could_not_be_read_makes_nobody_missing():
    damaged = finding("file.damaged", "Tệp hỏng.", "Gửi lại.")
    told = reconcile_returns([now(SENT[:1], 0)], {KEY: Answered(KEY, SENT)}, (damaged,))

    assert told == Reconciliation()


# --- corrections and additions ----------------------------------------------------------------

FOUR, D03 = "D150611-FOUR22", "D150611-JOIN22"


def accepted() -> list[tuple[ListRecord, tuple[ListedChild, ...]]]:
    """A return that stands: form 4 of three children, D03-TS of the other three."""
    return [
        earlier(SENT[:3], 0, "accepted", FOUR),
        earlier(SENT[3:], 1, "accepted", D03),
    ]


@settings(max_examples=30, deadline=None)
@given(first=st.sets(st.integers(0, 5), min_size=1, max_size=5), in_form_4=st.booleans())
def test_a_correction_of_both_parts_adds_up_whichever_comes_first(first: set[int], in_form_4: bool):
    """However the children are dealt anew between the two, the second correction fits."""
    dealt = ([c for n, c in enumerate(SENT) if n in first],
             [c for n, c in enumerate(SENT) if n not in first])  # fmt: skip
    part = 0 if in_form_4 else 1
    one = judge([now(dealt[part], part)], *accepted())
    waits = bool(one.pieces.amended)
    assert waits == bool(codes(one))
    assert all(found.severity is Severity.WARNS for found in one.findings)

    state = "amending" if waits else "accepted"
    stood = [
        *((r, kids) for r, kids in accepted() if waits or (r.drop, 0) not in one.pieces.replaced),
        earlier(dealt[part], part, state, "D150612-FIRST2"),
    ]
    other = judge([now(dealt[1 - part], 1 - part)], *stood)

    assert codes(other) == []
    assert other.accounted == {KEY}
    assert other.pieces.kept == {("D150612-FIRST2", 0)}


def test_a_list_of_children_who_are_in_no_other_stands_beside_those_of_its_part():
    result = judge([now(SENT[3:], 0)], earlier(SENT[:3], 0))

    assert result.accounted == {KEY}
    assert result.pieces.kept == {("D150611-AAAAAA", 0)}
    assert result.pieces.replaced == frozenset()


def test_a_list_of_one_part_that_tells_of_a_child_again_takes_the_other_s_place():
    result = judge([now(SENT[2:], 0)], earlier(SENT[:3], 0))

    assert result.pieces.replaced == {("D150611-AAAAAA", 0)}


def test_a_correction_that_forgot_a_child_does_not_hold_up_what_fits_without_it():
    """Form 4 was corrected and lacks a child; then D03-TS comes again with an address mended."""
    forgot = earlier(SENT[:2], 0, "amending", "D150612-FORGOT")
    result = judge([now(SENT[3:], 1)], *accepted(), forgot)

    assert codes(result) == []
    assert result.pieces.kept == {(FOUR, 0)}
    assert result.pieces.replaced == {(D03, 0)}


def test_a_correction_that_lacks_a_child_waits_while_the_other_part_may_come():
    """D03-TS may be what the child is on now; the return that was accepted stands meanwhile."""
    result = judge([now(SENT[1:], 0)], earlier(SENT, 0, "accepted"))

    assert codes(result) == ["list.child-missing"]
    assert result.findings[0].severity is Severity.WARNS
    assert result.pieces.amended == {KEY}


@pytest.mark.parametrize(("parts", "whole"), [((("reply-kit",),), True), (HANDOFF.parts, False)])
def test_a_kit_that_asks_for_a_card_waits_for_d03_ts_only_where_the_return_has_such_a_part(
    parts: tuple[tuple[str, ...], ...], whole: bool
):
    asking = tuple(
        replace(c, category="carded-now", status="Đang làm thủ tục", card="") for c in rows(SENT, 0)
    )
    kit = replace(now(SENT, 0), handoff=replace(HANDOFF, parts=parts), children=asking)

    result = judge([kit])

    assert result.to_ask_for == {KEY: len(SENT)}
    assert result.accounted == ({KEY} if whole else frozenset())


# --- elsewhere -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "elsewhere"),
    [
        (replace(KEY, sender="26737"), True),
        (replace(KEY, round=Round(2014, 4)), True),
        (ListKey("carded", Round(2014, 4), "cntt", "nvgd1"), True),
        (KEY, False),
        (replace(KEY, part=1), False),
        (ListKey("district-return", ROUND, "760", "thu"), False),
        (replace(KEY, round=Round(2015, 2)), False),
        (ListKey("carded", ROUND, "cntt", "nvgd1"), True),
        (ListKey("carded-final", ROUND, "thu", "nvgd1"), False),
        (ListKey("no-longer-declared", ROUND, "cntt", "nvgd1"), False),
    ],
    ids=["another ward", "an earlier round", "another office before", "the same list",
         "its other part", "the child's way up", "a later round",
         "those who have a card", "the city's final list", "a list of another process"],
)  # fmt: skip
def test_a_card_is_elsewhere_in_another_units_list_or_an_earlier_round(
    known: ListKey, elsewhere: bool
):
    process = load(config_dir()).process

    assert is_elsewhere(known, ListedChild(carded="yes"), KEY, process) is elsewhere


def test_what_hospitals_write_as_a_card_proves_nothing_against_an_answer():
    process, costs = load(config_dir()).process, ListKey("cost-list", ROUND, "nvgd1", "cntt")

    assert not is_elsewhere(costs, ListedChild(card="TE1790000000001"), KEY, process)


def test_the_parts_of_a_return_are_one():
    assert return_of(replace(KEY, part=1)) == return_of(KEY) == KEY


@pytest.mark.parametrize("moved", [1, 2])
def test_a_list_gives_way_to_another_part_only_where_that_says_otherwise_of_every_child(
    moved: int,
):
    """D03-TS of two children; form 4 comes again and has one of them, or both, as its own."""
    form_4, d03 = earlier(SENT[:4], 0, "accepted", FOUR), earlier(SENT[4:], 1, "accepted", D03)
    result = judge([now(SENT[: 4 + moved], 0)], form_4, d03)

    assert ((D03, 0) in result.pieces.replaced) is (moved == 2)


@pytest.mark.parametrize("stood", [5, 6])
def test_only_lists_that_accounted_for_every_child_were_a_whole_return(stood: int):
    """A person may have let them go on without one; then nothing was whole."""
    record, children = earlier(SENT[:stood], 0, "accepted")
    stranger = listed(kids(8, seed=9)[7], name="Hồ Quốc Tín", birth="2014-01-02")
    mine = Piece(replace(KEY, part=1), rows((stranger,), 1))

    reading = take_return(SENT, [Piece(record.key, children, record=record)], [mine])

    assert reading.was_whole is (stood == len(SENT))


def test_the_first_whole_return_corrects_nothing():
    reading = take_return(SENT, [], [Piece(KEY, rows(SENT, 0))])

    assert (reading.adds_up, reading.corrects) == (True, False)
