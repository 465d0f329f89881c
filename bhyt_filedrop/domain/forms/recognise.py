"""Find the lists in a workbook: which form, round and unit, and every child with its cells.

Offices shift rows and columns, reorder them, hide them, spread one list over a sheet per ward and
put several lists into one workbook; so nothing here trusts a position.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from bhyt_filedrop.domain.cells.grid import Workbook
from bhyt_filedrop.domain.findings import Finding
from bhyt_filedrop.domain.forms import remarks
from bhyt_filedrop.domain.forms.compiled import compile_form
from bhyt_filedrop.domain.forms.fields import RowFields
from bhyt_filedrop.domain.forms.headings import (
    FoundRound,
    Heading,
    UnitNames,
    find_heading,
    find_round,
)
from bhyt_filedrop.domain.forms.spec import Column, FormSpec
from bhyt_filedrop.domain.forms.submission import ChildRow, Submission, Table
from bhyt_filedrop.domain.forms.tables import FoundTable, NearMiss, find_tables
from bhyt_filedrop.domain.forms.texts import SheetText, folded
from bhyt_filedrop.domain.process.child_codes import common_round
from bhyt_filedrop.domain.process.units import Units

OWN_SHEETS = ("loi can sua", "thay doi so voi ban truoc", "chua co ket qua")
"""The folded names of sheets that we add to what we send (the errors of an annotated copy, what is
new in a corrected list, whom a draft lacks): no list, and no fault either when they come back."""


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a workbook holds: one submission a form, and the findings on forms as a whole."""

    submissions: tuple[Submission, ...]
    findings: tuple[Finding, ...]


def recognise(
    workbook: Workbook, forms: Sequence[FormSpec], units: Units, file: str = ""
) -> Recognition:
    """Find every list in a workbook.

    All tables of one form become one submission. Findings (`form.unrecognised`, `-column-missing`,
    `-section-missing`, `-no-rows`, `-sheet-ignored`, `-hidden-rows`, `-total-wrong`) carry default
    severities and `file`; the hand-off's own are for the caller to apply.
    """
    compiled = [compile_form(form) for form in forms]
    tables: list[FoundTable] = []
    misses: list[NearMiss] = []
    ignored: list[Finding] = []
    for sheet in workbook.sheets:
        texts = SheetText(sheet)
        if not any(texts.rows) or folded(sheet.name).startswith(OWN_SHEETS):
            continue
        found, miss = find_tables(texts, compiled)
        tables.extend(found)
        misses.extend([miss] if miss else [])
        if not found and not sheet.hidden:
            ignored.append(remarks.sheet_ignored(sheet.name, file))
    if not tables:
        return Recognition((), (_unrecognised(misses, file),))
    tables, others = _of_newest_round(tables, file)
    names = UnitNames.of(units)
    lists = with_rounds_of_others([_submission(group, names, file) for group in _by_form(tables)])
    findings = [f for group in _by_form(tables) for f in _findings(group, file)]
    return Recognition(tuple(lists), (*findings, *others, *ignored))


def with_rounds_of_others(lists: Sequence[Submission]) -> list[Submission]:
    """Let a list that names no round (D03-TS) be of the one that lies beside it names."""
    newest = max((one.round for one in lists if one.round), default=None)
    return [one if one.round else replace(one, round=newest) for one in lists]


def _unrecognised(misses: Sequence[NearMiss], file: str) -> Finding:
    nearest = max(misses, key=lambda miss: miss.score, default=None)
    if nearest is None or nearest.score <= 0:
        return remarks.unrecognised(file)
    return remarks.unrecognised(file, nearest.form.spec, nearest.lacking, headed=nearest.headed)


def _of_newest_round(
    tables: Sequence[FoundTable], file: str
) -> tuple[list[FoundTable], list[Finding]]:
    """Leave out lists of earlier rounds that lie in the same workbook, and tell of them.

    Offices keep last quarter's sheet beside the new one. A table that names no round goes with
    the newest.
    """
    rounds = [_round_of(table).round for table in tables]
    newest = max((one for one in rounds if one), default=None)
    kept: list[FoundTable] = []
    told: list[Finding] = []
    for table, own in zip(tables, rounds, strict=True):
        if own is None or newest is None or own == newest:
            kept.append(table)
        else:
            told.append(remarks.other_round(table.sheet, own, newest, file))
    return kept, told


def _round_of(table: FoundTable) -> FoundRound:
    """The round that the lines above a table name, else the one of its children's codes."""
    found = find_round(table.lines, table.sheet, months=table.form.spec.rules.visits)
    if found.round or "code" not in table.mapping.columns:
        return found
    return replace(found, round=common_round(row.text("code") for row in _children(table)))


def _by_form(tables: Iterable[FoundTable]) -> list[list[FoundTable]]:
    groups: dict[str, list[FoundTable]] = {}
    for table in tables:
        groups.setdefault(table.form.spec.id, []).append(table)
    return list(groups.values())


# --- one submission --------------------------------------------------------------------------


