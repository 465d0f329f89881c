"""The same list in the formats that offices' programs save: xlsx, and what hides behind `.xls`."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from bhyt_filedrop.domain.paper.layout import SheetLayout, Value
from bhyt_filedrop.edges.workbooks.write import write_layouts

Rows = list[list[Value]]
Write = Callable[[Sequence[SheetLayout], Path], None]


def rows_of(layout: SheetLayout) -> Rows:
    """Return a layout as a plain grid."""
    height = max(cell.row for cell in layout.cells)
    width = max(cell.column for cell in layout.cells)
    grid: Rows = [[None] * width for _ in range(height)]
    for cell in layout.cells:
        grid[cell.row - 1][cell.column - 1] = cell.value
    return grid


def _text(value: Value) -> str:
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return "" if value is None else str(value)


def _xlsx(layouts: Sequence[SheetLayout], path: Path) -> None:
    write_layouts(layouts, path)


def _html(layouts: Sequence[SheetLayout], path: Path) -> None:
    """An HTML table in UTF-16LE that calls itself `.xls`: most hospitals' exports."""
    rows = "".join(
        "<tr>" + "".join(f"<td>{html.escape(_text(v))}</td>" for v in row) + "</tr>\n"
        for row in rows_of(layouts[0])
    )
    page = f"<html><head><meta charset='utf-16'></head><body><table>{rows}</table></body></html>"
    path.write_bytes(b"\xff\xfe" + page.encode("utf-16-le"))


def _csv(layouts: Sequence[SheetLayout], path: Path) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([_text(value) for value in row] for row in rows_of(layouts[0]))
    path.write_bytes(out.getvalue().encode("utf-8-sig"))


def _xml(layouts: Sequence[SheetLayout], path: Path) -> None:
    """SpreadsheetML 2003, which Excel itself saves under `.xls` when asked for XML."""
    sheets = "".join(_xml_sheet(layout) for layout in layouts)
    path.write_text(
        '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        f'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">{sheets}</Workbook>',
        encoding="utf-8",
    )


def _xml_sheet(layout: SheetLayout) -> str:
    rows = "".join(f"<Row>{''.join(_xml_cells(row))}</Row>\n" for row in rows_of(layout))
    name = html.escape(layout.name, quote=True)
    return f'<Worksheet ss:Name="{name}"><Table>{rows}</Table></Worksheet>'


def _xml_cells(row: Sequence[Value]) -> Iterator[str]:
    for column, value in enumerate(row, start=1):
        if value is not None:
            text = html.escape(_text(value))
            kind = "Number" if isinstance(value, int | float) else "String"
            yield f'<Cell ss:Index="{column}"><Data ss:Type="{kind}">{text}</Data></Cell>'


def _xls(layouts: Sequence[SheetLayout], path: Path) -> None:
    """A real Excel 97 workbook where xlwt is installed, else XML under the same name."""
    try:
        import xlwt
    except ImportError:
        _xml(layouts, path)
        return
    book = xlwt.Workbook()
    day = xlwt.easyxf(num_format_str="dd/mm/yyyy")
    for layout in layouts:
        _xls_sheet(book.add_sheet(layout.name), layout, day)
    book.save(str(path))


def _xls_sheet(sheet: Any, layout: SheetLayout, day: Any) -> None:
    for cell in layout.cells:
        if isinstance(cell.value, date):
            sheet.write(cell.row - 1, cell.column - 1, cell.value, day)
        elif cell.value is not None:
            sheet.write(cell.row - 1, cell.column - 1, cell.value)


WRITERS: Mapping[str, tuple[str, Write]] = {
    "xlsx": (".xlsx", _xlsx),
    "xls": (".xls", _xls),
    "html": (".xls", _html),
    "xml": (".xls", _xml),
    "csv": (".csv", _csv),
}
"""Format → the ending of its file names, and what writes it. HTML and csv hold one sheet."""
