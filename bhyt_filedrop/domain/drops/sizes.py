"""Lists whose size says that they may be another file: a person looks before they go on.

A list of 40 children in the place of one of 4,000 is more often half a file, or somebody else's,
than a correction; what stood before stands meanwhile. A return needs no such look: it is held
against what was sent, child by child.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.drops.facts import Judged
from bhyt_filedrop.domain.lists.records import ListKey, ListRecord
from bhyt_filedrop.domain.process.units import Unit

MAGNITUDE = 10
"""So many times more or fewer is another order of magnitude."""
ENOUGH = 50
"""Rows of the longer list: below that a list soon has ten times as many."""


def cost_lists_of(unit: Unit, world: World) -> tuple[str, ...]:
    """Return the hand-offs by which a unit is given cost lists (H1)."""
    return tuple(
        handoff.id
        for handoff in world.process.handoffs.values()
        if handoff.receiver in (unit.id, unit.kind)
        and any(f in world.forms_by_id and world.forms_by_id[f].rules.visits for f in handoff.forms)
    )


def odd_sizes(
    judged: Sequence[Judged], standing: Iterable[ListRecord], visits: Mapping[ListKey, int]
) -> dict[ListKey, str]:
    """Return the lists whose size wants a look, each with what it is held against, in Vietnamese.

    `visits` are the rows of the cost lists from which a list was made, where there are any.
    """
    earlier = [record for record in standing if record.is_accepted]
    found: dict[ListKey, str] = {}
    for one in judged:
        if one.handoff.answers:
            continue
        rows = sum(other.rows for other in judged if other.key == one.key)
        before = sum(record.rows for record in earlier if record.key == one.key)
        treated = visits.get(one.key, 0)
        if before and _is_of_another_magnitude(rows, before):
            found[one.key] = f"danh sách đang dùng có {before} dòng"
        elif treated and rows > treated and _is_of_another_magnitude(rows, treated):
            found[one.key] = f"danh sách chi phí KCB của đợt chỉ có {treated} lượt khám"
    return found


def _is_of_another_magnitude(rows: int, other: int) -> bool:
    return max(rows, other) >= max(ENOUGH, MAGNITUDE * min(rows, other))
