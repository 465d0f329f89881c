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


def marked(row: int, column: int, struck: str, plain: str) -> str:
    return struck if (row, column) in STRUCK else plain


def html(path: Path) -> None:
    lines = (
        "".join(
            marked(row, n, f"<td style='text-decoration:line-through'>{v}</td>", f"<td>{v}</td>")
            for n, v in enumerate(values)
        )
        for row, values in enumerate(ROWS)
    )
    path.write_text(
        "<html><body><table>" + "".join(f"<tr>{x}</tr>" for x in lines) + "</table></body></html>"
    )


def html_by_tags(path: Path) -> None:
    lines = (
        "".join(
            f"<td>{marked(row, n, f'<font><s>{v}</s></font>', v)}</td>"
            for n, v in enumerate(values)
        )
        for row, values in enumerate(ROWS)
    )
    path.write_text(
        "<html><body><table>" + "".join(f"<tr>{x}</tr>" for x in lines) + "</table></body></html>"
    )


STYLE = " ss:StyleID='t'"


def xml(path: Path) -> None:
    cells = (
        "".join(
            f"<Cell{marked(row, n, STYLE, '')}><Data ss:Type='String'>{v}</Data></Cell>"
            for n, v in enumerate(values)
            if v
        )
        for row, values in enumerate(ROWS)
    )
    path.write_text(
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Styles><Style ss:ID="t">'
        '<Font ss:StrikeThrough="1"/></Style></Styles><Worksheet ss:Name="S"><Table>'
        + "".join(f"<Row>{row}</Row>" for row in cells)
        + "</Table></Worksheet></Workbook>"
    )


@pytest.mark.parametrize(
    "make", [xlsx, xlsx_with_an_error, xls, ods, html, html_by_tags, xml], ids=lambda m: m.__name__
)
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
