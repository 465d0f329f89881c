"""The survey: look over the whole base now and then for files that no sweep would ever take.

A clerk who saves a file in the wrong place believes that it was handed in. What lies outside every
drop folder, or in a folder of the product's own without being its, is told. A folder that means a
unit's although it is spelled otherwise is swept like that one; a copy that was given back to be put
right, or a kit, that was filled in where it lay is taken as the drop that it is.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from bhyt_filedrop.domain.drops.ids import OURS, WORK
from bhyt_filedrop.domain.drops.lying import Lying, Why
from bhyt_filedrop.domain.process.file_names import is_clutter, is_left_over
from bhyt_filedrop.domain.process.folders import Place, Routes
from bhyt_filedrop.domain.process.nearest import nearest_unit
from bhyt_filedrop.ports import ClosedFolder, NeverWorks, Sighting, Tree, TryLater
from bhyt_filedrop.work.arrival.copies import Answer, Copies
from bhyt_filedrop.work.arrival.sweep import Settled

STILL = 600.0
"""Seconds after which a file that was not written any more is still, without a second look."""

RESTING = 3600.0
"""The same for a copy that is filled in where it lies: nobody takes a list from under a hand."""

BATCH = 500
"""Files that the ledger is asked about at once."""


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What a survey found: folders that mean a unit's, drops where none are looked for, and files
    in wrong places."""

    folders: tuple[str, ...] = ()
    drops: tuple[Settled, ...] = ()
    misplaced: tuple[Lying, ...] = ()


@dataclass
class Surveying:
    """Looks over the base of one tree. Remembers what it has something to say of, so that only what
    stands still is told or taken."""

    tree: Tree
    copies: Copies
    _seen: dict[str, Sighting] = field(default_factory=dict)
    _last: datetime | None = None

    def look(
        self,
        routes: Routes,
        at: datetime,
        taken: Container[str] = (),
        left: Iterable[Sighting] = (),
    ) -> Surveyed:
        """Survey once. `taken` and `left` as in `Sweep.look`. Raises TryLater as trees do."""
        self.copies.begin()
        folders: dict[str, None] = {}
        drops: list[Settled] = []
        misplaced: list[Lying] = []
        seen: dict[str, Sighting] = {}
        known = list(left)
        swept = tuple(f"{folder}/" for folder in routes.sweep_folders(self.tree.id))
        for batch in _batches(self._files(routes)):
            placed = [(one, routes.locate(self.tree.id, one.path)) for one in batch]
            folders |= dict.fromkeys(_spelled_otherwise(placed, swept))
            rest = [
                (one, place)
                for one, place in placed
                if not (place and not place.own)
                and one.path not in taken
                and not any(map(one.is_same_file, known))
            ]
            for one, place, verdict in self._verdicts(rest, routes):
                seen[one.path] = one
                if isinstance(verdict, Why):
                    misplaced += self._misplaced(one, place, verdict, routes, at)
                elif place and self._is_still(one, at, RESTING) and self._is_closed(one):
                    drops.append(Settled(one, replace(place, own=""), since=self._last))
        for one in self._unknown_at_work():
            seen[one.path] = one
            misplaced += self._misplaced(one, None, Why.UNKNOWN, routes, at)
        self._seen, self._last = seen, at
        return Surveyed(tuple(folders), tuple(drops), tuple(misplaced))

    def _verdicts(
        self, found: list[tuple[Sighting, Place | None]], routes: Routes
    ) -> Iterator[tuple[Sighting, Place | None, Why | Answer]]:
        """Yield the files that there is something to say of."""
        ours = [(one, place) for one, place in found if place]
        for one, place, verdict in self.copies.verdicts(ours, routes):
            if verdict is not None:
                yield one, place, verdict
        for one in self.copies.of_strangers([one for one, place in found if place is None]):
            yield one, None, Why.ELSEWHERE

    def _unknown_at_work(self) -> Iterator[Sighting]:
        """What lies in the work area though no drop is under way with it: a disk that lost what it
        had confirmed, or a restored ledger, has forgotten it."""
        with suppress(ClosedFolder):
            yield from self.copies.of_strangers(list(self.tree.walk(WORK)))

    def _misplaced(
        self, one: Sighting, place: Place | None, why: Why, routes: Routes, at: datetime
    ) -> Iterator[Lying]:
        if self._is_still(one, at, STILL):
            unit = place.unit if place else nearest_unit(routes, self.tree.id, one.path)
            yield Lying(self.tree.id, one.path, why, unit.id if unit else "", at)

    def _files(self, routes: Routes) -> Iterator[Sighting]:
        """Everything in the base, and what lies beside its folder and those above: there nobody
        else's folders are entered."""
        base = routes.base(self.tree.id)
        parts = base.split("/") if base else []
        for depth in range(len(parts)):
            with suppress(ClosedFolder):  # some servers let nobody list what lies above
                yield from self._worth_a_word(self.tree.walk("/".join(parts[:depth]), deep=False))
        yield from self._worth_a_word(self.tree.walk(base, (OURS,)))

    def _worth_a_word(self, found: Iterable[Sighting]) -> Iterator[Sighting]:
        for one in found:
            if not is_clutter(one.path) or is_left_over(one.path):
                yield one

    def _is_still(self, sighting: Sighting, at: datetime, seconds: float) -> bool:
        seen_before = self._seen.get(sighting.path) == sighting
        return seen_before or at.timestamp() - sighting.mtime >= seconds

    def _is_closed(self, sighting: Sighting) -> bool:
        try:
            return not self.tree.is_still_open(sighting.path)
        except (TryLater, NeverWorks, FileNotFoundError):
            return False


def _spelled_otherwise(
    placed: Iterable[tuple[Sighting, Place | None]], swept: tuple[str, ...]
) -> Iterator[str]:
    """Yield the folders that a sweep by the declared names would not enter, as they are spelled."""
    for one, place in placed:
        if place and not place.own and not one.path.startswith(swept):
            below = place.subfolder.count("/") + 2 if place.subfolder else 1
            yield one.path.rsplit("/", below)[0]


def _batches(found: Iterator[Sighting]) -> Iterator[list[Sighting]]:
    batch: list[Sighting] = []
    for one in found:
        batch.append(one)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
