"""Write laid-out lists as an xlsx that an office can print, sign and send on, with XlsxWriter.

Text stays text (a card, an identity number, `=cmd|…`), dates are real dates shown as dd/mm/yyyy.
The same layouts give the same bytes, so a delivery that is made again after a crash is the same
file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from bhyt_filedrop.domain.cells.grid import Range, column_letters
from bhyt_filedrop.domain.paper.layout import Choice, PlacedCell, SheetLayout
from bhyt_filedrop.edges.workbooks.marking.sheet_names import unique_names
from bhyt_filedrop.edges.workbooks.read_back import must_hold
from bhyt_filedrop.sheet_text import is_live, write_text

_FONT = "Times New Roman"
_BOXED = {"border": 1, "valign": "vcenter", "text_wrap": True}
_HEAD = {**_BOXED, "bold": True, "align": "center", "bg_color": "#E7EDF5"}
_CENTRE = {"align": "center", "valign": "vcenter"}
_LABEL = {**_BOXED, "align": "center", "italic": True, "font_size": 10}
_SECTION = {**_BOXED, "bold": True, "bg_color": "#F5F5F5"}

STYLES: Mapping[str, Mapping[str, Any]] = {
    "issuer": {**_CENTRE, "font_size": 12},
    "issuer-own": {**_CENTRE, "font_size": 12, "bold": True, "underline": 1},
    "nation": {**_CENTRE, "font_size": 12, "bold": True},
    "motto": {**_CENTRE, "font_size": 12, "bold": True, "underline": 1},
    "form": {**_CENTRE, "font_size": 11, "italic": True, "text_wrap": True},
    "title": {**_CENTRE, "font_size": 14, "bold": True},
    "subtitle": {**_CENTRE, "font_size": 12, "italic": True},
    "remark": {"valign": "vcenter", "text_wrap": True, "italic": True, "font_size": 11},
    "head": _HEAD,
    "label": _LABEL,
    "label-cost": {**_LABEL, "num_format": "0;(0)"},
    "text": _BOXED,
    "center": {**_BOXED, "align": "center"},
    "code": {**_BOXED, "align": "center", "num_format": "@"},
    "choice": {**_BOXED, "bg_color": "#FFF8DC", "locked": False},
    "date": {**_BOXED, "align": "center", "num_format": "dd/mm/yyyy"},
    "amount": {**_BOXED, "align": "right", "num_format": "#,##0"},
    "fill": {**_BOXED, "bg_color": "#FFF8DC", "locked": False},
    "fill-code": {
        **_BOXED,
        "align": "center",
        "num_format": "@",
        "bg_color": "#FFF8DC",
        "locked": False,
    },
    "warned": {**_BOXED, "bg_color": "#FDE9D9"},
    "group": {**_BOXED, "bold": True, "italic": True, "indent": 1},
    "count": {**_BOXED, "align": "center", "num_format": "#,##0"},
    "section": _SECTION,
    "section-id": {**_SECTION, "align": "center"},
    "total": {**_BOXED, "bold": True, "indent": 1},
    "total-count": {**_BOXED, "bold": True, "align": "center", "num_format": "#,##0"},
    "total-amount": {**_BOXED, "bold": True, "align": "right", "num_format": "#,##0"},
    "signature-date": {**_CENTRE, "font_size": 12, "italic": True},
    "signature": {**_CENTRE, "font_size": 12, "bold": True},
    "signature-note": {**_CENTRE, "italic": True},
}
"""Style name → XlsxWriter format properties; font and size 11 go without saying."""

_OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "dd/mm/yyyy",
    # Else each workbook makes and removes ten temporary files: several times as slow on a disk.
    "in_memory": True,
}
_PAPERS = {"A3": 8, "A4": 9}
_UNDATED = datetime(2015, 1, 1)  # a fixed birthday: the bytes must not tell when they were made
_LIST_PROMPT = "Bấm mũi tên bên phải ô để chọn trong danh sách."
_LISTS = "Danh mục"


def write_layouts(
    layouts: Sequence[SheetLayout], to: Path, *, title: str = "", made_at: datetime | None = None
) -> None:
    """Write one sheet a layout to `to`, whole or not at all.

    Sheet names that clash are numbered. What was written is read back and compared before it may
    be seen. Raises OSError where the disk fails, NeverWorks where the file is not its layouts.
    """
    partial = to.with_name(f".{to.name}.part")
    try:
        with xlsxwriter.Workbook(partial, _OPTIONS) as book:
            book.set_properties({"title": title, "created": made_at or _UNDATED})
            formats = _Formats(book)
            long = dict.fromkeys(c.options for x in layouts for c in x.choices if _is_long(c))
            *names, lists = unique_names([*(x.name for x in layouts), _LISTS])
            sources = {options: _source(lists, n, options) for n, options in enumerate(long)}
            for name, layout in zip(names, layouts, strict=True):
                _write_sheet(book.add_worksheet(name), layout, formats, sources)
            if long:
                _write_lists(book.add_worksheet(lists), tuple(long))
        must_hold(partial, dict(zip(names, layouts, strict=True)))
        partial.replace(to)
    except xlsxwriter.exceptions.FileCreateError as err:
        raise OSError(f"cannot write {to.name}: {err}") from err
    finally:
        partial.unlink(missing_ok=True)


class _Formats:
    """The workbook's formats, each made once; a text that looks like a formula has its own."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._made: dict[tuple[str, bool], Format] = {}

    def of(self, style: str, *, quoted: bool = False) -> Format:
        """Return a style's format; `quoted` where the cell must stay text once it is edited."""
        key = (style, quoted)
        if key not in self._made:
            given = {"font_name": _FONT, "font_size": 11, **STYLES[style], "quote_prefix": quoted}
            self._made[key] = self._book.add_format(given)
        return self._made[key]


