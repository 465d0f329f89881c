"""Every kind of letter as a clerk reads it: complete, one subject line, nothing injected."""

from __future__ import annotations

import ast
import shutil
from dataclasses import replace
from email import message_from_bytes, policy

import pytest
from jinja2 import TemplateError

from bhyt_filedrop import resources
from bhyt_filedrop.domain.findings import finding
from bhyt_filedrop.domain.letters import letter as letters
from bhyt_filedrop.domain.letters.letter import Arrival, Attachment, Enclosed, Letter
from bhyt_filedrop.domain.letters.mailing import DueLetter
from bhyt_filedrop.domain.owed.obligations import DeliveredIndex
from bhyt_filedrop.domain.owed.reminders import owed
from bhyt_filedrop.domain.process.calendar import WorkingDays
from bhyt_filedrop.domain.process.units import Unit, Units
from bhyt_filedrop.edges.mail.compose import From, LetterComposer
from bhyt_filedrop.edges.mail.templates import MailTemplates
from tests.cities import as_shipped
from tests.imports import sources
from tests.offices import LISTS_REACHED_WARDS, PROCESS, ROUND, UNITS, gave, moment

TEMPLATES = resources.templates_dir() / "mail"
NOW = moment(6, 16)
EVIL = '<script>alert("x")</script>\r\nBcc: a@b.vn'

ARRIVAL = Arrival(
    "d-1", "760", "BHXH Quận 1", "mẫu 3.xlsx", NOW, "Kết quả của quận, huyện",
    "Đợt 1 năm 2015", True, "trước ngày 25/06/2015", 12,
)  # fmt: skip
FOUND = [
    finding("row.reason-missing", "Trẻ ở dòng 14 chưa ghi lý do.", "Ghi lý do vào cột Ghi chú.",
            sheet="Mẫu 3", cell="L14", row=14),
    finding("row.number-gap", "Số thứ tự nhảy từ 3 sang 5.", "Đánh lại số.", sheet="Mẫu 3", row=9),
    finding("file.disguised", "Tệp là trang HTML.", "", file="gốc.xls"),
]  # fmt: skip

ARRIVALS = [
    letters.receipt(ARRIVAL, FOUND[1:], delivered_to=["Phòng Thu"], corrects=True),
    letters.returned(ARRIVAL, FOUND, folder="Quận 1/Trả lại", annotated_name="mẫu 3 (lỗi).xlsx",
                     attachment=Attachment("mẫu 3 (lỗi).xlsx", "ab")),
    letters.delivered(ARRIVAL, "thu", folder="Phòng Thu/Đến", stored_name="Quận 1.xlsx",
                      findings=FOUND[1:], next_step="Xin tổng hợp, chậm nhất ngày 27/06/2015."),
    letters.held(ARRIVAL, ["D03-TS"]),
    letters.sent_for(ARRIVAL, [("UBND Phường Bến Nghé, Quận 1", Enclosed("Danh sách.xlsx", 12))],
                     folder="Quận 1/Từ BHXH TP/Phường, xã"),
]  # fmt: skip


def reminder_letters() -> list[Letter]:
    part = gave("ward-return", "26734", "760", moment(6, 10), (0,))
    facts = DeliveredIndex.of([*LISTS_REACHED_WARDS, part])
    late = owed(moment(6, 18), PROCESS, UNITS, WorkingDays(), [ROUND], facts, frozenset())
    return list({letter.kind: letter for letter in late}.values())


ALL = [
    *ARRIVALS,
    letters.set_aside(ARRIVAL, "cntt", reason="đĩa đầy", attempts=3),
    letters.notice("x", "cntt", "Cấu hình bị từ chối", ["Tệp process.toml có lỗi.", "Bản cũ còn."]),
    *reminder_letters(),
]


def made_kinds() -> set[str]:
    """The kinds of letters that the package makes: what a `Letter(…)` says second."""
    calls = (
        node
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Letter" and len(node.args) > 1
    )
    return {call.args[1].value for call in calls if isinstance(call.args[1], ast.Constant)}


@pytest.mark.parametrize("kind", sorted(made_kinds()))
def test_every_letter_that_the_package_writes_has_its_templates_and_is_read_here(kind: str):
    parts = {path.name for path in TEMPLATES.glob(f"{kind}.*.j2")}

    assert parts == {f"{kind}.subject.j2", f"{kind}.txt.j2", f"{kind}.html.j2"}
    assert kind in {letter.kind for letter in ALL}


def composer(units=UNITS, templates=TEMPLATES, **sender):
    values = {"address": "thu@bhxh.example", "name": "Phòng Thu"} | sender
    return LetterComposer(MailTemplates(templates), units, From(**values), lambda _: b"PK")


