"""What the measurements share: processor time of a process and its children, ours and a peer's in
turn, and synthetic lists with names that nobody has seen.

Times are of processor, for the clock of a shared machine tells of the others; where the clock is
meant, a figure says so.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from bhyt_filedrop import resources
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.settings import Settings, load
from bhyt_filedrop.simulate.lists import list_of, write_list
from bhyt_filedrop.simulate.people import children

ROUND = Round(2015, 1)


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table.

    `ours` and `peer` are in `unit`; `peer` is None where there is none. `goal` bounds the ratio of
    ours to the peer where `of_ratio`, else ours; None: it is only told.
    """

    what: str
    ours: float
    unit: str = "s"
    peer: float | None = None
    beside: str = ""
    goal: float | None = None
    of_ratio: bool = False

    @property
    def ratio(self) -> float | None:
        """How many times the peer's ours is."""
        return self.ours / self.peer if self.peer else None

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached; None where there is none."""
        if self.goal is None:
            return None
        held = self.ratio if self.of_ratio else self.ours
        return held is not None and held <= self.goal


def cpu() -> float:
    """Return the seconds of processor that this process and its living children have taken."""
    return time.process_time() + sum(map(_ran, _children_of(os.getpid())))


def _children_of(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(one) for task in tasks for one in (task / "children").read_text().split()]


def _ran(pid: int) -> float:
    """Seconds on a processor, to the nanosecond; 0 for a process that is gone."""
    return _scheduled(pid)[0]


def _waited(pid: int) -> float:
    """Seconds in which the first thread of a process could have run and did not."""
    return _scheduled(pid)[1]


def _scheduled(pid: int) -> tuple[float, float]:
    try:
        ran, waited, _times = Path(f"/proc/{pid}/schedstat").read_text().split()
    except (OSError, ValueError):
        return 0.0, 0.0
    return int(ran) / 1e9, int(waited) / 1e9


def spent(run: Callable[[], object]) -> float:
    """Return the seconds of processor that one run takes, its children's with it."""
    before = cpu()
    run()
    return cpu() - before


def seconds(run: Callable[[], object]) -> float:
    """Return the seconds by the clock that one run takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def in_turn(*pairs: tuple[Callable[[], object], Callable[[], object]]) -> tuple[float, float]:
    """Run ours and the peer's in turn, pair by pair; return the least of each."""
    taken = [(spent(ours), spent(peer)) for ours, peer in pairs]
    return min(mine for mine, _ in taken), min(theirs for _, theirs in taken)


class Cost(NamedTuple):
    """What one run of a program took: seconds by the clock, but those in which its first thread
    waited for a processor that others had; seconds of processor, with its children's; and the most
    memory that it held, in bytes."""

    clock: float
    cpu: float
    memory: int = 0


def run(*command: str) -> Cost:
    """Run a Python program to its end. It may say no to what it was given: exit status 1."""
    start = time.perf_counter()
    silent = subprocess.DEVNULL
    process = subprocess.Popen([sys.executable, *command], stdout=silent, stderr=silent)
    memory, ended, waited = 0, 0, 0.0
    while not ended:
        memory = max(memory, most_memory(process.pid))
        waited = _waited(process.pid) or waited
        time.sleep(0.01)
        ended, status, usage = os.wait4(process.pid, os.WNOHANG)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise SystemExit(f"{command} ended with {process.returncode}")
    taken = time.perf_counter() - start - waited
    return Cost(taken, usage.ru_utime + usage.ru_stime, memory)


def most_memory(pid: int) -> int:
    """Return the most memory (bytes) that a process held since its program began. `ru_maxrss` would
    tell of us, who started it: that outlives the start of another program."""
    try:
        told = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    lines = (line.split() for line in told.splitlines() if line.startswith("VmHWM:"))
    return next((int(line[1]) * 1024 for line in lines), 0)


def median_of(values: Iterable[float]) -> float:
    """Return the middle one of some values."""
    ordered = sorted(values)
    return ordered[len(ordered) // 2]


def shipped() -> Settings:
    """The configuration that ships."""
    return load(resources.config_dir())


def written(
    path: Path, form: str, rows: int, settings: Settings, unit: str = "cntt", seed: int = 0
) -> Path:
    """Write a list of so many made-up children; of each seed it holds others."""
    wards = settings.units.children(unit) or None
    group = children(settings.units, rows, round=ROUND, seed=seed or rows, wards=wards)
    wanted = list_of(form, ROUND, settings.units[unit], settings.units, group)
    write_list(path, wanted, settings.units)
    return path
