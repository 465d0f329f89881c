"""Split the city's list by ward and district (H2b → H3, H4); nobody is guessed into a ward, and
nobody goes to two.

1331/BHXH-THU 5.2.2-5.2.3: `thu` gives each district its children, a district gives each ward its
own. Children whose ward cannot be read go to `thu` in a list to fill in; it may answer there that a
child lives outside the city.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.keys import gather_by, loose_key
from bhyt_filedrop.domain.places.gazetteer import says_outside
from bhyt_filedrop.domain.process.authority import Authority
from bhyt_filedrop.domain.process.units import Units
from bhyt_filedrop.domain.reconcile import sent_twice

Children = tuple[ListedChild, ...]


@dataclass(frozen=True, slots=True)
class Split:
    """Every child exactly once: under its ward, among the unplaced, or `outside` the city, as a
    clerk of `thu` answered; these bear it as their section.

    `by_district` holds the same children again, district by district, in the order of their wards;
    a ward without a district above it (from 07/2025) stands in `by_ward` alone. Units without
    children are left out.
    """

    by_ward: Mapping[str, Children] = field(default_factory=dict)
    by_district: Mapping[str, Children] = field(default_factory=dict)
    unplaced: Children = ()
    outside: Children = ()


def split(
    children: Sequence[ListedChild],
    units: Units,
    *,
    corrections: Mapping[str, ListedChild] | None = None,
    today: Callable[[ListedChild], ListedChild] = lambda child: child,
) -> Split:
    """Split children by the ward that their address names.

    `corrections` are rows that a clerk of `thu` filled in, by code: their place (and address), or
    that the child lives outside the city, stands above what the list said. Units come in the order
    of the file, children in theirs. A child whom the list repeats is one child and goes to one
    ward. `today` gives a child the ward that its own became, where that is gone.
    """
    answers = {code: child for code, child in (corrections or {}).items() if is_answered(child)}
    rows = _once([today(_correct(child, answers, units.authority)) for child in children], answers)
    placed = gather_by((c for c in rows if c.ward in units), lambda child: child.ward)
    by_ward = {u.id: _in(placed[u.id], u.parent) for u in units if u.id in placed}
    above = gather_by(by_ward, lambda ward: units[ward].parent)
    return Split(
        by_ward,
        {
            u.id: tuple(child for ward in above[u.id] for child in by_ward[ward])
            for u in units
            if u.id in above
        },
        tuple(c for c in rows if c.ward not in units and not is_settled_outside(c)),
        tuple(c for c in rows if is_settled_outside(c)),
    )


def is_answered(child: ListedChild) -> bool:
    """True for a row in which a clerk of `thu` said where its child lives, in the city or not."""
    return bool(child.ward or child.outside)


def is_settled_outside(child: ListedChild) -> bool:
    """True for a child of whom a clerk of `thu` answered that it lives outside the city."""
    return says_outside(child.section)


def _once(rows: Sequence[ListedChild], answers: Mapping[str, ListedChild]) -> list[ListedChild]:
    """Leave one row for each child. Only rows of one name and birth are looked at more closely."""
    alike = gather_by(range(len(rows)), lambda n: loose_key(rows[n]))
    left: dict[int, ListedChild] = dict(enumerate(rows))
    for numbers in alike.values():
        for same in _same(rows, numbers) if len(numbers) > 1 else ():
            left[same[0]] = _one([rows[n] for n in same], answers)
            for n in same[1:]:
                del left[n]
    return list(left.values())


def _same(rows: Sequence[ListedChild], numbers: Sequence[int]) -> list[list[int]]:
    """Return the rows of each child that stands there more than once."""
    found: dict[int, list[int]] = {}
    for again, first in sent_twice([rows[n] for n in numbers]).items():
        found.setdefault(first, [numbers[first]]).append(numbers[again])
    return list(found.values())


def _one(rows: Sequence[ListedChild], answers: Mapping[str, ListedChild]) -> ListedChild:
    """One row for all rows of a child: the one that a clerk placed, else the first whose ward is
    known. The sender of the city's list was told of the others (`row.repeated`)."""
    by_hand = (child for child in rows if child.code in answers)
    placed = (child for child in rows if child.ward)
    return next(by_hand, None) or next(placed, rows[0])


def _in(children: Sequence[ListedChild], district: str) -> Children:
    """The district is the ward's own, whatever else the address seemed to say."""
    return tuple(c if c.district == district else replace(c, district=district) for c in children)


def _correct(
    child: ListedChild, answers: Mapping[str, ListedChild], authority: Authority
) -> ListedChild:
    found = answers.get(child.code) if child.code else None
    if found is None:
        return child
    place = {name: getattr(found, name) for name in ("ward", "district", "outside")}
    section = authority.outside if found.outside else child.section
    return replace(child, section=section, address=found.address or child.address, **place)
