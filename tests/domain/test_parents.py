"""What stands around a parent's name is no part of it, and no change of it (all made up)."""

from __future__ import annotations

import pytest

from bhyt_filedrop.domain.cells.parents import read_parent
from bhyt_filedrop.domain.reconcile import reconcile
from bhyt_filedrop.domain.reconcile.said import changed_values
from tests.reconciling import a_child, back

SAME = [
    "Mẹ: Trần Thị Lan",
    "mẹ Trần Thị Lan",
    "Mẹ : TRẦN THỊ LAN",
    "Họ tên mẹ: Trần Thị Lan",
    "Me: Trần Thị Lan",
    "Bà Trần Thị Lan",
    "Chị Trần Thị Lan",
    "Trần Thị Lan (mẹ)",
    "Trần Thị Lan (Mẹ ruột)",
    "Trần Thị Lan - mẹ",
    "Trần Thị Lan, ĐT: 0903 123 456",
    "Trần Thị Lan 0903123456",
    "Trần Thị Lan (SĐT 0903.123.456)",
    "Mẹ: Trần Thị Lan - 0903-123-456",
]


@pytest.mark.parametrize("text", SAME)
def test_a_label_a_title_or_a_phone_is_no_part_of_the_name(text: str):
    assert read_parent(text).casefold() == "trần thị lan"


@pytest.mark.parametrize(
    "text",
    ["Trần Thị Lan", "Bà Lan", "Ông", "Mẹ", "Chi Mai", "", "Trần Thị Mẹo", "Hồ Thị Bà", "- "],
)
def test_a_name_that_only_looks_so_is_left_alone(text: str):
    assert read_parent(text) == text


@pytest.mark.parametrize("text", SAME)
@pytest.mark.parametrize("name", ["Nguyễn Minh Khang", "Con bà Trần Thị Lan"])
def test_a_parent_who_comes_back_with_a_label_is_matched_and_no_change(text: str, name: str):
    sent = a_child(name)

    (pair,) = reconcile([sent], [back(sent, parent=text)]).pairs

    assert changed_values(pair) == ()


def test_another_parent_behind_a_label_is_a_change():
    sent = a_child()

    (pair,) = reconcile([sent], [back(sent, parent="Mẹ: Võ Thị Oanh")]).pairs

    assert changed_values(pair) == ("parent",)
