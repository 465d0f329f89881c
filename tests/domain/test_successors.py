"""Units follow one another: who is there on a day, who took over from whom, and what cannot be."""

from __future__ import annotations

from datetime import date

import pytest

from bhyt_filedrop.domain.process.units import Unit, Units
from bhyt_filedrop.settings.reading import Gathered
from bhyt_filedrop.settings.units_file import COLUMNS, row_of, unit_of, units_of

JUNE, JULY = date(2025, 6, 30), date(2025, 7, 1)


def units() -> Units:
    """Two wards become one, one is divided; in October one of the new ones is renamed."""
    return Units.of(
        [
            Unit("q1", "Quận 1", "district", valid_to=JUNE, successors=("cs1",)),
            Unit("26740", "Phường Bến Nghé", "ward", "q1", valid_to=JUNE, successors=("n1",)),
            Unit("26737", "Phường Đa Kao", "ward", "q1", valid_to=JUNE, successors=("n1", "n2")),
            Unit("cs1", "BHXH cơ sở Tân Định", "district", valid_from=JULY),
            Unit("n1", "Phường Sài Gòn", "ward", "cs1", "26740", valid_from=JULY),
            Unit("n2", "Phường Tân Định", "ward", "cs1", valid_from=JULY,
                 valid_to=date(2025, 9, 30), successors=("n3",)),
            Unit("n3", "Phường Tân Định mới", "ward", "cs1", valid_from=date(2025, 10, 1)),
        ]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("day", "there"),
    [
        (date(2015, 1, 1), ["26740", "26737"]),
        (JUNE, ["26740", "26737"]),
        (JULY, ["n1", "n2"]),
        (date(2025, 10, 1), ["n1", "n3"]),
    ],
)
def test_the_units_of_a_day_are_those_that_were_there_on_it(day: date, there: list[str]):
    wards = units().at(day).of_kind("ward")

    assert {unit.id for unit in wards} == set(there)


def test_a_unit_that_is_gone_is_still_known_by_its_name():
    assert units().at(JULY)["26740"].name == "Phường Bến Nghé"
    assert units().at(JULY).children("q1") == ()


def test_the_units_are_one_value_between_two_changes():
    """What is worked out from them, such as all names of places, is worked out once."""
    every = units()

    assert every.at(date(2025, 7, 2)) is every.at(date(2025, 9, 30))
    assert every.at(JUNE) is not every.at(JULY)


@pytest.mark.parametrize(
    ("unit", "day", "heirs"),
    [
        ("26740", JUNE, ["26740"]),
        ("26740", JULY, ["n1"]),
        ("26737", JULY, ["n1", "n2"]),
        ("26737", date(2025, 10, 1), ["n1", "n3"]),
        ("q1", JULY, ["cs1"]),
    ],
)
def test_work_passes_from_hand_to_hand(unit: str, day: date, heirs: list[str]):
    assert {one.id for one in units().at(day).heirs(unit)} == set(heirs)


def test_the_forebears_of_a_unit_are_all_whose_work_it_took_over():
    assert units().forebears("n3") == {"n2", "26737"}
    assert units().forebears("26740") == frozenset()


def test_successors_are_read_as_people_write_them_and_written_back():
    unit = unit_of({"id": "a", "name": "A", "kind": "ward", "successors": "n1; n2 ,n1;"})

    assert unit.successors == ("n1", "n2")
    assert dict(zip(COLUMNS, row_of(unit), strict=True))["successors"] == "n1; n2"


