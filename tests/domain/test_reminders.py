"""Reminders: the right unit, the right morning, once, whatever the daemon's hours were."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bhyt_filedrop.domain.owed.came import Reopened, SentBack
from bhyt_filedrop.domain.owed.obligations import DONE, DeliveredIndex, status
from bhyt_filedrop.domain.owed.reminders import milestones, owed, rounds_to_remind
from bhyt_filedrop.domain.process.calendar import ZONE, WorkingDays, at, local_day
from bhyt_filedrop.domain.process.handoffs import Due, Process, Reminders
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Units
from tests.cities import as_shipped
from tests.offices import (
    LISTS_REACHED_WARDS,
    PROCESS,
    ROUND,
    UNITS,
    a_process,
    gave,
    handoff,
    moment,
)

DAYS = WorkingDays()
WARDS = ("26734", "26740", "26767")
ONE = a_process(handoff("uncarded", "cntt", "thu", Due(2, 20)), digest_to="")


def write(now, facts=(), already=(), process=ONE, days=DAYS, rounds=None):
    """Ask what is owed at a moment, with only the facts that had happened by then."""
    known = DeliveredIndex.of(f for f in facts if f.at <= now)
    open_now = rounds_to_remind(now, process, days) if rounds is None else rounds
    return owed(now, process, UNITS, days, open_now, known, frozenset(already))


def play(moments, facts=(), process=ONE, days=DAYS):
    """Tick at each moment; return the letters, each with the moment it was written at."""
    written = []
    for now in moments:
        keys = [letter.key for _, letter in written]
        written += [(now, letter) for letter in write(now, facts, keys, process, days)]
    return written


def mornings(first, last, hour=8):
    return [
        at(first + timedelta(days=n)) + timedelta(hours=hour)
        for n in range((last - first).days + 1)
    ]


def days_of(written, unit, kind=None):
    return [
        local_day(now)
        for now, letter in written
        if letter.unit == unit and kind in (None, letter.kind)
    ]


# --- when -----------------------------


def test_a_unit_hears_7_3_and_1_days_before_on_the_day_and_every_working_day_after():
    written = play(mornings(date(2015, 5, 4), date(2015, 5, 26)))

    assert days_of(written, "cntt") == [
        date(2015, 5, 13),
        date(2015, 5, 15),  # the 17th is a Sunday: told on Friday
        date(2015, 5, 19),
        date(2015, 5, 20),
        date(2015, 5, 21),
        date(2015, 5, 22),
        date(2015, 5, 25),
        date(2015, 5, 26),
    ]


def test_a_milestone_on_a_day_off_moves_to_the_working_day_before():
    tet = WorkingDays(frozenset({date(2026, 2, d) for d in (16, 17, 18, 19, 20)}))

    found = milestones((7, 3, 1), True, date(2026, 2, 18), tet)

    assert found == (date(2026, 2, 11), date(2026, 2, 13))


def test_nothing_is_written_before_the_hour_or_on_a_day_off():
    assert not write(moment(5, 20, 7, 59))
    assert write(moment(5, 20, 8, 0))
    assert not write(moment(5, 23, 9)), "a Saturday"


def test_a_daemon_that_was_down_tells_the_missed_milestone_on_the_next_working_morning_once():
    written = play(
        [
            *mornings(date(2015, 5, 4), date(2015, 5, 12)),
            *mornings(date(2015, 5, 16), date(2015, 5, 19)),
        ]
    )

    assert days_of(written, "cntt") == [date(2015, 5, 18), date(2015, 5, 19)]


def test_older_missed_milestones_are_absorbed_by_one_letter():
    written = play([moment(5, 18), moment(5, 18, 11), moment(5, 18, 17)])

    assert days_of(written, "cntt") == [date(2015, 5, 18)]


def test_a_unit_that_has_delivered_hears_nothing():
    done = gave("uncarded", "cntt", "thu", moment(5, 12))

    assert play(mornings(date(2015, 5, 4), date(2015, 6, 10)), [done]) == []


def test_an_obligation_that_began_late_does_not_bring_up_the_milestones_before_it():
    """A list that reaches the ward three days before its due date is reminded of from then on."""
    process = a_process(
        handoff("uncarded", "cntt", "thu", Due(2, 20)),
        handoff("final", "thu", "board", Due(2, 29), needs="uncarded"),
        digest_to="",
    )
    came = gave("uncarded", "cntt", "thu", moment(5, 27, 10))

    written = play(mornings(date(2015, 5, 25), date(2015, 5, 29), hour=9), [came], process)

    asked = [
        local_day(now)
        for now, letter in written
        if letter.unit == "thu" and letter.context["items"]
    ]
    assert asked == [date(2015, 5, 28), date(2015, 5, 29)]


def test_a_fixed_date_early_in_a_quarter_is_reminded_of_before_its_round_opens():
    process = a_process(handoff("report", "thu", "board", Due(on=date(2020, 7, 3))), digest_to="")
    days = mornings(date(2020, 6, 20), date(2020, 7, 3))

    written = play(days, (), process)

    assert days_of(written, "thu") == [
        date(2020, 6, 26),
        date(2020, 6, 30),
        date(2020, 7, 2),
        date(2020, 7, 3),
    ]


def test_what_is_closed_is_not_reminded_of():
    """The one due date is 20 May; 30 days later the round closes."""
    assert write(moment(6, 19))
    assert not write(moment(6, 22))


# --- one letter a unit a day -----------------------------


def test_one_letter_lists_all_that_a_unit_owes_over_rounds_and_hand_offs():
    process = a_process(
        handoff("a", "cntt", "thu", Due(2, 20)),
        handoff("b", "cntt", "thu", Due(2, 25)),
        digest_to="",
    )

    letters = write(moment(5, 20), process=process, rounds=[Round(2014, 4), ROUND])

    (letter,) = [one for one in letters if one.unit == "cntt"]
    assert letter.key == "reminder/cntt/2015-05-20"
    assert letter.kind == "reminder"
    assert [(i["round"], i["handoff"], i["days_left"]) for i in letter.context["items"]] == [
        ("2014Q4", "a", -89),
        ("2014Q4", "b", -84),
        ("2015Q1", "a", 0),
        ("2015Q1", "b", 5),
    ]
    assert [i["overdue"] for i in letter.context["items"]] == [True, True, False, False]


def test_a_district_reads_one_line_with_the_wards_it_still_has_to_serve():
    facts = [f for f in LISTS_REACHED_WARDS if f.receiver_id not in ("26740", "26734")]

    letters = write(moment(5, 25), facts, process=PROCESS)

    (letter,) = [one for one in letters if one.unit == "760"]
    lines = letter.context["items"]
    assert [i["handoff"] for i in lines] == ["ward-list", "district-return"]
    assert lines[0]["receivers"] == ["Phường Bến Nghé", "Phường Tân Định"]


def test_a_ward_that_sent_one_of_two_lists_is_told_which_one_is_missing():
    one = gave("ward-return", "26734", "760", moment(6, 10), (0,))
    known = DeliveredIndex.of([*LISTS_REACHED_WARDS, one])

    letters = owed(
        moment(6, 15), PROCESS, UNITS, DAYS, [ROUND], known, frozenset(), {"d03-ts": "D03-TS"}
    )

    (letter,) = [one for one in letters if one.unit == "26734"]
    assert letter.context["items"][0]["missing"] == ["D03-TS"]
    (other,) = [one for one in letters if one.unit == "26740"]
    assert other.context["items"][0]["missing"] == []


def test_nothing_came_sent_back_and_a_part_came_are_three_things():
    back = SentBack("ward-return", ROUND, "26740", moment(6, 12))
    part = gave("ward-return", "26734", "760", moment(6, 10), (0,))
    known = DeliveredIndex.of([*LISTS_REACHED_WARDS, part], (), [back])

    letters = owed(
        moment(6, 17), PROCESS, UNITS, DAYS, [ROUND], known, frozenset(), {"d03-ts": "D03-TS"}
    )

    wants = {one.unit: one.context["items"][0]["wants"] for one in letters if one.unit in WARDS}
    assert wants == {
        "26734": ["◐ mới nhận một phần, còn thiếu: D03-TS"],
        "26740": ["↩ đã trả lại ngày 12/06/2015, chưa có bản sửa"],
        "26767": [],
    }
    (risen,) = [one for one in letters if one.unit == "thu"]
    (line,) = [x for x in risen.context["escalated"] if x["handoff"] == "ward-return"]
    assert line["new"] == [
        "! Chưa nhận được tệp nào (1): Phường Thạnh Xuân, Quận 12",
        "↩ Phường Bến Nghé, Quận 1: đã trả lại ngày 12/06/2015, chưa có bản sửa",
        "◐ Phường Tân Định, Quận 1: mới nhận một phần, còn thiếu: D03-TS",
    ]


# --- who else -----------------------------


def test_a_late_list_rises_to_collections_after_1_and_to_the_board_after_3_working_days():
    written = play(mornings(date(2015, 5, 18), date(2015, 5, 29)))

    assert days_of(written, "thu", "escalation") == [date(2015, 5, 21)]
    assert days_of(written, "board", "escalation") == [date(2015, 5, 25)]


def test_three_late_wards_make_one_escalation_letter():
    process = a_process(*PROCESS.handoffs.values(), digest_to="")

    letters = write(moment(6, 16), LISTS_REACHED_WARDS, process=process)

    (letter,) = [one for one in letters if one.unit == "thu"]
    (line,) = letter.context["escalated"]
    assert letter.kind == "escalation"
    assert line["new_total"] == 3
    assert line["new"] == [
        "! Chưa nhận được tệp nào (3): Phường Bến Nghé, Quận 1; Phường Tân Định, Quận 1; "
        "Phường Thạnh Xuân, Quận 12"
    ]


def with_parents_told(**more) -> Process:
    """The process with the shipped rule that whoever is above hears after one working day."""
    told = Reminders(escalate={"parent": 1, "thu": 1, "board": 3})
    handoffs = [replace(h, reminders=told) for h in PROCESS.handoffs.values()]
    return a_process(*handoffs, **more)


def test_a_district_hears_which_of_its_own_wards_are_late_and_what_each_lacks():
    back = SentBack("ward-return", ROUND, "26740", moment(6, 12))
    known = DeliveredIndex.of(LISTS_REACHED_WARDS, (), [back])
    process, forms = with_parents_told(digest_to=""), {"d03-ts": "D03-TS"}

    letters = {
        one.unit: one
        for one in owed(moment(6, 16), process, UNITS, DAYS, [ROUND], known, frozenset(), forms)
    }

    (first,) = letters["760"].context["escalated"]
    (other,) = letters["761"].context["escalated"]
    assert letters["760"].kind == "escalation"
    assert (first["handoff"], first["new_total"]) == ("ward-return", 2)
    assert first["new"] == [
        "! Chưa nhận được tệp nào (1): Phường Tân Định",
        "↩ Phường Bến Nghé: đã trả lại ngày 12/06/2015, chưa có bản sửa",
    ]
    assert other["new"] == ["! Chưa nhận được tệp nào (1): Phường Thạnh Xuân"]


def test_a_district_hears_of_a_late_ward_once_and_in_the_letter_it_gets_anyway():
    process = with_parents_told()
    late = [moment(6, 9), moment(6, 15), *mornings(date(2015, 6, 16), date(2015, 6, 26))]

    written = [one for one in play(late, LISTS_REACHED_WARDS, process) if one[1].unit == "760"]

    told = [local_day(now) for now, letter in written if letter.context["escalated"]]
    assert told == [date(2015, 6, 16)]
    assert len({local_day(now) for now, _ in written}) == len(written), "one letter a morning"


def test_who_is_above_reads_its_wards_with_their_phones():
    phoned = Units.of([replace(u, phone="028 1" if u.kind == "ward" else "") for u in UNITS])
    units = as_shipped(phoned)
    known = DeliveredIndex.of(LISTS_REACHED_WARDS)

    letters = owed(
        moment(6, 16), with_parents_told(digest_to=""), units, DAYS, [ROUND], known, frozenset()
    )

    told = {
        one.unit: one.context["escalated"][0]["new"] for one in letters if one.context["escalated"]
    }
    assert told["761"] == ["! Chưa nhận được tệp nào (1): Phường Thạnh Xuân (ĐT 028 1)"]
    assert "Phường Thạnh Xuân, Quận 12" in told["thu"][0]


def test_an_office_is_not_told_of_its_own_lateness_by_escalation():
    process = a_process(
        handoff("a", "thu", "board", Due(2, 20), reminders=Reminders(escalate={"thu": 1})),
        digest_to="",
    )

    written = play(mornings(date(2015, 5, 21), date(2015, 5, 29)), (), process)

    assert {letter.kind for _, letter in written} == {"reminder"}


def test_a_unit_that_got_its_list_after_the_due_date_has_the_same_working_days():
    process = a_process(
        handoff("uncarded", "cntt", "thu", Due(2, 20)),
        handoff("final", "board", "thu", Due(2, 22), needs="uncarded"),
        digest_to="",
    )
    came = gave("uncarded", "cntt", "board", moment(6, 3, 10))

    written = play(mornings(date(2015, 6, 1), date(2015, 6, 5)), [came], process)

    rises = [
        now
        for now, letter in written
        if letter.unit == "thu"
        and any(line["handoff"] == "final" for line in letter.context["escalated"])
    ]
    assert [local_day(now) for now in rises] == [date(2015, 6, 4)]


# --- the digest -----------------------------


def test_collections_gets_a_digest_each_working_morning_until_all_is_delivered():
    all_in = [
        *LISTS_REACHED_WARDS,
        *(
            gave("ward-return", w, "760" if w != "26767" else "761", moment(6, 11))
            for w in ("26734", "26740", "26767")
        ),
        *(gave("district-return", d, "thu", moment(6, 18)) for d in ("760", "761")),
    ]

    written = play(mornings(date(2015, 5, 1), date(2015, 7, 10), hour=9), all_in, PROCESS)

    told = days_of(written, "thu", "digest")
    assert told[0] == date(2015, 5, 13), "seven days before the first due date"
    assert told[-1] == date(2015, 6, 17), "the last list came on the 18th at eight"
    assert len(told) == DAYS.between(date(2015, 5, 12), date(2015, 6, 17))


def test_the_digest_counts_units_and_names_the_late():
    facts = [*LISTS_REACHED_WARDS, gave("ward-return", "26734", "760", moment(6, 15))]

    letters = write(moment(6, 16), facts, process=PROCESS)

    (digest,) = [one for one in letters if one.kind == "digest"]
    (round,) = digest.context["rounds"]
    line = {h["handoff"]: h for h in round["handoffs"]}["ward-return"]
    assert (line["total"], line["delivered"], line["overdue"], line["owing"]) == (3, 1, 2, 0)
    assert [(o["above"], o["handoffs"][0]["told"]) for o in round["to_act_on"]] == [
        ("Quận 1", ["! Chưa nhận được tệp nào (1): Phường Bến Nghé"]),
        ("Quận 12", ["! Chưa nhận được tệp nào (1): Phường Thạnh Xuân"]),
    ]
    districts = {h["handoff"]: h for h in round["handoffs"]}["district-list"]
    assert districts["owed_by"] == "Phòng Thu"


def test_collections_own_debt_escalations_and_digest_are_one_letter():
    facts = [gave("uncarded", "cntt", "thu", moment(5, 21, 9))]

    letters = [one for one in write(moment(5, 26), facts, process=PROCESS) if one.unit == "thu"]

    (letter,) = letters
    assert letter.kind == "digest"
    assert [i["handoff"] for i in letter.context["items"]] == ["district-list"]


# --- properties -----------------------------

HANDOVERS = st.fixed_dictionaries(
    {
        "uncarded": st.integers(-3, 20),
        "lists": st.integers(0, 12),
        "returns": st.lists(st.one_of(st.none(), st.integers(0, 30)), min_size=3, max_size=3),
        "hour": st.integers(0, 23),
    }
)


def facts_of(drawn):
    """One round's history: lists reach the wards, some wards answer, some never do."""
    start = at(date(2015, 5, 18)) + timedelta(days=drawn["uncarded"], hours=drawn["hour"])
    reached = start + timedelta(days=drawn["lists"])
    facts = [gave("uncarded", "cntt", "thu", start)]
    facts += [gave("district-list", "thu", d, reached) for d in ("760", "761")]
    for ward, days in zip(("26734", "26740", "26767"), drawn["returns"], strict=True):
        above = UNITS[ward].parent
        facts.append(gave("ward-list", above, ward, reached + timedelta(hours=5)))
        if days is not None:
            facts.append(gave("ward-return", ward, above, reached + timedelta(days=days, hours=7)))
    return facts


