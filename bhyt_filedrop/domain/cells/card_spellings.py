"""Whether two numbers are one card, or one person: a card is written in more than one way.

Fifteen characters (`TE1790000000001`) and their last ten digits alone, the social insurance number
that may stand instead since 2021, are one child's. So is the benefit digit another. A personal
number of twelve digits has nothing in common with either: it is one child's with them where a list
has both, or where name, birth and parent say so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Generic, TypeVar

T = TypeVar("T")

_PREFIX = len("TE1")
PERSONAL = 12
"""Digits of a personal identification number, which has nothing in common with a card's."""
NUMBER = 10
"""Digits of the number proper, the last ones of every spelling."""


def same_card(one: str, other: str) -> bool:
    """True where two numbers as read (`people.read_card`) are one card; "" is nobody's.

    Of two whole numbers the province counts too: old cards of two provinces may share ten digits.
    """
    if not one:
        return False
    if PERSONAL in (len(one), len(other)):
        return one == other
    if len(one) > NUMBER and len(other) > NUMBER:
        return one[_PREFIX:] == other[_PREFIX:]
    return one[-NUMBER:] == other[-NUMBER:]


def are_two_cards(one: str, other: str) -> bool:
    """True where two numbers are certainly two cards.

    A personal number and a card's tell nothing of each other: only who bears them can, or a list
    that has both.
    """
    told = bool(one and other) and (len(one) == PERSONAL) == (len(other) == PERSONAL)
    return told and not same_card(one, other)


class CardIndex(Generic[T]):
    """Finds what is kept under a card's number, however the number is written."""

    def __init__(self) -> None:
        self._kept: dict[str, list[tuple[str, T]]] = defaultdict(list)

    def add(self, number: str, value: T) -> None:
        """Keep a value under a number."""
        self._kept[number[-NUMBER:]].append((number, value))

    def add_all(self, numbers: Iterable[str], value: T) -> None:
        """Keep a value under each number that one child is known by."""
        for number in numbers:
            self.add(number, value)

    def find(self, number: str) -> list[T]:
        """Return what is kept under the same card, in the order it was added."""
        kept = self._kept.get(number[-NUMBER:], ())
        return [value for known, value in kept if same_card(known, number)]


_PROVINCE_DIGITS = (
    "001 002 004 006 008 010 011 012 014 015 017 019 020 022 024 025 026 027 030 031 033 034 "
    "035 036 037 038 040 042 044 045 046 048 049 051 052 054 056 058 060 062 064 066 067 068 "
    "070 072 074 075 077 079 080 082 083 084 086 087 089 091 092 093 094 095 096 "
)
_PROVINCES = frozenset(_PROVINCE_DIGITS.split())
"""Where a birth may be registered: the 63 provinces of before 07/2025 keep their digits."""
_CENTURY = 3
_YEAR = slice(4, 6)
_BORN_SINCE_2000 = frozenset("23")


def unfitting(number: str, birth_year: int | None, sex: str) -> tuple[str, ...]:
    """Return what of a personal number does not fit the child: `province`, `sex`, `year`.

    Three digits of the province, one of century and sex (2000-2099: 2 boy, 3 girl), two of the year
    (137/2015/NĐ-CP, Điều 13). `birth_year` None and `sex` "" are not compared.
    """
    found = [] if number[:_CENTURY] in _PROVINCES else ["province"]
    century, second = divmod(int(number[_CENTURY]), 2)
    if sex and second != (sex == "nu"):
        found.append("sex")
    if birth_year is not None and 1900 + 100 * century + int(number[_YEAR]) != birth_year:
        found.append("year")
    return tuple(found)


def own_number(number: str, birth: str) -> str:
    """Return a personal number where it is the child's own, "" where it may be a parent's.

    Its twelve digits tell century and year of the birth (137/2015/NĐ-CP, Điều 13). `birth` is ISO,
    or the year alone.
    """
    if len(number) != 12 or not number.isdigit() or len(birth) < len("2014"):
        return ""
    fits = number[_CENTURY] in _BORN_SINCE_2000 and birth.startswith(f"20{number[_YEAR]}")
    return number if fits else ""


def numbers_of(card: str, id_number: str, birth: str) -> tuple[str, ...]:
    """Return the numbers that a row says are its child's: the card's, and the personal number where
    that stands beside it (D03-TS); so a list with both tells that they are one."""
    return tuple(dict.fromkeys(n for n in (card, own_number(id_number, birth)) if n))
