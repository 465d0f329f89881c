"""Recognising and checking a long list, beside reading it.

Cold: the first list of a process; warm: with the caches of a daemon that has seen the names before.
"""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from measure import ROUND, median, shipped, told, written

from bhyt_filedrop.domain.cells.grid import Workbook
from bhyt_filedrop.domain.checks import Context, by_id, check
from bhyt_filedrop.domain.forms.recognise import recognise
from bhyt_filedrop.edges.workbooks.reading.reader import WorkbookReader
from bhyt_filedrop.settings import Settings
from bhyt_filedrop.wiring.declared import world_of

ROWS = 5_000
FORMS = ("form-1", "form-3", "c79a")


def measure(form: str, workbook: Workbook, read: float, settings: Settings) -> None:
    """Print what recognising and checking one workbook take, cold and warm."""
    world = world_of(settings)
    sender = settings.units["760"] if form == "form-3" else None
    context = Context(
        date(2015, 6, 5), world.units, world.gazetteer, by_id(settings.forms), ROUND, sender
    )
    start = time.perf_counter()
    (submission,) = recognise(workbook, settings.forms, settings.units).submissions
    recognised = time.perf_counter()
    findings = check(submission, context)
    checked = time.perf_counter()
    print(f"{form}: {len(submission.rows)} rows, {len(findings)} findings")
    told("reading, in the child process", read)
    told("recognising, cold", recognised - start, read)
    told("recognising, warm",
         median(lambda: recognise(workbook, settings.forms, settings.units), 3), read)  # fmt: skip
    told("checking, cold", checked - recognised, read)
    told("checking, warm", median(lambda: check(submission, context), 3), read)


def main() -> None:
    """Print medians and ratios to reading."""
    settings = shipped()
    with TemporaryDirectory() as folder, WorkbookReader(settings.limits) as reader:
        for form in FORMS:
            unit = "760" if form == "form-3" else "cntt"
            path = written(Path(folder, f"{form}.xlsx"), form, ROWS, settings, unit)
            read = median(lambda path=path: reader.read(path, path.name), 5)
            workbook = reader.read(path, path.name).workbook
            assert workbook is not None
            measure(form, workbook, read, settings)


if __name__ == "__main__":
    main()
