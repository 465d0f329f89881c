"""Extensions, appointments, acknowledgements: what is written and shown keeps to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from bhyt_filedrop.domain.owed.arrangements import Arrangement, ArrangementKind, Arrangements
from bhyt_filedrop.domain.owed.came import Reopened
from bhyt_filedrop.domain.owed.obligations import DeliveredIndex, Entry, Standing, status
from bhyt_filedrop.domain.owed.reminders import owed
from bhyt_filedrop.domain.owed.wants import want_text, wanted_after
from bhyt_filedrop.domain.process.calendar import WorkingDays, local_day
from bhyt_filedrop.domain.process.units import Unit, Units
from bhyt_filedrop.domain.reports.round import round_report
from tests.offices import LISTS_REACHED_WARDS, PROCESS, ROUND, UNITS, gave, moment

DAYS = WorkingDays()
WARD, NEIGHBOUR, FAR = "26734", "26740", "26767"
CALLED = "đã gọi chị Lan"
EXTENDED, SNOOZED, ACKNOWLEDGED = ArrangementKind


def arranged(kind, until, unit=WARD, handoff="ward-return", at=None, **more) -> Arrangement:
    made = at or moment(6, 10)
    return Arrangement(1, kind, handoff, ROUND, unit, "", until, CALLED, "thu", made, **more)


def facts(*made: Arrangement, came=(), again=()) -> DeliveredIndex:
    return DeliveredIndex.of((*LISTS_REACHED_WARDS, *came), again, (), made)


def entry_of(known: DeliveredIndex, now, unit=WARD, handoff="ward-return") -> Entry:
    state = status(PROCESS, UNITS, ROUND, known, now, DAYS)
    found = next(one for one in state.handoffs if one.handoff.id == handoff)
    return next(e for e in found.entries if e.owed.sender.id == unit)


def written(known: DeliveredIndex, now, already=()):
    """Unit → its letter of this moment."""
    letters = owed(now, PROCESS, UNITS, DAYS, [ROUND], known, frozenset(already))
    return {one.unit: one for one in letters}


def told(letter) -> str:
    return str(letter.context) if letter else ""


def test_an_extension_of_an_office_that_was_closed_holds_for_who_took_over_from_it():
    """The ward's own, and the one that its district was given for all of its wards."""
    last = date(2015, 6, 17)
    closed = [
        replace(UNITS[id_], valid_to=last, successors=heirs)
        for id_, heirs in ((WARD, ("n1",)), (UNITS[WARD].parent, ("cs1",)))
    ]
    new = [Unit("cs1", "BHXH cơ sở", "district"), Unit("n1", "Phường Mới", "ward", "cs1")]
    units = Units({**UNITS.by_id, **{unit.id: unit for unit in (*closed, *new)}})
    for given_to in (WARD, UNITS[WARD].parent):
        known = Arrangements.of([arranged(EXTENDED, date(2015, 6, 24), given_to)])
        found = known.extension("ward-return", ROUND, units["n1"], "cs1", units)
        assert found and found.until == date(2015, 6, 24)
    other = Arrangements.of([arranged(EXTENDED, date(2015, 6, 24), FAR)])
    assert other.extension("ward-return", ROUND, units["n1"], "cs1", units) is None


# --- extended ----------------------------------------------------------------------------------


def test_an_extended_list_is_owed_until_its_new_day_and_late_only_after_it():
    known = facts(arranged(EXTENDED, date(2015, 6, 24)))

    assert entry_of(known, moment(6, 24, 23)).standing is Standing.OWED
    assert entry_of(known, moment(6, 25, 0)).standing is Standing.OVERDUE
    assert entry_of(known, moment(6, 16), NEIGHBOUR).standing is Standing.OVERDUE


def test_reminders_and_escalation_are_reckoned_from_the_new_day():
    known = facts(arranged(EXTENDED, date(2015, 6, 24)))
    tuesday = moment(6, 16)

    assert WARD not in written(known, tuesday, [f"reminder/{WARD}/2015-06-15"]), "still has time"
    assert "Tân Định" not in told(written(known, moment(6, 17)).get("board"))
    letter = written(known, moment(6, 24))[WARD]
    assert letter.context["items"][0]["days_left"] == 0
    assert letter.context["items"][0]["due_text"] == "chậm nhất ngày 24/06/2015 (đã gia hạn)"
    # Two working days after 24/06 is the 26th, three the 29th.
    assert "Tân Định" not in told(written(known, moment(6, 26)).get("board"))
    assert "Tân Định" in told(written(known, moment(6, 29)).get("board"))


def test_what_came_within_its_extension_is_in_time_and_shown_as_that():
    known = facts(
        arranged(EXTENDED, date(2015, 6, 24)),
        came=[gave("ward-return", WARD, "760", moment(6, 20))],
    )
    found = entry_of(known, moment(6, 30))

    assert (found.standing, found.saved_by_extension) == (Standing.DELIVERED, True)
    assert wanted_after("Đã nộp", found, {}) == (
        "Đã nộp trong hạn đã gia hạn; hạn gốc: chậm nhất ngày 15/06/2015"
    )
    state = status(PROCESS, UNITS, ROUND, known, moment(6, 30), DAYS)
    lines = round_report(state, (), UNITS).tables[-1].rows
    (line,) = (one for one in lines if one["sender"] == WARD)
    assert (line["days_late"], line["due"]) == (0, date(2015, 6, 24))
    assert "hạn gốc" in line["standing_title"]


