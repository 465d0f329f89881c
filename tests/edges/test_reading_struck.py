"""Rows that somebody struck through are seen as such, in each format that can say so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import xlsxwriter
import xlwt
from odf import opendocument, style, table, text

from bhyt_filedrop.edges.workbooks.reading.reader import WorkbookReader

ROWS = (("STT", "Họ và tên", "Ghi chú"), ("1", "Lê An", "x"), ("2", "Lê Bình", ""), ("3", "Lê Chi"))
STRUCK = {(2, 0), (2, 1), (3, 1)}
"""Cells (from 0): the whole of the third row, one cell of the two in the fourth."""


@pytest.fixture(scope="module")
def reader() -> Iterator[WorkbookReader]:
    made = WorkbookReader()
    yield made
    made.close()


def cells() -> Iterator[tuple[int, int, str]]:
    for row, values in enumerate(ROWS):
        for column, value in enumerate(values):
            yield row, column, value


def xlsx(path: Path) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet, through = book.add_worksheet(), book.add_format({"font_strikeout": True})
        for row, column, value in cells():
            sheet.write_string(row, column, value, through if (row, column) in STRUCK else None)


def xlsx_with_an_error(path: Path) -> None:
    """A sheet that is looked at closely, by the other of the two readers."""
    with xlsxwriter.Workbook(path) as book:
        sheet, through = book.add_worksheet(), book.add_format({"font_strikeout": True})
        for row, column, value in cells():
            sheet.write_string(row, column, value, through if (row, column) in STRUCK else None)
        sheet.write_formula(0, 5, "=A1", None, "#REF!")


def xls(path: Path) -> None:
    book = xlwt.Workbook()
    sheet, through = book.add_sheet("S"), xlwt.easyxf("font: struck_out on")
    for row, column, value in cells():
        sheet.write(row, column, value, *([through] if (row, column) in STRUCK else []))
    book.save(str(path))


def ods(path: Path) -> None:
    book = opendocument.OpenDocumentSpreadsheet()
    through = style.Style(name="T", family="table-cell")
    through.addElement(style.TextProperties(textlinethroughstyle="solid"))
    book.automaticstyles.addElement(through)
    sheet = table.Table(name="S")
    for row, values in enumerate(ROWS):
        line = table.TableRow()
        for column, value in enumerate(values):
            told = {"stylename": through} if (row, column) in STRUCK else {}
            cell = table.TableCell(valuetype="string", **told)
            if value:
                cell.addElement(text.P(text=value))
            line.addElement(cell)
        sheet.addElement(line)
    book.spreadsheet.addElement(sheet)
    book.save(str(path))


@pytest.mark.parametrize("make", [xlsx, xlsx_with_an_error, xls, ods], ids=lambda m: m.__name__)
def test_a_row_is_struck_where_most_of_its_cells_are(
    make: Callable[[Path], None], reader: WorkbookReader, tmp_path: Path
) -> None:
    path = tmp_path / f"a.{make.__name__.partition('_')[0]}"
    make(path)

    workbook = reader.read(path, path.name).workbook

    assert workbook is not None
    (sheet,) = workbook.sheets
    assert sheet.struck_rows == frozenset({3})
    assert sheet.rows[2][:2] == ("2", "Lê Bình")
