"""Legacy fonts: every letter converts, and nothing else is taken for them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bhyt_filedrop.domain.cells.legacy import ENCODINGS, convert, detect, encode
from bhyt_filedrop.domain.cells.syllables import is_syllable
from tests.addresses import shipped_units

LETTERS = (
    "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵđbcdghklmnpqrstvxfjwz"
)
NAMES = (
    "Nguyễn Thị Hồng", "Trần Văn Dũng", "Lê Hoàng Phúc", "Phạm Ngọc Ánh", "Đỗ Phước Lộc",
    "Huỳnh Như Ý", "Võ Tấn Đạt", "Đặng Thùy Dương", "Bùi Quốc Khánh", "Ngô Mỹ Uyên",
    "Đinh Ưng Hoà", "Vũ Thuỷ Tiên", "Lý Khuê", "Tạ Yến Nhi", "Âu Dương Kiệt",
)  # fmt: skip


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("letter", LETTERS + LETTERS.upper())
def test_every_vietnamese_letter_survives_the_way_there_and_back(letter, encoding):
    assert convert(encode(letter, encoding), encoding) == letter


ALPHABET = LETTERS + LETTERS.upper() + " .,/-0123456789"


@settings(max_examples=100, deadline=None)
@given(text=st.text(ALPHABET, max_size=40), encoding=st.sampled_from(ENCODINGS))
def test_every_text_survives_the_way_there_and_back(text, encoding):
    assert convert(encode(text, encoding), encoding) == text


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("name", NAMES)
def test_names_in_legacy_fonts_are_detected_and_read(name, encoding):
    coded = encode(name, encoding)

    assert detect(coded) == encoding
    assert convert(coded, encoding) == name


@pytest.mark.parametrize(
    ("coded", "encoding", "name"),
    [
        ("NguyÔn ThÞ Hång", "tcvn3", "Nguyễn Thị Hồng"),
        ("12/3 NguyÔn Tr·i, P. BÕn Thµnh, Q.1", "tcvn3", "12/3 Nguyễn Trãi, P. Bến Thành, Q.1"),
        ("Ph\u00adêng 5", "tcvn3", "Phường 5"),
        ("Nguyeãn Thò Hoàng", "vni", "Nguyễn Thị Hồng"),
        ("ÑAËNG THÒ ÔÙT", "vni", "ĐẶNG THỊ ỚT"),
        ("Phöôùc Loäc", "vni", "Phước Lộc"),
        ("NguyeÃn Thò HoÀng, LoÄc", "vni", "Nguyễn Thị Hồng, Lộc"),
    ],
)
def test_real_spellings_of_the_two_fonts_are_read(coded, encoding, name):
    assert detect(coded) == encoding
    assert convert(coded, encoding) == name


def test_codes_below_0xa0_seen_through_windows_are_read_too():
    """VN1's capitals À (0x80) and Ờ (0x98) come out of Windows as € and ˜."""
    assert convert("€\x80 ˜", "tcvn3") == "ÀÀ Ờ"


def test_the_capitals_that_tcvn3_keeps_below_the_space_are_read_as_the_standard_has_them():
    """TCVN 5712:1993, VN1, codes 01–17 hex."""
    codes = "\x01\x02\x04\x05\x06\x11\x12\x13\x14\x15\x16\x17"

    assert convert(codes, "tcvn3") == "ÚỤỪỬỮỨỰỲỶỸÝỴ"


@pytest.mark.parametrize(
    "text",
    [
        *NAMES,
        "Nguyen Van An", "LE HOANG", "", "12/3", "TE1 79 0123456789",
        "Lê Hà", "Trân Châu", "Hoàng Hòa", "HOÀNG HOÀ", "Lý Khuê", "Hóc Môn", "Vò Dòng",
        "445 Tân Phú, TT. Hóc Môn, H.Hóc Môn", "Lâm Ngûyên Hà", "Trânn Hàa", "Ðông Hà",
        "Noël", "Loïc Dupré", "François Hélène", "André René Zoé Chloé Inès Théo", "Anaïs Aïcha",
        "Müller Jörg Schön", "José Muñoz Peña", "Ksor Hô", "Niê Êban", "H'Bê Mlô",
        "«Hoa» 5° m² ½ – 3 × 4", "§ 5", "Ghi chú: 50%", "Cô", "Ô", "à", "tôi là à ơi",
    ],
)  # fmt: skip
def test_unicode_foreign_and_plain_text_is_left_alone(text):
    assert detect(text) is None


def test_no_name_of_a_ward_or_district_is_taken_for_a_legacy_font():
    names = [unit.name for unit in shipped_units()]

    assert [name for name in names if detect(name) or detect(name.upper())] == []


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_names_of_wards_in_legacy_fonts_are_read(encoding):
    """Names that read as other Vietnamese words in Latin-1 alone may stay; no wrong word comes."""
    for unit in shipped_units().of_kind("ward"):
        coded = encode(unit.name, encoding)
        assert detect(coded) in (encoding, None)
        assert detect(coded) == encoding or coded.isascii() or unit.name.isascii()


def test_an_unknown_encoding_is_refused():
    with pytest.raises(ValueError, match="viscii"):
        convert("a", "viscii")
    with pytest.raises(ValueError, match="viscii"):
        encode("a", "viscii")


@pytest.mark.parametrize("word", ["Nguyễn", "quyển", "giếng", "gì", "khuỷu", "Ưng", "Hóc", "ngoằn"])
def test_vietnamese_syllables_are_told(word):
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["NguyÔn", "Noël", "hểch", "tàc", "Brêu", "", "aà"])
def test_other_words_are_no_syllables(word):
    assert not is_syllable(word)
