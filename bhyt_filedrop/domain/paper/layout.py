"""Lay a list of children out as the printed form that an office expects, cell by cell.

Pure: a `ListOf` goes in, a `SheetLayout` comes out; `edges/workbooks/write.py` turns layouts into
a workbook. Titles, two-level header, number row, sections, total and signatures are placed here,
so that what we send is recognised by the same rules as what comes back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from bhyt_filedrop.domain.forms.answers import CODE_HEAD, STATUS_HEAD, STATUSES
from bhyt_filedrop.domain.forms.printed import Print, PrintColumn
from bhyt_filedrop.domain.letters.letter import addressed
from bhyt_filedrop.domain.paper.own_prints import OWN_PRINTS
from bhyt_filedrop.domain.paper.page import Page, lines_of
from bhyt_filedrop.domain.paper.prints import PRINTS
from bhyt_filedrop.domain.paper.values import Choice, ListOf, PlacedCell, Row, SheetLayout, Value
from bhyt_filedrop.domain.process.units import Unit, Units

__all__ = [
    "STATUSES",
    "Choice",
    "ListOf",
    "PlacedCell",
    "Row",
    "SheetLayout",
    "Value",
    "lay_out",
    "lay_out_as",
    "supplier_of",
]

_KIT = (
    PrintColumn("status", (STATUS_HEAD,), None, 24, "choice", STATUSES),
    PrintColumn("code", (CODE_HEAD,), None, 14, "code", hidden=True),
)


def supplier_of(unit: Unit, units: Units) -> str:
    """Return who gives a unit its list, as forms 3 and 4 print it: the office above it."""
    above = units.by_id.get(unit.parent)
    return addressed(above, units) if above else units.authority.called


def lay_out(wanted: ListOf) -> SheetLayout:
    """Lay one list out. Raises KeyError for a form that has no printed shape in the product."""
    return lay_out_as(PRINTS.get(wanted.form) or OWN_PRINTS[wanted.form], wanted)


def lay_out_as(shape: Print, wanted: ListOf) -> SheetLayout:
    """Lay a list out in a shape of the caller's own, for tables that are no form."""
    page = Page(_shape(shape, wanted))
    _top(page, wanted)
    header = _header(page)
    _body(page, wanted)
    if wanted.sums is not None:
        _sums(page, wanted.sums)
    elif wanted.signed:
        _total(page, wanted)
    if wanted.signed:
        _signatures(page, wanted)
    layout = page.finished(wanted.sheet or _sheet_name(wanted), header, wanted.hints)
    return replace(layout, one_page=wanted.one_page)


def _shape(shape: Print, wanted: ListOf) -> Print:
    """A printed shape with what this list adds to it or leaves out."""
    columns = tuple(
        replace(
            c,
            options=wanted.options.get(c.field, c.options),
            head=(wanted.heads[c.field],) if c.field in wanted.heads else c.head,
        )
        for c in shape.columns
        if c.field not in wanted.without
    )
    sections = {
        id_: head.format(called=wanted.called, outside=wanted.outside)
        for id_, head in shape.sections.items()
        if id_ not in wanted.omit
    }
    added = _KIT if wanted.kit else _KIT[1:] if wanted.coded else ()
    return replace(shape, columns=(*columns, *added), sections=sections)


def _sheet_name(wanted: ListOf) -> str:
    """A sheet name Excel takes: 31 characters, none of `[]:*?/\\`."""
    name = wanted.about.split(",")[0] or "Danh sách"
    return re.sub(r"[\[\]:*?/\\]", " ", name).strip()[:31] or "Danh sách"


def _top(page: Page, wanted: ListOf) -> None:
    """Issuer at the left, national header or form number at the right, then the titles."""
    national = page.shape.corner[-1].startswith("Độc lập")
    styles = ("nation", "motto") if national else ("form", "form")
    for left, left_style, right, right_style in zip(
        _pad(wanted.issuer, 2), ("issuer", "issuer-own"), page.shape.corner, styles, strict=False
    ):
        page.put(left, left_style, 1, page.middle)
        page.put(right, right_style, page.middle + 1, page.width)
        page.step(_corner_height(page, right))
    page.step(4)
    for title in page.shape.titles:
        page.line(title, "title", 20)
    for subtitle in page.shape.subtitles:
        if "{" in subtitle:
            page.round_row = page.row
        page.line(subtitle.format_map(_words(wanted)), "subtitle", 18)
    if wanted.about and not any("{about}" in line for line in page.shape.subtitles):
        page.line(wanted.about, "subtitle", 18)
    for remark in wanted.remarks:
        page.line(remark, "remark", _remark_height(page, remark))
    page.step(4)


def _corner_height(page: Page, text: str) -> float:
    """Room for a line of the right half, in points: a decision's name takes two."""
    width = sum(c.width for c in page.shape.columns[page.middle : page.width] if not c.hidden)
    return max(16.0, 15.0 * lines_of(text, width) + 1)


def _remark_height(page: Page, remark: str) -> float:
    """Room for a wrapped line over the whole width, in points."""
    width = sum(c.width for c in page.shape.columns if not c.hidden)
    return 15.0 * lines_of(remark, width) + 1


def _pad(lines: tuple[str, ...], count: int) -> tuple[str, ...]:
    """Exactly `count` lines: more than that are joined, so that no office is left out."""
    if len(lines) > count:
        return (*lines[: count - 1], " - ".join(lines[count - 1 :]))
    return (*lines, *("",) * (count - len(lines)))


