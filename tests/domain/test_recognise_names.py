"""A name over two columns is one name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bhyt_filedrop.domain.cells.grid import CellValue, Range
from bhyt_filedrop.domain.forms.recognise import recognise
from tests.grids import Built, build, forms, sound, units

NAMES = ("Nguyễn Hoàng Thiên Bảo", "Trần Thị Ngọc Hân", "Lê An")


def in_two_columns(
    heads: tuple[str, str | None],
    *,
    merged: bool = False,
    second: bool = False,
    signed: bool = True,
) -> Built:
    """A list of form 2 whose names are parted before their last word; the form's number of the name
    stands over the first of the two columns, or the second."""
    children = [sound("form-2", n) | {"name": name} for n, name in enumerate(NAMES, 1)]
    built = build("form-2", children, signed=signed)
    column, header = built.columns["name"], built.header_row
    rows: list[tuple[CellValue, ...]] = []
    for number, row in enumerate(built.sheet.rows, 1):
        here: tuple[CellValue, ...] = (row[column - 1] if len(row) >= column else None, None)
        if number == header:
            here = heads
        elif number == header + 1 and second:
            here = (None, here[0])
        elif number in built.rows:
            family, _, given = str(here[0]).rpartition(" ")
            here = (family, given)
        rows.append((*row[: column - 1], *here, *row[column:]) if len(row) >= column else row)
    merges = (Range(header, column, header, column + 1),) if merged else ()
    return replace(built, sheet=replace(built.sheet, rows=tuple(rows), merges=merges))


def names_in(built: Built) -> list[str]:
    found = recognise(built.workbook, forms(), units())
    return [row["name"].text for s in found.submissions for row in s.rows]


@pytest.mark.parametrize(
    "heads",
    [
        ("Họ đệm", "Tên"),
        ("Họ và tên đệm", "Tên"),
        ("Họ", "Tên"),
        ("Họ và chữ đệm", "Tên"),
        ("Họ lót", "Tên"),
        ("Họ và tên", "Họ và tên"),
        ("Họ và tên", "Tên"),
    ],
)
@pytest.mark.parametrize("second", [False, True])
def test_a_family_name_and_a_given_name_in_two_columns_are_one_name(
    heads: tuple[str, str], second: bool
) -> None:
    """Whichever of them the form's number says is the name."""
    assert names_in(in_two_columns(heads, second=second)) == list(NAMES)


def test_a_heading_merged_over_two_columns_holds_for_both() -> None:
    assert names_in(in_two_columns(("Họ và tên", None), merged=True)) == list(NAMES)


def test_a_name_in_one_column_takes_nothing_from_its_neighbours() -> None:
    children = [sound("form-2", n) | {"name": name} for n, name in enumerate(NAMES, 1)]

    assert names_in(build("form-2", children)) == list(NAMES)


def test_the_last_row_of_a_sheet_and_the_first_below_its_header_are_joined_too() -> None:
    assert names_in(in_two_columns(("Họ đệm", "Tên"), signed=False)) == list(NAMES)


def test_a_number_beside_a_name_is_joined_to_none() -> None:
    """What stands in the second column is no given name then."""
    built = in_two_columns(("Họ đệm", "Tên"))
    built = built.put(built.rows[0], built.columns["name"] + 1, 7.0)

    assert names_in(built)[0] == "Nguyễn Hoàng Thiên"
