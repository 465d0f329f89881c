"""Brings `units.csv` to and from Excel, so that those who know the units can keep them.

An import replaces the whole table, and only when the whole configuration still holds with it.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bhyt_filedrop.domain.cells.text import fold
from bhyt_filedrop.domain.letters.letter import Json
from bhyt_filedrop.domain.process.units import Unit, Units
from bhyt_filedrop.settings import ConfigError, load
from bhyt_filedrop.settings.reading import Gathered, Row, rows_of
from bhyt_filedrop.settings.units_file import (
    COLUMNS,
    FILE,
    HEADINGS,
    REQUIRED,
    read_rows,
    read_table,
    row_of,
    units_of,
    unknown_columns,
    wrong_unit,
)
from bhyt_filedrop.sheet_text import write_text
from bhyt_filedrop.whole_files import write_whole

_TITLES = {column: heading.capitalize() for heading, column in HEADINGS.items()}
_WIDTHS = {"id": 9, "name": 32, "kind": 10, "folder": 28, "email": 40}


@dataclass(frozen=True, slots=True)
class UnitsChange:
    """What an import changes, as unit ids."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    """Columns of the source that the table does not have."""
    reused: tuple[str, ...] = ()
    """Those changed that have another name and stand below another unit now: two units, one id."""

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def read_units(source: Path) -> Units:
    """Read a CSV or Excel table of units, told apart by content. Raises ConfigError."""
    return _read(source)[0]


def _read(source: Path) -> tuple[Units, tuple[str, ...]]:
    """Read a table, and the columns that it has too many."""
    found = Gathered()
    try:
        rows = _read_xlsx(source, found) if zipfile.is_zipfile(source) else read_rows(source, found)
    except OSError as err:
        found.add(source.name, "", None, f"không đọc được: {err.strerror}")
        rows = None
    units = units_of(rows, source.name, found) if rows is not None else None
    if rows is None or units is None or found.problems:
        raise ConfigError(found.problems)
    return units, unknown_columns(rows)


def import_units(source: Path, config_dir: Path, *, dry_run: bool = False) -> UnitsChange:
    """Put the units of `source` in place of the site's; return what that changes.

    The table that was there stays beside it as `units.csv.bak`. Raises ConfigError, and changes
    nothing, where the table is bad or does not fit the rest of the configuration.
    """
    units, ignored = _read(source)
    load(config_dir, units)
    target = config_dir / FILE
    change = replace(compare(_present(target), units), ignored=ignored)
    if change and not dry_run:
        if target.exists():
            write_whole(target.with_name(f"{FILE}.bak"), target.read_bytes())
        write_whole(target, csv_of(units))
    return change


def _present(target: Path) -> Units:
    """The table in place; one that cannot be read counts as empty, or it could never be mended."""
    found = Gathered()
    return read_table(target, found) or Units.of(())


def compare(before: Units, after: Units) -> UnitsChange:
    """Tell which units come, change and go."""
    return UnitsChange(
        added=tuple(u.id for u in after if u.id not in before),
        changed=tuple(u.id for u in after if u.id in before and before[u.id] != u),
        removed=tuple(u.id for u in before if u.id not in after),
        reused=tuple(u.id for u in after if u.id in before and _is_another(before[u.id], u)),
    )


def _is_another(before: Unit, after: Unit) -> bool:
    """True where an id means another unit than it did, as a GSO code used again would have it."""
    return fold(before.name) != fold(after.name) and before.parent != after.parent


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One thing that another table changes: of which unit, in which column, from what to what. A
    unit that comes or goes has the column "": its name stands as what it becomes or was."""

    unit: str
    name: str
    column: str
    before: str
    after: str

    @property
    def text(self) -> str:
        """In words: `760 Quận 1, thư điện tử: a@x → b@x`."""
        if not self.column:
            return f"{self.unit} {self.name}: " + ("thêm" if self.after else "bỏ")
        heading = _TITLES[self.column].lower()
        change = f"{self.before or '(trống)'} → {self.after or '(trống)'}"
        return f"{self.unit} {self.name}, {heading}: {change}"

    def as_json(self) -> dict[str, Json]:
        """As the command line prints it."""
        return {name: getattr(self, name) for name in ("unit", "name", "column", "before", "after")}


