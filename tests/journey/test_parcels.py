"""What clerks drop besides a single workbook: archives, scans, and things that are no list."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping

import openpyxl
import py7zr
import pytest

from bhyt_filedrop.domain.drops.drop import Role
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.lists.records import ListRecord
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.simulate.lists import list_of, write_list
from bhyt_filedrop.wiring.books import open_books
from tests.journey.scenes import d03, form_3, form_4, packed
from tests.journey.site import DISTRICT, PDF, ROUND, Site, people
from tests.rars import Item, items, rar4, rar5

DOCX = packed(**{"[Content_Types]__xml": b"<Types/>", "word/document__xml": b"<w:document/>"})


def names(site: Site, unit: str, what: str) -> list[str]:
    """The names in one of a unit's folders, without the ids."""
    ids = [drop.id for drop in site.drops()]
    found = list(site.found(unit, what))
    for one in ids:
        found = [name.replace(f" - {one}", "") for name in found]
    return found


def test_a_zip_of_both_lists_and_their_scan_is_one_drop_and_goes_on_file_by_file(site: Site):
    parts = {"mau 4.xlsx": form_4(site), "sub/D03.xlsx": d03(site), "ký tên.pdf": PDF}
    data = packed(**{name.replace(".", "__"): part for name, part in parts.items()})
    site.drop(site.ward(), "hồ sơ.zip", data)

    site.once()

    drop = site.only()
    assert drop.state is State.ACCEPTED
    ward = site.units[site.ward()].name
    assert sorted(site.found(DISTRICT, "from wards").values()) == sorted(parts.values())
    assert names(site, DISTRICT, "from wards") == [
        f"{ward} - Quý 1-2015 - Bản scan 1.pdf",
        f"{ward} - Quý 1-2015 - D03-TS.xlsx",
        f"{ward} - Quý 1-2015 - Mẫu 4.xlsx",
    ]
    assert list(site.found(site.ward(), "received").values()) == [data]


def test_one_bad_member_returns_the_whole_zip_with_that_member_marked(site: Site):
    bad, good = form_4(site, "row.address-missing"), d03(site)
    data = packed(mau_4__xlsx=bad, d03__xlsx=good)
    site.drop(site.ward(), "hồ sơ.zip", data)

    site.once()

    drop = site.only()
    assert drop.state is State.RETURNED
    assert site.found(DISTRICT, "from wards") == {}
    back = site.found(site.ward(), "returned")
    assert names(site, site.ward(), "returned") == ["hồ sơ.zip", "mau_4 - CẦN SỬA.xlsx"]
    assert back[f"hồ sơ - {drop.id}.zip"] == data
    marked = openpyxl.load_workbook(io.BytesIO(back[f"mau_4 - CẦN SỬA - {drop.id}.xlsx"]))
    assert marked.sheetnames[0] == "Lỗi cần sửa"
    (mail,) = site.mails()
    assert [part.get_filename() for part in mail.iter_attachments()] == [
        f"mau_4 - CẦN SỬA - {drop.id}.xlsx"
    ]
    (told,) = [f for f in site.facts(drop)["findings"] if f["code"] == "file.returned-along"]
    assert "“d03.xlsx” không có lỗi" in told["message"]
    assert "“mau_4.xlsx”" in told["remedy"]


