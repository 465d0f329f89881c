"""What is asked of a round: whom to remind, how it stands. What takes the whole machinery of lists
(traces, drafts) is wired elsewhere, for `status` starts without it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.owed.arrangements import Arrangements
from bhyt_filedrop.domain.owed.extended_days import DueDate, dates_that_hold
from bhyt_filedrop.domain.owed.history import rounds_of_unit
from bhyt_filedrop.domain.owed.obligations import DeliveredIndex, RoundStatus, status
from bhyt_filedrop.domain.process.calendar import local_day, next_whole_round, owed_once
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit
from bhyt_filedrop.edges.ledger.arrangementbook import LedgerArrangements
from bhyt_filedrop.edges.ledger.paperbook import LedgerPapers
from bhyt_filedrop.ports import Clock
from bhyt_filedrop.settings import Settings
from bhyt_filedrop.wiring.books import Books, extensions_of, reports_of
from bhyt_filedrop.wiring.declared import world_of
from bhyt_filedrop.work.rounds.arranging import Arranging
from bhyt_filedrop.work.rounds.papers import Papers
from bhyt_filedrop.work.rounds.reminding import Reminding
from bhyt_filedrop.work.rounds.reopened import Supplements


def reminding_of(world: World, books: Books, clock: Clock) -> Reminding:
    """Return what asks the ledger whom to remind."""
    supplements = Supplements(reports_of(books), world)

    def delivered(rounds: list[str]) -> DeliveredIndex:
        again = supplements.of(Round.parse(one) for one in rounds)
        return books.facts.delivered(rounds, owed_once(world.process), again)

    unjudged = books.drops.unjudged_units
    reminding = Reminding(world, books.letters, delivered, books.facts.rounds, clock, unjudged)
    reminding.lying = books.looks.lying
    return reminding


def next_round_of(settings: Settings, now: datetime) -> Round:
    """Return the round that a site which is laid out at a moment begins with."""
    world = world_of(settings)
    return next_whole_round(local_day(now), world.process, world.days)


def status_of(world: World, books: Books, round_: Round, now: datetime) -> RoundStatus:
    """Return how a round stands, or stood, at a moment."""
    again = Supplements(reports_of(books), world, now).of([round_])
    facts = books.facts.delivered([str(round_)], owed_once(world.process), again, now)
    return status(world.process, world.units, round_, facts, now, world.days)


def rounds_of(
    world: World, books: Books, unit: Unit, rounds: Sequence[Round], now: datetime
) -> tuple[RoundStatus, ...]:
    """Return how some rounds of one unit stand, or stood, at a moment, by its own lists alone."""
    names = [str(round_) for round_ in rounds]
    facts = books.facts.delivered(names, owed_once(world.process), (), now, unit.id)
    return rounds_of_unit(world.process, world.units, unit, rounds, facts, now, world.days)


def dates_of(world: World, books: Books, round_: Round) -> tuple[DueDate, ...]:
    """Return a round's due dates as they hold now."""
    arranged = Arrangements.of(extensions_of(books)())
    return dates_that_hold(world.process, world.units, round_, world.days, arranged)


def arranging_of(world: World, books: Books) -> Arranging:
    """Return what extends, snoozes and acknowledges what is owed."""
    return Arranging(
        world,
        LedgerArrangements(books.engine),
        lambda round_, now: status_of(world, books, round_, now),
    )


def papers_of(world: World, books: Books) -> Papers:
    """Return what notes where the paper copies are."""
    return Papers(
        world,
        LedgerPapers(books.engine),
        books.facts,
        lambda round_: books.facts.delivered([str(round_)]),
    )
