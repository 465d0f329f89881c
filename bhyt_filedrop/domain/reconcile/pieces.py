"""Which lists of one return stand together, when it comes in pieces over days.

A list of the same part as an earlier one is its correction where both tell of one child, and takes
its place; else it is a further list (1331/BHXH-THU, 5.2.4 has three lists, and form 4 holds two of
them; D03-TS comes in batches; a child that was added later is answered by itself). Where that does
not add up, other ways to take the return are tried before anybody is told of a fault: a list may
take the place of its whole part, or of another part of which it leaves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bhyt_filedrop.domain.forms.spec import Category
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListKey, ListRecord
from bhyt_filedrop.domain.lists.states import ListState
from bhyt_filedrop.domain.reconcile import Came, Reconciled, came_of, not_asked_for, reconcile

Children = tuple[ListedChild, ...]
HERE = ""
"""The source of rows that came in this very drop."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One list of a return; `record` is None for one of the drop that is judged."""

    key: ListKey
    children: Children
    label: str = ""
    record: ListRecord | None = None

    @property
    def drop(self) -> str:
        """The drop that it came in."""
        return self.record.drop if self.record else HERE

    @property
    def is_settled(self) -> bool:
        """True where it was decided beside the others that stand: it takes nobody's place now."""
        return self.record is not None and self.record.is_accepted

    @property
    def is_amending(self) -> bool:
        """True for a correction that waits for another part's correction."""
        return self.record is not None and self.record.state == ListState.AMENDING

    @property
    def is_decided(self) -> bool:
        """True where it is part of a return that was whole, or corrects one."""
        return self.is_settled or self.is_amending

    @property
    def rows(self) -> tuple[Came, ...]:
        """Its rows as reconciliation takes them."""
        return came_of(self.children, source=self.drop, label=self.label)


@dataclass(frozen=True, slots=True)
class ReturnReading:
    """One way to take a return: the earlier lists that stand beside the new ones, and those whose
    place was taken. Lists that were left out altogether stand in neither."""

    kept: tuple[Piece, ...]
    replaced: tuple[Piece, ...]
    result: Reconciled
    not_asked_for: tuple[Came, ...] = ()
    """The rows of reply kits that wait for a card for which no D03-TS asks."""
    was_whole: bool = False
    """The lists that were accepted before accounted for every child by themselves."""

    @property
    def adds_up(self) -> bool:
        """True where every child that was sent is back once, and the new lists hold nobody else."""
        twice = any(not one.asks_for_card for one in self.result.doubled)
        strangers = any(one.source == HERE for one in self.result.unknown)
        return not (self.result.missing or twice or strangers)

    @property
    def corrects(self) -> bool:
        """True where the new lists correct what was decided, or go with such a correction."""
        decided = any(old.is_decided for old in self.replaced)
        return self.was_whole or decided or any(old.is_amending for old in self.kept)

    @property
    def misfits(self) -> bool:
        """True where a child is missing, or not on D03-TS yet, or twice in lists that did not come
        together."""
        return bool(self.result.missing or self.not_asked_for) or any(
            not one.asks_for_card and not one.first.source == one.again.source == HERE
            for one in self.result.doubled
        )

    def corrects_beside_others(self, mine: Sequence[Piece]) -> bool:
        """True where the new lists correct what stands, beside another part that may be corrected
        next, and nothing is twice in the new lists alone."""
        parts = {piece.key for piece in mine}
        beside = any(old.key not in parts or old.is_amending for old in self.kept)
        by_itself = any(
            one.first.source == one.again.source == HERE and not one.asks_for_card
            for one in self.result.doubled
        )
        return self.corrects and beside and not by_itself


def take_return(
    sent: Sequence[ListedChild], earlier: Sequence[Piece], mine: Sequence[Piece]
) -> ReturnReading:
    """Return the way to take a return that adds up, the likeliest first; else one that may add up
    once another part is corrected too; else the likeliest.

    `earlier` in order of time. A correction that still waits is left out where the new list fits
    only without it.
    """
    ways: list[ReturnReading] = []
    for way in _ways(sent, earlier, mine):
        if way.adds_up:
            return way
        ways.append(replace(way, was_whole=_is_whole(sent, earlier)))
    return next((way for way in ways if way.corrects_beside_others(mine)), ways[0])


def _is_whole(sent: Sequence[ListedChild], earlier: Sequence[Piece]) -> bool:
    rows = [row for piece in earlier if piece.is_settled for row in piece.rows]
    return bool(rows) and not reconcile(sent, rows).missing


def _ways(
    sent: Sequence[ListedChild], earlier: Sequence[Piece], mine: Sequence[Piece]
) -> Iterator[ReturnReading]:
    told = _SentChildren(sent)
    firm = [piece for piece in earlier if not piece.is_amending]
    groups = [earlier] if len(firm) == len(earlier) else [earlier, firm]
    for group in groups:
        yield _way(sent, group, mine, told.one_child)
        if any(_same_part(new, old) for new in (*group, *mine) for old in group):
            yield _way(sent, group, mine, lambda _new, _old: True)
        denied = [old for old in group if told.denied(old, mine)]
        if denied:
            rest = [old for old in group if old not in denied]
            way = _way(sent, rest, mine, told.one_child)
            yield replace(way, replaced=(*way.replaced, *denied))


def _way(
    sent: Sequence[ListedChild],
    earlier: Sequence[Piece],
    mine: Sequence[Piece],
    corrects: Callable[[Piece, Piece], bool],
) -> ReturnReading:
    kept: list[Piece] = []
    for piece in earlier:
        if not piece.is_settled:
            kept = _without(kept, [piece], corrects)
        kept.append(piece)
    kept = _without(kept, mine, corrects)
    rows = [row for piece in (*kept, *mine) for row in piece.rows]
    replaced = tuple(piece for piece in earlier if piece not in kept)
    result = reconcile(sent, rows)
    return ReturnReading(tuple(kept), replaced, result, not_asked_for(rows, result.doubled))


def _without(
    kept: Iterable[Piece], new: Sequence[Piece], corrects: Callable[[Piece, Piece], bool]
) -> list[Piece]:
    return [
        old for old in kept if not any(_same_part(one, old) and corrects(one, old) for one in new)
    ]


def _same_part(new: Piece, old: Piece) -> bool:
    """True for lists of one part in two drops: two sheets of one file are never each other's
    corrections."""
    return new.key == old.key and new.drop != old.drop


class _SentChildren:
    """Of which children that were sent a list tells, and what."""

    def __init__(self, sent: Sequence[ListedChild]) -> None:
        self._sent = sent
        self._known: dict[int, Mapping[int, Category]] = {}

    def __call__(self, piece: Piece) -> Mapping[int, Category]:
        """Return child → the list of the three in which it stands there."""
        if id(piece) not in self._known:
            pairs = reconcile(self._sent, piece.rows).pairs
            self._known[id(piece)] = {id(pair.sent): pair.came.category for pair in pairs}
        return self._known[id(piece)]

    def one_child(self, new: Piece, old: Piece) -> bool:
        """True where two lists tell of one child. One that tells of nobody who is on the list sent
        now has had its day."""
        return not self(old) or not self(old).keys().isdisjoint(self(new))

    def denied(self, old: Piece, mine: Sequence[Piece]) -> bool:
        """True for a list of another part of which nothing is left: the new lists say otherwise of
        every child on it. It could not be corrected, for an empty list is no list."""
        now = {child: said for piece in mine for child, said in self(piece).items()}
        then = self(old)
        apart = all(old.key != piece.key for piece in mine)
        return apart and bool(then) and all(now.get(c, said) != said for c, said in then.items())
