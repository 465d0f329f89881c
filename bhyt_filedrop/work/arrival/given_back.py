"""Originals that lie in `Đã nhận`, held against the ledger: what a restored, older one has missed.

A ledger of yesterday does not know what was dropped since, and takes for under way what was long
done. The originals are still in the tree, under names that carry their drops' ids: a claim whose
file is gone finds its bytes there, and what the ledger does not know is claimed once more under
its old id, so that every file that follows from it meets only itself.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.ids import day_of_id, work_path
from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.domain.process.file_names import order_of_names, read_given_back
from bhyt_filedrop.domain.process.folders import Routes
from bhyt_filedrop.ports import Clock, ClosedFolder, KnownDrops, NeverWorks, Sighting, Tree

log = logging.getLogger(__name__)


@dataclass
class GivenBack:
    """Finds originals that were taken before, where their senders find them again."""

    trees: Mapping[str, Tree]
    drops: KnownDrops
    routes: Routes
    clock: Clock

    def of(self, drop: Drop) -> Sighting | None:
        """Return where the original of a drop lies whose claim finds nothing, None where nowhere.

        Raises NeverWorks where only a marked copy went back to its sender: what was dropped is not
        in the tree any more, and a person must say what is to become of it.
        """
        for sighting, name in self._named(drop.tree, self._near(drop)):
            if name == drop.id and sighting.size == drop.size:
                return sighting
            if name == drop.id:
                raise NeverWorks(
                    "the ledger is older than the tree: this file was handled already, and only "
                    f"what was given back of it is left ({sighting.path})"
                )
        return None

    def missed(self, tree: str, known: frozenset[str] | None = None) -> list[Drop]:
        """Return the drops that the ledger does not know as they would be claimed, oldest first;
        `known` are those that it knows, where that was asked for already.

        A file that was returned is its sender's again, who was told why: it is not among them.
        """
        folders = self.routes.own_folders(tree, {"received"})
        found = {name: sighting for sighting, name in self._named(tree, folders)}
        unknown = found.keys() - (self.drops.every_id() if known is None else known)
        missed = (self._as_it_came(tree, name, found[name]) for name in unknown)
        return sorted(filter(None, missed), key=_time_of)

    def take_in(self, tree: str, known: frozenset[str] | None = None) -> list[Drop]:
        """Claim once more what the ledger does not know."""
        claims = self.missed(tree, known)
        if claims:
            log.warning("drops.taken-back", extra={"tree": tree, "drops": len(claims)})
            self.drops.take_back(claims, self.clock())
        return claims

    def catch_up(self, tree: str) -> None:
        """`take_in` at a start; a ledger that knows nothing at all was begun anew on purpose."""
        if known := self.drops.every_id():
            self.take_in(tree, known)

    def _near(self, drop: Drop) -> list[str]:
        """Where its sender finds a drop again; that is the unit above where it was dropped in the
        folder of its receiver."""
        units = self.routes.units
        unit = units.by_id.get(drop.unit)
        both = [unit, units.by_id.get(unit.parent)] if unit else []
        return [
            folder
            for one in both
            if one and self.routes.has_folders(one)
            for folder in (self.routes.received(one, None), self.routes.returned(one))
        ]

    def _named(self, tree: str, folders: Iterable[str]) -> Iterator[tuple[Sighting, str]]:
        """Every file that was given back, with the id that its name carries."""
        for folder in folders:
            try:
                for sighting in self.trees[tree].walk(folder):
                    _, drop = read_given_back(_name_of(sighting))
                    if drop:
                        yield sighting, drop
            except ClosedFolder:
                continue

    def _as_it_came(self, tree: str, drop: str, sighting: Sighting) -> Drop | None:
        place, day = self.routes.locate(tree, sighting.path), day_of_id(drop)
        if place is None or day is None:
            return None
        called, _ = read_given_back(_name_of(sighting))
        return Drop(
            id=drop,
            tree=tree,
            path=f"{self.routes.drop_folder(place.unit)}/{called}",
            unit=place.unit.id,
            size=sighting.size,
            mtime=sighting.mtime,
            work_path=work_path(drop),
            arrived_at=self._arrival(day, sighting.mtime),
        )

    def _arrival(self, day: date, put: float) -> datetime:
        """Its copy was put within moments; else the first minute of the day that its id tells, for
        nobody is late by our fault."""
        copied = datetime.fromtimestamp(max(0.0, put), ZONE)
        moment = copied if copied.date() == day else datetime.combine(day, time.min, ZONE)
        return min(moment, self.clock())


def _name_of(sighting: Sighting) -> str:
    return sighting.path.rsplit("/", 1)[-1]


def _time_of(drop: Drop) -> tuple[datetime, object]:
    return drop.arrived_at, order_of_names(drop.path)
