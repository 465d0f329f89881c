"""Copies of files that cannot be edited in place: an xlsx with the same cells, marked alike."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
import xlwt

from bhyt_filedrop.domain.cells.grid import ErrorValue, Range, Sheet, Workbook
from bhyt_filedrop.domain.findings import finding
from bhyt_filedrop.edges.workbooks.marking.annotator import WorkbookAnnotator
from bhyt_filedrop.edges.workbooks.marking.findings_sheet import SHEET
from bhyt_filedrop.edges.workbooks.marking.rebuild import rebuild
from bhyt_filedrop.edges.workbooks.reading.reader import WorkbookReader


@pytest.fixture(scope="module")
def reader() -> Iterator[WorkbookReader]:
    reader = WorkbookReader()
    yield reader
    reader.close()


def wrong(cell: str, sheet: str):
    return finding("row.card-invalid", "Sai.", "Sửa lại.", sheet=sheet, cell=cell, row=2)


def an_xls(path: Path) -> Path:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Phường 1 ")
    sheet.write_merge(0, 0, 0, 3, "DANH SÁCH TRẺ EM")
    day = xlwt.easyxf(num_format_str="dd/mm/yyyy")
    for column, value in enumerate(["Nguyễn Gia Mẫu", "TE1790000000001", 12345678901.0]):
        sheet.write(1, column, value)
    sheet.write(1, 3, datetime(2014, 3, 5), day)
    sheet.write(1, 4, "=cmd|' /C calc'!A0")
    book.save(str(path))
    return path


def an_html(path: Path) -> Path:
    rows = "<tr><td colspan=2>DANH SÁCH</td></tr><tr><td>Trẻ Mẫu</td><td>TE17</td></tr>"
    text = f"<html><body><table>{rows}</table></body></html>"
    path.write_bytes(b"\xff\xfe" + text.encode("utf-16-le"))
    return path


def rebuilt(source: Path, reader: WorkbookReader, cell: str) -> openpyxl.Workbook:
    grid = reader.read(source, source.name).workbook
    assert grid is not None
    to = source.with_suffix(".copy.xlsx")
    found = [wrong(cell, grid.sheets[0].name)]
    assert WorkbookAnnotator(reader).annotate(source, source.name, found, to) == "rebuilt"
    return openpyxl.load_workbook(to)


def test_an_xls_comes_back_as_an_xlsx_with_the_same_cells(tmp_path, reader):
    book = rebuilt(an_xls(tmp_path / "a.xls"), reader, "B2")
    sheet = book.worksheets[1]

    assert book.sheetnames[0] == SHEET
    assert [c.value for c in sheet[2]] == [
        "Nguyễn Gia Mẫu",
        "TE1790000000001",
        12345678901,
        datetime(2014, 3, 5),
        "=cmd|' /C calc'!A0",
    ]
    assert "A1:D1" in map(str, sheet.merged_cells.ranges)


def test_in_a_rebuilt_copy_the_bad_cell_is_marked_and_text_stays_text(tmp_path, reader):
    sheet = rebuilt(an_xls(tmp_path / "a.xls"), reader, "B2").worksheets[1]

    assert sheet["B2"].comment.text.startswith("PHẢI SỬA")
    assert sheet["B2"].fill.fill_type == "solid"
    assert (sheet["E2"].data_type, sheet["E2"].quotePrefix) == ("s", True)


def test_long_numbers_and_dates_are_shown_as_people_write_them(tmp_path, reader):
    sheet = rebuilt(an_xls(tmp_path / "a.xls"), reader, "B2").worksheets[1]

    assert sheet["C2"].number_format == "0"
    assert sheet["D2"].number_format == "dd/mm/yyyy"


def test_a_web_page_saved_as_xls_comes_back_marked(tmp_path, reader):
    sheet = rebuilt(an_html(tmp_path / "b.xls"), reader, "B2").worksheets[1]

    assert sheet["A2"].value == "Trẻ Mẫu"
    assert sheet["B2"].comment is not None


def test_a_csv_comes_back_marked(tmp_path, reader):
    source = tmp_path / "c.csv"
    source.write_text("STT,Họ tên,Địa chỉ\n" + "1,Trẻ Mẫu,Quận 1\n" * 5, encoding="utf-8-sig")
    sheet = rebuilt(source, reader, "B2").worksheets[1]

    assert [c.value for c in sheet[2]] == ["1", "Trẻ Mẫu", "Quận 1"]
    assert sheet["B2"].comment is not None


def test_an_xlsx_that_only_its_editor_cannot_load_is_rebuilt(tmp_path, reader):
    """The reader needs less of a file than the editor does."""
    whole, source = tmp_path / "whole.xlsx", tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(whole) as book:
        book.add_worksheet("S").write_row(1, 0, ["1", "Trẻ Mẫu"])
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(source, "w") as new:
        for name in old.namelist():
            new.writestr(name, b"<broken" if name == "docProps/core.xml" else old.read(name))

    assert rebuilt(source, reader, "B2").worksheets[1]["B2"].comment is not None


def test_what_is_no_workbook_gets_the_list_alone(tmp_path, reader):
    source = tmp_path / "scan.pdf"
    source.write_bytes(b"%PDF-1.4\n%%EOF\n")
    found = [finding("form.not-expected", "Không nhận.", "Nộp vào thư mục khác.")]
    way = WorkbookAnnotator(reader).annotate(source, "scan.pdf", found, tmp_path / "x.xlsx")

    assert way == "list-only"


def test_more_rows_than_can_be_marked_are_not_rebuilt(tmp_path, reader):
    annotator = WorkbookAnnotator(reader, max_rows=1)
    source = an_xls(tmp_path / "a.xls")

    assert annotator.annotate(source, "a.xls", [wrong("B2", "S")], tmp_path / "x.xlsx") == (
        "list-only"
    )


# --- the grid's corners ----------------------------------------------------------------------


def test_error_values_come_back_as_the_text_that_people_saw():
    grid = Workbook(
        "xls",
        (
            Sheet(
                "S",
                ((ErrorValue("#REF!"), ErrorValue("=A1+B1")),),
            ),
        ),
    )
    sheet = rebuild(grid)[1]["S"]

    assert [(c.value, c.data_type) for c in sheet[1]] == [("#REF!", "s"), ("=A1+B1", "s")]


def test_sheet_names_that_excel_refuses_are_made_fit_and_still_found():
    names = ("Phường 1/2", "phường 1?2", "", "x" * 40)
    grid = Workbook("html", tuple(Sheet(name, (("a",),)) for name in names))
    book, sheets = rebuild(grid)

    assert list(sheets) == list(names)
    assert book.sheetnames == ["Phường 1 2", "phường 1 2 (2)", "Sheet", "x" * 31]


def test_merges_that_overlap_are_left_out_rather_than_damage_the_file():
    areas = (Range(1, 1, 1, 2), Range(1, 2, 2, 2), Range(3, 1, 3, 1))
    sheet = rebuild(Workbook("html", (Sheet("S", (("a", "b"), ("c",)), areas),)))[1]["S"]

    assert list(map(str, sheet.merged_cells.ranges)) == ["A1:B1"]


def test_control_characters_in_a_text_do_not_stop_the_copy():
    sheet = rebuild(Workbook("xls", (Sheet("S", (("a\x00\x0bb",),)),)))[1]["S"]

    assert sheet["A1"].value == "ab"


def test_hidden_rows_and_columns_stay_hidden_in_a_rebuilt_sheet():
    grid = Sheet("S", (("a", "b"), ("c", "d")), (), False, frozenset({2}), frozenset({1}))
    sheet = rebuild(Workbook("xls", (grid,)))[1]["S"]

    assert sheet.row_dimensions[2].hidden
    assert sheet.column_dimensions["A"].hidden