def unit_lines(before: Units, after: Units) -> tuple[UnitLine, ...]:
    """Return what another table changes, unit by unit, column by column."""
    found: list[UnitLine] = []
    for id_ in dict.fromkeys((*after.by_id, *before.by_id)):
        old, new = before.by_id.get(id_), after.by_id.get(id_)
        if old is None or new is None:
            name = (new or old or Unit(id_, "", "")).name
            found.append(UnitLine(id_, name, "", name if old else "", name if new else ""))
            continue
        cells = zip(COLUMNS, row_of(old), row_of(new), strict=True)
        found += [UnitLine(id_, new.name, c, was, now) for c, was, now in cells if was != now]
    return tuple(found)


def set_contact(
    config_dir: Path, unit_id: str, email: tuple[str, ...] | None, phone: str | None
) -> tuple[UnitLine, ...]:
    """Change a unit's addresses or telephone (None = leave it); return what that changes.

    Raises ConfigError, and changes nothing, where an address is none.
    """
    target = config_dir / FILE
    present = _present(target)
    unit = present[unit_id]
    changed = replace(
        unit,
        email=unit.email if email is None else email,
        phone=unit.phone if phone is None else phone,
    )
    units = Units.of(changed if one.id == unit_id else one for one in present.by_id.values())
    wrong = Gathered()
    wrong.extend(wrong_unit(changed, FILE, 0))
    if wrong.problems:
        raise ConfigError(wrong.problems)
    load(config_dir, units)
    lines = unit_lines(present, units)
    if lines:
        write_whole(target.with_name(f"{FILE}.bak"), target.read_bytes())
        write_whole(target, csv_of(units))
    return lines


def preview(source: Path, config_dir: Path) -> tuple[UnitLine, ...]:
    """Return what an import would change. Raises ConfigError as it would."""
    units, _ = _read(source)
    load(config_dir, units)
    return unit_lines(_present(config_dir / FILE), units)


def export_units(units: Units, target: Path) -> None:
    """Write the units as `.xlsx` or, under any other name, as CSV for Excel (UTF-8 with BOM)."""
    data = xlsx_of(units) if target.suffix.lower() == ".xlsx" else csv_of(units)
    write_whole(target, data)


def csv_of(units: Units) -> bytes:
    """Return the table as CSV bytes."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(row_of(unit) for unit in units.by_id.values())
    return text.getvalue().encode("utf-8-sig")


def xlsx_of(units: Units) -> bytes:
    """Return the table as a workbook in which every code is text, so that no zero gets lost."""
    import xlsxwriter

    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("Đơn vị")
        head = book.add_format({"bold": True, "bg_color": "#DDEBF7", "bottom": 1})
        text = book.add_format({"num_format": "@", "quote_prefix": True})
        for column, name in enumerate(COLUMNS):
            sheet.set_column(column, column, _WIDTHS.get(name, 14), text)
            sheet.write_string(0, column, _TITLES[name], head)
        for row, unit in enumerate(units.by_id.values(), start=1):
            _write_row(sheet, row, unit, text)
        sheet.freeze_panes(1, 2)
        sheet.autofilter(0, 0, len(units.by_id), len(COLUMNS) - 1)
    return data.getvalue()


def _write_row(sheet: Any, row: int, unit: Unit, text: Any) -> None:
    for column, value in enumerate(row_of(unit)):
        write_text(sheet, row, column, value, text)


def _read_xlsx(source: Path, found: Gathered) -> list[Row] | None:
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with source.open("rb") as stream:  # whatever the file is called
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
            table = list(_cells(book))
            book.close()
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError):
        found.add(source.name, "", None, "không phải bảng tính Excel đọc được")
        return None
    return rows_of(table, source.name, REQUIRED, found, HEADINGS)


def _cells(book: Any) -> Iterator[tuple[int, list[str]]]:
    for line, values in enumerate(book.worksheets[0].iter_rows(values_only=True), start=1):
        yield line, [_text(value) for value in values]


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)
