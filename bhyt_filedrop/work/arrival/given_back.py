"""Originals that lie in `Đã nhận`, held against the ledger: what a restored, older one has missed.

A ledger of yesterday does not know what was dropped since, and takes for under way what was long
done. The originals are still in the tree, under names that carry their drops' ids: a claim whose
file is gone finds its bytes there, and what the ledger does not know is claimed once more under
its old id, so that every file that follows from it meets only itself.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from bhyt_filedrop.domain.drops.drop import TOLD_BEFORE, Drop
from bhyt_filedrop.domain.drops.ids import day_of_id, work_path
from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.domain.process.file_names import order_of_names, read_given_back
from bhyt_filedrop.domain.process.folders import Routes
from bhyt_filedrop.ports import Clock, ClosedFolder, KnownDrops, NeverWorks, Sighting, Tree

log = logging.getLogger(__name__)


LAG = timedelta(hours=1)
"""By how much the clock of a disk elsewhere may be behind ours."""

UNSURE = timedelta(hours=1)
"""The letters of so long before the last file that was put may have waited to be sent still: they
go out, be it twice."""

ChangedFolders = Callable[[Sequence[str], datetime | None], Iterable[str]]
"""Tells which of some folders, and of those below, something was put into since a moment."""


@dataclass
class GivenBack:
    """Finds originals that were taken before, where their senders find them again."""

    trees: Mapping[str, Tree]
    drops: KnownDrops
    routes: Routes
    clock: Clock
    changed: Mapping[str, ChangedFolders] = field(default_factory=dict)
    """By tree of this machine."""

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

    def missed(self, tree: str) -> list[Drop]:
        """Return the drops that the ledger does not know as they would be claimed, oldest first.

        A file that was returned is its sender's again, who was told why: it is not among them.
        """
        found = list(self._named(tree, self._received(tree)))
        return self._unknown(tree, found, self.drops.every_id())

    def take_in(self, tree: str) -> list[Drop]:
        """Claim once more what the ledger does not know."""
        return self._claim(tree, self.missed(tree))

    def catch_up(self, tree: str, since: datetime | None) -> None:
        """`take_in` at a start, for what was put since the ledger last noted a look over the tree
        (None = never): a ledger that is not older than the tree asks no file of it.

        One that knows nothing at all was begun anew on purpose.
        """
        folders = list(self.changed[tree](self._received(tree), since and since - LAG))
        known = self.drops.every_id() if folders else frozenset[str]()
        if known:
            found = list(self._named(tree, folders, deep=False))
            self._claim(tree, self._unknown(tree, found, known))

    def _received(self, tree: str) -> list[str]:
        return list(self.routes.own_folders(tree, {"received"}))

    def _unknown(
        self, tree: str, named: Iterable[tuple[Sighting, str]], known: Container[str]
    ) -> list[Drop]:
        found = {name: sighting for sighting, name in named}
        last = max((one.mtime for one in found.values()), default=0.0)
        missed = (
            self._as_it_came(tree, name, sighting, last - sighting.mtime >= UNSURE.total_seconds())
            for name, sighting in found.items()
            if name not in known
        )
        return sorted(filter(None, missed), key=_time_of)

    def _claim(self, tree: str, claims: list[Drop]) -> list[Drop]:
        if claims:
            log.warning("drops.taken-back", extra={"tree": tree, "drops": len(claims)})
            self.drops.take_back(claims, self.clock())
        return claims

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

    def _named(
        self, tree: str, folders: Iterable[str], *, deep: bool = True
    ) -> Iterator[tuple[Sighting, str]]:
        """Every file that was given back, with the id that its name carries."""
        for folder in folders:
            try:
                for sighting in self.trees[tree].walk(folder, deep=deep):
                    _, drop = read_given_back(_name_of(sighting))
                    if drop:
                        yield sighting, drop
            except ClosedFolder:
                continue

    def _as_it_came(self, tree: str, drop: str, sighting: Sighting, told: bool) -> Drop | None:
        """`told` says that the letters about it left before the ledger was lost."""
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
            override={"action": TOLD_BEFORE, "why": ""} if told else None,
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
