"""Make one annotated copy: load or rebuild the workbook, mark its cells, put the list in front.

Runs in the child process of `worker.py`, where a hang or a greed for memory harms nobody.
"""

from __future__ import annotations

import importlib
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import IO

import openpyxl
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from bhyt_filedrop.domain.cells.grid import Workbook as Grid
from bhyt_filedrop.edges.workbooks.marking.defuse import defuse, reaches_out
from bhyt_filedrop.edges.workbooks.marking.findings_sheet import (
    add_findings_sheet,
    remove_own_sheet,
)
from bhyt_filedrop.edges.workbooks.marking.job import Job, Way
from bhyt_filedrop.edges.workbooks.marking.looks import dress as dress_module
from bhyt_filedrop.edges.workbooks.marking.looks.dress import SheetLook, dress
from bhyt_filedrop.edges.workbooks.marking.marks import mark, remove_own_marks
from bhyt_filedrop.edges.workbooks.marking.rebuild import rebuild
from bhyt_filedrop.edges.workbooks.marking.strict import opened

_CHUNK = 1 << 20
_ROW = re.compile(rb"<(?:\w+:)?row[ >/]")
_VALUE = re.compile(rb"<(?:\w+:)?(?:v|t)[ >]")
_PHANTOMS = 5  # declared rows a filled row may cost before loading them all is too dear


class TooBig(Exception):
    """More rows or bytes than a marked copy is made for."""


def make(job: Job) -> None:
    """Make one copy.

    Raises TooBig, or whatever openpyxl raises for a file it cannot handle."""
    _MAKERS[job.way](job)


def _in_place(job: Job) -> None:
    _weigh(Path(job.source), job)
    load = partial(openpyxl.load_workbook, keep_vba=False, keep_links=False)
    with opened(Path(job.source)) as file:
        book = load(file)
        defuse(book, lambda: load(file, data_only=True))
        remove_own_marks(book, returned=remove_own_sheet(book))
        sheets = {sheet.title: sheet for sheet in book.worksheets}
        links = mark(sheets, job.findings)
        add_findings_sheet(book, job.findings, job.name, links)
        _save(book, job)


def _rebuilt(job: Job) -> None:
    if job.workbook is None:
        raise ValueError("there is no grid to rebuild from")
    book, sheets = _dressed(job.workbook, Path(job.source))
    links = mark(sheets, job.findings)
    add_findings_sheet(book, job.findings, job.name, links)
    _save(book, job)


def _dressed(grid: Grid, source: Path) -> tuple[Workbook, dict[str, Worksheet]]:
    """The cells with the sender's looks where these can be read, else with plain ones."""
    module = _LOOKS.get(grid.format)
    if module is not None:
        book, sheets = rebuild(grid)
        try:
            found = {name.strip(): look for name, look in _reader_of(module)(source).items()}
            for name, sheet in sheets.items():
                if name.strip() in found:
                    dress(sheet, found[name.strip()], reaches_out)
        except Exception:
            pass
        else:
            return book, sheets
    return rebuild(grid)


_LOOKS = {"xls": "xls", "ods": "ods", "fods": "ods"}
"""Format → the module of `looks` that reads what it looks like."""


def _reader_of(module: str) -> Callable[[Path], Mapping[str, SheetLook]]:
    found = importlib.import_module(f"{dress_module.__package__}.{module}")
    looks: Callable[[Path], Mapping[str, SheetLook]] = found.looks
    return looks


def _list_only(job: Job) -> None:
    book = Workbook()
    book.remove(book.worksheets[0])
    add_findings_sheet(book, job.findings, job.name, {})
    _save(book, job)


def _cells(job: Job) -> None:
    """Formulas give way to the values that were read and checked: whoever opens the copy sees what
    we saw, and nothing is left that could compute something else."""
    _weigh(Path(job.source), job)
    with Path(job.source).open("rb") as file:
        book = openpyxl.load_workbook(file, data_only=True, keep_vba=False, keep_links=False)
    defuse(book, lambda: book)
    book.save(job.to)


def _cells_rebuilt(job: Job) -> None:
    if job.workbook is None:
        raise ValueError("there is no grid to rebuild from")
    rebuild(job.workbook)[0].save(job.to)


def _save(book: Workbook, job: Job) -> None:
    book.calculation.fullCalcOnLoad = True
    book.properties.title = "Lỗi cần sửa"
    book.save(job.to)


def _weigh(source: Path, job: Job) -> None:
    """Look at a zip's sheets as a stream before openpyxl makes an object of every cell."""
    with zipfile.ZipFile(source) as parts:
        if sum(part.file_size for part in parts.infolist()) > job.max_unpacked:
            raise TooBig
        declared = filled = 0
        for part in parts.infolist():
            name = part.filename.replace("\\", "/")
            if f"/{name}".count("/worksheets/") and name.endswith(".xml"):
                with parts.open(part) as stream:
                    for has_value in _rows(stream):
                        declared += 1
                        filled += has_value
                        if filled > job.max_rows or declared > _PHANTOMS * job.max_rows:
                            raise TooBig


def _rows(stream: IO[bytes]) -> Iterator[bool]:
    """Yield for each row of a sheet's XML whether any of its cells holds a value."""
    rest = b""
    while chunk := stream.read(_CHUNK):
        *rows, rest = _ROW.split(rest + chunk)
        yield from (bool(_VALUE.search(row)) for row in rows[1:])
        rest = b"<row>" + rest if rows else rest
    yield from (bool(_VALUE.search(row)) for row in _ROW.split(rest)[1:])


_MAKERS = {
    Way.IN_PLACE: _in_place,
    Way.REBUILT: _rebuilt,
    Way.LIST_ONLY: _list_only,
    Way.CELLS: _cells,
    Way.CELLS_REBUILT: _cells_rebuilt,
}
