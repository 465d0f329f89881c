"""What derivation works on and what it wants, as values: lists that stand, a list to be made."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from hashlib import sha256
from typing import Any

from bhyt_filedrop.domain.derive.drafts import RegisterRow
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListKey, ListRecord
from bhyt_filedrop.domain.lists.states import IN_FORCE, ListState
from bhyt_filedrop.domain.process.rounds import Round

Children = tuple[ListedChild, ...]


@dataclass(frozen=True)
class Inputs:
    """The standing lists of a round, and how to fetch the children of one."""

    round: Round
    records: tuple[ListRecord, ...]
    children: Callable[[str, int], Children]
    register: Callable[[], Sequence[RegisterRow]] = tuple
    """Reads the card register of a database; empty where none is configured."""
    ever: Callable[[Sequence[str]], tuple[ListRecord, ...]] = lambda _handoffs: ()
    """Fetches the accepted lists of some hand-offs and those that were replaced, the oldest
    first."""

    def accepted(self, handoffs: Sequence[str]) -> tuple[ListRecord, ...]:
        """Return the accepted lists of some hand-offs."""
        return tuple(r for r in self.records if r.key.handoff in handoffs and r.is_accepted)

    def in_force(self, handoffs: Sequence[str]) -> tuple[ListRecord, ...]:
        """Return the lists of some hand-offs that stand or wait; where a correction waits, without
        those in whose place it would stand."""
        mine = [r for r in self.records if r.key.handoff in handoffs and r.state in IN_FORCE]
        amended = {r.key for r in mine if r.state == ListState.AMENDING}
        return tuple(r for r in mine if r.key not in amended or r.state == ListState.AMENDING)

    def of(self, handoffs: Sequence[str]) -> Children:
        """Return all children of some hand-offs' accepted lists."""
        return self.rows(self.accepted(handoffs))

    def rows(self, records: Iterable[ListRecord]) -> Children:
        """Return all children of some lists."""
        return tuple(child for r in records for child in self.children(r.drop, r.seq))

    def by_sender(self, handoffs: Sequence[str]) -> dict[str, Children]:
        """Return the children of some hand-offs' accepted lists, by who gave them."""
        return self._by(handoffs, lambda r: r.key.sender)

    def by_receiver(self, handoffs: Sequence[str]) -> dict[str, Children]:
        """Return the children of some hand-offs' accepted lists, by who got them."""
        return self._by(handoffs, lambda r: r.key.receiver)

    def _by(
        self, handoffs: Sequence[str], unit: Callable[[ListRecord], str]
    ) -> dict[str, Children]:
        found: dict[str, Children] = {}
        for r in self.accepted(handoffs):
            found[unit(r)] = found.get(unit(r), ()) + self.children(r.drop, r.seq)
        return found


@dataclass(frozen=True, slots=True)
class Out:
    """One copy of a derived list: for whom, in which sub-folder of the inbox, called what.

    `stable_name` is for drafts: each new one takes the place of the one before.
    """

    unit: str
    label: str
    subfolder: str = ""
    stable_name: str = ""


@dataclass(frozen=True)
class Wanted:
    """One derived list as it should be now. `recipe` says how its workbook is made."""

    key: ListKey
    form: str
    children: Children
    outs: tuple[Out, ...]
    recipe: Mapping[str, Any]
    tells: bool = True
    """The receiver gets a letter."""
    is_ready: bool = True
    """False for a draft that nobody should confirm yet."""
    note: str = ""
    replaces: tuple[ListKey, ...] = ()
    """Lists of other keys that it takes the place of: the draft, when the final list goes out."""
    retires: tuple[Out, ...] = ()
    """The copies of these lists that are taken away: nobody may take an old draft for the list."""
    extra: str = field(default="")
    """What else makes it another list although its children are the same."""

    @property
    def is_draft(self) -> bool:
        """True for what an office is only offered: it waits for nobody's approval."""
        return bool(self.outs) and all(out.stable_name for out in self.outs)

    @cached_property
    def basis(self) -> str:
        """A digest of what the list says, wherever its children stood in the files."""
        told = [_what_it_says(child) for child in self.children]
        text = json.dumps([told, self.extra], ensure_ascii=False, sort_keys=True)
        return sha256(text.encode()).hexdigest()


_WHERE = ("file", "sheet", "row", "cell", "cells", "outside")
_TOLD = tuple(one.name for one in fields(ListedChild) if one.name not in _WHERE)


def _what_it_says(child: ListedChild) -> dict[str, Any]:
    """What an older version of the product did not know of is told only where it says something,
    so that an update makes no list anew."""
    told = {name: getattr(child, name) for name in _TOLD}
    return told | ({"outside": True} if child.outside else {})
