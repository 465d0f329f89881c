"""Whatever stands in a workbook gives findings, never an error; and new forms need no code."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from bhyt_filedrop.domain.cells.grid import CellValue, ErrorValue, Range, Sheet, Workbook
from bhyt_filedrop.domain.checks import Context, by_id, check
from bhyt_filedrop.domain.findings import CODES
from bhyt_filedrop.domain.forms.recognise import recognise
from bhyt_filedrop.domain.forms.spec import Column, FormSpec, Section, problems
from bhyt_filedrop.domain.places.gazetteer import Gazetteer
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.resources import shipped
from tests.grids import HEADS, SECTIONS, build, forms, sound, units

GAZETTEER = Gazetteer.of(units())

WORDS = sorted(
    {text for heads in HEADS.values() for _, head, _ in heads for text in head}
    | {text for sections in SECTIONS.values() for pair in sections for text in pair}
    | {"Đợt 1 năm 2015", "Tổng cộng: 2 trẻ", "UBND P. 5", "Người lập biểu", "\u00a0", "", "=1+1"}
)
VALUES: st.SearchStrategy[CellValue] = st.one_of(
    st.none(),
    st.sampled_from(WORDS),
    st.text(max_size=12),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.builds(ErrorValue, st.text(max_size=4)),
    st.sampled_from(["1", "X", "TE1790000000001", "79", "014", "01/02/2014", "Lê Thị Hoa"]),
)


def judge(workbook: Workbook) -> None:
    found = recognise(workbook, forms(), units())
    context = Context(date(2015, 6, 5), units(), GAZETTEER, by_id(forms()), Round(2015, 1))
    assert found.submissions or found.findings
    for submission in found.submissions:
        rows = {(row.sheet, row.row) for row in submission.rows}
        assert len(rows) == len(submission.rows)
        for finding in (*found.findings, *check(submission, context)):
            assert finding.code in CODES
            assert finding.message
            assert finding.remedy


@given(
    rows=st.lists(st.lists(VALUES, max_size=14).map(tuple), max_size=14).map(tuple),
    merges=st.lists(
        st.builds(
            lambda r, c, h, w: Range(r, c, r + h, c + w),
            st.integers(1, 10), st.integers(1, 10), st.integers(0, 3), st.integers(0, 3),
        ),
        max_size=3,
    ).map(tuple),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_any_sheet_at_all_is_judged(
    rows: tuple[tuple[CellValue, ...], ...], merges: tuple[Range, ...]
) -> None:
    judge(Workbook("xlsx", (Sheet("S", rows, merges),)))


@given(
    form=st.sampled_from(sorted(HEADS)),
    changes=st.lists(st.tuples(st.integers(1, 16), st.integers(1, 16), VALUES), max_size=25),
)
@settings(max_examples=80, deadline=None)
def test_a_form_with_anything_written_into_it_is_judged(
    form: str, changes: list[tuple[int, int, CellValue]]
) -> None:
    built = build(form)
    for row, column, value in changes:
        built = built.put(row, column, value)
    judge(built.workbook)


@pytest.mark.parametrize(
    "value",
    [
        float("nan"), float("inf"), -1.0, 1e300, True, time(8, 30), datetime(9999, 12, 31),
        date(1, 1, 1), "9" * 400, "\ud800", "0" * 5, "²", "١٢",
    ],
    ids=repr,
)  # fmt: skip
@pytest.mark.parametrize("form", ["form-1", "d03-ts-490", "d03-ts-1111", "c79a"])
def test_a_strange_value_in_every_column_is_judged(form: str, value: CellValue) -> None:
    built = build(form)
    for name in built.columns:
        built = built.set(0, name, value)
    judge(built.workbook)


# --- forms are declared, not coded -----------------------------------------------------------


@pytest.mark.parametrize("form", [f.id for f in forms()])
def test_every_shipped_form_is_sound(form: str) -> None:
    spec = next(f for f in forms() if f.id == form)

    assert list(problems(spec)) == []
    assert (shipped("config") / "forms" / f"{form}.toml").exists()


NEW_EDITION = """
id = "d03-ts-2030"
family = "d03-ts"
name = "D03-TS (bản 2030)"
titles = ["danh sach nguoi tham gia bhyt theo ho"]

[[columns]]
field = "name"
headers = ["Họ tên người tham gia"]
kind = "name"
required = true

[[columns]]
field = "birth_date"
headers = ["Sinh ngày"]
kind = "birth-date"
required = true

[[columns]]
field = "card"
headers = ["Số thẻ điện tử"]
kind = "card"
required = true

[[columns]]
field = "hamlet"
headers = ["Ấp"]
"""


def test_a_new_edition_is_a_new_file_and_no_code() -> None:
    new = TypeAdapter(FormSpec).validate_python(tomllib.loads(NEW_EDITION))
    rows: tuple[tuple[CellValue, ...], ...] = (
        ("DANH SÁCH NGƯỜI THAM GIA BHYT THEO HỘ", None, "Đợt 1 năm 2015"),
        ("Ấp", "Sinh ngày", "Họ tên người tham gia", "Số thẻ điện tử"),
        ("Ấp 3", "05/03/2014", "Lê Thị Hoa", "HS4790000000001"),
    )

    found = recognise(Workbook("xlsx", (Sheet("S", rows),)), (*forms(), new), units())

    (submission,) = found.submissions
    context = Context(date(2015, 6, 5), units(), GAZETTEER, by_id((new,)), Round(2015, 1))
    assert (submission.form, submission.rows[0]["hamlet"].text) == ("d03-ts-2030", "Ấp 3")
    assert [(f.code, f.cell) for f in check(submission, context)] == [("row.card-not-child", "D3")]


def test_a_key_that_no_form_has_is_refused() -> None:
    declared = tomllib.loads(NEW_EDITION) | {"colour": "blue"}

    with pytest.raises(ValidationError, match="colour"):
        TypeAdapter(FormSpec).validate_python(declared)


SOUND = FormSpec("f", "f", "F", (Column("name", ("Tên",)),))


@pytest.mark.parametrize(
    ("spec", "key"),
    [
        (replace(SOUND, columns=(Column("card", ("Thẻ",)),)), "columns"),
        (replace(SOUND, columns=(*SOUND.columns, Column("card"))), "columns.card"),
        (
            replace(SOUND, columns=(*SOUND.columns, Column("card", ("x",), instead=("no",)))),
            "columns.card.instead",
        ),
        (replace(SOUND, titles=("(",)), "titles"),
        (replace(SOUND, sections=(Section("I", "I", ("[",)),)), "sections.I.headings"),
        (replace(SOUND, assumed_section="I"), "assumed_section"),
    ],
)
def test_a_form_that_contradicts_itself_is_told_where(spec: FormSpec, key: str) -> None:
    assert [where for where, _ in problems(spec)] == [key]
    assert list(problems(SOUND)) == []


def test_ten_thousand_cells_of_one_list_are_read_in_one_go() -> None:
    built = build("form-1", [sound("form-1", n) for n in range(1, 1001)])

    (submission,) = recognise(built.workbook, forms(), units()).submissions

    assert len(submission.rows) == 1000
