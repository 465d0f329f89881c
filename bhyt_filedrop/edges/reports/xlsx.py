"""Write a report as an xlsx: a summary with its charts, then one print-ready sheet a table.

The charts are the office program's own and refer to the cells of the tables, so that whoever
changes a figure or copies a chart into a paper keeps them together.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from bhyt_filedrop.domain.process.calendar import ZONE, moment_text
from bhyt_filedrop.domain.reports.model import (
    Figure,
    Formality,
    Report,
    ReportColumn,
    ReportTable,
    Value,
)
from bhyt_filedrop.edges.reports.charts import SCALE, add_charts
from bhyt_filedrop.edges.reports.look import INKS, PAPER, TOTAL, head_row, is_grouped, title_row
from bhyt_filedrop.sheet_text import is_live, write_text

_FONT = "Times New Roman"
_BOX: dict[str, Any] = {"border": 1, "border_color": "#9AA5B1", "valign": "vcenter"}
_NUMBERS: dict[str, dict[str, Any]] = {
    "text": {"text_wrap": True},
    "count": {"num_format": "#,##0", "align": "right"},
    "share": {"num_format": "0.0%", "align": "right"},
    "day": {"num_format": "dd/mm/yyyy", "align": "center"},
    "moment": {"num_format": "dd/mm/yyyy hh:mm", "align": "center"},
}
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
SUMMARY = "Tóm tắt"
_LINE = 15
"""Points of one line of text."""


def write_report(report: Report, to: Path) -> None:
    """Write a report to `to`, whole or not at all. Raises OSError where the disk fails."""
    partial = to.with_name(f".{to.name}.part")
    try:
        with xlsxwriter.Workbook(partial, _OPTIONS) as book:
            _write_book(book, report)
        partial.replace(to)
    except xlsxwriter.exceptions.FileCreateError as err:
        raise OSError(f"cannot write {to.name}: {err}") from err
    finally:
        partial.unlink(missing_ok=True)


def _write_book(book: xlsxwriter.Workbook, report: Report) -> None:
    created = report.made_at.astimezone(ZONE).replace(tzinfo=None)
    book.set_properties({"title": report.title, "subject": report.subtitle, "created": created})
    styles = _Styles(book)
    summary = book.add_worksheet(SUMMARY)
    for table in report.tables:
        _write_table(book.add_worksheet(table.name), table, report, styles)
    below = _write_summary(summary, report, styles)
    last = add_charts(book, summary, report.tables, below)
    summary.print_area(0, 0, last, _width(report) - 1)


class _Styles:
    """The workbook's formats, each made once."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._made: dict[str, Format] = {}

    def __call__(self, name: str, **properties: Any) -> Format:
        if name not in self._made:
            given = {"font_name": _FONT, "font_size": 11, **properties}
            self._made[name] = self._book.add_format(given)
        return self._made[name]

    @property
    def title(self) -> Format:
        return self("title", bold=True, font_size=15)

    @property
    def quiet(self) -> Format:
        return self("quiet", italic=True, font_color="#44505C")

    @property
    def wrapped(self) -> Format:
        return self("wrapped", text_wrap=True, valign="top", font_color="#44505C")

    @property
    def head(self) -> Format:
        return self(
            "head", **_BOX, bold=True, align="center", text_wrap=True, bg_color=PAPER, font_size=10
        )

    def cell(self, column: ReportColumn, *, quoted: bool = False) -> Format:
        look = {**_BOX, **_NUMBERS[column.kind], "quote_prefix": quoted}
        return self(f"cell-{column.kind}-{quoted}", **look)

    def total(self, column: ReportColumn, *, quoted: bool = False) -> Format:
        look = {**_BOX, **_NUMBERS[column.kind], "quote_prefix": quoted}
        return self(f"total-{column.kind}-{quoted}", **look, bold=True, bg_color=TOTAL)

    def figure(self, figure: Figure) -> Format:
        number = {**_NUMBERS[figure.kind], "align": "center"}
        name = f"figure-{figure.kind}-{figure.tone}"
        return self(name, **_BOX, **number, bold=True, font_size=20, font_color=INKS[figure.tone])

    @property
    def label(self) -> Format:
        return self("label", **_BOX, text_wrap=True, align="center", bg_color=TOTAL, font_size=10)


# --- the summary -------------------------------------------------------------------------------

_SUMMARY_WIDTH = 6
"""Columns of the summary, more where there are more headline figures: each takes one."""
_SUMMARY_LETTERS = 126
"""The width of all of them together."""


def _width(report: Report) -> int:
    return max(_SUMMARY_WIDTH, len(report.figures))


def _write_summary(sheet: Worksheet, report: Report, styles: _Styles) -> int:
    """Write titles and headline figures; return the first row left for charts."""
    _set_page(sheet, report)
    sheet.set_print_scale(SCALE)  # a page that is fitted would ignore the breaks between charts
    sheet.set_column(0, _width(report) - 1, _SUMMARY_LETTERS / _width(report))
    sheet.hide_gridlines(2)
    write_text(sheet, 0, 0, report.title, styles.title)
    write_text(sheet, 1, 0, report.subtitle, styles("subtitle", bold=True, font_size=12))
    write_text(sheet, 2, 0, f"Số liệu đến {moment_text(report.made_at)}", styles.quiet)
    for n, figure in enumerate(report.figures):
        _write(sheet, 4, n, figure.value, styles.figure(figure))
        write_text(sheet, 5, n, figure.label, styles.label)
    sheet.set_row(4, 34)
    sheet.set_row(5, 30)
    row = 7
    for paragraph in report.about:
        sheet.merge_range(row, 0, row, _width(report) - 1, paragraph, styles.wrapped)
        sheet.set_row(row, 32)
        row += 1
    return row + 1


