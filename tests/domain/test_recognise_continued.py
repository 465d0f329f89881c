"""Text that goes on in the next row is one child's, and nothing between children is dropped."""

from __future__ import annotations

import pytest

from bhyt_filedrop.domain.cells.family_names import begins_with_family_name
from bhyt_filedrop.domain.cells.grid import CellValue
from bhyt_filedrop.domain.findings import Severity
from bhyt_filedrop.domain.forms.recognise import Recognition, recognise
from tests.grids import Built, build, forms, sound, units

FORMS = ["form-1", "form-2", "d03-ts-595", "c79a"]


def read(built: Built) -> Recognition:
    return recognise(built.workbook, forms(), units())


def three(form: str) -> Built:
    return build(form, [sound(form, n) | {"number": float(n)} for n in (1, 2, 3)])


def under(built: Built, index: int, **cells: CellValue) -> Built:
    """Put a row of a few cells right below a child."""
    at = built.rows[index]
    width = max(built.columns.values())
    row: list[CellValue] = [None] * width
    for name, value in cells.items():
        row[built.columns[name] - 1] = value
    rows = (*built.sheet.rows[:at], tuple(row), *built.sheet.rows[at:])
    return built.with_sheet(rows=rows)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "rest", ["Bảo Châu", "Châu", "bảo châu", "Quân", "Toàn", "Trang", "Công", "Lập", "Công Danh"]
)
def test_the_rest_of_a_name_is_joined_to_it_and_told(form: str, rest: str) -> None:
    built = three(form).set(0, "name", "Nguyễn Hoàng Thiên")

    found = read(under(built, 0, name=rest))

    (submission,) = found.submissions
    assert submission.rows[0]["name"].text == f"Nguyễn Hoàng Thiên {rest}"
    assert len(submission.rows) == 3
    (told,) = found.findings
    assert (told.code, told.severity, told.row) == (
        "row.continued", Severity.NOTES, built.rows[0] + 1,
    )  # fmt: skip


def test_the_rest_of_an_address_and_of_a_mother_is_joined_in_silence() -> None:
    built = three("form-2").set(1, "address", "120/15A Nguyễn Hữu Cảnh, khu phố 3,")

    found = read(under(built, 1, address="phường Bến Nghé, quận 1", parent="Mai"))

    row = found.submissions[0].rows[1]
    assert row["address"].text == "120/15A Nguyễn Hữu Cảnh, khu phố 3, phường Bến Nghé, quận 1"
    assert row["parent"].text.endswith(" Mai")
    assert found.findings == ()


def test_a_text_may_go_on_over_several_rows() -> None:
    built = three("form-1").set(0, "address", "120/15A Nguyễn Hữu Cảnh,")
    built = under(under(built, 0, address="quận 1"), 0, address="phường Bến Nghé,")

    row = read(built).submissions[0].rows[0]

    assert row["address"].text == "120/15A Nguyễn Hữu Cảnh, phường Bến Nghé, quận 1"


def test_a_whole_name_alone_is_a_child_that_somebody_began_and_left() -> None:
    submission = read(under(three("form-1"), 0, name="Trần Gia Bảo")).submissions[0]

    assert [row["name"].text for row in submission.rows][1] == "Trần Gia Bảo"


@pytest.mark.parametrize(
    "words",
    ["Cộng trang 1", "Cộng", "CONG", "Phường Bến Nghé", "Kèm theo bản sao", "Quận 3", "Toàn phường",
     "Trang 2", "Het danh sach"],
)  # fmt: skip
def test_words_that_are_no_name_are_joined_to_none(words: str) -> None:
    built = three("form-1")

    submission = read(under(built, 0, name=words)).submissions[0]

    assert [row["name"].raw for row in submission.rows] == [
        built.sheet.value(row, built.columns["name"]) for row in built.rows
    ]
    assert not any(words in row["name"].text for row in submission.rows)


def test_what_stands_below_the_last_child_is_no_part_of_it() -> None:
    built = build("form-1", [sound("form-1", 1)], signed=False)

    submission = read(under(built, 0, name="Hiệu phó")).submissions[0]

    assert "Hiệu phó" not in submission.rows[0]["name"].text


def test_an_address_between_children_that_belongs_to_neither_is_told() -> None:
    built = three("form-1").set(0, "address", None)

    found = read(under(built, 0, address="12 Lê Lợi, P. Bến Nghé, Q.1"))

    (told,) = found.findings
    assert (told.code, told.severity, told.row) == (
        "row.continued", Severity.WARNS, built.rows[0] + 1,
    )  # fmt: skip
    assert len(found.submissions[0].rows) == 3


def test_a_text_does_not_go_on_before_an_empty_row() -> None:
    built = under(three("form-1"), 0, address="hẻm 5")
    at = built.rows[0] + 1
    rows = (*built.sheet.rows[:at], (), *built.sheet.rows[at:])
    found = read(built.with_sheet(rows=rows))

    assert "hẻm 5" not in found.submissions[0].rows[0]["address"].text


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("Nguyễn Văn An", True),
        ("Lê An", True),
        ("Bảo Châu", False),
        ("Hoàng Anh", False),
        ("Hoàng Gia Bảo", True),
        ("Châu", False),
        ("Nguyễn", False),
        ("Hoàng", False),
        ("Trần Lan", True),
        ("", False),
    ],
)
def test_a_family_name_tells_a_whole_name_from_the_rest_of_one(text: str, whole: bool) -> None:
    assert begins_with_family_name(text) is whole


def test_a_text_that_goes_on_right_before_the_last_row_of_a_sheet_is_joined_too() -> None:
    built = build("form-1", [sound("form-1", n) | {"number": float(n)} for n in (1, 2)],
                  signed=False)  # fmt: skip
    built = built.set(0, "address", "120/15A Nguyễn Hữu Cảnh,")

    found = read(under(built, 0, address="phường Bến Nghé, quận 1")).submissions[0]

    assert found.rows[0]["address"].text.endswith("Cảnh, phường Bến Nghé, quận 1")
    assert len(found.rows) == 2
