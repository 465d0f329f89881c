"""What a person should see before lists go: what is in them, what is new, what is missing, who was
asked before, and whether the round adds up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bhyt_filedrop.domain.conservation.alarms import alarm_text
from bhyt_filedrop.domain.conservation.balance import Hop
from bhyt_filedrop.domain.derive.changes import changes
from bhyt_filedrop.domain.letters.letter import Json
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListKey, ListRecord
from bhyt_filedrop.domain.process.handoffs import Process
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Units

Rows = Sequence[ListedChild]


@dataclass(frozen=True, slots=True)
class BriefLine:
    """One list: to whom it goes, with how many rows; against the version that its receiver has, how
    many children are added, removed and changed (`is_first`: there is none)."""

    receiver: str
    name: str
    rows: int
    added: int
    removed: int
    changed: int
    is_first: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided of the same drop before: `who` ("" = not written down), why, when."""

    what: str
    who: str
    why: str
    at: datetime


DECISIONS = frozenset({"release", "reject", "retry", "approved", "withheld"})
"""The events that are a person's word about a drop."""


@dataclass(frozen=True, slots=True)
class Brief:
    """Everything about the lists of one drop that wait. `missing` are the names of units whose part
    has not come, `alarms` sentences on children that do not add up in the round."""

    drop: str
    handoff: str
    round: Round | None
    lines: tuple[BriefLine, ...]
    missing: tuple[str, ...]
    decisions: tuple[Decision, ...]
    alarms: tuple[str, ...]

    @property
    def rows(self) -> int:
        """How many rows go in all."""
        return sum(line.rows for line in self.lines)

    @property
    def notes(self) -> tuple[str, ...]:
        """What has to be said beside the lines, in sentences."""
        names = ", ".join(self.missing)
        late = (f"Còn thiếu {len(self.missing)} đơn vị: {names}.",) if self.missing else ()
        return (*late, *self.alarms)

    def as_json(self) -> dict[str, Json]:
        """As the command line prints it."""
        return {
            "drop": self.drop,
            "handoff": self.handoff,
            "round": str(self.round) if self.round else None,
            "rows": self.rows,
            "lists": [
                {
                    "receiver": one.receiver,
                    "receiver_name": one.name,
                    "rows": one.rows,
                    "added": one.added,
                    "removed": one.removed,
                    "changed": one.changed,
                    "first": one.is_first,
                }
                for one in self.lines
            ],
            "missing": list(self.missing),
            "alarms": list(self.alarms),
            "decisions": [
                {"what": d.what, "who": d.who, "why": d.why, "at": d.at.isoformat()}
                for d in self.decisions
            ],
        }


def brief_of(
    drop: str,
    lists: Sequence[tuple[ListRecord, Rows]],
    before: Mapping[ListKey, Rows],
    recipes: Iterable[Mapping[str, Any]],
    history: Iterable[tuple[datetime, str, Mapping[str, Any]]],
    hops: Iterable[Hop],
    process: Process,
    units: Units,
) -> Brief:
    """Draw a brief up. `before` are the lists that stand for the same keys, `recipes` how derived
    lists are made, `history` the drop's events, `hops` the balance of the round (none = not drawn
    up)."""
    missing = dict.fromkeys(unit for recipe in recipes for unit in recipe.get("missing", ()))
    first = lists[0][0].key if lists else None
    return Brief(
        drop,
        first.handoff if first else "",
        first.round if first else None,
        tuple(_line(record, rows, before, units) for record, rows in lists),
        tuple(units.full_name(units[unit]) for unit in units.in_order(missing) if unit in units),
        tuple(
            Decision(kind, str(detail.get("who", "")), str(detail.get("why", "")), at)
            for at, kind, detail in history
            if kind in DECISIONS
        ),
        tuple(alarm_text(hop, process, units) for hop in hops),
    )


def _line(
    record: ListRecord, rows: Rows, before: Mapping[ListKey, Rows], units: Units
) -> BriefLine:
    unit = units.by_id.get(record.key.receiver)
    old = before.get(record.key)
    new = changes(old or (), rows)
    return BriefLine(
        record.key.receiver,
        units.full_name(unit) if unit else record.key.receiver,
        record.rows,
        len(new.added) if old is not None else 0,
        len(new.removed),
        len(new.changed),
        old is None,
    )
