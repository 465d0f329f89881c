"""For whom a ward's D03-TS has to ask a card, as its other list says (1331/BHXH-THU, 5.2.4)."""

from __future__ import annotations

from collections.abc import Sequence

from bhyt_filedrop.domain.derive.merge import fill
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.reconcile import came_of, reconcile, wanted_cards

Children = tuple[ListedChild, ...]


def card_requests(sent: Sequence[ListedChild], came: Sequence[ListedChild]) -> Children:
    """Return the children whose cards are to be asked for, in the order of the list sent.

    Each tells what came back of it (the hospital that its parents chose, a newborn's name),
    completed by what was sent.
    """
    rows = came_of(came)
    found = reconcile(sent, rows)
    waiting, in_no_list = wanted_cards(found, rows)
    open_rows = {id(row.child) for row in waiting}
    filled = {
        id(pair.sent): fill(pair.sent, [pair.came.child])
        for pair in found.pairs
        if id(pair.came.child) in open_rows and pair.how != "sent-twice"
    }
    filled |= {id(child): child for child in in_no_list}
    return tuple(filled[id(child)] for child in sent if id(child) in filled)
