"""Paper copies of certificates: each step is ticked by command, and who lacks them is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bhyt_filedrop.cli import cli
from tests.journey.parties import SENDING, kids, send, table
from tests.journey.site import DISTRICT, OTHER_DISTRICT, Site
from tests.journey.test_register import cost_list


@pytest.fixture
def went(round_site: Site) -> Site:
    """A site on which the cost list came, and forms 2 went out to districts and wards."""
    round_site.clock.now = SENDING
    cost_list(round_site, kids(round_site))
    send(round_site, kids(round_site))
    return round_site


def papers(site: Site, *args: str) -> Result:
    call = ["papers", *args, "--config", str(site.config)]
    return CliRunner().invoke(cli, [*call, "--now", site.clock.now.isoformat()])


def ways(site: Site) -> list[dict[str, Any]]:
    return [json.loads(line) for line in papers(site, "list", "--json").output.splitlines()]


def came(site: Site) -> set[tuple[str, str]]:
    return {(way["number"], way["unit"]) for way in ways(site) if way["came_at"]}


def test_copies_go_to_whoever_gets_a_list_with_children(went: Site):
    wards = {child.ward for child in kids(went) if child.ward in went.units}
    expected = {("H1", "thu"), ("H3", DISTRICT), ("H3", OTHER_DISTRICT)}
    found = {(way["number"], way["unit"]) for way in ways(went)}

    assert expected <= found
    assert {unit for number, unit in found if number == "H4"} == wards
    assert came(went) == set()


def test_a_tick_says_who_noted_it_and_is_taken_back_with_a_reason(went: Site):
    ran = papers(went, "tick", "H3", DISTRICT, "--by", "chị Hà", "--note", "đủ 7 bản")

    assert ran.exit_code == 0, ran.output
    assert "Bản sao giấy H3: 1/2 đã nhận; chưa nhận: Quận 3" in ran.output
    (way,) = (way for way in ways(went) if way["came_at"])
    assert (way["unit"], way["by"], way["note"]) == (DISTRICT, "chị Hà", "đủ 7 bản")
    status = ["status", "--config", str(went.config), "--now", went.clock.now.isoformat()]
    assert "Bản sao giấy H3: 1/2" in CliRunner().invoke(cli, status).output

    assert papers(went, "untick", "H3", DISTRICT, "--why", "ghi nhầm").exit_code == 0
    assert came(went) == set()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("tick", "H3", "nobody"), "Không có đơn vị nobody"),
        (("tick", "H2a", DISTRICT), "chưa có danh sách nào có bản sao đi kèm"),
        (("untick", "H3", DISTRICT, "--why", "thử"), "chưa ghi là đã nhận"),
        (("tick", "H3", DISTRICT, "nobody"), "Không có đơn vị nobody"),
    ],
)
def test_a_tick_that_cannot_be_is_refused_and_nothing_is_noted(
    went: Site, args: tuple[str, ...], said: str
):
    ran = papers(went, *args)

    assert said in ran.output
    assert came(went) == set()


def test_a_second_tick_of_the_same_is_told(went: Site):
    papers(went, "tick", "H3", DISTRICT)

    assert "Đã ghi trước rồi" in papers(went, "tick", "h3", DISTRICT).output


@pytest.mark.parametrize("unit", ["thu", DISTRICT])
def test_the_cover_list_names_each_child_of_the_bundle_once(went: Site, tmp_path: Path, unit: str):
    out = tmp_path / "bia.xlsx"
    ran = papers(went, "cover", unit, "--out", str(out))

    assert ran.exit_code == 0, ran.output
    mine = [c for c in kids(went) if unit == "thu" or went.units[c.ward].parent == unit]
    assert sorted(table(out).names) == sorted(child.name for child in mine)
