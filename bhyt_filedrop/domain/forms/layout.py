"""Lay a list of children out as the printed form that an office expects, cell by cell.

Pure: a `ListOf` goes in, a `SheetLayout` comes out; `edges/workbooks/write.py` turns layouts into
a workbook. Titles, two-level header, number row, sections, total and signatures are placed here,
so that what we send is recognised by the same rules as what comes back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from bhyt_filedrop.domain.forms.layout_columns import PRINTS, Column, Print
from bhyt_filedrop.domain.grid import CellValue, Range, Sheet, a1
from bhyt_filedrop.domain.rounds import Round
from bhyt_filedrop.domain.units import Unit, Units

Value = str | float | date | None
Row = Mapping[str, Value]
"""One child by field name (`name`, `birth_date`, `card` …); what a form lacks is not printed."""

CITY_ISSUER = ("BẢO HIỂM XÃ HỘI TP. HỒ CHÍ MINH", "PHÒNG CÔNG NGHỆ THÔNG TIN")

STATUSES = ("Đã có thẻ từ trước", "Cấp thẻ đợt này", "Không đủ cơ sở cấp thẻ")
"""What a ward may answer for a child (1331/BHXH-THU 5.2.4: the three lists of a return)."""

STATUS_HEAD = "Kết quả"
CODE_HEAD = "Mã đối chiếu"


@dataclass(frozen=True, slots=True)
class ListOf:
    """What one sheet shall say.

    Forms with sections take `sections` (section id → rows; one left out is printed empty), the
    others take `rows`. `issuer` is the office's own lines at the top left, the higher office
    first. `about` is an extra line under the title ("Phường Bến Nghé, Quận 1"). `supplier` is
    who gave the list that this one answers. `made_on` fills the date of the signature, else it is
    left to be written by hand. `total` overrides the count of children in the total line.
    """

    form: str
    round: Round
    issuer: tuple[str, ...]
    rows: Sequence[Row] = ()
    sections: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    about: str = ""
    supplier: str = "BHXH Thành phố"
    signer: str = ""
    place: str = "TP.HCM"
    made_on: date | None = None
    total: int | None = None
    sheet: str = ""
    kit: bool = False
    """Add the reply kit: a status column with a drop-down and each row's hidden `code`."""


@dataclass(frozen=True, slots=True)
class PlacedCell:
    """One cell that is written: 1-based place, value and the name of its style."""

    row: int
    column: int
    value: Value
    style: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Cells of one column (rows included) that offer a drop-down."""

    column: int
    first_row: int
    last_row: int
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SheetLayout:
    """A sheet ready to be written; all rows and columns are 1-based.

    `child_rows` and `section_rows` say where each child and section heading came to stand,
    `columns` which column a field has. `widths` are in characters, `heights` in points.
    """

    name: str
    cells: tuple[PlacedCell, ...]
    merges: tuple[Range, ...]
    widths: tuple[float, ...]
    heights: Mapping[int, float]
    header_rows: tuple[int, int]
    columns: Mapping[str, int]
    child_rows: tuple[int, ...]
    section_rows: Mapping[str, int] = field(default_factory=dict)
    total_row: int | None = None
    hidden_columns: frozenset[int] = frozenset()
    choices: tuple[Choice, ...] = ()
    paper: str = "A4"

    def cell(self, child: int, name: str) -> str:
        """Return the A1 name of one field of the n-th child (from 0)."""
        return a1(self.child_rows[child], self.columns[name])

    def as_sheet(self) -> Sheet:
        """Return the layout as the grid that a reader would give for it."""
        return Sheet(
            self.name, _as_rows(self.cells), self.merges, hidden_columns=self.hidden_columns
        )


def _as_rows(cells: Sequence[PlacedCell]) -> tuple[tuple[CellValue, ...], ...]:
    height = max((c.row for c in cells if c.value is not None), default=0)
    rows: list[list[CellValue]] = [[] for _ in range(height)]
    for c in cells:
        if c.value is None:
            continue
        line = rows[c.row - 1]
        line.extend([None] * (c.column - len(line)))
        line[c.column - 1] = float(c.value) if isinstance(c.value, int) else c.value
    return tuple(tuple(line) for line in rows)


def issuer_lines(unit: Unit, units: Units) -> tuple[str, ...]:
    """Return the lines that head a unit's own letters: the office above it, then itself."""
    above = units.by_id.get(unit.parent)
    if unit.kind == "ward":
        return tuple(f"UBND {u.name}".upper() for u in (above, unit) if u is not None)
    own = f"BẢO HIỂM XÃ HỘI {unit.name}" if unit.kind == "district" else unit.name
    return (CITY_ISSUER[0], own.upper())


