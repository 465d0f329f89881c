"""`units.csv`: the offices, in a table that their keepers open in Excel."""

from __future__ import annotations

import contextlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path

from bhyt_filedrop.domain.process.units import ATTACH_NEVER, Unit, Units
from bhyt_filedrop.settings import layers, successions
from bhyt_filedrop.settings.machine import is_address
from bhyt_filedrop.settings.problems import Problem
from bhyt_filedrop.settings.reading import Gathered, Row, read_csv

FILE = "units.csv"

COLUMNS = (
    "id", "name", "kind", "parent", "gso_code", "bhxh_code", "folder", "email", "phone",
    "valid_from", "valid_to", "successors", "attach",
)  # fmt: skip
"""The table's columns, in the order in which it is written."""

HEADINGS = {
    "mã": "id",
    "tên đơn vị": "name",
    "loại": "kind",
    "cấp trên": "parent",
    "mã hành chính": "gso_code",
    "mã bhxh": "bhxh_code",
    "thư mục": "folder",
    "thư điện tử": "email",
    "điện thoại": "phone",
    "từ ngày": "valid_from",
    "đến ngày": "valid_to",
    "đơn vị kế thừa": "successors",
    "đính kèm": "attach",
}
"""Vietnamese headings (lower case) that mean the same columns."""

REQUIRED = ("id", "name", "kind")

_NAME_BYTES = 200
"""A folder's name in UTF-8 bytes: file systems take 255, and files inside need room in paths."""


def read(config_dir: Path, found: Gathered) -> Units | None:
    """Read the table of `config_dir`."""
    return read_table(layers.find(config_dir, FILE), found)


def read_table(path: Path, found: Gathered) -> Units | None:
    """Read one CSV table of units; None where it cannot be read at all."""
    rows = read_rows(path, found)
    return None if rows is None else units_of(rows, path.name, found)


def read_rows(path: Path, found: Gathered) -> list[Row] | None:
    """Read the lines of one CSV table of units, by column; None where it cannot be read."""
    return read_csv(path, REQUIRED, found, required=True, headings=HEADINGS)


def unknown_columns(rows: Iterable[tuple[int, Mapping[str, str]]]) -> tuple[str, ...]:
    """Return the headings that mean no column of the table: what stands below them is not kept."""
    first = next((row for _, row in rows), {})
    return tuple(heading for heading in first if heading and heading not in COLUMNS)


def units_of(rows: Iterable[tuple[int, Mapping[str, str]]], file: str, found: Gathered) -> Units:
    """Make units of `(line, row)`; every row's own problems are noted, first of an id wins."""
    lines: dict[str, int] = {}
    undated: set[str] = set()
    units: list[Unit] = []
    for line, row in rows:
        unit = unit_of(row)
        found.extend(wrong_unit(unit, file, line))
        wrong_days = list(_wrong_days(unit, row, file, line))
        found.extend(wrong_days)
        undated |= {unit.id} if wrong_days else set()
        if unit.id in lines:
            found.add(file, f"dòng {line}, cột id", unit.id, f"trùng với dòng {lines[unit.id]}")
        elif unit.id:
            lines[unit.id] = line
            units.append(unit)
    made = Units.of(units)
    found.extend(_wrong_parents(made, file, lines))
    found.extend(successions.wrong(made, file, lines, undated))
    if not units:
        found.add(file, "", None, "chưa có đơn vị nào")
    return made


def unit_of(row: Mapping[str, str]) -> Unit:
    """Make a unit of one row; what Excel does to numbers is undone (07901 is saved as 7901)."""
    cell = {name: unicodedata.normalize("NFC", (row.get(name) or "").strip()) for name in COLUMNS}
    return Unit(
        id=cell["id"],
        name=cell["name"],
        kind=cell["kind"],
        parent=cell["parent"],
        gso_code=cell["gso_code"],
        bhxh_code=_padded(cell["bhxh_code"], 5),
        folder=cell["folder"],
        email=tuple(re.split(r"[\s,;]+", cell["email"])) if cell["email"] else (),
        phone=_padded(cell["phone"], 10) if len(cell["phone"]) == 9 else cell["phone"],
        valid_from=_day(cell["valid_from"]),
        valid_to=_day(cell["valid_to"]),
        successors=tuple(dict.fromkeys(re.split(r"[\s,;]+", cell["successors"].strip(" ,;"))))
        if cell["successors"].strip(" ,;")
        else (),
        attach=cell["attach"].lower(),
    )


