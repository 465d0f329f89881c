"""Conservation: follows every child from list to list and counts what became of it at each hop.

Nothing may be lost, doubled or invented between the city's list and the last (1331/BHXH-THU, 5.2.4:
the three lists together must equal exactly what was sent). A hop is one list that went out and what
answers it; which hand-offs make a hop is read from the declared process, never from their names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from bhyt_filedrop.domain.drops import ListRecord
from bhyt_filedrop.domain.forms.spec import Category
from bhyt_filedrop.domain.hops import Step, steps
from bhyt_filedrop.domain.letters import Json
from bhyt_filedrop.domain.process import Process
from bhyt_filedrop.domain.reconcile import Came, reconcile
from bhyt_filedrop.domain.rolls import ListedChild
from bhyt_filedrop.domain.rounds import Round
from bhyt_filedrop.domain.units import Units

Rolls: TypeAlias = Mapping[tuple[str, int], Sequence[ListedChild]]
"""The children of each list, by its drop and seq."""

Outcome: TypeAlias = Category | Literal["missing"]
"""What became of a child at a hop; "" = it came back in none of the three lists."""

STANDING = frozenset({"accepted", "held"})


BALANCE = (
    "sent", "carded_before", "carded_now", "uncarded", "missing", "unknown", "difference",
)  # fmt: skip
"""The columns of a balance, in order."""


@dataclass(frozen=True, slots=True)
class Stand:
    """A child in a list, as its `n`-th row, and which of a return's three lists that counts as."""

    record: ListRecord
    n: int
    child: ListedChild
    category: Category = ""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one child that was sent: where it was `found` again; twice is once too often.

    `unit` is who has to account for it. `restated` are rows that only say the same once more:
    D03-TS, asking for the card that a reply kit speaks of.
    """

    unit: str
    sent: Stand
    found: tuple[Stand, ...] = ()
    restated: tuple[Stand, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """The list it came back in first, or `missing`."""
        return self.found[0].category if self.found else "missing"


@dataclass(frozen=True, slots=True)
class Hop:
    """One hop of one unit: its balance, and what became of each child.

    `carded_before`, `carded_now` and `uncarded` count rows that came back, so a child that came
    twice shows as a difference. `missing` are children in none of the lists that came, or whose
    lists have not come yet; `unknown` came (as `strangers`) but were never sent. `answered` says
    that everything the unit owes has come, and after what it answers: from then on a missing child
    is lost and a stranger invented.
    """

    id: str
    unit: str
    sent: int
    carded_before: int
    carded_now: int
    uncarded: int
    missing: int
    unknown: int
    answered: bool = False
    fates: tuple[Fate, ...] = ()
    strangers: tuple[Stand, ...] = ()

    @classmethod
    def of(
        cls, id: str, unit: str, fates: Sequence[Fate], strangers: Sequence[Stand], answered: bool
    ) -> Hop:
        """Count what became of the children of one unit."""
        found = Counter(stand.category for fate in fates for stand in fate.found)
        return cls(
            id,
            unit,
            sent=len(fates),
            carded_before=found["carded-before"],
            carded_now=found["carded-now"],
            uncarded=found["uncarded"],
            missing=sum(not fate.found for fate in fates),
            unknown=len(strangers),
            answered=answered,
            fates=tuple(fates),
            strangers=tuple(strangers),
        )

    @property
    def difference(self) -> int:
        """Children not accounted for (> 0) or counted twice (< 0); must be 0."""
        return self.sent - self.carded_before - self.carded_now - self.uncarded - self.missing

    @property
    def is_alarming(self) -> bool:
        """True where children do not add up, or a complete answer lost or invented some."""
        return bool(self.difference or (self.answered and (self.missing or self.unknown)))

    def without_children(self) -> Hop:
        """Return the balance alone, to be kept without keeping the children."""
        return replace(self, fates=(), strangers=())

    def as_json(self) -> dict[str, Json]:
        """As the command line prints it."""
        named: dict[str, Json] = {"id": self.id, "unit": self.unit}
        return named | {name: getattr(self, name) for name in BALANCE}


@dataclass(frozen=True, slots=True)
class Trace:
    """All hops of a round, in the order of the process."""

    round: Round
    hops: tuple[Hop, ...]

    @property
    def closes(self) -> bool:
        """True where every hop's difference is 0."""
        return not any(hop.difference for hop in self.hops)

    def of(self, handoff_id: str) -> tuple[Hop, ...]:
        """Return the hops of one hand-off."""
        return tuple(hop for hop in self.hops if hop.id == handoff_id)

    def as_json(self) -> dict[str, Json]:
        """As the command line prints it."""
        return {"round": str(self.round), "hops": [hop.as_json() for hop in self.hops]}