OLD = {"id": "a", "name": "Phường A", "kind": "ward", "valid_to": "2025-06-30"}
NEW = {"id": "b", "name": "Phường B", "kind": "ward", "valid_from": "2025-07-01"}
ABOVE = {"id": "q", "name": "Quận 1", "kind": "district", "valid_to": "2025-06-30"}


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        pytest.param([OLD | {"successors": "c"}, NEW],
                     "cột successors = c: Phường A (a) được kế thừa bởi c, nhưng không có",
                     id="nobody has the id"),
        pytest.param([OLD | {"successors": "a"}, NEW], "Phường A (a), và ngược lại", id="itself"),
        pytest.param([OLD | {"successors": "b"},
                      NEW | {"successors": "a", "valid_to": "2026-01-01"}],
                     "Phường A (a) được kế thừa bởi Phường B (b), và ngược lại", id="a circle"),
        pytest.param([OLD | {"successors": "b"}, NEW | {"valid_from": "2025-07-02"}],
                     "Phường B (b), nhưng ngày 01/07/2025 đơn vị này chưa có (từ 02/07/2025)",
                     id="a gap of one day"),
        pytest.param([OLD | {"successors": "b"},
                      NEW | {"valid_from": "", "valid_to": "2025-06-30"}],
                     "Phường B (b), nhưng ngày 01/07/2025 đơn vị này không còn", id="both gone"),
        pytest.param([OLD | {"successors": "b", "valid_to": ""}, NEW],
                     "Phường B (b) nhưng chưa ghi ngày cuối", id="no last day"),
        pytest.param([OLD | {"successors": "b"}, NEW | {"kind": "district"}],
                     "Phường B (b), nhưng hai bên khác loại (ward, district)", id="another kind"),
        pytest.param([ABOVE, NEW | {"parent": "q"}],
                     "cấp trên Quận 1 (q) chỉ có đến 30/06/2025, nhưng Phường B (b) còn có",
                     id="below an office that is gone"),
        pytest.param([ABOVE | {"valid_from": "2025-01-01"}, OLD | {"parent": "q"}],
                     "cấp trên Quận 1 (q) chỉ có từ 01/01/2025", id="before the office above"),
    ],
)  # fmt: skip
def test_a_succession_that_cannot_be_is_told_in_one_line_that_names_both(
    rows: list[dict[str, str]], told: str
):
    found = Gathered()
    units_of(enumerate(rows, start=2), "units.csv", found)

    assert told in "\n".join(map(str, found.problems))
    assert len([one for one in found.problems if "Phường" in str(one)]) <= len(rows)


def test_a_day_that_cannot_be_is_told_once_and_not_again_of_all_that_follows_from_it():
    found = Gathered()
    rows = [ABOVE, OLD | {"successors": "b", "parent": "q", "valid_to": "2025-06-31"}, NEW]
    units_of(enumerate(rows, 2), "units.csv", found)

    assert [problem.key for problem in found.problems] == ["dòng 3, cột valid_to"]


def test_units_that_follow_each_other_in_a_circle_end_nobody_in_a_loop():
    """A configuration is looked at as a whole, also where it is wrong."""
    a, b = OLD | {"successors": "b"}, OLD | {"id": "b", "successors": "a"}
    units = units_of(enumerate([a, b], 2), "units.csv", Gathered())

    assert units.at(date(2026, 1, 1)).heirs("a") == ()
    assert units.forebears("a") == {"a", "b"}


def test_a_unit_that_closes_may_pass_its_work_to_one_that_was_there_before():
    found = Gathered()
    units_of(enumerate([OLD | {"successors": "b"}, NEW | {"valid_from": ""}], 2), "f", found)

    assert not found.problems


@pytest.mark.parametrize(("day", "yet"), [(JUNE, False), (JULY, True), (date(2025, 7, 2), True)])
def test_an_office_is_there_from_its_first_day_on(day: date, yet: bool):
    assert units()["cs1"].begins_after(day) is not yet


def test_below_an_office_of_a_kind_that_is_gone_there_is_nobody():
    offices = [
        Unit("q1", "Quận 1", "district", valid_to=JUNE, successors=("cs1",)),
        Unit("26740", "Phường Bến Nghé", "ward", "q1", valid_to=JUNE, successors=("n1",)),
        Unit("cs1", "BHXH cơ sở Tân Định", "office", valid_from=JULY),
        Unit("n1", "Phường Sài Gòn", "ward", "cs1", valid_from=JULY),
    ]
    known = Units.of(offices)

    assert [unit.id for unit in known.at(JUNE).below(known["q1"])] == ["26740"]
    assert known.at(JULY).below(known["q1"]) == ()
