"""Conservation: no child is lost, doubled or invented on the way, or the trace says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bhyt_filedrop.domain.conservation.alarms import alarm_letters, alarms
from bhyt_filedrop.domain.conservation.child_path import path
from bhyt_filedrop.domain.conservation.steps import steps, traced_handoffs
from bhyt_filedrop.domain.conservation.trace import exchanges, trace
from bhyt_filedrop.domain.letters.letter import Letter
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit, Units
from tests.lists import PROCESS, WARDS, Book, a_child, coming_back
from tests.offices import ROUND, UNITS, moment

CHILDREN = [a_child(n, list(WARDS)[n % 3]) for n in range(12)]
OF_ONE_WARD = [child for child in CHILDREN if child.ward == "26734"]


def passed_down(children=CHILDREN):
    book = Book()
    book.down_to_wards(children)
    return book


def the(found, hop_id, unit):
    (hop,) = [hop for hop in found.of(hop_id) if hop.unit == unit]
    return hop


def counts(hop):
    return (
        hop.sent, hop.carded_before, hop.carded_now, hop.uncarded,
        hop.missing, hop.unknown, hop.difference,
    )  # fmt: skip


# --- which hops ----------------------------------------------------------------------------------


def test_the_hops_of_a_round_are_read_from_the_process():
    found = [(step.kind, step.source, step.answers) for step in steps(PROCESS, UNITS)]

    assert found == [
        ("split", "uncarded", ("district-list",)),
        ("split", "district-list", ("ward-list",)),
        ("return", "ward-list", ("ward-return",)),
        ("return", "district-list", ("district-return",)),
        ("final", "district-list", ("carded-final", "unverified")),
    ]
    assert traced_handoffs(PROCESS, UNITS)[0] == "uncarded"


def test_rows_that_an_office_completes_for_itself_are_not_taken_for_the_list_it_got():
    """The list of unplaced children that comes back filled in holds children of the city's list."""
    filled_in = replace(PROCESS.handoffs["uncarded"], id="placed", sender="thu", receiver="thu")
    order = {"uncarded": PROCESS.handoffs["uncarded"], "placed": filled_in, **PROCESS.handoffs}

    assert steps(replace(PROCESS, handoffs=order), UNITS) == steps(PROCESS, UNITS)


# --- passing down ---------------------------------------------------------------------------------


def test_a_list_that_is_passed_down_whole_balances_in_every_ward():
    found = passed_down().trace()

    assert [counts(hop) for hop in found.of("district-list")] == [
        (8, 0, 0, 8, 0, 0, 0),
        (4, 0, 0, 4, 0, 0, 0),
    ]
    in_order = [unit.id for unit in UNITS.of_kind("ward") if unit.id in WARDS]
    assert [hop.unit for hop in found.of("ward-list")] == in_order
    assert not alarms(found)


def test_a_child_that_the_split_forgot_is_an_alarm_at_the_unit_it_lives_in():
    book = Book()
    book.gave("uncarded", "cntt", "thu", CHILDREN)
    book.gave("district-list", "thu", "760", [c for c in CHILDREN if c.district == "760"][1:])

    hop = the(book.trace(), "district-list", "760")

    assert counts(hop) == (8, 0, 0, 7, 1, 0, 0)
    assert alarms(book.trace()) == (hop,)


def test_children_of_a_district_whose_list_is_not_made_yet_are_missing_without_alarm():
    book = Book()
    book.gave("uncarded", "cntt", "thu", CHILDREN)
    book.gave("district-list", "thu", "760", [c for c in CHILDREN if c.district == "760"])

    found = book.trace()

    assert counts(the(found, "district-list", "761")) == (4, 0, 0, 0, 4, 0, 0)
    assert not alarms(found)


def test_a_child_whose_address_says_nothing_stays_with_the_office_that_cannot_pass_it_on():
    nowhere = a_child(99, "", district="")
    book = passed_down()
    book.rolls[book.lists[0].drop, 0] = (*CHILDREN, nowhere)

    assert counts(the(book.trace(), "district-list", "thu")) == (1, 0, 0, 0, 1, 0, 0)


