"""Who handed in what without the folder: an event each, before the file is put."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select

from bhyt_filedrop.domain.drops.handed_in import HandedIn
from bhyt_filedrop.domain.process.file_names import mark_in_name
from bhyt_filedrop.edges.ledger import schema
from bhyt_filedrop.edges.ledger.moves import event
from bhyt_filedrop.edges.ledger.store import reading

HANDED_IN, FAILED = "handed-in", "hand-in-failed"


class LedgerHandIns:
    """Events of no drop: when they are written there is none yet."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def note(self, given: HandedIn) -> None:
        """Write down what is about to be put."""
        detail = asdict(given) | {"who": given.by}
        del detail["by"], detail["at"]
        with self._engine.begin() as tx:
            event(tx, given.at, None, HANDED_IN, **detail)

    def failed(self, given: HandedIn, error: str) -> None:
        """Write down that it could not be put, with the kind of the trouble."""
        with self._engine.begin() as tx:
            event(tx, given.at, None, FAILED, tree=given.tree, path=given.path, error=error)

    def of_mark(self, mark: str) -> HandedIn | None:
        """Return what was put under a name with a mark, None where nothing was."""
        row = schema.events.c
        query = (
            select(row.at, row.kind, row.detail)
            .where(row.kind.in_((HANDED_IN, FAILED)), row.drop_id.is_(None))
            .order_by(row.id.desc())
        )
        with reading(self._engine) as connection:
            for at, kind, detail in connection.execute(query):
                if mark_in_name(detail["path"]) == mark:
                    return _handed_in(at, detail) if kind == HANDED_IN else None
        return None


def _handed_in(at: datetime, detail: dict[str, Any]) -> HandedIn:
    given = {name: detail[name] for name in ("unit", "tree", "path", "sha256", "size", "why")}
    return HandedIn(**given, by=detail["who"], address=detail["address"], at=at)
