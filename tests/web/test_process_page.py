"""The declared process on the page: drawn from the configuration, and asked about a path."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import quote

import pytest
from click.testing import CliRunner

from bhyt_filedrop.cli import cli
from bhyt_filedrop.domain.process.calendar import DAY
from bhyt_filedrop.domain.process.chart import chart_of
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.settings import load
from bhyt_filedrop.web.diagram import NARROW, WIDE, Diagram, Paper, diagram_of
from bhyt_filedrop.wiring.declared import world_of
from bhyt_filedrop.work.rounds.arranging import OwedBy
from tests.journey.site import DISTRICT
from tests.web.played import SEEN_AT, PlayedPage


def test_every_hand_off_stands_in_both_drawings_and_in_the_table(page: PlayedPage):
    text = page.visitor("quan-3").get("/process").text
    wide, narrow = re.findall(r"<svg class=\"diagram.*?</svg>", text, flags=re.DOTALL)
    told = text[text.index("<table") :]
    for handoff in load(page.site.config).process.handoffs.values():
        assert f">{handoff.number} " in wide and f">{handoff.number} " in narrow
        assert f"{handoff.number} {handoff.name}</th>" in told


def test_what_the_system_makes_is_told_with_its_sources(page: PlayedPage):
    assert "hệ thống lập từ H2b, H2d" in page.visitor("phong-thu").get("/process").text


def test_what_waits_for_approval_carries_its_sign(page: PlayedPage):
    signs = {one.title.lines[0]: one.approval for one in drawing(page, WIDE, "district-list").steps}

    assert [name for name, sign in signs.items() if sign] == ["Danh sách chuyển quận, huyện"]


@pytest.mark.parametrize("paper", [WIDE, NARROW], ids=["wide", "narrow"])
def test_nothing_of_a_drawing_lies_outside_it_or_in_anothers_row(page: PlayedPage, paper: Paper):
    drawn = drawing(page, paper)
    last = drawn.head
    for step in drawn.steps:
        assert step.top == last < step.bottom
        last = step.bottom
        words = [step.title, step.more]
        assert all(one.y + 17 * (len(one.lines) - 1) <= step.bottom for one in words)
        for arrow in step.arrows:
            numbers = [float(one) for one in re.findall(r"[\d.]+", arrow.tip)]
            assert all(0 <= x <= drawn.width for x in numbers[::2])
            assert all(step.top < y < step.bottom for y in numbers[1::2])
    assert last <= drawn.height


def drawing(page: PlayedPage, paper: Paper, approved: str = "") -> Diagram:
    world = world_of(load(page.site.config))
    handoffs = {
        name: replace(one, release="approve" if name == approved else one.release)
        for name, one in world.process.handoffs.items()
    }
    process = replace(world.process, handoffs=handoffs)
    chart = chart_of(process, world.units, Round(2015, 1), world.days)
    words = {one.handoff.id: (one.handoff.name, "Mẫu 2 · không có hạn") for one in chart.steps}
    return diagram_of(chart, words, paper)


def test_the_form_says_of_a_path_what_the_command_says(page: PlayedPage):
    config = str(page.site.config)
    folder = page.site.folder(DISTRICT)
    inside = str(folder.relative_to(folder.parents[2]))
    for path in (f"{inside}/mẫu 3.xlsx", str(folder / "~$mẫu 3.xlsx"), "nơi nào/x.xlsx"):
        asked = ["explain", path, "--config", config, "--now", SEEN_AT.isoformat()]
        said = CliRunner().invoke(cli, asked).output.splitlines()
        answer = page.visitor("phong-thu").get(f"/explain?path={quote(path)}")
        shown = re.findall(r"<tr><th scope=\"row\">(.*?)</th><td>(.*?)</td>", answer.text)

        assert [f"{label:12} {line}" for label, line in shown] == said


def test_a_path_is_explained_as_of_another_day(page: PlayedPage):
    folder = page.site.folder(DISTRICT)
    path = quote(str(folder / "mẫu 3.xlsx"))
    visitor = page.visitor("quan-tri")

    assert "Đợt 1 năm 2015" in visitor.get(f"/explain?path={path}").text
    assert "Đợt 2 năm 2015" in visitor.get(f"/explain?path={path}&day=2015-10-01").text
    assert visitor.get(f"/explain?path={path}&day=never").status == 200


def test_a_day_that_was_extended_is_told_where_a_path_is_explained(own_page: PlayedPage):
    until = (SEEN_AT + 14 * DAY).date()
    owed = OwedBy("district-return", Round(2015, 1), DISTRICT, "")
    visitor = own_page.visitor("phong-thu")
    visitor.get("/account")
    form = {"action": "extend", "round": "2015Q1", "handoff": owed.handoff, "until": str(until)}
    visitor.post(f"/units/{DISTRICT}/arrange", form | {"why": "công văn 12"})
    path = quote(str(own_page.site.folder(DISTRICT) / "mẫu 3.xlsx"))

    told = visitor.get(f"/explain?path={path}").text
    assert "chậm nhất ngày 30/06/2015 (đã gia hạn)" in told
    asked = ["explain", str(own_page.site.folder(DISTRICT) / "x.xlsx")]
    asked += ["--config", str(own_page.site.config), "--now", SEEN_AT.isoformat()]
    assert "chậm nhất ngày 30/06/2015 (đã gia hạn)" in CliRunner().invoke(cli, asked).output
