"""How an actor reads a list that lies in its folder: by the headings on it, as a clerk does.

The product's own readers are left alone on purpose: what an office can read is judged by another
pair of eyes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

from bhyt_filedrop.domain.cells.grid import a1
from bhyt_filedrop.simulate.quarter.population import Key, key_of

HEADINGS: Mapping[str, str] = {
    "STT": "number",
    "Họ và tên": "name",
    "Ngày tháng năm sinh": "birth_date",
    "Ngày sinh": "birth_date",
    "Giới tính": "sex",
    "Nữ": "girl",
    "Họ tên mẹ (cha)": "parent",
    "Số CMND": "id_number",
    "Địa chỉ": "address",
    "Kết quả": "status",
    "Mã số": "card",
    "Mã số thẻ": "card",
    "Tỉnh": "province",
    "Mã BV": "facility",
    "Tên bệnh viện": "facility_name",
    "Ghi chú": "note",
    "Ghi chú (lý do)": "note",
    "Mã đối chiếu": "code",
}
"""What a column is headed → what it holds."""
_NO_MORE: Mapping[str, str] = {}

_SECTIONS = ("I", "II", "III")


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One child in a list: its 1-based row, the section it stands in, and its cells by field."""

    row: int
    section: str
    values: Mapping[str, Any]

    def __getitem__(self, field: str) -> str:
        return text_of(self.values.get(field))

    @property
    def key(self) -> Key:
        """How the list speaks of the child."""
        return key_of(self["name"], _day_of(self.values.get("birth_date")), self["parent"])


@dataclass(frozen=True, slots=True)
class SheetTable:
    """A list as an office sees it; `columns` are 1-based, by field."""

    sheet: str
    columns: Mapping[str, int]
    lines: tuple[SheetLine, ...]

    def cell(self, row: int, field: str) -> str:
        """Return the A1 name of a field's cell."""
        return a1(row, self.columns[field])


def read_table(path: Path, heads: Mapping[str, str] = _NO_MORE) -> SheetTable:
    """Read the first sheet that holds a list; `heads` are further headings and what they hold.

    Raises ValueError where there is none.
    """
    book = CalamineWorkbook.from_path(path)
    for name in book.sheet_names:
        table = table_of(name, book.get_sheet_by_name(name).to_python(skip_empty_area=False), heads)
        if table is not None:
            return table
    raise ValueError(f"no list in {path.name}")


def table_of(
    sheet: str, rows: Sequence[Sequence[Any]], heads: Mapping[str, str] = _NO_MORE
) -> SheetTable | None:
    """Find the header and the children below it; None where a sheet has no list."""
    top = next((n for n, row in enumerate(rows) if "Họ và tên" in map(text_of, row)), None)
    if top is None:
        return None
    columns = _columns(rows[top : top + 3], {**HEADINGS, **heads})
    lines, section = [], ""
    for number, row in enumerate(rows[top + 1 :], start=top + 2):
        values = {field: _at(row, column) for field, column in columns.items()}
        first = text_of(values.get("number"))
        section = first if first in _SECTIONS else section
        if _is_child(first, values):
            lines.append(SheetLine(number, section, values))
    return SheetTable(sheet, columns, tuple(lines))


def _columns(rows: Sequence[Sequence[Any]], heads: Mapping[str, str]) -> dict[str, int]:
    """A heading of two levels is known by its lower one."""
    found: dict[str, int] = {}
    for row in rows:
        for column, cell in enumerate(row, start=1):
            field = heads.get(text_of(cell))
            if field:
                found.setdefault(field, column)
    return found


def _is_child(first: str, values: Mapping[str, Any]) -> bool:
    """A numbered row with a name; the row of column numbers has digits in the name's place."""
    name = text_of(values.get("name"))
    return first.isdigit() and bool(name) and not name.isdigit()


def _at(row: Sequence[Any], column: int) -> Any:
    return row[column - 1] if column <= len(row) else None


def text_of(value: Any) -> str:
    """Return a cell as a clerk reads it."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return " ".join(str(value if value is not None else "").split())


def _day_of(value: Any) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    parts = text_of(value).split("/")
    return "-".join(reversed(parts)) if len(parts) == 3 else text_of(value)
