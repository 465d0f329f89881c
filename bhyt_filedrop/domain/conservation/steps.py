"""Which hops a round has: read from the declared process, so that another process is traced too.

The cost list begins: *sort* divides its children into those with a card and those without. A
*split* passes a list down in parts (`receiver = "child"`), a *return* answers a list (`answers`),
and the *final* lists are what the office on top makes of all returns. At last *charge* says whose
costs went where.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from bhyt_filedrop.domain.process.handoffs import HandOff, Process
from bhyt_filedrop.domain.process.made import MADE
from bhyt_filedrop.domain.process.parties import receivers, senders
from bhyt_filedrop.domain.process.units import Unit, Units


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of hop: the children of `source`'s lists must stand in the lists of `answers`.

    `office` is the one unit that accounts for a hop of the whole city; "" where each receiver of
    the source accounts for its own. `parts` is how many lists make one answer whole. `left` names
    the list of those whom a split passed on to nobody: it answers for them, and the final lists
    answer for it.
    """

    kind: Literal["sort", "split", "return", "final", "charge"]
    source: str
    answers: tuple[str, ...]
    office: str = ""
    parts: int = 1
    left: str = ""

    @property
    def id(self) -> str:
        """The hop's name: that of the (first) hand-off which answers."""
        return self.answers[0]


def steps(process: Process, units: Units) -> tuple[Step, ...]:
    """Return the hops of a process in its order."""
    handoffs = tuple(process.handoffs.values())
    found = [step for handoff in handoffs if (step := _step(handoff, handoffs, units))]
    return (*_sort(handoffs, units), *found, *_final(handoffs, units), *_charge(handoffs))


def traced_handoffs(process: Process, units: Units) -> tuple[str, ...]:
    """Return the hand-offs whose children a trace looks at."""
    every = steps(process, units)
    named = (id_ for step in every for id_ in (step.source, *step.answers, step.left) if id_)
    return tuple(dict.fromkeys(named))


def returns(process: Process) -> tuple[HandOff, ...]:
    """Return the hand-offs that answer another, the one that reaches highest last."""
    return tuple(h for h in process.handoffs.values() if h.answers in process.handoffs)


def _step(handoff: HandOff, handoffs: tuple[HandOff, ...], units: Units) -> Step | None:
    if handoff.answers in {h.id for h in handoffs}:
        return Step("return", handoff.answers, (handoff.id,), parts=len(handoff.parts))
    if handoff.receiver == "child" and (source := _split_from(handoff, handoffs, units)):
        return Step("split", source, (handoff.id,), left=_left_by(handoff, source, handoffs))
    return None


def _left_by(handoff: HandOff, source: str, handoffs: tuple[HandOff, ...]) -> str:
    """The list of those whom the split of a source gives to no unit below."""
    beside = (h for h in handoffs if h.holds_unplaced and h.made_by == handoff.made_by)
    return next((h.id for h in beside if h.made_from[0] == source), "")


def _split_from(handoff: HandOff, handoffs: tuple[HandOff, ...], units: Units) -> str:
    """The list that is split: the nearest one before that reaches the sender in the same form."""
    before = handoffs[: handoffs.index(handoff)]
    fits = (h.id for h in reversed(before) if _feeds(h, handoff, units))
    return next(fits, "")


def _feeds(source: HandOff, handoff: HandOff, units: Units) -> bool:
    """What an office hands to itself (rows that it completed by hand) feeds nothing new."""
    office = {unit.id for unit in senders(handoff, units)}
    givers = {unit.id for unit in senders(source, units)}
    same_form = set(source.forms) & set(handoff.forms)
    return bool(same_form and not office & givers and office & _reached(source, units))


def _reached(handoff: HandOff, units: Units) -> set[str]:
    return {r.id for giver in senders(handoff, units) for r in receivers(handoff, giver, units)}


def _final(handoffs: tuple[HandOff, ...], units: Units) -> Iterator[Step]:
    """What an office that takes returns from all units below passes on to other departments."""
    for answer in (h for h in handoffs if h.answers and h.receiver in units):
        office = units[answer.receiver]
        later = handoffs[handoffs.index(answer) + 1 :]
        passed_on = tuple(h.id for h in later if _passes_on(h, office, units))
        if passed_on:
            left = _told_of([h for h in later if h.id in passed_on])
            yield Step("final", answer.answers, passed_on, office.id, left=left)


def _told_of(handoffs: Sequence[HandOff]) -> str:
    """The list of those who reached no unit, where the final lists are made from it too."""
    made = ((h, MADE[h.made_by]) for h in handoffs if h.made_by)
    left = (h.made_from[len(how.sources) :] for h, how in made if how.tells_unplaced)
    return next((names[0] for names in left if names), "")


def _passes_on(handoff: HandOff, office: Unit, units: Units) -> bool:
    ours = handoff.sender == office.id and handoff.receiver in units
    on = handoff.receiver != office.id
    return ours and on and bool(handoff.parts) and not handoff.answers


def _sort(handoffs: tuple[HandOff, ...], units: Units) -> Iterator[Step]:
    """The office that gets the cost list passes each of its children on, in one list or another."""
    costs = next((h.made_from[0] for h in handoffs if h.made_by and MADE[h.made_by].from_costs), "")
    source = next((h for h in handoffs if h.id == costs), None)
    if source and source.receiver in units:
        office = units[source.receiver]
        lists = tuple(h.id for h in handoffs if not h.made_by and _passes_on(h, office, units))
        if lists:
            yield Step("sort", source.id, lists, office.id)


def _charge(handoffs: tuple[HandOff, ...]) -> Iterator[Step]:
    declared = {h.id for h in handoffs}
    for handoff in handoffs:
        charges = handoff.made_by and MADE[handoff.made_by].charges
        if charges and handoff.made_from[0] in declared:
            yield Step("charge", handoff.made_from[0], (handoff.id,), handoff.sender)
