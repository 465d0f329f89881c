"""The calendar of a round, read back as a calendar program reads it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from bhyt_filedrop.domain.owed.arrangements import NONE, Arrangements
from bhyt_filedrop.domain.owed.extended_days import dates_that_hold
from bhyt_filedrop.domain.owed.ics import calendar as text_of
from bhyt_filedrop.domain.process.calendar import WorkingDays
from bhyt_filedrop.domain.process.handoffs import Due, Process
from bhyt_filedrop.domain.process.rounds import Round
from tests.offices import PROCESS, ROUND, UNITS, a_process, handoff, moment

STAMP = moment(4, 25, 9)
DAYS = WorkingDays()


def calendar(
    process: Process,
    rounds: list[Round],
    days: WorkingDays,
    stamp: datetime,
    arranged: Arrangements = NONE,
) -> str:
    """The calendar of some rounds."""
    dates = [x for one in rounds for x in dates_that_hold(process, UNITS, one, days, arranged)]
    return text_of(process, dates, UNITS, days, stamp)


def unfolded(text: str) -> list[str]:
    """Undo RFC 5545's folding: a line that begins with a space continues the one before."""
    return text.replace("\r\n ", "").split("\r\n")[:-1]


def events(text: str) -> list[dict[str, list[str]]]:
    """Each event's own properties and, under ALARMS, its alarms' triggers."""
    found: list[dict[str, list[str]]] = []
    for line in unfolded(text):
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            found.append({})
        elif found:
            found[-1].setdefault(name.split(";")[0], []).append(value)
    return found


def test_every_dated_hand_off_is_one_event_that_ends_when_the_list_is_late():
    found = events(calendar(PROCESS, [ROUND], DAYS, STAMP))

    assert [e["UID"][0] for e in found] == [f"2015Q1-{id}@bhyt-filedrop" for id in PROCESS.handoffs]
    strict = found[-1]
    assert strict["DTSTART"] == ["20150624T000000"]
    assert strict["DTEND"] == ["20150625T000000"]
    assert "trước ngày 25/06/2015" in strict["SUMMARY"][0]


def test_alarms_ring_when_the_product_itself_reminds():
    (event, *_) = events(calendar(PROCESS, [ROUND], DAYS, STAMP))

    assert event["TRIGGER"] == [
        "20150513T010000Z",
        "20150515T010000Z",
        "20150519T010000Z",
        "20150520T010000Z",
    ]


def test_a_new_edition_keeps_its_uids():
    early = calendar(PROCESS, [ROUND], DAYS, STAMP)
    late = calendar(PROCESS, [ROUND], DAYS, moment(5, 1))

    uids = re.compile(r"UID:.*")
    assert uids.findall(early) == uids.findall(late)
    assert early != late


def test_commas_and_semicolons_of_a_name_are_escaped():
    process = a_process(handoff("a;b,c", "cntt", "thu", Due(2, 20)))

    text = "\n".join(unfolded(calendar(process, [Round(2015, 2)], DAYS, STAMP)))

    assert "Danh sách a\\;b\\,c\\, Đợt 2 năm 2015" in text


@given(st.text(st.characters(blacklist_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=200))
@settings(max_examples=40)
def test_lines_are_folded_at_75_octets_and_read_back_whole(name):
    process = a_process(handoff("x", "cntt", "thu", Due(on=date(2020, 7, 10))))
    named = replace(process, name=name)

    text = calendar(named, [Round(2020, 2)], DAYS, STAMP)

    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    escaped = name.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    assert f"X-WR-CALNAME:{escaped}" in unfolded(text)