# --- one table ---------------------------------------------------------------------------------


def _write_table(sheet: Worksheet, table: ReportTable, report: Report, styles: _Styles) -> None:
    _set_page(sheet, report)
    top = title_row(table)
    write_text(sheet, top, 0, table.title, styles.title)
    write_text(sheet, top + 1, 0, report.subtitle, styles("subtitle", bold=True, font_size=12))
    about = f"Số liệu đến {moment_text(report.made_at)}. {table.note}".strip()
    write_text(sheet, top + 2, 0, about, styles.quiet)
    below = _write_head(sheet, table, styles)
    for n, row in enumerate(table.rows, start=below):
        _write_row(sheet, n, row, table, styles.cell)
    last = below + len(table.rows)
    if not table.rows:
        write_text(sheet, last, 0, table.empty, styles.quiet)
    elif table.total is not None:
        _write_row(sheet, last, table.total, table, styles.total)
    _finish(sheet, table, below, last)
    if table.formality:
        _make_formal(sheet, table, table.formality, last + 2, styles)


def _make_formal(
    sheet: Worksheet, table: ReportTable, how: Formality, below: int, styles: _Styles
) -> None:
    """The office at the top, and the date and two signatures from a row on below the table."""
    last, middle = len(table.columns) - 1, _middle(table)
    centred = {"align": "center", "valign": "vcenter"}
    bold, plain = styles("formal", bold=True, **centred), styles("formal-quiet", **centred)
    italic = styles("formal-italic", italic=True, **centred)
    for row, (left, right) in enumerate(zip(how.issuer, how.annex, strict=True)):
        sheet.merge_range(row, 0, row, middle, left, bold if row else plain)
        sheet.merge_range(row, middle + 1, row, last, right, italic if row else bold)
    sheet.merge_range(below, middle + 1, below, last, how.date_line, italic)
    sheet.merge_range(below + 1, 0, below + 1, middle, how.drafter, bold)
    sheet.merge_range(below + 1, middle + 1, below + 1, last, how.signer, bold)
    sheet.merge_range(below + 2, 0, below + 2, middle, "(Ký, ghi rõ họ tên)", italic)
    sheet.merge_range(below + 2, middle + 1, below + 2, last, "(Ký tên, đóng dấu)", italic)


def _middle(table: ReportTable) -> int:
    """The last column (0-based) of the left half of a table, by width."""
    half, seen = sum(column.width for column in table.columns) / 2, 0
    for n, column in enumerate(table.columns[:-2]):
        seen += column.width
        if seen >= half:
            return n
    return max(len(table.columns) - 3, 1)


def _write_head(sheet: Worksheet, table: ReportTable, styles: _Styles) -> int:
    """Write the headings, groups above their columns; return the first row below them."""
    grouped = is_grouped(table)
    top = head_row(table)
    bottom = top + int(grouped)
    for n, column in enumerate(table.columns):
        sheet.set_column(n, n, column.width)
        if grouped and not column.group:
            sheet.merge_range(top, n, bottom, n, column.title, styles.head)
        else:
            write_text(sheet, bottom, n, column.title, styles.head)
    if grouped:
        _write_groups(sheet, table, styles)
    sheet.set_row(bottom, 46)
    return bottom + 1


def _write_groups(sheet: Worksheet, table: ReportTable, styles: _Styles) -> None:
    start, top = 0, head_row(table)
    for n, column in enumerate((*table.columns, None)):
        group = table.columns[start].group
        if column is not None and column.group == group:
            continue
        if group and n - start > 1:
            sheet.merge_range(top, start, top, n - 1, group, styles.head)
        elif group:
            write_text(sheet, top, start, group, styles.head)
        start = n


def _write_row(
    sheet: Worksheet, row: int, line: Mapping[str, Value], table: ReportTable, style: Any
) -> None:
    if (lines := _lines(line, table)) > 1:
        sheet.set_row(row, _LINE * lines)
    for n, column in enumerate(table.columns):
        value = line.get(column.key)
        live = isinstance(value, str) and is_live(value)
        _write(sheet, row, n, value, style(column, quoted=live))


def _lines(line: Mapping[str, Value], table: ReportTable) -> int:
    """How many lines the longest text takes: not every office program grows a row by itself."""
    texts = ((line.get(column.key), column.width) for column in table.columns)
    return max(
        (-(-len(text) // width) for text, width in texts if isinstance(text, str)), default=1
    )


def _write(sheet: Worksheet, row: int, column: int, value: Value, style: Format) -> None:
    """Write by the value's own type: a text is never asked what it looks like."""
    if value is None or value == "":
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, str):
        write_text(sheet, row, column, value, style)
    elif isinstance(value, datetime):
        sheet.write_datetime(row, column, value.astimezone(ZONE).replace(tzinfo=None), style)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, style)
    else:
        sheet.write_number(row, column, value, style)


def _finish(sheet: Worksheet, table: ReportTable, below: int, last: int) -> None:
    sheet.freeze_panes(below, 1)
    sheet.repeat_rows(head_row(table), below - 1)
    if not table.rows:
        return
    sheet.autofilter(below - 1, 0, last - 1, len(table.columns) - 1)
    for n, column in enumerate(table.columns):
        if column.kind == "share":
            bar = {"type": "data_bar", "bar_color": "#9CC7E4", "bar_solid": True}
            limits = {"min_type": "num", "min_value": 0, "max_type": "num", "max_value": 1}
            sheet.conditional_format(below, n, last - 1, n, {**bar, **limits})


def _set_page(sheet: Worksheet, report: Report) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    sheet.set_footer(f'&L&"{_FONT}"&9{_footer(report.title)}&R&"{_FONT}"&9Trang &P/&N')


def _footer(text: str) -> str:
    return text.replace("&", "&&")
