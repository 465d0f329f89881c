"""A recognised list of children: which form, round and unit, and its rows with their cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bhyt_filedrop.domain.cells.grid import CellValue, a1
from bhyt_filedrop.domain.process.rounds import Round


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


@dataclass(frozen=True, slots=True)
class ChildRow:
    """One child's row. `section` is the section's id in the form (`"I"`), "" without sections."""

    sheet: str
    row: int
    section: str
    fields: Mapping[str, Field]

    def __getitem__(self, name: str) -> Field:
        """Return a field; a column the form does not have reads as an empty field."""
        found = self.fields.get(name)
        return found if found is not None else Field(name, None, "", self.sheet, self.row, 0)


@dataclass(frozen=True, slots=True)
class Table:
    """Where one table of a form was found on one sheet (all numbers 1-based)."""

    sheet: str
    header_rows: tuple[int, int]
    """First and last row of the header, the number row included."""
    columns: Mapping[str, int]
    """Field name → column."""
    last_row: int
    sections: Mapping[str, int] = field(default_factory=dict)
    """Section id → the row of its heading."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A cell above a table that says something: the line naming the round, or the unit."""

    sheet: str
    cell: str
    text: str


@dataclass(frozen=True, slots=True)
class Submission:
    """All tables of one form in one file, taken as one list.

    `round` and `unit` are what the file itself says (None where it does not say); the folder has
    the last word on the unit.
    """

    form: str
    tables: tuple[Table, ...]
    rows: tuple[ChildRow, ...]
    round: Round | None = None
    unit: str | None = None
    file: str = ""
    heading_units: frozenset[str] = frozenset()
    """Ids of every unit that the heading may mean: several where a name is not unique
    ("Phường 1"), none where it names no unit."""
    round_spot: Spot | None = None
    """Where the round stands, or should stand ("Đợt … năm …" left blank)."""
    unit_spot: Spot | None = None
    """Where the heading names the issuing unit."""
