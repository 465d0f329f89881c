"""Handing files in on the page: the same path as a drop, and a check that keeps nothing."""

from __future__ import annotations

import io
import socket
import time
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import select

from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.edges.ledger import schema
from bhyt_filedrop.edges.ledger.handinbook import LedgerHandIns
from bhyt_filedrop.edges.ledger.store import reading
from bhyt_filedrop.ports import TryLater
from bhyt_filedrop.web import forms
from bhyt_filedrop.wiring import handing_in, judges
from tests.journey.parties import form
from tests.journey.site import DISTRICT
from tests.web.played import SEEN_AT, SIGNED_UP, Answer, PlayedPage, Visitor

WARD = 1
"""The ward whose list is a part so far."""


def ward_list(page: PlayedPage, faults: tuple[str, ...] = (), count: int = 2) -> bytes:
    ward = page.site.ward(WARD)
    mine = [one for one in page.children_of(DISTRICT) if one.ward == ward]
    return form(page.site, "form-4", ward, mine[:count], faults)


def at_the_form(page: PlayedPage, name: str, unit: str) -> Visitor:
    visitor = page.visitor(name)
    assert visitor.get(f"/units/{unit}/send").status == 200
    return visitor


def files_left(page: PlayedPage) -> list[Path]:
    """What lies in the archive's workspace, in which parcels live."""
    left = page.books.archive.workspace
    return [one for one in left.rglob("*") if one.is_file()]


def dropped(page: PlayedPage, unit: str) -> list[Path]:
    folder = page.site.folder(unit)
    return sorted(one for one in folder.iterdir() if one.is_file())


def test_a_file_handed_in_is_put_whole_and_taken_as_any_drop(own_page: PlayedPage):
    """Two of one name do not meet; who did it, why and from where stands in the ledger."""
    ward, data = own_page.site.ward(WARD), ward_list(own_page)
    visitor = at_the_form(own_page, f"xa-{ward}", ward)
    wish = {"action": "send", "why": "máy ở phường hỏng"}
    first = visitor.upload_as(f"/units/{ward}/send", wish, [("mẫu 4.xlsx", data)])
    second = visitor.upload_as(f"/units/{ward}/send", wish, [("C:\\tệp\\mẫu 4.xlsx", data)])

    assert (first.status, second.status) == (303, 303), first.text
    assert [one.read_bytes() for one in dropped(own_page, ward)] == [data, data]
    assert all(one.name.startswith("mẫu 4 - nộp ") for one in dropped(own_page, ward))
    waiting = visitor.get(first.headers["location"]).text
    assert "chờ hệ thống nhận" in waiting and "hx-get" in waiting

    own_page.site.clock.now = SEEN_AT
    own_page.site.once()
    told = visitor.get(first.headers["location"])
    drop = told.text.partition('href="/drops/')[2].partition('"')[0]
    shown = visitor.get(f"/drops/{drop}").text
    assert "hx-get" not in told.text, "there is nothing to wait for any more"
    assert f"Nộp trên trang bởi xa-{ward}: máy ở phường hỏng" in shown
    mark = first.headers["location"].rpartition("=")[2]
    given = LedgerHandIns(own_page.books.engine).of_mark(mark)
    assert given and (given.by, given.address, given.size) == (f"xa-{ward}", "127.0.0.1", len(data))
    assert files_left(own_page) == []


def test_a_reason_is_needed_to_hand_in_and_no_name_of_a_temporary_file_is_taken(
    own_page: PlayedPage,
):
    ward = own_page.site.ward(WARD)
    visitor, path = at_the_form(own_page, "phong-thu", ward), f"/units/{ward}/send"
    send = {"action": "send", "why": "gửi qua thư"}
    answers = [
        visitor.upload(path, {**send, "why": " "}, danh_sach=b"x"),
        visitor.upload(path, send),
        visitor.upload(path, {**send, "action": ""}, danh_sach=b"x"),
        visitor.upload_as(path, send, [("~$mẫu 4.xlsx", b"x")]),
        visitor.upload_as(path, send, [("../../.htaccess", b"x")]),
        visitor.upload(path, {**send, "subfolder": "../Quận 3"}, danh_sach=b"x"),
        visitor.upload(path, send, rong=b""),
    ]

    assert [one.status for one in answers] == [400, 400, 400, 409, 409, 409, 409]
    assert dropped(own_page, ward) == []
    assert files_left(own_page) == []


