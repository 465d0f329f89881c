"""Forms that nothing tells apart: which of them a sheet is taken for, their file names decide.

Recognition weighs a sheet against every form (`tables.find_tables`): headings understood, required
columns, titles, signs, sections. Where one form has everything that speaks for another, and
nothing more against it, the other never weighs more: at best it is a draw, and the first file
wins. Kinds of cells and rules weigh nothing. Neither do column numbers where words are given:
words come first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from bhyt_filedrop.domain.cells.text import fold
from bhyt_filedrop.domain.forms.compiled import compile_form
from bhyt_filedrop.domain.forms.spec import Column, FormSpec, Section


def alike(forms: Sequence[FormSpec]) -> Iterator[tuple[FormSpec, FormSpec]]:
    """Yield `(form, other)` where a form has nothing of its own that tells it from another.

    Of two that are the same to recognition the later one is named first.
    """
    for earlier, later in combinations(forms, 2):
        if _never_wins(later, earlier):
            yield later, earlier
        elif _never_wins(earlier, later):
            yield earlier, later


def _never_wins(form: FormSpec, other: FormSpec) -> bool:
    """True where every sheet speaks at least as much for the other form."""
    return (
        set(form.titles) <= set(other.titles)
        and set(form.signs) <= set(other.signs)
        and set(other.not_titles) <= set(form.not_titles)
        and _sections(form.sections) <= _sections(other.sections)
        and _sections(_required(other)) <= _sections(_required(form))
        and _columns_say_no_more(form, other)  # what takes longest is asked last
    )


def _columns_say_no_more(form: FormSpec, other: FormSpec) -> bool:
    """True where the other understands as many columns, and lacks none where the form lacks none.

    What the two call a column is nothing that a sheet shows; two columns of the one that are a
    single column to the other are.
    """
    mine, theirs = _headings(form), _headings(other)
    if not mine.keys() <= theirs.keys():
        return False
    called: dict[str, set[str]] = {}
    for heading, field in mine.items():
        called.setdefault(field, set()).add(theirs[heading])
    all_theirs = [field for fields in called.values() for field in fields]
    return len(all_theirs) == len(set(all_theirs)) and all(
        any(_there_with(column, needed, called) for needed in form.columns)
        for column in other.columns
        if column.required
    )


def _there_with(column: Column, needed: Column, called: Mapping[str, set[str]]) -> bool:
    """True where a column of the other form is there whenever the form's own needed one is."""
    return (
        needed.required
        and called.get(needed.field) == {column.field}
        and (not needed.instead or bool(column.instead))
        and set(column.instead if needed.instead else ()) <= set(needed.instead)
    )


def _headings(form: FormSpec) -> dict[str, str]:
    """What stands over a column → its field; a number only where no words are given."""
    found = {heading: column.field for heading, column in compile_form(form).headers.items()}
    for column in form.columns:
        if not column.headers:
            found |= {f"({number.casefold()})": column.field for number in column.numbers}
    return found


def _required(form: FormSpec) -> Iterable[Section]:
    return (section for section in form.sections if section.required)


def _sections(sections: Iterable[Section]) -> set[tuple[frozenset[str], frozenset[str]]]:
    return {(frozenset(s.headings), frozenset(map(fold, s.marks))) for s in sections}
