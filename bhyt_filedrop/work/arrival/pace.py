"""How long one drop may be read, whom it lets pass, and that it makes progress.

An archive may hold hundreds of workbooks, each within its own limits, and take an hour together:
others would wait behind it, and the watchdog would take the worker for hung.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from threading import get_ident

from bhyt_filedrop.ports import TryLater

TURN = 20.0
"""Seconds that a drop is read at first; one that takes longer lets those pass that wait."""


class TakesLong(TryLater):
    """A drop that takes long steps back; its next turn is a whole one."""


class Progress:
    """When each thread last took a step, on a steady clock. Threads may share it."""

    def __init__(self) -> None:
        self._steps: dict[int, float] = {}

    def step(self) -> None:
        """Note that the thread that calls makes progress."""
        self._steps[get_ident()] = time.monotonic()

    def last(self, thread: int) -> float:
        """Return when a thread last took a step (monotonic seconds)."""
        return self._steps.get(thread, -inf)


@dataclass
class Allowance:
    """The time of one drop, from now on; seconds, no limit where none is given."""

    whole: float = inf
    turn: float = inf
    step: Callable[[], None] = lambda: None
    steady: Callable[[], float] = time.monotonic
    began: float = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.steady()

    def goes_on(self) -> bool:
        """Tell whether there is time for another file of the drop.

        Raises TakesLong where this turn is over and another one is due.
        """
        self.step()
        taken = self.steady() - self.began
        if self.turn < taken:
            raise TakesLong("it takes long to read: others go first")
        return taken <= self.whole
