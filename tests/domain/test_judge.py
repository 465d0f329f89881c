"""Which hand-off a recognised list is, for whom, in which round, on time or late."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from bhyt_filedrop import resources
from bhyt_filedrop.domain.cells.grid import Workbook
from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.drops.facts import FilePart
from bhyt_filedrop.domain.drops.judge import Found, Judgement, judge, scan_route
from bhyt_filedrop.domain.forms.recognise import recognise
from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.domain.process.folders import Routes
from bhyt_filedrop.domain.process.handoffs import Due, HandOff
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Units
from bhyt_filedrop.settings import load
from bhyt_filedrop.simulate.faults import plant
from bhyt_filedrop.simulate.lists import list_of
from bhyt_filedrop.simulate.people import children
from bhyt_filedrop.simulate.shapes import lay_out_any as lay_out
from bhyt_filedrop.wiring.declared import world_of

BASE = "05-QLTHU/Trẻ em KCB bằng GKS-CS"
CITY = f"{BASE}/_BHXH Thành phố"
ROUND = Round(2015, 1)
JUNE = datetime(2015, 6, 12, 9, tzinfo=ZONE)


@pytest.fixture(scope="module")
def world() -> World:
    return world_of(load(resources.config_dir()))


def judged(
    world: World, folder: str, form: str, unit: str, *, at: datetime = JUNE, district: str = "760",
    ward: int | None = None, faults: tuple[str, ...] = (), round_: Round = ROUND,
) -> Judgement:  # fmt: skip
    """Judge a made-up list that lies in a folder."""
    wards = world.units.children(district)
    chosen = wards[:4] if ward is None else wards[ward : ward + 1]
    group = children(world.units, 8, round=round_, wards=chosen)
    wanted, _ = plant(
        list_of(form, round_, world.units[unit], world.units, group), world.units, faults
    )
    book = Workbook("xlsx", (lay_out(wanted).as_sheet(),))
    seen = recognise(book, world.forms, world.units)
    part = FilePart("a.xlsx", "5" * 64, "xlsx")
    place = world.routes.locate("main", f"{folder}/a.xlsx")
    assert place is not None
    return judge([Found(one, part) for one in seen.submissions], place, world, at)


def codes(found: Judgement) -> list[str]:
    return sorted({one.code for one in found.findings})


def test_a_district_s_return_is_for_phong_thu_and_says_what_is_due(world: World):
    found = judged(world, f"{BASE}/Quận 1", "form-3", "760")

    (one,) = found.judged
    assert (one.handoff.id, one.sender.id, one.receiver.id) == ("district-return", "760", "thu")
    assert (one.round, one.rows, one.label, one.late) == (ROUND, 8, "Mẫu 3", False)
    assert "25" in one.due_text
    assert len(one.children) == 8
    assert codes(found) == []


@pytest.mark.parametrize(("form", "part"), [("form-4", 0), ("d03-ts-1111", 1), ("d03-ts-490", 1)])
def test_a_ward_s_lists_are_parts_of_one_return(world: World, form: str, part: int):
    ward = world.units.children("760")[0]
    found = judged(world, f"{BASE}/Quận 1/{ward.folder}", form, ward.id, ward=0)

    (one,) = found.judged
    assert (one.handoff.id, one.receiver.id, one.part) == ("ward-return", "760", part)


def test_a_known_form_in_a_folder_that_does_not_take_it_is_told_what_the_folder_takes(world: World):
    found = judged(world, f"{BASE}/Quận 1", "form-1", "cntt")

    assert (found.judged, codes(found)) == ((), ["form.not-expected"])
    assert "Mẫu 3" in found.findings[0].remedy


def test_a_list_without_a_named_receiver_goes_where_all_its_children_live(world: World):
    found = judged(world, f"{CITY}/Phòng Thu", "form-2", "thu", district="770")

    (one,) = found.judged
    assert (one.handoff.id, one.receiver.id) == ("district-list", "770")


def test_of_two_steps_that_take_a_list_it_is_the_one_that_the_process_names_first(world: World):
    again = replace(world.process.handoffs["district-return"], id="again")
    process = replace(world.process, handoffs={**world.process.handoffs, "again": again})
    (one,) = judged(replace(world, process=process), f"{BASE}/Quận 1", "form-3", "760").judged

    assert one.handoff.id == "district-return"


def test_a_sub_folder_names_the_receiver_and_then_each_address_must_lie_there(world: World):
    found = judged(world, f"{CITY}/Phòng Thu/Quận 3", "form-2", "thu", district="760")

    (one,) = found.judged
    assert one.receiver.id == "770"
    assert codes(found) == ["form.sender-wrong"], "all eight lie elsewhere: one cause"


def test_a_list_of_children_from_many_places_has_no_receiver(world: World):
    """A city-wide form 2 of Phòng Thu could be for any district."""
    group = children(world.units, 8, round=ROUND, wards=world.units.of_kind("ward")[::60])
    wanted = list_of("form-2", ROUND, world.units["thu"], world.units, group)
    seen = recognise(Workbook("xlsx", (lay_out(wanted).as_sheet(),)), world.forms, world.units)
    place = world.routes.locate("main", f"{CITY}/Phòng Thu/a.xlsx")
    assert place is not None
    part = FilePart("a.xlsx", "5" * 64, "xlsx")
    found = judge([Found(one, part) for one in seen.submissions], place, world, JUNE)

    assert found.judged == ()
    assert "form.receiver-unclear" in codes(found)


def test_a_closed_round_is_refused(world: World):
    found = judged(world, f"{BASE}/Quận 1", "form-3", "760", at=datetime(2016, 6, 1, tzinfo=ZONE))

    assert "form.round-wrong" in codes(found)


def test_a_list_that_names_no_round_belongs_to_the_one_due_nearest(world: World):
    found = judged(world, f"{BASE}/Quận 1", "form-3", "760", faults=("form.round-missing",))

    (one,) = found.judged
    assert one.round == ROUND
    assert codes(found) == ["form.round-missing"]


@pytest.mark.parametrize(
    ("at", "late"),
    [
        (datetime(2015, 6, 24, 23, 59, 59, tzinfo=ZONE), False),
        (datetime(2015, 6, 25, 0, 0, tzinfo=ZONE), True),
    ],
)
def test_before_the_25th_means_the_24th_is_the_last_day(world: World, at: datetime, late: bool):
    (one,) = judged(world, f"{BASE}/Quận 1", "form-3", "760", at=at).judged

    assert one.late is late


def test_a_list_of_another_office_in_one_s_folder_is_told(world: World):
    found = judged(world, f"{BASE}/Quận 1", "form-3", "770")

    assert "form.sender-wrong" in codes(found)


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        (f"{BASE}/Quận 1", ("district-return", "760", "thu")),
        (f"{BASE}/Quận 1/Phường Bến Nghé", ("ward-return", "26740", "760")),
        (f"{CITY}/Phòng CNTT", None),
    ],
)
def test_a_scan_without_a_list_goes_where_the_folder_s_rule_says(
    world: World, folder: str, expected: Any
):
    place = world.routes.locate("main", f"{folder}/a.pdf")
    assert place is not None
    way = scan_route((), place, world, JUNE)

    assert (way and (way.handoff.id, way.sender.id, way.receiver.id)) == expected


def test_a_scan_with_a_list_goes_where_the_list_goes(world: World):
    found = judged(world, f"{BASE}/Quận 1", "form-3", "760")
    place = world.routes.locate("main", f"{BASE}/Quận 1/a.pdf")
    assert place is not None
    way = scan_route(found.judged, place, world, JUNE)

    assert way is not None
    assert (way.receiver.id, way.round) == ("thu", ROUND)


@pytest.mark.parametrize(
    ("folder", "handoff"),
    [("Báo cáo", "report"), ("BÁO  CÁO/2015", "report"), ("Khác", "district-return"),
     ("", "district-return")],
)  # fmt: skip
def test_a_document_in_the_sub_folder_of_a_report_is_that_report(
    world: World, folder: str, handoff: str
):
    due, parties = Due(3, 28), {"sender": "district", "receiver": "thu"}
    report = HandOff(id="report", name="Báo cáo", subfolder="Báo cáo", due=due, **parties)
    other = HandOff(id="other", name="Biên bản", subfolder="Biên bản", due=due, **parties)
    every = {"other": other, "report": report, **world.process.handoffs}
    process = replace(world.process, handoffs=every)
    known = replace(world, process=process, routes=Routes.of(process, world.units))
    place = known.routes.locate("main", "/".join(filter(None, (BASE, "Quận 1", folder, "a.pdf"))))
    assert place is not None
    way = scan_route((), place, known, JUNE)

    assert way is not None
    assert (way.handoff.id, way.sender.id, way.receiver.id) == (handoff, "760", "thu")


def test_in_a_folder_of_a_closed_office_nothing_is_judged_but_told(world: World):
    """Two took over, so nobody can tell whose list it is."""
    gone = replace(world.units["760"], valid_to=date(2015, 6, 10), successors=("761", "762"))
    units = Units({**world.units.by_id, "760": gone}).at(date(2015, 6, 12))
    known = replace(world, units=units, routes=world.routes.at(units))
    place = known.routes.locate("main", f"{BASE}/Quận 1/a.xlsx")
    assert place is not None
    found = judge([], place, known, JUNE)

    assert (found.judged, codes(found)) == ((), ["file.closed-office"])
    assert scan_route((), place, known, JUNE) is None
