"""Names that the product gives: readable, storable everywhere, never twice the same."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bhyt_filedrop.domain.process.file_names import (
    MAX_BYTES,
    delivered_name,
    fit,
    given_back_name,
    handed_in_name,
    legible,
    mark_in_name,
    numbered,
    order_of_names,
    split_ending,
)
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit

DROP = "D150614-7K3FQX"
NAMES = st.text(
    st.characters(exclude_characters="/\0", exclude_categories=("Cs",)), min_size=1, max_size=300
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mẫu 3.xlsx", ("mẫu 3", ".xlsx")),
        ("a.b.XLSX", ("a.b", ".XLSX")),
        ("danh sách", ("danh sách", "")),
        (".xlsx", (".xlsx", "")),
        ("P. Bến Nghé", ("P. Bến Nghé", "")),
        ("công văn số 12.2015-BHXH-THU", ("công văn số 12.2015-BHXH-THU", "")),
    ],
)
def test_an_ending_is_told_from_a_dot_in_a_name(name: str, expected: tuple[str, str]):
    assert split_ending(name) == expected


def test_files_are_sorted_as_people_count_and_correct_them():
    wanted = [
        "mẫu 3.xlsx", "Mẫu 3 (sửa).xlsx", "mẫu 3 lần 2.xls", "mẫu 3 lần 10.xlsx", "mẫu 12.xlsx",
    ]  # fmt: skip
    wanted_last_first = list(reversed(wanted))
    assert sorted(wanted_last_first, key=order_of_names) == wanted


def test_a_sender_finds_its_own_name_again_with_the_drop_s_id():
    assert given_back_name("mẫu 3.xlsx", DROP) == f"mẫu 3 - {DROP}.xlsx"
    marked = given_back_name("mẫu 3.xls", DROP, mark="CẦN SỬA", ending=".xlsx")
    assert marked == f"mẫu 3 - CẦN SỬA - {DROP}.xlsx"


def test_a_receiver_reads_who_which_round_which_form_and_which_version():
    ward = Unit("26740", "Phường Bến Nghé", "ward", "760", folder="Phường Bến Nghé")
    first = delivered_name(ward, Round(2015, 1), "Mẫu 4", 1, DROP, "con tôi Nguyễn Văn A.XLSX")
    again = delivered_name(ward, Round(2015, 1), "Mẫu 4", 2, DROP, "x.xls")

    assert first == f"Phường Bến Nghé - Quý 1-2015 - Mẫu 4 - {DROP}.xlsx"
    assert again == f"Phường Bến Nghé - Quý 1-2015 - Mẫu 4 - lần 2 - {DROP}.xls"


@settings(max_examples=150)
@given(NAMES, st.sampled_from(["", "CẦN SỬA"]))
def test_whatever_a_sender_types_the_name_can_be_stored_and_carries_the_id(name: str, mark: str):
    made = given_back_name(name, DROP, mark=mark)

    assert len(made.encode()) <= MAX_BYTES
    assert DROP in made
    assert unicodedata.is_normalized("NFC", made)
    assert made.isprintable()
    assert not set(made) & set('<>:"/\\|?*')


@settings(max_examples=100)
@given(st.text(st.characters(codec="utf-8"), max_size=400), st.integers(0, 40))
def test_a_cut_falls_between_characters_and_keeps_the_tail(stem: str, length: int):
    tail = "t" * length
    made = fit(stem, tail)

    assert made.endswith(tail)
    assert len(made.encode()) <= MAX_BYTES
    assert stem.startswith(made.removesuffix(tail)) or not tail


@settings(max_examples=60)
@given(NAMES, st.integers(2, 500))
def test_a_second_file_of_one_name_gets_a_name_of_its_own(name: str, n: int):
    path = f"Quận 1/Trả lại/{given_back_name(name, DROP)}"
    other = numbered(path, n)

    assert other != path
    assert other.startswith("Quận 1/Trả lại/")
    assert DROP in other
    assert f"({n})" in other
    assert len(other.rpartition("/")[2].encode()) <= MAX_BYTES


def test_a_name_in_the_old_windows_encoding_is_read_as_its_writer_meant_it():
    sent = "Trẻ/".encode() + "Danh sách quy\u0301 1.xls".encode("cp1258")

    assert legible(sent.decode(errors="surrogateescape")) == "Trẻ/Danh sách quý 1.xls"


@settings(max_examples=100)
@given(st.binary(max_size=60))
def test_every_name_a_server_may_send_becomes_readable_text(raw: bytes):
    legible(raw.decode(errors="surrogateescape")).encode()


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("a\x1b[2Jb.xlsx", "a\\u001b[2Jb.xlsx"),
        ("a\nb.xlsx", "a\\u000ab.xlsx"),
        ("\u202egpj.exe", "\\u202egpj.exe"),
        ("a\u2028b\u200fc", "a\\u2028b\\u200fc"),
        ("Mẫu\u00a03.xlsx", "Mẫu\u00a03.xlsx"),
    ],
)
def test_what_a_name_hides_is_written_as_its_code(sent: str, shown: str):
    """An escape sequence, a line break, a mark that turns the letters round."""
    assert legible(sent) == shown


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Zl", "Zp"])))
def test_a_proper_name_stays_as_it_is(name: str):
    assert legible(name) == name


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("mẫu 4.xlsx", "mẫu 4 - nộp 7K3FQX.xlsx"),
        ("C:\\Bảng\\mẫu 4.xlsx", "mẫu 4 - nộp 7K3FQX.xlsx"),
        ("/home/lan/mẫu 4.xlsx", "mẫu 4 - nộp 7K3FQX.xlsx"),
        ("mẫu 4 - nộp ABCDEF.xlsx", "mẫu 4 - nộp 7K3FQX.xlsx"),
        ("mẫu: 4.xlsx", "mẫu_ 4 - nộp 7K3FQX.xlsx"),
        ("danh sách", "danh sách - nộp 7K3FQX"),
        ("~$mẫu 4.xlsx", ""),
        ("", ""),
        ("C:\\Bảng\\", ""),
    ],
)
def test_a_file_that_is_handed_in_keeps_its_name_and_gets_a_mark_of_its_own(name: str, stored: str):
    assert handed_in_name(name, "7K3FQX") == stored
    assert mark_in_name(stored) == ("7K3FQX" if stored else "")


@pytest.mark.parametrize(
    "name", ["mẫu 4.xlsx", "mẫu 4 - nộp 7K3FQ.xlsx", "mẫu 4 - nộp 7K3FQX - sửa.xlsx", ""]
)
def test_a_file_of_the_folder_bears_no_mark(name: str):
    assert mark_in_name(name) == ""
