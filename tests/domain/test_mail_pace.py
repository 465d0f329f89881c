"""Letters joined, held back, tried again, given up: what the outbox decides before it sends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bhyt_filedrop.domain.letters.bounces import Outcome
from bhyt_filedrop.domain.letters.letter import ARRIVAL_KINDS, Letter
from bhyt_filedrop.domain.letters.mailing import (
    MAX_JOINED,
    MIN_ATTEMPTS,
    Blame,
    DueLetter,
    Mail,
    OutboxRules,
    Pace,
    Refusals,
    RefusedAddress,
    SentMail,
    WaitingLetter,
    backoff,
    find_outdated,
    set_aside_notice,
    still_refused,
    sum_up_refused,
)
from bhyt_filedrop.domain.process.units import Unit, Units
from tests.offices import UNITS, moment

NOW = moment(6, 20, 9)
MINUTE = timedelta(minutes=1)
RULES = OutboxRules(flood_letters=2)


def due(key: str, unit: str = "760", kind: str = "receipt", minutes: int = 0, **more: object):
    letter = Letter(key, kind, unit, {})
    return DueLetter(letter, NOW + minutes * MINUTE, **more)  # type: ignore[arg-type]


def keys(mails: Sequence[Mail]) -> list[tuple[str, ...]]:
    return [mail.keys for mail in mails]


# --- how long to wait ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attempts", "minutes"),
    [(0, 1), (1, 2), (2, 5), (3, 10), (4, 20), (5, 40), (6, 60), (7, 120), (8, 240), (99, 240)],
)
def test_each_failure_waits_longer_up_to_four_hours(attempts: int, minutes: int):
    assert backoff(attempts, 0.5) == timedelta(minutes=minutes)


def test_letters_that_failed_together_come_back_a_fifth_apart_either_way():
    assert backoff(3, 0.0) == timedelta(minutes=8)
    assert backoff(3, 1.0) == timedelta(minutes=12)


@pytest.mark.parametrize(
    ("days", "minutes", "attempts", "old"),
    [(3, 0, 5, True), (3, -1, 5, False), (3, 0, 4, False), (9, 0, 4, False), (9, 0, 9, True)],
)
def test_a_mail_is_given_up_after_three_days_and_five_attempts(
    days: int, minutes: int, attempts: int, old: bool
):
    """After days without power each still gets its five."""
    young = due("b", minutes=60, attempts=0)
    mail = Mail((due("a", attempts=attempts), young))

    assert MIN_ATTEMPTS == 5
    assert OutboxRules().is_too_old(mail, NOW + timedelta(days=days, minutes=minutes)) is old


def test_the_admin_hears_once_a_day_of_letters_set_aside():
    told = set_aside_notice(["a", "b"], "760", "550 no", "cntt", NOW)

    assert told is not None
    assert (told.key, told.unit) == ("notice/letters-set-aside/2015-06-20", "cntt")
    assert "“a” gửi đơn vị 760" in str(told.context)
    assert "550 no" in str(told.context)
    assert set_aside_notice(["a"], "760", "550 no", "", NOW) is None
    assert set_aside_notice([told.key, "a"], "cntt", "550 no", "cntt", NOW) is None


# --- what goes as one ----------------------------------------------------------------------------


def test_a_few_letters_go_one_by_one_the_oldest_first():
    mails, held = Pace(RULES).plan([due("b", minutes=1), due("a"), due("c", "761", minutes=2)], NOW)

    assert keys(mails) == [("a",), ("b",), ("c",)]
    assert [mail.batch for mail in mails] == ["", "", ""]
    assert held == []


def test_more_than_so_many_to_one_unit_become_one_and_the_next_wait_for_the_window():
    pace = Pace(RULES)
    flood = [due("a"), due("b"), due("c"), due("other", "761")]

    mails, held = pace.plan(flood, NOW)

    assert keys(mails) == [("a", "b", "c"), ("other",)]
    assert len(mails[0].batch) == 32
    assert mails[0].is_new_batch
    assert held == []
    later, waits = pace.plan([due("d")], NOW + 9 * MINUTE)
    assert later == []
    assert [(one.keys, one.until) for one in waits] == [(("d",), NOW + 10 * MINUTE)]
    after, none = pace.plan([due("d")], NOW + 10 * MINUTE)
    assert (keys(after), none) == ([("d",)], [])


def test_what_went_out_within_the_window_counts_towards_a_flood():
    pace = Pace(RULES)
    pace.went_out(Mail((due("a"),)), NOW)
    pace.went_out(Mail((due("news", kind="digest"),)), NOW)
    pace.went_out(Mail((due("x", "761"),)), NOW)

    assert keys(pace.plan([due("b")], NOW + 5 * MINUTE)[0]) == [("b",)]
    assert keys(pace.plan([due("b"), due("c")], NOW + 9 * MINUTE)[0]) == [("b", "c")]
    pace = Pace(RULES)
    pace.went_out(Mail((due("a"),)), NOW)
    assert keys(pace.plan([due("b"), due("c")], NOW + 10 * MINUTE)[0]) == [("b",), ("c",)]


def test_after_a_restart_a_flood_is_still_one():
    pace = Pace(RULES)
    pace.recall(
        [SentMail("760", "receipt", NOW, joined=True), SentMail("761", "digest", NOW, True)]
    )

    mails, held = pace.plan([due("d"), due("e", "761")], NOW + 9 * MINUTE)
    assert keys(mails) == [("e",)]
    assert [one.until for one in held] == [NOW + 10 * MINUTE]

    pace = Pace(RULES)
    pace.recall([SentMail("760", "receipt", NOW, joined=False)])
    assert keys(pace.plan([due("b"), due("c")], NOW + MINUTE)[0]) == [("b", "c")]


def test_reminders_and_what_some_addresses_have_got_are_never_joined():
    ones = [due(str(n), kind="reminder", minutes=n) for n in range(5)]
    half = due("half", remaining=("a@q1.example",), minutes=9)

    assert keys(Pace(RULES).plan([*ones, half], NOW)[0]) == [
        *((str(n),) for n in range(5)),
        ("half",),
    ]
    assert "reminder" not in ARRIVAL_KINDS


def test_a_batch_that_was_fixed_before_goes_again_as_it_was():
    again = [due("a", batch="B1"), due("b", batch="B1"), due("c", batch="B2", minutes=1)]

    mails, _ = Pace(OutboxRules(flood_letters=0)).plan(again, NOW)

    assert [(mail.keys, mail.batch, mail.is_new_batch) for mail in mails] == [
        (("a", "b"), "B1", False),
        (("c",), "B2", False),
    ]
    assert mails[0].unit == "760"
    assert Mail((due("a", attempts=1), due("b", attempts=3))).attempts == 3


def test_a_great_flood_is_cut_into_mails_that_a_server_takes():
    many = [due(f"{n:05}", minutes=n) for n in range(MAX_JOINED + 1)]

    mails, _ = Pace(RULES).plan(many, NOW)

    assert MAX_JOINED == 1000
    assert [len(mail.letters) for mail in mails] == [1000, 1]
    assert len(mails[0].batch) == 32
    assert mails[1].batch == "", "one letter alone is no batch"


@pytest.mark.parametrize(("seconds", "goes"), [(59, False), (60, True), (61, True)])
def test_no_more_than_so_many_mails_go_within_a_minute(seconds: int, goes: bool):
    pace = Pace(OutboxRules(rate_per_minute=2))
    pace.went_out(Mail((due("a"),)), NOW)
    assert pace.allows(NOW)
    pace.recall([SentMail("761", "digest", NOW, joined=False)])

    assert pace.allows(NOW + timedelta(seconds=seconds)) is goes


def test_only_the_newest_reminder_of_a_unit_is_still_true():
    every = [
        due("r2", kind="reminder", minutes=2),
        due("r1", kind="reminder", minutes=1),
        due("r0", kind="digest"),
        due("other", "761", kind="reminder"),
        due("receipt"),
    ]

    assert find_outdated(every) == ["r1", "r0"]


# --- addresses that are refused ------------------------------------------------------------------


def refused(unit: str, address: str, minutes: int = 0, letters: int = 1, **more: object):
    when = NOW + minutes * MINUTE
    return RefusedAddress(address, unit, f"lần {minutes}", letters, when, **more)  # type: ignore[arg-type]


def test_each_address_is_told_once_with_its_last_reason_the_latest_first():
    found = sum_up_refused([
        refused("760", "b@q1", 3, 2), refused("760", "a@q1", 1), refused("760", "b@q1", 0, 5),
        refused("761", "b@q1", 2),
    ])  # fmt: skip

    assert [(one.unit, one.address, one.reason, one.letters) for one in found] == [
        ("760", "b@q1", "lần 3", 7),
        ("761", "b@q1", "lần 2", 1),
        ("760", "a@q1", "lần 1", 1),
    ]


def test_an_address_that_was_taken_out_or_an_office_that_has_one_by_now_is_settled():
    units = replace(UNITS, by_id=Units.of([
        Unit("760", "Quận 1", "district", email=("new@q1",)), Unit("761", "Quận 12", "district"),
    ]).by_id)  # fmt: skip
    one = [refused("760", "new@q1"), refused("760", "old@q1"), refused("761", ""),
           refused("761", "gone@q12"), refused("999", "x@y")]  # fmt: skip

    assert still_refused(one, units) == [one[0], one[2], one[3]]


def test_a_bounce_is_told_apart_from_a_refusal_at_once():
    assert not refused("760", "a@q1").bounced
    assert refused("760", "a@q1", outcome=next(iter(Outcome))).bounced


def test_a_waiting_letter_goes_again_to_those_who_are_left_and_still_the_units():
    unit = Unit("760", "Quận 1", "district", email=("a@q1", "b@q1"))
    waits = WaitingLetter("k", "receipt", "760", NOW, "550", ("b@q1", "old@q1"))

    assert waits.addresses(unit) == ("b@q1",)
    assert not waits.is_outdated
    assert replace(waits, kind="reminder").is_outdated


# --- whose fault it is ---------------------------------------------------------------------------


def test_two_units_refused_whole_and_none_taken_between_are_about_us():
    refusals = Refusals()

    assert refusals.refused("760") is Blame.UNKNOWN
    assert refusals.refused("761") is Blame.US
    assert refusals.refused("760") is Blame.US


def test_a_refusal_beside_letters_that_went_is_about_its_addresses():
    refusals = Refusals()
    refusals.refused("760")
    refusals.note_sent("761")

    assert refusals.refused("760") is Blame.ADDRESSES
    assert refusals.refused("760") is Blame.UNKNOWN, "it begins anew"


def test_a_letter_alone_is_tried_three_times():
    refusals = Refusals()

    said = [refusals.refused("760") for _ in range(4)]

    assert said == [Blame.UNKNOWN, Blame.UNKNOWN, Blame.ADDRESSES, Blame.UNKNOWN]


def test_one_that_is_taken_at_last_was_never_refused():
    refusals = Refusals()
    refusals.refused("760")
    refusals.note_sent("760")

    assert refusals.refused("761") is Blame.UNKNOWN
    assert refusals.refused("761") is Blame.UNKNOWN


def test_those_refused_before_something_went_do_not_make_two():
    refusals = Refusals()
    refusals.refused("760")
    refusals.note_sent("26734")

    assert refusals.refused("761") is Blame.UNKNOWN


@pytest.mark.parametrize(
    ("others_went", "another", "settled"),
    [(True, False, True), (False, False, False), (True, True, False), (False, True, False)],
)
def test_it_is_settled_where_nobody_else_is_suspected_and_others_went(
    others_went: bool, another: bool, settled: bool
):
    refusals = Refusals()
    refusals.refused("760")
    if another:
        refusals.refused("761")

    assert refusals.is_settled("760", others_went=others_went) is settled


def test_it_is_settled_too_where_others_went_a_while_ago():
    refusals = Refusals()
    refusals.refused("760")
    refusals.note_sent("761")

    assert refusals.is_settled("760", others_went=False)
    assert not refusals.is_settled("760", others_went=False), "told once"
