"""Visits of a cost list (H1) and the children they belong to.

A hospital writes names in lower case, often without diacritics, knows only the year of birth, and
has a row for every visit; a newborn stands under its mother's name. What a visit is charged to is
money, so a likeness never decides: a visit finds its child only where nothing speaks for another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bhyt_filedrop.domain.cells.card_spellings import NUMBER
from bhyt_filedrop.domain.cells.people import are_other_twins, read_name
from bhyt_filedrop.domain.cells.text import fold, tone_blind
from bhyt_filedrop.domain.forms.child import COSTS
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.keys import births_agree, full_birth, gather_by

Doubt = Literal["", "nobody", "unsure", "several"]
"""Why a visit found no child: nobody has that name and birth, too little agrees, or several fit."""


@dataclass(frozen=True, slots=True)
class Match:
    """What a visit came to: `child` is the number of the child it belongs to, None where it has
    none; `likely` are the numbers of those it may belong to, the likeliest first."""

    child: int | None = None
    doubt: Doubt = ""
    likely: tuple[int, ...] = ()


class Children:
    """Known children, ready to be asked for by visits."""

    def __init__(self, children: Sequence[ListedChild]) -> None:
        self.children = children
        numbers = range(len(children))
        self._named = gather_by(numbers, lambda n: fold(children[n].name))
        self._mothers = gather_by(numbers, lambda n: fold(children[n].parent))

    def match(self, visit: ListedChild) -> Match:
        """Find the child of a visit: by its name, else as a newborn by its mother's.

        Certain is who agrees on more than any other does, and on enough. Children that no visit
        tells apart give `several`: the caller knows whether that matters.
        """
        ranked = sorted(((self._rank(visit, n), -n) for n in self._candidates(visit)), reverse=True)
        if not ranked:
            return Match(doubt="nobody")
        numbers = tuple(-n for _, n in ranked)
        best = ranked[0][0]
        equals = tuple(-n for rank, n in ranked if rank == best)
        if best[0] < _ENOUGH:
            return Match(doubt="unsure", likely=numbers)
        if len(equals) > 1:
            return Match(doubt="several", likely=equals)
        return Match(equals[0], likely=numbers)

    def _candidates(self, visit: ListedChild) -> Iterator[int]:
        """Children of that name, or whose mother the name says or may be, born as it says."""
        name = fold(visit.name)
        mother = fold(read_name(visit.name).mother) or name
        found = dict.fromkeys([*self._named.get(name, ()), *self._mothers.get(mother, ())])
        return (n for n in found if births_agree(visit.birth, self.children[n].birth))

    def _rank(self, visit: ListedChild, number: int) -> tuple[int, bool]:
        """How much agrees, see `_ENOUGH`; the same letters only break ties between children."""
        child = self.children[number]
        born = _BIRTH if full_birth(visit.birth) and visit.birth == child.birth else 0
        other_sex = bool(visit.sex and child.sex and visit.sex != child.sex)
        agrees = born + _place(visit, child) + _name(visit, child) + _OTHER_SEX * other_sex
        return agrees, tone_blind(visit.name) == tone_blind(child.name)


_BIRTH, _WARD, _DISTRICT, _OTHER_WARD, _ELSEWHERE = 4, 4, 2, -1, -4
_BARE_MOTHER, _OTHER_SEX, _OTHER_TWIN = -3, -3, -20
_ENOUGH = 2
"""Name and year alone are not enough in a city of this size: the whole date must agree, or the
ward, or the district; an address in another district speaks against it."""


def _name(visit: ListedChild, child: ListedChild) -> int:
    """A bare name that is the mother's may as well be of another person; the second twin is not the
    first."""
    if are_other_twins(visit.name, child.name):
        return _OTHER_TWIN
    if fold(visit.name) == fold(child.name) or read_name(visit.name).placeholder:
        return 0
    return _BARE_MOTHER


def _place(visit: ListedChild, child: ListedChild) -> int:
    if visit.ward and child.ward:
        if visit.ward == child.ward:
            return _WARD
        return _OTHER_WARD if visit.district == child.district else _ELSEWHERE
    if visit.district and child.district:
        return _DISTRICT if visit.district == child.district else _ELSEWHERE
    return 0


# --- one child out of its visits -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Treated:
    """One child of a cost list with its visits; `child` bears the sum of their costs."""

    child: ListedChild
    visits: tuple[ListedChild, ...]


def children_of(visits: Sequence[ListedChild]) -> tuple[Treated, ...]:
    """Gather the visits of each child (H1 has a row a visit), in the order of the first ones.

    A child is the same by name, birth, sex and ward (by the address as written where no ward could
    be read): neighbours of one name and year are told apart by nothing a hospital writes.
    """
    return tuple(
        Treated(_sum_up(group), tuple(group)) for group in gather_by(visits, treated_key).values()
    )


def treated_key(visit: ListedChild) -> str:
    """By what visits are of one child: name, birth, sex, ward (else the address), and card."""
    home = visit.ward or fold(visit.address)
    return "|".join((fold(visit.name), visit.birth, visit.sex, home, visit.card[-NUMBER:]))


def _sum_up(visits: Sequence[ListedChild]) -> ListedChild:
    best = max(visits, key=_count_marks)
    first = visits[0]
    return replace(first, name=best.name, costs=costs_of(visits))


def _count_marks(visit: ListedChild) -> int:
    """How many letters of a name bear their marks: `nguyễn gia bảo` tells more than without."""
    return sum(not char.isascii() for char in visit.name)


def costs_of(visits: Iterable[ListedChild]) -> Mapping[str, int]:
    """Sum each amount over visits, in đồng."""
    rows = list(visits)
    return {name: sum(row.costs.get(name, 0) for row in rows) for name in COSTS}
