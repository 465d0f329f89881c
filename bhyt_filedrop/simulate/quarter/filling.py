"""How an office fills in the list that it was sent, right or with a fault."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import openpyxl
from openpyxl.cell.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from bhyt_filedrop.domain.paper.layout import Value
from bhyt_filedrop.domain.process.child_codes import common_round, write_code
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.simulate.faults import Planted
from bhyt_filedrop.simulate.quarter.answering import STATUS_OF, ChildAnswer
from bhyt_filedrop.simulate.quarter.population import TrueFate
from bhyt_filedrop.simulate.quarter.tables import SheetTable


def fill_in(
    source: Path,
    table: SheetTable,
    answers: Iterable[ChildAnswer],
    to: Path,
    spoil: Sequence[str] = (),
    *,
    issued: bool = False,
) -> tuple[Planted, ...]:
    """Fill the delivered list in and save it; `spoil` are codes of faults to make on the way.

    `issued` says that the cards of this round are there, so that their numbers can be told.
    """
    book = openpyxl.load_workbook(source)
    sheet = book[table.sheet]
    todo = [fault for fault in spoil if fault not in SHEET_FAULTS]
    planted = []
    every = list(answers)
    for answer in every:
        cells: dict[str, Value] = dict(_filled(answer, issued))
        code = next((c for c in todo if _fits(c, answer)), None)
        if code:
            todo.remove(code)
            field, value = KIT_FAULTS[code]
            cells[field] = value
            row = answer.line.row
            planted.append(Planted(code, table.sheet, table.cell(row, field), row))
        for field, value in cells.items():
            sheet.cell(answer.line.row, table.columns[field]).value = value
    for fault in spoil:
        if spoil_sheet := SHEET_FAULTS.get(fault):
            planted.append(spoil_sheet(sheet, table, every))
    book.save(to)
    if todo:
        raise ValueError(f"no child is left for {todo[0]}")
    return tuple(planted)


def _filled(answer: ChildAnswer, issued: bool) -> dict[str, Value]:
    """The answer, and what the ward's register puts right: a newborn's name, a mother's number."""
    child = answer.person.child
    found: dict[str, Value] = {"status": STATUS_OF[answer.fate], "id_number": child.id_number}
    if answer.person.is_nameless:
        found["name"] = child.name
    if not answer.line["sex"]:
        found["sex"] = "Nữ" if child.girl else "Nam"
    if answer.fate is TrueFate.NONE:
        return {**found, "note": answer.person.reason}
    place = {
        "province": child.province,
        "facility": child.facility,
        "facility_name": child.facility_name,
    }
    has_number = issued or answer.fate is TrueFate.BEFORE
    return {**found, **place, **({"card": child.card} if has_number else {})}


def _sort_some_columns(
    sheet: Worksheet, table: SheetTable, answers: Sequence[ChildAnswer]
) -> Planted:
    """Sort who the children are, and leave codes and answers where they stood."""
    rows = [answer.line.row for answer in answers]
    for field in ("name", "birth_date", "sex", "parent", "id_number", "address"):
        column = table.columns[field]
        values = [sheet.cell(row, column).value for row in rows]
        for row, value in zip(rows, [*values[1:], values[0]], strict=True):
            sheet.cell(row, column).value = value
    return Planted(APART, table.sheet, table.cell(rows[0], "name"), rows[0])


def _head_of_last_round(
    sheet: Worksheet, table: SheetTable, answers: Sequence[ChildAnswer]
) -> Planted:
    """The heading was copied over from the kit of the round before."""
    cell, own = _heading(sheet, answers)
    cell.value = str(cell.value).replace(own.title, own.previous.title)
    return Planted("form.round-wrong", table.sheet, cell.coordinate, cell.row)


def _codes_of_last_round(
    sheet: Worksheet, table: SheetTable, answers: Sequence[ChildAnswer]
) -> Planted:
    """It is the kit of the round before, and only the heading was brought up to date."""
    cell, own = _heading(sheet, answers)
    for answer in answers:
        body = answer.line["code"].partition("-")[2][:-1]
        code = sheet.cell(answer.line.row, table.columns["code"])
        code.value = write_code(own.previous, body)
    return Planted("form.round-wrong", table.sheet, cell.coordinate, cell.row)


def _heading(sheet: Worksheet, answers: Sequence[ChildAnswer]) -> tuple[Cell, Round]:
    """The cell that names the round, and the round that the codes are of."""
    own = common_round(answer.line["code"] for answer in answers)
    cells = (c for row in sheet.iter_rows() for c in row if isinstance(c, Cell))
    if own is None:
        raise ValueError("the list has no codes")
    return next(c for c in cells if str(c.value or "").startswith(own.title)), own


APART = "list.columns-apart"

OLD_HEAD, OLD_CODES = "form.round-wrong", "form.round-wrong:codes"
"""Two rounds in one kit: what stands behind a colon tells faults of one code apart."""

SHEET_FAULTS: Mapping[str, Callable[[Worksheet, SheetTable, Sequence[ChildAnswer]], Planted]] = {
    APART: _sort_some_columns,
    OLD_HEAD: _head_of_last_round,
    OLD_CODES: _codes_of_last_round,
}
"""Faults of the whole reply kit, and what makes each."""


KIT_FAULTS: Mapping[str, tuple[str, Value]] = {
    "row.status-missing": ("status", None),
    "row.status-invalid": ("status", "đang xem"),
    "row.card-missing": ("card", None),
    "row.card-invalid": ("card", "TE17912"),
    "row.card-not-child": ("card", "DN4790000012345"),
    "row.facility-missing": ("facility", None),
    "row.reason-missing": ("note", None),
}
"""Code of a finding → the field that is filled in wrong in the reply kit, and with what."""


def _fits(code: str, answer: ChildAnswer) -> bool:
    if code == "row.reason-missing":
        return answer.fate is TrueFate.NONE
    if code.startswith("row.status"):
        return (
            answer.fate is TrueFate.NOW
        )  # no card in the row that would tell the answer all the same
    return answer.fate is TrueFate.BEFORE
