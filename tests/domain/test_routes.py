"""Which unit, folder and hand-off a path means, on the shipped process and its 350 units."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest

from bhyt_filedrop import resources
from bhyt_filedrop.domain.process.folders import (
    Place,
    Routes,
    candidates,
    expected_forms,
    nfc_parts,
    receiver_of,
)
from bhyt_filedrop.domain.process.handoffs import FileAccess, FolderRule, HandOff
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit
from bhyt_filedrop.settings import Settings, load
from tests.offices import UNITS, a_process

BASE = "05-QLTHU/Trẻ em KCB bằng GKS-CS"
CITY = f"{BASE}/_BHXH Thành phố"
ROUND = Round(2015, 1)


@pytest.fixture(scope="module")
def shipped() -> Settings:
    return load(resources.config_dir())


@pytest.fixture(scope="module")
def routes(shipped: Settings) -> Routes:
    return Routes.of(shipped.process, shipped.units, {f.id: f.name for f in shipped.forms})


def located(routes: Routes, path: str) -> Place:
    place = routes.locate("main", path)
    assert place is not None
    return place


def handoffs(routes: Routes, path: str, form: str) -> list[tuple[str, str, str | None]]:
    """Hand-off, sender and receiver of each candidate of a form at a path."""
    found = candidates(routes.process, routes.units, located(routes, path), form)
    return [(c.handoff.id, c.sender.id, c.receiver and c.receiver.id) for c in found]


@pytest.mark.parametrize(
    ("path", "unit", "subfolder"),
    [
        (f"{BASE}/Quận 1/a.xlsx", "760", ""),
        (f"{BASE}/Quận 1/năm 2015/tháng 6/a.xlsx", "760", "năm 2015/tháng 6"),
        (f"{BASE}/Quận 1/Phường Bến Nghé/a.xlsx", "26740", ""),
        (f"{BASE}/Quận 1/Phường Bến Nghé/cũ/a.xlsx", "26740", "cũ"),
        (f"{CITY}/Phòng Thu/Quận 3/a.xlsx", "thu", "Quận 3"),
    ],
)
def test_the_deepest_drop_folder_says_whose_file_it_is(
    routes: Routes, path: str, unit: str, subfolder: str
):
    place = located(routes, path)

    assert (place.unit.id, place.subfolder, place.name, place.own) == (
        unit,
        subfolder,
        "a.xlsx",
        "",
    )


@pytest.mark.parametrize(
    ("path", "own"),
    [
        (f"{BASE}/Quận 1/Từ BHXH TP/Quý 1-2015/a.xlsx", "inbox"),
        (f"{BASE}/Quận 1/Từ phường, xã/Quý 1-2015/a.xlsx", "inbox"),
        (f"{BASE}/Quận 1/Đã nhận/a.xlsx", "received"),
        (f"{BASE}/Quận 1/Trả lại/a.xlsx", "returned"),
        (f"{CITY}/Phòng Thu/Đến/Quý 1-2015/a.xlsx", "inbox"),
    ],
)
def test_the_product_s_own_folders_are_no_drop_folders(routes: Routes, path: str, own: str):
    assert located(routes, path).own == own


@pytest.mark.parametrize("path", ["a.xlsx", "05-QLTHU/a.xlsx", f"{BASE}/a.xlsx", "khác/b.xlsx", ""])
def test_a_file_outside_every_drop_folder_is_nobody_s(routes: Routes, path: str):
    assert routes.locate("main", path) is None


def test_another_tree_has_other_folders(routes: Routes):
    assert routes.locate("other", f"{BASE}/Quận 1/a.xlsx") is None


def test_a_path_spelled_decomposed_is_the_same_path(routes: Routes):
    path = f"{BASE}/Quận 1/Phường Bến Nghé/mẫu 4.xlsx"

    assert located(routes, unicodedata.normalize("NFD", path)) == located(routes, path)
    assert nfc_parts(unicodedata.normalize("NFD", "/Quận 1//Đến/")) == ("Quận 1", "Đến")


def test_every_folder_of_every_unit_leads_back_to_that_unit(routes: Routes):
    for unit in routes.units:
        assert located(routes, f"{routes.drop_folder(unit)}/x").unit is unit
        for own, folder in (
            ("inbox", routes.inbox(unit, ROUND)),
            ("received", routes.received(unit, ROUND)),
            ("received", routes.received(unit, None)),
            ("returned", routes.returned(unit)),
        ):
            place = located(routes, f"{folder}/x")
            assert (place.unit, place.own) == (unit, own)


def test_a_district_finds_its_wards_answers_apart_from_what_the_city_sends(routes: Routes):
    district, ward, city = (routes.units[id] for id in ("760", "26740", "thu"))

    assert routes.inbox(district, ROUND, ward) == f"{BASE}/Quận 1/Từ phường, xã/Quý 1-2015"
    assert routes.inbox(district, ROUND, city) == f"{BASE}/Quận 1/Từ BHXH TP/Quý 1-2015"
    assert routes.inbox(ward, ROUND, district) == routes.inbox(ward, ROUND)


def test_the_sweep_walks_each_folder_once(routes: Routes):
    folders = routes.sweep_folders("main")

    assert len(folders) == 24 + 4
    assert not [a for a in folders for b in folders if a != b and a.startswith(f"{b}/")]
    assert routes.sweep_folders("other") == ()
    assert len(routes.own_folders("main")) == 3 * 350 + 24 + 3 * 4


@pytest.mark.parametrize(
    ("path", "form", "expected"),
    [
        (f"{BASE}/Quận 1/a", "form-3", ("district-return", "760", "thu")),
        (f"{BASE}/Quận 1/Phường Bến Nghé/a", "form-4", ("ward-return", "26740", "760")),
        (f"{BASE}/Quận 1/Phường Bến Nghé/a", "d03-ts-595", ("ward-return", "26740", "760")),
        (f"{BASE}/Quận 1/Phường Bến Nghé/a", "form-2", ("ward-list", "760", "26740")),
        (f"{BASE}/Quận 1/a", "form-2", ("ward-list", "760", None)),
        (f"{CITY}/Phòng Thu/a", "form-2", ("district-list", "thu", None)),
        (f"{CITY}/Phòng Thu/Quận 3/a", "form-2", ("district-list", "thu", "770")),
        (f"{CITY}/Phòng Thu/a", "form-3", ("carded-final", "thu", "nvgd1")),
        (f"{CITY}/Phòng Thu/Trình BGĐ/a", "form-3", ("unverified", "thu", "board")),
        (f"{CITY}/Phòng Thu/Trình BGĐ/a", "form-2", ("unverified", "thu", "board")),
        (f"{CITY}/Phòng NVGĐ1/a", "c79a", ("cost-list", "nvgd1", "cntt")),
        (f"{CITY}/Phòng CNTT/a", "form-1", ("carded", "cntt", "nvgd1")),
        (f"{CITY}/Phòng CNTT/a", "form-2", ("uncarded", "cntt", "thu")),
    ],
)
def test_the_folder_and_the_form_say_which_hand_off_it_is(
    routes: Routes, path: str, form: str, expected: tuple[str, str, str | None]
):
    assert handoffs(routes, path, form)[0] == expected


@pytest.mark.parametrize(
    ("path", "form"),
    [
        (f"{BASE}/Quận 1/a", "form-4"),
        (f"{BASE}/Quận 1/Phường Bến Nghé/a", "form-3"),
        (f"{CITY}/Ban Giám đốc/a", "form-3"),
        (f"{CITY}/Phòng Thu/Trình BGĐ/a", "form-1"),
    ],
)
def test_a_form_that_a_folder_does_not_take_is_no_hand_off(routes: Routes, path: str, form: str):
    assert handoffs(routes, path, form) == []


def test_a_folder_tells_which_forms_it_takes(routes: Routes):
    ward = located(routes, f"{BASE}/Quận 1/Phường Bến Nghé/a")

    forms = expected_forms(routes.process, routes.units, ward)
    assert {"form-2", "form-4", "d03-ts-1111", "d03-ts-595", "d03-ts-490"} <= set(forms)
    assert "form-3" not in forms


def test_a_part_is_called_by_its_forms_names_once_each(shipped: Settings):
    labels = {"form-4": "Mẫu 4", "d03-ts-595": "D03-TS", "d03-ts-490": "D03-TS"}
    routes = Routes.of(shipped.process, shipped.units, labels)

    assert routes.part_label(("form-4", "d03-ts-595", "d03-ts-490")) == "Mẫu 4 hoặc D03-TS"
    assert routes.label("form-9") == "form-9"


def test_a_receiver_above_beside_or_below_is_found_from_the_folder(routes: Routes):
    process, units = routes.process, routes.units
    ward = located(routes, f"{BASE}/Quận 1/Phường Bến Nghé/a")
    below = located(routes, f"{CITY}/Phòng Thu/gửi/Quận 3/a")

    assert receiver_of(process.handoffs["ward-return"], units, ward) is units["760"]
    assert receiver_of(process.handoffs["district-return"], units, ward) is units["thu"]
    assert receiver_of(process.handoffs["district-list"], units, below) is units["770"]


def test_a_unit_whose_kind_has_no_folders_is_left_out(shipped: Settings):
    more = [*shipped.units, Unit("x", "Bệnh viện X", "hospital")]
    routes = Routes.of(shipped.process, type(shipped.units).of(more))

    assert len(list(routes.every_folder())) == 4 * 350 + 24 + 2 + 3 * 4


@pytest.mark.parametrize(
    ("access", "away"),
    [
        (FileAccess(), False),
        (FileAccess(mode=0o640), False),
        (FileAccess(owner="quan1"), True),
        (FileAccess(group="bhyt"), True),
        (FileAccess(owner="quan1", acl=True), False),
        (FileAccess(owner="quan1", group="bhyt", acl=True), True),
    ],
)
def test_a_file_is_given_away_with_its_owner_or_group_but_not_by_an_access_list(
    access: FileAccess, away: bool
) -> None:
    """The service keeps the right to change owners only where it needs it."""
    assert access.gives_away is away


@pytest.mark.parametrize(
    ("access", "own"),
    [
        (FileAccess(owner="u-{id}"), FileAccess(owner="u-760")),
        (FileAccess(group="g-{id}", mode=0o640), FileAccess(group="g-760", mode=0o640)),
        (FileAccess(owner="quan1"), FileAccess(owner="quan1")),
    ],
)
def test_each_unit_has_the_account_that_bears_its_id(access: FileAccess, own: FileAccess) -> None:
    assert access.of_unit("760") == own


# --- folders right below the root of a tree ------------------------------------------------------


@pytest.fixture(scope="module")
def flat() -> Routes:
    """Each district's folder lies in the root; what was received is kept elsewhere."""
    rules = {
        kind: FolderRule(
            kind=kind, drop=drop, inbox=f"{drop}/Đến/{{round}}", received=f"Lưu/{kind}/{{round}}",
            returned=f"{drop}/Trả lại",
        )
        for kind, drop in (("district", "{unit}"), ("ward", "{parent}/{unit}"))
    }  # fmt: skip
    return Routes.of(replace(a_process(), folders=rules), UNITS)


