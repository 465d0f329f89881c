"""A form's declaration made ready for looking things up: headers and patterns, folded once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bhyt_filedrop.domain.cells.text import fold
from bhyt_filedrop.domain.forms.spec import Column, FormSpec, Section

Pattern = re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Compiled:
    """One form, compiled. `headers` maps a folded header to its column."""

    spec: FormSpec
    headers: dict[str, Column]
    numbers: dict[str, Column]
    titles: tuple[Pattern, ...]
    signs: tuple[Pattern, ...]
    not_titles: tuple[Pattern, ...]
    sections: tuple[tuple[Section, tuple[Pattern, ...], frozenset[str]], ...]

    def is_titled(self, title: str) -> bool:
        """True where the folded text above a table holds a title of the form."""
        return any(p.search(title) for p in self.titles)

    def is_signed(self, title: str) -> bool:
        """True where the text above a table holds a lesser sign of the form."""
        return any(p.search(title) for p in self.signs)

    def section_of(self, heading: str) -> Section | None:
        """Return the section that a folded heading names, by its words or its mark alone."""
        for section, patterns, marks in self.sections:
            if heading in marks or any(p.search(heading) for p in patterns):
                return section
        return None

    def section_marked(self, mark: str) -> Section | None:
        """Return the section of a folded mark (I, II, III) that stands before other words."""
        return next((section for section, _, marks in self.sections if mark in marks), None)

    def section_said_in(self, title: str) -> Section | None:
        """Return the section whose heading words stand in a folded title."""
        for section, patterns, _ in self.sections:
            if any(p.search(title) for p in patterns):
                return section
        return None

    def missing(self, fields: Iterable[str]) -> tuple[Column, ...]:
        """Return the required columns that are neither among `fields` nor replaced there."""
        there = set(fields)
        return tuple(c for c in self.spec.columns if c.required and not _is_there(c, there))

    @property
    def required(self) -> int:
        """How many columns the form requires."""
        return sum(c.required for c in self.spec.columns)


def _is_there(column: Column, fields: set[str]) -> bool:
    return column.field in fields or bool(column.instead and fields.issuperset(column.instead))


@lru_cache(maxsize=64)
def compile_form(spec: FormSpec) -> Compiled:
    """Fold a form's headers and compile its patterns; the first column to claim a header has it."""
    headers: dict[str, Column] = {}
    numbers: dict[str, Column] = {}
    for column in spec.columns:
        for header in column.headers:
            headers.setdefault(fold(header), column)
    # What a program exports is headed by the same words in one: mathebhyt, NgayVao.
    for header, column in list(headers.items()):
        headers.setdefault(header.replace(" ", ""), column)
    for column in spec.columns:
        for label in column.numbers:
            numbers.setdefault(label.casefold(), column)
    return Compiled(
        spec,
        headers,
        numbers,
        _compile(spec.titles),
        _compile(spec.signs),
        _compile(spec.not_titles),
        tuple(
            (s, _compile(s.headings), frozenset(fold(mark) for mark in s.marks))
            for s in spec.sections
        ),
    )


def _compile(patterns: Iterable[str]) -> tuple[Pattern, ...]:
    return tuple(re.compile(pattern) for pattern in patterns)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every header word sequence of a set of forms: whole headers, and their upper and lower parts.

    A cell whose text is in it looks like a piece of a header.
    """

    pieces: frozenset[str]

    def __contains__(self, text: str) -> bool:
        return text in self.pieces


@lru_cache(maxsize=16)
def vocabulary(forms: Sequence[FormSpec]) -> Vocabulary:
    """Gather the vocabulary of several forms; `forms` must be a tuple."""
    pieces: set[str] = set()
    for form in forms:
        for header in compile_form(form).headers:
            words = header.split()
            pieces.update(" ".join(words[:n]) for n in range(1, len(words) + 1))
            pieces.update(" ".join(words[n:]) for n in range(len(words)))
    return Vocabulary(frozenset(p for p in pieces if len(p) > 1))
