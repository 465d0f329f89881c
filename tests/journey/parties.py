"""What the parties of a round do with the product's own lists: open them, fill them in, answer.

A list is read as a clerk reads it, by the headings on it, with openpyxl; the product's readers are
left alone.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl

from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.letters.letter import Letter
from bhyt_filedrop.domain.lists.records import ListRecord
from bhyt_filedrop.domain.paper.layout import STATUSES
from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.simulate.lists import list_of, write_list
from bhyt_filedrop.simulate.people import REASONS, InventedChild, children
from bhyt_filedrop.wiring.books import open_books
from tests.journey.site import DISTRICT, OTHER_DISTRICT, ROUND, Site

SENDING = datetime(2015, 5, 18, 9, tzinfo=ZONE)
"""A Monday before any list of the round is due."""
RETURNING = datetime(2015, 6, 10, 9, tzinfo=ZONE)
"""A Wednesday before the wards' returns are due (15/06)."""

BEFORE, NOW, NONE = STATUSES
"""What a reply kit offers to choose from: carded before, carded now, no basis for a card."""

CHANGES = "Thay đổi so với bản trước"


def kids(site: Site, count: int = 10) -> list[InventedChild]:
    """Children of the first three wards of Quận 1 and the first of Quận 3: one ward of either
    district has none. The fifth child of each ten lives where the fifth ward would be."""
    wards = [*site.units.children(DISTRICT)[:3], site.units.children(OTHER_DISTRICT)[0]]
    return children(site.units, count, round=ROUND, seed=5, wards=wards)


def form(
    site: Site,
    form: str,
    unit: str,
    group: Sequence[InventedChild] | Mapping[str, Sequence[InventedChild]],
    faults: Sequence[str] = (),
) -> bytes:
    """A correct list of one form as a unit types it itself (`faults` spoil it)."""
    made = site.directory / "typed.xlsx"
    write_list(made, list_of(form, ROUND, site.units[unit], site.units, group), site.units, faults)
    data = made.read_bytes()
    made.unlink()
    return data


def form_4(
    site: Site, before: Sequence[InventedChild], none: Sequence[InventedChild] = ()
) -> bytes:
    """The first ward's list of who has a card and who has none."""
    return form(site, "form-4", site.ward(0), {"I": before, "II": none})


def d03(site: Site, joining: Sequence[InventedChild]) -> bytes:
    """The first ward's list of who is to get a card."""
    return form(site, "d03-ts-1111", site.ward(0), {"I": joining})


def send(site: Site, group: Sequence[InventedChild], name: str = "mẫu 2.xlsx") -> None:
    """CNTT drops the city's list of children without a card, and the product takes its turn."""
    site.drop("cntt", name, form(site, "form-2", "cntt", group))
    site.once()


# --- reading what was delivered ------------------------------------------------------------------


def inbox(site: Site, unit: str, below: str = "") -> list[Path]:
    """The files in a unit's inbox (or a folder below it), in order of their versions."""
    folder = site.own(unit, "inbox") / below
    return sorted(folder.glob("*.xlsx"), key=lambda p: (" - lần " in p.name, p.name))


@dataclass(frozen=True)
class Table:
    """A list as people see it: the sheet, heading → column (1-based), row → its cells."""

    sheet: str
    columns: Mapping[str, int]
    rows: Mapping[int, Mapping[str, Any]]

    @property
    def names(self) -> list[str]:
        """The names of the children, in order."""
        return [row["Họ và tên"] for row in self.rows.values()]

    def column(self, heading: str) -> dict[str, Any]:
        """Name → what one column says of the child."""
        return {row["Họ và tên"]: row[heading] for row in self.rows.values()}


def table(path: Path, sheet: str = "") -> Table:
    """Read the first sheet of a workbook that lists children, or the one of that name."""
    book = openpyxl.load_workbook(path, read_only=False)
    try:
        names = [sheet] if sheet else book.sheetnames
        found = (_table(name, list(book[name].iter_rows(values_only=True))) for name in names)
        return next(one for one in found if one)
    finally:
        book.close()


