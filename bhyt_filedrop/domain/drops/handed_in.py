"""A file that a person handed in without the folder: whose, by whom, from where and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class HandedIn:
    """One such file: for which unit, where in which tree it was put, its bytes (SHA-256, size), and
    who did it, why, from which address, when (aware)."""

    unit: str
    tree: str
    path: str
    sha256: str
    size: int
    by: str
    why: str
    address: str
    at: datetime

    def is_of(self, tree: str, path: str, sha256: str | None) -> bool:
        """True where a drop is the very file: the same name may be used again."""
        return (self.tree, self.path, self.sha256) == (tree, path, sha256)
