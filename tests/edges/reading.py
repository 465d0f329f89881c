"""What the tests of the reader share."""

from __future__ import annotations

from pathlib import Path

from bhyt_filedrop.domain.cells.grid import Sheet
from bhyt_filedrop.domain.findings import Finding
from bhyt_filedrop.edges.workbooks.reading.reader import WorkbookReader
from bhyt_filedrop.ports import Reading

DATA = Path(__file__).parent.parent / "data"


def read_bytes(reader: WorkbookReader, folder: Path, data: bytes, name: str = "list") -> Reading:
    """Read bytes as if a clerk had dropped them under a name."""
    path = folder / "0001"
    path.write_bytes(data)
    return reader.read(path, name)


def sheets_of(reading: Reading) -> tuple[Sheet, ...]:
    """Return the sheets of a reading that must have succeeded."""
    assert reading.workbook is not None, reading.findings
    return reading.workbook.sheets


def codes(findings: tuple[Finding, ...]) -> list[str]:
    """Return the codes of the findings."""
    return [found.code for found in findings]
