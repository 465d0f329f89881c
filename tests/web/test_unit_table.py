"""Units and contacts are changed on the page: seen before, with who and why, kept as a version."""

from __future__ import annotations

import io

import openpyxl
import pytest

from bhyt_filedrop.settings import load
from bhyt_filedrop.wiring.books import versions_of
from tests.journey.site import DISTRICT
from tests.web.played import PlayedPage, Visitor


def opened(page: PlayedPage, name: str, path: str) -> Visitor:
    visitor = page.visitor(name)
    assert visitor.get(path).status == 200
    return visitor


def last_version(page: PlayedPage) -> tuple[str, str, tuple[str, ...]]:
    last = versions_of(page.books).versions()[-1]
    return last.by, last.why, last.changed


def changed_table(page: PlayedPage, visitor: Visitor, unit: str, column: str, value: str) -> bytes:
    """The table as the page gives it out, with one cell changed in Excel."""
    given = visitor.get("/unit-table.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(given.body))
    sheet = book.worksheets[0]
    heads = {str(cell.value): cell.column for cell in sheet[1]}
    row = next(row for row in range(2, sheet.max_row + 1) if sheet.cell(row, 1).value == unit)
    sheet.cell(row, heads[column]).value = value
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def test_contacts_are_changed_with_a_reason_and_kept_as_a_version(own_page: PlayedPage):
    visitor = opened(own_page, "phong-thu", f"/units/{DISTRICT}")
    form = {"email": "quan1@vd.vn, to-truong@vd.vn", "phone": "08 38 29 00 00"}
    path = f"/units/{DISTRICT}/contact"
    answers = [
        visitor.post(path, {**form, "why": " "}),
        visitor.post(path, {**form, "email": "không phải thư", "why": "x"}),
        visitor.post(path, {**form, "why": "quận đổi hộp thư"}),
        visitor.post(path, {**form, "why": "lần nữa"}),
    ]

    assert [one.status for one in answers] == [409, 409, 303, 409]
    assert "Không có gì thay đổi" in answers[-1].text
    unit = load(own_page.site.config).units[DISTRICT]
    assert (unit.email, unit.phone) == (("quan1@vd.vn", "to-truong@vd.vn"), "08 38 29 00 00")
    assert last_version(own_page) == ("phong-thu", "quận đổi hộp thư", ("units.csv",))


def test_a_table_from_excel_is_seen_before_it_counts(own_page: PlayedPage):
    visitor = opened(own_page, "quan-tri", "/units")
    data = changed_table(own_page, visitor, DISTRICT, "Thư điện tử", "moi@vd.vn")
    visitor.get("/units")
    given = visitor.upload("/units", {}, bang=data)
    seen = visitor.get(given.headers["location"])
    before = load(own_page.site.config).units[DISTRICT].email

    assert "sửa 1 đơn vị" in seen.text and "→ moi@vd.vn" in seen.text
    assert before != ("moi@vd.vn",), "nothing is written by looking"
    mark = seen.text.partition('name="mark" value="')[2].partition('"')[0]
    path = given.headers["location"]
    assert visitor.post(path, {"why": "", "mark": mark}).status == 409
    assert visitor.post(path, {"why": "bảng mới", "mark": mark}).status == 303
    assert load(own_page.site.config).units[DISTRICT].email == ("moi@vd.vn",)
    assert last_version(own_page) == ("quan-tri", "bảng mới", ("units.csv",))
    assert visitor.get(path).status == 404, "the file is gone"


def test_a_table_that_somebody_else_changed_meanwhile_is_not_written_over(own_page: PlayedPage):
    visitor = opened(own_page, "quan-tri", "/units")
    data = changed_table(own_page, visitor, DISTRICT, "Thư điện tử", "moi@vd.vn")
    visitor.get("/units")
    path = visitor.upload("/units", {}, bang=data).headers["location"]
    mark = visitor.get(path).text.partition('name="mark" value="')[2].partition('"')[0]
    other = opened(own_page, "phong-thu", f"/units/{DISTRICT}")
    other.post(f"/units/{DISTRICT}/contact", {"email": "khac@vd.vn", "phone": "", "why": "gấp"})
    told = visitor.post(path, {"why": "bảng mới", "mark": mark})

    assert told.status == 409 and "vừa được người khác sửa" in told.text
    assert load(own_page.site.config).units[DISTRICT].email == ("khac@vd.vn",)


@pytest.mark.parametrize(
    ("data", "status", "says"),
    [
        (b"", 400, "Chọn một tệp"),
        (b"not,a,table\n1,2,3\n", 303, "units"),
        (b"PK\x03\x04 broken", 303, "bảng tính"),
    ],
)
def test_what_is_no_table_of_units_is_told_and_changes_nothing(
    own_page: PlayedPage, data: bytes, status: int, says: str
):
    visitor = opened(own_page, "quan-tri", "/units")
    before = (own_page.site.config / "units.csv").read_bytes()
    answer = visitor.upload("/units", {}, bang=data)
    assert answer.status == status
    if status == 303:
        answer = visitor.get(answer.headers["location"])
        assert answer.status == 409
    assert (own_page.site.config / "units.csv").read_bytes() == before


def test_folders_of_nobody_are_shown_with_what_lies_in_them_and_what_to_do(own_page: PlayedPage):
    """A ward that was never declared drops and drops, and believes it handed in."""
    beside = own_page.site.folder(DISTRICT).parent / "Quận Mới"
    beside.mkdir()
    (beside / "mẫu 3.xlsx").write_bytes(b"x")
    told = own_page.visitor("phong-thu").get("/units").text

    assert "Quận Mới" in told and "1 tệp" in told
    assert "valid_to và successors" in told and "thêm đơn vị vào bảng" in told
    assert 'action="/units"' not in told, "only an administrator changes the table"


def test_a_configuration_that_the_service_may_not_write_offers_no_form(
    own_page: PlayedPage, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bhyt_filedrop.site.versions.os.access", lambda *_asked: False)
    visitor = opened(own_page, "quan-tri", "/units")
    shown = visitor.get("/units").text + visitor.get(f"/units/{DISTRICT}").text

    assert "units set-contact" in shown and "/contact" not in shown
    assert 'action="/units"' not in shown

    form = {"email": "a@vd.vn", "phone": "", "why": "x"}
    told = visitor.post(f"/units/{DISTRICT}/contact", form)
    assert told.status == 409 and "không được ghi" in told.text
