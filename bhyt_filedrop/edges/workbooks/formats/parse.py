"""Inside the reading child: hands a file's bytes to the reader of their format."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import replace

from bhyt_filedrop.domain.cells.grid import Workbook
from bhyt_filedrop.edges.workbooks.child.problems import NOT_A_WORKBOOK, UnreadableError, unsafe
from bhyt_filedrop.edges.workbooks.formats import encryption
from bhyt_filedrop.edges.workbooks.formats.sheet_builder import MAX_SHEETS, Budget
from bhyt_filedrop.edges.workbooks.sniffing.sniff import ENCRYPTED

_READERS = {
    "xlsx": "xlsx",
    "xlsm": "xlsx",
    "xlsb": "xlsb",
    "xls": "xls",
    "ods": "ods",
    "fods": "ods",
    "html": "html",
    "spreadsheetml": "spreadsheetml",
    "csv": "text_csv",
}
"""Format → module with `read(data, budget, max_unpacked) -> Workbook`, loaded when first met."""

_Read = Callable[[bytes, Budget, int], Workbook]


def warm_up() -> None:
    """Load what nearly every file needs, so that no file pays for it. What another format needs
    is loaded with its first file: it takes as long as a list of 25 rows does."""
    _reader("xlsx")


def _reader(format_name: str) -> _Read:
    module = importlib.import_module(f"{__package__}.{_READERS[format_name]}")
    read: _Read = module.read
    return read


def parse(data: bytes, format_name: str, max_cells: int, max_unpacked: int) -> Workbook:
    """Read a workbook of a known format.

    Raises UnreadableError for a file that is not to be taken, and whatever a parser throws at one
    that does not hold together.
    """
    if format_name == ENCRYPTED:
        data, format_name = encryption.open_by_default_password(data)
    if format_name not in _READERS:
        raise UnreadableError(NOT_A_WORKBOOK)
    workbook = _reader(format_name)(data, Budget(max_cells), max_unpacked)
    if len(workbook.sheets) > MAX_SHEETS:
        raise unsafe("sheets")
    return replace(workbook, format=workbook.format or format_name)