def _words(wanted: ListOf) -> Mapping[str, str]:
    round_ = wanted.round
    if wanted.blank_round:
        return {
            "round": "Đợt ..... năm .....",
            "quarter": "Quý ..... năm .....",
            "supplier": wanted.supplier,
            "about": wanted.about,
        }
    return {
        "round": round_.title,
        "quarter": f"Quý {round_.quarter} năm {round_.year}",
        "supplier": wanted.supplier,
        "about": wanted.about,
    }


def _header(page: Page) -> tuple[int, int]:
    """Place the heading levels and the number row; return the first and last of these rows."""
    first = page.row
    columns = page.shape.columns
    depth = max(len(c.head) for c in columns)
    for level in range(depth):
        for start, end in _groups(columns, level):
            head = columns[start].head
            leaf = len(head) == level + 1
            page.put(head[level], "head", start + 1, end + 1, depth - level if leaf else 1)
        page.step(_head_height(columns, level, depth))
    if any(column.label is not None for column in columns):
        for number, column in enumerate(columns, start=1):
            page.put(column.label, _label_style(column), number, number)
        page.step(16)
    return first, page.row - 1


def _groups(columns: Sequence[PrintColumn], level: int) -> Iterator[tuple[int, int]]:
    """Yield first and last index of neighbours that share their heading down to a level."""
    start = 0
    while start < len(columns):
        end, path = start, columns[start].head[: level + 1]
        while end + 1 < len(columns) and columns[end + 1].head[: level + 1] == path:
            end += 1
        if len(path) == level + 1:
            yield start, end
        start = end + 1


def _head_height(columns: Sequence[PrintColumn], level: int, depth: int) -> float:
    """The tallest heading of a level, in points: 15 a line, narrow columns wrap."""
    heights = [
        15.0 * lines_of(c.head[level], c.width - 1) / (depth - level) + 3
        for c in columns
        if len(c.head) == level + 1
    ]
    return min(max([18.0, *heights]), 66.0)


def _label_style(column: PrintColumn) -> str:
    return "label-cost" if isinstance(column.label, int) and column.label < 0 else "label"


def _body(page: Page, wanted: ListOf) -> None:
    if wanted.rows or not page.shape.sections:
        _rows(page, wanted, wanted.rows, 1)
        return
    number = 1
    for section, heading in page.shape.sections.items():
        page.section_rows[section] = page.row
        page.put(section, "section-id", 1, 1)
        page.put(heading, "section", 2, page.width)
        page.step(18)
        rows = wanted.sections.get(section, ())
        _rows(page, wanted, rows, number)
        number += len(rows)


def _rows(page: Page, wanted: ListOf, rows: Sequence[Row], first: int) -> None:
    group: Value = None
    columns = page.shape.columns
    least = max((lines_of(text, c.width) for c in columns for text in c.options), default=1)
    for number, row in enumerate(rows, start=first):
        if wanted.grouped and row.get("group") != group:
            group = row.get("group")
            if group:
                page.line(group, "group", 18)
        page.child_rows.append(page.row)
        for place, column in enumerate(columns, start=1):
            value = row.get(column.field, number if column.field == "number" else None)
            page.cells.append(PlacedCell(page.row, place, _cell_value(value), column.style))
        page.step(_row_height(row, columns, least))


def _row_height(row: Row, columns: Sequence[PrintColumn], least: int) -> float:
    """Room for the longest text in points: office programs do not all grow a row by themselves.
    `least` lines are what the texts take that are offered in each row."""
    every = ((row.get(c.field), c.width) for c in columns)
    lines = max([least, *(lines_of(text, width) for text, width in every if isinstance(text, str))])
    return 18.0 if lines <= 1 else 15.0 * min(lines, _MOST_LINES) + 3


_MOST_LINES = 8


def _cell_value(value: Value) -> Value:
    """An empty text is an empty cell."""
    return None if value == "" else value


def _total(page: Page, wanted: ListOf) -> None:
    count = wanted.total if wanted.total is not None else len(page.child_rows)
    page.total_row = page.row
    page.line(f"Tổng cộng: {count} trẻ", "total", 20)


_SUM_STYLES = {"amount": "total-amount", "count": "total-count"}


def _sums(page: Page, sums: Row) -> None:
    page.total_row = page.row
    for place, column in enumerate(page.shape.columns, start=1):
        style = _SUM_STYLES.get(column.style, "total")
        page.cells.append(PlacedCell(page.row, place, _cell_value(sums.get(column.field)), style))
    page.step(20)


def _signatures(page: Page, wanted: ListOf) -> None:
    """The block under the table: date and signer at the right, who drew it up at the left."""
    page.step(10)
    right = page.middle + 1
    page.put(_date_line(wanted), "signature-date", right, page.width)
    page.step(18)
    page.put(page.shape.left, "signature", 1, page.middle)
    page.put(wanted.signer or wanted.right or page.shape.right, "signature", right, page.width)
    page.step(18)
    page.put("(Ký, ghi rõ họ tên)", "signature-note", 1, page.middle)
    page.put("(Ký tên, đóng dấu)", "signature-note", right, page.width)
    page.step()


def _date_line(wanted: ListOf) -> str:
    day = wanted.made_on
    if day is None:
        return f"{wanted.place}, ngày ..... tháng ..... năm ........."
    return f"{wanted.place}, ngày {day.day:02} tháng {day.month:02} năm {day.year}"
