"""Make one annotated copy: load or rebuild the workbook, mark its cells, put the list in front.

Runs in the child process of `worker.py`, where a hang or a greed for memory harms nobody.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import IO

import openpyxl
from openpyxl import Workbook

from bhyt_filedrop.edges.workbooks.marking.defuse import defuse
from bhyt_filedrop.edges.workbooks.marking.findings_sheet import (
    add_findings_sheet,
    remove_own_sheet,
)
from bhyt_filedrop.edges.workbooks.marking.job import Job, Way
from bhyt_filedrop.edges.workbooks.marking.marks import mark, remove_own_marks
from bhyt_filedrop.edges.workbooks.marking.rebuild import rebuild

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
    with Path(job.source).open("rb") as file:
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
    book, sheets = rebuild(job.workbook)
    links = mark(sheets, job.findings)
    add_findings_sheet(book, job.findings, job.name, links)
    _save(book, job)


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
