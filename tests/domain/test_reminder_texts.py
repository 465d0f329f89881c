"""What a letter says of debts: grouped, named, counted, and cut to what somebody reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bhyt_filedrop.domain.owed.arrangements import Arrangement, ArrangementKind
from bhyt_filedrop.domain.owed.came import Delivered
from bhyt_filedrop.domain.owed.obligations import DeliveredIndex, Entry, RoundStatus, status
from bhyt_filedrop.domain.owed.reminder_texts import (
    MAX_NAMES,
    Naming,
    escalation_lines,
    items,
    round_summary,
)
from bhyt_filedrop.domain.process.calendar import WorkingDays
from bhyt_filedrop.domain.process.handoffs import Due, Process
from bhyt_filedrop.domain.process.units import Unit, Units
from tests.cities import as_shipped
from tests.offices import ROUND, a_process, gave, handoff, moment

DAYS = WorkingDays()
FORMS = {"form-4": "Mẫu 4", "d03-ts": "D03-TS"}
TWO_PARTS = (("form-4",), ("d03-ts",))
DOWN = a_process(handoff("ward-list", "district", "child", Due(2, 25), parts=TWO_PARTS))
UP = a_process(handoff("ward-return", "ward", "parent", Due(3, 15), parts=TWO_PARTS))
BEFORE, AFTER = moment(5, 20), moment(6, 26)
TODAY = AFTER.date()


def a_city(*wards: int) -> Units:
    """Districts with so many wards each: d1 with w1-1, w1-2 …"""
    units = [Unit("thu", "Phòng Thu", "city"), Unit("cntt", "Phòng CNTT", "city")]
    for d, count in enumerate(wards, start=1):
        units.append(Unit(f"d{d}", f"Quận {d}", "district", phone=f"028 {d}"))
        units += [
            Unit(f"w{d}-{n}", f"Phường {d:02d}{n:02d}", "ward", f"d{d}")
            for n in range(1, count + 1)
        ]
    return as_shipped(Units.of(units))


def down(district: int, ward: int, *parts: int, day: int = 18) -> Delivered:
    return gave("ward-list", f"d{district}", f"w{district}-{ward}", moment(5, day), parts)


def up(district: int, ward: int, *parts: int, day: int = 10) -> Delivered:
    return gave("ward-return", f"w{district}-{ward}", f"d{district}", moment(6, day), parts)


def state(
    process: Process, units: Units, *came: Delivered, at=AFTER, made: tuple[Arrangement, ...] = ()
) -> RoundStatus:
    return status(process, units, ROUND, DeliveredIndex.of(came, (), (), made), at, DAYS)


def open_of(found: RoundStatus, sender: str = "") -> list[Entry]:
    return [e for e in found.handoffs[0].entries if e.want and sender in ("", e.owed.sender.id)]


# --- what a unit owes itself ---------------------------------------------------------------------


@pytest.mark.parametrize("wards", [1, 2, MAX_NAMES, MAX_NAMES + 1])
def test_a_line_names_whom_it_is_owed_to_as_far_as_one_reads_and_counts_the_rest(wards: int):
    (line,) = items(open_of(state(DOWN, a_city(wards), at=BEFORE)), BEFORE.date(), FORMS)

    assert len(line["receivers"]) == min(wards, MAX_NAMES)
    assert line["receivers_total"] == wards
    assert (line["days_left"], line["overdue"], line["wants"]) == (5, False, [])


def test_of_several_receivers_the_one_that_lacks_a_part_is_named():
    (line,) = items(open_of(state(DOWN, a_city(3), down(1, 2, 0))), AFTER.date(), FORMS)

    assert line["wants"] == ["◐ Phường 0102: mới nhận một phần, còn thiếu: D03-TS"]
    assert (line["days_left"], line["overdue"]) == (-32, True)


def test_where_only_one_receiver_is_left_its_name_is_not_said_twice():
    came = down(1, 1), down(1, 2, 0)
    (line,) = items(open_of(state(DOWN, a_city(2), *came)), AFTER.date(), FORMS)

    assert line["receivers"] == ["Phường 0102"]
    assert line["wants"] == ["◐ mới nhận một phần, còn thiếu: D03-TS"]
    assert line["missing"] == ["D03-TS"]


@pytest.mark.parametrize("wards", [MAX_NAMES, MAX_NAMES + 1])
def test_what_is_wanted_of_very_many_is_cut_too(wards: int):
    came = [down(1, n, 0) for n in range(1, wards + 1)]
    (line,) = items(open_of(state(DOWN, a_city(wards), *came)), AFTER.date(), FORMS)

    assert len(line["wants"]) == MAX_NAMES


def test_the_most_urgent_line_stands_first():
    both = a_process(*UP.handoffs.values(), *DOWN.handoffs.values())
    owing = [
        replace(e, owed=replace(e.owed, sender=Unit("d1", "Quận 1", "district")))
        for one in state(both, a_city(1)).handoffs
        for e in one.entries
    ]

    assert [i["handoff"] for i in items(owing, AFTER.date(), FORMS)] == ["ward-list", "ward-return"]


# --- how debts are named -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wards", "by_receiver"), [((2,), True), ((1,), False), ((1, 1), False)],
    ids=["one owes to many", "one owes to one", "many owe"],
)  # fmt: skip
def test_debts_are_named_by_who_owes_but_by_whom_where_one_owes_to_many(
    wards: tuple[int, ...], by_receiver: bool
):
    units = a_city(*wards)
    owing = open_of(state(DOWN, units))
    naming = Naming.of(owing, units)

    assert naming.by_receiver is by_receiver
    assert naming.owed_by(owing[0]) == ("Quận 1" if by_receiver else "")
    first = "Phường 0101, Quận 1" if by_receiver else "Quận 1"
    assert naming.of_all(owing)[0] == first
    said = "Chưa gửi tới" if by_receiver else "Chưa nhận được tệp nào"
    (line,) = naming.debt_lines(owing, FORMS)
    assert line.startswith(f"! {said} (")


@pytest.mark.parametrize("wards", [MAX_NAMES, MAX_NAMES + 1, MAX_NAMES + 2])
def test_so_many_names_stand_in_one_line_and_the_others_are_a_number(wards: int):
    units = a_city(wards)
    owing = open_of(state(UP, units))
    (line,) = Naming.of(owing, units, beneath=True).debt_lines(owing, FORMS)
    more = wards - MAX_NAMES

    assert f"({wards}): " in line
    assert line.count("Phường") == MAX_NAMES
    assert line.endswith(f"; và {more} đơn vị khác" if more else f"Phường 01{MAX_NAMES}")


# --- what rises ----------------------------------------------------------------------------------


def risen(reader: str, units: Units, lines: list[tuple[Entry, bool]], day: date = TODAY):
    (line,) = escalation_lines(reader, lines, day, units, DAYS, FORMS)
    return line


def test_what_is_new_is_told_apart_from_what_was_told_before_and_nobody_twice():
    units = a_city(3)
    first, second, third = open_of(state(UP, units, up(1, 3, 0)))
    line = risen("d1", units, [(first, False), (second, True), (third, True), (second, False)])

    assert line["new"] == [
        "! Chưa nhận được tệp nào (1): Phường 0102",
        "◐ Phường 0103: mới nhận một phần, còn thiếu: D03-TS",
    ]
    assert line["before"] == ["! Chưa nhận được tệp nào (1): Phường 0101"]
    assert (line["new_total"], line["before_total"]) == (2, 1)


@pytest.mark.parametrize(("day", "late"), [(15, 0), (16, 1), (19, 4), (22, 5)])
def test_how_late_a_list_is_is_said_in_working_days(day: int, late: int):
    units = a_city(1)
    lines = [(e, True) for e in open_of(state(UP, units))]

    assert risen("d1", units, lines, date(2015, 6, day))["working_days_late"] == late


@pytest.mark.parametrize(
    ("reader", "name"), [("d1", "Phường 0101"), ("thu", "Phường 0101, Quận 1")]
)
def test_only_who_is_right_above_reads_its_units_without_its_own_name(reader: str, name: str):
    units = a_city(1, 1)
    lines = [(e, True) for e in open_of(state(UP, units), "w1-1")]

    assert risen(reader, units, lines)["new"] == [f"! Chưa nhận được tệp nào (1): {name}"]


# --- the digest ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("came", "at", "counted"),
    [
        ([], BEFORE, {"owing": 1}),
        ([], AFTER, {"overdue": 1}),
        ([down(1, 1)], BEFORE, {"owing": 1}),
        ([down(1, 1, 0), down(1, 2)], BEFORE, {"owing": 1, "partly": 1}),
        ([down(1, 1), down(1, 2)], BEFORE, {"delivered": 1}),
        ([down(1, 1), down(1, 2, day=28)], AFTER, {"delivered": 1, "late_delivered": 1}),
        ([down(1, 1, 0), down(1, 2, day=28)], AFTER, {"overdue": 1}),
        ([down(1, 1, 0)], BEFORE, {"owing": 1}),
    ],
    ids=[
        "nothing yet", "nothing at all", "one of two", "a part and one whole", "both in time",
        "one late", "a part and one late", "a part and nothing",
    ],
)  # fmt: skip
def test_a_district_counts_once_and_as_the_worst_of_what_it_owes(
    came: list[Delivered], at, counted: dict[str, int]
):
    """A district that has served one of its two wards still owes."""
    units = a_city(2, 2)
    others = [down(2, 1), down(2, 2)]
    (line,) = round_summary(state(DOWN, units, *came, *others, at=at), units, FORMS)["handoffs"]

    expected = {"total": 2, "delivered": 1, "late_delivered": 0, "partly": 0, "owing": 0}
    expected |= {"overdue": 0}
    for name, more in counted.items():
        expected[name] += more
    assert {name: line[name] for name in expected} == expected


def test_the_digest_names_the_offices_under_which_most_is_overdue_first():
    units = a_city(1, 3, 2)
    summary = round_summary(state(UP, units), units, FORMS)

    told = [(o["above"], o["phone"], o["total"]) for o in summary["to_act_on"]]
    assert told == [("Quận 2", "028 2", 3), ("Quận 3", "028 3", 2), ("Quận 1", "028 1", 1)]
    assert summary["undecided"] == []


def test_of_whom_a_file_is_not_judged_yet_nobody_is_accused_and_the_digest_says_so():
    units = a_city(3)
    found = state(UP, units, up(1, 3))
    summary = round_summary(found, units, FORMS, frozenset({"w1-1", "w1-3"}))

    assert [(o["above"], o["total"]) for o in summary["to_act_on"]] == [("Quận 1", 1)]
    assert summary["undecided"] == ["Phường 0101, Quận 1"], "the third has delivered"


@pytest.mark.parametrize(
    ("day", "called"), [(date(2015, 6, 28), True), (date(2015, 6, 29), False), (None, False)]
)
def test_whoever_promised_a_day_is_not_acted_on_until_it_is_over(day: date | None, called: bool):
    promise = Arrangement(
        1, ArrangementKind.SNOOZED, "ward-return", ROUND, "w1-1", "", date(2015, 6, 28), "đã gọi",
        "thu", moment(6, 20),
    )  # fmt: skip
    units = a_city(2)
    summary = round_summary(state(UP, units, made=(promise,)), units, FORMS, day=day)

    assert [o["total"] for o in summary["to_act_on"]] == [1 if called else 2]
    named = ["WARD-RETURN Phường 0101, Quận 1: hẹn nộp đến 28/06/2015 (đã gọi)"]
    assert summary["arranged"] == (named if called else [])


def test_an_appointment_about_what_is_not_due_yet_is_nothing_to_tell_the_leaders():
    promise = Arrangement(
        1, ArrangementKind.SNOOZED, "ward-return", ROUND, "w1-1", "", date(2015, 6, 28), "đã gọi",
        "thu", moment(6, 2),
    )  # fmt: skip
    units = a_city(1)
    found = state(UP, units, at=moment(6, 3), made=(promise,))
    summary = round_summary(found, units, FORMS, day=date(2015, 6, 3))

    assert (summary["arranged"], summary["to_act_on"]) == ([], [])
    (line,) = summary["handoffs"]
    assert line["told"] == [
        "· Phường 0101, Quận 1: chưa nhận được tệp nào; hẹn nộp đến 28/06/2015 (đã gọi)"
    ]
