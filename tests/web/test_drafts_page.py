"""A draft is approved on the page, by somebody who saw first what it changes."""

from __future__ import annotations

import re

import pytest

from bhyt_filedrop.domain.drops.drop import Drop
from tests.journey.parties import kids, lists, own
from tests.journey.test_register import REGISTER, cost_list, export
from tests.web.played import SEEN_AT, PlayedPage


@pytest.fixture
def draft(own_page: PlayedPage) -> Drop:
    """Forms 1 and 2 are drafted, after CNTT had sent a form 2 of its own with twenty children."""
    site = own_page.site
    site.clock.now = SEEN_AT
    site.drop("cntt", "ket xuat.xlsx", export(kids(site, 20)[:8]), REGISTER)
    return drafted(own_page, 20)


def drafted(page: PlayedPage, count: int) -> Drop:
    """The drafts that are made of a cost list with so many children."""
    site = page.site
    cost_list(site, kids(site, 20)[:count])
    site.once()
    return own(site, "card-drafts")[-1]


def brief_of(page: str) -> str:
    """What stands before the decision, as text."""
    before = page.partition('<form class="card form"')[0].partition("Trước khi quyết định")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", before).split())


def test_a_draft_is_approved_by_who_saw_what_changes(own_page: PlayedPage, draft: Drop):
    visitor = own_page.visitor("phong-thu")
    shown = visitor.get(f"/drops/{draft.id}").text
    deciding = shown.partition('<form class="card form"')[2]

    assert "Duyệt bản nháp" in deciding and " checked" not in deciding
    assert "Phòng Nghiệp vụ giám định 1 8 bản đầu tiên" in brief_of(shown), "nobody sent form 1"
    assert "Phòng Thu 12 thêm 12 bớt 20" in brief_of(shown), "against what CNTT typed"
    assert visitor.get(f"/drops/{draft.id}?balance=1").status == 200

    for name in ("quan-1", f"xa-{own_page.site.ward(0)}"):
        assert own_page.visitor(name).get(f"/drops/{draft.id}").status == 404, "many units' rows"

    path, why = f"/drops/{draft.id}/decide", "đã đối chiếu kết xuất thẻ"
    assert visitor.post(path, {"action": "approve", "why": " "}).status == 400
    done = visitor.post(path, {"action": "approve", "why": why})
    assert done.status == 303, done.text
    word = next(d for _, kind, d in own_page.books.drops.history(draft.id) if kind == "approved")
    assert (word["who"], word["why"]) == ("phong-thu", why)
    own_page.site.once()
    assert [one.rows for one in lists(own_page.site, "carded")] == [8]
    assert visitor.post(path, {"action": "approve", "why": why}).status == 409, "once"

    again = visitor.get(f"/drops/{drafted(own_page, 18).id}").text
    assert "Phòng Thu 10 bớt 2 " in brief_of(again), "against the draft that was approved"
    assert "sửa" not in brief_of(again)
