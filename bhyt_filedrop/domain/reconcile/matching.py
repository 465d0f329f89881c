"""Match the children that were sent with the rows that came back.

The passes run from the surest to the least sure; a fuzzy likeness never makes a pair, it becomes an
`Uncertain` for a person to look at. Nothing here depends on the order of a dictionary or of time,
so the same lists always give the same answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.reconcile import newborns, passes
from bhyt_filedrop.domain.reconcile.faces import (
    Face,
    births_agree,
    births_fit,
    parents_agree,
    parents_fit,
    spelling,
)
from bhyt_filedrop.domain.reconcile.hints import hints
from bhyt_filedrop.domain.reconcile.table import MatchTable, group_faces
from bhyt_filedrop.domain.reconcile.values import Came, Doubled, How, Pair, Reconciled


def reconcile(sent: Sequence[ListedChild], came: Sequence[Came]) -> Reconciled:
    """Match what came back with what was sent; the order of `came` says which row was first."""
    first, again = _sent_once([Face(child, n) for n, child in enumerate(sent)])
    rows = [Face(row.child, n, row.category) for n, row in enumerate(came)]
    table = MatchTable(first, rows)
    _surest(table)
    known = _FoundSoFar(table)
    doubled = known.take_doubled()
    _rest(table)
    doubled |= known.take_doubled()
    return _result(sent, came, table, again, doubled)


def sent_twice(sent: Sequence[ListedChild]) -> dict[int, int]:
    """Return the children whom a list repeats: place in the list → the first one's place.

    Name, birth and parent are all told and the same; newborns without a name are never taken for
    one, for twins look just so.
    """
    return _sent_once([Face(child, n) for n, child in enumerate(sent)])[1]


def repeats(came: Sequence[Came]) -> tuple[Doubled, ...]:
    """Return the children who stand twice among lists, where nobody says what was sent."""
    rows = [Face(row.child, n, row.category) for n, row in enumerate(came)]
    index = _Index()
    found: list[Doubled] = []
    for face in rows:
        earlier = index.same(face)
        if earlier is None:
            index.add(face, face)
        else:
            first = came[earlier.number]
            found.append(Doubled(first.child, first, came[face.number]))
    return tuple(found)


def _surest(table: MatchTable) -> None:
    table.pair(passes.by_code(table), "code")
    table.pair(passes.by_letters(table), "exact")
    table.pair(passes.by_all(table), "exact")
    table.pair(passes.by_name_and_birth(table), "name-birth")
    table.pair(passes.by_code_against_odds(table), "code")


def _rest(table: MatchTable) -> None:
    table.pair(passes.by_name_and_parent(table), "name-parent")
    table.pair(passes.by_name_and_year(table), "name-birth")
    table.pair(newborns.by_mother(table), "named")
    table.pair(newborns.twins_in_order(table), "twins")
    table.pair(newborns.by_home(table), "named")
    table.pair(passes.by_birth_and_parent(table), "changed")


# --- the same child twice --------------------------------------------------------------------


def _sent_once(sent: Sequence[Face]) -> tuple[list[Face], dict[int, int]]:
    """Leave out children whom the list sent repeats; return them by number → the first's number.

    A hospital's double entry is one child: the unit may send it back once. Newborns without a name
    are not left out, for twins look just so.
    """
    again: dict[int, int] = {}
    alike = group_faces(sent, _rough)
    for faces in alike.values():
        for n, face in enumerate(faces[1:], start=1):
            first = next((other for other in faces[:n] if _is_repeat(other, face)), None)
            if first is not None and first.number not in again:
                again[face.number] = first.number
                first.also += face.codes
    return [face for face in sent if face.number not in again], again


def _rough(face: Face) -> tuple[str, int, str, str]:
    """Cheap, and the same for all spellings of one name that differ in case or tone placement."""
    name = face.child.name
    return face.birth, len(name), name[:1].casefold(), face.child.parent[:1].casefold()


def _is_repeat(one: Face, other: Face) -> bool:
    same = one.full_birth and one.parent and (one.key, one.parent) == (other.key, other.parent)
    return bool(same) and not one.nameless and spelling(one) == spelling(other)


class _Index:
    """Finds an earlier row of the same child, by what is sure: code and name, or all that is told.

    Each child may be known under several faces: as it was sent, as it came.
    """

    def __init__(self) -> None:
        self._names: dict[str, list[tuple[Face, Face]]] = defaultdict(list)

    def add(self, known: Face, owner: Face) -> None:
        """Let `owner` be found by a face."""
        if known.key:
            self._names[known.key].append((known, owner))

    def same(self, face: Face) -> Face | None:
        """Return the first owner of a face that is this very child."""
        known = self._names.get(face.key, ())
        owners = (owner for one, owner in known if _is_same(one, face))
        return min(owners, key=lambda owner: owner.number, default=None)


def _is_same(known: Face, face: Face) -> bool:
    """One name, and nothing against one child but a good word for it."""
    if not births_fit(known.birth, face.birth):
        return False
    if known.code and face.code and face.code in known.codes:
        return True
    same_birth, same_parent = births_agree(known.birth, face.birth), parents_agree(known, face)
    if known.code and face.code:
        return same_birth and same_parent
    return (same_birth or same_parent) and parents_fit(known, face)


class _FoundSoFar:
    """The children found so far who have a name of an open row: nobody else can be in one."""

    def __init__(self, table: MatchTable) -> None:
        self._table = table
        self._index = _Index()
        self._names = {row.key for row in table.open_came}
        self._seen: set[int] = set()

    def take_doubled(self) -> dict[int, int]:
        """Take the open rows that repeat a child found already: number of the row → of the
        child."""
        rows = self._table.open_came
        if not rows:
            return {}
        self._learn()
        owners = ((row.number, self._index.same(row)) for row in rows)
        found = {number: owner.number for number, owner in owners if owner is not None}
        self._table.set_aside(found)
        return found

    def _learn(self) -> None:
        pairs = self._table.pair_of
        for face in self._table.sent:
            if face.number in pairs and face.number not in self._seen:
                self._seen.add(face.number)
                for known in (face, pairs[face.number][0]):
                    if known.key in self._names:
                        self._index.add(known, face)


# --- the result ------------------------------------------------------------------------------


def _result(
    sent: Sequence[ListedChild],
    came: Sequence[Came],
    table: MatchTable,
    again: dict[int, int],
    doubled: dict[int, int],
) -> Reconciled:
    rows_of = _rows_of(table, doubled)
    how_of: dict[int, How] = {number: how for number, (_, how) in table.pair_of.items()}
    found = {number: (rows[0], how_of[number]) for number, rows in rows_of.items()}
    for number, first in again.items():
        if first in found:
            found[number] = (found[first][0], "sent-twice")
    taken = {row for rows in rows_of.values() for row in rows}
    missing = [n for n in range(len(sent)) if n not in found]
    unknown = [face for face in table.came if face.number not in taken]
    return Reconciled(
        pairs=tuple(Pair(sent[n], came[row], how) for n, (row, how) in sorted(found.items())),
        missing=tuple(sent[n] for n in missing),
        unknown=tuple(came[face.number] for face in unknown),
        doubled=tuple(_repeats_of(sent, came, rows_of)),
        uncertain=hints(
            [face for face in table.sent if face.number not in found],
            [(face, came[face.number]) for face in unknown],
        ),
    )


def _rows_of(table: MatchTable, doubled: dict[int, int]) -> dict[int, list[int]]:
    """Return every child's rows, the earliest first."""
    rows_of = {number: [row.number] for number, (row, _) in table.pair_of.items()}
    for row, number in doubled.items():
        rows_of[number].append(row)
    return {number: sorted(rows) for number, rows in rows_of.items()}


def _repeats_of(
    sent: Sequence[ListedChild], came: Sequence[Came], rows_of: dict[int, list[int]]
) -> Iterator[Doubled]:
    for number, (first, *more) in sorted(rows_of.items()):
        for row in more:
            yield Doubled(sent[number], came[first], came[row])
