"""An Excel of US settings makes dates of what it can read month first, and leaves the rest text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

import pytest

from bhyt_filedrop.domain.cells.dates import exchanged
from bhyt_filedrop.domain.cells.grid import CellValue
from bhyt_filedrop.domain.checks import Context, by_id, check
from bhyt_filedrop.domain.findings import Severity
from bhyt_filedrop.domain.forms.recognise import recognise
from bhyt_filedrop.domain.places.gazetteer import Gazetteer
from bhyt_filedrop.domain.process.handoffs import HandOff
from bhyt_filedrop.domain.process.rounds import Round
from tests.grids import Built, build, forms, sound, units

EARLY = [datetime(2014, month, 1 + month % 9) for month in range(1, 13)]
LATE = [f"{day}/03/2014" for day in range(13, 28)]


def as_us_excel_keeps(day: int, month: int, year: int = 2014) -> CellValue:
    """What a cell holds after `day/month/year` was typed under US settings."""
    return datetime(year, day, month) if day <= 12 else f"{day:02d}/{month:02d}/{year}"


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([*EARLY[:3], *LATE[:3]], "whole"),
        ([*EARLY, *LATE], "whole"),
        ([*EARLY[:2], *LATE[:2]], "likely"),
        ([*EARLY[:6], LATE[0], "05/03/2014"], "likely"),
        ([EARLY[0], LATE[0]], ""),
        ([*EARLY, *LATE, datetime(2014, 3, 13)], ""),
        (EARLY, ""),
        (LATE, ""),
        ([*EARLY[:2], LATE[0], "05/03/2014", "06/03/2014"], ""),
        ([41_640.0, 41_671.0, 41_699.0, *LATE[:3]], "whole"),
        ([*EARLY[:3], "2014", "03/2014", None], ""),
        ([*EARLY[:5], LATE[0], "05/03/2014"], "likely"),
        ([*EARLY[:4], LATE[0], "05/03/2014"], ""),
        ([*EARLY[:2], LATE[0]], ""),
        ([*EARLY[:3], *LATE[:2]], "likely"),
        ([datetime(2014, 3, 12), *EARLY[:2], *LATE[:3]], "whole"),
        ([*EARLY[:3], "13/12/2014", "14/12/2014", "15/12/2014"], "whole"),
        ([*EARLY[:3], "12/03/2014", *LATE[:3]], ""),
        ([*EARLY[:3], "13/13/2014", *LATE[:3]], ""),
    ],
)
def test_a_column_shows_it_by_its_kinds_of_cells(values: list[CellValue], found: str):
    assert exchanged(values) == found


@pytest.mark.parametrize("form", ["form-2", "form-3", "form-4", "d03-ts-595"])
@pytest.mark.parametrize(
    ("answers", "severity"), [("", Severity.WARNS), ("x", Severity.BLOCKS)], ids=["list", "reply"]
)
def test_a_column_of_exchanged_births_is_told_once_and_sends_a_reply_home(
    form: str, answers: str, severity: Severity
):
    built, (said,) = typed(form, answers)

    assert (said.code, said.severity) == ("form.dates-exchanged", severity)
    assert (said.cell, said.field) == (built.cell(0, "birth_date"), "birth_date")


def test_births_that_lie_ahead_because_of_it_are_not_told_each_as_well():
    """Most children are newborns: with day and month exchanged they are born after the round."""
    days = [(9, 1), (20, 2), (7, 3), (25, 1), (11, 2), (28, 2), (12, 3), (8, 1), (30, 1), (6, 2)]

    _, found = typed("form-3", "x", days, 2015)

    assert [one.code for one in found] == ["form.dates-exchanged"]
    _, doubtful = typed("form-3", "x", [(9, 1), *[(20, 2)] * 9], 2015)
    assert {one.code for one in doubtful} == {"form.dates-exchanged", "row.birth-date-future"}


DAYS = tuple((n * 5 % 28 + 1, n % 12 + 1) for n in range(1, 11))


def typed(form: str, answers: str, days: Sequence[tuple[int, int]] = DAYS, year: int = 2014):
    section = {"form-3": "I", "form-4": "I", "d03-ts-595": "I"}.get(form, "")
    rows = [sound(form, n, section) | {"number": float(n)} for n in range(1, 11)]
    for row, (day, month) in zip(rows, days, strict=True):
        row["birth_date"] = as_us_excel_keeps(day, month, year)
    others = {"form-3": {"II": [], "III": []}, "form-4": {"II": []}}.get(form, {})
    built = build(form, {section: rows, **others} if section else rows)
    handoff = HandOff(id="x", name="Bước", sender="ward", receiver="parent", answers=answers)
    context = Context(
        today=date(2015, 6, 5),
        units=units(),
        gazetteer=Gazetteer.of(units()),
        forms=by_id(forms()),
        round=Round(2015, 1),
        handoff=replace(handoff, heading_unit="any"),
    )
    (submission,) = recognise(built.workbook, forms(), units()).submissions
    found = [f for f in check(submission, context) if f.code != "row.contribution-wrong"]
    return built, found


def test_the_visits_of_a_cost_list_are_told_of_too():
    rows = [sound("c79a", n) | {"number": float(n)} for n in range(1, 7)]
    for n, row in enumerate(rows):
        row["visit_date"] = as_us_excel_keeps(*((5, n + 1) if n % 2 else (20 + n, 1)), 2015)
    built: Built = build("c79a", {"A": rows, "B": [], "C": []})
    (submission,) = recognise(built.workbook, forms(), units()).submissions
    context = Context(
        date(2015, 6, 5), units(), Gazetteer.of(units()), by_id(forms()), Round(2015, 1)
    )

    assert [(f.code, f.field) for f in check(submission, context)] == [
        ("form.dates-exchanged", "visit_date")
    ]
