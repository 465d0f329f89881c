"""Whether two numbers are one card, or one person: a card is written in more than one way.

Fifteen characters (`TE1790000000001`) and their last ten digits alone, the social insurance number
that may stand instead since 2021, are one child's. So is the benefit digit another.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Generic, TypeVar

T = TypeVar("T")

_PREFIX = len("TE1")
NUMBER = 10
"""Digits of the number proper, the last ones of every spelling."""


def same_card(one: str, other: str) -> bool:
    """True where two numbers as read (`people.read_card`) are one card; "" is nobody's.

    Of two whole numbers the province counts too: old cards of two provinces may share ten digits.
    """
    if not one or not other:
        return False
    if len(one) > NUMBER and len(other) > NUMBER:
        return one[_PREFIX:] == other[_PREFIX:]
    return one[-NUMBER:] == other[-NUMBER:]


class CardIndex(Generic[T]):
    """Finds what is kept under a card's number, however the number is written."""

    def __init__(self) -> None:
        self._kept: dict[str, list[tuple[str, T]]] = defaultdict(list)

    def add(self, number: str, value: T) -> None:
        """Keep a value under a number."""
        self._kept[number[-NUMBER:]].append((number, value))

    def find(self, number: str) -> list[T]:
        """Return what is kept under the same card, in the order it was added."""
        kept = self._kept.get(number[-NUMBER:], ())
        return [value for known, value in kept if same_card(known, number)]


_CENTURY = 3
_YEAR = slice(4, 6)
_BORN_SINCE_2000 = frozenset("23")


def own_number(number: str, birth: str) -> str:
    """Return a personal number where it is the child's own, "" where it may be a parent's.

    Its twelve digits tell century and year of the birth (137/2015/NĐ-CP, Điều 13). `birth` is ISO,
    or the year alone.
    """
    if len(number) != 12 or not number.isdigit() or len(birth) < len("2014"):
        return ""
    fits = number[_CENTURY] in _BORN_SINCE_2000 and birth.startswith(f"20{number[_YEAR]}")
    return number if fits else ""
