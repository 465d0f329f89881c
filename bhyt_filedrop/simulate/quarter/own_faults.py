"""What a ward gets wrong about its children while it types lists of its own.

A fault of these is no spoiled cell: the two lists together tell one thing of a child that is not
so. Each knows on which of them, at which child and in which column it must be found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations
from random import Random
from typing import Any

from bhyt_filedrop.domain.paper.layout import SheetLayout
from bhyt_filedrop.simulate.faults import Planted
from bhyt_filedrop.simulate.quarter.answering import EDITION, ChildAnswer, stranger, typed
from bhyt_filedrop.simulate.quarter.population import Person, TrueFate

FORM_4, JOINING = 0, 1
"""The two lists that a ward answers with."""

WITH_NUMBERS = "d03-ts-490"
"""The edition of D03-TS that has a column for the child's own number."""

TWICE, TWICE_JOINING = "row.repeated", "row.repeated:joining"
ONE_NUMBER = "row.id-number-repeated"
CARD_OF_ANOTHER = "list.card-of-another"


@dataclass(frozen=True, slots=True)
class TwoLists:
    """Whom a ward tells of on its two lists, and where what is wrong with it shows.

    `child` is the one at whose `field` it must be found, None for a list as a whole.
    """

    form: Sequence[ChildAnswer]
    joining: Sequence[ChildAnswer]
    part: int = FORM_4
    child: ChildAnswer | None = None
    field: str = "name"
    edition: str = EDITION

    def planted(self, code: str, layout: SheetLayout) -> Planted:
        """Return where the fault stands on its list."""
        if self.child is None:
            return Planted(code, "", None, None)
        at = next(n for n, one in enumerate(self._printed()) if one is self.child)
        return Planted(code, layout.name, layout.cell(at, self.field), layout.child_rows[at])

    def _printed(self) -> Iterator[ChildAnswer]:
        """The children in the order of the list that has the fault."""
        if self.part == JOINING:
            yield from self.joining
        else:
            yield from (a for a in self.form if a.fate is TrueFate.BEFORE)
            yield from (a for a in self.form if a.fate is TrueFate.NONE)


@dataclass(frozen=True, slots=True)
class TellingWard:
    """What a fault may look at: chance, and the children whom the city knows to have a card."""

    rng: Random
    carded: Sequence[Person]


def tell(fault: str, answers: Sequence[ChildAnswer], setting: TellingWard) -> TwoLists:
    """Return the children on both lists, with the fault in them where it is one of these."""
    right = TwoLists(
        [a for a in answers if a.fate is not TrueFate.NOW],
        [a for a in answers if a.fate is TrueFate.NOW],
    )
    make = OWN_FAULTS.get(fault)
    return make(right, setting) if make else right


# --- one by one ------------------------------------------------------------------------------


def _missing(right: TwoLists, setting: TellingWard) -> TwoLists:
    return replace(right, form=right.form[1:], part=JOINING)


def _unknown(right: TwoLists, setting: TellingWard) -> TwoLists:
    more = as_fate(stranger(setting.rng, right.form[0]), TrueFate.NONE)
    return replace(right, form=[*right.form, more], child=more)


def _in_both(right: TwoLists, setting: TellingWard) -> TwoLists:
    first = right.joining[0]
    form = [*right.form, as_fate(first, TrueFate.NONE)]
    return replace(right, form=form, part=JOINING, child=first)


def _twice(right: TwoLists, setting: TellingWard) -> TwoLists:
    again = _spelt_otherwise(next(a for a in _named(right.form) if a.fate is TrueFate.BEFORE))
    return replace(right, form=[*right.form, again], child=again)


def _twice_joining(right: TwoLists, setting: TellingWard) -> TwoLists:
    """D03-TS has no column for the mother: only the list that was sent knows that it is one."""
    again = _spelt_otherwise(next(_named(right.joining)))
    return replace(right, joining=[*right.joining, again], part=JOINING, child=again)


def _named(answers: Sequence[ChildAnswer]) -> Iterator[ChildAnswer]:
    return (a for a in answers if not a.person.is_nameless)


def _one_number(right: TwoLists, setting: TellingWard) -> TwoLists:
    """Two children get the number of one: twelve digits that fit the year of both births."""
    first, second = next(_born_in_one_year(right.joining))
    year = first.person.child.birth_date.year
    number = f"0792{year % 100:02}{setting.rng.randrange(10**6):06}"
    swap = {id(one): with_child(one, id_number=number) for one in (first, second)}
    joining = [swap.get(id(one), one) for one in right.joining]
    wrong = replace(right, joining=joining, part=JOINING, child=swap[id(second)])
    return replace(wrong, field="id_number", edition=WITH_NUMBERS)


