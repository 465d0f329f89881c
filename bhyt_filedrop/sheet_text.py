"""Text in workbooks that we write: always text, to the library that writes and to who opens it.

XlsxWriter takes a text between `<r>` and `</r>` for rich text of its own and puts it into the file
as it is, so that one child's note could spoil a list, or shift every text behind it. And a text
that begins like a formula is run by a receiver's Excel once the cell is edited or saved as CSV.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

_RUN = ("=", "+", "-", "@", "\t", "\r")


def is_live(text: str) -> bool:
    """True for a text that a spreadsheet may take for a formula: its style needs quotePrefix."""
    return text.startswith(_RUN)


def write_text(
    sheet: Worksheet, row: int, column: int, text: str, style: Format | None = None
) -> None:
    """Write a text as it is, whatever it looks like; `row` and `column` from 0."""
    if text.startswith("<r>") and text.endswith("</r>"):
        # Three runs of one look (no fewer will do), which the library escapes.
        runs = (text[:1], text[1:2], text[2:])
        sheet.write_rich_string(row, column, *runs, *([style] if style else []))
    else:
        sheet.write_string(row, column, text, style)
