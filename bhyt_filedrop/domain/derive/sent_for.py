"""What is told of lists that the product made: to an office, of those that went out in its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.letters.letter import Arrival, Enclosed, Letter, addressed, sent_for
from bhyt_filedrop.domain.lists.records import ListRecord
from bhyt_filedrop.domain.process.made import MADE


@dataclass(frozen=True, slots=True)
class SentList:
    """A list that went out in an office's name, and where that finds its copy."""

    record: ListRecord
    copy: str
    note: str = ""
    """What its receiver was told of the list as a whole."""


def arrival_of(drop: Drop, record: ListRecord, world: World) -> Arrival:
    """Return what every letter about a list of the product's own tells of it."""
    handoff = world.process.handoffs[record.key.handoff]
    sender = world.units[record.key.sender]
    due = world.deadline_of(handoff, record.key.round, sender, record.key.receiver)
    return Arrival(
        drop_id=f"{drop.id}/{record.seq}",
        unit=sender.id,
        sender_name=addressed(sender, world.units),
        file_name="",
        received_at=drop.arrived_at,
        handoff_name=handoff.name,
        round_title=record.key.round.title,
        due_text=due.text if due else "",
        rows=record.rows,
        visits=bool(handoff.made_by) and MADE[handoff.made_by].charges,
    )


def letters_to_senders(drop: Drop, sent: Sequence[SentList], world: World) -> tuple[Letter, ...]:
    """One letter to each office in whose name lists go out: which, to whom, how many children."""
    by_sender: dict[str, list[SentList]] = {}
    for one in sent:
        by_sender.setdefault(one.record.key.sender, []).append(one)
    return tuple(_letter(drop, mine, world) for mine in by_sender.values())


def _letter(drop: Drop, mine: Sequence[SentList], world: World) -> Letter:
    units = world.units
    arrival = arrival_of(drop, mine[0].record, world)
    lists = [
        (
            addressed(units[one.record.key.receiver], units),
            Enclosed(one.copy.rpartition("/")[2], one.record.rows, arrival.visits),
        )
        for one in mine
    ]
    total = sum(one.record.rows for one in mine)
    told = replace(arrival, drop_id=drop.id, rows=total)
    notes = " ".join(dict.fromkeys(one.note for one in mine if one.note))
    return sent_for(told, lists, folder=mine[0].copy.rpartition("/")[0], note=notes)
