"""A burst: thousands of real workbooks at once, through the real daemon, and an audit of all of it.

`--files 10000` is what the product must bear; a run of that size takes the better part of an hour
and is no part of `make bench`. `--how watch` (default) drops the files on a running daemon,
`--how once` has them lie there for `run --once`. `--keep DIR` leaves the site there to be looked
at.
"""

from __future__ import annotations

import argparse
import csv
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread

from burst_audit import Audit
from burst_files import Sent, everybody, make
from measure import ROUND

from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.service import run_once
from bhyt_filedrop.settings import Settings, load
from bhyt_filedrop.simulate.lists import list_of, write_list
from bhyt_filedrop.site.lay_out import init
from bhyt_filedrop.wiring.books import open_books
from bhyt_filedrop.wiring.declared import world_of
from bhyt_filedrop.wiring.trees import open_tree

BEFORE = datetime(2015, 5, 19, 9, tzinfo=ZONE)
MORNING = "2015-06-10T09:00"
AFTERWARDS = ("2015-06-10T16:00", "2015-06-10T17:00")
"""When the letters that a flood held back have become due; what joins a thousand, an hour later."""
TICKS = os.sysconf("SC_CLK_TCK")


def lay_out(directory: Path) -> Settings:
    """Make a site whose units have addresses and whose round is under way: every ward and district
    has the list that it has to answer."""
    settings = init(directory, open_tree).settings
    _give_addresses(directory / "config" / "units.csv")
    settings = load(directory / "config")
    units = settings.units
    group = everybody(units)
    target = _folders(settings)["cntt"] / "mau 2.xlsx"
    write_list(target, list_of("form-2", ROUND, units["cntt"], units, group), units)
    run_once(settings, lambda: BEFORE, time.sleep)
    return settings


def _give_addresses(file: Path) -> None:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys())
        writer.writeheader()
        writer.writerows(row | {"email": f"unit-{row['id']}@bhyt.example"} for row in rows)


def _folders(settings: Settings) -> dict[str, Path]:
    """Every unit's drop folder."""
    routes, root = world_of(settings).routes, Path(settings.trees[0].root)
    return {unit.id: root / routes.drop_folder(unit) for unit in settings.units}


def drop_all(settings: Settings, sent: Sequence[Sent]) -> None:
    """Put every file into its sender's folder, whole, by one rename."""
    folders = _folders(settings)
    for one in sent:
        one.made.replace(folders[one.unit] / one.name)


# --- the daemon ------------------------------------------------------------------------------


class Watched(Thread):
    """The daemon as a process of its own; notes the most memory that it and its children took."""

    def __init__(self, settings: Settings, *options: str) -> None:
        super().__init__(daemon=True)
        called = [sys.executable, "-m", "bhyt_filedrop", "run", "--config"]
        self.log = (settings.state_dir / "burst.log").open("ab")
        self.process = subprocess.Popen(
            [*called, str(settings.config_dir), *options], stderr=self.log
        )
        self.peak = self.peak_children = 0
        self.ended = Event()
        self.start()

    def run(self) -> None:
        """Look twice a second until the process is gone."""
        while not self.ended.wait(0.5):
            self.peak = max(self.peak, _memory(self.process.pid))
            below = sum(_memory(pid) for pid in _children(self.process.pid))
            self.peak_children = max(self.peak_children, below)

    def end(self) -> float:
        """Wait for the process (told to stop before, or at its end by itself); return the seconds
        of processor time that it and its children took."""
        _, status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        self.ended.set()
        self.join()
        self.log.close()
        if self.process.returncode:
            raise SystemExit(f"the daemon ended with {self.process.returncode}")
        return usage.ru_utime + usage.ru_stime


