"""Whether a street stands before a name: then the name is a ward's, and else it is the street's."""

from __future__ import annotations

import pytest

from bhyt_filedrop.domain.places.streets import ends_street, holds_street
from bhyt_filedrop.domain.places.tokens import tokens_of


@pytest.mark.parametrize(
    ("words", "whole"),
    [
        ("12 Hoa Sứ", True),
        ("Hoa Sứ", True),
        ("12 Sứ", False),
        ("Sứ", False),
        ("đường Sứ", False),
        ("hẻm 5", False),
        ("9", False),
        ("ấp 3", True),
        ("ấp số 3", True),
        ("ấp Chợ Mới 3", False),
        ("khu phố 2", True),
        ("12/3 khu phố 4", True),
        ("tổ 60", True),
        ("đường 9", True),
        ("đường số 9", True),
        ("đường Trục Dài 9", False),
        ("quốc lộ 1", True),
        ("hương lộ 2", True),
        ("tỉnh lộ 10", True),
        ("xa lộ 1", False),
        ("lộ 1", False),
        ("12 3/2", True),
        ("Lê 3/2", False),
        ("12/3/2", False),
        ("3/2", False),
    ],
)
def test_words_end_in_a_street_a_hamlet_or_a_numbered_road(words: str, whole: bool):
    """One word behind a house number may be the ward's own first word."""
    assert ends_street(tokens_of(words)) is whole


@pytest.mark.parametrize(
    ("words", "holds"),
    [
        ("12 Hoa Sứ lầu 3", True),
        ("Sứ", True),
        ("12", False),
        ("số 5", False),
        ("đường lầu", False),
        ("lầu 3 phòng 5", False),
        ("A 5", False),
        ("ấp", True),
        ("đường số 9 lầu 3", True),
        ("12 3/2 lầu 5", True),
        ("lầu 12 căn hộ 7", False),
    ],
)
def test_a_street_or_a_hamlet_may_stand_anywhere_before(words: str, holds: bool):
    assert holds_street(tokens_of(words)) is holds
