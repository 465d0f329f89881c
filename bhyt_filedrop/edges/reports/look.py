"""How reports look, in workbooks and on pages: one colour for each meaning of a series.

The hues are Okabe and Ito's, which colour-blind readers tell apart, and they differ in lightness
too, so that a black and white print keeps them apart.
"""

from __future__ import annotations

from collections.abc import Mapping

from bhyt_filedrop.domain.reports.model import ReportColumn, ReportTable, Tone

COLOURS: Mapping[Tone, str] = {
    "main": "#1F4E79",
    "good": "#00795A",
    "fair": "#56B4E9",
    "warn": "#E69F00",
    "bad": "#B5402A",
    "idle": "#C9CDD2",
}

INKS: Mapping[Tone, str] = {
    **COLOURS, "fair": "#00639C", "warn": "#8A5A00", "idle": "#55606B",
}  # fmt: skip
"""The same for letters on white paper, which want more contrast than areas."""

PAPER = "#E7EDF5"
"""Behind headings."""
TOTAL = "#F3F5F8"
"""Behind the row of totals."""

_TITLES = 4
"""Rows of a sheet above its headings: its title, its note and a free one."""
HEAD = 3
"""Rows above these where an office heads the sheet with its name."""


def title_row(table: ReportTable) -> int:
    """Return the row (0-based) of a table's title in its sheet."""
    return HEAD if table.formality else 0


def head_row(table: ReportTable) -> int:
    """Return the row (0-based) of a table's headings in its sheet."""
    return title_row(table) + _TITLES


def is_grouped(table: ReportTable) -> bool:
    """True where some columns stand under a heading of their own: the headings take two rows."""
    return any(column.group for column in table.columns)


def first_line(table: ReportTable) -> int:
    """Return the row (0-based) of a table's first line in its sheet."""
    return head_row(table) + int(is_grouped(table)) + 1


def series_name(column: ReportColumn) -> str:
    """Name a column away from its heading: `Chưa cấp thẻ`, where the column says `Tổng số`."""
    return column.group if column.title == "Tổng số" else column.title
