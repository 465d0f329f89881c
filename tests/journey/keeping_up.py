"""A ledger and an office of the test's own, for what keeps derived lists up to date.

The process is the one that ships, for the departments, two districts and three wards.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from itertools import count

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.drops.drop import Drop, Plan
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.letters.letter import Letter
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListRecord
from bhyt_filedrop.domain.lists.states import ListState
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.ports import LostRace
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import load
from bhyt_filedrop.wiring.declared import world_of
from bhyt_filedrop.work.derived.keep_up import Deriving
from tests.lists import WARDS, Book, a_child, coming_back
from tests.offices import moment

CHILDREN = [a_child(n, ward) for n, ward in enumerate(("26734", "26734", "26740", "26767"))]
MORNING = moment(5, 18, 9)


@cache
def a_city() -> World:
    """The process that ships, for the departments, two districts and three of their wards."""
    settings = load(config_dir())
    kept = {
        id_: unit
        for id_, unit in settings.units.by_id.items()
        if unit.kind == "city" or id_ in {*WARDS, *WARDS.values()}
    }
    return world_of(replace(settings, units=replace(settings.units, by_id=kept), aliases={}))


def asking(*handoffs: str) -> World:
    """The city where these lists go out once a person has approved them."""
    world = a_city()
    every = world.process.handoffs
    changed = {id_: replace(every[id_], release="approve") for id_ in handoffs}
    return replace(world, process=replace(world.process, handoffs=every | changed))


@dataclass
class Ledger(Book):
    """What derivation reads and writes; it notes what it was asked for."""

    event: int = 1
    noted: dict[str, str] = field(default_factory=dict)
    looks: int = 0
    read: list[str] = field(default_factory=list)
    owned: list[tuple[Drop, Plan, tuple[str, ...], tuple[Letter, ...]]] = field(
        default_factory=list
    )
    marked: list[dict[str, str]] = field(default_factory=list)
    lost: bool = False

    def latest(self) -> int:
        return self.event

    def rounds(self) -> tuple[str, ...]:
        self.looks += 1
        return tuple({str(one.key.round): "" for one in self.lists})

    def of_round(
        self, round_: str, handoffs: Collection[str], states: Collection[ListState]
    ) -> tuple[ListRecord, ...]:
        return tuple(
            one
            for one in self.lists
            if str(one.key.round) == round_ and one.key.handoff in handoffs and one.state in states
        )

    def children(self, drop: str, seq: int) -> tuple[ListedChild, ...]:
        self.read.append(drop)
        return self.rolls[drop, seq]

    def marks(self, _round: Round) -> dict[str, str]:
        return dict(self.noted)

    def own(
        self,
        drop: Drop,
        plan: Plan,
        _at: datetime,
        marks: Mapping[str, str],
        overtaken: Sequence[str] = (),
        asks: Sequence[Letter] = (),
    ) -> None:
        if self.lost:
            raise LostRace(drop.id)
        if plan.state is not State.HELD:
            self.become(lambda one: (one.drop, one.seq) in plan.supersedes, ListState.SUPERSEDED)
        self._withdraw(overtaken)
        self.lists += plan.lists
        self.rolls |= {(drop.id, seq): tuple(rows) for seq, rows in plan.rolls.items()}
        self.owned.append((drop, plan, tuple(overtaken), tuple(asks)))
        self._mark(marks)

    def looked_at(
        self,
        _round: Round,
        marks: Mapping[str, str],
        _at: datetime,
        overtaken: Sequence[str] = (),
    ) -> None:
        self._withdraw(overtaken)
        self._mark(marks)

    def release(self, drop: str) -> None:
        """Somebody approves what waits."""
        keys = {one.key for one in self.lists if one.drop == drop}
        mine = (one for one in self.lists if one.key in keys and one.is_accepted)
        gone = {one.drop for one in mine}
        self.become(lambda one: one.drop in gone and one.key in keys, ListState.SUPERSEDED)
        self.become(lambda one: one.drop == drop, ListState.ACCEPTED)

    def made(self, handoff: str) -> list[Drop]:
        return [drop for drop, *_ in self.owned if drop.handoff == handoff]

    def _withdraw(self, drops: Collection[str]) -> None:
        self.become(lambda one: one.drop in drops, ListState.RETURNED)

    def become(self, which, state: ListState) -> None:  # type: ignore[no-untyped-def]
        self.lists = [replace(one, state=state) if which(one) else one for one in self.lists]

    def _mark(self, marks: Mapping[str, str]) -> None:
        self.marked.append(dict(marks))
        self.noted |= marks


@dataclass
class Office:
    """A ledger, a clock, and what keeps the lists up to date."""

    world: World = field(default_factory=a_city)
    ledger: Ledger = field(default_factory=Ledger)
    now: datetime = MORNING
    steps: int = 2
    unbalanced: tuple[Letter, ...] = ()
    register: object = None
    told: list[str] = field(default_factory=list)
    balanced: list[Round] = field(default_factory=list)
    _ids: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Start the service, which remembers nothing."""
        self.deriving = Deriving(
            self.ledger, self.ledger, self.world, lambda: self.now,  # type: ignore[arg-type]
            lambda: f"OWN{next(self._ids)}", self._match, self._alarms, self._tell,
            self.register,  # type: ignore[arg-type]
        )  # fmt: skip

    def look(self, after: timedelta = timedelta()) -> list[str]:
        """Look once, after something happened; the hand-offs that were made."""
        self.now += after
        self.ledger.event += 1
        return [drop.handoff for drop in self.deriving.work()]

    def settle(self) -> list[str]:
        """Look until nothing is left to be looked at: what was made is made use of in its turn."""
        made: list[str] = []
        while True:
            before = len(self.ledger.marked)
            made += self.look()
            if len(self.ledger.marked) == before:
                return made

    def corrected(self, children: Sequence[ListedChild]) -> None:
        """The city list comes once more, with other children."""
        mine = [one for one in self.ledger.lists if one.key.handoff == "uncarded"]
        gone = {one.drop for one in mine}
        self.ledger.become(lambda one: one.drop in gone, ListState.SUPERSEDED)
        version = len(mine) + 1
        self.ledger.gave("uncarded", "cntt", "thu", children, self.now, version=version)

    def _match(self, _round: Round) -> Iterator[None]:
        yield from [None] * self.steps

    def _alarms(self, round_: Round) -> tuple[Letter, ...]:
        self.balanced.append(round_)
        return self.unbalanced

    def _tell(self, letters: tuple[Letter, ...], _at: datetime) -> int:
        self.told += [one.key for one in letters]
        return len(letters)


def begun(world: World | None = None) -> Office:
    """The city list came on a morning of May, and nobody has looked yet."""
    office = Office(world or a_city())
    office.ledger.gave("uncarded", "cntt", "thu", CHILDREN, MORNING)
    return office


def passed_on() -> Office:
    """Every district and ward has its list."""
    office = begun()
    office.settle()
    return office


def answered(office: Office, district: str) -> None:
    """A district returns its children, none of whom has got a card."""
    mine = [c for c in CHILDREN if c.district == district]
    back = coming_back(mine, "uncarded")
    office.ledger.gave("district-return", district, "thu", back, office.now)
