"""Who owes what: one obligation per receiver, and only once the list it answers has come."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from bhyt_filedrop.domain.owed.came import Reopened, SentBack
from bhyt_filedrop.domain.owed.obligations import (
    DeliveredIndex,
    Standing,
    Want,
    entry,
    obligations,
    standing,
    status,
)
from bhyt_filedrop.domain.process.calendar import WorkingDays
from bhyt_filedrop.domain.process.handoffs import Due
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit, Units
from tests.offices import (
    LISTS_REACHED_WARDS,
    MAY_DAY,
    PROCESS,
    ROUND,
    UNITS,
    a_process,
    gave,
    handoff,
    moment,
)

DAYS = WorkingDays()


def owed_pairs(facts, process=PROCESS):
    return [
        (o.handoff.id, o.sender.id, o.receiver.id if o.receiver else None)
        for o in obligations(process, UNITS, ROUND, DeliveredIndex.of(facts), DAYS)
    ]


def the(handoff_id, sender, facts):
    found = DeliveredIndex.of(facts)
    (owed,) = [
        o
        for o in obligations(PROCESS, UNITS, ROUND, found, DAYS)
        if (o.handoff.id, o.sender.id) == (handoff_id, sender)
    ]
    return owed, found


def test_before_anything_came_only_the_first_office_owes():
    assert owed_pairs([]) == [("uncarded", "cntt", "thu")]


def test_collections_owes_each_district_its_own_list():
    pairs = owed_pairs([gave("uncarded", "cntt", "thu", moment(5, 18))])

    assert ("district-list", "thu", "760") in pairs
    assert ("district-list", "thu", "761") in pairs
    assert len(pairs) == 3


def test_a_ward_owes_its_return_once_its_list_reached_it():
    reached = LISTS_REACHED_WARDS[:4]

    pairs = [p for p in owed_pairs(reached) if p[0] == "ward-return"]

    assert pairs == [("ward-return", "26734", "760")]


def test_a_ward_without_children_in_the_round_owes_nothing():
    nothing = gave("ward-list", "760", "26740", moment(5, 22), nothing=True)

    pairs = owed_pairs([*LISTS_REACHED_WARDS[:4], nothing])

    assert ("ward-list", "760", "26740") not in pairs
    assert ("ward-return", "26740", "760") not in pairs
    assert ("ward-list", "760", "26734") in pairs


def test_a_return_that_came_without_a_recorded_list_still_counts():
    came = gave("ward-return", "26767", "761", moment(6, 1))

    assert ("ward-return", "26767", "761") in owed_pairs([came])


def test_a_list_of_another_round_settles_nothing():
    other = gave("uncarded", "cntt", "thu", moment(5, 18), round=Round(2014, 4))
    owed, facts = the("uncarded", "cntt", [other])

    assert standing(owed, facts, moment(5, 19)) is Standing.OWED


@pytest.mark.parametrize(
    ("came", "now", "expected"),
    [
        (None, moment(5, 20, 23, 59), Standing.OWED),
        (None, moment(5, 21, 0), Standing.OVERDUE),
        (moment(5, 20, 23, 59), moment(6, 1), Standing.DELIVERED),
        (moment(5, 21, 0), moment(6, 1), Standing.LATE),
        (moment(5, 19), moment(5, 18), Standing.OWED),
    ],
)
def test_midnight_after_the_last_day_parts_in_time_from_late(came, now, expected):
    owed, facts = the("uncarded", "cntt", [gave("uncarded", "cntt", "thu", came)] if came else [])

    assert standing(owed, facts, now) is expected


def test_a_ward_with_one_of_its_two_lists_stands_partly_then_overdue_then_late():
    first = gave("ward-return", "26734", "760", moment(6, 10), (0,))
    second = gave("ward-return", "26734", "760", moment(6, 17), (1,))
    owed, facts = the("ward-return", "26734", [*LISTS_REACHED_WARDS, first, second])

    assert standing(owed, facts, moment(6, 9)) is Standing.OWED
    assert standing(owed, facts, moment(6, 11)) is Standing.PARTLY
    assert standing(owed, facts, moment(6, 16)) is Standing.OVERDUE
    assert standing(owed, facts, moment(6, 18)) is Standing.LATE


@pytest.mark.parametrize("handoff, round_", [("ward-return", ROUND), ("", None)])
def test_a_file_that_went_back_is_no_silence_until_a_good_one_comes(handoff, round_):
    back = SentBack(handoff, round_, "26734", moment(6, 10))
    late = gave("ward-return", "26734", "760", moment(6, 12))
    known = DeliveredIndex.of([*LISTS_REACHED_WARDS, late], (), [back])
    (owed,) = [o for o in obligations(PROCESS, UNITS, ROUND, known, DAYS) if o.sender.id == "26734"]

    assert [entry(owed, known, moment(6, day)).want for day in (9, 11, 13)] == [
        Want.NOTHING_CAME,
        Want.SENT_BACK,
        None,
    ]
    assert entry(owed, known, moment(6, 11)).as_json()["want"] == "sent-back"


def test_a_correction_after_the_due_date_does_not_make_a_punctual_unit_late():
    early = gave("uncarded", "cntt", "thu", moment(5, 18))
    corrected = gave("uncarded", "cntt", "thu", moment(6, 18))
    owed, facts = the("uncarded", "cntt", [corrected, early])

    assert standing(owed, facts, moment(7, 1)) is Standing.DELIVERED


def test_a_hand_off_without_a_date_is_never_overdue():
    process = a_process(handoff("allocation", "cntt", "thu", None))
    (owed,) = obligations(process, UNITS, ROUND, DeliveredIndex.of(), DAYS)

    assert standing(owed, DeliveredIndex.of(), moment(12, 31)) is Standing.OWED
    assert status(process, UNITS, ROUND, DeliveredIndex.of(), moment(12, 31), DAYS).settled


def test_a_report_with_a_fixed_date_is_owed_once_and_any_rounds_fact_settles_it():
    process = a_process(handoff("report", "thu", "board", Due(on=MAY_DAY)))
    fact = DeliveredIndex.of([gave("report", "thu", "board", moment(4, 20), round=Round(2014, 4))])

    assert not obligations(process, UNITS, Round(2014, 4), DeliveredIndex.of(), DAYS)
    (owed,) = obligations(process, UNITS, ROUND, fact, DAYS)
    assert standing(owed, fact, moment(5, 2)) is Standing.DELIVERED


def test_since_the_districts_went_communes_stand_directly_below_the_city():
    units = Units.of([Unit("thu", "Phòng Thu", "city"), Unit("1", "Phường Sài Gòn", "commune")])

    assert [u.id for u in units.below(units["thu"])] == ["1"]
    assert units.below(units["1"]) == ()


def test_the_status_counts_every_standing_and_is_plain_json():
    state = status(
        PROCESS, UNITS, ROUND, DeliveredIndex.of(LISTS_REACHED_WARDS), moment(6, 16), DAYS
    )
    told = json.loads(json.dumps(state.as_json()))

    by_id = {h["id"]: h for h in told["handoffs"]}
    assert told["round"] == "2015Q1"
    assert not told["settled"]
    assert by_id["ward-return"]["counts"]["overdue"] == 3
    assert by_id["district-return"]["counts"]["owed"] == 2
    assert by_id["district-list"]["counts"]["delivered"] == 2
    assert by_id["ward-return"]["units"][0]["missing"] == [["form-4"], ["d03-ts"]]
    assert by_id["district-return"]["due_text"] == "trước ngày 25/06/2015"


ANSWERED = a_process(
    handoff("uncarded", "cntt", "thu", Due(2, 20)),
    handoff("district-list", "thu", "child", Due(2, 22), needs="uncarded"),
    replace(handoff("district-return", "district", "thu", Due(3, 25)), answers="district-list"),
    replace(
        handoff("carded-final", "thu", "cntt", Due(3, 27)),
        made_by="carded-final",
        made_from=("district-return",),
    ),
)


def test_in_a_round_in_which_nothing_was_sent_nobody_owes_an_answer_or_what_is_made_of_it():
    came = gave("district-return", "760", "thu", moment(6, 1))

    assert owed_pairs([came], ANSWERED) == [
        ("uncarded", "cntt", "thu"),
        ("district-return", "760", "thu"),
    ]


def test_once_lists_went_out_answers_and_what_is_made_of_them_are_owed():
    sent = gave("district-list", "thu", "761", moment(5, 20))

    found = owed_pairs([sent], ANSWERED)

    assert ("district-return", "760", "thu") in found
    assert ("carded-final", "thu", "cntt") in found


@pytest.mark.parametrize(("unplaced", "counts"), [(False, (3, 0)), (True, (0, 3))])
def test_children_who_were_added_and_those_who_wait_for_their_ward_are_two_counts(unplaced, counts):
    again = Reopened("uncarded", ROUND, "cntt", moment(5, 19), 3, unplaced=unplaced)
    known = DeliveredIndex.of([gave("uncarded", "cntt", "thu", moment(5, 18))], [again])
    (owed,) = [
        o for o in obligations(PROCESS, UNITS, ROUND, known, DAYS) if o.handoff.id == "uncarded"
    ]
    before, after = (entry(owed, known, moment(5, day)) for day in (18, 20))

    assert (before.added, before.unplaced) == (0, 0), "not yet"
    assert (after.added, after.unplaced) == counts


@pytest.mark.parametrize(
    ("changed", "owed"),
    [
        ({"due": None}, True),
        ({"due": None, "made_by": "split"}, False),
        ({"due": None, "receiver": "cntt"}, False),
        ({"due": None, "receiver": "cntt", "needs": "a"}, True),
        ({"due": Due(2, 20), "made_by": "split"}, True),
        ({"due": Due(2, 20), "optional": True}, False),
    ],
    ids=[
        "undated, to another", "undated, made by the product", "undated, to itself",
        "to itself once it has what it needs", "made, with a date", "given when there is occasion",
    ],
)  # fmt: skip
def test_nobody_owes_what_is_made_without_a_date_or_given_on_occasion(changed, owed):
    one = replace(handoff("b", "cntt", "thu", None), **changed)
    process = a_process(handoff("a", "thu", "cntt", Due(2, 10)), one)

    found = owed_pairs([gave("a", "thu", "cntt", moment(5, 8))], process)

    assert ("b" in {id_ for id_, _, _ in found}) is owed


@pytest.mark.parametrize(("parts", "still"), [((0,), False), ((0, 1), True)])
def test_of_an_office_that_is_gone_only_what_came_whole_is_told(parts, still):
    """The rest was passed on to who took over: its half answer is nobody's debt."""
    gone = replace(UNITS["26734"], valid_to=date(2015, 6, 14))
    units = Units.of([*(u for u in UNITS if u.id != gone.id), gone])
    came = gave("ward-return", "26734", "760", moment(6, 12), parts)
    known = DeliveredIndex.of([*LISTS_REACHED_WARDS, came])
    later, before = (
        {o.sender.id for o in obligations(PROCESS, units, ROUND, known, DAYS, now)
         if o.handoff.id == "ward-return"}
        for now in (moment(6, 16), moment(6, 13))
    )  # fmt: skip

    assert ("26734" in later) is still
    assert "26734" in before


