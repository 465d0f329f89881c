"""A workbook that we made is read again, by another library than wrote it, before anybody gets it.

A list goes to offices that act on it: a string table that is out of step would give each child the
name of another, and nothing else would notice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from bhyt_filedrop.domain.cells.grid import a1
from bhyt_filedrop.domain.paper.layout import PlacedCell, SheetLayout
from bhyt_filedrop.ports import NeverWorks


def must_hold(file: Path, layouts: Mapping[str, SheetLayout]) -> None:
    """Compare every value of a file with the layouts it was made of, by the names of its sheets.

    Raises NeverWorks at the first cell that is not what was to be written; it tells no content.
    """
    import python_calamine

    try:
        with file.open("rb") as data:
            book = python_calamine.load_workbook(data)
            for name, layout in layouts.items():
                rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                _must_agree(name, layout, rows)
    except python_calamine.CalamineError as err:
        raise NeverWorks(f"a workbook that was made cannot be read ({type(err).__name__})") from err


def _must_agree(name: str, layout: SheetLayout, rows: list[list[Any]]) -> None:
    for cell in layout.cells:
        if not _agrees(cell.value, _at(rows, cell)):
            place = a1(cell.row, cell.column)
            raise NeverWorks(f"a workbook that was made says something else at {name}!{place}")


def _at(rows: list[list[Any]], cell: PlacedCell) -> Any:
    row = rows[cell.row - 1] if cell.row <= len(rows) else []
    return row[cell.column - 1] if cell.column <= len(row) else ""


def _agrees(wanted: object, read: Any) -> bool:
    if wanted is None:
        return bool(read == "")
    if isinstance(wanted, str):
        if wanted == read:
            return True
        return isinstance(read, str) and _lines(wanted) in (_lines(read), _lines(_decoded(read)))
    if isinstance(wanted, date):
        return bool(read == wanted)
    return isinstance(read, float | int) and float(read) == wanted


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decoded(text: str) -> str:
    """Undo Excel's escapes of control characters (ECMA-376, ST_Xstring), which not every reader
    does."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)


_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