def test_a_child_of_a_known_district_but_no_known_ward_was_not_forgotten_by_the_split():
    """It waits on the list of the unplaced; the district's own list is whole without it."""
    somewhere = a_child(99, "", district="760")
    book = passed_down()
    book.rolls[book.lists[0].drop, 0] = (*CHILDREN, somewhere)

    found = book.trace()

    assert counts(the(found, "district-list", "thu")) == (1, 0, 0, 0, 1, 0, 0)
    assert not alarms(found)


def a_city_with_a_list_of_the_unplaced():
    """As `PROCESS`, with the list of those whom the split gives to no unit, told to the board."""
    made = {"made_by": "split", "made_from": ("uncarded",)}
    left = replace(PROCESS.handoffs["uncarded"], id="unplaced", parts=(), due=None, **made)
    told = ("district-return", "district-list", "unplaced")
    board = replace(PROCESS.handoffs["unverified"], made_by="unverified", made_from=told)
    split = replace(PROCESS.handoffs["district-list"], **made)
    order = {"uncarded": PROCESS.handoffs["uncarded"], "unplaced": left, **PROCESS.handoffs}
    return replace(PROCESS, handoffs=order | {"district-list": split, "unverified": board})


def with_three_left_over():
    book = passed_down()
    unplaced, lost = a_child(97, "", district="760"), a_child(98, "", district="")
    away = a_child(99, "", district="", section="Ngoài Thành phố", outside=True)
    book.rolls[book.lists[0].drop, 0] = (*CHILDREN, unplaced, lost, away)
    book.gave("unplaced", "cntt", "thu", [unplaced, lost, away])
    return book


def test_the_balance_is_open_as_long_as_a_child_waits_for_its_ward():
    """Neither lost nor settled: no alarm, but no difference of 0 either."""
    book, process = with_three_left_over(), a_city_with_a_list_of_the_unplaced()
    found = trace(ROUND, book.lists, book.rolls, process, UNITS)
    hop = the(found, "district-list", "thu")

    assert counts(hop) == (3, 0, 0, 0, 0, 0, 2)
    assert (hop.outside, hop.unplaced, found.unplaced, found.closes) == (1, 2, 2, False)
    assert not alarms(found)


def test_the_balance_closes_when_the_last_child_is_placed_or_known_to_live_elsewhere():
    book, process = with_three_left_over(), a_city_with_a_list_of_the_unplaced()
    every = book.rolls[book.lists[-1].drop, 0]
    away = [replace(c, section="Ngoài Thành phố") for c in every]
    book.rolls[book.lists[-1].drop, 0] = tuple(away)
    found = trace(ROUND, book.lists, book.rolls, process, UNITS)

    assert found.closes
    assert counts(the(found, "district-list", "thu")) == (3, 0, 0, 0, 0, 0, 0)


def test_those_who_reached_no_unit_are_looked_for_in_the_final_lists_too():
    book, process = with_three_left_over(), a_city_with_a_list_of_the_unplaced()
    left = book.rolls[book.lists[-1].drop, 0]
    book.gave("unverified", "thu", "cntt", [*CHILDREN, *left[1:]], moment(6, 27))
    (hop,) = trace(ROUND, book.lists, book.rolls, process, UNITS).of("carded-final")

    assert (hop.sent, hop.uncarded, hop.missing, hop.unknown) == (15, 14, 1, 0)


def with_final_lists(final, doubtful, state="accepted", **more):
    book = passed_down()
    book.gave("carded-final", "thu", "board", final, moment(6, 27))
    book.gave("unverified", "thu", "cntt", doubtful, moment(6, 27), state=state)
    book.lists[-1] = replace(book.lists[-1], **more)
    (hop,) = book.trace().of("carded-final")
    return hop


def test_a_child_that_neither_final_list_names_is_an_alarm_and_so_is_one_that_nobody_sent():
    final = coming_back(CHILDREN[:5], "carded-now")
    lost = with_final_lists(final, CHILDREN[6:])
    more = with_final_lists(final, [*CHILDREN[5:], a_child(77, name="Đinh Không Ai Gửi")])
    both = with_final_lists(final, CHILDREN[5:])

    assert (lost.lost, lost.is_alarming) == (1, True)
    assert (more.invented, more.is_alarming) == (1, True)
    assert not both.is_alarming


