"""One round with its wards' returns: what one more return costs when few are in, and when most are,
and what the first one after a start costs.

The city's list goes out to every district and ward; then wards hand in, each its two lists.
"""

from __future__ import annotations

import argparse
import time
import zipfile
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from measure import ROUND, told

from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.domain.process.units import Unit
from bhyt_filedrop.settings import Settings
from bhyt_filedrop.simulate.lists import list_of, write_list
from bhyt_filedrop.simulate.people import InventedChild, children
from bhyt_filedrop.site.lay_out import init
from bhyt_filedrop.wiring.daemon import Running, wired
from bhyt_filedrop.wiring.trees import open_tree

NOW = datetime(2015, 6, 10, 9, tzinfo=ZONE)
FEW = 5
"""Returns of which the cost is measured, at the beginning and at the end."""


def write_return(path: Path, ward: Unit, settings: Settings, group: list[InventedChild]) -> None:
    """Write a ward's return: the first half had a card, the other half gets one."""
    half, made = len(group) // 2, path.with_suffix(".tmp")
    with zipfile.ZipFile(path, "w") as packed:
        for form, some in {"form-4": group[:half], "d03-ts-1111": group[half:]}.items():
            write_list(made, list_of(form, ROUND, ward, settings.units, some), settings.units)
            packed.write(made, f"{form}.xlsx")
    made.unlink()


def turn(running: Running) -> tuple[float, float]:
    """Let the daemon take in what lies there; return the seconds of CPU and of the clock."""
    cpu, start = time.process_time(), time.perf_counter()
    for worker in running.daemon.workers.values():
        while (look := worker.work()) and look.waiting:
            time.sleep(look.look_again_in or 0)
    return time.process_time() - cpu, time.perf_counter() - start


def main() -> None:
    """Print what one return costs, in the first wards, in the last, and after a start."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--wards", type=int, default=300)
    options.add_argument("--children", type=int, default=20, help="of each ward")
    chosen = options.parse_args()
    with TemporaryDirectory() as folder:
        settings = init(Path(folder), open_tree).settings
        wards = settings.units.of_kind("ward")
        group = children(settings.units, chosen.children * len(wards), round=ROUND, seed=1)
        of_ward = {ward.id: [c for c in group if c.ward == ward.id] for ward in wards}
        root = Path(settings.trees[0].root)
        handing_in = list(wards[: chosen.wards])

        def hand_in(running: Running, ward: Unit) -> tuple[float, float]:
            where = root / running.world.routes.drop_folder(ward) / "ho so.zip"
            write_return(where, ward, settings, of_ward[ward.id])
            return turn(running)

        with wired(settings, lambda: NOW) as running:
            cntt = settings.units["cntt"]
            city = root / running.world.routes.drop_folder(cntt) / "mau 2.xlsx"
            write_list(city, list_of("form-2", ROUND, cntt, settings.units, group), settings.units)
            _, taken = turn(running)
            print(f"{len(group)} children of {len(wards)} wards, split in {taken:.1f} s")
            costs = [hand_in(running, ward) for ward in handing_in[:-FEW]]
            tell(f"one of the first {FEW}", costs[1 : FEW + 1], None)
            tell(f"one of the last {FEW}", costs[-FEW:], costs[1 : FEW + 1])
        with wired(settings, lambda: NOW) as running:
            after = [hand_in(running, ward) for ward in handing_in[-FEW:]]
            tell("the first after a start", after[:1], costs[1 : FEW + 1])
            tell("each that follows", after[1:], costs[1 : FEW + 1])


def tell(label: str, costs: list[tuple[float, float]], beside: list[tuple[float, float]] | None):
    """Print the middle one of some costs, in CPU of the daemon and by the clock."""
    for n, what in enumerate(("CPU", "clock")):
        told(f"{label}, {what}", middle(costs, n), beside and middle(beside, n))


def middle(costs: list[tuple[float, float]], n: int) -> float:
    """Return the median of one of the two figures."""
    return sorted(cost[n] for cost in costs)[len(costs) // 2]


if __name__ == "__main__":
    main()