def composed(*found, **options):
    due = [DueLetter(letter, NOW) for letter in found]
    message = composer(**options).compose(due)
    return message_from_bytes(message.as_bytes(), policy=policy.default)


def texts(message):
    return [message.get_body((kind,)).get_content() for kind in ("plain", "html")]


def test_the_examples_below_cover_every_kind_of_letter():
    kinds = {path.name.partition(".")[0] for path in TEMPLATES.glob("*.subject.j2")}
    assert {letter.kind for letter in ALL} == kinds - {"joined"}


@pytest.mark.parametrize("letter", ALL, ids=lambda letter: letter.kind)
def test_every_kind_reads_whole_in_text_and_html(letter):
    message = composed(letter)

    assert message["Subject"] and "\n" not in message["Subject"]
    for text in texts(message):
        assert text.count("Kính gửi") == 1
        assert "Trân trọng" in text
        assert "{{" not in text and "None" not in text and "Undefined" not in text
    assert "\n\n\n" not in texts(message)[0].replace("\r\n", "\n")


@pytest.mark.parametrize("letter", ALL, ids=lambda letter: letter.kind)
def test_names_from_outside_cannot_become_markup_or_headers(letter):
    def spoiled(value):
        if isinstance(value, str):
            return EVIL if value in ("mẫu 3.xlsx", "BHXH Quận 1", "Cấu hình bị từ chối") else value
        if isinstance(value, list):
            return [spoiled(one) for one in value]
        if isinstance(value, dict):
            return {k: EVIL if k == "handoff_name" else spoiled(v) for k, v in value.items()}
        return value

    message = composed(Letter(letter.key, letter.kind, letter.unit, spoiled(letter.context)))

    assert message["Bcc"] is None
    assert "<script" not in texts(message)[1]


def test_a_receipt_for_a_scan_says_that_the_list_is_still_asked_for():
    scan = replace(ARRIVAL, rows=None, is_scan=True)
    receipt = composed(letters.receipt(scan, delivered_to=["Phòng Thu"]))
    told = composed(letters.delivered(scan, "thu", folder="Đến", stored_name="Quận 1.pdf"))

    assert receipt["Subject"].startswith("Đã nhận bản scan")
    assert told["Subject"].startswith("Bản scan kèm theo")
    assert all("không thay cho danh sách" in text for text in texts(receipt))


def test_a_receiver_reads_who_sent_and_the_name_of_every_file():
    message = composed(
        letters.delivered(
            ARRIVAL,
            "thu",
            folder="Đến",
            stored_name="Mẫu 4.xlsx",
            files=[Enclosed("Mẫu 4.xlsx", 9), Enclosed("D03-TS.xlsx", 3), Enclosed("a.pdf")],
        )
    )

    assert "BHXH Quận 1" in message["Subject"]
    for text in texts(message):
        assert all(name in text for name in ("Mẫu 4.xlsx", "D03-TS.xlsx (3 trẻ)", "a.pdf"))


def test_rows_of_a_cost_list_are_called_visits():
    costs = letters.delivered(
        replace(ARRIVAL, rows=13_770, visits=True), "cntt", folder="Đến", stored_name="79a.xlsx"
    )

    for text in texts(composed(costs)):
        assert "lượt khám" in text
        assert "Số trẻ" not in text


def test_a_list_made_for_an_office_itself_is_not_told_as_sent_by_it():
    draft = letters.delivered(
        ARRIVAL, "760", folder="Từ BHXH TP", stored_name="Mẫu 3.xlsx", by_system=True
    )
    message = composed(draft)

    assert message["Subject"].startswith("Đã lập: ")
    for text in texts(message):
        assert "Hệ thống vừa lập" in text
        assert "vừa gửi" not in text


def test_a_letter_says_whom_to_ask_the_office_above_first():
    units = as_shipped(
        Units.of(
            replace(u, phone={"760": "028 3829 0001", "thu": "028 3997 9039"}.get(u.id, ""))
            for u in UNITS
        )
    )
    told = letters.held(replace(ARRIVAL, unit="26734"), ["D03-TS"])

    for text in texts(composed(told, units=units, leader="thu")):
        assert "Liên hệ: BHXH Quận 1, ĐT 028 3829 0001" in text
        assert "Phòng Thu, ĐT 028 3997 9039" in text
    for text in texts(composed(told, units=units, leader="thu", contact="Tổ hỗ trợ, ĐT 1900 9068")):
        assert "Tổ hỗ trợ, ĐT 1900 9068" in text
        assert "3997 9039" not in text


def test_no_office_is_told_to_call_itself():
    units = Units.of(replace(u, phone="1") if u.id == "thu" else u for u in UNITS)
    told = letters.notice("x", "thu", "Tình hình", ["Không có gì."])

    assert "Liên hệ" not in texts(composed(told, units=units, leader="thu"))[0]


