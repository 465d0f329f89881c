"""The looks of an xls: what xlrd tells of its formats, and what the records say of the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import xlrd
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side

from bhyt_filedrop.edges.workbooks.marking.looks import xls_records
from bhyt_filedrop.edges.workbooks.marking.looks.dress import CellLook, SheetLook

_ACROSS = (None, "left", "center", "right", "fill", "justify", "centerContinuous", "distributed")
_DOWN = ("top", "center", "bottom", "justify", "distributed")
_LINES = (
    None, "thin", "medium", "dashed", "dotted", "thick", "double", "hair", "mediumDashed",
    "dashDot", "mediumDashDot", "dashDotDot", "mediumDashDotDot", "slantDashDot",
)  # fmt: skip
_TWIPS = 20.0
_BOLD = 600


def looks(source: Path) -> dict[str, SheetLook]:
    """Return the looks of each sheet, by its name. Raises what xlrd raises for odd files."""
    with Path("/dev/null").open("w") as nowhere:
        book: Any = xlrd.open_workbook(
            file_contents=source.read_bytes(),
            formatting_info=True,
            on_demand=True,
            logfile=nowhere,
        )
        styles = {n: _style(book, xf) for n, xf in enumerate(book.xf_list)}
        return {book.sheet_names()[n]: _sheet(book, n, styles) for n in range(book.nsheets)}


def _sheet(book: Any, number: int, styles: Mapping[int, CellLook]) -> SheetLook:
    sheet = book.get_sheet(number)
    found = xls_records.read(book, number)
    page = found.page
    if page and (titles := _title_rows(book, number)):
        page.title_rows = titles
    frozen = sheet.has_pane_record and sheet.panes_are_frozen
    return SheetLook(
        styles,
        tuple(_cells(sheet)),
        {
            column + 1: info.width / 256
            for column, info in sheet.colinfo_map.items()
            if column < max(sheet.ncols, 1)
        },
        {
            row + 1: info.height / _TWIPS
            for row, info in sheet.rowinfo_map.items()
            if info.height and row < sheet.nrows and not info.has_default_height
        },
        found.offers,
        page,
        (sheet.horz_split_pos, sheet.vert_split_pos) if frozen else (0, 0),
    )


def _cells(sheet: Any) -> Iterator[tuple[int, int, int]]:
    for row in range(sheet.nrows):
        for column in range(sheet.row_len(row)):
            if sheet.cell_type(row, column) != xlrd.XL_CELL_EMPTY:
                yield row + 1, column + 1, sheet.cell_xf_index(row, column)


def _title_rows(book: Any, number: int) -> tuple[int, int] | None:
    """The rows that are printed on top of every page, from the built-in name Print_Titles."""
    for name in book.name_obj_list:
        if name.builtin and name.name == "Print_Titles" and name.scope == number and name.result:
            for area in name.result.value:
                _, _, first, last, left, right = area.coords
                if right - left > 200:
                    return first + 1, last
    return None


def _style(book: Any, xf: Any) -> CellLook:
    return CellLook(
        _font(book, book.font_list[xf.font_index]),
        _fill(book, xf.background),
        _border(book, xf.border),
        Alignment(
            horizontal=_ACROSS[xf.alignment.hor_align] if xf.alignment.hor_align < 8 else None,
            vertical=_DOWN[xf.alignment.vert_align] if xf.alignment.vert_align < 5 else "bottom",
            wrap_text=bool(xf.alignment.text_wrapped),
            indent=xf.alignment.indent_level,
            text_rotation=xf.alignment.rotation if xf.alignment.rotation <= 180 else 0,
        ),
        Protection(locked=bool(xf.protection.cell_locked)),
        _number_format(book, xf),
    )


def _number_format(book: Any, xf: Any) -> str:
    known = book.format_map.get(xf.format_key)
    return str(known.format_str) if known and known.format_str else "General"


def _font(book: Any, font: Any) -> Font:
    return Font(
        name=font.name or None,
        size=font.height / _TWIPS or None,
        bold=bool(font.bold) or font.weight >= _BOLD,
        italic=bool(font.italic),
        underline="single" if font.underline_type else None,
        strike=bool(font.struck_out),
        color=_colour(book, font.colour_index),
    )


def _fill(book: Any, background: Any) -> PatternFill | None:
    if background.fill_pattern == 0:
        return None
    colour = _colour(book, background.pattern_colour_index)
    return PatternFill("solid", fgColor=colour) if colour else None


def _border(book: Any, border: Any) -> Border:
    sides: Any = {
        side: Side(
            style=_line(getattr(border, f"{side}_line_style")),
            color=_colour(book, getattr(border, f"{side}_colour_index")),
        )
        for side in ("left", "right", "top", "bottom")
    }
    return Border(**sides)


def _line(number: int) -> Any:
    return _LINES[number] if 0 <= number < len(_LINES) else "thin"


def _colour(book: Any, index: int) -> str | None:
    """A colour as openpyxl writes it; None for "automatic"."""
    rgb = book.colour_map.get(index)
    return "{:02X}{:02X}{:02X}".format(*rgb) if rgb else None
