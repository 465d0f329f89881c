"""Faults that nobody could notice, each with the reason: `explained.txt`, read.

A line at the margin is a module, one that is indented once the text of a line in it, one that is
indented twice a change of that line and why it is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.making import Mutant

_PAGE = Path(__file__).with_name("explained.txt")


@dataclass(frozen=True)
class Explained:
    """(module, line, change) → why."""

    reasons: dict[tuple[str, str, str], str]

    @classmethod
    def read(cls) -> Explained:
        """The page as it stands."""
        reasons: dict[tuple[str, str, str], str] = {}
        module = text = ""
        for line in _PAGE.read_text(encoding="utf-8").splitlines():
            depth = (len(line) - len(line.lstrip())) // 4
            if not line.strip() or line.startswith("#"):
                continue
            if depth == 0:
                module = f"bhyt_filedrop/{line}"
            elif depth == 1:
                text = line.strip()
            else:
                change, _, why = line.strip().partition(": ")
                reasons[module, text, change] = why
        return cls(reasons)

    def why(self, mutant: Mutant) -> str:
        """Why it cannot be noticed, or nothing."""
        return self.reasons.get((mutant.file, mutant.text, mutant.change), "")

    def stale(self, possible: Iterable[Mutant], modules: Sequence[str]) -> list[str]:
        """What the page tells of and what no line of these modules has any more."""
        there = {(m.file, m.text, m.change) for m in possible}
        mine = [k for k in self.reasons if k[0].startswith(tuple(modules))]
        return [" | ".join(key) for key in mine if key not in there]