def _table(sheet: str, rows: list[tuple[Any, ...]]) -> Table | None:
    top = next((n for n, row in enumerate(rows) if "Họ và tên" in row), None)
    if top is None:
        return None
    heads = [
        str(lower or upper or "") for upper, lower in zip(rows[top], rows[top + 1], strict=True)
    ]
    if not any(rows[top + 1]) or isinstance(rows[top + 1][0], int):
        heads = [str(cell or "") for cell in rows[top]]
    at = heads.index("Họ và tên")
    listed = {
        n: dict(zip(heads, row, strict=True))
        for n, row in enumerate(rows[top + 1 :], start=top + 2)
        if isinstance(row[0], int) and isinstance(row[at], str) and not row[at].isdigit()
    }
    return Table(sheet, {head: n for n, head in enumerate(heads, 1) if head}, listed)


def changed(path: Path) -> list[tuple[str, str, str]]:
    """The sheet of changes: what, who, and the detail; [] where there is no such sheet."""
    book = openpyxl.load_workbook(path)
    if CHANGES not in book.sheetnames:
        return []
    rows = list(book[CHANGES].iter_rows(values_only=True))
    top = next(n for n, row in enumerate(rows) if "Thay đổi" in row)
    what, who, detail = (rows[top].index(head) for head in ("Thay đổi", "Trẻ", "Nội dung"))
    return [
        (str(row[what]), str(row[who]), str(row[detail] or ""))
        for row in rows[top + 1 :]
        if isinstance(row[0], int) and not isinstance(row[1], int)
    ]


# --- answering -------------------------------------------------------------------------------


def filled(path: Path, rows: Mapping[str, Mapping[str, Any]], *, drop: Iterable[str] = ()) -> bytes:
    """The list in `path` with cells filled in: child's name → heading → value.

    Children in `drop` lose their row.
    """
    seen = table(path)
    book = openpyxl.load_workbook(path)
    sheet = book[seen.sheet]
    for number, row in seen.rows.items():
        for heading, value in rows.get(row["Họ và tên"], {}).items():
            sheet.cell(number, seen.columns[heading]).value = value
    gone = set(drop)
    for number in sorted((n for n, r in seen.rows.items() if r["Họ và tên"] in gone), reverse=True):
        sheet.delete_rows(number)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def answer(child: InventedChild, status: str) -> dict[str, Any]:
    """What a clerk writes on the kit for one child."""
    if status == NONE:
        return {"Kết quả": status, "Ghi chú (lý do)": REASONS[0]}
    if status == NOW:
        return {"Kết quả": status}
    return {
        "Kết quả": status,
        "Mã số thẻ": child.card,
        "Tỉnh": "79",
        "Mã BV": child.facility,
        "Tên bệnh viện": child.facility_name,
    }


def answered(path: Path, group: Iterable[InventedChild], status: str = BEFORE) -> bytes:
    """A kit on which every child got the same answer."""
    return filled(path, {child.name: answer(child, status) for child in group})


# --- what the ledger says --------------------------------------------------------------------


def own(site: Site, handoff: str = "") -> list[Drop]:
    """The drops that the product made itself, the oldest first."""
    books = open_books(site.settings)
    try:
        found = reversed(books.drops.arrivals(limit=1000))
        return [drop for drop in found if drop.is_own and handoff in ("", drop.handoff)]
    finally:
        books.close()


def lists(site: Site, handoff: str) -> list[ListRecord]:
    """The accepted lists of a hand-off."""
    books = open_books(site.settings)
    try:
        found = books.facts.of_round(str(ROUND), [handoff])
        return [record for record in found if record.state == "accepted"]
    finally:
        books.close()


def letters(site: Site, kind: str, unit: str = "") -> list[Letter]:
    """The letters of one kind, to one unit, the oldest first."""
    books = open_books(site.settings)
    try:
        with books.engine.connect() as connection:
            rows = connection.exec_driver_sql("SELECT letter FROM letters ORDER BY created_at, key")
            found = [Letter.from_json(text) for (text,) in rows]
    finally:
        books.close()
    return [one for one in found if one.kind == kind and unit in ("", one.unit)]


def decide(site: Site, drop: Drop, action: str, why: str = "theo công văn") -> None:
    """A person decides about a drop, as `release` and `reject` do."""
    books = open_books(site.settings)
    try:
        books.drops.override(drop.id, action, why, site.clock())
    finally:
        books.close()
