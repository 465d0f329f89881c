"""What is told of a round looked back at: its children hop by hop, how each hand-off ended."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bhyt_filedrop.domain.conservation.balance import Trace
from bhyt_filedrop.domain.conservation.steps import traced_handoffs
from bhyt_filedrop.domain.conservation.trace import trace
from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.lists.states import ALL, COUNTED, ListState
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.reports.endings import EndedHandOff, endings
from bhyt_filedrop.wiring.books import Books, must_be_kept, reports_of
from bhyt_filedrop.wiring.rounds import status_of


def traced(books: Books, world: World, round_: Round, now: datetime) -> Trace:
    """Follow every child of a round through the hops, by the lists that stood at a moment.

    Raises NeverWorks where the children of that round were erased.
    """
    must_be_kept(books, round_)
    world = world.at(now)
    book, handoffs = reports_of(books), traced_handoffs(world.process, world.units)
    lists = book.lists(round_, COUNTED, now)
    mine = [record for record in lists if record.key.handoff in handoffs]
    return trace(round_, lists, book.rolls_of(mine), world.process, world.units)


def endings_of(
    world: World, books: Books, rounds: Iterable[Round], now: datetime
) -> tuple[EndedHandOff, ...]:
    """Return how every hand-off of some rounds ended by a moment, and what proves it."""
    reports, found = reports_of(books), list[EndedHandOff]()
    unread = reports.unread(now)
    for round_ in rounds:
        lists = reports.lists(round_, ALL, now)
        back = {record.drop for record in lists if record.state is ListState.RETURNED}
        codes = reports.codes_of(back.union(one.drop for one in unread))
        state = status_of(world, books, round_, now)
        found += endings(state, lists, codes, unread)
    return tuple(found)
