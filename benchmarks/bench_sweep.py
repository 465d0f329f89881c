"""Looking over the whole tree: 24 districts, 322 wards, and a burst of 10,000 files in it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from measure import median, seconds, shipped, told

from bhyt_filedrop.domain.process.folders import Routes
from bhyt_filedrop.edges.trees.local.tree import LocalTree
from bhyt_filedrop.settings import SweepSettings, TreeSettings
from bhyt_filedrop.site.lay_out import init
from bhyt_filedrop.wiring.declared import world_of
from bhyt_filedrop.wiring.trees import format_ends
from bhyt_filedrop.work.arrival.sweep import Sweep

FILES = 10_000


def small_zip() -> bytes:
    """A file whose format says that it ends."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
    return made.getvalue()


def burst(root: Path, routes: Routes) -> None:
    """Spread the files over every office's folder."""
    folders = [root / routes.drop_folder(unit) for unit in routes.units]
    data = small_zip()
    for number in range(FILES):
        (folders[number % len(folders)] / f"danh sach {number:05}.xlsx").write_bytes(data)


def main() -> None:
    """Print what a look takes: nothing there, files first seen, files settled, files known."""
    settings = shipped()
    with TemporaryDirectory() as folder:
        root = Path(folder, "tree")

        def quick(tree: TreeSettings) -> LocalTree:
            return LocalTree(tree.id, Path(tree.root), durable=False)

        init(Path(folder), quick)
        routes = world_of(settings).routes
        tree = LocalTree("main", root)
        sweep = Sweep(tree, SweepSettings(quiet_seconds=1), format_ends)
        told("a look over empty folders", median(lambda: sweep.look(routes, 0.0)))
        burst(root, routes)
        first = seconds(lambda: sweep.look(routes, 1.0))
        told(f"the first look at {FILES} files", first)
        told("a look at files that are not still yet", median(lambda: sweep.look(routes, 1.5)))
        settled = seconds(lambda: _all_settled(sweep, routes))
        told("the look that finds them settled", settled)
        per_file = (first + settled) / FILES * 1e6
        print(f"  {per_file:.0f} µs a file, from first seen to settled")


def _all_settled(sweep: Sweep, routes: Routes) -> None:
    assert len(sweep.look(routes, 3.0).settled) == FILES


if __name__ == "__main__":
    main()
