"""A worker whose tree, ledger and services are the test's own: what it does is noted in order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.lying import Lying
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.letters.letter import Letter
from bhyt_filedrop.ports import Sighting
from bhyt_filedrop.work.arrival.outage import Outage
from bhyt_filedrop.work.arrival.sweep import Look, Settled
from bhyt_filedrop.work.worker import Worker
from tests.journey.keeping_up import a_city
from tests.offices import moment

NOW = moment(6, 12, 9)
NOTHING = Look((), 0, None)
DROP = Drop("D1", "main", "Quận 1/a.xlsx", "760", 1, 1.0, ".work/D1", NOW, state=State.PLANNED)


@dataclass
class Turn:
    """All that a worker asks and tells, by the test's word; `did` is what it did, in order."""

    look: Look = NOTHING
    error: Exception | None = None
    now: datetime = NOW
    seconds: float = 0.0
    took: float = 0.0
    derived: list[Drop] = field(default_factory=list)
    due: list[Drop] = field(default_factory=list)
    did: list[str] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    noted: list[tuple[datetime, frozenset[str]]] = field(default_factory=list)
    lies: list[tuple[Lying, ...]] = field(default_factory=list)
    known_lying: tuple[Lying, ...] = ()
    shared: bool = False
    steps: int = 0

    def __post_init__(self) -> None:
        units = SimpleNamespace(day=None)
        self.routes = SimpleNamespace(units=units)
        journey = SimpleNamespace(
            clock=lambda: self.now, hands_on=False, shared=self.shared, routes=a_city().routes,
            world=a_city(), lead=self._lead,
            claiming=SimpleNamespace(register=self._register),
        )  # fmt: skip
        queue = SimpleNamespace(
            due=lambda _at, **_: self.due,
            unclaimed_paths=lambda _t: {"u"},
            left_there=lambda _t: [],
        )
        outage = Outage("main", "cntt", self, lambda: self.now)  # type: ignore[arg-type]
        self.worker = Worker(
            "main", SimpleNamespace(look=self._look), journey, queue, self, outage, 15.0,  # type: ignore[arg-type]
            derive=self._derive, spare=self._spare, approvals=lambda: self.did.append("approvals"),
            steady=lambda: self.seconds, jitter=lambda: 1.0,
        )  # fmt: skip

    def _look(self, *asked: Any) -> Look:
        self.asked = asked
        self.seconds += self.took
        if self.error:
            raise self.error
        return self.look

    def _register(self, _tree: str, batch: list[Settled]) -> list[Drop]:
        self.did.append(f"registered {len(batch)}")
        return []

    def _lead(self, drops: Iterable[Drop], _alive: object) -> None:
        self.did.append("led " + ",".join(one.id for one in drops))

    def _derive(self) -> list[Drop]:
        self.did.append("derived")
        return self.derived

    def _spare(self) -> bool:
        self.steps -= 1
        return self.steps >= 0

    def put_letters(self, letters: Iterable[Letter], _at: datetime) -> int:
        self.letters += letters
        return 1

    def known_keys(self, _prefixes: tuple[str, ...]) -> frozenset[str]:
        return frozenset()

    def last_look(self, _tree: str) -> datetime:
        return NOW - timedelta(days=1)

    def looked(self, _tree: str, at: datetime, waiting: frozenset[str]) -> None:
        self.noted.append((at, waiting))

    def lying(self, _tree: str) -> tuple[Lying, ...]:
        return self.known_lying

    def lie(self, _tree: str, lying: tuple[Lying, ...]) -> None:
        self.lies.append(lying)


def settled(count: int) -> tuple[Settled, ...]:
    place: Any = None
    return tuple(Settled(Sighting(f"{n}", 1, 1.0), place) for n in range(count))
