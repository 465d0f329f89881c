"""The charts of a report's workbook: the office program draws them from the tables' own cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from bhyt_filedrop.domain.reports.model import Chart, ReportTable
from bhyt_filedrop.edges.reports.look import COLOURS, first_line, series_name

_FONT = {"name": "Times New Roman", "size": 10}
_WIDTH = 895
"""Pixels: a little less than the summary's columns."""
_ROW = 20
"""Pixels of one row of cells."""
_LETTERS = 45
"""So many letters of a name stand in one line beside its bar."""
SCALE = 80
"""Percent at which the summary is printed: office programs differ in how wide columns come out."""
PAGE_ROWS = 40
"""Rows of that size on one page of A4, landscape."""


def add_charts(
    book: xlsxwriter.Workbook, sheet: Worksheet, tables: Sequence[ReportTable], row: int
) -> int:
    """Put the chart of each table that has rows onto `sheet`, one below the other from `row`.

    A chart that would be cut by the end of a page begins the next one. Return the last row used.
    """
    breaks, left = [], PAGE_ROWS - row - 4  # the figures above are taller than plain rows
    for table in tables:
        if table.chart is None or not table.rows:
            continue
        height = _height(table, table.chart)
        rows = height // _ROW + 2
        if rows > left:
            breaks.append(row)
            left = PAGE_ROWS
        drawn = _chart(book, table, table.chart, height)
        sheet.insert_chart(row, 0, drawn, {"y_offset": 6})
        row, left = row + rows, left - rows
    sheet.set_h_pagebreaks(breaks)
    return row - 1


def _height(table: ReportTable, chart: Chart) -> int:
    """Room for every bar; names that take two lines want more of it."""
    if chart.kind == "columns":
        return 320
    rows = table.charted()
    longest = max(len(str(row.get(chart.labels, ""))) for row in rows)
    return 120 + (34 if longest > _LETTERS else 22) * max(len(rows), 3)


def _chart(book: xlsxwriter.Workbook, table: ReportTable, chart: Chart, height: int) -> Any:
    stacked = {"subtype": "stacked"} if len(chart.series) > 1 else {}
    kind = "bar" if chart.kind == "bars" else "column"
    drawn = book.add_chart({"type": kind, **stacked})
    for key in chart.series:
        drawn.add_series(_series(table, chart, key))
    drawn.set_title({"name": chart.title, "name_font": {**_FONT, "size": 13}, "overlay": False})
    drawn.set_legend({"position": "top", "font": _FONT} if stacked else {"none": True})
    _set_axes(drawn, chart)
    drawn.set_size({"width": _WIDTH, "height": height})
    drawn.set_chartarea({"border": {"color": "#C9CDD2"}})
    return drawn


def _series(table: ReportTable, chart: Chart, key: str) -> dict[str, Any]:
    column = table.column(key)
    shown: dict[str, Any] = {
        "name": series_name(column),
        "categories": _cells(table, chart.labels),
        "values": _cells(table, key),
        "fill": {"color": COLOURS[column.tone]},
        "gap": 45 if chart.kind == "bars" else 120,
    }
    if len(chart.series) == 1:
        shown["data_labels"] = {"value": True, "font": _FONT}
    else:
        shown["overlap"] = 100
    return shown


def _cells(table: ReportTable, key: str) -> list[Any]:
    """The cells of one column that the chart shows, as XlsxWriter wants them: 0-based corners."""
    first = first_line(table)
    column = [c.key for c in table.columns].index(key)
    return [table.name, first, column, first + len(table.charted()) - 1, column]


def _set_axes(drawn: Any, chart: Chart) -> None:
    names = {"num_font": _FONT, "interval_unit": 1, "line": {"color": "#9AA5B1"}}
    values = {
        "num_font": _FONT,
        "num_format": "#,##0",
        "min": 0,
        "major_gridlines": {"visible": True, "line": {"color": "#E3E6EA"}},
    }
    if chart.kind == "bars":
        # The first row on top: an office program draws the first bar lowest.
        drawn.set_y_axis({**names, "reverse": True})
        drawn.set_x_axis({**values, "label_position": "high"})
    else:
        drawn.set_x_axis(names)
        drawn.set_y_axis(values)