def test_what_the_product_makes_for_a_newcomer_is_not_late_though_it_came_after_the_day():
    """The office was not there yet when it was due."""
    new = Unit("cs9", "BHXH cơ sở mới", "district", valid_from=date(2015, 5, 25))
    made = replace(handoff("district-list", "thu", "child", Due(2, 22)), made_by="split")
    process, units = a_process(made), Units.of([*UNITS, new])
    for receiver, wanted in (("cs9", Standing.DELIVERED), ("760", Standing.LATE)):
        known = DeliveredIndex.of([gave("district-list", "thu", receiver, moment(5, 26))])
        (owed,) = [
            o for o in obligations(process, units, ROUND, known, DAYS)
            if o.receiver and o.receiver.id == receiver
        ]  # fmt: skip
        assert standing(owed, known, moment(5, 27)) is wanted


def test_of_several_files_that_went_back_the_newest_is_told():
    back = [SentBack("ward-return", ROUND, "26734", moment(6, day)) for day in (11, 9, 10)]
    known = DeliveredIndex.of(LISTS_REACHED_WARDS, (), back)
    (owed,) = [o for o in obligations(PROCESS, UNITS, ROUND, known, DAYS) if o.sender.id == "26734"]

    assert entry(owed, known, moment(6, 12)).sent_back == moment(6, 11)
    assert entry(owed, known, moment(6, 10)).sent_back == moment(6, 10)
