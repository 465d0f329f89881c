"""Columns that came apart: a row whose values are of several of the children that were sent.

A list of which only some columns were sorted still holds every name, birth, parent and code, and
each of them alone looks right; but cards and answers then stand at other children.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bhyt_filedrop.domain.cells.parents import read_parent
from bhyt_filedrop.domain.cells.text import tone_blind
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.reconcile.values import Came, Pair, Reconciled

_Changed = tuple[Pair, Sequence[str]]
"""A pair and its values (`name`, `birth`, `parent`) that really differ."""

_T = TypeVar("_T")

ENOUGH = 2
"""Rows from which on it is a column that came apart; one row alone may be a slip."""


@dataclass(frozen=True, slots=True)
class CodeOfAnother:
    """A row that is one sent child by what it tells, and another (`named`) by its code."""

    pair: Pair
    named: ListedChild


@dataclass(frozen=True, slots=True)
class Apart:
    """Rows of one file whose columns do not belong together, in the order of the rows.

    `codes` carry the code of another child; `moved` tell of one child the name, birth or parent of
    another, which tells those of a third (or of the first); `strangers` are nobody, because one of
    name, birth and parent is of one child and the other two of another.
    """

    codes: tuple[CodeOfAnother, ...]
    moved: tuple[Pair, ...]
    strangers: tuple[Came, ...]

    @property
    def rows(self) -> tuple[Came, ...]:
        """All rows, each once."""
        rows = [*(one.pair.came for one in self.codes), *(pair.came for pair in self.moved)]
        unique = {id(row): row for row in (*rows, *self.strangers)}
        return tuple(sorted(unique.values(), key=_place))

    @property
    def is_sorted_apart(self) -> bool:
        """True where it is no single slip."""
        return len(self.rows) >= ENOUGH


def apart(result: Reconciled, changed: Iterable[_Changed]) -> tuple[Apart, ...]:
    """Return the rows that came apart, file by file."""
    codes = _by_file((one.pair.came, one) for one in _codes_of_others(result))
    moved = _by_file((pair.came, (pair, values)) for pair, values in changed)
    strangers = _by_file((row, row) for row in _strangers(result))
    files = dict.fromkeys([*codes, *moved, *strangers])
    found = (
        Apart(_in_order(codes[file]), tuple(_moved(moved[file])), tuple(strangers[file]))
        for file in files
    )
    return tuple(one for one in found if one.rows)


def _by_file(found: Iterable[tuple[Came, _T]]) -> defaultdict[tuple[str, str], list[_T]]:
    files: defaultdict[tuple[str, str], list[_T]] = defaultdict(list)
    for row, one in found:
        files[row.source, row.child.file].append(one)
    return files


def _place(row: Came) -> tuple[str, int]:
    return row.child.sheet, row.child.row


def _in_order(codes: Iterable[CodeOfAnother]) -> tuple[CodeOfAnother, ...]:
    return tuple(sorted(codes, key=lambda one: _place(one.pair.came)))


def _sent(result: Reconciled) -> list[ListedChild]:
    return [*(pair.sent for pair in result.pairs), *result.missing]


def _codes_of_others(result: Reconciled) -> Iterator[CodeOfAnother]:
    named = {child.code: child for child in _sent(result) if child.code}
    own: defaultdict[int, set[str]] = defaultdict(set)
    for pair in result.pairs:
        own[id(pair.came)].add(pair.sent.code)
    for pair in result.pairs:
        code = pair.came.child.code
        if pair.how != "sent-twice" and code in named and code not in own[id(pair.came)]:
            yield CodeOfAnother(pair, named[code])


def _strangers(result: Reconciled) -> Iterator[Came]:
    """Yield the rows of nobody that tell two values of one child, and the third of another."""
    if not result.unknown:
        return
    sent = [_values(child) for child in _sent(result)]
    single = [{values[n] for values in sent} - {""} for n in range(len(VALUES))]
    pairs = [{_without(values, n) for values in sent} for n in range(len(VALUES))]
    for row in result.unknown:
        values = _values(row.child)
        if all(values) and any(
            value in single[n] and _without(values, n) in pairs[n] for n, value in enumerate(values)
        ):
            yield row


VALUES = ("name", "birth", "parent")


def _values(child: ListedChild) -> tuple[str, ...]:
    return tuple(_value(child, value) for value in VALUES)


def _without(values: tuple[str, ...], n: int) -> tuple[str, ...]:
    return values[:n] + values[n + 1 :]


def told_apart_of(mixed: Iterable[Apart], missing: Iterable[ListedChild]) -> frozenset[int]:
    """Return which rows and missing children (by `id`) the one finding about columns tells of: a
    child is missing because its name stands at another's birth and parent."""
    strangers = [row for one in mixed if one.is_sorted_apart for row in one.strangers]
    names = {_value(row.child, "name") for row in strangers}
    lost = (child for child in missing if _value(child, "name") in names)
    return frozenset(map(id, (*strangers, *lost)))


def _moved(changed: Sequence[_Changed]) -> Iterator[Pair]:
    """Yield the rows that tell a value that another row gave up: a column that was moved."""
    left = Counter((v, _value(pair.sent, v)) for pair, values in changed for v in values)
    for pair, values in changed:
        if any(left[v, _value(pair.came.child, v)] for v in values):
            yield pair


def _value(child: ListedChild, value: str) -> str:
    if value == "birth":
        return child.birth
    return tone_blind(read_parent(child.parent) if value == "parent" else child.name)