def supplier_of(unit: Unit, units: Units) -> str:
    """Return who gives a unit its list, as forms 3 and 4 print it: the office above it."""
    above = units.by_id.get(unit.parent)
    return f"BHXH {above.name}" if above else "BHXH Thành phố"


def lay_out(wanted: ListOf) -> SheetLayout:
    """Lay one list out. Raises KeyError for a form that has no printed shape."""
    shape = _with_kit(PRINTS[wanted.form]) if wanted.kit else PRINTS[wanted.form]
    page = _Page(shape)
    _top(page, wanted)
    header = _header(page)
    _body(page, wanted)
    _total(page, wanted)
    _signatures(page, wanted)
    return page.finished(wanted.sheet or _sheet_name(wanted), header, wanted.kit)


def _with_kit(shape: Print) -> Print:
    kit = (
        Column("status", (STATUS_HEAD,), None, 24, "choice"),
        Column("code", (CODE_HEAD,), None, 14, "code"),
    )
    return replace(shape, columns=(*shape.columns, *kit))


def _sheet_name(wanted: ListOf) -> str:
    """A sheet name Excel takes: 31 characters, none of `[]:*?/\\`."""
    name = wanted.about.split(",")[0] or "Danh sách"
    return re.sub(r"[\[\]:*?/\\]", " ", name).strip()[:31] or "Danh sách"


class _Page:
    """A sheet being filled from the top; `row` is the next free row."""

    def __init__(self, shape: Print) -> None:
        self.shape = shape
        self.row = 1
        self.cells: list[PlacedCell] = []
        self.merges: list[Range] = []
        self.heights: dict[int, float] = {}
        self.child_rows: list[int] = []
        self.section_rows: dict[str, int] = {}
        self.total_row: int | None = None

    @property
    def width(self) -> int:
        """The last column that is seen (a hidden code stays out of titles and merges)."""
        fields = [c.field for c in self.shape.columns]
        return fields.index("code") if "code" in fields else len(fields)

    @property
    def middle(self) -> int:
        """The last column of the left half, by width and not by count."""
        columns = self.shape.columns[: self.width]
        half, seen = sum(c.width for c in columns) / 2.2, 0.0
        for number, column in enumerate(columns, start=1):
            seen += column.width
            if seen >= half:
                return min(number, self.width - 1)
        return self.width - 1

    def put(self, value: Value, style: str, first: int, last: int, rows: int = 1) -> None:
        """Place a value on the current row, merged over columns (and rows) where more than one."""
        self.cells.append(PlacedCell(self.row, first, value, style))
        if last > first or rows > 1:
            self.merges.append(Range(self.row, first, self.row + rows - 1, last))

    def line(self, value: Value, style: str, height: float = 0.0) -> None:
        """Place a value over the whole width and go on to the next row."""
        self.put(value, style, 1, self.width)
        self.step(height)

    def step(self, height: float = 0.0) -> None:
        """Go on to the next row; a height of 0 leaves it to the office program."""
        if height:
            self.heights[self.row] = height
        self.row += 1

    def finished(self, name: str, header: tuple[int, int], kit: bool) -> SheetLayout:
        """Close the page."""
        columns = {c.field: i for i, c in enumerate(self.shape.columns, start=1)}
        return SheetLayout(
            name,
            tuple(self.cells),
            tuple(self.merges),
            tuple(c.width for c in self.shape.columns),
            self.heights,
            header,
            columns,
            tuple(self.child_rows),
            self.section_rows,
            self.total_row,
            frozenset({columns["code"]}) if kit else frozenset(),
            tuple(self._choices(columns)) if kit else (),
            self.shape.paper,
        )

    def _choices(self, columns: Mapping[str, int]) -> Iterator[Choice]:
        for first, last in _runs(self.child_rows):
            yield Choice(columns["status"], first, last, STATUSES)


