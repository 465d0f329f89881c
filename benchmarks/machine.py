"""Figures of the machine's side: looking over a tree, starting a command, a whole quarter."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from measure import Figure, in_turn, run, shipped, written

from bhyt_filedrop.domain.process.folders import Routes
from bhyt_filedrop.edges.trees.local.tree import LocalTree
from bhyt_filedrop.settings import SweepSettings, TreeSettings
from bhyt_filedrop.site.lay_out import init
from bhyt_filedrop.wiring.declared import world_of
from bhyt_filedrop.wiring.trees import format_ends
from bhyt_filedrop.work.arrival.sweep import Sweep

TIMES = 3


def figures(quick: bool) -> Iterator[Figure]:
    """Yield them all; a whole quarter only where there is time for it."""
    yield sweep_figure(2_000 if quick else 100_000)
    yield from start_figures()
    if not quick:
        yield from quarter_figures(10_000)


# --- the tree --------------------------------------------------------------------------------


def small_zip() -> bytes:
    """A file whose format says that it ends."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
    return made.getvalue()


def fill(root: Path, routes: Routes, files: int) -> None:
    """Spread the files over every office's folder."""
    folders = [root / routes.drop_folder(unit) for unit in routes.units]
    data = small_zip()
    for number in range(files):
        (folders[number % len(folders)] / f"danh sach {number:06}.xlsx").write_bytes(data)


def walk(folder: str) -> int:
    """The peer of a look: every entry and its status."""
    seen = 0
    for entry in os.scandir(folder):
        seen += entry.stat(follow_symlinks=False).st_size >= 0
        if entry.is_dir(follow_symlinks=False):
            seen += walk(entry.path)
    return seen


def sweep_figure(files: int) -> Figure:
    """A look over files that were seen before and are still being written."""
    with TemporaryDirectory() as folder:
        root = Path(folder, "tree")

        def quick(tree: TreeSettings) -> LocalTree:
            return LocalTree(tree.id, Path(tree.root), durable=False)

        init(Path(folder), quick)
        routes = world_of(shipped()).routes
        sweep = Sweep(LocalTree("main", root), SweepSettings(quiet_seconds=3600), format_ends)
        fill(root, routes, files)
        sweep.look(routes, 1.0)

        def look() -> None:
            assert not sweep.look(routes, 1.5).settled

        ours, peer = in_turn(*[(look, lambda: walk(str(root)))] * TIMES)
    # The goal was set for 100,000 files, at twice what scandir and stat take (0.6 s beside 0.3).
    what = f"a look over {files:,} files that are known"
    return Figure(what, ours, "s", peer, "scandir and stat", 2.0, of_ratio=True)


# --- commands --------------------------------------------------------------------------------


def least(*command: str) -> float:
    """Return the least seconds of processor of a few runs of a Python program."""
    return min(run(*command).cpu for _ in range(TIMES))


def start_figures() -> Iterator[Figure]:
    """Yield what commands take from nothing, each beside what its library takes merely to load."""
    with TemporaryDirectory() as folder:
        site = Path(folder, "site")
        settings = init(site, lambda tree: LocalTree(tree.id, Path(tree.root))).settings
        file = written(Path(folder, "list.xlsx"), "form-3", 25, settings, "760")
        ours = ("-m", "bhyt_filedrop")
        read = f"import pandas; pandas.read_excel({str(file)!r}, engine='openpyxl')"
        click, pandas = least("-c", "import click"), least("-c", read)
        yield Figure("--help, from nothing", least(*ours, "--help"), "s", click, "import click",
                     0.12)  # fmt: skip
        yield Figure("check of 25 rows, from nothing", least(*ours, "check", str(file)), "s",
                     pandas, "pandas reads it", 0.45)  # fmt: skip
        status = (*ours, "status", "--config", str(site / "config"))
        yield Figure("status, from nothing", least(*status), "s", pandas, "pandas reads a list",
                     0.45)  # fmt: skip


def quarter_figures(children: int) -> Iterator[Figure]:
    """Yield what a whole quarter of every office takes, and how large its ledger grows."""
    with TemporaryDirectory() as folder:
        site = Path(folder, "site")
        played = ("-m", "bhyt_filedrop", "demo", "--full", "--children", str(children))
        cost = run(*played, "--dir", str(site))
        ledger = sum(file.stat().st_size for file in site.rglob("ledger.sqlite3*"))
    what = f"a quarter of {children:,} children of every office, played"
    yield Figure(what, cost.cpu, goal=60.0)
    yield Figure(f"the ledger after it, {children:,} children", ledger / 2**20, "MiB", goal=90.0)
