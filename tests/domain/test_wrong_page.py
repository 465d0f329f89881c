"""Bytes that were read by code page 1258 though they were another's are read back (all made up)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bhyt_filedrop.domain.cells.legacy import ENCODINGS, encode
from bhyt_filedrop.domain.cells.text import clean
from bhyt_filedrop.domain.cells.wrong_page import undo_1258
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.simulate.people import children
from tests.grids import units

NAMES = ["Nguyễn Thị Hồng", "Trần Quốc Thịnh", "Đỗ Thị Thìn", "Lê Hữu Phước", "Võ Thị Ngọc Hòa"]


def through_1258(data: bytes) -> str:
    """What a program shows that takes bytes for cp1258."""
    return data.decode("cp1258", "replace")


@pytest.mark.parametrize("font", ENCODINGS)
@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_a_legacy_font_read_by_1258_is_told_and_converted(font: str, name: str):
    shown = through_1258(encode(name, font).encode("latin-1"))

    found = clean(shown)

    assert found.text == name
    assert found.legacy == font


@pytest.mark.parametrize("name", ["Lê Thìn", "Lê Thì", "Hà Nhì", "BÙI THÌN", "HÒA THÌN"])
def test_western_letters_read_by_1258_get_their_tones_back(name: str):
    shown = through_1258(name.encode("cp1252"))
    assert shown != name

    assert clean(shown).text == name


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("name", NAMES)
def test_sound_unicode_is_left_alone_in_every_form(form: str, name: str):
    shown = unicodedata.normalize(form, name)

    assert undo_1258(shown) == (shown, None)
    assert clean(shown).text == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "HĐ",
        "Hđ",
        "QĐ-UB",
        "BVĐK Q.5",
        "Đắk Lắk",
        "Đurić Ăsen",
        "Ngọc-ơ?",
        "ưưư",
        "₫ 5.000",
    ],
)
def test_what_no_reading_makes_vietnamese_of_stays(text: str):
    assert undo_1258(text) == (text, None)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000))
def test_no_invented_child_is_read_otherwise(seed: int):
    (child,) = children(units(), 1, round=Round(2015, 1), seed=seed)

    for text in (child.name, child.address):
        assert clean(unicodedata.normalize("NFD", text)).text == text
