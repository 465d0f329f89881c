"""Give a rebuilt sheet the looks of the sender's: formats, widths, drop-downs, print set-up.

Each format has a reader of its own; what it finds is said in openpyxl's terms here, once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from openpyxl.cell.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from bhyt_filedrop.domain.cells.grid import a1
from bhyt_filedrop.edges.workbooks.marking.words import cell_at, give_look, keep_as_text, look_of


@dataclass(slots=True)
class CellLook:
    """How one kind of cell looks; the values are openpyxl's own (None = as every cell)."""

    font: Any = None
    fill: Any = None
    border: Any = None
    alignment: Any = None
    protection: Any = None
    number_format: str = "General"


@dataclass(slots=True)
class DropDown:
    """A drop-down: where (`A2:A9 C2`), what Excel's rule says ("" = nothing, it is only a hint),
    and what shows beside the cell."""

    where: str
    formula: str
    title: str = ""
    hint: str = ""


@dataclass(slots=True)
class PageLook:
    """How a sheet prints; `fit` is pages across and down (0 = as many as it takes), None = not
    fitted. Margins in inches by openpyxl's names."""

    landscape: bool = False
    paper: int = 9
    scale: int = 100
    fit: tuple[int, int] | None = None
    margins: Mapping[str, float] = field(default_factory=dict)
    centred: bool = False
    title_rows: tuple[int, int] | None = None


@dataclass(slots=True)
class SheetLook:
    """The looks of one sheet; rows and columns from 1, widths in characters, heights in points.

    `cells` maps places to keys of `styles`, which are made once each.
    """

    styles: Mapping[Any, CellLook] = field(default_factory=dict)
    cells: Iterable[tuple[int, int, Any]] = ()
    widths: Mapping[int, float] = field(default_factory=dict)
    heights: Mapping[int, float] = field(default_factory=dict)
    offers: tuple[DropDown, ...] = ()
    page: PageLook | None = None
    frozen: tuple[int, int] = (0, 0)
    """Rows and columns that stand still."""


def dress(sheet: Worksheet, look: SheetLook, harmful: Callable[[str], bool]) -> None:
    """Give a sheet its looks; drop-downs whose formula is `harmful` are left out."""
    _dress_cells(sheet, look)
    for column, width in look.widths.items():
        sheet.column_dimensions[get_column_letter(column)].width = width
    for row, height in look.heights.items():
        sheet.row_dimensions[row].height = height
    for offer in look.offers:
        if not harmful(offer.formula):
            _offer(sheet, offer)
    if look.page:
        _set_page(sheet, look.page)
    if any(look.frozen):
        sheet.freeze_panes = a1(look.frozen[0] + 1, look.frozen[1] + 1)


def _dress_cells(sheet: Worksheet, look: SheetLook) -> None:
    made: dict[Any, Any] = {}
    scratch = cell_at(sheet, 1, 1)
    kept = look_of(scratch)
    for key, style in look.styles.items():
        made[key] = _made(scratch, style)
    give_look(scratch, kept)
    for row, column, key in look.cells:
        if key in made:
            cell = cell_at(sheet, row, column)
            plain = look.styles[key].number_format == "General"
            shown = cell.number_format
            give_look(cell, made[key])
            keep_as_text(cell)
            if plain and _needs_its_format(cell, shown):
                cell.number_format = shown


def _needs_its_format(cell: Cell, shown: str) -> bool:
    """Dates are days in the grid whatever the source called them; long numbers show in full."""
    return shown != "General" and not isinstance(cell.value, str)


def _made(cell: Cell, style: CellLook) -> Any:
    for name in ("font", "fill", "border", "alignment", "protection"):
        if (value := getattr(style, name)) is not None:
            setattr(cell, name, value)
    cell.number_format = style.number_format
    look = look_of(cell)
    cell.style = "Normal"
    return look


def _offer(sheet: Worksheet, offer: DropDown) -> None:
    rule = DataValidation(allow_blank=True)
    if offer.formula:
        rule.type, rule.formula1, rule.showErrorMessage = "list", offer.formula, True
    if offer.hint:
        rule.promptTitle, rule.prompt = offer.title[:32] or None, offer.hint[:255]
        rule.showInputMessage = True
    rule.sqref = _ranges(offer.where)
    sheet.add_data_validation(rule)


def _ranges(where: str) -> Any:
    from openpyxl.worksheet.cell_range import MultiCellRange

    return MultiCellRange(where)


def _set_page(sheet: Worksheet, page: PageLook) -> None:
    setup = sheet.page_setup
    setup.orientation = "landscape" if page.landscape else "portrait"
    setup.paperSize = page.paper
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=page.fit is not None)
    if page.fit is not None:
        setup.fitToWidth, setup.fitToHeight = page.fit
    else:
        setup.scale = page.scale
    for name, inches in page.margins.items():
        setattr(sheet.page_margins, name, inches)
    sheet.print_options.horizontalCentered = page.centred
    if page.title_rows:
        sheet.print_title_rows = f"{page.title_rows[0]}:{page.title_rows[1]}"