def test_final_lists_of_which_a_newer_one_waits_for_approval_are_no_alarm_yet():
    final = coming_back(CHILDREN[:5], "carded-now")
    hop = with_final_lists(final, CHILDREN[6:], state="held", basis="made")

    assert (hop.missing > 0, hop.is_alarming) == (True, False)


def test_a_child_is_counted_where_it_was_sent_and_not_where_its_address_says():
    """A clerk knew better than the address."""
    moved = replace(CHILDREN[0], ward="26767", district="761")
    book = passed_down()
    book.rolls[book.lists[0].drop, 0] = (moved, *CHILDREN[1:])

    assert [counts(hop) for hop in book.trace().of("district-list")] == [
        (8, 0, 0, 8, 0, 0, 0),
        (4, 0, 0, 4, 0, 0, 0),
    ]


# --- coming back ----------------------------------------------------------------------------------


def test_a_ward_that_has_not_answered_holds_its_children_as_missing():
    assert counts(the(passed_down().trace(), "ward-return", "26734")) == (4, 0, 0, 0, 4, 0, 0)


def a_ward_answers(book, before=1, now=1, **more):
    """The ward's three lists: form 4 with both sections, then D03-TS."""
    first, second, third = (
        OF_ONE_WARD[:before], OF_ONE_WARD[before : before + now], OF_ONE_WARD[before + now :],
    )  # fmt: skip
    form_4 = coming_back(first, "carded-before") + coming_back(third, "uncarded")
    book.gave("ward-return", "26734", "760", form_4, part=0, **more)
    book.gave("ward-return", "26734", "760", coming_back(second, "carded-now"), part=1, **more)


def test_the_three_lists_of_a_ward_add_up_to_what_it_was_sent():
    book = passed_down()
    a_ward_answers(book)

    assert counts(the(book.trace(), "ward-return", "26734")) == (4, 1, 1, 2, 0, 0, 0)
    assert not alarms(book.trace())


def test_children_of_a_list_that_waits_for_the_others_are_counted_already():
    book = passed_down()
    form_4 = coming_back(OF_ONE_WARD[:3], "carded-before")
    book.gave("ward-return", "26734", "760", form_4, state="held")

    hop = the(book.trace(), "ward-return", "26734")

    assert counts(hop) == (4, 3, 0, 0, 1, 0, 0)
    assert not hop.is_alarming


def test_a_returned_or_replaced_list_does_not_count():
    book = passed_down()
    a_ward_answers(book, state="returned")
    a_ward_answers(book, state="superseded")

    assert the(book.trace(), "ward-return", "26734").missing == 4


def test_a_child_that_came_back_in_two_lists_is_a_difference_below_zero():
    book = passed_down()
    a_ward_answers(book)
    twice = book.lists[-1]
    book.rolls[twice.drop, 0] += tuple(coming_back(OF_ONE_WARD[:1], "carded-now"))

    hop = the(book.trace(), "ward-return", "26734")

    assert (hop.difference, hop.is_alarming) == (-1, True)


def test_a_reply_kit_and_the_d03_ts_that_it_speaks_of_count_a_child_once():
    book = passed_down()
    kit = coming_back(OF_ONE_WARD[:1], "carded-before")
    kit += [
        replace(child, status="Cấp thẻ đợt này")
        for child in coming_back(OF_ONE_WARD[1:], "carded-now")
    ]
    book.gave("ward-return", "26734", "760", kit, part=0)
    book.gave("ward-return", "26734", "760", coming_back(OF_ONE_WARD[1:], "carded-now"), part=1)

    found = book.trace()

    assert counts(the(found, "ward-return", "26734")) == (4, 1, 3, 0, 0, 0, 0)
    assert not alarms(found)


def test_a_child_that_came_back_in_none_of_the_three_lists_is_a_difference_above_zero():
    book = passed_down()
    a_ward_answers(book)
    astray = book.lists[-2]
    book.rolls[astray.drop, 0] = tuple(replace(c, category="") for c in book.rolls[astray.drop, 0])

    assert the(book.trace(), "ward-return", "26734").difference == 3


def test_a_complete_answer_that_lost_a_child_is_an_alarm_although_the_sum_closes():
    """Only a person's release lets such a return pass; the child must not be forgotten."""
    book = passed_down()
    a_ward_answers(book)
    last = book.lists[-1]
    book.rolls[last.drop, 0] = ()

    hop = the(book.trace(), "ward-return", "26734")

    assert (hop.missing, hop.difference, hop.is_alarming) == (1, 0, True)


