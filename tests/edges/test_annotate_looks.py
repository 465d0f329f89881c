"""What a copy that was rebuilt from an xls or ods keeps of the sender's looks, and Strict xlsx.

The samples are a reply kit that LibreOffice saved in its formats.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
import xlwt

from bhyt_filedrop.domain.cells.grid import Sheet, Workbook
from bhyt_filedrop.domain.findings import Finding, finding
from bhyt_filedrop.domain.forms.answers import STATUSES
from bhyt_filedrop.domain.paper.kit import kit_sheets
from bhyt_filedrop.edges.workbooks.marking.annotator import WorkbookAnnotator
from bhyt_filedrop.edges.workbooks.marking.copy import _dressed
from bhyt_filedrop.edges.workbooks.marking.defuse import reaches_out
from bhyt_filedrop.edges.workbooks.marking.looks.dress import DropDown, SheetLook, dress
from bhyt_filedrop.edges.workbooks.marking.rebuild import rebuild
from bhyt_filedrop.edges.workbooks.marking.strict import _USUAL
from bhyt_filedrop.edges.workbooks.reading.reader import WorkbookReader
from bhyt_filedrop.edges.workbooks.write import write_layouts
from tests.derived import ROUND, city, kids, listed

SAMPLES = Path(__file__).parents[1] / "samples" / "looks"
KIT, WARD = "Phiếu trả lời", "26734"


@pytest.fixture(scope="module")
def reader() -> Iterator[WorkbookReader]:
    with WorkbookReader() as one:
        yield one


def wrong(cell: str, sheet: str = KIT) -> Finding:
    row = int("".join(c for c in cell if c.isdigit()))
    return finding("row.card-invalid", "Sai.", "Sửa lại.", sheet=sheet, cell=cell, row=row)


def copy_of(
    source: Path, reader: WorkbookReader, tmp_path: Path, way: str, found: Sequence[Finding]
) -> openpyxl.Workbook:
    to = tmp_path / "copy.xlsx"
    assert WorkbookAnnotator(reader).annotate(source, source.name, found, to) == way
    return openpyxl.load_workbook(to)


@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_formats_drop_downs_and_print_set_up_of_the_senders_file_stay(
    tmp_path: Path, reader: WorkbookReader, kind: str
):
    book = copy_of(SAMPLES / f"kit.{kind}", reader, tmp_path, "rebuilt", [wrong("I13")])
    sheet = book[KIT]
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    head, child, birth, status = (sheet[cell] for cell in ("A9", "B12", "C12", "H12"))

    assert (sheet["A4"].font.name, sheet["A4"].font.size, sheet["A4"].font.bold) == (
        "Times New Roman", 14, True,
    )  # fmt: skip
    assert (head.fill.fgColor.rgb, head.border.left.style) == ("00E7EDF5", "thin")
    assert (head.alignment.horizontal, child.alignment.wrap_text) == ("center", True)
    assert (birth.number_format, sheet["J12"].number_format) == ("dd/mm/yyyy", "@")
    assert (status.value, status.fill.fgColor.rgb) == (None, "00FFF8DC")
    assert rules["H12:H29"].formula1 == f'"{",".join(STATUSES)}"'
    assert "ghi rõ lý do" in rules["M12:M29"].prompt
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.print_title_rows == "$9:$11"
    assert sheet.column_dimensions["N"].hidden
    assert sheet.column_dimensions["B"].width > 2.5 * sheet.column_dimensions["D"].width
    assert sheet.row_dimensions[12].height == pytest.approx(48, abs=0.1)


@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_the_marks_stand_above_the_senders_looks(tmp_path: Path, reader: WorkbookReader, kind: str):
    book = copy_of(SAMPLES / f"kit.{kind}", reader, tmp_path, "rebuilt", [wrong("I13")])
    marked, beside = book[KIT]["I13"], book[KIT]["I14"]

    assert marked.fill.fgColor.rgb == "00FFC7CE"
    assert marked.comment.text.startswith("PHẢI SỬA")
    assert beside.fill.fgColor.rgb == "00FFF8DC"
    assert marked.border.left.style == beside.border.left.style == "thin"


def test_rows_that_stand_still_stay_so_and_a_long_number_shows_in_full(
    tmp_path: Path, reader: WorkbookReader
):
    book = xlwt.Workbook()
    sheet = book.add_sheet("Phường 1")
    for column, text in enumerate(["STT", "Họ và tên", "Số CMND", "Ghi chú"]):
        sheet.write(0, column, text, xlwt.easyxf("font: bold on, colour red"))
    for column, value in enumerate([1, "Trẻ Mẫu", 123456789012.0, "=1+1"]):
        sheet.write(1, column, value)
    sheet.set_panes_frozen(True)
    sheet.set_horz_split_pos(1)
    sheet.portrait = True
    source = tmp_path / "a.xls"
    book.save(str(source))

    made = copy_of(source, reader, tmp_path, "rebuilt", [wrong("B2", "Phường 1")])["Phường 1"]

    assert made.freeze_panes == "A2"
    assert (made["A1"].font.bold, made["A1"].font.color.rgb) == (True, "00FF0000")
    assert made["C2"].number_format == "0"
    assert (made["D2"].data_type, made["D2"].quotePrefix) == ("s", True)
    assert made.page_setup.orientation == "portrait"


def test_a_flat_opendocument_keeps_what_its_one_file_says(tmp_path: Path, reader: WorkbookReader):
    source = SAMPLES.parent / "saved" / "form-2.libreoffice-flat.fods"
    grid = reader.read(source, source.name).workbook
    assert grid is not None
    book = copy_of(source, reader, tmp_path, "rebuilt", [wrong("B12", grid.sheets[0].name)])
    sheet = book[grid.sheets[0].name]
    fonts = {(c.font.name, c.font.bold) for row in sheet for c in row if c.value is not None}

    assert ("Times New Roman", True) in fonts
    assert sheet.page_setup.orientation == "landscape"


def test_a_drop_down_that_would_reach_out_is_left_out():
    book, sheets = rebuild(Workbook("xls", (Sheet("A", (("Kết quả", "a", "b", "c"),)),)))
    offers = (DropDown("A2:A9", "'[1]X'!$A$1:$A$3"), DropDown("B2:B9", '"a,b"'))
    dress(sheets["A"], SheetLook(offers=offers), reaches_out)

    assert [str(r.sqref) for r in book["A"].data_validations.dataValidation] == ["B2:B9"]


def test_looks_that_cannot_be_read_cost_nobody_the_cells(tmp_path: Path):
    broken = tmp_path / "a.ods"
    broken.write_bytes(b"<office:document")
    grid = Workbook("ods", (Sheet("A", (("STT", "Trẻ Mẫu", "TE17", "Ghi chú"),)),))
    book, sheets = _dressed(grid, broken)

    assert [cell.value for cell in book["A"][1]] == list(grid.sheets[0].rows[0])
    assert list(sheets) == ["A"]


def test_a_strict_xlsx_keeps_its_cells_and_all_else(tmp_path: Path, reader: WorkbookReader):
    layouts = kit_sheets([listed(k, ward=WARD) for k in kids(4)], city()[WARD], ROUND, city())
    usual, strict = tmp_path / "usual.xlsx", tmp_path / "strict.xlsx"
    write_layouts(layouts, usual)
    strict.write_bytes(_in_strict_names(usual.read_bytes()))
    name = layouts[0].cell(0, "name")
    sheet = copy_of(strict, reader, tmp_path, "in-place", [wrong(name)])[KIT]

    assert sheet[name].value == kids(4)[0].name
    assert sheet[name].fill.fgColor.rgb == "00FFC7CE"
    assert sheet.data_validations.dataValidation[0].formula1 == f'"{",".join(STATUSES)}"'
    assert sheet.page_setup.orientation == "landscape"


def _in_strict_names(data: bytes) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as usual, zipfile.ZipFile(made, "w") as strict:
        for part in usual.infolist():
            content = usual.read(part)
            for theirs, ours in _USUAL:
                content = content.replace(ours, theirs)
            strict.writestr(part.filename, content)
    return made.getvalue()
