"""Workbooks: their reader and what marks errors in them; reports as files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bhyt_filedrop import resources
from bhyt_filedrop.domain.paper.layout import SheetLayout
from bhyt_filedrop.domain.reports.model import Report
from bhyt_filedrop.edges.clamd import Clamd
from bhyt_filedrop.edges.workbooks.marking.annotator import WorkbookAnnotator
from bhyt_filedrop.edges.workbooks.reading.reader import WorkbookReader
from bhyt_filedrop.ports import (
    Reader,
)
from bhyt_filedrop.settings import (
    Settings,
)


def reader_of(settings: Settings) -> WorkbookReader:
    """Return a reader of its own; it ends its child when it is left as a context."""
    clamd = clamd_of(settings)
    if clamd is None:
        return WorkbookReader(settings.limits)
    return WorkbookReader(settings.limits, find=clamd.find)


def clamd_of(settings: Settings) -> Clamd | None:
    """Return the scanner that is asked before a file is read; None where none is configured."""
    if settings.scan.clamd is None:
        return None
    return Clamd(settings.scan.clamd, settings.scan.timeout_seconds)


def annotator_of(settings: Settings, reader: Reader, *, warm: bool = False) -> WorkbookAnnotator:
    """Return what marks errors in a copy; `warm` = its child is kept until it is closed."""
    return WorkbookAnnotator(reader, limits=settings.limits, warm=warm)


def save_report(report: Report, to: Path) -> None:
    """Write a report as a page where the file's name ends so, else as a workbook."""
    if to.suffix.lower() in (".html", ".htm"):
        from bhyt_filedrop.edges.reports.html import write_page

        write_page(report, to, resources.templates_dir() / "reports")
        return
    from bhyt_filedrop.edges.reports.xlsx import write_report

    write_report(report, to)


def save_sheets(sheets: Sequence[SheetLayout], to: Path) -> None:
    """Write laid-out lists as a workbook."""
    from bhyt_filedrop.edges.workbooks.write import write_layouts

    write_layouts(sheets, to)