def _runs(rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield first and last of rows that follow one another without a gap."""
    start = 0
    for i, row in enumerate(rows):
        if i + 1 == len(rows) or rows[i + 1] != row + 1:
            yield rows[start], row
            start = i + 1


def _top(page: _Page, wanted: ListOf) -> None:
    """Issuer at the left, national header or form number at the right, then the titles."""
    national = page.shape.corner[-1].startswith("Độc lập")
    styles = ("nation", "motto") if national else ("form", "form")
    for left, left_style, right, right_style in zip(
        _padded(wanted.issuer, 2), ("issuer", "issuer-own"), page.shape.corner, styles, strict=False
    ):
        page.put(left, left_style, 1, page.middle)
        page.put(right, right_style, page.middle + 1, page.width)
        page.step(16)
    page.step(8)
    for title in page.shape.titles:
        page.line(title, "title", 20)
    for subtitle in page.shape.subtitles:
        page.line(subtitle.format_map(_words(wanted)), "subtitle", 18)
    if wanted.about:
        page.line(wanted.about, "subtitle", 18)
    page.step(8)


def _padded(lines: tuple[str, ...], count: int) -> tuple[str, ...]:
    """Exactly `count` lines: more than that are joined, so that no office is left out."""
    if len(lines) > count:
        return (*lines[: count - 1], " - ".join(lines[count - 1 :]))
    return (*lines, *("",) * (count - len(lines)))


def _words(wanted: ListOf) -> Mapping[str, str]:
    round_ = wanted.round
    return {
        "round": round_.title,
        "quarter": f"Quý {round_.quarter} năm {round_.year}",
        "supplier": wanted.supplier,
    }


def _header(page: _Page) -> tuple[int, int]:
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
    for number, column in enumerate(columns, start=1):
        page.put(column.label, _label_style(column), number, number)
    page.step(16)
    return first, page.row - 1


def _groups(columns: Sequence[Column], level: int) -> Iterator[tuple[int, int]]:
    """Yield first and last index of neighbours that share their heading down to a level."""
    start = 0
    while start < len(columns):
        end, path = start, columns[start].head[: level + 1]
        while end + 1 < len(columns) and columns[end + 1].head[: level + 1] == path:
            end += 1
        if len(path) == level + 1:
            yield start, end
        start = end + 1


def _head_height(columns: Sequence[Column], level: int, depth: int) -> float:
    """The tallest heading of a level, in points: 15 a line, narrow columns wrap."""
    lines = [
        -(-len(c.head[level]) // max(int(c.width) - 1, 3)) / (depth - level)
        for c in columns
        if len(c.head) == level + 1
    ]
    return min(max(18.0, 15.0 * max(lines, default=1.0) + 3), 66.0)


def _label_style(column: Column) -> str:
    return "label-cost" if isinstance(column.label, int) and column.label < 0 else "label"


def _body(page: _Page, wanted: ListOf) -> None:
    if not page.shape.sections:
        _rows(page, wanted.rows, 1)
        return
    number = 1
    for section, heading in page.shape.sections.items():
        page.section_rows[section] = page.row
        page.put(section, "section-id", 1, 1)
        page.put(heading, "section", 2, page.width)
        page.step(18)
        rows = wanted.sections.get(section, ())
        _rows(page, rows, number)
        number += len(rows)


def _rows(page: _Page, rows: Sequence[Row], first: int) -> None:
    for number, row in enumerate(rows, start=first):
        page.child_rows.append(page.row)
        for place, column in enumerate(page.shape.columns, start=1):
            value = row.get(column.field, number if column.field == "number" else None)
            page.cells.append(PlacedCell(page.row, place, _kept(value), column.style))
        page.step(_row_height(row, page.shape.columns))


def _row_height(row: Row, columns: Sequence[Column]) -> float:
    """Room for the longest text in points: office programs do not all grow a row by themselves."""
    texts = ((row.get(c.field), c.width) for c in columns)
    lines = max((-(-len(v) // int(w * 1.2)) for v, w in texts if isinstance(v, str)), default=1)
    return 18.0 if lines <= 1 else 15.0 * min(lines, 6) + 3


def _kept(value: Value) -> Value:
    """An empty text is an empty cell."""
    return None if value == "" else value


def _total(page: _Page, wanted: ListOf) -> None:
    count = wanted.total if wanted.total is not None else len(page.child_rows)
    page.total_row = page.row
    page.line(f"Tổng cộng: {count} trẻ", "total", 20)


def _signatures(page: _Page, wanted: ListOf) -> None:
    """The block under the table: date and signer at the right, who drew it up at the left."""
    page.step(10)
    right = page.middle + 1
    page.put(_dated(wanted), "signature-date", right, page.width)
    page.step(18)
    page.put(page.shape.left, "signature", 1, page.middle)
    page.put(wanted.signer or page.shape.right, "signature", right, page.width)
    page.step(18)
    page.put("(Ký, ghi rõ họ tên)", "signature-note", 1, page.middle)
    page.put("(Ký tên, đóng dấu)", "signature-note", right, page.width)
    page.step()


def _dated(wanted: ListOf) -> str:
    day = wanted.made_on
    if day is None:
        return f"{wanted.place}, ngày ..... tháng ..... năm ........."
    return f"{wanted.place}, ngày {day.day:02} tháng {day.month:02} năm {day.year}"
