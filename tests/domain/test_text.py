"""Text as typed is repaired, and compared as people compare it."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bhyt_filedrop.domain.cells import text as texts
from bhyt_filedrop.domain.cells.grid import ErrorValue, Sheet
from bhyt_filedrop.domain.cells.legacy import ENCODINGS, encode
from bhyt_filedrop.domain.cells.text import Cleaned, cell_text, clean, fold, same_text, tone_blind
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.findings import CODES, Severity, title
from bhyt_filedrop.domain.lists.states import ListState
from bhyt_filedrop.domain.places.tokens import tokens_of
from bhyt_filedrop.domain.words import LIST_STATES, SEVERITIES, STATES


@pytest.mark.parametrize(
    ("typed", "repaired"),
    [
        ("Nguyễn\u00a0 Thị\u200b\n Hồng ", "Nguyễn Thị Hồng"),
        (unicodedata.normalize("NFD", "Đặng Thị Hường"), "Đặng Thị Hường"),
        ("Nguye\u0302\u0303n", "Nguyễn"),
        ("Nguyê\u0303n", "Nguyễn"),
        ("Nguye\u0303\u0302n", "Nguyễn"),  # the marks the wrong way round
        ("Hu\u031bo\u031b\u0300ng", "Hường"),
        ("a\u200b\u0301", "á"),
        ("ðặng Ðức", "đặng Đức"),
        ("Trƣơng Thị Phƣợng, PHƢỜNG 5", "Trương Thị Phượng, PHƯỜNG 5"),
        ("Hƣ\u0300ng", "Hừng"),
        ("Hoa_x000D_\nLan", "Hoa Lan"),
        ("\ufeffHoa\u00adLan", "HoaLan"),
        ("  ", ""),
        ("Hoà", "Hoà"),
    ],
)
def test_text_is_repaired(typed, repaired):
    assert clean(typed) == Cleaned(repaired)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_legacy_text_is_converted_and_said_to_be(encoding):
    typed = encode("Trần  Văn Dũng", encoding)

    assert clean(typed) == Cleaned("Trần Văn Dũng", encoding)


_PIECES = (
    "Trần Văn Dũng", "Vò Dòng", "NGUYỄN THỊ LAN", "Loïc", "12/3 Hoa Sứ", "Hoa_x000D_", "Thìn",
    "ðặng", "Hƣờng", "HĐ", "TE1790000000001", " ", "\u00a0", "Nguye\u0302\u0303n", "café", "Õng",
)  # fmt: skip
_WRITTEN = (
    *_PIECES,
    *(encode(piece, encoding) for piece in _PIECES for encoding in ENCODINGS),
    *(piece.encode("cp1258", "ignore").decode("cp1252", "replace") for piece in _PIECES),
    *(piece.encode("cp1252", "ignore").decode("cp1258", "replace") for piece in _PIECES),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(_WRITTEN) | st.text(max_size=6), max_size=4).map(" ".join))
def test_words_that_are_known_to_be_sound_make_a_text_that_is_left_as_it_is(typed):
    """What is passed over word by word is what asking about the whole text would leave, too."""
    with pytest.MonkeyPatch.context() as asking_all:
        asking_all.setattr(texts, "_is_sound", lambda word: False)
        whole = texts._repair(typed, None)

    assert texts._repair(typed, None) == whole


def test_capitals_drawn_by_a_legacy_capitals_font_stay_capitals():
    assert clean("NGUYÔN TH× H»NG").text == "NGUYỄN THÌ HẰNG"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("NguyÔn ThÞ H»ng", "Nguyễn Thị Hằng"),
        ("L £, B ×", "L Ê, B ì"),  # no word of two capitals says that all were meant so
        ("LAN NguyÔn", "LAN Nguyễn"),
    ],
)
def test_words_that_were_not_all_capitals_are_not_made_so(typed, read):
    assert clean(typed, "tcvn3").text == read


def test_a_cell_that_could_be_either_follows_its_sheet():
    assert clean("Vò Dòng") == Cleaned("Vò Dòng")
    assert clean("Vò Dòng", "tcvn3") == Cleaned("Vũ Dũng", "tcvn3")
    assert clean("Vũ Dũng", "tcvn3") == Cleaned("Vũ Dũng")
    assert clean("Hoang", "tcvn3") == Cleaned("Hoang")


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40))
def test_repairing_twice_changes_nothing_more(typed):
    once = clean(typed)
    if once.legacy is None and clean(once.text).legacy is None:
        assert clean(once.text).text == once.text
    assert unicodedata.is_normalized("NFC", once.text)
    assert once.text == " ".join(once.text.split())


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Nguyễn Thị Hòa", "nguyen thi hoa"),
        ("NGUYỄN  THỊ HOÀ", "nguyen thi hoa"),
        ("Đ.5, P-3", "d 5 p 3"),
        ("ÐÔNG ðông", "dong dong"),
        ("…", ""),
    ],
)
def test_the_key_for_comparing_knows_no_case_diacritics_or_punctuation(text, key):
    assert fold(text) == key


@settings(max_examples=100, deadline=None)
@given(st.text("aàáạăằâấđêễôộơờưứyỳ HN", max_size=20))
def test_the_unicode_form_does_not_matter_for_any_key(text):
    decomposed = unicodedata.normalize("NFD", text)

    assert fold(decomposed) == fold(text)
    assert same_text(decomposed, text)
    assert same_text(text.upper(), text)


@pytest.mark.parametrize(
    ("a", "b"), [("Hòa", "Hoà"), ("THÚY  Kiều", "thuý kiều"), ("Khoẻ", "khỏe"), ("", " ")]
)
def test_case_spacing_and_tone_placement_make_no_difference(a, b):
    assert same_text(a, b)


@pytest.mark.parametrize(("a", "b"), [("Hòa", "Hoa"), ("Hòa", "Hóa"), ("Lan", "Lân"), ("An", "Ân")])
def test_diacritics_make_a_difference(a, b):
    assert not same_text(a, b)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (" Hoa ", " Hoa "),
        (79014.0, "79014"),
        (-1.0, "-1"),
        (0.5, "0.5"),
        (79012345678.0, "79012345678"),
        (True, "TRUE"),
        (date(2014, 3, 5), "05/03/2014"),
        (datetime(2014, 3, 5), "05/03/2014"),
        (datetime(2014, 3, 5, 8, 30), "05/03/2014 08:30"),
        (time(8, 30), "08:30"),
        (ErrorValue("#REF!"), "#REF!"),
    ],
)
def test_a_cell_reads_as_a_person_sees_it(value, text):
    assert cell_text(value) == text


def test_every_code_state_and_severity_has_a_vietnamese_name():
    assert [code for code, row in CODES.items() if not row.title] == []
    assert set(STATES) == set(State)
    assert set(LIST_STATES) == set(ListState)
    assert set(SEVERITIES) == set(Severity)
    assert title("row.over-age") == "Quá tuổi"
    assert title("row.never-heard-of") == "row.never-heard-of"


def test_a_text_longer_than_any_name_costs_no_more_than_its_beginning() -> None:
    """A cell may hold 32,767 letters; what is compared, and kept, is bounded."""
    long = "Nguyễn Văn An, " * 2_000

    assert len(fold(long)) <= len(tone_blind(long)) < 3_000
    assert fold(long).startswith("nguyen van an nguyen van an")
    assert clean(long).text == long.strip()
    assert [token.text for token in tokens_of("Phường 5, Quận 3, " * 5_000)].count("3") < 100


def test_a_sheet_tells_of_each_cell_at_the_place_where_a_person_finds_it():
    sheet = Sheet("Trang 1", (("x", None), (), (None, 1.0)))

    assert list(sheet.cells()) == [(1, 1, "x"), (3, 2, 1.0)]
    assert [sheet.value(row, column) for row, column, _ in sheet.cells()] == ["x", 1.0]
    outside = ((0, 1), (1, 0), (4, 1), (1, 3), (2, 1), (-1, 1))
    assert [sheet.value(*place) for place in outside] == [None] * len(outside)