def _submission(tables: Sequence[FoundTable], names: UnitNames, file: str) -> Submission:
    spec = tables[0].form.spec
    rounds = [_round_of(table) for table in tables]
    headings = [find_heading(t.lines, names) for t in tables]
    round_ = _first_round(rounds)
    heading = _join(headings)
    return Submission(
        spec.id,
        tuple(_table(t) for t in tables),
        tuple(row for t in tables for row in _children(t)),
        round_.round,
        heading.best,
        file,
        heading.units,
        round_.spot,
        heading.spot,
        names.units.province_codes,
    )


def _first_round(rounds: Sequence[FoundRound]) -> FoundRound:
    """The round that the first table to name one names; else where one was left blank."""
    named = next((r for r in rounds if r.round), None)
    return named or next((r for r in rounds if r.spot), FoundRound())


def _join(headings: Sequence[Heading]) -> Heading:
    """What all sheets' headings say together; several best units are no one unit."""
    best = {h.best for h in headings if h.units}
    return Heading(
        frozenset().union(*(h.units for h in headings)),
        next((h.spot for h in headings if h.spot), None),
        best.pop() if len(best) == 1 else None,
    )


def _table(table: FoundTable) -> Table:
    return Table(
        table.sheet,
        (table.header.first_row, table.header.last_row),
        table.mapping.columns,
        max(table.rows.last_row, table.header.last_row),
        table.rows.sections,
    )


def _children(table: FoundTable) -> Iterator[ChildRow]:
    layout = {
        name: (column, table.mapping.declared[name].kind)
        for name, column in table.mapping.columns.items()
    }
    for number, section in table.rows.children:
        fields = RowFields(table.texts, number, layout)
        yield ChildRow(table.sheet, number, section, fields)


# --- findings on the form --------------------------------------------------------------------


def _findings(tables: Sequence[FoundTable], file: str) -> Iterator[Finding]:
    spec = tables[0].form.spec
    for table in tables:
        yield from _missing_columns(table, spec, file)
    yield from _missing_sections(tables, spec, file)
    if not any(table.rows.children for table in tables):
        yield remarks.no_rows(spec, tables[0].sheet, file)
    for table in tables:
        yield from _hidden(table, file)
        yield from _continued(table, file)
        yield from _wrong_totals(table, tables, file)


def _missing_columns(table: FoundTable, spec: FormSpec, file: str) -> Iterator[Finding]:
    for column in table.lacking:
        yield remarks.column_missing(spec, column, table.sheet, file)


def _missing_sections(tables: Sequence[FoundTable], spec: FormSpec, file: str) -> Iterator[Finding]:
    """A list whose title says that it is one section alone lacks no other."""
    there = {section for table in tables for section in table.rows.sections}
    if titled := {table.titled_section for table in tables} - {""}:
        if not there - titled:
            return
        there |= titled
    for section in spec.sections:
        if section.required and section.id not in there:
            yield remarks.section_missing(spec, section, tables[0].sheet, file)


def _hidden(table: FoundTable, file: str) -> Iterator[Finding]:
    sheet = table.texts.sheet
    if sheet.hidden:
        yield remarks.hidden_sheet(sheet.name, file)
    rows = [row for row, _ in table.rows.children if row in sheet.hidden_rows]
    if rows:
        yield remarks.hidden_rows(sheet.name, rows, table.mapping.columns["name"], file)
    struck = [row for row, _ in table.rows.children if row in sheet.struck_rows]
    if struck:
        yield remarks.struck_rows(sheet.name, struck, table.mapping.columns["name"], file)
    rows_of_children = {row for row, _ in table.rows.children}
    read = frozenset(table.mapping.columns.values())
    parts = sorted(c for c in sheet.struck_parts if c[0] in rows_of_children and c[1] in read)
    if parts:
        yield remarks.struck_text(sheet.name, parts, file)
    for name, column in table.mapping.columns.items():
        if column in sheet.hidden_columns and _is_told(table, name, column):
            title = table.mapping.declared[name].title
            place = (table.header.first_row, column)
            yield remarks.hidden_column(sheet.name, title, name, place, file)


def _continued(table: FoundTable, file: str) -> Iterator[Finding]:
    name = table.mapping.columns["name"]
    for one in (one for one in table.rows.continued if name in one.columns):
        yield remarks.continued(table.sheet, (one.row, name), one.above, file)
    for place in table.rows.unread:
        yield remarks.unread_row(table.sheet, place, table.texts.text(*place), file)


def _is_told(table: FoundTable, name: str, column: int) -> bool:
    """Hidden columns are told of where they hold data; the product's own child code is not."""
    declared: Column = table.mapping.declared[name]
    return declared.kind != "code" and any(
        table.texts.text(row, column) for row, _ in table.rows.children
    )


def _wrong_totals(table: FoundTable, tables: Sequence[FoundTable], file: str) -> Iterator[Finding]:
    so_far = 0
    for other in tables:
        so_far += len(other.rows.children)
        if other is table:
            break
    for total in table.rows.totals:
        if total.stated >= 0 and total.stated not in {*total.counts, so_far}:
            counted = max(total.counts)
            yield remarks.total_wrong(
                table.sheet, (total.row, total.column), total.stated, counted, file
            )
