"""The configuration on the page: another one is tried before it is in force, and none is lost."""

from __future__ import annotations

import html
import io
import os
import re
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from bhyt_filedrop.cli import cli
from bhyt_filedrop.settings import load
from bhyt_filedrop.site.proposals import MACHINE
from bhyt_filedrop.site.versions import files_in
from bhyt_filedrop.wiring.books import versions_of
from tests.sites import replaced
from tests.web.played import Answer, PlayedPage, Visitor

DUE, EARLIER = "month = 3, day = 15 }", "month = 3, day = 11 }"


def admin(page: PlayedPage) -> Visitor:
    found = page.visitor("quan-tri")
    found.get("/config")
    return found


def text_of(page: PlayedPage, name: str) -> str:
    return files_in(page.site.config)[name]


def propose(visitor: Visitor, **fields: str) -> str:
    """Send another configuration; return where it is tried."""
    answer = visitor.upload_as("/config/try", fields, [])
    assert answer.status == 303, answer.text
    return answer.headers["location"]


def edited(page: PlayedPage, visitor: Visitor, name: str, old: str, new: str) -> str:
    """Change one file in its form, as a browser sends it; return where it is tried."""
    form = visitor.get(f"/config/files/{name}").text
    shown = re.findall(r"<textarea.*?>\n(.*?)</textarea>", form, flags=re.DOTALL)[0]
    sent = html.unescape(shown).replace(old, new).replace("\n", "\r\n")
    return propose(visitor, action="file", name=name, text=sent)


def use(visitor: Visitor, where: str, why: str = "họp ngày 10/06") -> Answer:
    return visitor.post(f"{where}/use", {"why": why})


def numbers(page: PlayedPage) -> list[int]:
    return [one.number for one in versions_of(page.books).versions()]


def said(answer: Answer) -> str:
    return html.unescape(answer.text)


# --- tried -------------------------------------------------------------------------------------


def test_what_an_edit_would_change_is_said_as_the_command_says_it_and_nothing_changes(
    page: PlayedPage, tmp_path: Path
):
    before = files_in(page.site.config)
    visitor = admin(page)
    told = said(visitor.get(edited(page, visitor, "process.toml", DUE, EARLIER)))

    other = tmp_path / "other"
    for name, text in before.items():
        (other / name).parent.mkdir(parents=True, exist_ok=True)
        (other / name).write_text(text, encoding="utf-8")
    replaced(other / "process.toml", DUE, EARLIER)
    config, now = str(page.site.config), page.clock().isoformat()
    asked = ["config", "try", str(other), "--config", config, "--now", now]
    lines = [x.strip() for x in CliRunner().invoke(cli, asked).output.splitlines()]
    debts = [line for line in lines if "chậm nhất ngày 11/06/2015" in line]
    assert debts
    assert [line for line in debts if line not in told] == []
    assert "-due = { month = 3, day = 15 }" in told and "+due = { month = 3, day = 11 }" in told
    assert files_in(page.site.config) == before


def test_a_form_that_was_not_touched_changes_nothing(page: PlayedPage):
    """No file is spoilt by line ends, a mark at its head, or a last line, on its way and back."""
    visitor = admin(page)
    for name in files_in(page.site.config):
        if name == MACHINE:
            continue
        form = visitor.get(f"/config/files/{name}").text
        shown = re.findall(r"<textarea.*?>\n(.*?)</textarea>", form, flags=re.DOTALL)[0]
        sent = html.unescape(shown).replace("\n", "\r\n")
        fields = {"action": "file", "name": name, "text": sent}
        answer = visitor.upload_as("/config/try", fields, [])
        assert (answer.status, "không khác gì" in answer.text) == (409, True), name


def test_all_that_is_wrong_is_named_and_it_cannot_be_put_in_force(page: PlayedPage):
    before = files_in(page.site.config)
    visitor = admin(page)
    where = edited(page, visitor, "process.toml", 'receiver = "thu"', 'receiver = "thuu"')
    told = said(visitor.get(where))

    assert "không có đơn vị này" in told or "thuu" in told
    assert told.count("thuu") > 2
    assert "/use" not in told
    assert use(visitor, where).status == 409
    assert files_in(page.site.config) == before


def test_a_zip_of_the_folder_is_tried_whole_and_the_machines_file_stays(own_page: PlayedPage):
    files = dict(files_in(own_page.site.config))
    files["process.toml"] = files["process.toml"].replace(DUE, EARLIER)
    files[MACHINE] = 'state = "/elsewhere"\n'
    visitor = admin(own_page)
    packed = a_zip({f"cau-hinh/config/{name}": text for name, text in files.items()})
    answer = visitor.upload_as("/config/try", {"action": "upload"}, [("moi.zip", packed)])
    where = answer.headers["location"]
    told = said(visitor.get(where))

    assert "chậm nhất ngày 11/06/2015" in told and "elsewhere" not in told
    assert use(visitor, where).status == 303
    assert "elsewhere" not in text_of(own_page, MACHINE)
    assert EARLIER in text_of(own_page, "process.toml")


