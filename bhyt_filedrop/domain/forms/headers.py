"""Where a table's header stands on a sheet, and which text and number stand over each column.

Found by its words or its number row, never by its place: every office shifts rows and columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bhyt_filedrop.domain.forms.compiled import Vocabulary
from bhyt_filedrop.domain.forms.texts import Row, SheetText, folded

MAX_LEVELS = 5
_ENOUGH = 3  # so many header-like cells make a row a header row
_ENOUGH_LABELS = 4
_LONGEST = 80  # no piece of a header is longer, in characters
_LABEL = re.compile(r"[(\[]?\s*(?P<label>-?0?\d{1,2}|[A-Za-z])\s*[)\]]?\.?(?:\s*=.*)?")


@dataclass(frozen=True, slots=True)
class Header:
    """One header: its rows (number row included) and what stands over each column.

    `levels` holds the texts over a column from the top down, group headings spread over the
    columns below them; `labels` the column's label in the number row.
    """

    first_row: int
    last_row: int
    levels: dict[int, tuple[str, ...]]
    labels: dict[int, str] = field(default_factory=dict)

    def readings(self, column: int) -> Iterator[str]:
        """Yield the folded ways to read the header over a column, the fullest first.

        All levels joined, then shorter runs: a row of machine names under the header, or a
        heading over the whole table, must not hide the header itself.
        """
        levels = [folded(text) for text in self.levels.get(column, ())]
        for length in range(len(levels), 0, -1):
            for start in range(len(levels) - length, -1, -1):
                yield " ".join(levels[start : start + length])

    def shown(self, column: int) -> str:
        """Return the header over a column as a person reads it."""
        return " ".join(self.levels.get(column, ()))


def number_labels(row: Row) -> dict[int, str]:
    """Return the labels of a number row by column, or nothing if the row is none.

    Labels are letters or numbers below 41, each once; C79a stores (1)–(24) as negative numbers.
    """
    labels: dict[int, str] = {}
    for column, text in row.items():
        found = _LABEL.fullmatch(text)
        if not found:
            return {}
        labels[column] = found["label"].lstrip("-").lstrip("0").casefold()
    values = list(labels.values())
    small = all(not v.isdigit() or int(v) <= 40 for v in values)
    if len(values) < _ENOUGH_LABELS or len(set(values)) < len(values) or not small or "" in values:
        return {}
    return labels


def is_header_row(row: Row, words: Vocabulary) -> bool:
    """True where at least three cells read like pieces of a header."""
    if len(row) < _ENOUGH:
        return False
    # Folding every cell of every row would cost more than all the rest of recognition.
    candidates = [t for t in row.values() if len(t) <= _LONGEST and not t[0].isdigit()]
    return len(candidates) >= _ENOUGH and sum(folded(t) in words for t in candidates) >= _ENOUGH


def find_headers(texts: SheetText, words: Vocabulary) -> list[Header]:
    """Return the headers of a sheet from the top down, page-break repeats included."""
    found: list[Header] = []
    number = 1
    while number <= texts.height:
        if is_header_row(texts.row(number), words):
            top = found[-1].last_row if found else 0
            header = _header_around(texts, number, words, top)
            if found and _is_empty(texts, top + 1, header.first_row - 1):
                # Machine names right under a number row belong to the header above them.
                found[-1] = replace(found[-1], last_row=header.last_row)
            else:
                found.append(header)
            number = header.last_row
        number += 1
    return found or list(_header_over_numbers(texts))


def _is_empty(texts: SheetText, first: int, last: int) -> bool:
    return not any(texts.row(number) for number in range(first, last + 1))


def _header_around(texts: SheetText, strong: int, words: Vocabulary, above: int) -> Header:
    first = strong
    while first - 1 > above and first > strong - 2 and _is_part(texts.row(first - 1), words):
        first -= 1
    last, labels = strong, dict[int, str]()
    for number in range(strong + 1, strong + MAX_LEVELS + 1):
        row = texts.row(number)
        if found := number_labels(row):
            last, labels = number, found
            break
        if row and (is_header_row(row, words) or _is_part(row, words)):
            last = number
        elif row:
            break
    bottom = last - 1 if labels else last
    return Header(first, last, _levels(texts, first, bottom), labels)


def _is_part(row: Row, words: Vocabulary) -> bool:
    """True where every cell of a row reads like a piece of a header."""
    return bool(row) and all(folded(text) in words for text in row.values())


def _header_over_numbers(texts: SheetText) -> Iterator[Header]:
    """Find a header whose words nobody knows by its number row."""
    for number in range(1, min(texts.height, 60) + 1):
        labels = number_labels(texts.row(number))
        if labels:
            first = number
            while first > 1 and first > number - 3 and len(texts.row(first - 1)) > 1:
                first -= 1
            yield Header(first, number, _levels(texts, first, number - 1), labels)
            return


def _levels(texts: SheetText, first: int, last: int) -> dict[int, tuple[str, ...]]:
    columns = sorted({c for n in range(first, last + 1) for c in texts.row(n)})
    if not columns:
        return {}
    wide = range(columns[0], max(columns[-1], _last_merged(texts, first, last)) + 1)
    rows = [_spread(texts, number, wide, last) for number in range(first, last + 1)]
    return {c: found for c in wide if (found := tuple(row[c] for row in rows if row.get(c)))}


def _last_merged(texts: SheetText, first: int, last: int) -> int:
    ends = (m.last_column for m in texts.sheet.merges if first <= m.first_row <= last)
    return min(max(ends, default=0), 256)


def _spread(texts: SheetText, number: int, columns: range, last: int) -> dict[int, str]:
    """Return a header row with each group heading repeated over all columns that it stands over.

    Merged cells say so themselves. Without a merge, a heading with a text under it reaches over
    the empty cells to its right that have one too.
    """
    row, below = texts.row(number), _all_below(texts, number, last)
    found: dict[int, str] = {}
    group = ""
    for column in columns:
        merge = texts.merge_at(number, column)
        if merge:
            found[column] = _merged_text(texts, merge.first_row, merge.first_column, number)
            group = ""
        elif column in row:
            found[column] = row[column]
            group = row[column] if column in below else ""
        elif group and column in below:
            found[column] = group
        else:
            group = ""
    return found


def _merged_text(texts: SheetText, first_row: int, first_column: int, number: int) -> str:
    return texts.text(first_row, first_column) if number == first_row else ""


def _all_below(texts: SheetText, number: int, last: int) -> set[int]:
    return {column for n in range(number + 1, last + 1) for column in texts.row(n)}
