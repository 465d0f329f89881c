"""What reaches an office that is gone: who took over gets it, else who leads hears of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.drops.closed import (
    closed_office,
    getters_there,
    is_of_nobody,
    to_those_there,
)
from bhyt_filedrop.domain.letters.letter import notice
from bhyt_filedrop.domain.process.folders import Routes
from bhyt_filedrop.domain.process.handoffs import Due, FolderRule, Process
from bhyt_filedrop.domain.process.units import Unit, Units
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import load
from bhyt_filedrop.wiring.declared import world_of
from tests.offices import a_process, handoff

JUNE, JULY = date(2025, 6, 30), date(2025, 7, 1)
ANSWER = handoff("ward-return", "ward", "parent", Due(3, 15))
LIST = handoff("ward-list", "district", "child", Due(2, 25))
FOLDERS = {
    kind: FolderRule(
        kind=kind, drop=f"{kind}/{{unit}}", inbox=f"{kind}/{{unit}}/Đến",
        received=f"{kind}/{{unit}}/Đã nhận", returned=f"{kind}/{{unit}}/Trả lại",
    )
    for kind in ("city", "district", "ward")
}  # fmt: skip
UNITS = Units.of(
    [
        Unit("thu", "Phòng Thu", "city"),
        Unit("cntt", "Phòng Công nghệ thông tin", "city"),
        Unit("q1", "Quận 1", "district", valid_to=JUNE, successors=("cs1", "cs2")),
        Unit("q9", "Quận 9", "district", valid_to=JUNE),
        Unit("cs1", "BHXH cơ sở Sài Gòn", "district", valid_from=JULY),
        Unit("cs2", "BHXH cơ sở Tân Định", "district", valid_from=JULY),
        Unit("p1", "Phường Đa Kao", "ward", "q1", valid_to=JUNE, successors=("n1",)),
        Unit("n1", "Phường Tân Định", "ward", "cs1", valid_from=JULY),
    ]
).at(date(2025, 7, 10))


def a_world(process: Process) -> World:
    routes = Routes.of(process, UNITS, {})
    return replace(world_of(load(config_dir())), process=process, units=UNITS, routes=routes)


WORLD = a_world(replace(a_process(ANSWER, LIST), folders=FOLDERS))


def test_only_an_office_that_is_gone_is_nobodys():
    assert is_of_nobody(UNITS["q1"], WORLD)
    assert not is_of_nobody(UNITS["cs1"], WORLD)
    assert not is_of_nobody(None, WORLD)


@pytest.mark.parametrize(
    ("to", "digest_to", "read_by"),
    [
        ("cs1", "thu", ["cs1"]),
        ("p1", "thu", ["n1"]),
        ("q1", "thu", ["cs1", "cs2"]),
        ("q9", "thu", ["thu"]),
        ("q9", "", ["cntt"]),
    ],
    ids=["still there", "one heir", "two heirs", "no heir", "no heir and nobody leads"],
)
def test_a_letter_to_a_closed_office_is_read_by_somebody(
    to: str, digest_to: str, read_by: list[str]
):
    routes = a_world(replace(WORLD.process, digest_to=digest_to)).routes
    sent = to_those_there([notice("k", to, "Tiêu đề", ["Nội dung"])], routes)

    assert [one.unit for one in sent] == read_by
    assert len({one.key for one in sent}) == len(sent), "each is sent, and sent once"


def test_a_file_in_a_closed_offices_folder_names_the_day_and_where_its_heirs_drop_theirs():
    told = closed_office(UNITS["q1"], WORLD)

    assert "Quận 1 không còn từ sau ngày 30/06/2025" in told.message
    assert "BHXH cơ sở Sài Gòn: district/BHXH cơ sở Sài Gòn" in told.remedy
    assert "BHXH cơ sở Tân Định: district/BHXH cơ sở Tân Định" in told.remedy


def test_where_nobody_took_over_the_office_that_leads_is_named():
    told = closed_office(UNITS["q9"], WORLD)

    assert told.remedy.startswith(f"Liên hệ {WORLD.leader}, ")


@pytest.mark.parametrize(
    ("name", "sender", "receiver", "got_by"),
    [
        ("ward-return", "n1", "cs1", ["cs1"]),
        ("ward-return", "p1", "q1", ["cs1"]),
        ("ward-list", "q1", "p1", ["n1"]),
        ("ward-return", "n1", "q9", ["q9"]),
        ("ward-list", "p1", "q1", ["cs1", "cs2"]),
    ],
    ids=[
        "still there", "the heir above the sender's heir", "one heir", "nobody took over",
        "all heirs",
    ],
)  # fmt: skip
def test_what_was_meant_for_a_closed_office_goes_to_who_took_over(
    name: str, sender: str, receiver: str, got_by: list[str]
):
    declared = WORLD.process.handoffs[name]
    found = getters_there(declared, UNITS[sender], UNITS[receiver], WORLD.routes)

    assert [one.id for one in found] == got_by