def test_one_file_is_taken_by_its_name(page: PlayedPage):
    table = text_of(page, "units.csv").replace("Quận 3,", "Quận Ba,")
    visitor = admin(page)
    sent = [("C:\\tải về\\units.csv".rpartition("\\")[2], table.encode())]
    answer = visitor.upload_as("/config/try", {"action": "upload"}, sent)

    assert "Quận 3 → Quận Ba" in said(visitor.get(answer.headers["location"]))


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("ghi chú.txt", b"x", "không có tệp"),
        (MACHINE, b"state = 'x'", "Không sửa"),
        ("units.csv", "Quận".encode("utf-16"), "không phải UTF-8"),
        ("moi.zip", b"PK\x05\x06" + bytes(18), "không khác gì|không có|lỗi"),
        ("trống.toml", b"", "Chưa chọn tệp"),
    ],
)
def test_what_is_no_configuration_is_refused_in_a_sentence(
    page: PlayedPage, name: str, data: bytes, reason: str
):
    visitor = admin(page)
    answer = visitor.upload_as("/config/try", {"action": "upload"}, [(name, data)])
    if answer.status == 303:
        answer = visitor.get(answer.headers["location"])

    assert answer.status in (200, 409)
    assert re.search(reason, said(answer))
    assert "/use" not in answer.text


def test_a_zip_that_unpacks_to_too_much_or_climbs_out_is_not_taken(page: PlayedPage):
    before = files_in(page.site.config)
    visitor = admin(page)
    big = a_zip({"process.toml": "# " + "x" * (9 << 20)})
    climbing = a_zip({**before, "../units.csv": "hỏng", "forms/sâu/x.toml": "hỏng", "run.py": "1"})

    answer = visitor.upload_as("/config/try", {"action": "upload"}, [("a.zip", big)])
    assert (answer.status, "không mở được" in answer.text) == (409, True)
    answer = visitor.upload_as("/config/try", {"action": "upload"}, [("b.zip", climbing)])
    assert (answer.status, "không khác gì" in answer.text) == (409, True)


def a_zip(files: dict[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in files.items():
            made.writestr(name, text)
    return packed.getvalue()


# --- in force, and back ------------------------------------------------------------------------


def test_it_is_put_in_force_with_a_reason_and_kept_with_who_and_why(own_page: PlayedPage):
    visitor = admin(own_page)
    where = edited(own_page, visitor, "process.toml", DUE, EARLIER)
    assert use(visitor, where, "  ").status == 409
    assert DUE in text_of(own_page, "process.toml"), "a reason is needed"

    assert use(visitor, where).headers["location"] == "/config?done=use"
    assert load(own_page.site.config).process.handoffs["ward-return"].due.day == 11  # type: ignore[union-attr]
    last = versions_of(own_page.books).versions()[-1]
    assert (last.by, last.why, last.changed) == ("quan-tri", "họp ngày 10/06", ("process.toml",))
    assert "họp ngày 10/06" in visitor.get("/config").text
    assert visitor.get(where).status == 404, "it is used once"


def test_a_version_of_before_can_be_had_back_after_seeing_what_that_changes(own_page: PlayedPage):
    visitor = admin(own_page)
    use(visitor, edited(own_page, visitor, "process.toml", DUE, EARLIER))
    every = numbers(own_page)
    shown = said(visitor.get(f"/config/versions/{numbers(own_page)[-1]}"))
    assert "+due = { month = 3, day = 11 }" in shown
    where = propose(visitor, action="version", number=str(every[-2]))

    assert "chậm nhất ngày 11/06/2015 → chậm nhất ngày 15/06/2015" in said(visitor.get(where))
    assert use(visitor, where, "ghi nhầm").status == 303
    assert DUE in text_of(own_page, "process.toml")
    assert len(numbers(own_page)) == len(every) + 1


def test_what_was_tried_over_another_configuration_is_tried_again(own_page: PlayedPage):
    visitor = admin(own_page)
    where = edited(own_page, visitor, "process.toml", DUE, EARLIER)
    replaced(own_page.site.config / "process.toml", "remind_at = 08:00:00", "remind_at = 07:30:00")

    assert "xin thử lại" in visitor.get(where).text
    assert use(visitor, where).status == 409
    assert "07:30:00" in text_of(own_page, "process.toml")


def test_a_service_that_may_not_write_says_what_to_do(
    page: PlayedPage, monkeypatch: pytest.MonkeyPatch
):
    visitor = admin(page)
    where = edited(page, visitor, "process.toml", DUE, EARLIER)
    monkeypatch.setattr(os, "access", lambda *_args, **_more: False)

    assert "dùng lệnh config" in visitor.get(where).text
    assert use(visitor, where).status == 409
    assert DUE in text_of(page, "process.toml")


def test_what_is_the_machines_is_shown_nowhere(own_page: PlayedPage):
    marked = 'from_name = "tên chỉ có ở máy"'
    replaced(own_page.site.config / MACHINE, 'from_name = ""', marked)
    visitor = admin(own_page)
    use(visitor, edited(own_page, visitor, "process.toml", DUE, EARLIER))
    replaced(own_page.site.config / MACHINE, "tên chỉ có ở máy", "tên khác của máy")
    use(visitor, edited(own_page, visitor, "process.toml", EARLIER, DUE))
    pages = ["/config", f"/config/files/{MACHINE}", *(f"/config/versions/{n}" for n in range(1, 6))]
    shown = [said(visitor.get(path)) for path in pages]

    assert visitor.get(f"/config/files/{MACHINE}").status == 404
    assert any("Tệp của máy" in text for text in shown)
    assert [text for text in shown if "chỉ có ở máy" in text or "tên khác" in text] == []


def test_a_proposal_is_its_admins_own(page: PlayedPage):
    visitor = admin(page)
    made = edited(page, visitor, "units.csv", "Quận 3,", "Quận Ba,").rpartition("/")[2]
    proposals = page.server.office.proposals

    assert proposals.find(made, "quan-tri") is not None
    assert proposals.find(made, "quan-tri-khac") is None
