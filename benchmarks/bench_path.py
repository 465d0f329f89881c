"""The whole durable path beside a naive script: files a second, and CPU of all processes a file.

Every ward drops a return of fifty children, its two lists in one zip; each is checked, delivered
and answered by mail. Both take the same files, each in a process of its own; what starting costs is
taken off by a run over no file.
"""

from __future__ import annotations

import argparse
import mailbox
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from bench_round import write_return
from measure import ROUND, told

from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.settings import Settings
from bhyt_filedrop.simulate.people import children
from bhyt_filedrop.site.lay_out import init
from bhyt_filedrop.wiring.declared import world_of
from bhyt_filedrop.wiring.trees import open_tree

NOW = datetime(2015, 6, 10, 9, tzinfo=ZONE)
CHILDREN = 50


class Cost(NamedTuple):
    """What one run took: seconds by the clock, and of processor in all its processes."""

    clock: float
    cpu: float


def run(*command: str) -> Cost:
    """Run a program to its end."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, *command], stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command} ended with {process.returncode}")
    return Cost(time.perf_counter() - start, usage.ru_utime + usage.ru_stime)


def make_returns(settings: Settings, count: int, into: Path) -> list[tuple[str, Path]]:
    """Write so many wards' returns; return each with its ward's id."""
    wards = settings.units.of_kind("ward")[:count]
    everybody = children(settings.units, CHILDREN * count, round=ROUND, seed=1, wards=wards)
    made = []
    for ward in wards:
        made.append((ward.id, into / f"{ward.id}.zip"))
        group = [child for child in everybody if child.ward == ward.id]
        write_return(made[-1][1], ward, settings, group)
    return made


def ours(site: Path, settings: Settings, files: list[tuple[str, Path]]) -> Cost:
    """Let the daemon handle all that lies there, once."""
    routes, root = world_of(settings).routes, Path(settings.trees[0].root)
    for ward, file in files:
        shutil.copy(file, root / routes.drop_folder(settings.units[ward]) / "ho so.zip")
    called = ("-m", "bhyt_filedrop", "run", "--once", "--config", str(site / "config"))
    return run(*called, "--now", f"{NOW:%Y-%m-%dT%H:%M}")


def naive(site: Path, files: list[tuple[str, Path]]) -> Cost:
    """Let the naive script handle the same files."""
    for ward, file in files:
        folder = site / "in" / ward
        folder.mkdir(parents=True)
        shutil.copy(file, folder / "ho so.zip")
    (site / "in").mkdir(parents=True, exist_ok=True)
    return run(__file__, "--naive", str(site))


def play_naive(site: Path) -> None:
    """The naive script's own process."""
    from naive import handle_all

    folders = sorted((site / "in").iterdir())
    handle_all(folders, site / "district", mailbox.Maildir(site / "mail"))


def less(whole: Cost, empty: Cost, files: int) -> Cost:
    """What one file cost, without the start."""
    return Cost((whole.clock - empty.clock) / files, (whole.cpu - empty.cpu) / files)


def measure(count: int) -> tuple[Cost, Cost]:
    """Return what a file costs us, and the naive script."""
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        site = folder / "site"
        settings = init(site, open_tree).settings
        (folder / "made").mkdir()
        files = make_returns(settings, count, folder / "made")

        def cost(handle: Callable[[list[tuple[str, Path]]], Cost]) -> Cost:
            return less(handle(files), handle([]), len(files))

        return (
            cost(lambda some: ours(site, settings, some)),
            cost(lambda some: naive(folder / f"naive-{len(some)}", some)),
        )


def main() -> None:
    """Print both, and how they compare."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--files", type=int, default=300)
    options.add_argument("--naive", type=Path, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.naive:
        play_naive(chosen.naive)
        return
    mine, peer = measure(chosen.files)
    print(f"{chosen.files} ward returns of {CHILDREN} children on {os.cpu_count()} cores")
    print(f"  {1 / mine.clock:.1f} files a second, naive {1 / peer.clock:.1f}")
    told("a file, by the clock", mine.clock, peer.clock)
    told("a file, CPU of all processes", mine.cpu, peer.cpu)


if __name__ == "__main__":
    main()
