"""The round's page: work first, then a table in which three different things look different."""

from __future__ import annotations

import re

import pytest

from bhyt_filedrop.domain.drops.lying import Lying, Why
from tests.journey.site import DISTRICT
from tests.web.played import ROUND_PAGE, PlayedPage


def rows_of(text: str) -> dict[str, str]:
    """The rows of the table, by the id of their unit."""
    found = re.findall(r'<tr id="u-([^"]+)".*?</tr>', text, re.S)
    return {
        unit: re.search(rf'<tr id="u-{unit}".*?</tr>', text, re.S)[0]  # type: ignore[index]
        for unit in found
    }


def test_nothing_came_sent_back_and_a_part_are_told_apart_by_icon_word_and_colour(
    page: PlayedPage,
):
    text = page.visitor("phong-thu").get(f"{ROUND_PAGE}?open={DISTRICT}").text
    rows = rows_of(text)
    first, second, third = (page.site.ward(n) for n in range(3))

    assert "f-sent-back" in rows[first] and "↩" in rows[first]
    assert "Đã trả lại, chưa có bản sửa" in rows[first]
    assert "f-part" in rows[second] and "◐" in rows[second] and "Mới nhận một phần" in rows[second]
    assert "còn thiếu: D03-TS" in rows[second]
    assert "f-late" in rows[third] and "Đã nhận, trễ" in rows[third]


def test_what_is_to_be_done_stands_above_the_table_and_leads_to_just_those_units(
    page: PlayedPage,
):
    visitor = page.visitor("phong-thu")
    text = visitor.get(ROUND_PAGE).text
    found = re.search(r'href="([^"]+handoff=ward-return[^"]*)"><strong>(\d+)</strong>', text)
    assert found and text.index('id="todo"') < text.index('id="units"')
    path, count = found[1].replace("&amp;", "&"), int(found[2])
    shown = rows_of(visitor.get(path).text)
    wards = [unit for unit in shown if page.site.units[unit].kind == "ward"]

    assert len(wards) == count == 3, "one went back, one is a part, one of Quận 3 is silent"
    assert page.site.ward(2) not in shown, "late, and done"


def test_one_late_ward_does_not_paint_its_district_red(page: PlayedPage):
    row = rows_of(page.visitor("phong-thu").get(ROUND_PAGE).text)[DISTRICT]

    assert "1/3" in row and "</span> 2<span" in row
    widths = [int(width) for width in re.findall(r'<rect class="s-[^>]*width="(\d+)"', row)]
    assert sum(widths[-3:]) in range(1000, 1004)


def test_wards_are_opened_in_place_and_stay_open_in_a_refresh(page: PlayedPage):
    visitor = page.visitor("phong-thu")
    closed, opened = visitor.get(ROUND_PAGE).text, visitor.get(f"{ROUND_PAGE}?open={DISTRICT}").text

    assert page.site.ward(0) not in rows_of(closed)
    assert page.site.ward(0) in rows_of(opened)
    assert f'hx-get="{ROUND_PAGE}?open={DISTRICT}" hx-trigger="every' in opened


@pytest.mark.parametrize(
    ("query", "units"),
    [("q=quan 3", ["770"]), ("q=khong co", []), ("show=late&handoff=ward-return", ["760"])],
)
def test_units_are_found_by_name_without_marks_and_by_what_they_owe(
    page: PlayedPage, query: str, units: list[str]
):
    shown = rows_of(page.visitor("phong-thu").get(f"{ROUND_PAGE}?{query}".replace(" ", "+")).text)

    assert [unit for unit in shown if page.site.units[unit].kind == "district"] == units


def test_nothing_is_sent_again_as_long_as_nothing_happens(page: PlayedPage):
    visitor = page.visitor("phong-thu")
    mark = visitor.get(ROUND_PAGE).headers["etag"]
    again = visitor.get(ROUND_PAGE, If_None_Match=mark)
    english = page.visitor("phong-thu")
    english.cookies["language"] = "en"

    assert (again.status, again.body) == (304, b"")
    assert english.get(ROUND_PAGE, If_None_Match=mark).status == 200
    assert page.visitor("quan-1").get(ROUND_PAGE, If_None_Match=mark).status == 200


def test_what_happens_is_seen_at_the_next_look(own_page: PlayedPage):
    visitor = own_page.visitor("phong-thu")
    mark = visitor.get(ROUND_PAGE).headers["etag"]
    drop = own_page.dropped_by(own_page.site.ward(1))
    own_page.books.drops.override(drop.id, "reject", "thử", own_page.clock())

    assert visitor.get(ROUND_PAGE, If_None_Match=mark).status == 200


def test_it_speaks_english_to_who_asks_for_it(page: PlayedPage):
    visitor = page.visitor("phong-thu")
    answer = visitor.get(f"/language/en?back={ROUND_PAGE}")

    assert answer.headers["location"] == ROUND_PAGE
    assert "To do today" in visitor.get(ROUND_PAGE).text
    assert "Việc cần làm hôm nay" in page.visitor("phong-thu").get(ROUND_PAGE).text


@pytest.mark.parametrize("path", ["/rounds/abc", "/rounds/2015Q5", "/nowhere", "/static/../app.py"])
def test_what_is_not_there_is_said_in_one_sentence(page: PlayedPage, path: str):
    answer = page.visitor("phong-thu").get(path)

    assert answer.status == 404 and "Không có trang hoặc dữ liệu này." in answer.text


def test_a_file_that_lies_there_is_told_to_those_whose_it_is(own_page: PlayedPage):
    ward = own_page.site.ward(0)
    lies = Lying("main", "sai chỗ/danh sách.xlsx", Why.ELSEWHERE, ward, own_page.clock())
    own_page.books.looks.lie("main", [lies])
    round_ = own_page.visitor("phong-thu").get(ROUND_PAGE).text

    assert "/drops#lying" in round_ and "tệp nằm đó mà chưa nhận được" in round_
    assert "sai chỗ/danh sách.xlsx" in own_page.visitor(f"xa-{ward}").get("/drops").text
    assert "sai chỗ" not in own_page.visitor("quan-3").get("/drops").text
