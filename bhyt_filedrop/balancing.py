"""Prove after each change that no child was lost, doubled or invented: the balance of a round."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bhyt_filedrop.domain.alarms import alarm_letter
from bhyt_filedrop.domain.drops import ListRecord
from bhyt_filedrop.domain.hops import traced_handoffs
from bhyt_filedrop.domain.letters import Letter
from bhyt_filedrop.domain.rounds import Round
from bhyt_filedrop.domain.trace import STANDING, Rolls, Trace, trace
from bhyt_filedrop.domain.world import World


class RollBook(Protocol):
    """What the ledger tells of a round's lists and their children."""

    def lists(self, round_: Round, states: Iterable[str]) -> Sequence[ListRecord]:
        """Return the lists of a round in some states."""
        ...

    def rolls(self, round_: Round, handoffs: Iterable[str]) -> Rolls:
        """Return the children of some hand-offs' lists."""
        ...


@dataclass(frozen=True)
class Balancing:
    """Draws up the balance of a round from the ledger."""

    book: RollBook
    world: World

    def trace(self, round_: Round) -> Trace:
        """Follow each child of a round through the hops."""
        handoffs = traced_handoffs(self.world.process, self.world.units)
        lists = self.book.lists(round_, STANDING)
        rolls = self.book.rolls(round_, handoffs)
        return trace(round_, lists, rolls, self.world.process, self.world.units)

    def alarm(self, round_: Round) -> Letter | None:
        """Return the letter that says where a round does not add up, None where it does."""
        return alarm_letter(self.trace(round_), self.world.process, self.world.units)
