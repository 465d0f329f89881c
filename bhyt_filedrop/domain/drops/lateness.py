"""Whether a drop is late as things stand: an extension that is given later counts too.

What was written down when the drop was judged says how it was then; whoever reads it afterwards has
to read what holds now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import IntEnum

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.lists.records import ListRecord
from bhyt_filedrop.domain.process.handoffs import HandOff
from bhyt_filedrop.domain.process.rounds import Round


class Lateness(IntEnum):
    """How a drop came, the worst last."""

    IN_TIME = 0
    EXTENDED = 1
    """After the declared date, within an extension."""
    LATE = 2


LATENESS: Mapping[Lateness, tuple[str, str]] = {
    Lateness.IN_TIME: ("", ""),
    Lateness.EXTENDED: ("trong hạn đã gia hạn", "in time, extended"),
    Lateness.LATE: ("trễ", "late"),
}
"""What is said of it behind a drop's state, in Vietnamese and in English."""


def lateness(drop: Drop, lists: Callable[[], Iterable[ListRecord]], world: World) -> Lateness:
    """Tell how a drop came; `lists` gives its lists, and is asked only where it matters. `world`
    knows of extensions."""
    handoff = world.process.handoffs.get(drop.handoff)
    after = handoff and drop.round and _is_after_declared(drop, handoff, drop.round, world)
    if not (drop.late or after):
        return Lateness.IN_TIME
    plain = Lateness.LATE if drop.late else Lateness.IN_TIME
    return max((list_lateness(one, drop, world) for one in lists()), default=plain)


def list_lateness(record: ListRecord, drop: Drop, world: World) -> Lateness:
    """Tell how one list of a drop came."""
    handoff, key = world.process.handoffs.get(record.key.handoff), record.key
    sender = world.units.by_id.get(key.sender)
    if handoff and sender and _is_after_declared(drop, handoff, key.round, world):
        due = world.deadline_of(handoff, key.round, sender, key.receiver)
        if due and due.extended and drop.arrived_at < due.instant:
            return Lateness.EXTENDED
    return Lateness.LATE if record.late else Lateness.IN_TIME


def _is_after_declared(drop: Drop, handoff: HandOff, round_: Round, world: World) -> bool:
    declared = world.deadline(handoff, round_)
    return declared is not None and drop.arrived_at >= declared.instant