@pytest.mark.parametrize(
    ("path", "unit", "subfolder", "own"),
    [
        ("Quận 1/a.xlsx", "760", "", ""),
        ("Quận 1/năm 2015/a.xlsx", "760", "năm 2015", ""),
        ("QUẬN  1/a.xlsx", "760", "", ""),
        ("Quận 1/Phường Tân Định/a.xlsx", "26734", "", ""),
        ("Quận 1/Đến/Quý 1-2015/a.xlsx", "760", "Quý 1-2015", "inbox"),
        ("Quận 1/đến/a.xlsx", "760", "", "inbox"),
        ("Quận 1/Phường Tân Định/Trả lại/a.xlsx", "26734", "", "returned"),
    ],
)
def test_a_folder_may_lie_in_the_root_and_its_file_is_known_by_it(
    flat: Routes, path: str, unit: str, subfolder: str, own: str
):
    place = located(flat, path)

    assert (place.unit.id, place.subfolder, place.own) == (unit, subfolder, own)


@pytest.mark.parametrize("path", ["a.xlsx", "Lưu/district/Quý 1-2015/a.xlsx", "Quận 2/a.xlsx"])
def test_a_file_above_every_drop_folder_or_in_a_store_of_its_own_is_nobodys(
    flat: Routes, path: str
):
    assert flat.locate("main", path) is None


def test_only_the_folders_that_lie_in_no_other_are_walked(flat: Routes):
    assert flat.sweep_folders("main") == ("Quận 1", "Quận 12")
    assert flat.base("main") == ""


def test_a_sub_folder_is_laid_out_for_who_drops_into_it_and_for_nobody_else():
    """A list that its receiver drops for its sender has a folder at the receiver's."""
    parties = {"sender": "district", "receiver": "child"}
    given = HandOff(id="a", name="Danh sách", subfolder="Gửi", **parties)
    got = HandOff(id="b", name="Nhận", subfolder="Nhận", drop_in=("receiver",), **parties)
    plain = HandOff(id="c", name="Khác", **parties)
    every = {one.id: one for one in (given, got, plain)}
    routes = Routes.of(replace(a_process(), handoffs=every), UNITS)

    found = {unit.id: list(routes.subfolders(unit)) for unit in UNITS}
    assert found == {unit.id: [] for unit in UNITS} | {
        **{unit.id: ["Gửi"] for unit in UNITS.of_kind("district")},
        **{unit.id: ["Nhận"] for unit in UNITS.of_kind("ward")},
    }
