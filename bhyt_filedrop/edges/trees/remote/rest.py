"""A server that does not answer is left alone for a while, so that it costs the others little.

Every tree's worker delivers to every tree. A hundred deliveries to a server that accepts and never
answers would keep a worker waiting a hundred times, and the files of its own tree with it.
"""

from __future__ import annotations

import time

from bhyt_filedrop.edges.trees.remote.session import CannotConnect
from bhyt_filedrop.ports import TryLater

_SHARE = 9
"""Rest for so many times as long as the wait took: a tenth of the time is spent at most."""
_LONGEST = 300.0
"""Seconds: no longer than a tree out of reach goes without a look."""


class Rest:
    """How long a server goes unasked after it was waited for in vain, twice in a row."""

    def __init__(self) -> None:
        self._in_vain = 0
        self._until = 0.0
        self._why = ""
        self._told = ""

    def begin(self, waited: float, why: str, told: str = "") -> None:
        """Note a wait in vain (seconds). Once may be chance; from the second on there is a rest."""
        self._in_vain += 1
        self._why, self._told = why, told
        if self._in_vain > 1:
            self._until = time.monotonic() + min(waited * _SHARE, _LONGEST)

    def end(self) -> None:
        """The server answers, or somebody wants to know for sure."""
        self._in_vain, self._until = 0, 0.0

    def must_be_over(self, doing: str) -> None:
        """Raise what the last attempt raised, without asking again, while the server rests."""
        if time.monotonic() >= self._until:
            return
        if self._told:
            raise CannotConnect(self._why, self._told)
        raise TryLater(f"{doing}: {self._why}")