def test_lists_are_asked_for_in_the_folder_and_questions_by_answering():
    told = composed(
        letters.held(ARRIVAL, ["D03-TS"], drop_folder="05/Quận 1"), reply_to="hoi@bhxh.example"
    )

    for text in texts(told):
        assert "05/Quận 1" in text
        assert "không gửi qua thư điện tử" in text
        assert "hoi@bhxh.example" in text


def test_a_list_that_the_product_makes_is_asked_for_with_that_word():
    made = replace(PROCESS.handoffs["uncarded"], made_by="split")
    process = replace(PROCESS, handoffs={**PROCESS.handoffs, made.id: made})
    late = owed(
        moment(5, 21), process, UNITS, WorkingDays(), [ROUND], DeliveredIndex.of([]), frozenset()
    )
    letter = next(one for one in late if one.unit == made.sender)

    assert all("Hệ thống tự lập và gửi" in text for text in texts(composed(letter)))


def test_a_returned_letter_says_where_what_and_how_and_brings_the_copy():
    message = composed(ARRIVALS[1])

    for text in texts(message):
        for part in ("L14", "chưa ghi lý do", "Ghi lý do vào cột Ghi chú", "Quận 1/Trả lại",
                     "mẫu 3 (lỗi).xlsx", "trước ngày 25/06/2015"):  # fmt: skip
            assert part in text
    (file,) = message.iter_attachments()
    assert file.get_filename() == "mẫu 3 (lỗi).xlsx"
    assert file.get_content() == b"PK"


def test_the_digest_says_who_delivered_who_owes_and_who_is_late():
    digest = next(letter for letter in ALL if letter.kind == "digest")

    for text in texts(composed(digest)):
        assert "2/2" in text and "0/3" in text
        assert "Phường Bến Nghé" in text
        assert "Quận 12" in text
        assert "mới nhận một phần, còn thiếu" in text


def test_many_arrivals_are_one_letter_that_names_each_file():
    message = composed(*ARRIVALS[:2], ARRIVALS[3])

    assert message["Subject"] == "3 thông báo về các tệp ngày 16/06/2015"
    assert not list(message.iter_attachments())
    for text in texts(message):
        assert "Trả lại để sửa" in text and "Còn thiếu: D03-TS" in text


def test_the_message_id_is_the_letters_own_and_stays_the_same():
    first, again, other = composed(ALL[0]), composed(ALL[0]), composed(ALL[1])

    assert first["Message-ID"] == again["Message-ID"] != other["Message-ID"]
    assert first["Message-ID"].endswith("@bhxh.example>")
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["Date"].datetime == NOW


def test_a_unit_without_an_address_gets_one_that_can_never_be_delivered_to():
    message = composed(letters.notice("x", "761", "Thử", ["Một dòng."]))

    (to,) = message["To"].addresses
    assert (to.display_name, to.addr_spec) == ("Quận 12", "761@chua-khai-bao.invalid")


@pytest.mark.parametrize(
    "unit",
    [
        Unit("1", "Quận 1", "district", email=("a@b.vn\r\nBcc: c@d.vn",)),
        Unit("1", "Quận 1\r\nBcc: c@d.vn", "district", email=("a@b.vn",)),
        Unit("1", "Quận 1", "district", email=("không phải địa chỉ",)),
    ],
)
def test_an_address_or_name_with_a_line_break_is_refused(unit):
    with pytest.raises(ValueError):
        composed(letters.notice("x", "1", "Thử", ["Một dòng."]), units=Units.of([unit]))


def test_one_wrong_address_of_a_unit_does_not_cost_it_the_letter():
    unit = Unit("1", "Quận 1", "district", email=("sai", "a@b.vn"))

    message = composed(letters.notice("x", "1", "Thử", ["Dòng."]), units=Units.of([unit]))

    assert [one.addr_spec for one in message["To"].addresses] == ["a@b.vn"]


NAMES = ["Phòng Giám định 1, Bảo hiểm xã hội", 'Phòng "Thu", sổ thẻ', "Phòng Thu"]