def _write_sheet(
    sheet: Worksheet,
    layout: SheetLayout,
    formats: _Formats,
    sources: Mapping[tuple[str, ...], str],
) -> None:
    _set_sizes(sheet, layout)
    merged = {(r.first_row, r.first_column): r for r in layout.merges}
    for cell in layout.cells:
        place = merged.get((cell.row, cell.column))
        if place is not None:
            _merge(sheet, place, formats.of(cell.style))
        live = isinstance(cell.value, str) and is_live(cell.value)
        _write_cell(sheet, cell, formats.of(cell.style, quoted=live))
    for choice in layout.choices:
        if choice.options:
            _offer(sheet, choice, sources.get(choice.options) or list(choice.options))
        else:
            _hint(sheet, choice, {"validate": "any", "input_message": choice.hint})
    _set_print(sheet, layout)


def _set_sizes(sheet: Worksheet, layout: SheetLayout) -> None:
    for number, width in enumerate(layout.widths):
        hidden = {"hidden": True} if number + 1 in layout.hidden_columns else {}
        sheet.set_column(number, number, width, None, hidden)
    for row, height in layout.heights.items():
        sheet.set_row(row - 1, height)


def _merge(sheet: Worksheet, place: Range, style: Format) -> None:
    sheet.merge_range(
        place.first_row - 1,
        place.first_column - 1,
        place.last_row - 1,
        place.last_column - 1,
        "",
        style,
    )


def _write_cell(sheet: Worksheet, cell: PlacedCell, style: Format) -> None:
    """Write by the value's own type: a text is never asked what it looks like."""
    row, column, value = cell.row - 1, cell.column - 1, cell.value
    if value is None:
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, str):
        write_text(sheet, row, column, value, style)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, style)
    else:
        sheet.write_number(row, column, value, style)


def _offer(sheet: Worksheet, choice: Choice, source: str | list[str]) -> None:
    rule = {
        "validate": "list",
        "source": source,
        "input_message": choice.hint or _LIST_PROMPT,
        "error_title": "Chưa đúng",
        "error_message": "Chọn một trong các mục có sẵn trong danh sách.",
    }
    _hint(sheet, choice, rule)


def _hint(sheet: Worksheet, choice: Choice, rule: Mapping[str, Any]) -> None:
    column = choice.column - 1
    sheet.data_validation(choice.first_row - 1, column, choice.last_row - 1, column, dict(rule))


def _is_long(choice: Choice) -> bool:
    """True where Excel does not take the options inside the rule: 255 characters, no commas."""
    text = ",".join(choice.options)
    return len(text) > 255 or text.count(",") >= len(choice.options)


def _source(sheet: str, column: int, options: tuple[str, ...]) -> str:
    letters = column_letters(column + 1)
    return f"='{sheet}'!${letters}$1:${letters}${len(options)}"


def _write_lists(sheet: Worksheet, lists: Sequence[tuple[str, ...]]) -> None:
    """A hidden sheet that holds the longer drop-downs, one a column."""
    for column, options in enumerate(lists):
        for row, option in enumerate(options):
            write_text(sheet, row, column, option)
    sheet.hide()


def _set_print(sheet: Worksheet, layout: SheetLayout) -> None:
    first, last = layout.header_rows
    if layout.still_rows:
        sheet.freeze_panes(layout.still_rows, 0)
    sheet.repeat_rows(first - 1, last - 1)
    sheet.set_landscape()
    sheet.set_paper(_PAPERS[layout.paper])
    sheet.fit_to_pages(1, 1 if layout.one_page else 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.set_footer('&C&"Times New Roman,Italic"&10Trang &P/&N')
    sheet.center_horizontally()
