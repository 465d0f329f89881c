"""What reconciliation works on and what it gives, as values, and the balance of one hop.

Two things always hold of a `Reconciled`. Every child sent is either in one pair or missing; every
row that came is either in a pair, or a repeat of one that is, or unknown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from bhyt_filedrop.domain.forms.spec import Category
from bhyt_filedrop.domain.lists.children import ListedChild

How = Literal[
    "code", "exact", "name-birth", "name-parent", "named", "twins", "changed", "sent-twice"
]
"""What made a pair certain.

`code`: the kit's Mã đối chiếu, with nothing against it. `exact`: name, birth and parent.
`name-birth`, `name-parent`: these two, the third being unknown or changed. `changed`: birth and
parent, the name a slip of the pen away. `named`: a newborn's placeholder by birth and mother.
`twins`: twins that nothing tells apart but that came back in the same list, so that either way
round is right. `sent-twice`: the list sent had the child twice, and it came back once.
"""


@dataclass(frozen=True, slots=True)
class Came:
    """One row that came back, in the `category` of the list it stands in.

    `source` tells the files of one return apart (findings about the row go to it); `label` is what
    people call that file, "" where there is only one.
    """

    child: ListedChild
    category: Category = ""
    source: str = ""
    label: str = ""

    @property
    def waits_for_card(self) -> bool:
        """True where a reply kit says that a card is being issued and has no number of it yet: then
        D03-TS has to ask for it (1331/BHXH-THU, 5.2.4). Only a kit's rows have a status."""
        return bool(self.child.status) and self.category == "carded-now" and not self.child.card


def came_of(children: Iterable[ListedChild], source: str = "", label: str = "") -> tuple[Came, ...]:
    """Return the rows of one list, each in the category that its form and section give it."""
    return tuple(Came(child, child.category, source, label) for child in children)


@dataclass(frozen=True, slots=True)
class Pair:
    """A child that was sent and the row it came back in."""

    sent: ListedChild
    came: Came
    how: How


@dataclass(frozen=True, slots=True)
class Doubled:
    """A child that came back more than once: `first` is paired, `again` comes later."""

    sent: ListedChild
    first: Came
    again: Came

    @property
    def asks_for_card(self) -> bool:
        """True where D03-TS asks for a card that the reply kit says is being issued: one list in
        two papers. Only a kit's rows have a status."""
        first, again = self.first, self.again
        on_one_kit = bool(first.child.status) != bool(again.child.status)
        return on_one_kit and first.category == again.category == "carded-now"


def not_asked_for(came: Iterable[Came], doubled: Iterable[Doubled]) -> tuple[Came, ...]:
    """Return the rows of reply kits that wait for a card for which no D03-TS asks."""
    asked = {
        id(row.child) for one in doubled if one.asks_for_card for row in (one.first, one.again)
    }
    return tuple(row for row in came if row.waits_for_card and id(row.child) not in asked)


def wanted_cards(
    result: Reconciled, came: Sequence[Came]
) -> tuple[tuple[Came, ...], tuple[ListedChild, ...]]:
    """Return for whom D03-TS has to ask a card: rows of reply kits, and children sent who stand in
    no row.

    A reply kit says it itself. Beside form 4, whose sections are the other two of the three lists,
    it is everybody in neither; once D03-TS is there, nobody (1331/BHXH-THU, 5.2.4).
    """
    waiting = not_asked_for(came, result.doubled)
    has_kit = any(row.child.status for row in came)
    has_request = any(row.category == "carded-now" and not row.child.status for row in came)
    return waiting, () if has_kit or has_request else result.missing


@dataclass(frozen=True, slots=True)
class Uncertain:
    """A missing child and an unknown row that may be one and the same; `score` 0–100.

    Never counted as a match: it only tells a person where to look.
    """

    sent: ListedChild
    came: Came
    score: float


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What became of each child that was sent, and of each row that came."""

    pairs: tuple[Pair, ...]
    missing: tuple[ListedChild, ...]
    unknown: tuple[Came, ...]
    doubled: tuple[Doubled, ...]
    uncertain: tuple[Uncertain, ...] = ()

    @property
    def is_whole(self) -> bool:
        """True where everything sent came back once and nothing else did."""
        return not (self.missing or self.unknown or self.doubled)


@dataclass(frozen=True, slots=True)
class HopBalance:
    """The balance of one hop, in children; `unknown` rows were never sent and stand beside it."""

    sent: int
    carded_before: int
    carded_now: int
    uncarded: int
    missing: int
    unknown: int

    @property
    def difference(self) -> int:
        """What is not accounted for; anything but 0 is an alarm."""
        found = self.carded_before + self.carded_now + self.uncarded + self.missing
        return self.sent - found


def balance(sent: Sequence[ListedChild], result: Reconciled) -> HopBalance:
    """Count a hop: sent = carded before + carded now + not carded + missing.

    A child that came back in a section outside the three lists is counted in none of them, so it
    shows as a difference.
    """
    of = Counter(pair.came.category for pair in result.pairs)
    return HopBalance(
        sent=len(sent),
        carded_before=of["carded-before"],
        carded_now=of["carded-now"],
        uncarded=of["uncarded"],
        missing=len(result.missing),
        unknown=len(result.unknown),
    )
