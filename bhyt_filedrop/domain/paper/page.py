"""A sheet being filled from the top, row by row; the drawing board of `layout.py`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate

from bhyt_filedrop.domain.cells.grid import Range
from bhyt_filedrop.domain.forms.printed import Print
from bhyt_filedrop.domain.paper.values import Choice, PlacedCell, SheetLayout, Value


class Page:
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
        self.round_row: int | None = None

    @property
    def width(self) -> int:
        """The last column that is seen (a hidden code stays out of titles and merges)."""
        return sum(not c.hidden for c in self.shape.columns)

    @property
    def middle(self) -> int:
        """The last column of the left half, by width and not by count."""
        seen = list(accumulate(c.width for c in self.shape.columns[: self.width]))
        half = next(n for n, width in enumerate(seen, start=1) if width >= seen[-1] / 2.2)
        return min(half, self.width - 1)

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

    def finished(self, name: str, header: tuple[int, int], hints: Mapping[str, str]) -> SheetLayout:
        """Close the page; `hints` by field."""
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
            self.round_row,
            frozenset(n for n, c in enumerate(self.shape.columns, start=1) if c.hidden),
            tuple(self._choices(hints)),
            self.shape.paper,
        )

    def _choices(self, hints: Mapping[str, str]) -> Iterator[Choice]:
        for number, column in enumerate(self.shape.columns, start=1):
            hint = hints.get(column.field, "")
            if column.options or hint:
                for first, last in _runs(self.child_rows):
                    yield Choice(number, first, last, column.options, hint)


def _runs(rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield first and last of rows that follow one another without a gap."""
    start = 0
    for i, row in enumerate(rows):
        if i + 1 == len(rows) or rows[i + 1] != row + 1:
            yield rows[start], row
            start = i + 1


def lines_of(text: str, width: float) -> int:
    """Return into how many lines a text wraps in a column of some width, as the widest of the
    fonts does that stand in for Times New Roman where that is missing (a character a width)."""
    room = max(int(width), 1)
    if len(text) <= room and "\n" not in text:
        return 1
    lines = 0
    for line in text.split("\n"):
        taken = room + 1
        for word in line.split(" "):
            if taken + 1 + len(word) <= room:
                taken += 1 + len(word)
            else:
                lines += max(1, -(-len(word) // room))
                taken = len(word) % room or min(len(word), room)
    return max(lines, 1)
