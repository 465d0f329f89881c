"""The register of children's cards: a table of any SQL database, or an export that CNTT drops.

Both give the same rows; what a cell or a column holds is repaired as a clerk's list is. Nothing of
a row ever stands in an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bhyt_filedrop.domain.cells.dates import read_birth_date
from bhyt_filedrop.domain.cells.grid import CellValue, Sheet
from bhyt_filedrop.domain.cells.people import read_card, read_facility, read_id_number, read_sex
from bhyt_filedrop.domain.cells.text import cell_text, clean, fold
from bhyt_filedrop.domain.derive.drafts import RegisterRow
from bhyt_filedrop.ports import NeverWorks, Reader, TryLater

if TYPE_CHECKING:
    from sqlalchemy import ColumnClause, Connection

NEEDED = ("name", "birth", "card")
OPTIONAL = ("parent", "facility", "facility_name", "address", "sex", "id_number")
FIELDS = (*NEEDED, *OPTIONAL)

HEADERS: Mapping[str, tuple[str, ...]] = {
    "name": ("Họ và tên", "Họ tên", "HO_TEN", "HOTEN"),
    "birth": ("Ngày tháng năm sinh", "Ngày sinh", "NGAY_SINH", "NGAYSINH"),
    "card": ("Mã số thẻ BHYT", "Mã số thẻ", "Mã thẻ BHYT", "Mã thẻ", "Số thẻ BHYT", "Số thẻ",
             "Mã số", "MA_THE", "MATHE", "SOTHE"),
    "parent": ("Họ tên mẹ (cha)", "Họ tên cha mẹ", "Họ tên mẹ", "MAPB", "HOTENME"),
    "facility": ("Mã ĐKBĐ", "Mã nơi ĐK KCB", "Mã KCB", "Mã BV", "Mã bệnh viện", "MA_DKBD", "MA_BV"),
    "facility_name": ("Tên bệnh viện", "Nơi đăng ký KCB ban đầu", "TEN_BV"),
    "address": ("Địa chỉ", "DIA_CHI", "DIACHI"),
    "sex": ("Giới tính", "GIOI_TINH", "GIOITINH"),
    "id_number": ("Số CMND", "Số CCCD", "CMND/CCCD", "SO_CMND", "SOCMND"),
}  # fmt: skip
"""The columns of an export by the headers that they usually have."""


@dataclass(frozen=True, slots=True)
class TableSource:
    """A table (or view): SQLAlchemy URL, name with or without `schema.`, field → column."""

    url: str = field(repr=False)
    table: str
    columns: Mapping[str, str]


def table_source(config: Mapping[str, Any]) -> TableSource:
    """Read `{"url": …, "table": …, "columns": {"name": "HO_TEN", …}}`.

    Raises ValueError with one line that names the key at fault.
    """
    for key in ("url", "table", "columns"):
        if not config.get(key):
            raise ValueError(f"register: {key} is missing")
    columns = config["columns"]
    if not isinstance(columns, Mapping):
        raise ValueError("register: columns must name a column for each field")
    if unknown := sorted(set(columns) - set(FIELDS)):
        raise ValueError(f"register: columns.{unknown[0]} is no field; there are {list(FIELDS)}")
    if missing := [name for name in NEEDED if not columns.get(name)]:
        raise ValueError(f"register: columns.{missing[0]} is missing")
    return TableSource(str(config["url"]), str(config["table"]), dict(columns))


def read_table(source: TableSource) -> tuple[RegisterRow, ...]:
    """Read every row of a register's table.

    Raises TryLater where the database cannot be reached now, NeverWorks where the URL, the table or
    a column is wrong.
    """
    from sqlalchemy import create_engine, exc

    try:
        engine = create_engine(source.url)
        try:
            with engine.connect() as connection:
                return tuple(_rows(_select(connection, source)))
        finally:
            engine.dispose()
    except (exc.NoSuchTableError, KeyError):
        raise NeverWorks(f"register table {source.table}: no such table or column") from None
    except exc.DBAPIError:
        raise TryLater(f"register table {source.table}: the database does not answer") from None
    except (exc.ArgumentError, exc.NoSuchModuleError, ImportError):
        raise NeverWorks("register: the url names no database that can be opened here") from None


def _select(connection: Connection, source: TableSource) -> Iterator[dict[str, Any]]:
    """Names are looked up before they are asked for: SQLite takes an unknown one for a text."""
    from sqlalchemy import column, inspect, select, table

    schema, _, name = source.table.rpartition(".")
    there = inspect(connection).get_columns(name, schema=schema or None)
    real = {found["name"].casefold(): found["name"] for found in there}
    columns: list[ColumnClause[Any]] = [
        column(real[wanted.casefold()]) for wanted in source.columns.values()
    ]
    asked = table(name, *columns, schema=schema or None)
    rows = connection.execution_options(yield_per=5000).execute(select(*asked.c))
    for row in rows:
        yield dict(zip(source.columns, row, strict=True))


# --- an export -------------------------------------------------------------------------------


def read_export(
    path: Path, reader: Reader, headers: Mapping[str, Iterable[str]] | None = None
) -> tuple[RegisterRow, ...]:
    """Read an export of the register in any format that the reader knows.

    `headers` names the headers of some fields; the usual ones are known anyway. Raises NeverWorks
    where the file is no workbook, or no sheet has the columns that are needed.
    """
    workbook = reader.read(path, path.name).workbook
    if workbook is None:
        raise NeverWorks("register export: not a workbook that can be read")
    known = {name: [*(headers or {}).get(name, ()), *HEADERS[name]] for name in FIELDS}
    tables = [(sheet, found) for sheet in workbook.sheets if (found := _header(sheet, known))]
    if not tables:
        raise NeverWorks(f"register export: no sheet has the columns {', '.join(NEEDED)}")
    return tuple(row for sheet, found in tables for row in _rows(_below(sheet, *found)))


def _header(sheet: Sheet, known: Mapping[str, Iterable[str]]) -> tuple[int, dict[str, int]] | None:
    """Return the header's row and field → column; both 0-based."""
    for number, cells in enumerate(sheet.rows[:60]):
        texts = [fold(cell_text(cell)) for cell in cells]
        columns = {
            name: texts.index(wanted)
            for name, words in known.items()
            if (wanted := next((w for w in map(fold, words) if w in texts), ""))
        }
        if all(name in columns for name in NEEDED):
            return number, columns
    return None


