"""One, two and four daemons on a shared ledger, beside one whose ledger is a file.

All run on this machine, with one worker process each, on one tree: what the figures say is what
sharing costs, and how far the cores there are let it grow. The folder is full before the clock
starts, and the daemons are idle.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from measure import Figure
from path import CHILDREN, NOW, make_returns

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # the server is the tests' own

from sqlalchemy import Engine, text  # noqa: E402

from bhyt_filedrop.edges.ledger.store import open_engine  # noqa: E402
from bhyt_filedrop.settings import Settings, load, variable  # noqa: E402
from bhyt_filedrop.site.lay_out import init  # noqa: E402
from bhyt_filedrop.wiring.books import open_books  # noqa: E402
from bhyt_filedrop.wiring.declared import world_of  # noqa: E402
from bhyt_filedrop.wiring.trees import open_tree  # noqa: E402
from tests.servers.postgres import PASSWORD, postgres, tools  # noqa: E402

LONGEST = 1200.0
"""Seconds after which a run counts as never done."""

_DONE = "SELECT count(*) FROM drops WHERE state IN ('accepted', 'returned', 'held')"
_DONE += " AND path NOT LIKE '@%'"
_HANDS = "SELECT count(*) FROM procrastinate_workers"


def machines(folder: Path, count: int, url: str) -> list[Settings]:
    """So many machines with a state each; their tree and archive are the first one's."""
    first = init(folder / "m0", open_tree).settings
    shipped = (first.config_dir / "bhyt-filedrop.toml").read_text("utf-8")
    here = shipped.replace('root = "tree"', f'root = "{first.trees[0].root}"')
    made = []
    for n in range(count):
        home = folder / f"m{n}"
        if n:
            shutil.copytree(first.config_dir, home / "config")
        file = home / "config" / "bhyt-filedrop.toml"
        ledger = f'[ledger]\nurl = "{url}"\nworkers = 1\n' if url else ""
        archive = f'[archive]\nurl = "file://{folder}/archive"\n' if url else ""
        file.write_text(f"{here}\n{ledger}{archive}", "utf-8")
        made.append(load(home / "config"))
    return made


@contextmanager
def serving(settings: Settings) -> Iterator[None]:
    """A daemon."""
    command = [sys.executable, "-m", "bhyt_filedrop", "run", "--config", str(settings.config_dir)]
    process = subprocess.Popen(
        [*command, "--now", f"{NOW:%Y-%m-%dT%H:%M}"], stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(120)


def asked(ledger: Engine, question: str) -> int:
    """One number of the ledger."""
    with ledger.connect() as connection:
        return int(connection.execute(text(question)).scalar_one())


def until(ledger: Engine, question: str, wanted: int) -> float:
    """Wait until a number is reached; return when."""
    end = time.perf_counter() + LONGEST
    while asked(ledger, question) < wanted:
        if time.perf_counter() > end:
            raise SystemExit(f"never done: {question}")
        time.sleep(0.1)
    return time.perf_counter()


def seconds_of(count: int, files: int, url: str) -> float:
    """The seconds by the clock in which so many daemons lead so many files to their end."""
    with TemporaryDirectory() as scratch, ExitStack() as stack:
        folder = Path(scratch)
        (folder / "archive").mkdir(mode=0o700)
        each = machines(folder, count, url)
        first = each[0]
        (folder / "made").mkdir()
        made = make_returns(first, files, folder / "made")
        open_books(first).close()
        for settings in each:
            stack.enter_context(serving(settings))
        time.sleep(10)
        ledger = open_engine(first.ledger_url, PASSWORD)
        stack.callback(ledger.dispose)
        if url:
            until(ledger, _HANDS, count)
        began = time.perf_counter()
        drop(first, made)
        return until(ledger, _DONE, files) - began


def drop(settings: Settings, made: Sequence[tuple[str, Path]]) -> None:
    """Put every ward's file into its folder, by one rename each."""
    routes, root = world_of(settings).routes, Path(settings.trees[0].root)
    for ward, file in made:
        being_sent = root / f".{file.name}"
        shutil.copy(file, being_sent)
        being_sent.rename(root / routes.drop_folder(settings.units[ward]) / "ho so.zip")


def figures(quick: bool) -> Iterator[Figure]:
    """Yield the seconds a file, each beside the daemon whose ledger is a file; none where there is
    no PostgreSQL, and none in the quick slice: a start of several daemons takes half a minute."""
    if quick or tools() is None:
        return
    os.environ[variable("ledger")] = PASSWORD
    files = int(os.environ.get("BENCH_FILES", "120"))
    alone = seconds_of(1, files, "") / files
    what = f"a ward's return of {CHILDREN} children, of {files}, by the clock"
    yield Figure(f"{what}: one daemon, ledger in a file", alone)
    for count in (1, 2, 4):
        server = postgres()
        took = seconds_of(count, files, server.url(server.database())) / files
        name = f"{count} daemon{'s' if count > 1 else ''} on PostgreSQL, a worker each"
        yield Figure(f"{what}: {name}", took, "s", alone, "one, ledger in a file")
