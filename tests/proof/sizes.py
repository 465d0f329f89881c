"""What a service holds of its machine: memory, open files, threads; whether that grows at rest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

MOST_GROWN = 1024
"""KiB by which the memory of a service that has nothing to do may grow in an hour."""

MOST_MORE = 2
"""Open files and threads that it may hold more: a step that happens to be under way."""

_AROUND = 15
"""Samples that are seen as one moment: a look at the tree, or one at the ledger, comes between."""


@dataclass(frozen=True, slots=True)
class Size:
    """What one look at the process found. Memory in KiB; `own` is what no file backs."""

    at: float
    """Steady clock, seconds."""
    sent: int
    memory: int
    own: int
    handles: int
    threads: int
    children: int
    their_memory: int


def size_of(pid: int, at: float, sent: int) -> Size | None:
    """Look at a process and its children; None where it is gone."""
    try:
        status, below = _status(pid), _below(pid)
        handles = sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return None
    return Size(
        at=at,
        sent=sent,
        memory=status.get("VmRSS", 0),
        own=status.get("RssAnon", 0),
        handles=handles,
        threads=status.get("Threads", 0),
        children=len(below),
        their_memory=sum(map(_memory, below)),
    )


def moments(sizes: Sequence[Size]) -> dict[str, Size]:
    """Return how it was at the start, in the middle and at the end: each the median of some looks,
    the end with the last of them."""
    around = min(_AROUND, max(1, len(sizes) // 3))
    middle = (len(sizes) - around) // 2
    parts = {
        "start": sizes[:around],
        "middle": sizes[middle : middle + around],
        "end": sizes[-around:],
    }
    return {name: _typical(part) for name, part in parts.items() if part}


def grown(resting: Sequence[Size]) -> Iterator[str]:
    """Say what grew while it rested, of looks at one process."""
    found = moments(resting)
    if not found:
        yield "nobody looked at the service while it rested"
        return
    start, end = found["start"], found["end"]
    hours = max(1.0, (end.at - start.at) / 3600)
    if end.own - start.own >= MOST_GROWN * hours:
        yield f"its memory grew at rest: {start.own} → {end.own} KiB"
    for what in ("handles", "threads"):
        before, after = getattr(start, what), getattr(end, what)
        if after > before + MOST_MORE:
            yield f"more {what} at rest: {before} → {after}"


def _typical(some: Sequence[Size]) -> Size:
    return Size(*(int(median(getattr(one, name) for one in some)) for name in Size.__slots__))


def _status(pid: int) -> dict[str, int]:
    text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    return {name: int(value) for name, value in re.findall(r"^(\w+):\s+(\d+)", text, re.MULTILINE)}


def _memory(pid: int) -> int:
    try:
        return _status(pid).get("VmRSS", 0)
    except OSError:
        return 0


def _below(pid: int) -> list[int]:
    tasks = list(Path(f"/proc/{pid}/task").iterdir())
    try:
        return [int(one) for task in tasks for one in (task / "children").read_text().split()]
    except OSError:
        return []
