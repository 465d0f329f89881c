"""Lists that other programs saved: the same cells as in the list they were made from.

The samples and how they came about: `tests/samples/README.md`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from bhyt_filedrop.cli import cli
from bhyt_filedrop.domain.cells.grid import CellValue, Sheet
from bhyt_filedrop.domain.findings import Severity
from bhyt_filedrop.edges.workbooks.reading.reader import WorkbookReader
from tests.edges.reading import codes, read_bytes, sheets_of
from tests.samples.make import SENDERS

SAMPLES = Path(__file__).parent.parent / "samples"
SAVED = sorted((SAMPLES / "saved").iterdir())
WITHOUT_MERGES = ("exceljs-", "biff5.xls", "biff4", "biff3", "biff2", ".csv")
"""Who saved these left the merges out."""


@pytest.fixture(scope="module")
def reader() -> Iterator[WorkbookReader]:
    """One warm reader for the module."""
    with WorkbookReader() as made:
        yield made


def shown(value: CellValue, meant: CellValue) -> str:
    """What a cell shows, whatever type its program gave it; `meant` is the list's own value."""
    if isinstance(meant, date) and isinstance(value, float):
        value = date(1899, 12, 30) + timedelta(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return f"{value:%d/%m/%Y}"
    return f"{value:g}" if isinstance(value, float) else str(value or "")


def cells(sheet: Sheet, meant: Sheet) -> dict[tuple[int, int], str]:
    """Every cell that shows something."""
    return {
        (row, column): shown(value, meant.value(row, column))
        for row, column, value in sheet.cells()
    }


def source_of(saved: Path) -> Path:
    """The list that a sample was made from."""
    return SAMPLES / "lists" / f"{saved.name.partition('.')[0]}.xlsx"


@pytest.mark.parametrize("saved", SAVED, ids=lambda path: path.name)
def test_what_another_program_saved_reads_as_the_list_it_was_made_from(
    saved: Path, reader: WorkbookReader
) -> None:
    """No cell is lost, moved or changed, and no merge where the program keeps merges."""
    (meant,) = sheets_of(reader.read(source_of(saved), "list.xlsx"))

    reading = reader.read(saved, saved.name)

    (sheet,) = sheets_of(reading)
    assert cells(meant, meant) == cells(sheet, meant)
    assert [f for f in reading.findings if f.severity is not Severity.NOTES] == []
    if not any(part in saved.name for part in WITHOUT_MERGES):
        assert set(meant.merges) == set(sheet.merges)


def test_every_list_is_accepted_whichever_program_saved_it() -> None:
    """A correct list gives no finding above a note; the form, round and sender are read."""
    files = [*map(str, sorted((SAMPLES / "lists").iterdir())), *map(str, SAVED)]

    ran = CliRunner().invoke(cli, ["check", *files, "--json", "--round", "2015Q1"])

    told = [json.loads(line) for line in ran.output.splitlines()]
    assert (ran.exit_code, len(told)) == (0, len(files))
    for one in told:
        name = Path(one["file"]).name
        form = next(f for f in SENDERS if name.startswith(f))
        assert one["form"] == form, name
        assert one["unit"] == {"nvgd1": None}.get(SENDERS[form], SENDERS[form]), name
        assert (one["verdict"], one["rows"], one["round"]) == ("accepted", 6, "2015Q1"), name
        assert {f["severity"] for f in one["findings"]} <= {"notes"}, name


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_half_of_what_another_program_saved_is_never_taken_for_the_list(
    share: float, reader: WorkbookReader, tmp_path: Path
) -> None:
    """Each program ends its files in its own way; a csv alone has no end.

    SheetJS appends sectors that nothing uses: what lacks only these lacks nothing.
    """
    for saved in SAVED:
        data = saved.read_bytes()

        reading = read_bytes(reader, tmp_path, data[: int(len(data) * share)], saved.name)

        if saved.suffix != ".csv" and codes(reading.findings) != ["file.damaged"]:
            assert reading.workbook == reader.read(saved, saved.name).workbook, saved.name
            assert share > 0.9


def test_macros_and_objects_in_a_flat_document_are_named(
    reader: WorkbookReader, tmp_path: Path
) -> None:
    """What an ods keeps in parts of its own stands in the text itself; a picture is harmless."""
    data = (SAMPLES / "saved" / "form-2.libreoffice-flat.fods").read_bytes()
    library = b'<ooo:library-embedded ooo:name="Standard"/></ooo:libraries>'
    pieces = {
        ("macros",): (b"/>\n  </office:script>", b">" + library + b"</office:script>"),
        ("embedded-objects",): (b"</office:spreadsheet>", HELD % (b"object-ole", b"object-ole")),
        (): (b"</office:spreadsheet>", HELD % (b"image", b"image")),
    }
    for kinds, (old, new) in pieces.items():
        assert old in data

        reading = read_bytes(reader, tmp_path, data.replace(old, new), "list.fods")

        assert reading.workbook is not None
        assert kinds == reading.workbook.active_content


HELD = b"<draw:%s><office:binary-data>AAAA</office:binary-data></draw:%s></office:spreadsheet>"
