"""The configurations that were in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ConfigVersion:
    """One configuration as it came into force: when (aware), by whom ("" = a file was edited), why,
    and which of its files differ from the version before."""

    number: int
    at: datetime
    by: str
    why: str
    changed: tuple[str, ...]


class VersionBook(Protocol):
    """Keeps every configuration whole."""

    def note(self, files: Mapping[str, str], by: str, why: str, at: datetime) -> int:
        """Write a configuration down as in force; return its number."""
        ...

    def versions(self) -> Sequence[ConfigVersion]:
        """Return every version, the oldest first."""
        ...

    def files(self, number: int) -> Mapping[str, str] | None:
        """Return the files of a version by name, None where there is none of that number."""
        ...
