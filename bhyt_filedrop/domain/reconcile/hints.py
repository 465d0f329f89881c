"""Who of the missing may be who of the unknown: likenesses for a person to look at, never matches.

Only children who share a birth (or it with day and month swapped), a parent, a name or an address
are compared; each child and each row gets at most one likeness, the best ones first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

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


def hints(missing: Sequence[Face], unknown: Sequence[tuple[Face, Came]]) -> tuple[Uncertain, ...]:
    """Return likenesses one to one, in the order of the missing."""
    faces = [face for face, _ in unknown]
    rows = {face.number: came for face, came in unknown}
    scored = [(score(s, c), s, c) for s, c in _candidates(missing, faces)]
    likely = sorted((-points, s.number, c.number) for points, s, c in scored if points >= THRESHOLD)
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


def _candidates(missing: Iterable[Face], unknown: Iterable[Face]) -> Iterator[tuple[Face, Face]]:
    blocks: dict[tuple[str, str], list[Face]] = {}
    for face in unknown:
        for block in _blocks(face):
            blocks.setdefault(block, []).append(face)
    left = MOST
    for face in missing:
        near = {c.number: c for block in _blocks(face) for c in blocks.get(block, ())}
        left -= len(near)
        if left < 0:
            return
        yield from ((face, c) for _, c in sorted(near.items()))


def _blocks(face: Face) -> Iterator[tuple[str, str]]:
    if face.key:
        yield "name", face.key
    if face.full_birth:
        yield "birth", min(face.birth, swap_day_and_month(face.birth))
    if face.address:
        yield "address", face.address
    for mother in face.mothers:
        yield "mother", mother


def score(sent: Face, came: Face) -> float:
    """How alike two children are, 0–100: the weighted mean of what both sides tell."""
    parts = [
        (_NAME, _name(sent, came)),
        (_BIRTH, _birth(sent.birth, came.birth)),
        (_PARENT, _parent(sent, came)),
        (_ADDRESS, _text(sent.address, came.address)),
    ]
    told = [(weight, points) for weight, points in parts if points is not None]
    weights = sum(weight for weight, _ in told)
    return sum(weight * points for weight, points in told) / weights if weights else 0.0


def _name(sent: Face, came: Face) -> float | None:
    if sent.nameless or came.nameless:
        return max(_NAMELESS, _text(sent.key, came.key) or 0.0)
    return _text(sent.key, came.key)


def _birth(a: str, b: str) -> float | None:
    if not (a and b):
        return None
    if births_agree(a, b):
        return 100.0 if a == b else 80.0
    return 75.0 if births_near(a, b) else 0.0


def _parent(sent: Face, came: Face) -> float | None:
    if sent.mothers & came.mothers:
        return 100.0
    pairs = [(a, b) for a in sent.parents for b in came.parents]
    return max((_given_name_likeness(a, b) for a, b in pairs), default=None)


def _given_name_likeness(a: str, b: str) -> float:
    """A placeholder may tell the mother's given name alone: `lan` for `nguyen thi lan`."""
    if f" {a}".endswith(f" {b}") or f" {b}".endswith(f" {a}"):
        return 80.0
    return _text(a, b) or 0.0


def _text(a: str, b: str) -> float | None:
    """Likeness of two folded texts; what is less than 60 % alike is chance and counts nothing."""
    if not (a and b):
        return None
    alike = max(fuzz.ratio(a, b), fuzz.token_sort_ratio(a, b))
    return max(0.0, (alike - 60.0) * 2.5)