def _day(text: str) -> date | None:
    """Read `2025-07-01`, or what Excel makes of it: `01/07/2025`, `2025-07-01 00:00:00`."""
    for pattern in ("%Y-%m-%d", "%d/%m/%Y", "%Y-%m-%d %H:%M:%S") if text else ():
        with contextlib.suppress(ValueError):
            return datetime.strptime(text, pattern).date()
    return None


def _wrong_days(unit: Unit, row: Mapping[str, str], file: str, line: int) -> Iterator[Problem]:
    for column in ("valid_from", "valid_to"):
        text = (row.get(column) or "").strip()
        if text and getattr(unit, column) is None:
            yield Problem(
                file, f"dòng {line}, cột {column}", text, "phải là ngày, viết như 2025-07-01"
            )
    if unit.valid_from and unit.valid_to and unit.valid_from > unit.valid_to:
        yield Problem(file, f"dòng {line}, cột valid_to", str(unit.valid_to), "trước valid_from")


def row_of(unit: Unit) -> tuple[str, ...]:
    """Return a unit as a row of the table."""
    return (
        unit.id, unit.name, unit.kind, unit.parent, unit.gso_code, unit.bhxh_code, unit.folder,
        "; ".join(unit.email), unit.phone,
        unit.valid_from.isoformat() if unit.valid_from else "",
        unit.valid_to.isoformat() if unit.valid_to else "",
        "; ".join(unit.successors),
        unit.attach,
    )  # fmt: skip


def _padded(text: str, digits: int) -> str:
    return text.zfill(digits) if text.isdigit() else text


def wrong_unit(unit: Unit, file: str, line: int) -> Iterator[Problem]:
    """Yield what is wrong with one unit by itself."""
    for column in REQUIRED:
        if not getattr(unit, column):
            yield Problem(file, f"dòng {line}, cột {column}", "", "không được để trống")
    if unit.id and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", unit.id):
        yield Problem(
            file, f"dòng {line}, cột id", unit.id, "chỉ dùng chữ không dấu, số, gạch nối, gạch dưới"
        )
    for address in unit.email:
        if not is_address(address):
            yield Problem(
                file, f"dòng {line}, cột email", address, "không phải địa chỉ thư điện tử"
            )
    if unit.attach not in ("", ATTACH_NEVER):
        yield Problem(file, f"dòng {line}, cột attach", unit.attach, "chỉ nhận never, hoặc trống")
    reason = _bad_folder(unit.folder or unit.name)
    if reason:
        yield Problem(file, f"dòng {line}, cột folder", unit.folder or unit.name, reason)


def _bad_folder(name: str) -> str:
    if any(sign in name for sign in '/\\{}:*?"<>|') or any(ord(letter) < 32 for letter in name):
        return 'tên thư mục không được có / \\ { } : * ? " < > |'
    if name.startswith((".", "~$")) or name.endswith((".", " ")):
        return "tên thư mục không được bắt đầu bằng . hay ~$, không được kết thúc bằng ."
    if len(name.encode()) > _NAME_BYTES:
        return "tên thư mục quá dài"
    return ""


def _wrong_parents(units: Units, file: str, lines: Mapping[str, int]) -> Iterator[Problem]:
    for unit in units:
        key = f"dòng {lines[unit.id]}, cột parent"
        if unit.parent and unit.parent not in units:
            yield Problem(file, key, unit.parent, "không có đơn vị cấp trên nào mang mã này")
        elif unit.parent and _goes_round(unit, units):
            yield Problem(file, key, unit.parent, "đơn vị thành cấp trên của chính nó")


def _goes_round(unit: Unit, units: Units) -> bool:
    above, seen = units.by_id.get(unit.parent), {unit.id}
    while above is not None and above.id not in seen:
        seen.add(above.id)
        above = units.by_id.get(above.parent)
    return above is not None and above.id == unit.id
