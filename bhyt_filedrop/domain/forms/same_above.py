"""Cells that say what the row above says: ditto marks, and cells merged down over several rows.

Twins have one mother and one address, and clerks write them once. A cell left empty without a
merge says nothing and stays missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bhyt_filedrop.domain.forms.texts import SheetText

_SHARED = (
    "parent", "id_number", "address", "ward", "district", "city",
    "province", "facility", "facility_name",
)  # fmt: skip
"""Fields that children of one household, or of one hospital, have in common."""
_BORN = "birth_date"
"""Twins share it too."""
_DITTO = frozenset({"//", "/", "nt", "n.t", "n/t"})
_QUOTES = frozenset("\"”“″〃'’‘")
_DITTO_WORDS = frozenset({"như trên", "nhu tren"})
_LONGEST = 40
"""Letters of the longest of them, in brackets or between dots."""


def fill_from_above(
    texts: SheetText, columns: Mapping[str, int], children: Sequence[tuple[int, str]]
) -> None:
    """Give each such cell of the children's rows the value that it stands for.

    A ditto mark that has no child above it stands for nothing and is taken away.
    """
    shared = [columns[name] for name in (*_SHARED, _BORN) if name in columns]
    merged = bool(texts.sheet.merges)
    above = 0
    for number, _ in children:
        row = texts.rows[number - 1]
        for column in shared:
            text = row.get(column, "")
            if is_ditto(text) if text else merged and _is_covered(texts, number, column, above):
                texts.take_from(number, column, above)
        above = number


def is_ditto(text: str) -> bool:
    """True for a mark, or words, that mean "as above"."""
    if len(text) > _LONGEST:
        return False
    mark = text.casefold().strip(" .-–()")
    signs = mark.replace(" ", "")
    quotes = bool(signs) and _QUOTES.issuperset(signs) and signs not in {"'", "’", "‘"}
    return quotes or signs in _DITTO or mark in _DITTO_WORDS


def _is_covered(texts: SheetText, number: int, column: int, above: int) -> bool:
    """True where a merge reaches down to this row from the child's row above."""
    if not above:
        return False
    merge = texts.merge_at(number, column)
    return merge is not None and merge.first_row <= above and merge.first_column == column
