"""Rows that somebody struck through are seen as such, in each format that can say so."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from pathlib import Path

import pytest
import xlsxwriter
import xlwt
from odf import opendocument, style, table, text

from bhyt_filedrop.edges.workbooks.reading.reader import WorkbookReader
from tests import workbook_formats as formats
from tests.workbook_formats import record12, wide12

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


# --- runs inside a text ------------------------------------------------------------------------

KEPT, GONE = "Lê ", "Xuân"
"""A name of which the second word is struck through; in the row below both are, word by word."""


def xlsx_runs(path: Path, options: dict[str, bool] | None = None) -> None:
    with xlsxwriter.Workbook(path, options or {}) as book:
        sheet, through = book.add_worksheet(), book.add_format({"font_strikeout": True})
        bold = book.add_format({"font_strikeout": True, "bold": True})
        sheet.write_string(0, 0, "Họ và tên")
        sheet.write_rich_string(1, 0, KEPT, through, GONE)
        sheet.write_rich_string(2, 0, through, KEPT, bold, GONE)
        sheet.write_string(3, 0, "Lê An")


def xlsx_inline_runs(path: Path) -> None:
    """Texts in the cells themselves: no table of shared ones."""
    xlsx_runs(path, {"constant_memory": True})


def xls_runs(path: Path) -> None:
    book = xlwt.Workbook()
    sheet, plain, through = book.add_sheet("S"), xlwt.Font(), xlwt.Font()
    through.struck_out = True
    sheet.write(0, 0, "Họ và tên")
    sheet.write_rich_text(1, 0, ((KEPT, plain), (GONE, through)))
    sheet.write_rich_text(2, 0, ((KEPT, through), (GONE, through)))
    sheet.write(3, 0, "Lê An")
    book.save(str(path))


def ods_runs(path: Path) -> None:
    book = opendocument.OpenDocumentSpreadsheet()
    through = style.Style(name="T", family="text")
    through.addElement(style.TextProperties(textlinethroughstyle="solid"))
    book.automaticstyles.addElement(through)
    sheet = table.Table(name="S")
    struck = [("Họ và tên", ""), (KEPT, GONE), ("", KEPT + GONE), ("Lê An", "")]
    for plain, gone in struck:
        line, cell, said = table.TableRow(), table.TableCell(valuetype="string"), text.P(text=plain)
        if gone:
            said.addElement(text.Span(stylename=through, text=gone))
        cell.addElement(said)
        line.addElement(cell)
        sheet.addElement(line)
    book.spreadsheet.addElement(sheet)
    book.save(str(path))


def html_runs(path: Path) -> None:
    said = ("Họ và tên", f"{KEPT}<s>{GONE}</s>", f"<s>{KEPT}</s><del>{GONE}</del>", "Lê An")
    rows = "".join(f"<tr><td>{one}</td></tr>" for one in said)
    path.write_text(f"<html><body><table>{rows}</table></body></html>", encoding="utf-8")


def xml_runs(path: Path) -> None:
    said = ("Họ và tên", f"{KEPT}<S>{GONE}</S>", f"<S>{KEPT}</S><S>{GONE}</S>", "Lê An")
    rows = "".join(
        '<Row><Cell><ss:Data ss:Type="String" xmlns="http://www.w3.org/TR/REC-html40">'
        f"{one}</ss:Data></Cell></Row>"
        for one in said
    )
    path.write_text(
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="S"><Table>'
        f"{rows}</Table></Worksheet></Workbook>",
        encoding="utf-8",
    )


def xlsb_rich(runs: Sequence[tuple[int, int]]) -> bytes:
    """A text with its runs, each from a character on in a font (MS-XLSB, RichStr)."""
    told = b"".join(struct.pack("<2H", *run) for run in runs)
    return b"\1" + wide12(KEPT + GONE) + struct.pack("<L", len(runs)) + told


def xlsb_book(cells: Sequence[bytes], shared: bytes = b"") -> bytes:
    """One cell a row, styles of which the second is struck through, perhaps a shared text."""
    fonts = [struct.pack("<HH", 220, flags) + bytes(20) for flags in (0, 0x08)]
    styles = [struct.pack("<6H", 0, 0, font, 0, 0, 0) + bytes(4) for font in (0, 1)]
    parts = {
        "xl/styles.bin": b"".join(
            [record12(43, one) for one in fonts]
            + [record12(617, struct.pack("<L", 2)), *(record12(47, one) for one in styles)]
            + [record12(618)]
        ),
        "xl/worksheets/sheet1.bin": b"".join(
            record12(0, struct.pack("<LLHBBBL", n, 0, 300, 0, 0, 0, 1) + bytes(8)) + cell
            for n, cell in enumerate(cells)
        ),
        "xl/sharedStrings.bin": record12(19, shared) if shared else b"",
    }
    plain, made = zipfile.ZipFile(BytesIO(formats.xlsb([formats.a_list()]))), BytesIO()
    with zipfile.ZipFile(made, "w") as package:
        for name in plain.namelist():
            data = parts.get(name, plain.read(name))
            if name == "xl/_rels/workbook.bin.rels":
                link = SHARED_STRINGS.encode() + b"</Relationships>"
                data = data.replace(b"</Relationships>", link)
            package.writestr(name, data)
        package.writestr("xl/sharedStrings.bin", parts["xl/sharedStrings.bin"])
    return made.getvalue()


SHARED_STRINGS = (
    '<Relationship Id="rId98" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/sharedStrings" Target="sharedStrings.bin"/>'
)


def xlsb_cell(kind: int, style_: int, body: bytes) -> bytes:
    return record12(kind, struct.pack("<LL", 0, style_) + body)


def xlsb_runs(path: Path) -> None:
    whole = xlsb_rich([(0, 1), (len(KEPT), 1)])
    path.write_bytes(
        xlsb_book(
            [
                xlsb_cell(6, 0, wide12("Họ và tên")),
                xlsb_cell(62, 0, xlsb_rich([(len(KEPT), 1)])),
                xlsb_cell(7, 0, struct.pack("<L", 0)),
                xlsb_cell(6, 0, wide12("Lê An")),
            ],
            shared=whole,
        )
    )


RUNS = [xlsx_runs, xlsx_inline_runs, xls_runs, ods_runs, html_runs, xml_runs, xlsb_runs]


@pytest.mark.parametrize("make", RUNS, ids=lambda m: m.__name__)
def test_a_text_that_is_struck_run_by_run_is_struck_and_one_that_is_struck_in_part_is_told_of(
    make: Callable[[Path], None], reader: WorkbookReader, tmp_path: Path
) -> None:
    path = tmp_path / f"a.{make.__name__.partition('_')[0]}"
    make(path)

    workbook = reader.read(path, path.name).workbook

    assert workbook is not None
    (sheet,) = workbook.sheets
    assert [row[0] for row in sheet.rows] == ["Họ và tên", KEPT + GONE, KEPT + GONE, "Lê An"]
    assert (sheet.struck_parts, sheet.struck_rows) == (frozenset({(2, 1)}), frozenset({3}))


def test_a_row_of_an_xlsb_whose_cells_have_a_struck_font_is_struck(
    reader: WorkbookReader, tmp_path: Path
) -> None:
    path = tmp_path / "a.xlsb"
    names = ("Họ và tên", "Lê An", "Lê Bình")
    path.write_bytes(
        xlsb_book([xlsb_cell(6, int(n == 1), wide12(name)) for n, name in enumerate(names)])
    )

    workbook = reader.read(path, path.name).workbook

    assert workbook is not None
    assert workbook.sheets[0].struck_rows == frozenset({2})
