"""The fields of one row, made when they are asked for.

A cost list has 37 columns and thousands of rows, of which the checks read a third; making every
field of every row would cost more than all the checks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar, overload

from bhyt_filedrop.domain.cells.grid import CellValue, ErrorValue, a1
from bhyt_filedrop.domain.forms.texts import SheetText

T = TypeVar("T")

Layout = Mapping[str, tuple[int, str]]
"""Field → its 1-based column and kind; one for all rows of a table."""


@dataclass(frozen=True, slots=True)
class Field:
    """One value of one row, and where it stands.

    `raw` is the cell as read, `text` the same as repaired text (NFC, single spaces, legacy fonts
    converted, trimmed; `""` when empty). `column` is 1-based, 0 where the form lacks the column.
    """

    name: str
    raw: CellValue
    text: str
    sheet: str
    row: int
    column: int
    legacy: str | None = None
    """`tcvn3` or `vni` where the text was converted from a legacy encoding."""
    kind: str = "text"
    """The kind of the column as its header said it (`forms.spec.Kind`)."""

    @property
    def cell(self) -> str | None:
        """The A1 name, or None where the form has no such column."""
        return a1(self.row, self.column) if self.column else None

    def __bool__(self) -> bool:
        return bool(self.text)


class RowFields(Mapping[str, Field]):
    """Field name → field, over one row of a sheet."""

    __slots__ = ("_cells", "_layout", "_made", "_row", "_texts")

    def __init__(self, texts: SheetText, row: int, layout: Layout) -> None:
        self._texts, self._row, self._layout = texts, row, layout
        self._cells = texts.rows[row - 1]
        self._made: dict[str, Field] = {}

    def text(self, name: str) -> str:
        """Return the text of a field, "" where the form lacks the column."""
        found = self._layout.get(name)
        return self._cells.get(found[0], "") if found else ""

    def raw(self, name: str) -> CellValue:
        """Return the cell of a field as it was read, None where the form lacks the column."""
        found = self._layout.get(name)
        return self._texts.value(self._row, found[0]) if found else None

    def __getitem__(self, name: str) -> Field:
        made = self._made.get(name)
        if made is None:
            made = self._made[name] = self._make(name)
        return made

    def _make(self, name: str) -> Field:
        column, kind = self._layout[name]
        texts, row = self._texts, self._row
        return Field(
            name,
            texts.value(row, column),
            texts.rows[row - 1].get(column, ""),
            texts.sheet.name,
            row,
            column,
            texts.legacy.get((row, column)),
            kind,
        )

    # Mapping.get would raise and catch a KeyError for each column that the form lacks.
    @overload
    def get(self, name: str, /) -> Field | None: ...

    @overload
    def get(self, name: str, /, default: Field | T) -> Field | T: ...

    def get(self, name: str, /, default: object = None) -> object:
        """Return a field, or `default` where the form lacks the column."""
        return self[name] if name in self._layout else default

    def __contains__(self, name: object) -> bool:
        return name in self._layout

    def __iter__(self) -> Iterator[str]:
        return iter(self._layout)

    def __len__(self) -> int:
        return len(self._layout)

    @property
    def layout(self) -> Layout:
        """The layout that all rows of the table share."""
        return self._layout

    @property
    def has_errors(self) -> bool:
        """True where any cell of the row holds an error."""
        return any(type(value) is ErrorValue for value in self._texts.sheet.rows[self._row - 1])

    @property
    def has_legacy(self) -> bool:
        """True where any cell of the sheet was converted from a legacy encoding."""
        return bool(self._texts.legacy)


def broken_fields(fields: RowFields) -> frozenset[str]:
    """Return the fields whose cell holds an error (`#REF!`, a formula without a result)."""
    if not fields.has_errors:
        return frozenset()
    return frozenset(f.name for f in fields.values() if isinstance(f.raw, ErrorValue))


def legacy_fields(fields: RowFields) -> tuple[str, ...]:
    """Return the fields whose text was converted from a legacy encoding."""
    if not fields.has_legacy:
        return ()
    return tuple(f.name for f in fields.values() if f.legacy)
