"""Building sheets cell by cell under a budget, whatever format the cells come from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from bhyt_filedrop.domain.cells.grid import CellValue, Range, Sheet
from bhyt_filedrop.edges.workbooks.child.problems import unsafe

MAX_ROW = 1_048_576
MAX_COLUMN = 16_384
MAX_SHEETS = 1_000
"""Three times what one sheet for each ward of the city takes; recognising each costs the daemon."""

Row = tuple[CellValue, ...]


@dataclass(slots=True)
class Budget:
    """How many cells one file may still make, empty ones before a value included."""

    left: int

    def check(self, cells: int) -> None:
        """See to it that so many cells can still be made, without making them."""
        if cells > self.left:
            raise unsafe("cells")

    def spend(self, cells: int) -> None:
        """Take from the budget. Raises UnreadableError (`file.unsafe`) when it is used up."""
        self.left -= cells
        if self.left < 0:
            raise unsafe("cells")


@dataclass(slots=True)
class SheetBuilder:
    """One sheet in the making; rows and columns are 1-based."""

    name: str
    budget: Budget
    hidden: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    struck_rows: set[int] = field(default_factory=set)
    struck_parts: set[tuple[int, int]] = field(default_factory=set)
    merges: list[Range] = field(default_factory=list)
    _rows: dict[int, list[CellValue]] = field(default_factory=dict)

    def put(self, row: int, column: int, value: CellValue) -> None:
        """Set one cell; an empty value costs and changes nothing."""
        if value is None or value == "":
            return
        if not (0 < row <= MAX_ROW and 0 < column <= MAX_COLUMN):
            raise unsafe("cells")
        cells = self._rows.get(row)
        if cells is None:
            self._rows[row] = cells = []
        missing = column - len(cells)
        if missing > 0:
            self.budget.spend(missing)
            cells.extend([None] * missing)
        cells[column - 1] = value

    def hide_rows(self, first: int, count: int = 1) -> None:
        """Mark rows as hidden; far more than a sheet can have are cut to the sheet's end."""
        self.hidden_rows.update(range(first, min(first + count, MAX_ROW + 1)))

    def hide_columns(self, first: int, count: int = 1) -> None:
        """Mark columns as hidden."""
        self.hidden_columns.update(range(first, min(first + count, MAX_COLUMN + 1)))

    def merge(self, row: int, column: int, rows: int, columns: int) -> None:
        """Join a rectangle of cells; one cell alone is no merge."""
        if rows > 1 or columns > 1:
            self.budget.spend(1)
            self.merges.append(Range(row, column, row + rows - 1, column + columns - 1))

    def build(self) -> Sheet:
        """Finish the sheet."""
        last = max(self._rows, default=0)
        rows = tuple(tuple(self._rows.get(number, ())) for number in range(1, last + 1))
        return make_sheet(
            self.name,
            rows,
            merges=self.merges,
            hidden=self.hidden,
            hidden_rows=self.hidden_rows,
            hidden_columns=self.hidden_columns,
            struck_rows=self.struck_rows,
            struck_parts=self.struck_parts,
        )


def make_sheet(
    name: str,
    rows: Sequence[Row],
    *,
    merges: Iterable[Range] = (),
    hidden: bool = False,
    hidden_rows: Iterable[int] = (),
    hidden_columns: Iterable[int] = (),
    struck_rows: Iterable[int] = (),
    struck_parts: Iterable[tuple[int, int]] = (),
) -> Sheet:
    """Make a sheet of trimmed rows; flags and merges end at its last cell."""
    height = len(rows)
    while height and not rows[height - 1]:
        height -= 1
    width = max(map(len, rows), default=0)
    return Sheet(
        name=name,
        rows=tuple(rows[:height]),
        merges=tuple(_within(merges, height, width)),
        hidden=hidden,
        hidden_rows=frozenset(row for row in hidden_rows if row <= height),
        hidden_columns=frozenset(column for column in hidden_columns if column <= width),
        struck_rows=frozenset(row for row in struck_rows if row <= height),
        struck_parts=frozenset(one for one in struck_parts if one[0] <= height),
    )


def _within(merges: Iterable[Range], height: int, width: int) -> Iterator[Range]:
    for merge in merges:
        last_row, last_column = min(merge.last_row, height), min(merge.last_column, width)
        rows, columns = last_row - merge.first_row, last_column - merge.first_column
        if min(rows, columns) >= 0 < rows + columns:
            yield Range(merge.first_row, merge.first_column, last_row, last_column)


def tidy_rows(rows: Iterable[Sequence[Any]]) -> tuple[Row, ...]:
    """Make grid rows of what calamine gives: `""` is empty, a span of time is its serial number."""
    return tuple(map(_tidy_row, rows))


def _tidy_row(row: Sequence[Any]) -> Row:
    width = len(row)
    while width and row[width - 1] == "":
        width -= 1
    return tuple(
        [
            value or None
            if value.__class__ is str
            else _tidy(value)
            if value.__class__ in _ODD
            else value
            for value in row[:width]
        ]
    )


_ODD = frozenset({int, timedelta, datetime})


def _tidy(value: Any) -> CellValue:
    if isinstance(value, timedelta):
        return value / timedelta(days=1)
    if isinstance(value, datetime):
        return day_or_moment(value)
    return float(value)


def day_or_moment(value: datetime) -> date | datetime:
    """A moment at midnight is a day: no list tells the two apart."""
    at_midnight = not (value.hour or value.minute or value.second or value.microsecond)
    return value.date() if at_midnight else value
