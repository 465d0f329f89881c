"""The tables of a ledger as they are, held against those that this program knows.

The version that is written in a ledger says what was meant to be done to it; only its tables say
what was. A test holds the migrations against `schema`, so the two come to the same here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import Engine, Inspector, Table, UniqueConstraint, inspect

from bhyt_filedrop.edges.ledger.raw_rows import every_table
from bhyt_filedrop.edges.ledger.store import reading


def lacking(engine: Engine) -> tuple[str, ...]:
    """Name the tables and columns without which statements fail."""
    with reading(engine) as connection:
        found = inspect(connection)
        return tuple(name for table in every_table() for name in _lacks(found, table))


def differences(engine: Engine) -> tuple[str, ...]:
    """Name all that is missing (`-table.column`) or foreign (`+table.column`), indexes too."""
    with reading(engine) as connection:
        found = inspect(connection)
        missing = [f"-{name}" for table in every_table() for name in _lacks(found, table)]
        there = [table for table in every_table() if found.has_table(table.name)]
        return (*missing, *(name for table in there for name in _differs(found, table)))


def _lacks(found: Inspector, table: Table) -> Iterator[str]:
    if not found.has_table(table.name):
        yield table.name
        return
    has = {column["name"] for column in found.get_columns(table.name)}
    yield from (f"{table.name}.{name}" for name in table.columns.keys() if name not in has)  # noqa: SIM118


def _differs(found: Inspector, table: Table) -> Iterator[str]:
    for column in found.get_columns(table.name):
        known = table.columns.get(column["name"])
        if known is None:
            yield f"+{table.name}.{column['name']}"
        elif bool(known.nullable) != bool(column["nullable"]):
            yield f"+{table.name}.{column['name']} nullable={column['nullable']}"
    wanted = _keys_of(table, found.dialect.name)
    has = _keys_found(found, table.name)
    yield from (f"-{name}" for name in sorted(wanted - has))
    yield from (f"+{name}" for name in sorted(has - wanted))


def _keys_of(table: Table, dialect: str) -> set[str]:
    unique = (one for one in table.constraints if isinstance(one, UniqueConstraint))
    return {
        *(
            _key(one.name, one.columns.keys())
            for one in table.indexes
            if one.info.get("dialect", dialect) == dialect
        ),
        *(_key(one.name, one.columns.keys()) for one in unique),
    }


def _keys_found(found: Inspector, table: str) -> set[str]:
    """Indexes and unique constraints; PostgreSQL tells the latter as indexes too."""
    return {
        *(_key(one["name"], one["column_names"]) for one in found.get_indexes(table)),
        *(_key(one["name"], one["column_names"]) for one in found.get_unique_constraints(table)),
    }


def _key(name: object, columns: Iterable[object]) -> str:
    return f"{name}({', '.join(map(str, columns))})"
