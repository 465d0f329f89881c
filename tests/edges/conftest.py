"""Fixtures of the tests of edges: an empty embedded ledger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bhyt_filedrop.edges.ledger import schema, store


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A ledger in a file, with its tables and nothing in them."""
    opened = store.open_engine(store.sqlite_url(tmp_path / "ledger.db"))
    schema.metadata.create_all(opened)
    yield opened
    opened.dispose()
