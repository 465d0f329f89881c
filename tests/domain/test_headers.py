"""Where a header begins and ends on a sheet, and what stands over each column of it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bhyt_filedrop.domain.cells.grid import CellValue, Range, Sheet
from bhyt_filedrop.domain.forms.compiled import Vocabulary
from bhyt_filedrop.domain.forms.headers import (
    MAX_LEVELS,
    Header,
    find_headers,
    is_header_row,
    number_labels,
)
from bhyt_filedrop.domain.forms.texts import SheetText

WORDS = Vocabulary(
    frozenset({"stt", "ho va ten", "ngay sinh", "dia chi", "noi dang ky", "tinh", "ma bv", "nu"})
)
HEAD = ("STT", "Họ và tên", "Ngày sinh", "Địa chỉ")
CHILD = ("1", "Nguyễn Văn An", "05/03/2014", "12 Lê Lợi")
NUMBERS = ("(1)", "(2)", "(3)", "(4)")
Rows = Sequence[Sequence[CellValue]]


def texts(rows: Rows, *merges: Range) -> SheetText:
    return SheetText(Sheet("Danh sách", tuple(map(tuple, rows)), merges=merges))


def found(rows: Rows, *merges: Range) -> list[Header]:
    return find_headers(texts(rows, *merges), WORDS)


def spans(rows: Rows) -> list[tuple[int, int]]:
    return [(one.first_row, one.last_row) for one in found(rows)]


def numbered(cells: Sequence[str]) -> dict[int, str]:
    return dict(enumerate(cells, start=1))


# --- the number row ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "labels"),
    [
        (("1", "2", "3", "4"), ["1", "2", "3", "4"]),
        (("(1)", "[2]", "3.", "04"), ["1", "2", "3", "4"]),
        (("A", "B", "C", "1"), ["a", "b", "c", "1"]),
        (("A", "B", "-1", "-2"), ["a", "b", "1", "2"]),
        (("37", "38", "39", "40"), ["37", "38", "39", "40"]),
        (("(5) = (3) + (4)", "6", "7", "8"), ["5", "6", "7", "8"]),
        (("5 = 3 + 4", "6", "7", "8"), ["5", "6", "7", "8"]),
        (("1", "2", "3"), []),
        (("1", "2", "3", "41"), []),
        (("1", "2", "3", "3"), []),
        (("0", "1", "2", "3"), []),
        (("1", "2", "3", "AB"), []),
        ((), []),
    ],
)
def test_a_row_of_labels_is_short_each_label_stands_once_and_no_form_has_more_than_forty(
    cells: tuple[str, ...], labels: list[str]
):
    assert list(number_labels(numbered(cells)).values()) == labels


# --- the words -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "is_header"),
    [
        (HEAD[:3], True),
        (HEAD[:2], False),
        ((*HEAD[:2], "Lớp"), False),
        ((*HEAD[:3], "Lớp", "Trường"), True),
        (("1", "2", *HEAD[:2]), False),
        ((HEAD[0], HEAD[1], "Địa chỉ " * 11), False),
    ],
)
def test_three_known_words_make_a_row_a_header(cells: tuple[str, ...], is_header: bool):
    assert is_header_row(numbered(cells), WORDS) is is_header


def test_a_text_that_is_longer_than_a_line_is_no_piece_of_a_header():
    """A remark over the table may hold all the words; only its length tells."""
    at_most, longer = "x" * 80, "x" * 81
    words = Vocabulary(WORDS.pieces | {at_most, longer})

    assert is_header_row(numbered((*HEAD[:2], at_most)), words)
    assert not is_header_row(numbered((*HEAD[:2], longer)), words)


# --- where it begins and ends --------------------------------------------------------------------

GROUP = (None, "Nơi đăng ký", None, None)
TITLE = (None, "DANH SÁCH TRẺ EM")


@pytest.mark.parametrize(
    ("rows", "where"),
    [
        ([HEAD, CHILD], (1, 1)),
        ([TITLE, HEAD, CHILD], (2, 2)),
        ([TITLE, GROUP, HEAD, CHILD], (2, 3)),
        ([GROUP, GROUP, HEAD, CHILD], (1, 3)),
        ([GROUP, GROUP, GROUP, HEAD, CHILD], (2, 4)),
        ([GROUP, GROUP, GROUP, GROUP, HEAD, CHILD], (3, 5)),
        ([HEAD, GROUP, CHILD], (1, 2)),
        ([HEAD, NUMBERS, CHILD], (1, 2)),
        ([HEAD, (), NUMBERS, CHILD], (1, 3)),
        ([HEAD, TITLE, NUMBERS, CHILD], (1, 1)),
        ([HEAD, *[()] * (MAX_LEVELS - 1), NUMBERS], (1, MAX_LEVELS + 1)),
        ([HEAD, *[()] * MAX_LEVELS, NUMBERS], (1, 1)),
        ([HEAD, NUMBERS, GROUP, CHILD], (1, 2)),
    ],
    ids=[
        "one row", "under a title", "with a group's heading", "with two", "not with three",
        "nor with four",
        "with a second row", "with numbers", "an empty row between", "a line of words between",
        "numbers as far as a header reaches", "numbers too far down",
        "what follows the numbers is none of it",
    ],
)  # fmt: skip
def test_a_header_is_its_words_with_the_rows_that_belong_to_them(
    rows: Rows, where: tuple[int, int]
):
    assert spans(rows) == [where]


def test_a_header_is_found_again_after_a_page_break():
    assert spans([HEAD, NUMBERS, CHILD, HEAD, NUMBERS, CHILD]) == [(1, 2), (4, 5)]


def test_machine_names_right_under_the_numbers_belong_to_the_header_above_them():
    assert spans([HEAD, NUMBERS, HEAD, CHILD]) == [(1, 3)]
    assert spans([HEAD, NUMBERS, HEAD, NUMBERS, CHILD]) == [(1, 4)]
    assert spans([HEAD, NUMBERS, CHILD, HEAD]) == [(1, 2), (4, 4)]


STRANGE = ("Cột một", "Cột hai", "Cột ba", "Cột bốn")


@pytest.mark.parametrize(
    ("rows", "where"),
    [
        ([STRANGE, NUMBERS], [(1, 2)]),
        ([STRANGE, STRANGE, NUMBERS], [(1, 3)]),
        ([STRANGE, STRANGE, STRANGE, NUMBERS], [(1, 4)]),
        ([STRANGE, STRANGE, STRANGE, STRANGE, NUMBERS], [(2, 5)]),
        ([TITLE, STRANGE, NUMBERS], [(2, 3)]),
        ([NUMBERS], [(1, 1)]),
        ([*[TITLE] * 59, NUMBERS], [(60, 60)]),
        ([*[TITLE] * 60, NUMBERS], []),
        ([STRANGE, CHILD], []),
    ],
)
def test_a_header_in_words_that_nobody_knows_is_the_three_rows_above_its_numbers(
    rows: Rows, where: list[tuple[int, int]]
):
    assert spans(rows) == where


# --- what stands over a column -------------------------------------------------------------------


def over(rows: Rows, *merges: Range) -> dict[int, tuple[str, ...]]:
    (header,) = found(rows, *merges)
    return header.levels


TWO_ROWS: Rows = (
    ("STT", "Họ và tên", "Nơi đăng ký", None, "Ngày sinh"),
    (None, None, "Tỉnh", "Mã BV", None),
)


def test_a_groups_heading_stands_over_the_columns_that_have_one_of_their_own():
    assert over(TWO_ROWS) == {
        1: ("STT",),
        2: ("Họ và tên",),
        3: ("Nơi đăng ký", "Tỉnh"),
        4: ("Nơi đăng ký", "Mã BV"),
        5: ("Ngày sinh",),
    }


def test_merged_headings_say_themselves_how_far_they_reach():
    down = [Range(1, column, 2, column) for column in (1, 2, 5)]

    assert over(TWO_ROWS, *down, Range(1, 3, 1, 4)) == over(TWO_ROWS)
    assert over(TWO_ROWS, Range(1, 5, 2, 6))[6] == ("Ngày sinh",), "as wide as the merge"


def test_a_heading_without_a_merge_ends_where_nothing_stands_under_it():
    rows = (("STT", "Họ và tên", "Nơi đăng ký", None, None), (None, None, "Tỉnh", None, "Mã BV"))

    assert over(rows) == {
        1: ("STT",), 2: ("Họ và tên",), 3: ("Nơi đăng ký", "Tỉnh"), 5: ("Mã BV",),
    }  # fmt: skip


def test_the_number_row_is_no_level_of_the_words():
    (header,) = found([*TWO_ROWS, ("A", "B", "1", "2", "3"), CHILD])

    assert header.labels == {1: "a", 2: "b", 3: "1", 4: "2", 5: "3"}
    assert header.shown(4) == "Nơi đăng ký Mã BV"
    assert list(header.readings(4)) == ["noi dang ky ma bv", "ma bv", "noi dang ky"]
    assert list(header.readings(9)) == []


def test_of_words_that_nobody_knows_the_number_row_is_no_level_either():
    (header,) = found([STRANGE, NUMBERS])

    assert [header.shown(column) for column in range(1, 5)] == list(STRANGE)
    assert header.labels == {1: "1", 2: "2", 3: "3", 4: "4"}
