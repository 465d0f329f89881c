"""From the moment a sender closes a file until it lies in the receiver's folder, on an idle daemon.

The daemon runs as it ships, in a process of its own. Each ward uploads its return in pieces, as a
server writes one, and the next begins when all is quiet again.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from burst import Watched
from measure import Figure, median_of
from path import NOW, make_returns

from bhyt_filedrop.domain.process.folders import Routes
from bhyt_filedrop.settings import Settings
from bhyt_filedrop.site.lay_out import init
from bhyt_filedrop.wiring.declared import world_of
from bhyt_filedrop.wiring.trees import open_tree

PIECE = 16384
REST = 1.5
"""Seconds between two files: letters, drafts and the balance are done by then."""
LONGEST = 60.0
"""Seconds after which a file counts as never delivered."""


def upload(file: Path, to: Path) -> float:
    """Write a file in pieces; return when it was closed."""
    data = file.read_bytes()
    with to.open("wb") as out:
        for start in range(0, len(data), PIECE):
            out.write(data[start : start + PIECE])
            out.flush()
    return time.perf_counter()


def delivered(receiver: Path) -> int:
    """How many lists of others lie in a receiver's folder."""
    return sum(1 for _ in receiver.glob("Từ phường, xã/*/* - D*.xlsx"))


def wait_for_one_more(receiver: Path, before: int) -> float:
    """Wait until another list lies there; return when."""
    until = time.perf_counter() + LONGEST
    while time.perf_counter() < until:
        if delivered(receiver) > before:
            return time.perf_counter()
        time.sleep(0.003)
    raise SystemExit("a file was never delivered")


@contextmanager
def serving(settings: Settings) -> Iterator[Watched]:
    """The daemon, up and idle; it is ended when it is left."""
    daemon = Watched(settings, "--now", f"{NOW:%Y-%m-%dT%H:%M}")
    try:
        time.sleep(4)
        yield daemon
    finally:
        daemon.process.terminate()
        daemon.end()


def latencies(settings: Settings, routes: Routes, count: int, made: Path) -> list[float]:
    """The seconds from closed to delivered of so many files, one after the other."""
    root, found = Path(settings.trees[0].root), []
    files = make_returns(settings, count, made)
    with serving(settings):
        for ward, file in files:
            unit = settings.units[ward]
            receiver = root / routes.drop_folder(settings.units[unit.parent])
            before = delivered(receiver)
            closed = upload(file, root / routes.drop_folder(unit) / "ho so.zip")
            found.append(wait_for_one_more(receiver, before) - closed)
            time.sleep(REST)
    return found


def figures(quick: bool) -> Iterator[Figure]:
    """Yield the middle and the 99th percentile; nothing in a quick slice, for they have no peer."""
    if quick:
        return
    count = 60
    with TemporaryDirectory() as scratch:
        site, made = Path(scratch, "site"), Path(scratch, "made")
        made.mkdir()
        settings = init(site, open_tree).settings
        found = sorted(latencies(settings, world_of(settings).routes, count, made))
    last = found[min(len(found) - 1, round(len(found) * 0.99))]
    what = f"closed → delivered on an idle daemon, {count} files, by the clock"
    yield Figure(f"{what}: half within", median_of(found), goal=0.15)
    yield Figure(f"{what}: 99 of 100 within", last, goal=0.5)
