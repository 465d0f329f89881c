"""What stands before the places of an address: a house and its street.

Thousands of houses stand in a few dozen wards. Where the street at the front can have no part in
which places are named, an address is read by what stands behind it, once for all its houses.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from bhyt_filedrop.domain.cells.kept import forgettable
from bhyt_filedrop.domain.places.names import DISTRICT_MARKS, WARD_MARKS, Book
from bhyt_filedrop.domain.places.reading import FLOORS, AddressReading
from bhyt_filedrop.domain.places.strangers import WORDS_AROUND_MARKS
from bhyt_filedrop.domain.places.streets import holds_street
from bhyt_filedrop.domain.places.tokens import tokens_of

_FRONT_ENDS = re.compile(r",| - ")
_HOUSE = "0123456789/ "
_LONGEST = 300
"""Letters; of a longer text not all is read."""
_MARKS = frozenset(word for mark in (*WARD_MARKS, *DISTRICT_MARKS) for word in mark.split())
_PROVINCE = frozenset({"tinh", "t"})


class Front(NamedTuple):
    """A street without a word that may say anything of a place."""

    toned: bool
    """True where it is written with diacritics: the places behind it then are, too."""


class Fronts:
    """Tells the streets that say nothing of places, by the names of one configuration."""

    def __init__(self, book: Book) -> None:
        dashed = {word for name in book.dashed for word in name.split()}
        self._telling = (
            _MARKS | _PROVINCE | FLOORS | WORDS_AROUND_MARKS | book.whole_begins | dashed
        )
        self._front = forgettable(lru_cache(maxsize=16384)(self._read))

    def split(self, text: str) -> tuple[str, Front, str] | None:
        """Part a repaired address into its front and what stands behind; None where the front may
        have a part in what is named."""
        end = _FRONT_ENDS.search(text)
        if not end or len(text) > _LONGEST:
            return None
        at = end.start()
        front = self._front(text[:at].lstrip(_HOUSE))
        return (text[:at], front, text[at:]) if front else None

    def _read(self, street: str) -> Front | None:
        tokens = tokens_of(street)
        if not self._telling.isdisjoint(token.text for token in tokens) or not holds_street(tokens):
            return None
        return Front(any(not token.typed.isascii() for token in tokens))


def rests_on_its_end(reading: AddressReading, front: str) -> bool:
    """True where nothing in a reading came from its front: a ward with its mark, which ends every
    search for bare names, and more than the city's name stand behind it."""
    length = len(tokens_of(front))
    return reading.end > length and any(one.level == "ward" for one in reading.mentions)