def _memory(pid: int) -> int:
    """Resident memory in bytes, 0 for a process that is gone."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
    except (OSError, IndexError):
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _children(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(one) for task in tasks for one in (task / "children").read_text().split()]
    except OSError:
        return []


def _closed(settings: Settings) -> int:
    """How many dropped files are done with, asked beside the daemon without holding it up."""
    query = (
        "SELECT count(*) FROM drops WHERE state IN ('accepted', 'returned', 'held', 'set-aside')"
        " AND path NOT LIKE '@%'"
    )
    with closing(sqlite3.connect(settings.state_dir / "ledger.sqlite3", timeout=60)) as ledger:
        return int(ledger.execute(query).fetchone()[0])


def handle(settings: Settings, sent: Sequence[Sent], how: str) -> tuple[float, Watched, float]:
    """Drop the files and have them handled; return seconds, the daemon, and its CPU seconds."""
    if how == "once":
        drop_all(settings, sent)
        start = time.perf_counter()
        daemon = Watched(settings, "--once", "--now", MORNING)
        spent = daemon.end()
        return time.perf_counter() - start, daemon, spent
    already = _closed(settings)
    daemon = Watched(settings, "--now", MORNING)
    try:
        time.sleep(3)
        start = time.perf_counter()
        drop_all(settings, sent)
        _wait(settings, already + len(sent), daemon, start)
        taken = time.perf_counter() - start
    finally:
        daemon.process.send_signal(signal.SIGTERM)
        spent = daemon.end()
    return taken, daemon, spent


def _wait(settings: Settings, wanted: int, daemon: Watched, start: float) -> None:
    """Wait until all are closed; say every thousand files how fast it goes."""
    told_of, last = _closed(settings), start
    while (done := _closed(settings)) < wanted:
        if not _memory(daemon.process.pid):
            raise SystemExit("the daemon is gone")
        if done - told_of >= 1000:
            now = time.perf_counter()
            print(f"  {done:6} files closed, {(done - told_of) / (now - last):.1f} a second")
            sys.stdout.flush()
            told_of, last = done, now
        time.sleep(1)


# --- the report ------------------------------------------------------------------------------


def main() -> int:
    """Print what a burst costs, and whatever is not as it must be; 1 where anything is not."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--files", type=int, default=300)
    asked.add_argument("--how", choices=["watch", "once"], default="watch")
    asked.add_argument("--keep", type=Path)
    chosen = asked.parse_args()
    if chosen.keep:
        return burst(chosen.keep, chosen.files, chosen.how)
    with TemporaryDirectory() as folder:
        return burst(Path(folder), chosen.files, chosen.how)


def burst(directory: Path, files: int, how: str) -> int:
    """Play one burst in a fresh site."""
    settings = lay_out(directory)
    making = directory / "making"
    making.mkdir()
    sent = make(settings.units, files, making)
    print(f"{len(sent)} files: {dict(Counter(one.kind for one in sent))}")
    sys.stdout.flush()
    taken, daemon, spent = handle(settings, sent, how)
    for later in AFTERWARDS:
        Watched(settings, "--once", "--now", later).end()
    shutil.rmtree(making)
    _print_costs(settings, len(sent), taken, daemon, spent)
    with closing(open_books(settings)) as books:
        print(f"  drops {books.drops.counts()}, letters {books.letters.counts()}")
        problems = list(Audit(settings, books, world_of(settings).routes, sent).problems())
    for one in problems[:40]:
        print(f"  NOT AS IT MUST BE: {one}")
    print(f"  audit: {len(problems)} problems")
    return 1 if problems else 0


def _print_costs(
    settings: Settings, files: int, taken: float, daemon: Watched, spent: float
) -> None:
    print(f"  {files / taken:.1f} files a second, {taken:.0f} s in all")
    print(f"  processor time a file {spent / files * 1000:.0f} ms")
    ledger = sum(p.stat().st_size for p in settings.state_dir.glob("ledger.sqlite3*"))
    print(f"  processor {spent:.0f} s; memory {daemon.peak / 2**20:.0f} MiB, "
          f"its children {daemon.peak_children / 2**20:.0f} MiB at most")  # fmt: skip
    print(f"  ledger {ledger / 2**20:.1f} MiB, {ledger / files / 1024:.1f} KiB a file")


if __name__ == "__main__":
    sys.exit(main())