TICKS = st.lists(
    st.datetimes(moment(5, 4).replace(tzinfo=None), moment(7, 30).replace(tzinfo=None)),
    min_size=1,
    max_size=40,
).map(lambda found: [one.replace(tzinfo=ZONE) for one in sorted(found)])


@given(TICKS, HANDOVERS)
@settings(max_examples=40, deadline=None)
def test_whatever_the_ticks_no_unit_gets_two_letters_a_day_and_no_key_twice(ticks, drawn):
    written = play(ticks, facts_of(drawn), PROCESS)

    assert max(Counter(letter.key for _, letter in written).values(), default=1) == 1
    per_day = Counter((letter.unit, local_day(now)) for now, letter in written)
    assert max(per_day.values(), default=1) == 1


@given(TICKS, HANDOVERS)
@settings(max_examples=40, deadline=None)
def test_whatever_the_ticks_no_letter_asks_for_what_was_delivered(ticks, drawn):
    facts = facts_of(drawn)

    for now, letter in play(ticks, facts, PROCESS):
        state = status(PROCESS, UNITS, ROUND, DeliveredIndex.of(facts), now, DAYS)
        done = {
            one.handoff.id
            for one in state.handoffs
            if (mine := [e for e in one.entries if e.owed.sender.id == letter.unit])
            and all(e.standing in DONE for e in mine)
        }
        asked = {i["handoff"] for i in letter.context["items"] if i["round"] == str(ROUND)}
        assert not asked & done
        if letter.kind == "reminder":
            assert letter.context["items"]
        assert DAYS.is_working(local_day(now))