@pytest.mark.parametrize("errors", [1, 3, 120])
@pytest.mark.parametrize("name", NAMES)
def test_a_long_vietnamese_subject_and_a_name_with_a_comma_arrive_as_written(name, errors):
    """Python's own folding of long headers drops spaces between words and breaks names apart."""
    unit = Unit("760", name, "district", email=("q1@bhxh.example", "thu.q1@bhxh.example"))
    letter = letters.returned(ARRIVAL, [FOUND[0]] * errors, folder="Quận 1/Trả lại",
                              annotated_name="mẫu 3 (lỗi).xlsx")  # fmt: skip

    message = composed(letter, units=Units.of([unit]), name=f"BHXH TP. Hồ Chí Minh, {name}")

    assert message["Subject"] == (
        f"Trả lại để sửa: Kết quả của quận, huyện, Đợt 1 năm 2015 ({errors} lỗi)"
    )
    assert [(one.display_name, one.addr_spec) for one in message["To"].addresses] == [
        (name, "q1@bhxh.example"),
        (name, "thu.q1@bhxh.example"),
    ]
    assert [one.display_name for one in message["From"].addresses] == [
        f"BHXH TP. Hồ Chí Minh, {name}"
    ]


@pytest.mark.parametrize("letter", ALL, ids=lambda letter: letter.kind)
def test_every_letter_passes_a_mail_server_that_takes_seven_bits_only(letter):
    raw = composer().compose([DueLetter(letter, NOW)]).as_bytes()
    parts = [part for part in message_from_bytes(raw).walk() if not part.is_multipart()]

    assert raw.isascii()
    assert {part["Content-Transfer-Encoding"] for part in parts} <= {"quoted-printable", "base64"}
    assert max(map(len, raw.split(b"\r\n"))) <= 998, "RFC 5322 lets no line be longer"


@pytest.mark.parametrize("break_it", [lambda f: f.unlink(), lambda f: f.write_text("{{ sai }}")])
def test_a_broken_or_missing_template_is_an_error_and_not_an_empty_letter(tmp_path, break_it):
    folder = shutil.copytree(TEMPLATES, tmp_path / "mail")
    break_it(folder / "notice.txt.j2")

    with pytest.raises(TemplateError):
        composed(letters.notice("x", "thu", "Thử", ["Một dòng."]), templates=folder)


def test_a_letter_asks_for_no_answers_of_machines_but_lets_bounces_come():
    """`All` would suppress the reports of non-delivery as well ([MS-OXCMAIL])."""
    asked = composed(ALL[0])["X-Auto-Response-Suppress"]

    assert set(str(asked).split(", ")) == {"DR", "RN", "NRN", "OOF", "AutoReply"}


def test_the_digest_says_of_finished_lists_only_that_they_are():
    open_one = {"handoff": "h5", "number": "H5", "handoff_name": "Kết quả của phường, xã",
                "due_text": "chậm nhất ngày 15/06/2015", "owed_by": "", "total": 3, "delivered": 1,
                "late_delivered": 0, "partly": 0, "owing": 2, "overdue": 0, "told": []}  # fmt: skip
    done = {**open_one, "number": "H1", "handoff_name": "Danh sách chi phí KCB", "delivered": 3,
            "owing": 0}  # fmt: skip
    rounds = [{"round_title": "Đợt 1 năm 2015", "to_act_on": [], "handoffs": [done, open_one]}]
    context = {"day": "12/06/2015", "items": [], "escalated": [], "rounds": rounds}

    for text in texts(composed(Letter("reminder/thu/2015-06-12", "digest", "thu", context))):
        assert "Đã xong: H1 Danh sách chi phí KCB (3/3)." in text
        assert text.count("Danh sách chi phí KCB") == 1
        assert text.index("Kết quả của phường, xã") < text.index("Đã xong")


def test_joined_letters_keep_their_lines_and_say_what_is_next():
    made = letters.delivered(
        replace(ARRIVAL, file_name=""), "760", folder="Từ BHXH TP", stored_name="Mẫu 3.xlsx",
        by_system=True, next_step="Bước tiếp theo của đơn vị: gửi mẫu 3.",
    )  # fmt: skip
    text = texts(composed(letters.receipt(ARRIVAL), made))[0].replace("\r\n", "\n")

    assert "\n   Tệp: mẫu 3.xlsx; nhận lúc " in text
    assert "\n   Lập lúc " in text
    assert "\n   Bước tiếp theo của đơn vị: gửi mẫu 3." in text


def test_a_template_that_the_disk_will_not_give_is_no_fault_of_the_letter(tmp_path):
    """It is later for a letter then, and never only where no such template is there."""
    shutil.copytree(resources.templates_dir() / "mail", tmp_path / "mail")
    templates = MailTemplates(tmp_path / "mail")
    there = tmp_path / "mail" / "notice.txt.j2"
    there.unlink()
    context = {"title": "t", "paragraphs": [], "unit": "u"}
    with pytest.raises(TemplateError) as never:
        templates.render("notice", context)
    there.mkdir()  # what cannot be opened as a file stands for a disk that fails
    with pytest.raises(OSError, match=r"notice\.txt\.j2 cannot be read") as later:
        templates.render("notice", context)

    assert not isinstance(never.value, OSError)
    assert not isinstance(later.value, TemplateError)
