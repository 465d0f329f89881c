"""Printed lists as workbooks: what an office program and a reader find in them."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bhyt_filedrop.domain.paper.layout import STATUSES, SheetLayout
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.edges.workbooks import write
from bhyt_filedrop.edges.workbooks.marking.sheet_names import unique_names
from bhyt_filedrop.edges.workbooks.write import STYLES, write_layouts
from bhyt_filedrop.ports import NeverWorks
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import load
from bhyt_filedrop.simulate.lists import list_of
from bhyt_filedrop.simulate.people import children
from bhyt_filedrop.simulate.shapes import lay_out_any as lay_out

ROUND = Round(2015, 1)
UNITS = load(config_dir()).units
FORMS = ("form-1", "form-2", "form-3", "form-4", "d03-ts-490", "d03-ts-595", "d03-ts-1111", "c79a",
         "c80a", "c79a-c80a")  # fmt: skip


def a_layout(form: str = "form-1", count: int = 6, *, kit: bool = False):
    kids = children(UNITS, count, round=ROUND, wards=UNITS.children("760"))
    return lay_out(list_of(form, ROUND, UNITS["760"], UNITS, kids, kit=kit))


def written(path: Path, *layouts):
    write_layouts(layouts, path)
    return openpyxl.load_workbook(path)


@pytest.mark.parametrize("form", FORMS)
def test_every_cell_of_a_layout_stands_in_the_workbook(tmp_path, form):
    layout = a_layout(form)
    sheet = written(tmp_path / "a.xlsx", layout).worksheets[0]

    for cell in layout.cells:
        value = sheet.cell(cell.row, cell.column).value
        assert (value.date() if isinstance(value, datetime) else value) == cell.value


def test_card_and_identity_numbers_are_text_and_birth_dates_are_dates(tmp_path):
    layout = a_layout()
    sheet = written(tmp_path / "a.xlsx", layout).worksheets[0]

    for field in ("card", "id_number", "province", "facility"):
        assert isinstance(sheet[layout.cell(0, field)].value, str)
    born = sheet[layout.cell(0, "birth_date")]
    assert isinstance(born.value, datetime)
    assert born.number_format == "dd/mm/yyyy"


@pytest.mark.parametrize(
    "text", ["=cmd|' /C calc'!A0", "+1+1", "@SUM(A1)", "http://a.example", "007"]
)
def test_a_text_stays_text_whatever_it_looks_like(tmp_path, text):
    layout = a_layout("form-2", 1)
    cells = tuple(
        replace(c, value=text) if c.column == layout.columns["note"] and c.style == "text" else c
        for c in layout.cells
    )
    sheet = written(tmp_path / "a.xlsx", replace(layout, cells=cells)).worksheets[0]

    assert sheet[layout.cell(0, "note")].value == text
    assert sheet[layout.cell(0, "note")].data_type == "s"
    assert b"<f>" not in zipfile.ZipFile(tmp_path / "a.xlsx").read("xl/worksheets/sheet1.xml")


MARKUP = (
    "<r>&</r>",
    "<r><t>a</t></r></si><si><r><t>b</t></r>",
    "<r></r>",
    "<si><t>x</t></si>",
    "</t></si>",
    "_x0041_",
    "]]>",
)


def with_notes(notes: Sequence[str]) -> SheetLayout:
    """A list whose children have these notes, one after the other."""
    layout = a_layout("form-2", len(notes))
    column = layout.columns["note"]
    told = dict(zip(layout.child_rows, notes, strict=True))
    cells = tuple(
        replace(c, value=told[c.row]) if c.column == column and c.row in told else c
        for c in layout.cells
    )
    return replace(layout, cells=cells)


def test_no_note_is_read_as_markup_or_moves_another_child_s_words(tmp_path):
    layout = with_notes(MARKUP)
    sheet = written(tmp_path / "a.xlsx", layout).worksheets[0]

    for cell in layout.cells:
        if cell.column != layout.columns["note"]:
            value = sheet.cell(cell.row, cell.column).value
            assert (value.date() if isinstance(value, datetime) else value) == cell.value
    shown = [sheet[layout.cell(n, "note")].value for n in range(len(MARKUP))]
    assert shown == list(MARKUP)


@settings(max_examples=60, deadline=None)
@given(
    notes=st.lists(
        st.text(st.sampled_from("<r></t>&=+-@\t\r\n_x0041 ầ\x0b"), min_size=1, max_size=24).map(
            lambda inner: f"<r>{inner}</r>" if len(inner) % 2 else inner
        ),
        min_size=2,
        max_size=5,
    )
)
def test_whatever_a_clerk_typed_comes_out_as_it_was(tmp_path_factory, notes):
    """`write_layouts` itself reads back what it wrote, and raises where that differs."""
    write_layouts([with_notes(notes)], tmp_path_factory.mktemp("any") / "a.xlsx")


def test_a_workbook_that_says_something_else_than_its_list_reaches_nobody(tmp_path, monkeypatch):
    def other(sheet, row, column, text, style=None):
        sheet.write_string(row, column, text.replace("Nguyễn", "Trần"), style)

    monkeypatch.setattr(write, "write_text", other)
    layout = with_notes(["Nguyễn"])

    with pytest.raises(NeverWorks) as told:
        write_layouts([layout], tmp_path / "a.xlsx")

    assert layout.cell(0, "note") in str(told.value)
    assert "Nguyễn" not in str(told.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["=1+1", "+84", "-", "@A1", "\tx", "\rx"])
def test_a_text_that_excel_might_run_after_an_edit_is_marked_as_text(tmp_path, text):
    layout = with_notes([text, "thường"])
    sheet = written(tmp_path / "a.xlsx", layout).worksheets[0]

    assert sheet[layout.cell(0, "note")].quotePrefix
    assert not sheet[layout.cell(1, "note")].quotePrefix
    assert not sheet[layout.cell(0, "birth_date")].quotePrefix


def test_the_sheet_prints_on_a4_across_with_its_header_on_every_page(tmp_path):
    layout = a_layout(count=60)
    sheet = written(tmp_path / "a.xlsx", layout).worksheets[0]
    first, last = layout.header_rows

    assert sheet.page_setup.orientation == "landscape"
    assert sheet.page_setup.paperSize == 9
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.page_setup.fitToHeight == 0
    assert sheet.print_title_rows == f"${first}:${last}"
    assert sheet.freeze_panes == f"A{layout.still_rows + 1}"
    assert layout.still_rows in (last, last - 1)


def test_all_text_is_set_in_times_new_roman_of_a_readable_size(tmp_path):
    layout = a_layout("form-3")
    sheet = written(tmp_path / "a.xlsx", layout).worksheets[0]

    fonts = {(c.font.name, c.font.size) for row in sheet for c in row if c.value is not None}
    assert {name for name, _ in fonts} == {"Times New Roman"}
    assert all(10 <= size <= 14 for _, size in fonts)


def test_the_reply_kits_answers_are_offered_and_its_code_column_is_hidden(tmp_path):
    layout = a_layout("form-2", kit=True)
    sheet = written(tmp_path / "a.xlsx", layout).worksheets[0]

    rule = sheet.data_validations.dataValidation[0]
    assert rule.type == "list"
    assert rule.formula1 == '"' + ",".join(STATUSES) + '"'
    code = sheet.cell(layout.child_rows[0], layout.columns["code"])
    assert code.value == "2015Q1-000001"
    assert sheet.column_dimensions[code.column_letter].hidden


def test_the_same_list_gives_the_same_bytes(tmp_path):
    """A delivery made again after a crash must be the same file."""
    write_layouts([a_layout()], tmp_path / "a.xlsx")
    write_layouts([a_layout()], tmp_path / "b.xlsx")

    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_sheets_of_the_same_name_are_numbered(tmp_path):
    book = written(tmp_path / "a.xlsx", a_layout(), a_layout(), a_layout())

    assert book.sheetnames == ["Danh sách", "Danh sách (2)", "Danh sách (3)"]


def test_long_names_stay_within_excels_limit_when_they_are_numbered():
    names = unique_names(["x" * 40, "X" * 40, "y"])

    assert [len(n) for n in names] == [31, 31, 1]
    assert len({n.casefold() for n in names}) == 3


def test_a_failed_write_leaves_neither_the_file_nor_a_part_of_it(tmp_path):
    with pytest.raises(OSError):
        write_layouts([a_layout()], tmp_path / "missing" / "a.xlsx")

    assert list(tmp_path.iterdir()) == []


def test_every_style_that_a_layout_names_can_be_drawn():
    used = {c.style for form in FORMS for c in a_layout(form, kit=True).cells}

    assert used <= set(STYLES)


def test_dates_of_cost_lists_are_written_as_dates(tmp_path):
    layout = a_layout("c80a")
    sheet = written(tmp_path / "a.xlsx", layout).worksheets[0]

    came = sheet[layout.cell(0, "date_in")].value
    assert ROUND.first_day <= came.date() <= ROUND.last_day
    assert sheet[layout.cell(0, "cost_total")].number_format == "#,##0"
