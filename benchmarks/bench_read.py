"""Reading a workbook: our warm child process beside openpyxl and pandas in the same process."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pandas as pd
from measure import median, shipped, told, written

from bhyt_filedrop.edges.workbooks.reading.reader import WorkbookReader


def every_cell(path: Path) -> int:
    """Load with openpyxl and touch every cell, as one that reads a list must."""
    sheets = openpyxl.load_workbook(path).worksheets
    return sum(len(row) for sheet in sheets for row in sheet.iter_rows(values_only=True))


def measure(path: Path, reader: WorkbookReader) -> None:
    """Print medians and ratios to our reader for one file."""
    ours = median(lambda: reader.read(path, path.name), 7)
    told("our reader, in its child process", ours)
    told("openpyxl", median(lambda: every_cell(path), 3), ours)
    for engine in ("openpyxl", "calamine"):
        taken = median(lambda engine=engine: pd.read_excel(path, engine=engine), 3)
        told(f"pandas with {engine}, values alone", taken, ours)


def main() -> None:
    """Measure a list of a usual size and a long one."""
    settings = shipped()
    with TemporaryDirectory() as folder, WorkbookReader(settings.limits) as reader:
        for rows in (500, 5_000):
            path = written(Path(folder, f"{rows}.xlsx"), "form-1", rows, settings)
            print(f"{rows} rows × 12 columns, {path.stat().st_size // 1024} KiB")
            measure(path, reader)


if __name__ == "__main__":
    main()
