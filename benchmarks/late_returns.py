"""One round with its wards' returns: what one more return costs when few are in, and when most are,
and what the first one after a start costs.

The city's list goes out to every district and ward; then wards hand in, each its two lists.
"""

from __future__ import annotations

import time
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from measure import ROUND, Figure, median_of, spent

from bhyt_filedrop.collector import spare_the_collector
from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.domain.process.units import Unit
from bhyt_filedrop.settings import Settings
from bhyt_filedrop.simulate.lists import list_of, write_list
from bhyt_filedrop.simulate.people import InventedChild, children
from bhyt_filedrop.site.lay_out import init
from bhyt_filedrop.wiring.daemon import Running, wired
from bhyt_filedrop.wiring.trees import open_tree

NOW = datetime(2015, 6, 10, 9, tzinfo=ZONE)
CHILDREN = 20
"""Of each ward."""
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


def turn(running: Running) -> None:
    """Let the daemon take in what lies there."""
    for worker in running.daemon.workers.values():
        while (look := worker.work()) and look.waiting:
            time.sleep(look.look_again_in or 0)


def costs_of_round(settings: Settings, wards: int, each: int) -> Iterator[tuple[str, float]]:
    """Yield which return it was and its seconds of processor, over a round and a start."""
    units = settings.units
    group = children(units, each * len(units.of_kind("ward")), round=ROUND, seed=1)
    of_ward = {ward.id: [c for c in group if c.ward == ward.id] for ward in units.of_kind("ward")}
    root = Path(settings.trees[0].root)
    handing_in = units.of_kind("ward")[:wards]

    def hand_in(running: Running, ward: Unit) -> float:
        where = root / running.world.routes.drop_folder(ward) / "ho so.zip"
        write_return(where, ward, settings, of_ward[ward.id])
        return spent(lambda: turn(running))

    with wired(settings, lambda: NOW) as running:
        spare_the_collector()  # as the service does
        cntt = units["cntt"]
        city = root / running.world.routes.drop_folder(cntt) / "mau 2.xlsx"
        write_list(city, list_of("form-2", ROUND, cntt, units, group), units)
        turn(running)
        for number, ward in enumerate(handing_in[:-FEW]):
            cost = hand_in(running, ward)
            late = number >= len(handing_in) - 2 * FEW
            # The first one finds nothing read yet.
            yield "late" if late else "early" if 0 < number <= FEW else "other", cost
    with wired(settings, lambda: NOW) as running:
        spare_the_collector()
        for number, ward in enumerate(handing_in[-FEW:]):
            yield "started" if number == 0 else "late", hand_in(running, ward)


def figures(quick: bool) -> Iterator[Figure]:
    """Yield what the first returns cost, the last ones, and the first one after a start."""
    if quick:
        return
    with TemporaryDirectory() as folder:
        settings = init(Path(folder), open_tree).settings
        wards = min(300, len(settings.units.of_kind("ward")))
        found: dict[str, list[float]] = {}
        for which, cost in costs_of_round(settings, wards, CHILDREN):
            found.setdefault(which, []).append(cost)
    early = median_of(found["early"])
    what = "with all that follows from it"
    yield Figure(f"one of the first returns of a round, {what}", early)
    yield Figure(f"one late return, {wards} wards in, {what}", median_of(found["late"]), "s", early,
                 "one of the first", 0.25)  # fmt: skip
    yield Figure("the first return after a start, a round under way", found["started"][0], "s",
                 early, "one of the first", 1.0)  # fmt: skip
