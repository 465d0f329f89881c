"""What the measurements share: medians of wall-clock time, and synthetic lists to measure with."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

from bhyt_filedrop import resources
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.settings import Settings, load
from bhyt_filedrop.simulate.lists import list_of, write_list
from bhyt_filedrop.simulate.people import children

ROUND = Round(2015, 1)


def median(run: Callable[[], object], times: int = 5) -> float:
    """Return the median of the seconds that `run` takes; one more run before warms it up."""
    run()
    return statistics.median(seconds(run) for _ in range(times))


def seconds(run: Callable[[], object]) -> float:
    """Return the seconds that one run takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def told(label: str, taken: float, beside: float | None = None) -> None:
    """Print one line: what, how long, and how that compares with another time."""
    ratio = f"{taken / beside:8.1f} ×" if beside else ""
    print(f"  {label:44} {taken * 1000:9.1f} ms {ratio}".rstrip())


def shipped() -> Settings:
    """The configuration that ships."""
    return load(resources.config_dir())


def written(path: Path, form: str, rows: int, settings: Settings, unit: str = "cntt") -> Path:
    """Write a list of so many made-up children; the same every time."""
    group = children(settings.units, rows, round=ROUND, seed=rows)
    write_list(path, list_of(form, ROUND, settings.units[unit], settings.units, group),
               settings.units)  # fmt: skip
    return path
