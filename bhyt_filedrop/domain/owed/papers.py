"""The paper copies of birth and maternity certificates: by whom they have to be had, who has them.

They go beside the lists (1331/BHXH-THU, 5.2): to the office that leads the process with the cost
list, from there to each district, from there to each ward. Paper tells no ledger that it arrived,
so a person does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bhyt_filedrop.domain.letters.letter import Json
from bhyt_filedrop.domain.owed.obligations import DeliveredIndex
from bhyt_filedrop.domain.process.handoffs import RECEIVER, HandOff, Process
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit, Units


@dataclass(frozen=True, slots=True)
class PaperTick:
    """The copies that go with a hand-off of a round came to a unit: who says so, when (aware)."""

    round: Round
    handoff: str
    unit: str
    note: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PaperWay:
    """Copies that a unit has to get: with which hand-off, from whom, since when the list is there
    (aware); `tick` = they came."""

    handoff: HandOff
    giver: Unit
    unit: Unit
    since: datetime
    tick: PaperTick | None

    def as_json(self) -> dict[str, Json]:
        """As the command line prints it."""
        return {
            "handoff": self.handoff.id,
            "number": self.handoff.number,
            "from": self.giver.id,
            "unit": self.unit.id,
            "since": self.since.isoformat(),
            "came_at": self.tick.at.isoformat() if self.tick else None,
            "by": self.tick.by if self.tick else None,
            "note": self.tick.note if self.tick else None,
        }


def paper_ways(
    process: Process,
    units: Units,
    round_: Round,
    facts: DeliveredIndex,
    ticks: Iterable[PaperTick],
) -> tuple[PaperWay, ...]:
    """Return the copies that have to be somewhere, in the order of the process and the units: with
    each list that went out and has a child in it."""
    came = {(tick.handoff, tick.unit): tick for tick in ticks}
    found: list[PaperWay] = []
    for handoff in (h for h in process.handoffs.values() if h.papers):
        ways = _ways_of(handoff, units, round_, facts)
        for id_ in units.in_order(ways):
            giver, since = ways[id_]
            found.append(PaperWay(handoff, giver, units[id_], since, came.get((handoff.id, id_))))
    return tuple(found)


def _ways_of(
    handoff: HandOff, units: Units, round_: Round, facts: DeliveredIndex
) -> dict[str, tuple[Unit, datetime]]:
    """Who has to get the copies of a hand-off → from whom, since when."""
    ways: dict[str, tuple[Unit, datetime]] = {}
    for (id_, receiver), delivered in facts.by_receiver.items():
        mine = [fact for fact in delivered if fact.round == round_]
        taker = receiver if handoff.papers == RECEIVER else handoff.papers
        if id_ != handoff.id or not mine or mine[-1].nothing or taker not in units:
            continue
        first = next(fact for fact in mine if not fact.nothing)
        known = ways.get(taker)
        if first.sender_id in units and (known is None or first.at < known[1]):
            ways[taker] = (units[first.sender_id], first.at)
    return ways