def _below(sheet: Sheet, header: int, columns: Mapping[str, int]) -> Iterator[dict[str, CellValue]]:
    for cells in sheet.rows[header + 1 :]:
        yield {name: cells[at] if at < len(cells) else None for name, at in columns.items()}


# --- rows ------------------------------------------------------------------------------------


def _rows(rows: Iterable[Mapping[str, Any]]) -> Iterator[RegisterRow]:
    """Rows with a name and a child's card number; blank lines and grown-ups are passed by."""
    for row in rows:
        found = _row({name: _cell(value) for name, value in row.items()})
        if found.name and found.card:
            yield found


def _cell(value: object) -> CellValue:
    """A database's value as a cell's: numbers are floats, dates stay dates."""
    if isinstance(value, bool) or value is None:
        return None if value is None else str(int(value))
    if isinstance(value, int | Decimal):
        return float(value)
    if isinstance(value, str | float | datetime | date):
        return value
    return str(value)


def _row(row: Mapping[str, CellValue]) -> RegisterRow:
    card = read_card(row.get("card"))
    province = card.number[3:5] if card.kind == "te" else None
    code = cell_text(row.get("facility"))
    facility = read_facility(province if len(code) <= 3 else None, row.get("facility"))
    return RegisterRow(
        name=_text(row.get("name")),
        birth=_birth(row.get("birth")),
        parent=_text(row.get("parent")),
        card="" if card.problem or card.kind == "other" else card.number,
        facility=facility.code or card.facility,
        facility_name=_text(row.get("facility_name")),
        address=_text(row.get("address")),
        sex=read_sex(row.get("sex"), "gioi-tinh").value,
        id_number=read_id_number(row.get("id_number")).text,
    )


def _text(value: CellValue) -> str:
    return clean(cell_text(value)).text


def _birth(value: CellValue) -> str:
    birth = read_birth_date(value)
    if birth.date:
        return birth.date.isoformat()
    if birth.year and birth.month:
        return f"{birth.year:04}-{birth.month:02}"
    return f"{birth.year:04}" if birth.year else ""
