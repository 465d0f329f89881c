"""The country's worst day, played: files come as `country/day.csv` says, and cores take them.

Each province is a site of its own, whose daemon takes one file after the other; the daemons share
the cores of a machine. How long a file takes is what one was measured to take when so many of its
round were there before it (`country/services.csv`). The same seed plays the same day.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from pathlib import Path
from random import Random
from statistics import median

DATA = Path(__file__).parent / "country"
HOUR = 3600.0
DUE = 17 * HOUR
"""Lists are due at 17:00."""


@dataclass(frozen=True, slots=True)
class Province:
    """Who hands in."""

    name: str
    communes: int


@dataclass(frozen=True, slots=True)
class Coming:
    """One file: when it comes (seconds of the day), of which province, as which of its round."""

    at: float
    province: int
    number: int


@dataclass(frozen=True, slots=True)
class PlayedDay:
    """What became of a day: seconds from a file's coming to its delivery, the part of the cores
    that the busiest hour took, and how long after the due time the last one was done."""

    files: int
    half: float
    nearly_all: float
    longest: float
    busiest: float
    late: float


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(line for line in stream if not line.startswith("#"))


def provinces() -> list[Province]:
    """The 34 of them."""
    return [Province(row["province"], int(row["communes"])) for row in _rows("provinces.csv")]


def hours() -> dict[int, float]:
    """Which part of the files comes in which hour."""
    return {int(row["hour"]): float(row["part"]) for row in _rows("day.csv")}


def services() -> list[float]:
    """Seconds of processor that the first, the second … file of a round took."""
    return [float(row["seconds"]) for row in _rows("services.csv")]


def day(files_a_commune: float, seed: int = 1) -> list[Coming]:
    """Draw the files of the worst day, in the order in which they come."""
    random, parts = Random(seed), hours()
    drawn = []
    for index, province in enumerate(provinces()):
        count = round(province.communes * files_a_commune)
        of_hours = random.choices(list(parts), list(parts.values()), k=count)
        times = sorted((hour + random.random()) * HOUR for hour in of_hours)
        drawn += [Coming(at, index, number) for number, at in enumerate(times)]
    return sorted(drawn, key=lambda one: one.at)


def play(coming: Sequence[Coming], seconds: Sequence[float], cores: int) -> PlayedDay:
    """Let so many cores take the files: of the provinces that have one waiting and none in hand,
    the one whose file came first."""
    line = [deque[Coming]() for _ in range(max(one.province for one in coming) + 1)]
    ready: list[tuple[float, int]] = []
    working: list[tuple[float, int]] = []
    busy: set[int] = set()
    waits: list[float] = []
    used: dict[int, float] = {}
    at, last = 0, 0.0
    while at < len(coming) or working:
        if working and (at == len(coming) or working[0][0] <= coming[at].at):
            now, province = heappop(working)
            waits.append(now - line[province].popleft().at)
            busy.discard(province)
            last = now
            if line[province]:
                heappush(ready, (line[province][0].at, province))
        else:
            one = coming[at]
            at, now = at + 1, one.at
            line[one.province].append(one)
            if one.province not in busy and len(line[one.province]) == 1:
                heappush(ready, (one.at, one.province))
        while ready and len(working) < cores:
            _, province = heappop(ready)
            busy.add(province)
            takes = seconds[min(line[province][0].number, len(seconds) - 1)]
            heappush(working, (now + takes, province))
            used[int(now // HOUR)] = used.get(int(now // HOUR), 0.0) + takes
    waits.sort()
    busiest = max(used.values()) / (cores * HOUR)
    return PlayedDay(
        len(waits), _of(waits, 0.5), _of(waits, 0.99), waits[-1], busiest, max(0.0, last - DUE)
    )


def _of(ordered: Sequence[float], part: float) -> float:
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def scaled(seconds: Sequence[float], late: float) -> list[float]:
    """Bring what was measured on a busy machine to the cost of a late file that the table has."""
    found = median(seconds[-20:])
    return [one * late / found for one in seconds]


# --- said ----------------------------------------------------------------------------------------

CORES = (1, 2, 4)
TIMES = (1, 4, 16)
"""How many times the worst day."""

WITHIN = 60.0
"""Seconds within which 99 of 100 files should be delivered."""


def told(files_a_commune: float, late: float) -> str:
    """The page's section on this day."""
    seconds = scaled(services(), late)
    lines, needed = [], []
    for times in TIMES:
        coming = day(files_a_commune * times)
        played = {cores: play(coming, seconds, cores) for cores in CORES}
        lines += [_line(times, cores, one) for cores, one in played.items()]
        fits = [cores for cores, one in played.items() if one.nearly_all <= WITHIN]
        needed.append(f"{fits[0] if fits else f'more than {CORES[-1]}'} on {times} × that day")
    template = (DATA / "day.md").read_text("utf-8")
    return template.format(lines="\n".join(lines), within=f"{WITHIN:.0f}", needed=", ".join(needed))


def _line(times: int, cores: int, one: PlayedDay) -> str:
    cells = (
        f"{times} ×", f"{one.files:,}", str(cores), _span(one.half), _span(one.nearly_all),
        _span(one.longest), f"{one.busiest:.0%}", _span(one.late) if one.late else "–",
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _span(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
