"""The state of one matching: who is still open, who is paired with whom, and groups of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import cached_property

from bhyt_filedrop.domain.reconcile.faces import Face
from bhyt_filedrop.domain.reconcile.values import How

Group = tuple[list[Face], list[Face]]
"""Children of both sides that share something: those sent, those that came."""

Sides = tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]
"""How many of either side were born on a day with a name, or of a parent: counted once, for asking
everybody born that day for each child took longer the more children there were."""

Found = Iterable[tuple[Face, Face]]

Fits = Callable[[Face, Face], bool]
"""True where a child sent may be the one that came."""


class MatchTable:
    """Both sides of a matching. A pass proposes pairs; the table takes those still open."""

    def __init__(self, sent: Sequence[Face], came: Sequence[Face]) -> None:
        self.sent = sent
        self.came = came
        self.pair_of: dict[int, tuple[Face, How]] = {}
        """Number of a child sent → the row it came back in."""
        self._taken: set[int] = set()

    def pair(self, found: Found, how: How) -> None:
        """Take pairs in order; one whose child or row is taken already is passed over."""
        for sent, came in found:
            if self.is_open(sent, came):
                self.pair_of[sent.number] = (came, how)
                self._taken.add(came.number)

    def set_aside(self, rows: Iterable[int]) -> None:
        """Take rows that are somebody's already."""
        self._taken.update(rows)

    def is_open(self, sent: Face | None = None, came: Face | None = None) -> bool:
        """True where neither the child nor the row is taken."""
        taken = sent is not None and sent.number in self.pair_of
        return not taken and not (came is not None and came.number in self._taken)

    @property
    def open_sent(self) -> list[Face]:
        """The children that have not been found yet."""
        return [face for face in self.sent if face.number not in self.pair_of]

    @property
    def open_came(self) -> list[Face]:
        """The rows that belong to nobody yet."""
        return [face for face in self.came if face.number not in self._taken]

    def groups(self, key: Callable[[Face], Hashable | None]) -> Iterator[Group]:
        """Yield the open children of both sides that share a key (None = has none)."""
        sent = group_faces(self.open_sent, key)
        came = group_faces(self.open_came, key)
        for value, faces in sent.items():
            if value in came:
                yield faces, came[value]

    def is_lone_name(self, sent: Face, came: Face) -> bool:
        """True where nobody else of either side, paired or not, was born that day with that
        name."""
        ours, theirs = self._names
        return ours[sent.birth, sent.key] == theirs[came.birth, came.key] == 1

    def is_lone_of_parent(self, sent: Face, came: Face) -> bool:
        """True where nobody else of either side, paired or not, was born that day of that
        parent."""
        ours, theirs = self._parents
        return ours[sent.birth, sent.parent] == theirs[came.birth, came.parent] == 1

    def bears_name(self, came: Face) -> bool:
        """True where a child that was sent has this row's very name and birth."""
        return self._names[0][came.birth, came.key] > 0

    @cached_property
    def _names(self) -> Sides:
        sent, came = self.sent, self.came
        return Counter((f.birth, f.key) for f in sent), Counter((f.birth, f.key) for f in came)

    @cached_property
    def _parents(self) -> Sides:
        sent, came = self.sent, self.came
        return (
            Counter((f.birth, f.parent) for f in sent),
            Counter((f.birth, f.parent) for f in came),
        )


def group_faces(
    faces: Iterable[Face], key: Callable[[Face], Hashable | None]
) -> dict[Hashable, list[Face]]:
    """Group faces by a key, in order; those whose key is None are left out."""
    found: dict[Hashable, list[Face]] = defaultdict(list)
    for face in faces:
        if (value := key(face)) is not None:
            found[value].append(face)
    return found


def _always(sent: Face, came: Face) -> bool:
    return True


def told_apart(
    group: Group, by: Sequence[Callable[[Face], str]], fits: Fits = _always
) -> Iterator[tuple[Face, Face]]:
    """Yield the pairs of a group that one attribute after the other singles out.

    Those who are paired leave `group`; a value that two of one side share singles out nobody.
    """
    sent, came = group
    for told in by:
        ours, theirs = group_faces(sent, told), group_faces(came, told)
        for value, (first, *more) in ours.items():
            other = theirs.get(value, [])
            if value and not more and len(other) == 1 and fits(first, other[0]):
                yield first, other[0]
                sent.remove(first)
                came.remove(other[0])


def lone_pairs(group: Group, fits: Fits) -> Iterator[tuple[Face, Face]]:
    """Yield the pairs of a group that fit each other and nobody else."""
    sent, came = group
    for_sent = {s.number: [c for c in came if fits(s, c)] for s in sent}
    for_came = {c.number: sum(fits(s, c) for s in sent) for c in came}
    for s in sent:
        if len(for_sent[s.number]) == 1 and for_came[for_sent[s.number][0].number] == 1:
            yield s, for_sent[s.number][0]


def one_category(faces: Sequence[Face]) -> bool:
    """True where all came back in the same list, so that either way round is right."""
    return len({face.category for face in faces}) <= 1
