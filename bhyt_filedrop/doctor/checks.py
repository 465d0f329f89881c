"""One check's outcome: a line to read, and what to do when it is not well."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARN = "warn"
    """It works, but not as well as it could."""
    BAD = "bad"
    """It will not work."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: `name` is a stable English word; what was seen, what to do about it."""

    name: str
    level: Level
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.level.value:4} {self.name}: {self.message} {self.remedy}".rstrip()


def ok(name: str, message: str) -> Check:
    """Make a check that came out well."""
    return Check(name, Level.OK, message)


def warn(name: str, message: str, remedy: str) -> Check:
    """Make a check that should be seen to."""
    return Check(name, Level.WARN, message, remedy)


def bad(name: str, message: str, remedy: str) -> Check:
    """Make a check that must be seen to."""
    return Check(name, Level.BAD, message, remedy)


def some(names: Iterable[str], shown: int = 3) -> str:
    """Name the first few of many: `Quận 1, Quận 2, Quận 3 và 21 nữa`."""
    every = list(names)
    rest = len(every) - shown
    return ", ".join(every[:shown]) + (f" và {rest} nữa" if rest > 0 else "")
