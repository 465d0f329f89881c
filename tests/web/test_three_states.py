"""That nothing came, that something was sent back, and that a part came look different everywhere,
and everywhere the same: on the page, in the status, in letters and in the report."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from click.testing import CliRunner

from bhyt_filedrop.cli import cli
from bhyt_filedrop.domain.owed.faces import LOOKS, DebtFace
from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.settings import load
from bhyt_filedrop.wiring.declared import world_of
from bhyt_filedrop.wiring.rounds import reminding_of
from tests.web.played import MORNING_AFTER, ROUND_PAGE, SEEN_AT, PlayedPage

STATES = {
    DebtFace.SENT_BACK: (0, "đã trả lại ngày 16/06/2015, chưa có bản sửa"),
    DebtFace.PART: (1, "mới nhận một phần, còn thiếu: D03-TS"),
    DebtFace.OVERDUE: (-1, "chưa nhận được tệp nào"),
}
"""Face → which ward's list is so, and what is said of it."""


def ward(page: PlayedPage, which: int) -> str:
    """The name of a ward; -1 = the one of which nothing came."""
    silent = [u.name for u in page.site.units.of_kind("ward") if u.parent == "770"]
    return silent[0] if which < 0 else page.site.units[page.site.ward(which)].name


def told(page: PlayedPage, *args: str) -> str:
    """What a command says of the round."""
    at = ("--now", SEEN_AT.isoformat(), "--config", str(page.site.config))
    return CliRunner().invoke(cli, [*args, *at]).output


@pytest.mark.parametrize("face", STATES)
def test_each_state_has_its_mark_and_its_words_on_the_page_and_in_the_status(
    page: PlayedPage, face: DebtFace
):
    which, said = STATES[face]
    name, mark = ward(page, which), LOOKS[face].icon
    text = page.visitor("phong-thu").get(f"{ROUND_PAGE}?show=owing").text
    row = next(r for r in re.findall(r"<tr.*?</tr>", text, flags=re.DOTALL) if f">{name}<" in r)
    assert mark in row and LOOKS[face].vi in html.unescape(row)

    status = told(page, "status", "--round", "2015Q1")
    (line,) = (x for x in status.splitlines() if "H5 quá hạn" in x or "H5 overdue" in x)
    assert f"{mark} {name}" in line
    assert (said in line) is (face is not DebtFace.OVERDUE)


@pytest.mark.parametrize("face", STATES)
def test_each_state_has_the_same_mark_and_words_in_letters(page: PlayedPage, face: DebtFace):
    which, said = STATES[face]
    name, mark = ward(page, which), LOOKS[face].icon
    morning = (MORNING_AFTER + timedelta(days=1)).astimezone(ZONE).replace(hour=8, minute=0)
    world = world_of(load(page.site.config))
    letters = reminding_of(world, page.books, lambda: morning).owed_at(morning)
    (digest,) = (one for one in letters if one.kind == "digest")
    lines = [
        line
        for round_ in digest.context["rounds"]
        for office in round_["to_act_on"]
        for one in office["handoffs"]
        for line in one["told"]
    ]

    (mine,) = (line for line in lines if name in line)
    assert mine.startswith(mark) and said.lower() in mine.lower()
    wants = {
        page.site.units[one.unit].name: one.context["items"][0]["wants"]
        for one in letters
        if one.kind == "reminder" and one.context.get("items")
    }
    assert wants[name] == ([] if face is DebtFace.OVERDUE else [f"{mark} {said}"])


def test_no_two_states_share_a_mark():
    marks = [LOOKS[face].icon for face in DebtFace if face is not DebtFace.LATE]

    assert len(set(marks)) == len(marks)
