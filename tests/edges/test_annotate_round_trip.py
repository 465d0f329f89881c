"""From a written list to the copy that comes back corrected, through the real reader and checks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from bhyt_filedrop.domain.findings import Finding, Severity
from bhyt_filedrop.domain.paper.layout import lay_out
from bhyt_filedrop.edges.workbooks.marking.annotator import WorkbookAnnotator
from bhyt_filedrop.edges.workbooks.reading.reader import WorkbookReader
from bhyt_filedrop.edges.workbooks.write import write_layouts
from bhyt_filedrop.simulate.lists import write_list
from tests.test_simulated_people import a_list, check, context, recognise, serious, shipped

FAULTS = ["row.card-invalid", "row.address-missing", "row.birth-date-unreadable"]


@pytest.fixture(scope="module")
def reader() -> Iterator[WorkbookReader]:
    reader = WorkbookReader()
    yield reader
    reader.close()


def judged(reader: WorkbookReader, path: Path) -> list[Finding]:
    """Everything that is said about a form 4 dropped by its ward."""
    reading = reader.read(path, path.name)
    assert reading.workbook is not None
    recognition = recognise(reading.workbook, shipped().forms, shipped().units)
    found = [*reading.findings, *recognition.findings]
    for submission in recognition.submissions:
        found += check(submission, context("form-4"))
    return found


def test_faults_in_a_written_workbook_are_found_at_their_cells(tmp_path, reader):
    planted = write_list(tmp_path / "a.xlsx", a_list("form-4"), shipped().units, FAULTS)

    assert sorted(serious(judged(reader, tmp_path / "a.xlsx"))) == sorted(
        (p.code, p.cell) for p in planted
    )


def test_a_correct_workbook_with_the_reply_kit_gives_nothing_above_a_note(tmp_path, reader):
    write_layouts([lay_out(replace(a_list("form-4"), kit=True))], tmp_path / "a.xlsx")

    assert serious(judged(reader, tmp_path / "a.xlsx")) == []


def test_the_marked_copy_says_the_same_as_the_file_it_was_made_of(tmp_path, reader):
    write_list(tmp_path / "a.xlsx", a_list("form-4"), shipped().units, FAULTS)
    found = judged(reader, tmp_path / "a.xlsx")
    WorkbookAnnotator(reader).annotate(tmp_path / "a.xlsx", "a.xlsx", found, tmp_path / "b.xlsx")

    assert serious(judged(reader, tmp_path / "b.xlsx")) == serious(found)


def test_a_clerk_may_correct_the_marked_copy_itself_and_drop_it(tmp_path, reader):
    source, copy = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    planted = write_list(source, a_list("form-4"), shipped().units, FAULTS)
    right = tmp_path / "right.xlsx"
    write_list(right, a_list("form-4"), shipped().units)
    WorkbookAnnotator(reader).annotate(source, "a.xlsx", judged(reader, source), copy)

    book, correct = openpyxl.load_workbook(copy), openpyxl.load_workbook(right)
    for fault in planted:
        book[fault.sheet][fault.cell].value = correct[fault.sheet][fault.cell].value
    book.save(copy)

    assert [f for f in judged(reader, copy) if f.severity is not Severity.NOTES] == []
