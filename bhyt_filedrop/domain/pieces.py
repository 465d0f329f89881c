"""Which lists of one return stand together, when it comes in pieces over days.

A list of the same part as an earlier one is its correction where both tell of one child, and takes
its place; else it is a further list (1331/BHXH-THU, 5.2.4 has three lists, and form 4 holds two of
them; D03-TS comes in batches; a child that was added later is answered by itself). Where that does
not add up, other ways to take the return are tried before anybody is told of a fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from bhyt_filedrop.domain.drops import ListKey, ListRecord
from bhyt_filedrop.domain.reconcile import Came, Reconciled, came_of, reconcile
from bhyt_filedrop.domain.rolls import ListedChild

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
        return self.record is not None and self.record.state == "accepted"

    @property
    def is_amending(self) -> bool:
        """True for a correction that waits for another part's correction."""
        return self.record is not None and self.record.state == "amending"

    @property
    def is_decided(self) -> bool:
        """True where it is part of a return that was whole, or corrects one."""
        return self.is_settled or self.is_amending

    @property
    def rows(self) -> tuple[Came, ...]:
        """Its rows as reconciliation takes them."""
        return came_of(self.children, source=self.drop, label=self.label)


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to take a return: the earlier lists that stand beside the new ones, and those whose
    place was taken. Lists that were left out altogether stand in neither."""

    kept: tuple[Piece, ...]
    replaced: tuple[Piece, ...]
    result: Reconciled

    @property
    def adds_up(self) -> bool:
        """True where every child that was sent is back once, and the new lists hold nobody else."""
        twice = any(not one.asks_for_card for one in self.result.doubled)
        strangers = any(one.source == HERE for one in self.result.unknown)
        return not (self.result.missing or twice or strangers)

    def corrects_beside_others(self, mine: Sequence[Piece]) -> bool:
        """True where the new lists correct what stands, beside another part that may be corrected
        next, and nothing is twice in the new lists alone."""
        parts = {piece.key for piece in mine}
        corrected = any(old.key in parts for old in self.replaced if old.is_decided)
        beside = any(old.key not in parts for old in self.kept)
        by_itself = any(
            one.first.source == one.again.source == HERE and not one.asks_for_card
            for one in self.result.doubled
        )
        return corrected and beside and not by_itself


def taken(sent: Sequence[ListedChild], earlier: Sequence[Piece], mine: Sequence[Piece]) -> Reading:
    """Return the way to take a return that adds up, the likeliest first; else one that may add up
    once another part is corrected too; else the likeliest.

    `earlier` in order of time. A correction that still waits is left out where the new list fits
    only without it.
    """
    ways: list[Reading] = []
    for way in _ways(sent, earlier, mine):
        if way.adds_up:
            return way
        ways.append(way)
    return next((way for way in ways if way.corrects_beside_others(mine)), ways[0])


def _ways(
    sent: Sequence[ListedChild], earlier: Sequence[Piece], mine: Sequence[Piece]
) -> Iterator[Reading]:
    of_one_child = _told_children(sent)
    firm = [piece for piece in earlier if not piece.is_amending]
    groups = [earlier] if len(firm) == len(earlier) else [earlier, firm]
    for group in groups:
        yield _way(sent, group, mine, of_one_child)
        if any(_same_part(new, old) for new in (*group, *mine) for old in group):
            yield _way(sent, group, mine, lambda _new, _old: True)


def _way(
    sent: Sequence[ListedChild],
    earlier: Sequence[Piece],
    mine: Sequence[Piece],
    corrects: Callable[[Piece, Piece], bool],
) -> Reading:
    kept: list[Piece] = []
    for piece in earlier:
        if not piece.is_settled:
            kept = _without(kept, [piece], corrects)
        kept.append(piece)
    kept = _without(kept, mine, corrects)
    rows = [row for piece in (*kept, *mine) for row in piece.rows]
    replaced = tuple(piece for piece in earlier if piece not in kept)
    return Reading(tuple(kept), replaced, reconcile(sent, rows))


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


def _told_children(sent: Sequence[ListedChild]) -> Callable[[Piece, Piece], bool]:
    """Return what says whether two lists tell of one child. One that tells of nobody who is on the
    list sent now has had its day."""
    known: dict[int, frozenset[int]] = {}

    def told(piece: Piece) -> frozenset[int]:
        if id(piece) not in known:
            pairs = reconcile(sent, piece.rows).pairs
            known[id(piece)] = frozenset(id(pair.sent) for pair in pairs)
        return known[id(piece)]

    def tell_of_one(new: Piece, old: Piece) -> bool:
        return not told(old) or not told(old).isdisjoint(told(new))

    return tell_of_one
