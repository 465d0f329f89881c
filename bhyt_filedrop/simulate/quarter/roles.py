"""Who plays which part in a quarter: read from the declared process, so that any process plays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bhyt_filedrop.domain.conservation.steps import returns
from bhyt_filedrop.domain.process.handoffs import HandOff, Process
from bhyt_filedrop.domain.process.made import MADE


class CannotPlay(Exception):
    """A configuration in which no quarter can be played; the text says why in one line."""


@dataclass(frozen=True, slots=True)
class Roles:
    """Ids of the units that begin and end a round, and of the hand-offs between them.

    `costs` gives the cost list, `finder` looks for cards and gives forms 1 and 2, `splitter` passes
    the children down and joins what comes back, `charger` charges the costs, `board` hears of the
    unverified. `down` are the lists that are passed down, `back` the answers to them, both from the
    office on top; where nobody stands between, there is one of each.
    """

    costs: str
    finder: str
    splitter: str
    charger: str
    board: str
    cost_list: str
    carded: str
    uncarded: str
    final: str
    unverified: str
    allocation: str
    down: tuple[str, ...]
    back: tuple[str, ...]

    @classmethod
    def of(cls, process: Process) -> Roles:
        """Read the parts from a process. Raises CannotPlay for one that lacks any of them."""
        handoffs = process.handoffs
        allocation = _made(process, "allocation")
        cost_list, carded, final, unverified = (handoffs[id_] for id_ in allocation.made_from)
        down = tuple(_passed_down(process))
        if not down:
            raise CannotPlay('chưa có bước chuyển nào made_by = "split" đến cấp dưới')
        uncarded = handoffs[handoffs[down[0]].made_from[0]]
        return cls(
            costs=cost_list.sender,
            finder=cost_list.receiver,
            splitter=uncarded.receiver,
            charger=allocation.receiver,
            board=unverified.receiver,
            cost_list=cost_list.id,
            carded=carded.id,
            uncarded=uncarded.id,
            final=final.id,
            unverified=unverified.id,
            allocation=allocation.id,
            down=down,
            back=tuple(reversed([handoff.id for handoff in returns(process)])),
        )

    @property
    def beginning(self) -> tuple[str, ...]:
        """The lists of the first hop."""
        return (self.cost_list, self.carded, self.uncarded)


def _made(process: Process, word: str) -> HandOff:
    found = next((h for h in process.handoffs.values() if h.made_by == word), None)
    if found is None:
        raise CannotPlay(f'chưa có bước chuyển nào made_by = "{word}"')
    return found


def _passed_down(process: Process) -> Iterator[str]:
    for handoff in process.handoffs.values():
        if handoff.made_by and MADE[handoff.made_by].passes_down and handoff.receiver == "child":
            yield handoff.id
