"""Who of the missing may be who of the unknown: likenesses for a person to look at, never matches.

Only children who share a birth (or it with day and month swapped), a parent, a name or an address
are compared; each child and each row gets at most one likeness, the best ones first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rapidfuzz import fuzz

from bhyt_filedrop.domain.reconcile.faces import (
    Face,
    births_agree,
    births_near,
    swap_day_and_month,
)
from bhyt_filedrop.domain.reconcile.values import Came, Uncertain

THRESHOLD = 50.0
"""From here on a likeness is worth a look (of 100): birth and parent, or a name and little else."""

MOST = 200_000
"""Comparisons at most. Where thousands do not match it is the wrong file, and hints are noise."""

_NAME, _BIRTH, _PARENT, _ADDRESS = 45.0, 30.0, 25.0, 30.0
_NAMELESS = 15.0
"""What the name of a newborn without one counts, of 100: it may be anybody's."""


class _Told(NamedTuple):
    """What a child is likened by, worked out once: each is compared with many."""

    face: Face
    name: str
    nameless: bool
    birth: str
    mothers: frozenset[str]
    parents: frozenset[str]
    address: str

    @classmethod
    def by(cls, face: Face) -> _Told:
        """Ask a face for all of it."""
        return cls(
            face, face.key, face.nameless, face.birth, face.mothers, face.parents, face.address
        )


def hints(missing: Sequence[Face], unknown: Sequence[tuple[Face, Came]]) -> tuple[Uncertain, ...]:
    """Return likenesses one to one, in the order of the missing."""
    rows = {face.number: came for face, came in unknown}
    scored = (
        (score(s, c), s.face.number, c.face.number)
        for s, c in _candidates(map(_Told.by, missing), [_Told.by(face) for face, _ in unknown])
    )
    likely = sorted((-points, s, c) for points, s, c in scored if points >= THRESHOLD)
    best: dict[int, tuple[int, float]] = {}
    taken: set[int] = set()
    for points, s, c in likely:
        if s not in best and c not in taken:
            best[s] = (c, -points)
            taken.add(c)
    return tuple(
        Uncertain(face.child, rows[best[face.number][0]], round(best[face.number][1], 1))
        for face in missing
        if face.number in best
    )


def _candidates(
    missing: Iterable[_Told], unknown: Iterable[_Told]
) -> Iterator[tuple[_Told, _Told]]:
    blocks: dict[tuple[str, str], list[_Told]] = {}
    for told in unknown:
        for block in _blocks(told):
            blocks.setdefault(block, []).append(told)
    left = MOST
    for told in missing:
        near = {c.face.number: c for block in _blocks(told) for c in blocks.get(block, ())}
        left -= len(near)
        if left < 0:
            return
        yield from ((told, other) for other in near.values())


def _blocks(told: _Told) -> Iterator[tuple[str, str]]:
    if told.name:
        yield "name", told.name
    if told.face.full_birth:
        yield "birth", min(told.birth, swap_day_and_month(told.birth))
    if told.address:
        yield "address", told.address
    for mother in told.mothers:
        yield "mother", mother


def score(sent: _Told, came: _Told) -> float:
    """How alike two children are, 0–100: the weighted mean of what both sides tell; 0 as soon as it
    can no longer be worth a look."""
    told = points = 0.0
    left = _ALL
    for weight, alike in _PARTS:
        left -= weight
        if (found := alike(sent, came)) is not None:
            told += weight
            points += weight * found
        # What is not looked at yet counts in full at most.
        if points + 100.0 * left < THRESHOLD * (told + left):
            return 0.0
    return points / told if told else 0.0


def _name(sent: _Told, came: _Told) -> float | None:
    if sent.nameless or came.nameless:
        return max(_NAMELESS, _text(sent.name, came.name) or 0.0)
    return _text(sent.name, came.name)


def _birth_points(sent: _Told, came: _Told) -> float | None:
    a, b = sent.birth, came.birth
    if not (a and b):
        return None
    if a == b:
        return 100.0
    if births_agree(a, b):
        return 80.0
    return 75.0 if births_near(a, b) else 0.0


def _parent(sent: _Told, came: _Told) -> float | None:
    if not sent.mothers.isdisjoint(came.mothers):
        return 100.0
    return max(
        [_given_name_likeness(a, b) for a in sent.parents for b in came.parents], default=None
    )


def _given_name_likeness(a: str, b: str) -> float:
    """A placeholder may tell the mother's given name alone: `lan` for `nguyen thi lan`."""
    if a[-1] == b[-1] and (f" {a}".endswith(f" {b}") or f" {b}".endswith(f" {a}")):
        return 80.0
    return _likeness(a, b)


def _address(sent: _Told, came: _Told) -> float | None:
    return _text(sent.address, came.address)


def _text(a: str, b: str) -> float | None:
    return _likeness(a, b) if a and b else None


def _likeness(a: str, b: str) -> float:
    """Likeness of two folded texts; what is less than 60 % alike is chance and counts nothing."""
    alike = fuzz.ratio(a, b, score_cutoff=60.0)  # 0 below
    alike = fuzz.token_sort_ratio(a, b, score_cutoff=alike or 60.0) or alike
    return (alike - 60.0) * 2.5 if alike else 0.0


_PARTS = ((_BIRTH, _birth_points), (_NAME, _name), (_PARENT, _parent), (_ADDRESS, _address))
"""What is compared, the cheapest first."""
_ALL = sum(weight for weight, _ in _PARTS)
