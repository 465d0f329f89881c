"""Which column of a sheet is which field of a form: by its header's words, else by its number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bhyt_filedrop.domain.forms.compiled import Compiled
from bhyt_filedrop.domain.forms.headers import Header
from bhyt_filedrop.domain.forms.spec import Column


@dataclass(frozen=True, slots=True)
class Mapping:
    """Field → 1-based column, and field → the declared column it was recognised as."""

    columns: dict[str, int]
    declared: dict[str, Column]
    unknown: tuple[int, ...]
    """Columns with a header that the form does not know."""
    understood: int
    """How many columns were recognised by their words."""
    worded: frozenset[str]
    """The fields whose columns say so in words, be it in their first words: not the number row."""


def map_columns(header: Header, form: Compiled, hidden: frozenset[int]) -> Mapping:
    """Match a header's columns to a form's fields.

    Words first, since a clerk who moves a column moves its heading; then the number row, where the
    words that were understood agree with it; last, headings that only begin with known words.
    Where two columns claim a field the one in sight wins, then the fuller reading, then the left.
    """
    taken: dict[str, tuple[int, Column]] = {}
    _claim(taken, _by_words(header, form, hidden))
    understood = len(taken)
    numbered = dict(taken)
    if _numbers_agree(header, form, taken):
        _claim(numbered, _by_number(header, form))
    by_number = numbered.keys() - taken.keys()
    taken = numbered
    _claim(taken, _by_beginning(header, form, taken))
    used = {column for column, _ in taken.values()}
    return Mapping(
        {name: column for name, (column, _) in taken.items()},
        {name: declared for name, (_, declared) in taken.items()},
        tuple(column for column in header.levels if column not in used),
        understood,
        frozenset(taken.keys() - by_number),
    )


Claims = Iterable[tuple[int, Column]]


def _claim(taken: dict[str, tuple[int, Column]], claims: Claims) -> None:
    used = {column for column, _ in taken.values()}
    for column, declared in claims:
        if declared.field not in taken and column not in used:
            taken[declared.field] = (column, declared)
            used.add(column)


def _by_words(header: Header, form: Compiled, hidden: frozenset[int]) -> Claims:
    found = []
    for column in header.levels:
        for reading in header.readings(column):
            declared = form.headers.get(reading)
            if declared:
                found.append((column in hidden, -len(reading.split()), column, declared))
                break
    found.sort(key=lambda claim: claim[:3])
    return [(column, declared) for _, _, column, declared in found]


def _numbers_agree(header: Header, form: Compiled, taken: dict[str, tuple[int, Column]]) -> bool:
    """True where most columns whose words were understood carry the label the form gives them.

    Offices renumber a form from which they took columns; then the numbers mean nothing.
    """
    labelled = [
        header.labels[column] in {n.casefold() for n in declared.numbers}
        for column, declared in taken.values()
        if column in header.labels and declared.numbers
    ]
    return sum(labelled) * 2 >= len(labelled)


def _by_number(header: Header, form: Compiled) -> Claims:
    for column, label in header.labels.items():
        if declared := form.numbers.get(label):
            yield column, declared


def _by_beginning(header: Header, form: Compiled, taken: dict[str, tuple[int, Column]]) -> Claims:
    used = {column for column, _ in taken.values()}
    known = sorted(
        ((h, c) for h, c in form.headers.items() if " " in h), key=lambda kv: -len(kv[0])
    )
    for column in header.levels:
        if column in used:
            continue
        for reading in header.readings(column):
            found = next((c for h, c in known if reading.startswith(h + " ")), None)
            if found:
                yield column, found
                break
