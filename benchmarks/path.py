"""The whole durable path beside a naive script: files a second, and CPU of all processes a file.

Every ward drops a return of fifty children, its two lists in one zip; each is checked, delivered
and answered by mail. Both take the same files, each in a process of its own. What starting costs,
that of the judges with it (`wiring/judges.py`: they come for a dozen files and stay for minutes),
is taken off by a run over the first dozen.
"""

from __future__ import annotations

import mailbox
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from late_returns import write_return
from measure import ROUND, Cost, Figure, run

from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.settings import Settings
from bhyt_filedrop.simulate.people import children
from bhyt_filedrop.site.lay_out import init
from bhyt_filedrop.wiring.declared import world_of
from bhyt_filedrop.wiring.judges import MANY
from bhyt_filedrop.wiring.trees import open_tree

NOW = datetime(2015, 6, 10, 9, tzinfo=ZONE)
CHILDREN = 50
FIRST = MANY
"""Files of the run that is taken off."""


def make_returns(
    settings: Settings, count: int, into: Path, seed: int = 1
) -> list[tuple[str, Path]]:
    """Write so many wards' returns; return each with its ward's id."""
    into.mkdir(exist_ok=True)
    wards = settings.units.of_kind("ward")[:count]
    everybody = children(settings.units, CHILDREN * count, round=ROUND, seed=seed, wards=wards)
    made = []
    for ward in wards:
        made.append((ward.id, into / f"{ward.id}.zip"))
        group = [child for child in everybody if child.ward == ward.id]
        write_return(made[-1][1], ward, settings, group)
    return made


def ours(site: Path, settings: Settings, files: list[tuple[str, Path]]) -> Cost:
    """Let the daemon handle some files, once."""
    routes, root = world_of(settings).routes, Path(settings.trees[0].root)
    for ward, file in files:
        folder = root / routes.drop_folder(settings.units[ward])
        shutil.copy(file, folder / f"ho so {file.parent.name}.zip")
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


def less(whole: Cost, first: Cost, files: int) -> Cost:
    """What one cost of the files that a run had more than the first one."""
    return Cost((whole.clock - first.clock) / files, (whole.cpu - first.cpu) / files, whole.memory)


def letters_of(settings: Settings) -> int:
    """How many letters the ledger holds."""
    with closing(sqlite3.connect(settings.state_dir / "ledger.sqlite3")) as ledger:
        return int(ledger.execute("SELECT count(*) FROM letters").fetchone()[0])


def measure(count: int) -> tuple[Cost, Cost, float]:
    """Return what a file costs us, and the naive script; and the letters that follow from it."""
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        site = folder / "site"
        settings = init(site, open_tree).settings
        (folder / "made").mkdir()
        files = make_returns(settings, FIRST + count, folder / "made")

        def cost(handle: Callable[[list[tuple[str, Path]]], Cost]) -> Cost:
            handle([])  # Python compiles at the first start
            first, whole = handle(files[:FIRST]), handle(files[FIRST:])
            return less(whole, first, count - FIRST)

        mine = cost(lambda some: ours(site, settings, some))
        letters = letters_of(settings) / len(files)
        return mine, cost(lambda some: naive(folder / f"naive-{len(some)}", some)), letters


def memory_of(times: int, wards: int) -> int:
    """Return the most memory (bytes) that a daemon held while so many wards handed in so often."""
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        settings = init(folder / "site", open_tree).settings
        some = (make_returns(settings, wards, folder / f"{n}", n) for n in range(1, times + 1))
        return ours(folder / "site", settings, [file for made in some for file in made]).memory


def figures(quick: bool) -> Iterator[Figure]:
    """Yield what one file costs by the clock and in processor, and what the daemon holds."""
    count = 28 if quick else 300
    mine, peer, letters = measure(count)
    what, beside = f"a ward's return of {CHILDREN} children, of {count}", "the naive script"
    yield Figure(f"{what}, CPU of all processes", mine.cpu, "s", peer.cpu, beside, 1.5, True)
    if not quick:
        yield Figure(f"{what}, by the clock", mine.clock, "s", peer.clock, beside, 1.0, True)
        memory = mine.memory / 2**20
        yield Figure(f"the most memory that the daemon held over these {count}", memory, "MiB",
                     goal=200.0)  # fmt: skip
        yield Figure("letters that follow from a return", letters, "")
        memory = memory_of(4, 250) / 2**20
        yield Figure("the memory of the daemon after 1,000 drops", memory, "MiB", goal=200.0)


if __name__ == "__main__":
    play_naive(Path(sys.argv[2]))