@given(HANDOVERS, st.integers(20, 90))
@settings(max_examples=8, deadline=None)
def test_ticking_often_and_ticking_once_a_morning_write_the_same_letters(drawn, minutes):
    facts = facts_of(drawn)
    span = mornings(date(2015, 5, 11), date(2015, 6, 24))
    often = [m + timedelta(minutes=minutes * n) for m in span for n in range(0, 960 // minutes, 3)]

    once = play(span, facts, PROCESS)
    many = play(often, facts, PROCESS)

    assert [letter for _, letter in many] == [letter for _, letter in once]


@given(HANDOVERS, st.integers(0, 40), st.integers(1, 20))
@settings(max_examples=20, deadline=None)
def test_after_any_outage_whoever_still_owes_a_late_list_hears_on_the_first_morning(
    drawn, start, length
):
    facts = facts_of(drawn)
    span = mornings(date(2015, 5, 11), date(2015, 7, 20))
    back = next(m for m in span[start + length :] if DAYS.is_working(m.date()))

    written = play([*span[:start], back], facts, PROCESS)

    state = status(
        PROCESS, UNITS, ROUND, DeliveredIndex.of(f for f in facts if f.at <= back), back, DAYS
    )
    late = {
        e.owed.sender.id
        for h in state.handoffs
        for e in h.entries
        if e.standing == "overdue" and e.owed.since <= back
    }
    told = {letter.unit for now, letter in written if now == back}
    assert late <= told


# --- children who wait for their ward ------------------------------------------------------------


def a_city_that_places_by_hand():
    return a_process(
        handoff("unplaced", "cntt", "thu", None),
        replace(handoff("placed", "thu", "thu", Due(2, 22)), needs="unplaced"),
    )


def told_of_waiting(children, facts):
    """What Phòng Thu hears from 20 to 27 May as long as so many children wait for their ward."""
    again = [Reopened("placed", ROUND, "thu", moment(5, 19), children, unplaced=True)]
    known = DeliveredIndex.of(facts, again if children else ())
    found = []
    for now in mornings(date(2015, 5, 20), date(2015, 5, 27)):
        keys = frozenset(letter.key for letter in found)
        process = a_city_that_places_by_hand()
        found += owed(now, process, UNITS, DAYS, [ROUND], known, keys)
    return found


def test_whoever_places_children_is_reminded_until_the_last_of_them_is_settled():
    """A list that came back with lines left empty is no end of it, and the digest says how many."""
    facts = [
        gave("unplaced", "cntt", "thu", moment(5, 19)),
        gave("placed", "thu", "thu", moment(5, 21)),
    ]
    early = gave("placed", "thu", "thu", moment(5, 19, 9))
    waiting, settled = told_of_waiting(3, facts), told_of_waiting(0, [facts[0], early])

    mine = [x for x in waiting if x.unit == "thu" and x.context["items"]]
    assert [x.key[-2:] for x in mine] == ["20", "21", "22", "25", "26", "27"]
    assert mine[-1].context["items"][0]["wants"] == ["? còn 3 trẻ chưa xác định địa bàn"]
    assert "còn 3 trẻ chưa xác định địa bàn" in str(mine[-1].context["rounds"])
    assert [x.unit for x in waiting if x.unit == "board"] == ["board"]
    assert [x for x in settled if x.context["items"] or x.unit == "board"] == []


def test_nobody_is_reminded_of_a_list_that_a_correction_emptied():
    facts = [
        gave("unplaced", "cntt", "thu", moment(5, 19)),
        gave("unplaced", "cntt", "thu", moment(5, 20, 7), nothing=True),
    ]

    assert told_of_waiting(0, facts) == []
