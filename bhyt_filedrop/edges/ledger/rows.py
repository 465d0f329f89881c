"""Between the ledger's rows and the domain's values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from hashlib import sha256
from typing import Any

from sqlalchemy import Row

from bhyt_filedrop.domain.cells.card_spellings import NUMBER
from bhyt_filedrop.domain.cells.parents import read_parent
from bhyt_filedrop.domain.cells.text import fold
from bhyt_filedrop.domain.drops.drop import Delivery, Drop, Role
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.findings import Finding, Severity
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListKey, ListRecord
from bhyt_filedrop.domain.lists.states import ListState
from bhyt_filedrop.domain.process.handoffs import FileAccess
from bhyt_filedrop.domain.process.rounds import Round


def drop_row(drop: Drop) -> dict[str, Any]:
    """Return a drop as a row of `drops`."""
    row = {name: getattr(drop, name) for name in Drop.__slots__}
    return row | {"state": drop.state.value, "round": str(drop.round) if drop.round else None}


def drop_of(row: Row[Any]) -> Drop:
    """Return a row of `drops` as a value."""
    stored = row._mapping
    values = {name: stored[name] for name in Drop.__slots__}
    values["state"] = State(stored["state"])
    values["round"] = Round.parse(stored["round"]) if stored["round"] else None
    return Drop(**values)


def list_row(record: ListRecord) -> dict[str, Any]:
    """Return a list's record as a row of `lists`."""
    key = record.key
    return {
        "drop_id": record.drop,
        "seq": record.seq,
        "handoff": key.handoff,
        "round": str(key.round),
        "sender": key.sender,
        "receiver": key.receiver,
        "part": key.part,
        "form": record.form,
        "rows": record.rows,
        "sha256": record.sha256,
        "file": record.file,
        "basis": record.basis,
        "completed_at": record.completed_at,
        "state": record.state,
        "version": record.version,
        "late": record.late,
        "at": record.at,
    }


def list_of(row: Row[Any]) -> ListRecord:
    """Return a row of `lists` as a value."""
    r = row._mapping
    key = ListKey(r["handoff"], Round.parse(r["round"]), r["sender"], r["receiver"], r["part"])
    return ListRecord(
        drop=r["drop_id"],
        seq=r["seq"],
        key=key,
        form=r["form"],
        rows=r["rows"],
        sha256=r["sha256"],
        state=ListState(r["state"]),
        version=r["version"],
        at=r["at"],
        late=r["late"],
        file=r["file"],
        basis=r["basis"],
        completed_at=r["completed_at"],
    )


def finding_row(drop: str, seq: int, found: Finding) -> dict[str, Any]:
    """Return a finding as a row of `findings`."""
    return {"drop_id": drop, "seq": seq} | asdict(found) | {"severity": found.severity.value}


def finding_of(row: Row[Any]) -> Finding:
    """Return a row of `findings` as a value."""
    stored = row._mapping
    values = {name: stored[name] for name in Finding.__slots__}
    return Finding(**values | {"severity": Severity(stored["severity"])})


def delivery_row(drop: str, seq: int, delivery: Delivery) -> dict[str, Any]:
    """Return a delivery as a row of `deliveries`."""
    row = {name: getattr(delivery, name) for name in Delivery.__slots__}
    return row | {
        "drop_id": drop,
        "seq": seq,
        "role": delivery.role.value,
        "access": asdict(delivery.access),
    }


def delivery_of(row: Row[Any]) -> Delivery:
    """Return a row of `deliveries` as a value."""
    stored = row._mapping
    values = {name: stored[name] for name in Delivery.__slots__}
    return Delivery(
        **values | {"role": Role(stored["role"]), "access": FileAccess(**stored["access"])}
    )


_FIELDS = (
    "name", "birth", "sex", "parent", "id_number", "address", "ward", "district", "row", "cell",
    "sheet", "cells", "carded", "code", "card", "facility", "facility_name", "section", "category",
    "status", "note", "costs", "outside", "file",
)  # fmt: skip
"""What is written down of a child, in this order; ledgers hold it so: only ever added to at the
end. Names of fields, and what is not known, would be half of what a child takes."""

_CELLS = ("birth", "parent", "card")
"""The order of a child's `cells`, as above."""


def roll_row(drop: str, seq: int, n: int, child: ListedChild) -> dict[str, Any]:
    """Return one child of a list as a row of `roll`."""
    return {
        "drop_id": drop,
        "seq": seq,
        "n": n,
        "code": child.code,
        "card": child.card[-NUMBER:],
        "person": person_digest(child),
        "child": _stored(child),
        "folded": fold(child.name),
    }


def _stored(child: ListedChild) -> list[Any]:
    """Return a child's fields in their order; 0 stands for nothing, and none follow the last."""
    values = [getattr(child, name) or 0 for name in _FIELDS]
    if child.cells:
        values[_FIELDS.index("cells")] = [child.cells.get(name) or 0 for name in _CELLS]
    while values and values[-1] == 0:
        values.pop()
    return values


def child_of(stored: dict[str, Any] | list[Any]) -> ListedChild:
    """Return a stored child as a value; ledgers of before hold it by the names of its fields."""
    if isinstance(stored, dict):
        return ListedChild(**stored)
    known = {name: value for name, value in zip(_FIELDS, stored, strict=False) if value}
    if "cells" in known:
        cells = zip(_CELLS, known["cells"], strict=True)
        known["cells"] = {name: cell for name, cell in cells if cell}
    return ListedChild(**known)


def person_digest(child: ListedChild) -> str:
    """Name the person by name, birth and parent, diacritics and case apart; "" = not nameable."""
    if not (child.name and len(child.birth) == len("2015-01-01")):
        return ""
    told = f"{fold(child.name)}|{child.birth}|{fold(read_parent(child.parent))}"
    return sha256(told.encode()).hexdigest()[:32]


def in_chunks(values: Sequence[str], size: int = 500) -> Iterator[Sequence[str]]:
    """Cut a long list for `IN (…)`: databases bind only so many values at once."""
    return (values[start : start + size] for start in range(0, len(values), size))