def trace(
    round_: Round, lists: Iterable[ListRecord], rolls: Rolls, process: Process, units: Units
) -> Trace:
    """Follow the children of a round through its standing lists (the others do not count)."""
    found = exchanges(round_, lists, process, units)
    return Trace(round_, tuple(hop for one in found for hop in hops(one, rolls, units)))


# --- what went out of one office and what came back from it ------------------------------------


@dataclass(frozen=True, slots=True)
class Exchange:
    """The lists that one office got, and those in which their children must stand again.

    Two equal exchanges have equal hops: a list in the ledger never changes.
    """

    step: Step
    office: str
    sent: tuple[ListRecord, ...]
    came: tuple[ListRecord, ...]


def exchanges(
    round_: Round, lists: Iterable[ListRecord], process: Process, units: Units
) -> Iterator[Exchange]:
    """Yield the exchanges of a round; an office without any list on either side has none."""
    standing = [r for r in lists if _counts(r) and r.key.round == round_]
    for step in steps(process, units):
        out = _by_office(step, (r for r in standing if r.key.handoff == step.source), got=True)
        back = _by_office(step, (r for r in standing if r.key.handoff in step.answers), got=False)
        for office in _in_order({*out, *back}, units):
            yield Exchange(step, office, out.get(office, ()), back.get(office, ()))


def _counts(record: ListRecord) -> bool:
    """A derived list that waits for approval has reached nobody; the one before it stands."""
    return record.state in STANDING and not (record.state == "held" and record.basis)


def _by_office(
    step: Step, lists: Iterable[ListRecord], *, got: bool
) -> dict[str, tuple[ListRecord, ...]]:
    found: dict[str, tuple[ListRecord, ...]] = {}
    for record in lists:
        office = step.office or (record.key.receiver if got else record.key.sender)
        found[office] = (*found.get(office, ()), record)
    return found


def _in_order(ids: set[str], units: Units) -> list[str]:
    known = [unit.id for unit in units if unit.id in ids]
    return [*known, *sorted(ids.difference(known))]


# --- matching -----------------------------------------------------------------------------------


def _fallback(step: Step) -> Category:
    """A list that is passed on is one of children without a card, where its form says nothing."""
    return "" if step.kind == "return" else "uncarded"


def _stands(
    lists: Iterable[ListRecord], rolls: Rolls, fallback: Category = ""
) -> tuple[Stand, ...]:
    return tuple(
        Stand(record, n, child, child.category or fallback)
        for record in lists
        for n, child in enumerate(rolls.get((record.drop, record.seq), ()))
    )


def _matched(
    office: str, out: Sequence[Stand], back: Sequence[Stand]
) -> tuple[tuple[Fate, ...], tuple[Stand, ...]]:
    """Match by what reconciliation finds certain; a likely match stays missing and unknown."""
    sent = [replace(stand.child) for stand in out]  # each its own, though two may be equal
    rows = {str(n): stand for n, stand in enumerate(back)}
    came = [Came(stand.child, stand.category, n) for n, stand in rows.items()]
    result = reconcile(sent, came)
    again = [one for one in result.doubled if not one.asks_for_card]
    told = [(pair.sent, pair.came) for pair in result.pairs]
    found = _rows_of([*told, *((one.sent, one.again) for one in again)], rows)
    restated = _rows_of(((d.sent, d.again) for d in result.doubled if d.asks_for_card), rows)
    fates = tuple(
        Fate(office, stand, found.get(id(child), ()), restated.get(id(child), ()))
        for stand, child in zip(out, sent, strict=True)
    )
    return fates, tuple(rows[one.source] for one in result.unknown)


