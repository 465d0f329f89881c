"""Note where the paper copies of certificates are, and which cover list goes with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.owed.obligations import DeliveredIndex
from bhyt_filedrop.domain.owed.papers import PaperTick, PaperWay, paper_ways
from bhyt_filedrop.domain.process.handoffs import RECEIVER
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.ports import ActRefused, ListReader, PaperBook


@dataclass(frozen=True)
class Papers:
    """Each act returns the ways that it is about; raises ActRefused where it cannot be done."""

    world: World
    book: PaperBook
    lists: ListReader
    facts: Callable[[Round], DeliveredIndex]

    def ways(self, round_: Round) -> tuple[PaperWay, ...]:
        """Return all copies that have to be somewhere, and which of them came."""
        world = self.world
        ticks = self.book.of_round(round_)
        return paper_ways(world.process, world.units, round_, self.facts(round_), ticks)

    def came(
        self, round_: Round, handoff: str, units: Sequence[str], note: str, by: str, at: datetime
    ) -> None:
        """Note that the copies of a hand-off came to some units, all or none of them."""
        ways = [self._way(round_, handoff, unit) for unit in units]
        if there := [way for way in ways if way.tick]:
            names = ", ".join(way.unit.name for way in there)
            raise ActRefused(f"Đã ghi trước rồi: {names}.", f"Noted already: {names}.")
        for way in ways:
            self.book.tick(PaperTick(round_, way.handoff.id, way.unit.id, note, by, at))

    def not_there(
        self, round_: Round, handoff: str, unit: str, why: str, by: str, at: datetime
    ) -> None:
        """Take back a note that copies came."""
        way = self._way(round_, handoff, unit)
        if not self.book.untick(PaperTick(round_, way.handoff.id, unit, "", by, at), why):
            raise ActRefused(
                f"{way.unit.name}: chưa ghi là đã nhận bản sao.",
                f"{way.unit.name}: nobody noted that copies came.",
            )

    def children(self, round_: Round, unit: str) -> tuple[PaperWay, tuple[ListedChild, ...]]:
        """Return the last way on which copies come to a unit, and whose they are."""
        ways = [way for way in self.ways(round_) if way.unit.id == unit]
        if not ways:
            raise self._nothing_goes(round_, unit)
        way = ways[-1]
        receiver = unit if way.handoff.papers == RECEIVER else None
        records = self.lists.of_round(str(round_), [way.handoff.id], receiver=receiver)
        accepted = [r for r in records if r.is_accepted]
        every = (c for r in accepted for c in self.lists.children(r.drop, r.seq))
        # A cost list has a row for each visit; a child has one certificate.
        once = {(child.name, child.birth, child.parent): child for child in every}
        return way, tuple(once.values())

    def _way(self, round_: Round, handoff: str, unit: str) -> PaperWay:
        """The one way that is meant; a hand-off is named by its id or its number."""
        named = [
            way
            for way in self.ways(round_)
            if way.unit.id == unit
            and handoff.casefold() in (way.handoff.id, way.handoff.number.casefold())
        ]
        if not named:
            raise self._nothing_goes(round_, unit)
        return named[0]

    def _nothing_goes(self, round_: Round, unit: str) -> ActRefused:
        if unit not in self.world.units:
            return ActRefused(f"Không có đơn vị {unit}.", f"There is no unit {unit}.")
        name = self.world.units.full_name(self.world.units[unit])
        return ActRefused(
            f"{name}, {round_.title}: chưa có danh sách nào có bản sao đi kèm ở bước này.",
            f"{name}, {round_}: no list with paper copies went there in this hand-off.",
        )
