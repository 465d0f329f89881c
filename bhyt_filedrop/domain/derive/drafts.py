"""Drafts of forms 1 and 2 (H2) from the cost list and a register of cards, for CNTT to confirm.

A child that the register certainly knows goes to form 1, every other one to form 2: so no child of
H1 can be lost between them. A child that the register may know is marked in form 2 and listed once
more with its likely cards, for a person to decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from bhyt_filedrop.domain.cells.people import are_other_twins, read_name
from bhyt_filedrop.domain.cells.text import fold
from bhyt_filedrop.domain.derive.visits import Children, Match, Treated, children_of
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.places.gazetteer import Gazetteer

MAY_HAVE_CARD = "Có thể đã có thẻ, cần xác nhận"
LIKELIEST = 5
"""So many likely cards are shown for one child."""


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One card of the register. `birth` is an ISO date, or its beginning where only so much is
    known; `facility` is the whole hospital code (`79014`); `sex` is `nam`, `nu` or ""."""

    name: str
    birth: str
    parent: str = ""
    card: str = ""
    facility: str = ""
    facility_name: str = ""
    address: str = ""
    sex: str = ""
    id_number: str = ""


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A child of H1 whose card may be one of `likely`, the likeliest first."""

    child: ListedChild
    likely: tuple[ListedChild, ...]


@dataclass(frozen=True, slots=True)
class Drafts:
    """Every child of H1 exactly once: in `carded` (form 1) or in `uncarded` (form 2).

    `doubtful` are some of the uncarded. `treated` are all children with their visits. Children
    bear the sum of their visits' costs.
    """

    carded: tuple[ListedChild, ...]
    uncarded: tuple[ListedChild, ...]
    doubtful: tuple[Doubtful, ...]
    treated: tuple[Treated, ...]


def drafts(
    visits: Sequence[ListedChild], register: Iterable[RegisterRow], gazetteer: Gazetteer
) -> Drafts:
    """Draft forms 1 and 2 of a round from the rows of its cost lists (H1)."""
    cards = [_child_of_register(row, gazetteer) for row in register if row.card]
    known = Children(cards)
    treated = children_of(visits)
    found = _one_card_each([(one.child, known.match(one.child)) for one in treated], cards)
    certain = {n for n, (_, match) in enumerate(found) if match.child is not None}
    doubts = [(child, match) for child, match in found if match.child is None and match.likely]
    return Drafts(
        tuple(_with_card(child, cards[match.child]) for child, match in found
              if match.child is not None),
        tuple(_uncard(child, match) for n, (child, match) in enumerate(found)
              if n not in certain),
        tuple(Doubtful(_uncard(child, match), tuple(cards[n] for n in match.likely[:LIKELIEST]))
              for child, match in doubts),
        treated,
    )  # fmt: skip


Found = tuple[ListedChild, Match]


def _one_card_each(found: Sequence[Found], cards: Sequence[ListedChild]) -> list[Found]:
    """Where children who are told apart are certain of one card, it stays with whose name and sex
    it bears; the others may have it, and a person decides."""
    of_card: dict[int, list[int]] = {}
    for n, (_, match) in enumerate(found):
        if match.child is not None:
            of_card.setdefault(match.child, []).append(n)
    sure = list(found)
    for card, numbers in of_card.items():
        children = {n: found[n][0] for n in numbers}
        if not _are_several(children.values()):
            continue
        alike = {n: _alike(child, cards[card]) for n, child in children.items()}
        most = max(alike.values())
        stay = {n for n in numbers if alike[n] == most}
        if _are_several(children[n] for n in stay):
            stay = set()
        for n in set(numbers) - stay:
            sure[n] = children[n], replace(found[n][1], child=None, doubt="several")
    return sure


def _alike(child: ListedChild, card: ListedChild) -> tuple[bool, bool]:
    return fold(child.name) == fold(card.name), bool(card.sex) and child.sex == card.sex


def _are_several(children: Iterable[ListedChild]) -> bool:
    return any(_are_two(one, other) for one, other in combinations(children, 2))


def _are_two(one: ListedChild, other: ListedChild) -> bool:
    """True for twins: of two numbers, of two sexes while they have no name, or where one has its
    name by now and the other is numbered. One spelt in two ways is one."""
    names = read_name(one.name), read_name(other.name)
    if all(name.placeholder for name in names):
        other_sex = bool(one.sex and other.sex) and one.sex != other.sex
        return other_sex or are_other_twins(one.name, other.name)
    return any(n.placeholder for n in names) and any(n.ordinal is not None for n in names)


def _child_of_register(row: RegisterRow, gazetteer: Gazetteer) -> ListedChild:
    placed = gazetteer.place(row.address)
    return ListedChild(
        carded="yes",
        name=row.name,
        birth=row.birth,
        sex=row.sex,
        parent=row.parent,
        id_number=row.id_number,
        address=row.address,
        ward=placed.ward,
        district=placed.district,
        card=row.card,
        facility=row.facility,
        facility_name=row.facility_name,
    )


def _with_card(child: ListedChild, card: ListedChild) -> ListedChild:
    """The register knows the person, the hospital knows what was paid, and where it lives now."""
    place = child if child.ward else card
    return replace(
        card,
        sex=card.sex or child.sex,
        address=place.address or card.address,
        ward=place.ward,
        district=place.district,
        costs=child.costs,
        category="carded-before",
    )


def _uncard(child: ListedChild, match: Match) -> ListedChild:
    name = read_name(child.name)
    return replace(
        child,
        carded="no",
        name=proper(child.name),
        parent=child.parent or proper(name.mother),
        note=MAY_HAVE_CARD if match.likely else "",
        card="",
        facility="",
        facility_name="",
    )


def proper(name: str) -> str:
    """Write a name that a hospital typed in small letters as forms do: `Nguyễn Gia Bảo`.

    A newborn's placeholder keeps its lead words small: `Con bà Nguyễn Thị Lan`.
    """
    if name != name.lower():
        return name
    mother = read_name(name).mother
    if mother and name.endswith(mother):
        lead = name.removesuffix(mother)
        return lead[:1].upper() + lead[1:] + mother.title()
    return name.title()
