"""What the offices of a played quarter are told when children do not add up."""

from __future__ import annotations

from bhyt_filedrop.domain.conservation.balance import Trace
from bhyt_filedrop.domain.conservation.steps import traced_handoffs
from bhyt_filedrop.domain.conservation.trace import trace
from bhyt_filedrop.domain.lists.states import COUNTED
from bhyt_filedrop.simulate.quarter.stage import Stage
from bhyt_filedrop.wiring.books import reports_of


def traced(stage: Stage, *handoffs: str) -> Trace:
    """Ask for the balance of the round, or for the hops between some hand-offs only."""
    running = stage.running
    book, world = reports_of(running.books), running.world
    wanted = handoffs or traced_handoffs(world.process, world.units)
    lists = [r for r in book.lists(stage.round, COUNTED) if r.key.handoff in wanted]
    rolls = book.rolls(stage.round, wanted)
    return trace(stage.round, lists, rolls, world.process, world.units)


def alarmed(stage: Stage) -> list[str]:
    """Return who was told by letter that children do not add up, once for each letter."""
    keys = stage.running.books.letters.known_keys(("notice/trace/",))
    return sorted(key.split("/")[3] for key in keys)