def seven(members: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with py7zr.SevenZipFile(made, "w") as archive:
        for name, data in members.items():
            archive.writestr(data, name)
    return made.getvalue()


ARCHIVES: Mapping[str, Callable[[Mapping[str, bytes]], bytes]] = {
    "zip": lambda members: packed(**{n.replace(".", "__"): data for n, data in members.items()}),
    "7z": seven,
    "rar": lambda members: rar5(items(members)),
}


@pytest.mark.parametrize("kind", sorted(ARCHIVES))
@pytest.mark.parametrize("wrong", ["mẫu 4.xlsx", "D03.xlsx"])
def test_the_letter_about_an_archive_begins_with_which_file_to_correct(
    site: Site, kind: str, wrong: str
):
    """However many faults the other file has: a letter lists no more than fifty."""
    faults = {wrong: ("row.name-missing", "row.address-missing")}
    members = {
        "mẫu 4.xlsx": form_4(site, *faults.get("mẫu 4.xlsx", ())),
        "D03.xlsx": d03(site, *faults.get("D03.xlsx", ())),
    }
    (good,) = members.keys() - {wrong}
    site.drop(site.ward(), f"hồ sơ.{kind}", ARCHIVES[kind](members))
    site.once()

    (mail,) = site.mails()
    plain = mail.get_body(("plain",))
    assert plain is not None
    text = " ".join(plain.get_content().split())
    said = (
        f"“{good}” không có lỗi, chỉ được trả lại vì nằm chung tệp nén. "
        f"Chỉ cần sửa “{wrong}”, rồi nén lại cùng nhau và nộp lại."
    )
    assert text.count(said) == 1
    assert text.index(said) < text.index("Lỗi phải sửa")


def test_two_files_of_the_same_form_in_one_zip_both_go_on(site: Site):
    """A district may send one workbook for each of its wards."""
    one, two = form_3(site, count=3), form_3(site, count=5)
    site.drop(DISTRICT, "các phường.zip", packed(p1__xlsx=one, p2__xlsx=two))

    site.once()

    assert site.only().state is State.ACCEPTED
    assert sorted(site.found("thu", "inbox").values()) == sorted([one, two])


def test_faulty_files_whose_copies_would_have_the_same_name_each_come_back(site: Site):
    bad, worse = form_4(site, "row.address-missing"), form_4(site, "row.name-missing")
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("lần 1/ds.xlsx", bad)
        archive.writestr("lần 1_ds.xlsm", worse)
    site.drop(site.ward(), "hồ sơ.zip", made.getvalue())

    site.once()

    drop = site.only()
    assert drop.state is State.RETURNED
    assert len(site.delivered(drop, Role.ANNOTATED)) == 2
    assert len(site.found(site.ward(), "returned")) == 3


def of_last_round(site: Site) -> bytes:
    """The same ward's form 4 of the round before."""
    made = site.directory / "before.xlsx"
    group = people(site.units, DISTRICT, 8, ward=0)[:2]
    ward = site.units[site.ward()]
    write_list(made, list_of("form-4", Round(2014, 4), ward, site.units, group), site.units)
    return made.read_bytes()


def test_of_two_rounds_in_one_zip_the_newest_is_read_and_the_other_told(site: Site):
    data = packed(cũ__xlsx=of_last_round(site), mau_4__xlsx=form_4(site), d03__xlsx=d03(site))
    site.drop(site.ward(), "hồ sơ.zip", data)

    site.once()

    drop = site.only()
    (told,) = [f for f in site.facts(drop)["findings"] if f["code"] == "form.sheet-ignored"]
    assert drop.state is State.ACCEPTED
    assert told["file"] == "cũ.xlsx"
    assert "đợt 4 năm 2014" in told["message"].lower()
    assert {record.key.round for record in lists_of(site)} == {ROUND}
    assert len(site.found(DISTRICT, "from wards")) == 2


def lists_of(site: Site) -> tuple[ListRecord, ...]:
    books = open_books(site.settings)
    try:
        return books.facts.lists_of(site.only().id)
    finally:
        books.close()


def test_a_7z_is_opened_like_a_zip(site: Site):
    made = io.BytesIO()
    with py7zr.SevenZipFile(made, "w") as archive:
        archive.writestr(form_4(site), "mau 4.xlsx")
        archive.writestr(d03(site), "D03.xlsx")
    site.drop(site.ward(), "hồ sơ.7z", made.getvalue())

    site.once()

    assert site.only().state is State.ACCEPTED
    assert len(site.found(DISTRICT, "from wards")) == 2


def test_a_rar_that_ends_too_early_comes_back_with_a_word_why(site: Site):
    site.set("patience_minutes = 10", "patience_minutes = 0")
    site.drop(site.ward(), "hồ sơ.rar", b"Rar!\x1a\x07\x01\x00" + bytes(64))

    site.once()

    drop = site.only()
    assert drop.state is State.RETURNED
    assert site.codes(drop) == ["file.damaged"]


@pytest.mark.parametrize("make", [rar4, rar5])
def test_a_rar_is_opened_like_a_zip(site: Site, make: Callable[..., bytes]):
    lists = {"Hồ sơ/mẫu 4.xlsx": form_4(site), "Hồ sơ/D03.xlsx": d03(site)}
    members = [Item("Hồ sơ", folder=True), *items(lists), Item("ký tên.pdf", PDF)]
    site.drop(site.ward(), "hồ sơ.rar", make(members))

    site.once()

    assert site.only().state is State.ACCEPTED
    inbox = site.found(DISTRICT, "from wards")
    assert sorted(inbox.values()) == sorted([*lists.values(), PDF])


@pytest.mark.parametrize("make", [rar4, rar5])
def test_a_fault_in_a_rar_is_marked_in_its_own_list(site: Site, make: Callable[..., bytes]):
    bad = form_4(site, "row.address-missing")
    site.drop(site.ward(), "hồ sơ.rar", make(items({"mẫu 4.XLSX": bad, "D03.xlsx": d03(site)})))

    site.once()

    assert site.codes(site.only()) == ["row.address-missing", "file.returned-along"]
    assert names(site, site.ward(), "returned") == ["hồ sơ.rar", "mẫu 4 - CẦN SỬA.xlsx"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (rar5([Item("a.xlsx", b"PK", locked=True)]), "file.encrypted"),
        (rar4([Item("a.xlsx", b"PK")], locked=True), "file.encrypted"),
        (rar4([Item("a.xlsx", b"PK", goes_on=True)], volume=True), "file.damaged"),
        (rar5([Item("../a.xlsx", b"PK")]), "file.unsafe"),
        (rar5([Item("a.xlsx", link="/etc/passwd")]), "file.unsafe"),
        (rar4([Item("a.xlsx", b"PK", crc=1)]), "file.damaged"),
        (rar5([Item("trong.rar", rar5([Item("a.xlsx", b"PK")]))]), "file.not-a-workbook"),
        (rar5([]), "file.not-a-workbook"),
    ],
)
def test_a_rar_that_cannot_be_taken_comes_back_with_a_word_why(site: Site, data: bytes, code: str):
    site.drop(site.ward(), "hồ sơ.rar", data)

    site.once()

    drop = site.only()
    assert (drop.state, site.codes(drop)) == (State.RETURNED, [code])
    assert data in site.found(site.ward(), "returned").values()