def test_what_came_before_its_declared_day_needed_no_extension():
    early = [gave("ward-return", WARD, "760", moment(6, 12))]
    found = entry_of(facts(arranged(EXTENDED, date(2015, 6, 24)), came=early), moment(6, 30))

    assert not found.saved_by_extension


def test_an_extension_given_to_an_office_covers_its_units_and_no_others():
    known = facts(arranged(EXTENDED, date(2015, 6, 24), unit="760"))
    now = moment(6, 16)

    assert entry_of(known, now, WARD).standing is Standing.OWED
    assert entry_of(known, now, NEIGHBOUR).standing is Standing.OWED
    assert entry_of(known, now, FAR).standing is Standing.OVERDUE
    # The office's own return is another hand-off.
    assert entry_of(known, moment(6, 25), "760", "district-return").standing is Standing.OVERDUE


def test_an_extension_given_to_all_covers_all():
    known = facts(arranged(EXTENDED, date(2015, 6, 24), unit=""))

    assert entry_of(known, moment(6, 16), FAR).standing is Standing.OWED


def test_debts_of_one_hand_off_with_different_days_are_told_apart():
    """A line says one date: what was extended must not stand under a date that is over."""
    known = facts(arranged(EXTENDED, date(2015, 6, 16)))
    letter = written(known, moment(6, 22))["board"]

    lines = [one for one in letter.context["escalated"] if one["handoff"] == "ward-return"]
    assert {one["due_text"] for one in lines} == {
        "chậm nhất ngày 15/06/2015", "chậm nhất ngày 16/06/2015 (đã gia hạn)",
    }  # fmt: skip


def test_the_last_extension_holds():
    first, later = (
        arranged(EXTENDED, date(2015, 6, 26), at=moment(6, 10)),
        arranged(EXTENDED, date(2015, 6, 24), at=moment(6, 11)),
    )

    assert entry_of(facts(first, later), moment(6, 25)).standing is Standing.OVERDUE
    assert entry_of(facts(first), moment(6, 25)).standing is Standing.OWED


# --- snoozed -----------------------------------------------------------------------------------


def test_an_appointment_keeps_reminders_and_escalation_back_until_its_day_is_over():
    known = facts(arranged(SNOOZED, date(2015, 6, 23), at=moment(6, 16)))

    for day in (18, 19, 22, 23):
        found = written(known, moment(6, day))
        assert WARD not in found, day
        assert "Tân Định" not in str(found["thu"].context["escalated"]), day
        assert "Tân Định" not in told(found.get("board")), day
        assert NEIGHBOUR in found, day


def test_an_appointment_that_was_not_kept_is_told_on_the_next_morning_as_news():
    known = facts(arranged(SNOOZED, date(2015, 6, 23), at=moment(6, 16)))
    heard = [f"reminder/board/2015-06-{day}" for day in (18, 19, 22, 23)]

    found = written(known, moment(6, 24), heard)

    assert WARD in found
    (line,) = (x for x in found["board"].context["escalated"] if x["handoff"] == "ward-return")
    assert "Tân Định" in str(line["new"])
    assert "hẹn nộp đến 23/06/2015 (đã gọi chị Lan)" in str(line["new"])


def test_the_digest_does_not_ask_to_act_on_what_has_an_appointment_and_shows_it():
    known = facts(arranged(SNOOZED, date(2015, 6, 23), at=moment(6, 16)))
    (round_,) = written(known, moment(6, 18))["thu"].context["rounds"]

    assert "Tân Định" not in str(round_["to_act_on"]) and "Bến Nghé" in str(round_["to_act_on"])
    assert round_["arranged"] == [
        "WARD-RETURN Phường Tân Định, Quận 1: hẹn nộp đến 23/06/2015 (đã gọi chị Lan)"
    ]


def test_a_snoozed_debt_stays_overdue():
    found = entry_of(facts(arranged(SNOOZED, date(2015, 6, 23))), moment(6, 18))

    assert found.standing is Standing.OVERDUE
    assert want_text(found, {}) == (
        "chưa nhận được tệp nào; hẹn nộp đến 23/06/2015 (đã gọi chị Lan)"
    )


# --- acknowledged ------------------------------------------------------------------------------


def test_an_acknowledged_debt_is_reminded_of_and_not_told_upwards():
    known = facts(arranged(ACKNOWLEDGED, None, at=moment(6, 16)))
    found = written(known, moment(6, 22))

    assert WARD in found
    assert "Tân Định" not in told(found.get("board"))
    assert "Tân Định" in str(found["thu"].context["rounds"][0]["arranged"])


def test_a_word_about_an_answer_says_nothing_of_children_added_after_it():
    came = [gave("ward-return", WARD, "760", moment(6, 12))]
    again = [Reopened("ward-return", ROUND, WARD, moment(6, 17), 2)]
    known = facts(arranged(ACKNOWLEDGED, None, at=moment(6, 11)), came=came, again=again)

    assert entry_of(known, moment(6, 18)).arranged is None


def test_a_debt_that_is_paid_shows_no_appointment():
    came = [gave("ward-return", WARD, "760", moment(6, 17))]
    found = entry_of(facts(arranged(SNOOZED, date(2015, 6, 23)), came=came), moment(6, 18))

    assert (found.standing, found.arranged) == (Standing.LATE, None)
    assert local_day(found.at or moment(1, 1)) - date(2015, 6, 15) == timedelta(days=2)