def _born_in_one_year(
    answers: Sequence[ChildAnswer],
) -> Iterator[tuple[ChildAnswer, ChildAnswer]]:
    for a, b in combinations(answers, 2):
        if a.person.child.birth_date.year == b.person.child.birth_date.year:
            yield a, b


def _card_of_another(right: TwoLists, setting: TellingWard) -> TwoLists:
    """A card that form 1 knows, by its last ten digits alone."""
    mine = next(a for a in right.form if a.fate is TrueFate.BEFORE)
    other = setting.rng.choice(setting.carded)
    wrong = with_child(mine, card=other.child.card[-10:])
    form = [wrong if one is mine else one for one in right.form]
    return replace(right, form=form, child=wrong, field="card")


OWN_FAULTS: Mapping[str, Callable[[TwoLists, TellingWard], TwoLists]] = {
    "list.child-missing": _missing,
    "list.child-unknown": _unknown,
    "list.child-in-two-lists": _in_both,
    TWICE: _twice,
    TWICE_JOINING: _twice_joining,
    ONE_NUMBER: _one_number,
    CARD_OF_ANOTHER: _card_of_another,
}
"""Faults about children, by their code and what tells faults of one code apart."""

LATER = frozenset({"list.child-missing", "list.child-in-two-lists", TWICE_JOINING, ONE_NUMBER})
"""Of two files, these show with the second."""


# --- children as they are told ---------------------------------------------------------------


def as_fate(answer: ChildAnswer, fate: TrueFate) -> ChildAnswer:
    """Return a child of whom something else is said; one without a card needs a reason."""
    person = replace(answer.person, fate=fate, reason="Đã chuyển đi nơi khác")
    return ChildAnswer(answer.line, person)


def with_child(answer: ChildAnswer, **fields: Any) -> ChildAnswer:
    """Return a child of whom something else is written."""
    child = replace(answer.person.child, **fields)
    return ChildAnswer(answer.line, replace(answer.person, child=child))


def _spelt_otherwise(answer: ChildAnswer) -> ChildAnswer:
    """The same child, typed by somebody else: in capitals, other tone marks, its card short."""
    child = answer.person.child
    name = typed(child.name, "old-tone").upper()
    again = replace(child, name=name, card=child.card[-10:])
    line = replace(answer.line, values={**answer.line.values, "name": name, "code": ""})
    return ChildAnswer(line, replace(answer.person, child=again))


def exchange_dates(layout: SheetLayout) -> tuple[SheetLayout, Planted]:
    """Return a list as an Excel of US settings makes it of typed days, and where that must be told.

    What can be a date with the month first becomes one; the rest stays text.
    """
    column, rows = layout.columns["birth_date"], frozenset(layout.child_rows)
    cells = [
        replace(cell, value=_read_in_the_us(cell.value))
        if cell.column == column and cell.row in rows and isinstance(cell.value, date)
        else cell
        for cell in layout.cells
    ]
    dates = {c.row for c in cells if c.column == column and isinstance(c.value, date)}
    first = next(n for n, row in enumerate(layout.child_rows) if row in dates)
    found = Planted(
        EXCHANGED, layout.name, layout.cell(first, "birth_date"), layout.child_rows[first]
    )
    return replace(layout, cells=tuple(cells)), found


EXCHANGED = "form.dates-exchanged"
_MONTHS, _SURE = 12, 3


def _read_in_the_us(day: date) -> date | str:
    return date(day.year, day.day, day.month) if day.day <= _MONTHS else f"{day:%d/%m/%Y}"


def fits_own(people: Sequence[Person], fault: str) -> bool:
    """True where a ward's children let it make one of these faults."""
    named = [p for p in people if not p.is_nameless]
    if fault in (TWICE, TWICE_JOINING):
        fate = TrueFate.NOW if fault == TWICE_JOINING else TrueFate.BEFORE
        return any(p.fate is fate for p in named)
    if fault == ONE_NUMBER:
        years = [p.child.birth_date.year for p in people if p.fate is TrueFate.NOW]
        return len(set(years)) < len(years)
    if fault == EXCHANGED:
        return shows_exchange([p for p in people if p.fate is not TrueFate.NOW])
    return True


def shows_exchange(people: Sequence[Person]) -> bool:
    """True where enough births would become dates, and enough stay text, to be sure of it."""
    early = sum(person.child.birth_date.day <= _MONTHS for person in people)
    return min(early, len(people) - early) >= _SURE