def test_members_with_odd_names_come_back_under_names_that_any_server_takes(site: Site):
    odd = ["ds\u202exslx.exe", "ds\r\n.xlsx", "ê" * 123 + ".xlsx", "ds.xls. ", "DS.2015.XLS.XLSX"]
    bad = form_4(site, "row.address-missing")
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in odd:
            archive.writestr(name, bad)
    site.drop(site.ward(), "hồ sơ.zip", made.getvalue())

    site.once()

    drop = site.only()
    back = site.found(site.ward(), "returned")
    assert (drop.state, len(back)) == (State.RETURNED, 1 + len(odd))
    assert all(name.isprintable() and len(name.encode()) <= 255 for name in back)
    assert all(name.endswith((".xlsx", ".zip")) for name in back)


def test_an_empty_zip_comes_back(site: Site):
    site.drop(site.ward(), "rỗng.zip", packed())

    site.once()

    assert site.codes(site.only()) == ["file.not-a-workbook"]


@pytest.mark.parametrize(("name", "data"), [("bản ký.pdf", PDF), ("công văn.docx", DOCX)])
def test_a_scan_alone_goes_along_to_the_same_receiver(site: Site, name: str, data: bytes):
    site.drop(DISTRICT, name, data)

    site.once()

    drop = site.only()
    assert drop.state is State.ACCEPTED
    (path,) = site.delivered(drop, Role.SCAN)
    assert "/Phòng Thu/Đến/" in path
    assert (site.root / path).read_bytes() == data
    assert [key.split("/")[0] for key in site.letter_keys()] == ["delivered", "receipt"]


def test_a_scan_that_no_rule_takes_along_comes_back(site: Site):
    site.drop("cntt", "bản ký.pdf", PDF)

    site.once()

    drop = site.only()
    assert (drop.state, site.codes(drop)) == (State.RETURNED, ["file.not-a-workbook"])


def test_a_program_comes_back_with_a_word_why_and_with_itself(site: Site):
    data = b"MZ" + bytes(500)
    site.drop(DISTRICT, "danh sách.exe", data)

    site.once()

    drop = site.only()
    assert (drop.state, site.codes(drop)) == (State.RETURNED, ["file.not-a-workbook"])
    back = site.found(DISTRICT, "returned")
    assert back[f"danh sách - {drop.id}.exe"] == data
    told = openpyxl.load_workbook(io.BytesIO(back[f"danh sách - CẦN SỬA - {drop.id}.xlsx"]))
    assert told.sheetnames == ["Lỗi cần sửa"]


def test_a_program_inside_a_zip_returns_the_zip(site: Site):
    site.drop(site.ward(), "x.zip", packed(d03__xlsx=d03(site), setup__exe=b"MZ" + bytes(99)))

    site.once()

    assert site.only().state is State.RETURNED
    assert "file.not-a-workbook" in site.codes(site.only())


def test_the_same_scan_again_is_not_sent_again(site: Site):
    site.drop(DISTRICT, "bản ký.pdf", PDF)
    site.once()
    site.drop(DISTRICT, "bản ký (1).pdf", PDF)
    site.once()

    first, second = site.drops()
    assert (first.state, second.state) == (State.ACCEPTED, State.ACCEPTED)
    assert site.codes(second) == ["file.repeated"]
    assert site.delivered(second, Role.SCAN) == []
