"""A round is owed by the units of its time: a reorganisation chases nobody who was not there, and
forgets nothing that the old offices sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bhyt_filedrop.domain.owed.obligations import DeliveredIndex, obligations
from bhyt_filedrop.domain.process.calendar import WorkingDays
from bhyt_filedrop.domain.process.handoffs import Due
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit, Units
from bhyt_filedrop.settings.reading import Gathered
from bhyt_filedrop.settings.units_file import COLUMNS, row_of, unit_of, units_of
from tests.offices import PROCESS, ROUND, UNITS, a_process, gave, handoff, moment

LAST, FIRST = date(2015, 6, 30), date(2015, 7, 1)
NEXT = Round(2015, 2)
OLD = [replace(unit, valid_to=LAST) for unit in UNITS if unit.kind in ("district", "ward")]
NEW = [
    Unit("cs1", "BHXH cơ sở Tân Định", "district", valid_from=FIRST),
    Unit("n1", "Phường Sài Gòn", "ward", "cs1", valid_from=FIRST),
]
BOTH = Units.of([*UNITS.of_kind("city"), *OLD, *NEW])
"""The table on the day of the reorganisation: the round of the first quarter is still open."""


def owing(round_: Round, *facts: object) -> set[str]:
    found = obligations(PROCESS, BOTH, round_, DeliveredIndex.of(facts), WorkingDays())
    return {one.sender.id for one in found} | {one.receiver.id for one in found if one.receiver}


def test_the_old_round_is_owed_by_the_old_offices_alone():
    told = owing(ROUND, gave("uncarded", "cntt", "thu", moment(5, 18)),
                 gave("district-list", "thu", "760", moment(5, 20)),
                 gave("ward-list", "760", "26734", moment(5, 22)))  # fmt: skip

    assert {"760", "761", "26734"} <= told
    assert not told & {"cs1", "n1"}


def test_the_next_round_is_owed_by_the_new_offices_alone():
    told = owing(NEXT, gave("uncarded", "cntt", "thu", moment(8, 18), round=NEXT),
                 gave("district-list", "thu", "cs1", moment(8, 20), round=NEXT),
                 gave("ward-list", "cs1", "n1", moment(8, 22), round=NEXT))  # fmt: skip

    assert {"cs1", "n1"} <= told
    assert not told & {unit.id for unit in OLD}


@pytest.mark.parametrize("how", ["answers", "needs"])
@pytest.mark.parametrize("handed", ["26734", "n1"])
def test_a_new_office_owes_the_old_rounds_answer_only_where_the_list_reached_it(
    how: str, handed: str
):
    """It was not there when that was due; but who took a list over answers it."""
    back = replace(handoff("ward-return", "ward", "parent", Due(3, 15)), **{how: "ward-list"})
    process = a_process(handoff("ward-list", "district", "child", Due(2, 25)), back)
    sent = gave("ward-list", BOTH[handed].parent, handed, moment(7, 2))
    found = obligations(process, BOTH, ROUND, DeliveredIndex.of([sent]), WorkingDays())

    answering = {one.sender.id for one in found if one.handoff.id == "ward-return"}
    assert ("n1" in answering) is (handed == "n1")


def test_what_an_office_sent_before_it_was_closed_still_counts():
    """Late, but before its last day: the list is in the history under its own name."""
    late = gave("district-return", "760", "thu", moment(7, 1), round=NEXT)

    assert "760" in owing(NEXT, late)
    assert BOTH["760"].name == "Quận 1"


@pytest.mark.parametrize(
    ("day", "there"),
    [(date(2015, 6, 30), True), (date(2015, 7, 1), False), (date(2000, 1, 1), True)],
)
def test_the_last_day_counts(day: date, there: bool):
    assert OLD[0].exists_on(day) is there
    assert NEW[0].exists_on(day) is (day >= FIRST)


@pytest.mark.parametrize("text", ["2025-07-01", "01/07/2025", "2025-07-01 00:00:00"])
def test_a_day_is_read_as_excel_leaves_it_and_written_back(text: str):
    unit = unit_of({"id": "a", "name": "A", "kind": "ward", "valid_from": text})

    assert unit.valid_from == date(2025, 7, 1)
    assert dict(zip(COLUMNS, row_of(unit), strict=True))["valid_from"] == "2025-07-01"


@pytest.mark.parametrize(
    ("days", "told"),
    [
        ({"valid_from": "hôm qua"}, "cột valid_from = hôm qua: phải là ngày"),
        (
            {"valid_from": "2025-07-01", "valid_to": "2025-06-30"},
            "cột valid_to = 2025-06-30: trước",
        ),
    ],
)
def test_a_day_that_is_none_is_told_at_its_cell(days: dict[str, str], told: str):
    found = Gathered()
    units_of([(2, {"id": "a", "name": "A", "kind": "ward", **days})], "units.csv", found)

    assert told in " ".join(map(str, found.problems))
