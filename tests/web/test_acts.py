"""What is done on the page is what the command of the same name does, with reason and name."""

from __future__ import annotations

import io
import json
from datetime import date

import openpyxl
import pytest

from tests.journey.site import DISTRICT
from tests.web.played import Answer, PlayedPage, Visitor


def send(visitor: Visitor, path: str, **fields: str) -> Answer:
    visitor.get("/account")
    return visitor.post(path, fields)


def debt(page: PlayedPage, unit: str) -> dict[str, object]:
    told = json.loads(page.visitor("phong-thu").get(f"/api/v1/units/{unit}").text)
    (found,) = (one for one in told["obligations"] if one["handoff"] == "ward-return")
    return dict(found)


def about(page: PlayedPage, **more: str) -> dict[str, str]:
    return {"handoff": "ward-return", "round": "2015Q1", "receiver": DISTRICT, **more}


def test_a_day_that_was_promised_an_extension_and_a_call_stand_where_the_debt_is_told(
    own_page: PlayedPage,
):
    ward, visitor = own_page.site.ward(1), own_page.visitor("phong-thu")
    path = f"/units/{ward}/arrange"
    called = send(visitor, path, **about(own_page, action="acknowledge", why="đã gọi chị Lan"))
    assert called.status == 303
    assert "đã gọi chị Lan" in visitor.get(f"/units/{ward}").text
    until = about(own_page, action="extend", until="2015-06-30", why="công văn 12")
    assert send(visitor, path, **until).status == 303
    found = debt(own_page, ward)

    assert (found["standing"], found["due"]) == ("partly", date(2015, 6, 30).isoformat())
    assert found["extension"]["by"] == "phong-thu"  # type: ignore[index]
    undone = send(
        visitor,
        f"/units/{ward}/undo",
        number=str(found["extension"]["id"]),  # type: ignore[index]
        why="ghi nhầm",
    )
    assert undone.status == 303
    assert debt(own_page, ward)["standing"] == "overdue"


@pytest.mark.parametrize(
    ("fields", "status", "says"),
    [
        ({"action": "extend", "until": "2015-06-30", "why": " "}, 400, "Phải ghi lý do"),
        ({"action": "", "why": "x"}, 400, "Chưa chọn việc nào"),
        ({"action": "extend", "until": "", "why": "x"}, 409, "Phải ghi đến ngày nào"),
        ({"action": "extend", "until": "2015-06-01", "why": "x"}, 409, "phải sau hạn"),
        ({"action": "snooze", "until": "2015-06-01", "why": "x"}, 409, "đã qua"),
    ],
)
def test_what_would_say_nothing_is_refused_in_one_sentence_and_changes_nothing(
    own_page: PlayedPage, fields: dict[str, str], status: int, says: str
):
    ward, visitor = own_page.site.ward(1), own_page.visitor("phong-thu")
    answer = send(visitor, f"/units/{ward}/arrange", **about(own_page, **fields))

    assert (answer.status, says in answer.text) == (status, True)
    assert debt(own_page, ward)["arranged"] is None
    assert debt(own_page, ward)["extension"] is None


def test_a_drop_that_waits_is_let_go_on_with_reason_and_name(own_page: PlayedPage):
    drop, visitor = own_page.dropped_by(own_page.site.ward(1)), own_page.visitor("phong-thu")
    shown = visitor.get(f"/drops/{drop.id}").text
    decided = send(visitor, f"/drops/{drop.id}/decide", action="release", why="phường xác nhận")
    event = own_page.books.drops.history(drop.id)[-1]

    assert 'value="release"' in shown and 'value="reject"' in shown
    assert " checked" not in shown, "nothing is chosen beforehand"
    assert decided.status == 303
    assert (event[1], event[2]["why"], event[2]["who"]) == (
        "release",
        "phường xác nhận",
        "phong-thu",
    )
    assert send(visitor, f"/drops/{drop.id}/decide", action="release", why="lần nữa").status == 409


def test_a_letter_is_sent_again_with_reason_and_name(own_page: PlayedPage):
    key, visitor = own_page.letter_to(own_page.site.ward(0)), own_page.visitor("quan-tri")
    before = own_page.books.letters.counts().get("due", 0)
    sent = send(visitor, f"/letters/{key}/again", why="đổi địa chỉ")

    assert sent.status == 303
    assert own_page.books.letters.counts()["due"] == before + 1


def test_the_paper_copies_are_ticked_by_who_got_them(own_page: PlayedPage):
    visitor = own_page.visitor("quan-1")
    page = visitor.get("/papers/2015Q1").text
    assert f"/units/{DISTRICT}/papers" in page and "/units/770/papers" not in page
    form = {"round": "2015Q1", "handoff": "district-list", "why": "đủ 14 bản"}
    came = send(visitor, f"/units/{DISTRICT}/papers", action="came", **form)

    assert came.status == 303
    assert "đủ 14 bản" in visitor.get("/papers/2015Q1").text
    assert send(visitor, f"/units/{DISTRICT}/papers", action="came", **form).status == 409
    assert send(visitor, f"/units/{DISTRICT}/papers", action="not-there", **form).status == 303


