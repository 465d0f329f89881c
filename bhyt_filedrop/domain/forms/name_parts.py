"""A name that stands in two columns: Họ và tên over both, or Họ đệm and Tên beside each other.

Half a name is another child's, so both parts are read as one before any row is sorted.
"""

from __future__ import annotations

from bhyt_filedrop.domain.forms.columns import Mapping
from bhyt_filedrop.domain.forms.compiled import Compiled
from bhyt_filedrop.domain.forms.headers import Header
from bhyt_filedrop.domain.forms.texts import SheetText

_FAMILY = frozenset(
    {"ho", "ho dem", "ho va dem", "ho lot", "ho va lot", "ho chu dem", "ho va chu dem",
     "ho ten dem", "ho va ten dem", "ho va ten lot", "ten dem"}
)  # fmt: skip
_GIVEN = frozenset({"ten", "ten goi", "ten rieng"})


def name_parts(header: Header, form: Compiled, mapping: Mapping) -> tuple[int, ...]:
    """Return the columns that hold a child's name in reading order; () where it is one column."""
    name = mapping.columns.get("name", 0)
    declared = mapping.declared.get("name")
    if not name:
        return ()
    unread = set(mapping.unknown)
    after, before = set(header.readings(name + 1)), set(header.readings(name - 1))
    again = any(form.headers.get(reading) is declared for reading in after)
    if name + 1 in unread and (again or not _GIVEN.isdisjoint(after)):
        return name, name + 1
    if name - 1 in unread and not _FAMILY.isdisjoint(before):
        return name - 1, name
    return ()


def join_names(texts: SheetText, name: int, parts: tuple[int, ...], first: int, last: int) -> None:
    """Let the name's column of the rows from `first` to `last` say the whole name."""
    for number in range(first, last + 1):
        row = texts.rows[number - 1]
        said = [row[column] for column in parts if column in row]
        if len(said) > 1 and not any(text.isdigit() for text in said):
            row[name] = " ".join(said)
