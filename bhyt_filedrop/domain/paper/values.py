"""What goes into a printed list and what comes out of laying it out, as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from bhyt_filedrop.domain.cells.grid import CellValue, Range, Sheet, a1
from bhyt_filedrop.domain.process.rounds import Round

Value = str | float | date | None
Row = Mapping[str, Value]
"""One child by field name (`name`, `birth_date`, `card` …); what a form lacks is not printed.
`group` is the caption under which a row stands (the ward's name); see `ListOf.grouped`."""


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
    supplier: str = ""
    signer: str = ""
    place: str = "........."
    made_on: date | None = None
    total: int | None = None
    blank_round: bool = False
    """Leave the round to be written by hand."""
    sheet: str = ""
    without: frozenset[str] = frozenset()
    """Fields whose columns are not printed."""
    omit: frozenset[str] = frozenset()
    """Sections that are not printed, not even empty: for lists of one section."""
    kit: bool = False
    """Add the reply kit: a status column with a drop-down and each row's hidden `code`."""
    coded: bool = False
    """Add each row's hidden `code` alone."""
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Drop-downs by field, where the form itself has none."""
    hints: Mapping[str, str] = field(default_factory=dict)
    """Field → what shows beside a cell of it that is being filled in."""
    grouped: bool = False
    """Print a caption wherever the rows' `group` changes."""
    remarks: tuple[str, ...] = ()
    """Lines under the titles that tell a reader what to do or what is missing; they wrap."""
    called: str = ""
    """How headings call the offices that answer, where they name them."""
    outside: str = ""
    """How headings call what lies outside (`Authority.outside`), where they name it."""
    heads: Mapping[str, str] = field(default_factory=dict)
    """Field → the heading of its column, where this city calls it otherwise."""
    right: str = ""
    """The caption of the right signature, where another office than usual signs."""
    sums: Row | None = None
    """A row of sums in place of the line "Tổng cộng: … trẻ"."""
    one_page: bool = False
    """Print on a single page, however small the letters: for summaries, not for lists."""
    signed: bool = True
    """Leave room for signatures, and state the total, as a document needs."""


@dataclass(frozen=True, slots=True)
class PlacedCell:
    """One cell that is written: 1-based place, value and the name of its style."""

    row: int
    column: int
    value: Value
    style: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Cells of one column (rows included) that offer a drop-down, or only say what belongs there
    (no `options`). `hint` shows beside the cell that is being filled in."""

    column: int
    first_row: int
    last_row: int
    options: tuple[str, ...]
    hint: str = ""


_HALF, _MOST = 170.0, 205.0
"""Points: half, and three fifths, of what Excel and LibreOffice leave to a sheet on a screen of
1366 x 768 (about 455 pixels of 0.75 points)."""


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
    round_row: int | None = None
    """The title line that names the round, in column 1."""
    hidden_columns: frozenset[int] = frozenset()
    choices: tuple[Choice, ...] = ()
    paper: str = "A4"
    one_page: bool = False

    @property
    def still_rows(self) -> int:
        """How many rows stand still while one scrolls: down to the headings, where that leaves room
        for children on a laptop's screen; else none."""
        last = self.header_rows[1]
        every = sum(self.heights.get(row, 15.0) for row in range(1, last + 1))
        if every <= _HALF:
            return last
        # The row of numbers may go first.
        return last - 1 if every - self.heights.get(last, 15.0) <= _MOST else 0

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
