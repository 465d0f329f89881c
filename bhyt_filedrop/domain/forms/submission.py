"""A recognised list of children: which form, round and unit, and its rows with their cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bhyt_filedrop.domain.forms.fields import Field, RowFields
from bhyt_filedrop.domain.process.rounds import Round


@dataclass(frozen=True, slots=True)
class ChildRow:
    """One child's row. `section` is the section's id in the form (`"I"`), "" without sections."""

    sheet: str
    row: int
    section: str
    fields: RowFields

    def __getitem__(self, name: str) -> Field:
        """Return a field; a column the form does not have reads as an empty field."""
        found = self.fields.get(name)
        return found if found is not None else Field(name, None, "", self.sheet, self.row, 0)

    def text(self, name: str) -> str:
        """Return the text of a field, "" where the form lacks the column."""
        return self.fields.text(name)


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
    province_codes: Mapping[str, str] = field(default_factory=dict)
    """Provinces that its columns may write by name (`Units.province_codes`)."""
