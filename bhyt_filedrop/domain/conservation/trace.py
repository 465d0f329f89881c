"""Conservation: follows every child from list to list and counts what became of it at each hop.

Nothing may be lost, doubled or invented between the cost list and the last (1331/BHXH-THU, 5.2.4:
the three lists together must equal exactly what was sent). A hop is one list that went out and what
answers it; which hand-offs make a hop is read from the declared process, never from their names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from bhyt_filedrop.domain.conservation.balance import Fate, Hop, Stand, Trace
from bhyt_filedrop.domain.conservation.costs import charged_fates, sorted_fates
from bhyt_filedrop.domain.conservation.steps import Step, steps
from bhyt_filedrop.domain.derive.split import is_settled_outside
from bhyt_filedrop.domain.forms.spec import Category
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListRecord
from bhyt_filedrop.domain.process.handoffs import Process
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Units
from bhyt_filedrop.domain.reconcile import Came, reconcile

Rolls: TypeAlias = Mapping[tuple[str, int], Sequence[ListedChild]]
"""The children of each list, by its drop and seq."""


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
    left: tuple[ListRecord, ...] = ()
    """The list of those who were passed on to nobody."""
    is_pending: bool = False
    """A newer answer waits for a person's approval."""

    @property
    def lists(self) -> tuple[ListRecord, ...]:
        """Every list that the hop is about."""
        return (*self.sent, *self.came, *self.left)


def exchanges(
    round_: Round, lists: Iterable[ListRecord], process: Process, units: Units
) -> Iterator[Exchange]:
    """Yield the exchanges of a round; an office without any list on either side has none.

    Where the cost list never came (an office that begins with form 2), nothing is held against it.
    """
    every = [r for r in lists if r.key.round == round_]
    standing = [r for r in every if _counts(r)]
    waiting = {r.key.handoff for r in every if r.is_proposal}
    for step in steps(process, units):
        out = _by_office(step, (r for r in standing if r.key.handoff == step.source), got=True)
        back = _by_office(step, (r for r in standing if r.key.handoff in step.answers), got=False)
        left = _by_office(step, (r for r in standing if r.key.handoff == step.left), got=True)
        offices = out if step.kind in _MATCHERS else {*out, *back}
        for office in units.in_order(offices):
            sent, came, kept = (found.get(office, ()) for found in (out, back, left))
            if step.kind == "split":
                came = (*came, *_of_forebears(office, back, units))
            pending = bool(waiting.intersection(step.answers))
            yield Exchange(step, office, sent, came, kept, pending)


def _of_forebears(
    office: str, lists: Mapping[str, tuple[ListRecord, ...]], units: Units
) -> Iterator[ListRecord]:
    """What offices that are gone had passed on: some of whose children this one took over, and of
    these some stand on lists to which the answer came."""
    for one in units.in_order(units.forebears(office)):
        yield from lists.get(one, ()) if units.is_gone(one) else ()


def _counts(record: ListRecord) -> bool:
    """A derived list that waits for approval has reached nobody; the one before it stands."""
    return record.counts and not record.is_proposal


def _by_office(
    step: Step, lists: Iterable[ListRecord], *, got: bool
) -> dict[str, tuple[ListRecord, ...]]:
    found: dict[str, tuple[ListRecord, ...]] = {}
    for record in lists:
        office = step.office or (record.key.receiver if got else record.key.sender)
        found[office] = (*found.get(office, ()), record)
    return found


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


def _left_over(lists: Iterable[ListRecord], rolls: Rolls) -> Iterator[Stand]:
    for stand in _stands(lists, rolls, "uncarded"):
        away = is_settled_outside(stand.child)
        yield replace(stand, left="outside" if away else "unplaced")


def _match(
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
    back = _stands(_that_speak(exchange), rolls, _fallback(step))
    if step.kind == "split":
        back = (*back, *_left_over(exchange.left, rolls))
    elif step.kind == "final":
        out = (*out, *_stands(exchange.left, rolls))
    match = _MATCHERS.get(step.kind, _match)
    fates, strangers = match(exchange.office, out, back)
    if step.kind == "split":
        # Of an office that is gone its lists name those too whom others took over.
        strangers = tuple(s for s in strangers if not units.is_gone(s.record.key.sender))
        yield from _split(exchange, fates, strangers, units)
    else:
        yield Hop.of(step.id, exchange.office, fates, strangers, _is_whole(exchange))


_MATCHERS = {"sort": sorted_fates, "charge": charged_fates}
"""How children are found again where a row is a visit; everywhere else `_matched` does it."""


def _that_speak(exchange: Exchange) -> tuple[ListRecord, ...]:
    """What was charged before the cost list was corrected says nothing of the new one."""
    if exchange.step.kind != "charge":
        return exchange.came
    newest = max((r.at for r in exchange.sent), default=None)
    return tuple(r for r in exchange.came if newest is None or r.at >= newest)


def _is_whole(exchange: Exchange) -> bool:
    """True where an answer is all there. The final lists together name everybody, those of whom
    nothing has come yet as well: whom neither names is lost."""
    step = exchange.step
    together = step.kind in ("sort", "final")
    if together and {r.key.handoff for r in exchange.came} != set(step.answers):
        return False
    if exchange.is_pending:
        return False
    return _is_answered(step.parts, (*exchange.sent, *exchange.left), exchange.came)


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
    for unit in units.in_order({*sent, *others}):
        came = tuple(r for r in (*exchange.came, *exchange.left) if r.key.receiver == unit)
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
    if not sent or {r.key.part for r in came if r.is_accepted} != set(range(parts)):
        return False
    return min(r.at for r in came) >= max(r.at for r in sent)
