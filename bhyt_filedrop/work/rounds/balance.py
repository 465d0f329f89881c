"""Prove after each change that no child was lost, doubled or invented: the balance of a round.

A round is balanced again after every list that comes, but a list in the ledger never changes: only
what a new list takes part in is matched again, the rest is remembered as its counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bhyt_filedrop.domain.conservation.alarms import alarm_letters
from bhyt_filedrop.domain.conservation.balance import Hop, Trace
from bhyt_filedrop.domain.conservation.trace import Exchange, exchanges, hops
from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.letters.letter import Letter
from bhyt_filedrop.domain.lists.states import COUNTED
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.ports import Clock, RollBook


@dataclass(frozen=True)
class Balancing:
    """Draws up the balance of a round from the ledger."""

    book: RollBook
    declared: World
    clock: Clock | None = None
    """Says who is there now; None = those of all days are."""
    _known: dict[Round, dict[Exchange, tuple[Hop, ...]]] = field(default_factory=dict)

    @property
    def world(self) -> World:
        """What holds now."""
        return self.declared.at(self.clock()) if self.clock else self.declared

    def trace(self, round_: Round) -> Trace:
        """Balance every hop of a round; the hops come without their children."""
        known = self._known.get(round_, {})
        found = {one: known.get(one) or self._hops(one) for one in self._exchanges(round_)}
        self._known[round_] = found
        return Trace(round_, tuple(hop for made in found.values() for hop in made))

    def steps(self, round_: Round) -> Iterator[None]:
        """Match what a trace would have to match, one exchange a step: after a start that is the
        whole round, which no file that comes has to wait for."""
        known = self._known.setdefault(round_, {})
        for one in self._exchanges(round_):
            if one not in known:
                known[one] = self._hops(one)
                yield

    def _exchanges(self, round_: Round) -> Iterable[Exchange]:
        lists = self.book.lists(round_, COUNTED)
        return exchanges(round_, lists, self.world.process, self.world.units)

    def _hops(self, exchange: Exchange) -> tuple[Hop, ...]:
        rolls = self.book.rolls_of(exchange.lists)
        return tuple(hop.without_children() for hop in hops(exchange, rolls, self.world.units))

    def alarms(self, round_: Round) -> tuple[Letter, ...]:
        """Return the letters that say where a round does not add up; () where it does."""
        return alarm_letters(self.trace(round_), self.world.process, self.world.units)
