"""By what two rows are the same child, from certain to likely; shared by all derived lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from bhyt_filedrop.domain.cells.parents import read_parent
from bhyt_filedrop.domain.cells.text import fold, tone_blind
from bhyt_filedrop.domain.lists.children import ListedChild

T = TypeVar("T")


def exact_key(child: ListedChild) -> str:
    """Name, birth and parent, diacritics counting."""
    return "|".join((tone_blind(child.name), child.birth, tone_blind(read_parent(child.parent))))


def loose_key(child: ListedChild) -> str:
    """Name and birth, diacritics not counting: a candidate, certain only where it is unique."""
    return f"{fold(child.name)}|{child.birth}"


def gather_by(rows: Iterable[T], key: Callable[[T], str]) -> dict[str, list[T]]:
    """Gather rows by a key, in their order."""
    found: dict[str, list[T]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found


def full_birth(birth: str) -> bool:
    """True where day, month and year of a birth are known (`2014-03-05`)."""
    return len(birth) == len("2014-03-05")


def births_agree(a: str, b: str) -> bool:
    """True where both are told and the shorter is the beginning of the longer (`2014`)."""
    return bool(a and b) and (a.startswith(b) or b.startswith(a))
