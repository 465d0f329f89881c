"""Newborns that were listed before they had a name, and their twins.

The same child comes back under its real name, or the other way round: birth date and mother find
it again. Twins share both, so they are paired only by what tells them apart, or where either way
round gives the same.
"""

from __future__ import annotations

from collections.abc import Iterator

from bhyt_filedrop.domain.reconcile.faces import Face, names_near, sexes_fit
from bhyt_filedrop.domain.reconcile.table import (
    Fits,
    Found,
    Group,
    MatchTable,
    lone_pairs,
    one_category,
    told_apart,
)

Key = tuple[str, str]
"""A birth and a mother."""


def groups(table: MatchTable) -> Iterator[tuple[Key, Group]]:
    """Yield open children of both sides who share birth and mother."""
    sides: tuple[dict[Key, list[Face]], dict[Key, list[Face]]] = ({}, {})
    for side, faces in zip(sides, (table.open_sent, table.open_came), strict=True):
        for face in faces:
            for mother in sorted(face.mothers) if face.full_birth else ():
                side.setdefault((face.birth, mother), []).append(face)
    sent, came = sides
    for key in (key for key in sent if key in came):
        ours = [face for face in sent[key] if table.is_open(sent=face)]
        theirs = [face for face in came[key] if table.is_open(came=face)]
        yield key, (ours, _each_name_once(theirs))


def _each_name_once(faces: list[Face]) -> list[Face]:
    """A name that came twice is one child in two lists, not twins."""
    first: dict[str, Face] = {}
    for face in faces:
        first.setdefault(str(face.number) if face.nameless else face.key, face)
    return list(first.values())


def by_mother(table: MatchTable) -> Found:
    """Pair placeholders with names, and placeholders with placeholders, by birth and mother."""
    for (_, mother), group in groups(table):
        yield from _of_one_mother(mother, group)


def twins_in_order(table: MatchTable) -> Found:
    """Pair twins whom nothing tells apart, in the order of their numbers.

    Only where all came back in one list: then either way round gives the same. One that is numbered
    otherwise is another child.
    """
    for (_, mother), group in groups(table):
        bare, named = _split(group, mother)
        for side, beside in _sides(bare, named):
            yield from _twins(side, _fits(mother, beside))


def _of_one_mother(mother: str, group: Group) -> Found:
    bare, named = _split(group, mother)
    yield from told_apart(bare, (_ordinal,))
    for side, beside in _sides(bare, named):
        yield from _siblings(side, _fits(mother, beside))


def _sides(bare: Group, named: Group) -> Iterator[tuple[Group, Group]]:
    """Yield who may be who, the likeliest first, and those of the same mother who stand beside."""
    yield bare, ([], [])
    yield (bare[0], named[1]), (named[0], bare[1])
    yield (named[0], bare[1]), (bare[0], named[1])


def _split(group: Group, mother: str) -> tuple[Group, Group]:
    """Those of a group without a name of their own, and those with one."""
    sent, came = group
    bare = [face for face in sent if _is_bare(face, mother)]
    came_bare = [face for face in came if _is_bare(face, mother)]
    return (bare, came_bare), (_without(sent, bare), _without(came, came_bare))


def _without(faces: list[Face], some: list[Face]) -> list[Face]:
    return [face for face in faces if face not in some]


def _is_bare(face: Face, mother: str) -> bool:
    """True where a child has no name of its own: a placeholder, or the mother's name itself."""
    return face.name.placeholder or face.key == mother


def _ordinal(face: Face) -> str:
    return str(face.name.ordinal or "")


def _siblings(group: Group, fits: Fits) -> Found:
    """Pair the children of one birth and mother."""
    sent, came = group
    if not len(sent) == len(came) == 1:
        yield from told_apart(group, (_sex,), fits)
    elif fits(sent[0], came[0]):
        yield sent.pop(), came.pop()


def _fits(mother: str, beside: Group) -> Fits:
    """True where nothing tells two apart, and none who stands beside is a rival: one without a name
    of its own who may be the other without one, or one whose name is a slip of the other's."""

    def rivals(sent: Face, came: Face) -> bool:
        nameless = _is_bare(sent, mother) and _is_bare(came, mother)
        return _may_be_one(sent, came) and (nameless or names_near(sent.key, came.key))

    def fits(sent: Face, came: Face) -> bool:
        return (
            _may_be_one(sent, came)
            and not any(rivals(face, came) for face in beside[0])
            and not any(rivals(sent, face) for face in beside[1])
        )

    return fits


def _may_be_one(sent: Face, came: Face) -> bool:
    """False where sex or number tells them apart: the first twin is not the second."""
    ordinals = {face.name.ordinal for face in (sent, came)} - {None}
    return sexes_fit(sent, came) and len(ordinals) < 2


def _sex(face: Face) -> str:
    return face.child.sex


def _twins(group: Group, fits: Fits) -> list[tuple[Face, Face]]:
    sent, came = group
    if not sent or len(sent) != len(came) or not one_category(came):
        return []
    pairs = list(zip(_in_order(sent), _in_order(came), strict=True))
    return pairs if all(fits(sent, came) for sent, came in pairs) else []


def _in_order(faces: list[Face]) -> list[Face]:
    return sorted(faces, key=lambda face: (face.name.ordinal or 0, face.number))


def by_home(table: MatchTable) -> Found:
    """A placeholder and a name by birth and address, where the parent is not told on one side."""

    def key_of(face: Face) -> Key | None:
        home = face.address if len(face.address) >= 8 and face.full_birth else ""
        return (face.birth, home) if home else None

    def fits(sent: Face, came: Face) -> bool:
        told_once = not (sent.parent and came.parent)
        return sent.nameless != came.nameless and told_once and sexes_fit(sent, came)

    for group in table.groups(key_of):
        if len(group[0]) == len(group[1]) == 1:
            yield from lone_pairs(group, fits)