def test_a_child_that_was_never_sent_is_unknown_and_an_alarm():
    book = passed_down()
    a_ward_answers(book)
    stranger = a_child(77, name="Trương Vô Danh", parent="Trương Thị Lạ", code="")
    last = book.lists[-1]
    book.rolls[last.drop, 0] += tuple(coming_back([stranger], "carded-now"))

    hop = the(book.trace(), "ward-return", "26734")

    assert (hop.unknown, hop.difference, hop.is_alarming) == (1, 0, True)


def test_an_answer_to_an_older_list_is_no_alarm():
    """The list sent was corrected since: the ward will answer the new one."""
    book = passed_down()
    a_ward_answers(book)
    newer = [*OF_ONE_WARD, a_child(55, name="Đinh Thêm Mới")]
    old = next(r for r in book.lists if r.key.receiver == "26734")
    book.lists[book.lists.index(old)] = replace(old, state="superseded")
    book.gave("ward-list", "760", "26734", newer, moment(6, 30), version=2)

    hop = the(book.trace(), "ward-return", "26734")

    assert (hop.sent, hop.missing, hop.is_alarming) == (5, 1, False)


def test_a_return_whose_list_was_sent_on_paper_is_shown_without_alarm():
    book = Book()
    book.gave("ward-return", "26734", "760", coming_back(OF_ONE_WARD, "carded-before"))

    hop = the(book.trace(), "ward-return", "26734")

    assert (hop.sent, hop.unknown, hop.is_alarming) == (0, 4, False)


def test_lists_without_codes_are_matched_by_the_people_in_them():
    book = passed_down()
    bare = [replace(c, code="", name=c.name.upper()) for c in OF_ONE_WARD]
    book.gave("ward-return", "26734", "760", coming_back(bare, "carded-before"))
    book.gave("ward-return", "26734", "760", [], part=1)

    assert counts(the(book.trace(), "ward-return", "26734")) == (4, 4, 0, 0, 0, 0, 0)


def test_the_city_wide_lists_together_hold_every_child_that_went_to_a_district():
    book = passed_down()
    book.gave("carded-final", "thu", "board", coming_back(CHILDREN[:5], "carded-now"))
    book.gave("unverified", "thu", "cntt", CHILDREN[5:])

    assert counts(the(book.trace(), "carded-final", "thu")) == (12, 0, 5, 7, 0, 0, 0)


def test_lists_of_another_round_are_left_alone():
    book = passed_down()

    assert trace(Round(2015, 2), book.lists, book.rolls, PROCESS, UNITS).hops == ()


def test_the_json_names_each_hop_with_its_balance():
    book = passed_down()
    a_ward_answers(book)

    told = book.trace().as_json()

    assert told["round"] == "2015Q1"
    (hop,) = [h for h in told["hops"] if (h["id"], h["unit"]) == ("ward-return", "26734")]
    assert hop == {
        "id": "ward-return", "unit": "26734", "sent": 4, "carded_before": 1, "carded_now": 1,
        "uncarded": 2, "outside": 0, "missing": 0, "unknown": 0, "difference": 0,
        "unplaced": 0,
    }  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(["", "carded-before", "carded-now", "uncarded"]), min_size=4,
                max_size=4))  # fmt: skip
def test_every_child_sent_is_counted_once_whatever_has_come_back(categories):
    """An empty word: the child has not come back."""
    book = passed_down()
    pairs = list(zip(OF_ONE_WARD, categories, strict=True))
    for part, wanted in enumerate((("carded-before", "uncarded"), ("carded-now",))):
        came = [row for c, kind in pairs if kind in wanted for row in coming_back([c], kind)]
        book.gave("ward-return", "26734", "760", came, part=part)

    hop = the(book.trace(), "ward-return", "26734")

    assert hop.difference == 0
    assert hop.missing == categories.count("")
    assert hop.sent == 4


# --- one child ----------------------------------------------------------------------------------


