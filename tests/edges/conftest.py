"""Fixtures of the tests of edges: an empty embedded ledger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bhyt_filedrop.edges.ledger import schema, store


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where an embedded ledger lies."""
    (tmp_path / "state").mkdir()
    return tmp_path / "state" / "ledger.db"


@pytest.fixture
def embedded(file: Path) -> Iterator[Engine]:
    """A ledger in a file, with its tables and nothing in them."""
    opened = store.open_engine(f"sqlite:///{file}")
    schema.metadata.create_all(opened)
    yield opened
    opened.dispose()


@pytest.fixture
def engine(embedded: Engine) -> Engine:
    """The ledger of a test that asks for no other."""
    return embedded
