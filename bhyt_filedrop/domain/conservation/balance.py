"""What a trace finds, as values: where each child stood, what became of it, what that adds up to.

A hop is one list that went out and what answers it; `trace` finds them, `alarms` reads them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from bhyt_filedrop.domain.forms.spec import Category
from bhyt_filedrop.domain.letters.letter import Json
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListRecord
from bhyt_filedrop.domain.process.rounds import Round

Left: TypeAlias = Literal["unplaced", "outside", ""]

Outcome: TypeAlias = Category | Left | Literal["missing"]
"""What became of a child at a hop; "" = it came back in none of the three lists. Where a list is
split, `unplaced` are those who wait for their ward, and `outside` those who live in no ward of the
city, as a clerk answered."""

BALANCE = (
    "sent", "carded_before", "carded_now", "uncarded", "outside", "missing", "unknown",
    "difference",
)  # fmt: skip
"""The columns of a balance, in order."""


@dataclass(frozen=True, slots=True)
class Stand:
    """A child in a list, as its `n`-th row, and which of a return's three lists that counts as;
    `left` where it is the list of those who were passed on to nobody."""

    record: ListRecord
    n: int
    child: ListedChild
    category: Category = ""
    left: Left = ""

    @property
    def outcome(self) -> Outcome:
        """What became of a child that is found in this row."""
        return self.left or self.category

    @property
    def place(self) -> tuple[str, int, int]:
        """Which row this is: drop, list, number."""
        return self.record.drop, self.record.seq, self.n


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one child that was sent: where it was `found` again; twice is once too often.

    `unit` is who has to account for it. `restated` are rows that only say the same once more:
    D03-TS, asking for the card that a reply kit speaks of. `also` are further rows in which the
    child was sent: its other visits. `likely` are rows that nobody was found for and that may be
    this missing child: a person has to look.
    """

    unit: str
    sent: Stand
    found: tuple[Stand, ...] = ()
    restated: tuple[Stand, ...] = ()
    also: tuple[Stand, ...] = ()
    likely: tuple[Stand, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """The list it came back in first, or `missing`."""
        return self.found[0].outcome if self.found else "missing"

    @property
    def rows(self) -> tuple[Stand, ...]:
        """Every row that is certainly this child."""
        return (self.sent, *self.also, *self.found, *self.restated)


@dataclass(frozen=True, slots=True)
class Hop:
    """One hop of one unit: its balance, and what became of each child.

    `carded_before`, `carded_now` and `uncarded` count rows that came back, so a child that came
    twice shows as a difference. `missing` are children in none of the lists that came, or whose
    lists have not come yet; `unknown` came (as `strangers`) but were never sent. Of both, so many
    may be one and the same child: `unsure` of the missing, `unsure_rows` of the unknown.
    `answered` says that everything the unit owes has come, and after what it answers: from then on
    a missing child is lost and a stranger invented.
    `outside` live in no ward of the city; `unplaced` wait in a list of their own until somebody
    finds their ward, and are in nobody's until then: they keep the balance open.
    """

    id: str
    unit: str
    sent: int
    carded_before: int
    carded_now: int
    uncarded: int
    missing: int
    unknown: int
    answered: bool
    unsure: int
    unsure_rows: int
    outside: int
    unplaced: int
    fates: tuple[Fate, ...]
    strangers: tuple[Stand, ...]

    @classmethod
    def of(
        cls, id: str, unit: str, fates: Sequence[Fate], strangers: Sequence[Stand], answered: bool
    ) -> Hop:
        """Count what became of the children of one unit."""
        found = Counter(stand.outcome for fate in fates for stand in fate.found)
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
            unsure=sum(bool(fate.likely) for fate in fates),
            unsure_rows=len({stand.place for fate in fates for stand in fate.likely}),
            outside=found["outside"],
            unplaced=found["unplaced"],
            fates=tuple(fates),
            strangers=tuple(strangers),
        )

    @property
    def difference(self) -> int:
        """Children not accounted for (> 0) or counted twice (< 0); must be 0. Those whose ward
        nobody has found yet are not accounted for."""
        carded = self.carded_before + self.carded_now
        return self.sent - carded - self.uncarded - self.outside - self.missing

    @property
    def lost(self) -> int:
        """Children of whom a complete answer knows nothing."""
        return self.missing - self.unsure if self.answered else 0

    @property
    def invented(self) -> int:
        """Rows of a complete answer that are nobody who was sent."""
        return self.unknown - self.unsure_rows if self.answered else 0

    @property
    def is_alarming(self) -> bool:
        """True where children do not add up, or a complete answer lost or invented some. For those
        who still wait for their ward there is a list and a reminder."""
        return bool(self.difference != self.unplaced or self.lost or self.invented)

    def without_children(self) -> Hop:
        """Return the balance alone, to be kept without keeping the children."""
        return replace(self, fates=(), strangers=())

    def as_json(self) -> dict[str, Json]:
        """As the command line prints it."""
        named: dict[str, Json] = {"id": self.id, "unit": self.unit}
        return named | {name: getattr(self, name) for name in (*BALANCE, "unplaced")}


@dataclass(frozen=True, slots=True)
class Trace:
    """All hops of a round, in the order of the process."""

    round: Round
    hops: tuple[Hop, ...]

    @property
    def closes(self) -> bool:
        """True where every hop's difference is 0."""
        return not any(hop.difference for hop in self.hops)

    @property
    def unplaced(self) -> int:
        """How many children wait for somebody to find their ward."""
        return sum(hop.unplaced for hop in self.hops)

    def of(self, handoff_id: str) -> tuple[Hop, ...]:
        """Return the hops of one hand-off."""
        return tuple(hop for hop in self.hops if hop.id == handoff_id)

    def as_json(self) -> dict[str, Json]:
        """As the command line prints it."""
        return {"round": str(self.round), "hops": [hop.as_json() for hop in self.hops]}
