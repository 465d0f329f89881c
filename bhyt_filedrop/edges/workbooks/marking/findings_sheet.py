"""The sheet "Lỗi cần sửa": every finding of a file in one list that can be printed and ticked off.

It is the first sheet of each copy that goes back. Findings about the file as a whole come first,
then those in cells in reading order, each with a link to its cell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from bhyt_filedrop.domain.findings import Finding, Severity
from bhyt_filedrop.edges.workbooks.marking.words import (
    FONT,
    INKS,
    ORDER,
    WORDS,
    cell_at,
    fill,
    give_look,
    look_of,
    put_text,
)

SHEET = "Lỗi cần sửa"
TITLE = "DANH SÁCH LỖI CẦN SỬA"
"""Cell A1 of the sheet: how a copy that comes back is known to carry it already."""

HEADER_ROW = 6
MAX_LINKS = 20_000  # Excel refuses more than 65,530 on one sheet, and slows down long before

_LINE = Side(style="thin", color="808080")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)


@dataclass(frozen=True, slots=True)
class _FindingColumn:
    head: str
    width: float
    centred: bool = False


_NUMBER = _FindingColumn("STT", 6, True)
_LEVEL = _FindingColumn("Mức độ", 12, True)
_FILE = _FindingColumn("Tệp", 22)
_REST = (
    _FindingColumn("Sheet", 13),
    _FindingColumn("Ô", 7, True),
    _FindingColumn("Dòng", 7, True),
    _FindingColumn("Đang ghi", 18),
    _FindingColumn("Nội dung", 46),
    _FindingColumn("Cách sửa", 42),
    _FindingColumn("Mã lỗi", 22),
)


def add_findings_sheet(
    book: Workbook, findings: Sequence[Finding], name: str, links: Mapping[Finding, str]
) -> Worksheet:
    """Put the list in front of a workbook's other sheets and open the workbook on it.

    `links` maps a finding to where its cell lies (`'Sheet 1'!C5`); one without has no link.
    """
    sheet: Worksheet = book.create_sheet(_free_name(book), 0)
    columns = _columns(findings)
    marked = bool(links)
    _write_top(sheet, findings, name, marked, len(columns))
    _write_header(sheet, columns)
    _write_rows(sheet, columns, in_order(findings), links)
    _set_print(sheet, columns, len(findings))
    _open_on(book, sheet)
    return sheet


def remove_own_sheet(book: Workbook) -> bool:
    """Take out the list that an earlier copy carried; tell whether there was one."""
    own = [s for s in book.worksheets if s.title.startswith(SHEET) and s["A1"].value == TITLE]
    if not own or len(own) == len(book.sheetnames):
        return False
    for sheet in own:
        book.remove(sheet)
    return True


def in_order(findings: Sequence[Finding]) -> list[Finding]:
    """Order findings as a clerk works: the whole file, whole sheets, then cell by cell."""
    sheets: dict[str | None, int] = {}
    for found in findings:
        if found.sheet is not None:
            sheets.setdefault(found.sheet, len(sheets) + 1)
    return sorted(findings, key=lambda f: (f.file, sheets.get(f.sheet, 0), *_place(f)))


def _place(found: Finding) -> tuple[int, int, str]:
    letters = (found.cell or "").rstrip("0123456789")
    return found.row or 0, len(letters), letters


def _free_name(book: Workbook) -> str:
    taken = {title.casefold() for title in book.sheetnames}
    name, count = SHEET, 1
    while name.casefold() in taken:
        count += 1
        name = f"{SHEET} ({count})"
    return name


def _columns(findings: Sequence[Finding]) -> tuple[_FindingColumn, ...]:
    """The file column is there only where an archive held several files."""
    if any(f.file for f in findings):
        return (_NUMBER, _LEVEL, _FILE, *_REST)
    return (_NUMBER, _LEVEL, *_REST)


def _write_top(
    sheet: Worksheet, findings: Sequence[Finding], name: str, marked: bool, width: int
) -> None:
    counts = Counter(f.severity for f in findings)
    first, second = _greeting(counts[Severity.BLOCKS], name, marked)
    _line(sheet, 1, width, TITLE, Font(name=FONT, size=15, bold=True), 24)
    _line(sheet, 2, width, first, Font(name=FONT, size=12), 20)
    _line(sheet, 3, width, second, Font(name=FONT, size=12), 36 if marked else 20)
    for number, severity in enumerate(ORDER):
        _total(sheet, severity, counts[severity], _total_places(width)[number])
    sheet.row_dimensions[4].height = 22


def _greeting(blocks: int, name: str, marked: bool) -> tuple[str, str]:
    """Two polite lines: what became of the file, and what to do now."""
    if blocks:
        first = f"Kính gửi quý đơn vị: tệp “{name}” chưa được tiếp nhận vì còn lỗi phải sửa."
    else:
        first = f"Kính gửi quý đơn vị: tệp “{name}” có một số điểm cần quý đơn vị lưu ý."
    if not marked:
        return first, "Đề nghị sửa các lỗi dưới đây trên tệp gốc rồi nộp lại. Xin cảm ơn."
    return first, (
        "Bấm vào cột Ô để đến đúng chỗ cần sửa: ô màu đỏ phải sửa, ô màu vàng cần xem lại, ô màu "
        "xanh chỉ để biết. Sửa xong, lưu lại và nộp vào thư mục như cũ (không cần xóa trang này). "
        "Xin cảm ơn."
    )


def _line(sheet: Worksheet, row: int, width: int, text: str, font: Font, height: float) -> None:
    cell = cell_at(sheet, row, 1)
    put_text(cell, text)
    cell.font = font
    cell.alignment = Alignment(vertical="center", wrap_text=True)
    sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=width)
    sheet.row_dimensions[row].height = height


def _total_places(width: int) -> tuple[tuple[int, int], ...]:
    """Where the three totals stand: under the first columns, each wide enough for its words."""
    return (1, 2), (3, 3 + (width > 9)), (4 + (width > 9), 6 + (width > 9))


def _total(sheet: Worksheet, severity: Severity, count: int, place: tuple[int, int]) -> None:
    first, last = place
    cell = cell_at(sheet, 4, first)
    put_text(cell, f"{WORDS[severity]}: {count}")
    cell.font = Font(name=FONT, size=12, bold=True, color=INKS[severity])
    cell.alignment = Alignment(horizontal="center", vertical="center")
    for column in range(first, last + 1):
        sheet.cell(4, column).fill = fill(severity)
        sheet.cell(4, column).border = _BOX
    if last > first:
        sheet.merge_cells(start_row=4, start_column=first, end_row=4, end_column=last)


def _write_header(sheet: Worksheet, columns: Sequence[_FindingColumn]) -> None:
    for number, column in enumerate(columns, start=1):
        cell = cell_at(sheet, HEADER_ROW, number)
        put_text(cell, column.head)
        cell.font = Font(name=FONT, size=11, bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor="1F4E78")
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        cell.border = _BOX
    sheet.row_dimensions[HEADER_ROW].height = 24


def _write_rows(
    sheet: Worksheet,
    columns: Sequence[_FindingColumn],
    findings: Sequence[Finding],
    links: Mapping[Finding, str],
) -> None:
    samples = _samples(sheet, columns)
    for number, found in enumerate(findings, start=1):
        row = HEADER_ROW + number
        texts = _texts(found, number, with_file=_FILE in columns)
        for column, text in enumerate(texts, start=1):
            cell = cell_at(sheet, row, column)
            give_look(cell, samples[found.severity][column - 1])
            _fill_in(cell, text)
        sheet.row_dimensions[row].height = _height(texts, columns)
        if found in links and number <= MAX_LINKS:
            _link(cell_at(sheet, row, len(columns) - 5), links[found])


def _fill_in(cell: Cell, text: str | int | None) -> None:
    if isinstance(text, str) and text:
        put_text(cell, text)
    elif text is not None and text != "":
        cell.value = text


def _texts(found: Finding, number: int, *, with_file: bool) -> list[str | int | None]:
    head: list[str | int | None] = [number, WORDS[found.severity]]
    if with_file:
        head.append(found.file)
    place = [found.sheet, found.cell, found.row]
    if found.sheet is None and found.row is None:
        place[0] = "(cả tệp)"
    return [*head, *place, found.value, found.message, found.remedy, found.code]


def _samples(sheet: Worksheet, columns: Sequence[_FindingColumn]) -> dict[Severity, list[object]]:
    """One ready style for each severity and column: styling 50,000 cells singly takes seconds."""
    found: dict[Severity, list[object]] = {}
    spare = cell_at(sheet, HEADER_ROW + 1, 1)
    for severity in ORDER:
        found[severity] = []
        for column in columns:
            _dress(spare, column, severity)
            found[severity].append(look_of(spare))
    return found


def _dress(cell: Cell, column: _FindingColumn, severity: Severity) -> None:
    level = column is _LEVEL
    small = column.head == "Mã lỗi"
    ink = INKS[severity] if level else "808080" if small else "000000"
    if column.head == "Ô":
        ink = "0563C1"
    cell.font = Font(name=FONT, size=9 if small else 11, bold=level, color=ink)
    cell.fill = fill(severity) if level else PatternFill()
    cell.border = _BOX
    cell.alignment = Alignment(
        horizontal="center" if column.centred else "left",
        vertical="center",
        wrap_text=True,
        indent=0 if column.centred else 1,
    )


def _height(texts: Sequence[str | int | None], columns: Sequence[_FindingColumn]) -> float:
    """Room for the longest text, in points; Excel takes at most 409."""
    lines = max(_lines(str(t), c.width) for t, c in zip(texts, columns, strict=True) if t)
    return min(15.0 * lines + 5, 400.0)


def _lines(text: str, width: float) -> int:
    return sum(-(-max(len(part), 1) // int(width * 1.3 - 2)) for part in text.split("\n"))


def _link(cell: Cell, location: str) -> None:
    cell.hyperlink = Hyperlink(ref="", location=location, tooltip="Đến ô cần sửa")
    font = copy(cell.font)
    cell.font = Font(name=font.name, size=font.size, color=font.color, underline="single")


def _set_print(sheet: Worksheet, columns: Sequence[_FindingColumn], count: int) -> None:
    for number, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    last = f"{get_column_letter(len(columns))}{HEADER_ROW + max(count, 1)}"
    sheet.auto_filter.ref = f"A{HEADER_ROW}:{last}"
    sheet.freeze_panes = f"A{HEADER_ROW + 1}"
    sheet.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.sheet_properties.tabColor = "C00000"
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.7, footer=0.3)
    footer: Any = sheet.oddFooter
    footer.center.text = "Trang &P/&N"
    footer.center.font = f"{FONT},Italic"
    footer.center.size = 10
    sheet.sheet_view.showGridLines = False


def _open_on(book: Workbook, sheet: Worksheet) -> None:
    """Make one sheet the selected one; two selected sheets would be edited as a group."""
    for other in book.worksheets:
        other.sheet_view.tabSelected = False
    book.active = book.index(sheet)
    sheet.sheet_view.tabSelected = True
    for view in book.views:
        view.firstSheet = 0