def test_size_and_number_of_files_are_bounded_and_nothing_of_a_stranger_is_taken_in(
    own_page: PlayedPage, monkeypatch: pytest.MonkeyPatch
):
    ward = own_page.site.ward(WARD)
    visitor, path = at_the_form(own_page, "phong-thu", ward), f"/units/{ward}/send"
    wish = {"action": "send", "why": "thử"}
    many = visitor.upload(path, wish, **{f"t{n}": b"x" for n in range(forms.MAX_FILES + 1)})
    monkeypatch.setattr(forms, "MAX_FORM", 2_000 - own_page.server.office.settings.limits.max_bytes)
    big = visitor.upload(path, wish, to=b"x" * 4_000)
    read: list[object] = []
    monkeypatch.setattr(forms, "_with_files", lambda *asked: read.append(asked))
    stranger = own_page.visitor().upload(path, wish, to=b"x")

    assert (many.status, big.status) == (413, 413)
    assert "không quá 10 tệp" in many.text and "không quá 10 tệp" in big.text
    assert (stranger.status, read) == (303, [])
    assert stranger.headers["location"].startswith("/login")
    assert dropped(own_page, ward) == []


def test_a_line_that_breaks_in_the_middle_of_a_file_leaves_nothing_and_nobody_waits(
    own_page: PlayedPage, caplog: pytest.LogCaptureFixture
):
    ward = own_page.site.ward(WARD)
    visitor = at_the_form(own_page, "phong-thu", ward)
    cookies = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    head = (
        f"POST /units/{ward}/send HTTP/1.1\r\nHost: x\r\nCookie: {cookies}\r\n"
        "Sec-Fetch-Site: same-origin\r\nContent-Type: multipart/form-data; boundary=bound\r\n"
        "Content-Length: 100000\r\n\r\n--bound\r\n"
        'Content-Disposition: form-data; name="files"; filename="a.xlsx"\r\n\r\nhalf of it'
    )
    with socket.create_connection(own_page.server.address) as line:
        line.sendall(head.encode())
        time.sleep(0.3)
    time.sleep(0.3)

    assert visitor.get(f"/units/{ward}/send").status == 200
    assert [one for one in caplog.records if one.levelname == "ERROR"] == []
    assert dropped(own_page, ward) == [] and files_left(own_page) == []


def test_a_tree_that_takes_nothing_is_told_and_written_down(
    own_page: PlayedPage, monkeypatch: pytest.MonkeyPatch
):
    ward = own_page.site.ward(WARD)

    def away(_tree: object) -> object:
        raise TryLater("the server does not answer")

    monkeypatch.setattr(handing_in, "open_tree", away)
    visitor = at_the_form(own_page, "phong-thu", ward)
    wish = {"action": "send", "why": "gửi qua thư"}
    told = visitor.upload(f"/units/{ward}/send", wish, danh_sach=b"x" * 9)

    assert told.status == 503 and "không nhận tệp lúc này" in told.text
    with reading(own_page.books.engine) as connection:
        row = schema.events.c
        query = select(row.kind, row.detail).order_by(row.id.desc()).limit(2)
        (failed, why), (noted, _) = connection.execute(query).all()
    assert (noted, failed, why["error"]) == ("handed-in", "hand-in-failed", "TryLater")
    assert dropped(own_page, ward) == [] and files_left(own_page) == []


# --- checked first -------------------------------------------------------------------------------


def checked(page: PlayedPage, visitor: Visitor, unit: str, *files: tuple[str, bytes]) -> str:
    """Have files checked; return the path of what is said about them."""
    answer = visitor.upload_as(f"/units/{unit}/send", {"action": "check"}, files)
    assert answer.status == 303, answer.text
    return answer.headers["location"]


def verdict(visitor: Visitor, path: str, seconds: float = 60) -> Answer:
    """Look until the check is done."""
    until = time.monotonic() + seconds
    while "hx-get" in (answer := visitor.get(path)).text and time.monotonic() < until:
        time.sleep(0.1)
    assert answer.status == 200, answer.text
    return answer


def test_a_check_says_what_the_daemon_would_and_hands_in_the_very_bytes(own_page: PlayedPage):
    """The finding at its cell, the marked copy; nothing is in the ledger or the folder until the
    file is handed in, and nothing lies about after."""
    ward = own_page.site.ward(WARD)
    data = ward_list(own_page, ("row.birth-date-missing",))
    before = own_page.server.office.latest()
    visitor = at_the_form(own_page, "phong-thu", ward)
    path = checked(own_page, visitor, ward, ("mẫu 4.xlsx", data))
    told = verdict(visitor, path).text
    marked = visitor.get(f"{path}/marked?n=0&file=")

    assert "chưa nộp gì" in told and "phải trả lại" in told
    assert "row.birth-date-missing" in told and 'class="bad s-blocks"' in told
    book = openpyxl.load_workbook(io.BytesIO(marked.body))
    assert any(cell.comment for sheet in book for row in sheet.iter_rows() for cell in row)
    assert own_page.server.office.latest() == before and dropped(own_page, ward) == []

    seen = own_page.server.office.accounts.accesses(SIGNED_UP, SIGNED_UP + timedelta(days=1))
    did = {(one.account, one.did, one.unit, one.what.split()[0]) for one in seen}
    assert ("phong-thu", "opened", ward, "checked") in did
    assert ("phong-thu", "downloaded", ward, "marked") in did
    sent = visitor.post(path, {"action": "send", "why": "phường nhờ nộp"})
    assert sent.status == 303 and "/sent?marks=" in sent.headers["location"]
    assert [one.read_bytes() for one in dropped(own_page, ward)] == [data]
    assert files_left(own_page) == []
    assert visitor.get(path).status == 404
    own_page.site.clock.now = SEEN_AT
    own_page.site.once()
    (drop,) = own_page.books.drops.arrivals(limit=1)
    assert drop.state is State.RETURNED, "as it was foreseen"


