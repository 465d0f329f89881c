"""From dropped to delivered: workbooks a second on a durable local tree, where the time goes."""

from __future__ import annotations

import time
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from measure import ROUND, told

from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.domain.process.units import Unit
from bhyt_filedrop.settings import Settings
from bhyt_filedrop.simulate.lists import list_of, write_list
from bhyt_filedrop.simulate.people import children
from bhyt_filedrop.site.lay_out import init
from bhyt_filedrop.wiring.daemon import Running, wired
from bhyt_filedrop.wiring.trees import open_tree

WARDS_OF = ("760", "770", "774")
CHILDREN = 40
NOW = datetime(2015, 6, 10, 9, tzinfo=ZONE)


class Timed:
    """Stands in for a port and adds up the time that its methods take."""

    def __init__(self, port: Any, name: str, spent: Counter[str]) -> None:
        self._port, self._name, self._spent = port, name, spent

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if not callable(found):
            return found

        def run(*args: Any, **options: Any) -> Any:
            start = time.perf_counter()
            try:
                return found(*args, **options)
            finally:
                self._spent[self._name] += time.perf_counter() - start

        return run


def drop_all(settings: Settings, folder_of: Callable[[Unit], Path]) -> int:
    """Drop a form 3 for every district and a zip of two lists for each ward of three of them."""
    units, dropped = settings.units, 0
    for district in units.of_kind("district"):
        group = children(units, CHILDREN, round=ROUND, seed=1, wards=units.children(district.id))
        wanted = list_of("form-3", ROUND, district, units, group)
        write_list(folder_of(district) / "mau 3.xlsx", wanted, units)
        dropped += 1
    for ward in (ward for district in WARDS_OF for ward in units.children(district)):
        _drop_zip(folder_of(ward) / "ho so.zip", ward, settings)
        dropped += 1
    return dropped


def _drop_zip(path: Path, ward: Unit, settings: Settings) -> None:
    group = children(settings.units, CHILDREN, round=ROUND, seed=2, wards=[ward])
    parts = {"form-4": group[: CHILDREN // 2], "d03-ts-1111": group[CHILDREN // 2 :]}
    made = path.with_suffix(".tmp")
    with zipfile.ZipFile(path, "w") as packed:
        for form, some in parts.items():
            write_list(made, list_of(form, ROUND, ward, settings.units, some), settings.units)
            packed.write(made, f"{form}.xlsx")
    made.unlink()


def watch(running: Running) -> Counter[str]:
    """Put timers before everything that the journey asks."""
    spent: Counter[str] = Counter()
    journey = running.journey
    trees = {name: Timed(tree, "tree", spent) for name, tree in journey.claiming.trees.items()}
    judging = journey.gathering.judging
    for part in (journey, journey.claiming, journey.gathering, judging, journey.delivering):
        for name in ("archive", "drops", "lists", "reader", "annotator"):
            if hasattr(part, name):
                setattr(part, name, Timed(getattr(part, name), name, spent))
    journey.claiming.trees = journey.delivering.trees = trees
    return spent


def main() -> None:
    """Print drops a second and each port's share of the time."""
    with TemporaryDirectory() as folder:
        settings = init(Path(folder), open_tree).settings
        with wired(settings, lambda: NOW) as running:
            routes, root = running.world.routes, Path(settings.trees[0].root)
            dropped = drop_all(settings, lambda unit: root / routes.drop_folder(unit))
            spent = watch(running)
            start = time.perf_counter()
            for worker in running.daemon.workers.values():
                while (look := worker.work()) and look.waiting:
                    time.sleep(look.look_again_in or 0)
            taken = time.perf_counter() - start
            states = running.books.drops.counts()
    print(f"{dropped} drops of {CHILDREN} children, {states}")
    print(f"  {dropped / taken:.1f} drops a second, {taken / dropped * 1000:.0f} ms each")
    for name, seconds in spent.most_common():
        told(f"{name} ({seconds / taken:.0%})", seconds / dropped)
    rest = taken - sum(spent.values())
    told(f"recognising, checking, deciding, deriving ({rest / taken:.0%})", rest / dropped)


if __name__ == "__main__":
    main()
