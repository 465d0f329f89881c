"""What functions keep in mind of the texts that they read, so that all of it can be forgotten.

The names, dates and addresses of a list are asked for by one check after the other; those of the
next list are others. A daemon reads lists for months: between two drops it forgets
(`forget_when_many`).
"""

from __future__ import annotations

from typing import Protocol, TypeVar
from weakref import WeakSet

MANY = 50_000
"""Answers that are kept at most from one drop to the next. Each takes about 250 bytes."""


class _Info(Protocol):
    @property
    def currsize(self) -> int: ...


class _Keeping(Protocol):
    """A function under `functools.lru_cache`."""

    def cache_info(self) -> _Info: ...

    def cache_clear(self) -> None: ...


T = TypeVar("T", bound=_Keeping)

_every: WeakSet[_Keeping] = WeakSet()


def forgettable(function: T) -> T:
    """Let what a function keeps in mind be forgotten with all the rest."""
    _every.add(function)
    return function


def count_kept() -> int:
    """Return how many answers are kept."""
    return sum(one.cache_info().currsize for one in list(_every))


def forget_when_many(most: int = MANY) -> None:
    """Forget all answers where more than `most` are kept."""
    if count_kept() > most:
        for one in list(_every):
            one.cache_clear()