@pytest.mark.long
def test_what_waits_for_another_list_is_foreseen_as_waiting(own_page: PlayedPage):
    """The ledger is asked: the ward's answer is held against what it was sent."""
    ward = own_page.site.ward(WARD)
    visitor = at_the_form(own_page, f"xa-{ward}", ward)
    path = checked(own_page, visitor, ward, ("mẫu 4.xlsx", ward_list(own_page, count=1)))
    told = verdict(visitor, path).text

    assert "chờ đủ danh sách" in told and "list.incomplete" in told


@pytest.mark.long
def test_several_files_are_checked_each_and_handed_in_together(own_page: PlayedPage):
    ward = own_page.site.ward(WARD)
    visitor = at_the_form(own_page, "phong-thu", ward)
    faulty = ward_list(own_page, ("row.birth-date-missing",))
    files = [("mẫu 4.xlsx", ward_list(own_page)), ("mẫu 4 sai.xlsx", faulty)]
    path = checked(own_page, visitor, ward, *files)
    told = verdict(visitor, path).text

    assert "nhận được" in told and "phải trả lại" in told
    assert "row.birth-date-missing" not in told
    assert "row.birth-date-missing" in visitor.get(f"{path}?n=1").text
    sent = visitor.post(path, {"action": "send", "why": "phường nhờ nộp"})
    assert {one.read_bytes() for one in dropped(own_page, ward)} == {faulty, files[0][1]}
    assert visitor.get(sent.headers["location"]).text.count("chờ hệ thống nhận") == 2


@pytest.mark.long
def test_nothing_of_what_was_only_checked_is_left(own_page: PlayedPage):
    """Dropped by hand, in favour of other files, by signing out, when its time is over, when the
    page ends."""
    ward, data = own_page.site.ward(WARD), b"%PDF-1.4\n%%EOF\n"
    parcels = own_page.server.office.parcels
    visitor = at_the_form(own_page, "phong-thu", ward)
    first = checked(own_page, visitor, ward, ("công văn.pdf", data))
    verdict(visitor, first)
    assert len(files_left(own_page)) == 1
    second = checked(own_page, visitor, ward, ("công văn 2.pdf", data))
    verdict(visitor, second)
    assert visitor.get(first).status == 404 and len(files_left(own_page)) == 1
    assert visitor.post(second, {"action": "drop"}).status == 303
    assert files_left(own_page) == []

    verdict(visitor, checked(own_page, visitor, ward, ("công văn.pdf", data)))
    visitor.post("/logout", {})
    assert files_left(own_page) == []

    parcels.lifetime = 0.5
    visitor = at_the_form(own_page, "phong-thu", ward)
    path = checked(own_page, visitor, ward, ("công văn.pdf", data))
    time.sleep(0.8)
    assert visitor.get(path).status == 404 and files_left(own_page) == []

    parcels.lifetime = 600
    checked(own_page, visitor, ward, ("công văn.pdf", data))
    own_page.server.office.close()
    assert files_left(own_page) == []


@pytest.mark.long
def test_a_file_that_takes_too_long_is_told_so_and_the_next_one_is_checked_all_the_same(
    own_page: PlayedPage, monkeypatch: pytest.MonkeyPatch
):
    ward = own_page.site.ward(WARD)
    visitor = at_the_form(own_page, "phong-thu", ward)
    with monkeypatch.context() as patch:
        patch.setattr(judges, "LONGEST", 0.05)
        path = checked(own_page, visitor, ward, ("mẫu 4.xlsx", ward_list(own_page)))
        told = verdict(visitor, path).text
    assert "quá hai phút" in told and "vẫn nộp được" in told

    path = checked(own_page, visitor, ward, ("mẫu 4.xlsx", ward_list(own_page)))
    assert "nhận được" in verdict(visitor, path).text


@pytest.mark.long
def test_what_one_checks_nobody_else_sees(own_page: PlayedPage):
    """Not even who may see the unit: it is not handed in."""
    ward = own_page.site.ward(WARD)
    visitor = at_the_form(own_page, f"xa-{ward}", ward)
    path = checked(own_page, visitor, ward, ("mẫu 4.xlsx", ward_list(own_page)))
    verdict(visitor, path)
    for other in ("quan-1", "phong-thu", "quan-tri"):
        found = own_page.visitor(other)
        assert [found.get(path).status, found.get(f"{path}/marked").status] == [404, 404]
        assert found.get("/account").status == 200
        assert found.post(path, {"action": "send", "why": "x"}).status == 404
    assert visitor.get(path).status == 200