def test_the_cover_list_of_a_bundle_stands_beside_its_tick_to_be_printed(own_page: PlayedPage):
    """On the page and as a workbook: the same children, each once."""
    visitor = own_page.visitor("quan-1")
    listed = visitor.get("/papers/2015Q1").text
    path = f"/units/{DISTRICT}/papers/2015Q1"
    assert f'href="{path}"' in listed
    shown = visitor.get(path).text
    book = openpyxl.load_workbook(io.BytesIO(visitor.get(f"{path}/excel").body))
    cells = [str(cell) for row in book.active.iter_rows(values_only=True) for cell in row]

    assert "Chưa ghi là đã nhận" in shown and "data-print" in shown
    children = own_page.children_of(DISTRICT)
    assert children and all(f">{child.name}</th>" in shown for child in children)
    assert all(cells.count(child.name) == 1 for child in children)

    form = {"round": "2015Q1", "handoff": "district-list", "why": "đủ bản"}
    send(visitor, f"/units/{DISTRICT}/papers", action="came", **form)
    assert "đủ bản" in visitor.get(path).text
    assert visitor.get(f"/units/{DISTRICT}/papers/2014Q4").status == 409


def test_what_one_may_not_do_is_not_shown_and_not_done(own_page: PlayedPage):
    ward = own_page.site.ward(1)
    drop = own_page.dropped_by(ward)
    for name in ("ban-giam-doc", f"xa-{ward}", "quan-1"):
        visitor = own_page.visitor(name)
        shown = visitor.get(f"/drops/{drop.id}").text + visitor.get(f"/units/{ward}").text

        assert "/decide" not in shown and "/arrange" not in shown, name
        tried = send(visitor, f"/drops/{drop.id}/decide", action="release", why="thử")
        assert tried.status == 404, name
        tried = send(visitor, f"/units/{ward}/arrange", **about(own_page, action="acknowledge"))
        assert tried.status == 404, name
    assert own_page.books.drops.get(drop.id).override is None  # type: ignore[union-attr]


def test_who_decides_sees_first_for_whom_how_many_and_what_kept_it(own_page: PlayedPage):
    drop, visitor = own_page.dropped_by(own_page.site.ward(1)), own_page.visitor("phong-thu")
    text = visitor.get(f"/drops/{drop.id}").text
    balanced = visitor.get(f"/drops/{drop.id}?balance=1")
    before, _, deciding = text.partition('<form class="card form"')

    assert "bản đầu tiên" in before.partition("Trước khi quyết định")[2]
    assert "Ghi quyết định" in deciding
    assert balanced.status == 200 and "Xem cả cân đối" not in balanced.text
    assert "Trước khi quyết định" not in own_page.visitor("quan-1").get(f"/drops/{drop.id}").text


def test_an_extension_shows_on_the_day_it_gives_and_takes_the_word_late_away(own_page: PlayedPage):
    """Also where it is written down after the list has come; nobody reads of another's."""
    ward, visitor = own_page.site.ward(1), own_page.visitor("phong-thu")
    drop, name = own_page.dropped_by(ward), own_page.site.units[ward].name
    before = visitor.get(f"/drops/{drop.id}").text
    until = about(own_page, action="extend", until="2015-06-30", why="công văn 12")
    send(visitor, f"/units/{ward}/arrange", **until)
    pages = [f"/drops/{drop.id}", "/drops", f"/units/{ward}"]
    after = [visitor.get(path).text for path in pages]

    assert "trễ" in before and all("trong hạn đã gia hạn" in text for text in after)
    assert json.loads(visitor.get(f"/api/v1/drops/{drop.id}").text)["late"] is False
    assert f"gia hạn: {name}" in visitor.get("/calendar/2015-06").text
    neighbour = own_page.visitor(f"xa-{own_page.site.ward(0)}")
    assert "gia hạn" not in neighbour.get("/calendar/2015-06").text
    (due,) = (
        one
        for one in json.loads(visitor.get("/api/v1/calendar/2015Q1").text)["handoffs"]
        if one["id"] == "ward-return"
    )
    assert [(one["last_day"], one["units"]) for one in due["extended"]] == [("2015-06-30", [ward])]


def test_a_promised_day_stands_in_the_month_for_those_who_may_know_of_it(own_page: PlayedPage):
    ward, visitor = own_page.site.ward(1), own_page.visitor("phong-thu")
    until = about(own_page, action="snooze", until="2015-06-23", why="đã gọi chị Lan")
    send(visitor, f"/units/{ward}/arrange", **until)
    said = f"hẹn: {own_page.site.units.full_name(own_page.site.units[ward])}"

    assert said in visitor.get("/calendar/2015-06").text
    neighbour = own_page.visitor(f"xa-{own_page.site.ward(0)}")
    assert "hẹn: " not in neighbour.get("/calendar/2015-06").text