def _rows_of(
    told: Iterable[tuple[ListedChild, Came]], rows: Mapping[str, Stand]
) -> dict[int, tuple[Stand, ...]]:
    """The rows of each child sent, by its identity: twins without names are equal values."""
    found: dict[int, tuple[Stand, ...]] = {}
    for sent, came in told:
        found[id(sent)] = (*found.get(id(sent), ()), rows[came.source])
    return found


# --- hops of an exchange -----------------------------------------------------------------------


def hops(exchange: Exchange, rolls: Rolls, units: Units) -> Iterator[Hop]:
    """Yield what became of the children of one exchange."""
    step = exchange.step
    out = _stands(exchange.sent, rolls)
    back = _stands(exchange.came, rolls, _fallback(step))
    fates, strangers = _matched(exchange.office, out, back)
    if step.kind == "split":
        yield from _split(exchange, fates, strangers, units)
        return
    answered = step.kind == "return" and _is_answered(step.parts, exchange.sent, exchange.came)
    yield Hop.of(step.id, exchange.office, fates, strangers, answered)


def _split(
    exchange: Exchange, fates: Iterable[Fate], strangers: Iterable[Stand], units: Units
) -> Iterator[Hop]:
    """One hop for each unit below, and one for the office itself with what it could not pass on."""
    office = units.by_id.get(exchange.office)
    below = [unit.id for unit in units.below(office)] if office else []
    sent: dict[str, list[Fate]] = {}
    for fate in fates:
        unit = _holder(fate, below, units) or exchange.office
        sent.setdefault(unit, []).append(replace(fate, unit=unit))
    others: dict[str, list[Stand]] = {}
    for stand in strangers:
        others.setdefault(stand.record.key.receiver, []).append(stand)
    for unit in _in_order({*sent, *others}, units):
        came = tuple(r for r in exchange.came if r.key.receiver == unit)
        answered = _is_answered(exchange.step.parts, exchange.sent, came)
        yield Hop.of(exchange.step.id, unit, sent.get(unit, ()), others.get(unit, ()), answered)


def _holder(fate: Fate, below: Sequence[str], units: Units) -> str:
    """The unit that got the child; else the one in whose area it lives; "" = nobody below.

    A child of a known district but no known ward could not be passed on to that district either.
    """
    if fate.found:
        return fate.found[0].record.key.receiver
    child = fate.sent.child
    if not child.ward and units.children(child.district):
        return ""
    return next((unit for unit in (child.ward, child.district) if unit in below), "")


def _is_answered(parts: int, sent: Sequence[ListRecord], came: Sequence[ListRecord]) -> bool:
    """True where all parts were accepted, and none before the newest list that it answers."""
    if not sent or {r.key.part for r in came if r.state == "accepted"} != set(range(parts)):
        return False
    return min(r.at for r in came) >= max(r.at for r in sent)


# --- the path of one child ---------------------------------------------------------------------


def path(found: Trace, code: str) -> tuple[Stand, ...]:
    """Return every list that a child stands in, in order of time; () where nobody has the code.

    The code is the reply kit's Mã đối chiếu. Lists without it (the city's own, form 4) are found
    through the lists that their rows were matched with.
    """
    stands: dict[tuple[str, int, int], Stand] = {}
    for hop in found.hops:
        for stand in hop.strangers:
            _note(stands, (stand,), code)
        for fate in hop.fates:
            _note(stands, (fate.sent, *fate.found, *fate.restated), code)
    return tuple(sorted(stands.values(), key=lambda stand: (stand.record.at, stand.record.seq)))


def _note(stands: dict[tuple[str, int, int], Stand], together: Sequence[Stand], code: str) -> None:
    """Keep rows of one child where one of them has the code; a row that answers tells more."""
    if any(stand.child.code == code for stand in together):
        for stand in together:
            key = (stand.record.drop, stand.record.seq, stand.n)
            if key not in stands or stand.category:
                stands[key] = stand
