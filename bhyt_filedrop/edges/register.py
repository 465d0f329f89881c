"""The register of children's cards as a table of any SQL database.

What a column holds is repaired as a clerk's list is (an export that CNTT drops is one). Nothing of
a row ever stands in an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bhyt_filedrop.domain.cells.dates import read_birth_date
from bhyt_filedrop.domain.cells.grid import CellValue
from bhyt_filedrop.domain.cells.people import read_card, read_facility, read_id_number, read_sex
from bhyt_filedrop.domain.cells.text import cell_text, clean
from bhyt_filedrop.domain.derive.drafts import RegisterRow
from bhyt_filedrop.ports import NeverWorks, TryLater

if TYPE_CHECKING:
    from sqlalchemy import ColumnClause, Connection


@dataclass(frozen=True, slots=True)
class TableSource:
    """A table (or view): SQLAlchemy URL, name with or without `schema.`, field → column."""

    url: str = field(repr=False)
    table: str
    columns: Mapping[str, str]


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
