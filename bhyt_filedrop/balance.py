"""The balance after each accepted list: asks whether children still add up where it takes part.

Only the hops of the lists that changed are traced, so that a ward's return costs a ward's children
and not the city's. What does not add up becomes a letter, once for each state of things.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from bhyt_filedrop.domain.alarms import alarm_letter
from bhyt_filedrop.domain.drops import ListKey, ListRecord
from bhyt_filedrop.domain.letters import Letter
from bhyt_filedrop.domain.rolls import ListedChild
from bhyt_filedrop.domain.rounds import Round
from bhyt_filedrop.domain.trace import STANDING, concerned, trace
from bhyt_filedrop.domain.world import World


class BalanceBook(Protocol):
    """What the balance asks the ledger."""

    def lists(self, round_: Round, states: Iterable[str]) -> tuple[ListRecord, ...]:
        """Return the lists of a round in some states."""
        ...

    def rolls_of(
        self, records: Iterable[ListRecord]
    ) -> Mapping[tuple[str, int], tuple[ListedChild, ...]]:
        """Return the children of some lists."""
        ...


@dataclass(frozen=True, slots=True)
class Balancing:
    """Balances the hops around some lists."""

    world: World
    book: BalanceBook

    def letters(self, touched: Collection[ListKey]) -> tuple[Letter, ...]:
        """Return the alarms of the hops in which these lists take part; () = it all adds up."""
        rounds = sorted({key.round for key in touched})
        found = (self._letter(round_, touched) for round_ in rounds)
        return tuple(letter for letter in found if letter)

    def _letter(self, round_: Round, touched: Collection[ListKey]) -> Letter | None:
        process, units = self.world.process, self.world.units
        lists = self.book.lists(round_, STANDING)
        near = concerned(round_, lists, process, units, touched)
        rolls = self.book.rolls_of(near)
        found = trace(round_, lists, rolls, process, units, touched)
        return alarm_letter(found, process, units)
