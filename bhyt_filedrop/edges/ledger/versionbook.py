"""The configurations that were in force, whole: from when, by whose hand, why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Engine, insert, select, update

from bhyt_filedrop.edges.ledger import schema
from bhyt_filedrop.edges.ledger.moves import event
from bhyt_filedrop.edges.ledger.store import reading
from bhyt_filedrop.ports import ConfigVersion

_ROW = schema.config_versions.c


class LedgerVersions:
    """Versions are added, never changed; a reason may be given later to the last one."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def differs(self, files: Mapping[str, str], but: str) -> bool:
        """Tell whether a configuration is another than the last, in any file but one."""
        query = select(_ROW.files).order_by(_ROW.number.desc()).limit(1)
        with reading(self._engine) as connection:
            last = connection.execute(query).scalar() or {}
        return {**last, but: ""} != {**files, but: ""}

    def note(self, files: Mapping[str, str], by: str, why: str, at: datetime) -> int:
        """Write a configuration down as in force from a moment; return its number. The last one
        once more is no new version: it gets the reason if it had none."""
        digest = _digest(files)
        with self._engine.begin() as tx:
            last = tx.execute(
                select(_ROW.number, _ROW.digest, _ROW.why).order_by(_ROW.number.desc()).limit(1)
            ).first()
            if last and last.digest == digest:
                if why and not last.why:
                    mine = update(schema.config_versions).where(_ROW.number == last.number)
                    tx.execute(mine.values(by=by, why=why))
                return int(last.number)
            values = {"at": at, "by": by, "why": why, "digest": digest, "files": dict(files)}
            new = insert(schema.config_versions).values(values).returning(_ROW.number)
            number = int(tx.execute(new).scalar_one())
            event(tx, at, None, "config-version", number=number, who=by, why=why)
        return number

    def versions(self) -> tuple[ConfigVersion, ...]:
        """Return every version, the oldest first."""
        query = select(schema.config_versions).order_by(_ROW.number)
        found: list[ConfigVersion] = []
        before: Mapping[str, str] = {}
        with reading(self._engine) as connection:
            for one in connection.execute(query):
                changed = sorted(
                    name
                    for name in {*before, *one.files}
                    if before.get(name) != one.files.get(name)
                )
                found.append(ConfigVersion(one.number, one.at, one.by, one.why, tuple(changed)))
                before = one.files
        return tuple(found)

    def files(self, number: int) -> Mapping[str, str] | None:
        """Return the files of a version by name, None where there is none of that number."""
        query = select(_ROW.files).where(_ROW.number == number)
        with reading(self._engine) as connection:
            found: Mapping[str, str] | None = connection.execute(query).scalar()
        return found


def _digest(files: Mapping[str, str]) -> str:
    return sha256(json.dumps(dict(files), sort_keys=True).encode()).hexdigest()
