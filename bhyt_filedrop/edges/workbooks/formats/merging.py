"""The merges that calamine found, in our own terms."""

from __future__ import annotations

from python_calamine import CalamineSheet

from bhyt_filedrop.domain.cells.grid import Range
from bhyt_filedrop.edges.workbooks.formats.sheet_builder import Budget


def ranges(sheet: CalamineSheet, budget: Budget) -> list[Range]:
    """Return a sheet's merges, 1-based; each costs one cell."""
    found = sheet.merged_cell_ranges or []
    budget.spend(len(found))
    return [Range(top + 1, left + 1, low + 1, right + 1) for (top, left), (low, right) in found]
