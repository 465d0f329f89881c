"""How figures grow: with the rounds that stand in the ledger (1, 5, 20), and with ten times the
children of one round. Each is held against the same figure after one round.

The ledger is that of `years.py`: every ward's and district's return of each round.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Container, Iterator, Mapping
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from late_returns import turn, write_return
from measure import ROUND, Figure, median_of, spent
from sqlalchemy import event
from status_page import measured, visiting
from years import NOW, PER_WARD, fill, questions

from bhyt_filedrop.collector import spare_the_collector
from bhyt_filedrop.settings import Settings
from bhyt_filedrop.simulate.people import children
from bhyt_filedrop.site.lay_out import init
from bhyt_filedrop.wiring.books import open_books
from bhyt_filedrop.wiring.daemon import Running, wired
from bhyt_filedrop.wiring.trees import open_tree

ROUNDS = (1, 5, 20)
TENFOLD = 10
TIMES = 3
FLAT = 1.5
"""How many times the figure after one round a figure may be that should not grow."""
WITH_ROUNDS = {"the ledger", "the page of a district"}
"""What tells of all rounds there are."""
WITH_CHILDREN = {"the ledger", "one return with all that follows"}
"""What reads or writes the children themselves: a return brings its district's draft up to date."""

PAGES = {"the page of the round": "/rounds/2015Q1", "the page of a district": "/units/760"}

Found = Mapping[str, tuple[float, str]]
"""What was measured → how much, and its unit."""


def written(settings: Settings, rounds: int, known: int, per_ward: int) -> None:
    """Write rounds into the ledger until there are so many."""
    with closing(open_books(settings)) as books:
        event.listen(books.engine, "connect", lambda c, _: c.execute("PRAGMA synchronous=OFF"))
        books.engine.dispose()
        fill(settings, books, rounds, known, per_ward)


def look_at(settings: Settings, stage: int) -> Found:
    """Measure what the daemon, an admin and the page take, over the ledger as it is now."""
    found: dict[str, tuple[float, str]] = {}
    with wired(settings, lambda: NOW) as running:
        spare_the_collector()
        turn(running)
        found["one return with all that follows"] = _returns(running, settings, stage), "s"
        status = questions(running)["status"]
        found["status, asked of the ledger"] = median_of(spent(status) for _ in range(TIMES)), "s"
        with visiting(settings, running.books) as (visitor, forget):
            for name, path in PAGES.items():
                _, work = measured(lambda: visitor.ask(path), TIMES, forget)  # noqa: B023
                found[name] = work / 1000, "s"
    size = (settings.state_dir / "ledger.sqlite3").stat().st_size
    return found | {"the ledger": (size / 2**20, "MiB")}


def _returns(running: Running, settings: Settings, stage: int) -> float:
    """The seconds of processor of a ward's return: the middle one of a few, each ward's first."""
    root, wards = Path(settings.trees[0].root), settings.units.of_kind("ward")
    mine = wards[stage * (TIMES + 1) : (stage + 1) * (TIMES + 1)]
    group = children(settings.units, 20 * len(mine), round=ROUND, seed=99 + stage, wards=mine)
    costs = []
    for ward in mine:
        where = root / running.world.routes.drop_folder(ward) / "ho so.zip"
        write_return(where, ward, settings, [child for child in group if child.ward == ward.id])
        costs.append(spent(lambda: turn(running)))
    return median_of(costs[1:])  # the first one finds nothing read yet


def kept_out(settings: Settings) -> float:
    """The longest that a writer waits for the ledger (seconds by the clock) while `trace` reads the
    round."""
    config = ("--config", str(settings.config_dir), "--now", f"{NOW:%Y-%m-%dT%H:%M}")
    tracing = [sys.executable, "-m", "bhyt_filedrop", "trace", *config]
    longest = 0.0
    ledger = settings.state_dir / "ledger.sqlite3"
    with closing(sqlite3.connect(ledger, timeout=60, isolation_level=None)) as writer:
        process = subprocess.Popen(tracing, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None:
            began = time.perf_counter()
            writer.execute("BEGIN IMMEDIATE")
            longest = max(longest, time.perf_counter() - began)
            writer.execute("ROLLBACK")
            time.sleep(0.002)
    if process.returncode not in (0, 1):  # 1: the round does not close yet
        raise SystemExit(f"trace ended with {process.returncode}")
    return longest


def figures(quick: bool) -> Iterator[Figure]:
    """Yield each figure after more rounds beside the same after one."""
    if quick:
        return
    with TemporaryDirectory() as folder:
        settings = init(Path(folder), open_tree).settings
        written(settings, 1, 0, PER_WARD)
        first = look_at(settings, 0)
        what = "a read-only trace keeps writers out for, by the clock"
        yield Figure(what, kept_out(settings), "s", goal=0.05)
        for stage, (known, rounds) in enumerate(pairwise(ROUNDS), start=1):
            written(settings, rounds, known, PER_WARD)
            found = look_at(settings, stage)
            yield from _grown(f"after {rounds} rounds", found, first, rounds, WITH_ROUNDS)
    with TemporaryDirectory() as folder:
        settings = init(Path(folder), open_tree).settings
        written(settings, 1, 0, TENFOLD * PER_WARD)
        found = look_at(settings, 0)
        yield from _grown(f"with {TENFOLD} × children", found, first, TENFOLD, WITH_CHILDREN)


def _grown(
    when: str, found: Found, first: Found, times: int, may_grow: Container[str]
) -> Iterator[Figure]:
    for what, (value, unit) in found.items():
        goal = times if what in may_grow else FLAT
        yield Figure(f"{what}, {when}", value, unit, first[what][0], "one round", goal, True)