def test_a_childs_path_leads_through_lists_that_never_had_its_code():
    """The city's own list and form 4 carry no Mã đối chiếu."""
    book = passed_down()
    book.rolls[book.lists[0].drop, 0] = tuple(replace(c, code="") for c in CHILDREN)
    bare = [replace(c, code="") for c in OF_ONE_WARD]
    book.gave("ward-return", "26734", "760", coming_back(bare, "carded-before"))

    stops = path(book.trace(), OF_ONE_WARD[0].code)
    stands = [stop.stand for stop in stops]

    assert [(s.record.key.handoff, s.category) for s in stands] == [
        ("uncarded", ""),
        ("district-list", "uncarded"),
        ("ward-list", "uncarded"),
        ("ward-return", "carded-before"),
    ]
    assert {s.child.name for s in stands} == {OF_ONE_WARD[0].name}


def test_a_code_that_nobody_has_leads_nowhere():
    assert path(passed_down().trace(), "15Q1-XXXX") == ()


# --- alarms -------------------------------------------------------------------------------------


def a_wrong_round():
    book = passed_down()
    a_ward_answers(book)
    last = book.lists[-1]
    book.rolls[last.drop, 0] += tuple(coming_back(OF_ONE_WARD[:1], "carded-now"))
    return book


def test_an_alarm_goes_to_the_office_that_leads_and_names_no_child():
    (letter,) = alarm_letters(a_wrong_round().trace(), PROCESS, UNITS)

    assert (letter.kind, letter.unit) == ("notice", "thu")
    told = "\n".join(letter.context["paragraphs"])
    assert "Phường Tân Định, Quận 1: gửi 4 trẻ; 1 trẻ bị tính hai lần." in told
    assert not any(child.name in letter.to_json() for child in CHILDREN)
    assert Letter.from_json(letter.to_json()) == letter


def test_the_same_alarm_is_written_once_and_another_again():
    (first,) = alarm_letters(a_wrong_round().trace(), PROCESS, UNITS)
    (again,) = alarm_letters(a_wrong_round().trace(), PROCESS, UNITS)
    worse = a_wrong_round()
    worse.rolls[worse.lists[-1].drop, 0] += tuple(coming_back(OF_ONE_WARD[2:3], "carded-now"))

    (third,) = alarm_letters(worse.trace(), PROCESS, UNITS)
    assert first.key == again.key != third.key


def test_a_round_that_adds_up_writes_no_letter():
    assert alarm_letters(passed_down().trace(), PROCESS, UNITS) == ()


def test_a_unit_that_was_taken_out_of_the_configuration_still_balances():
    book = Book()
    gone = [replace(c, ward="00001", district="00002") for c in CHILDREN[:2]]
    book.gave("district-list", "thu", "00002", gone)
    book.gave("ward-list", "00002", "00001", gone)

    hop = the(book.trace(), "ward-list", "00001")

    assert (hop.sent, hop.difference) == (2, 0)
    assert book.trace().round == ROUND


def test_who_is_told_of_others_asks_them_and_a_unit_at_whose_door_all_is_wrong_asks_itself():
    (letter,) = alarm_letters(a_wrong_round().trace(), PROCESS, UNITS)

    assert "Kiểm tra lại với đơn vị rồi yêu cầu nộp bản đã sửa." in letter.context["paragraphs"][-1]


@pytest.mark.parametrize(("day", "counts_too"), [(30, False), (31, True)])
def test_who_took_an_office_over_answers_for_what_it_had_passed_on_once_it_is_gone(
    day: int, counts_too: bool
):
    """Its wards' lists hold some of the children whom the new office was given."""
    last = date(2015, 5, 30)
    new = Unit("cs1", "BHXH cơ sở Tân Định", "district")
    old = replace(UNITS["760"], valid_to=last, successors=("cs1",))
    units = Units.of([*(u for u in UNITS if u.id != "760"), old, new]).at(date(2015, 5, day))
    book = Book()
    before = book.gave("ward-list", "760", "26734", OF_ONE_WARD[:1])
    book.gave("district-list", "thu", "cs1", OF_ONE_WARD)
    after = book.gave("ward-list", "cs1", "26734", OF_ONE_WARD[1:])

    (found,) = [
        one
        for one in exchanges(ROUND, book.lists, PROCESS, units)
        if (one.step.source, one.step.kind, one.office) == ("district-list", "split", "cs1")
    ]

    assert found.came == ((after, before) if counts_too else (after,))
