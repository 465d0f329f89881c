"""Which form a table is of: every header of a sheet weighed against every known form."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from bhyt_filedrop.domain.forms.birth_parts import join_births
from bhyt_filedrop.domain.forms.columns import Mapping, map_columns
from bhyt_filedrop.domain.forms.compiled import Compiled, vocabulary
from bhyt_filedrop.domain.forms.continued import join_continued
from bhyt_filedrop.domain.forms.headers import Header, find_headers
from bhyt_filedrop.domain.forms.headings import Line, lines_of
from bhyt_filedrop.domain.forms.name_parts import join_names, name_parts
from bhyt_filedrop.domain.forms.rows import RowReader, TableRows, without_zeros
from bhyt_filedrop.domain.forms.same_above import fill_from_above
from bhyt_filedrop.domain.forms.spec import Column
from bhyt_filedrop.domain.forms.texts import SheetText, folded

_ENOUGH_COLUMNS = 3
_TELLING_COLUMNS = 5  # a form of fewer required columns is no form that columns alone could tell
_OTHER_TITLE = re.compile(
    r"(danh sach|bang|so (?!\d)|bao cao|thong ke|tong hop|phieu|lich|ho so|to khai|bien ban)\b"
)
"""How the title of a list begins, whatever list it is."""
_TITLE_ROWS = 40  # titles stand within so many rows above their table


@dataclass
class FoundTable:
    """One table of one form on one sheet, with all that was read around it."""

    texts: SheetText
    form: Compiled
    header: Header
    mapping: Mapping
    lines: tuple[Line, ...]
    score: float
    rows: TableRows = field(default_factory=TableRows)
    titled_section: str = ""
    """The section that the title itself names, where the list is one section alone."""

    @property
    def sheet(self) -> str:
        """The sheet's name."""
        return self.texts.sheet.name

    @property
    def lacking(self) -> tuple[Column, ...]:
        """The required columns that are not there."""
        return self.form.missing(self.mapping.columns)


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A form that came close without matching: what it lacks, and whether its header was found."""

    form: Compiled
    lacking: tuple[Column, ...]
    score: float
    headed: bool = True


def find_tables(
    texts: SheetText, forms: Sequence[Compiled]
) -> tuple[list[FoundTable], NearMiss | None]:
    """Return the tables of a sheet from the top down; else the form that came closest."""
    words = vocabulary(tuple(form.spec for form in forms))
    headers = find_headers(texts, words)
    found: list[FoundTable] = []
    misses: list[NearMiss] = []
    for number, header in enumerate(headers):
        above = headers[number - 1].last_row + 1 if number else 1
        below = headers[number + 1].first_row - 1 if number + 1 < len(headers) else texts.height
        table, miss = _weigh(texts, header, above, below, forms, found)
        if table is None:
            misses.extend([miss] if miss else [])
            continue
        if parts := name_parts(header, table.form, table.mapping):
            name = table.mapping.columns["name"]
            join_names(texts, name, parts, header.last_row + 1, below)
        reader = RowReader(texts, table.form, table.mapping.columns, table.mapping.declared, words)
        section = _first_section(table, found)
        join_births(texts, header, table.form, table.mapping, header.last_row + 1, below)
        columns = table.mapping.columns
        table.rows.continued += join_continued(
            texts, table.form, columns, header.last_row + 1, below
        )
        reader.read(header.last_row + 1, below, section, table.rows)
        fill_from_above(texts, table.mapping.columns, table.rows.children)
        if table not in found:
            found.append(table)
    if not headers:
        misses.extend(_by_title_alone(texts, forms))
    return found, max(misses, key=lambda miss: miss.score, default=None)


def _weigh(
    texts: SheetText,
    header: Header,
    above: int,
    below: int,
    forms: Sequence[Compiled],
    before: Sequence[FoundTable],
) -> tuple[FoundTable | None, NearMiss | None]:
    top = max(above, header.first_row - _TITLE_ROWS)
    if before:
        top = max(top, before[-1].rows.last_row + 1)
    lines = lines_of(texts, top, header.first_row - 1)
    if before and _goes_on(header, lines, before[-1]):
        return before[-1], None
    title = folded(" ".join([*(line.text for line in lines), texts.sheet.name]))
    headings = _short_rows(texts, header.last_row + 1, below)
    best = max(
        (_score(texts, header, form, title, headings, lines) for form in forms),
        key=lambda table: table.score,
    )
    if _is_good_enough(best, title):
        return best, None
    lacking = best.form.missing(_speaking_fields(best.mapping, best.form, title))
    return None, NearMiss(best.form, lacking, best.score)


def _score(
    texts: SheetText,
    header: Header,
    form: Compiled,
    title: str,
    headings: Sequence[str],
    lines: tuple[Line, ...],
) -> FoundTable:
    """Weigh one form: its columns first, then its titles and sections, then what does not fit."""
    mapping = map_columns(header, form, texts.sheet.hidden_columns)
    lacking = form.missing(_speaking_fields(mapping, form, title))
    sections = {s.id for h in headings if (s := form.section_of(h))}
    wanted = [s for s in form.spec.sections if s.required]
    score = (
        6.0 * (1 - len(lacking) / max(form.required, 1))
        + 0.1 * len(mapping.columns)
        + 0.1 * mapping.understood
        - 0.3 * len(mapping.unknown)
        - 0.5 * len(lacking)
        + 4.0 * form.is_titled(title)
        + 1.0 * sum(bool(p.search(title)) for p in form.signs)
        - 4.0 * any(p.search(title) for p in form.not_titles)
        + 1.5 * len(sections)
        - 1.0 * sum(s.id not in sections for s in wanted)
    )
    return FoundTable(texts, form, header, mapping, lines, score)


def _short_rows(texts: SheetText, first: int, last: int) -> list[str]:
    """The folded texts of rows with few cells, each once: the only ones that can be section
    headings. A sheet that was numbered to its end has a million of such rows."""
    rows = (without_zeros(texts.row(n)) for n in range(first, last + 1))
    short = (folded(" ".join(row.values())) for row in rows if 0 < len(row) <= 4)
    return list(dict.fromkeys(short))


def _goes_on(header: Header, lines: Sequence[Line], before: FoundTable) -> bool:
    """True where a header only repeats the one before it, after a page break.

    It may repeat a part of it, but may move no column; a title above it begins a new list.
    """
    if any(p.search(folded(line.text)) for line in lines for p in before.form.titles):
        return False
    again = map_columns(header, before.form, before.texts.sheet.hidden_columns).columns
    same = [before.mapping.columns.get(name) == column for name, column in again.items()]
    return (
        len(same) >= _ENOUGH_COLUMNS
        and all(same)
        and (not lines or len(again) == len(before.mapping.columns))
    )


def _is_good_enough(table: FoundTable, title: str) -> bool:
    """True where a form's title stands above two fifths of its columns, or else two thirds tell it.

    A list of something else has names, births and a number row too; and where another title stands
    above it, it is ours only if no column of a long form is lacking.
    """
    columns, form = _speaking_fields(table.mapping, table.form, title), table.form
    if "name" not in columns or len(columns) < _ENOUGH_COLUMNS:
        return False
    lacking = len(form.missing(columns))
    if form.is_titled(title):
        return lacking * 5 <= form.required * 3
    if not form.is_signed(title) and any(_OTHER_TITLE.match(t) for t in _texts(table.lines)):
        return not lacking and form.required >= _TELLING_COLUMNS
    return lacking * 3 <= form.required


def _speaking_fields(mapping: Mapping, form: Compiled, title: str) -> Collection[str]:
    """The fields that speak for a form: those of the number row do so only below its title."""
    return mapping.columns if form.is_titled(title) else mapping.worded


def _texts(lines: Iterable[Line]) -> Iterator[str]:
    return (folded(text) for line in lines for _, text in line.cells)


def _first_section(table: FoundTable, before: Sequence[FoundTable]) -> str:
    """The section of rows that no heading precedes: the one in hand before a page break, else as
    the title or the sheet's name says, else the form's own assumption."""
    if before and table.form is before[-1].form and (table is before[-1] or _is_open(before[-1])):
        return before[-1].rows.section
    for text in (*(folded(line.text) for line in table.lines), folded(table.sheet)):
        if found := table.form.section_said_in(text):
            table.titled_section = found.id
            return found.id
    return table.form.spec.assumed_section


def _is_open(table: FoundTable) -> bool:
    """True where a section heading was the last thing under a header: its rows are yet to come."""
    return table.rows.sections.get(table.rows.section) == table.rows.last_row


def _by_title_alone(texts: SheetText, forms: Sequence[Compiled]) -> Iterator[NearMiss]:
    title = folded(" ".join(texts.line(n) for n in range(1, min(texts.height, _TITLE_ROWS) + 1)))
    for form in forms:
        hits = sum(bool(p.search(title)) for p in form.titles)
        if hits and not any(p.search(title) for p in form.not_titles):
            yield NearMiss(form, (), float(hits), headed=False)
