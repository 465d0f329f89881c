"""A ledger's rows as they are stored, the same from SQLite and from PostgreSQL.

What a column holds in JSON is taken as its text, to the letter: the program's own reading cannot
tell a JSON null from no value at all, and PostgreSQL gives a text back as it was given.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    MetaData,
    String,
    Table,
    Text,
    cast,
    select,
    type_coerce,
)
from sqlalchemy.types import NullType, TypeDecorator, TypeEngine

from bhyt_filedrop.edges.ledger import schema

BATCH = 1000
"""Rows that are read and written at a time."""

RawRow = tuple[Any, ...]


def every_table() -> list[Table]:
    """Return the ledger's tables, each after those that it refers to."""
    return schema.metadata.sorted_tables


def rows_of(connection: Connection, table: Table) -> Iterator[RawRow]:
    """Yield the rows of a table in the order of its key, the same in every database."""
    query = select(*(_stored(column) for column in table.columns))
    query = query.order_by(*(_sorted_by(column, connection) for column in table.primary_key))
    for some in connection.execute(query, execution_options={"yield_per": BATCH}).partitions():
        yield from (tuple(one) for one in some)


def rows_in_batches(connection: Connection, table: Table) -> Iterator[list[RawRow]]:
    """Yield the same rows, some at a time."""
    rows = rows_of(connection, table)
    while some := list(islice(rows, BATCH)):
        yield some


def key_of(table: Table, row: RawRow) -> RawRow:
    """Return what tells a row from the others of its table."""
    return tuple(
        value for column, value in zip(table.columns, row, strict=True) if column.primary_key
    )


def bytes_of(row: RawRow) -> bytes:
    """Return a row as bytes, to be hashed."""
    return json.dumps(row, ensure_ascii=True, default=str).encode() + b"\n"


def bare(table: Table) -> Table:
    """Return a table that takes rows as they are stored."""
    columns = (Column(one.name, _written(one.type)) for one in table.columns)
    return Table(table.name, MetaData(), *columns)


def numbered(table: Table) -> str | None:
    """Return the column that the database itself numbers, None where it numbers none."""
    column = table.autoincrement_column
    return column.name if column is not None else None


def _written(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    if isinstance(kind, JSON):
        return NullType()  # the driver says nothing of the text's type, so the column decides
    return _without_meaning(kind)


def _without_meaning(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """What the program makes of a stored value (a zone, odd bytes of a path) is left out."""
    return kind.impl_instance if isinstance(kind, TypeDecorator) else kind


def _stored(column: Column[Any]) -> ColumnElement[Any]:
    if isinstance(column.type, JSON):
        return cast(column, Text).label(column.name)
    return type_coerce(column, _without_meaning(column.type)).label(column.name)


def _sorted_by(column: Column[Any], connection: Connection) -> ColumnElement[Any]:
    """By code points: a server sorts as its language does, SQLite does not."""
    kind = _without_meaning(column.type)
    if connection.dialect.name == "postgresql" and isinstance(kind, String):
        return type_coerce(column, kind).collate("C")
    return column
