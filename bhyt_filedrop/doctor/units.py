"""Whether each unit is declared completely, and under codes that are its own.

2118/BHXH-CNTT, point 1: where province, district and commune of a unit are not declared, its
dossiers cannot be made. What a unit needs follows from where it stands: every one its GSO code,
folder and address for letters; an office with units below it also its social insurance code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path

from bhyt_filedrop.doctor import in_time
from bhyt_filedrop.doctor.checks import Check, ok, some, warn
from bhyt_filedrop.domain.process.units import Unit, Units
from bhyt_filedrop.resources import cities, config_dir
from bhyt_filedrop.settings import Settings
from bhyt_filedrop.settings.reading import Gathered
from bhyt_filedrop.settings.units_file import (
    COLUMNS,
    FILE,
    read_rows,
    read_table,
    unknown_columns,
)

Lacks = Callable[[Unit, Units], bool]

_GSO_DIGITS = frozenset({2, 3, 5})
"""Province, district, commune."""

_PROVINCE_DIGITS = 2
"""Offices of one province share its code."""


def _no_gso(unit: Unit, units: Units) -> bool:
    if units.kind_of(unit).level == "none" and units.children(unit.id):
        return False  # an office that no address names is no administrative unit
    return not (unit.gso_code.isdigit() and len(unit.gso_code) in _GSO_DIGITS)


def _no_bhxh(unit: Unit, units: Units) -> bool:
    return bool(units.children(unit.id)) and not unit.bhxh_code


def _no_folder(unit: Unit, units: Units) -> bool:
    return not unit.folder


def _no_email(unit: Unit, units: Units) -> bool:
    return not unit.email


_ASKED: tuple[tuple[str, str, Lacks], ...] = (
    ("gso_code", "mã hành chính (tỉnh 2 số, huyện 3 số, xã 5 số)", _no_gso),
    ("bhxh_code", "mã cơ quan BHXH", _no_bhxh),
    ("folder", "thư mục", _no_folder),
    ("email", "thư điện tử", _no_email),
)


def declared(settings: Settings, today: date) -> Iterator[Check]:
    """Yield a check for each column that units lack, and for codes that cannot be theirs; of units
    that are gone nothing more is asked."""
    units = settings.units
    there = [unit for unit in units if not unit.is_over(today)]
    wrong = [
        *(
            _lacking(column, what, lacking, units)
            for column, what, lacks in _ASKED
            if (lacking := [unit for unit in there if lacks(unit, units)])
        ),
        *_codes_of_each_time(units, directory(settings.city), today),
        *in_time.left_to_nobody(settings, today),
        *_columns(settings.config_dir / FILE),
    ]
    yield from wrong
    if not wrong:
        yield ok("units", f"{len(units.by_id)} đơn vị đã khai báo đầy đủ ({units.sources.units}).")


def directory(city: str) -> Mapping[str, str]:
    """Return the GSO codes of a shipped city's units, each with that of the unit above it; those of
    a city that is not shipped are nobody's."""
    if city not in cities():
        return {}
    shipped = read_table(config_dir(city) / FILE, Gathered()) or Units.of(())
    return {
        unit.gso_code: shipped[unit.parent].gso_code if unit.parent in shipped else ""
        for unit in shipped
    }


def _codes_of_each_time(units: Units, known: Mapping[str, str], today: date) -> Iterator[Check]:
    """A code used again, of units that were never there together, is no fault."""
    now = units.at(today)
    later = [u for u in units.of_each_day() if u.day and u.day > today]
    told = [check for one in (now, *later) for check in _codes(one, known)]
    yield from dict.fromkeys(told)


def _codes(units: Units, known: Mapping[str, str]) -> Iterator[Check]:
    """Tell of codes that belong to another level, to two units, or to nobody."""
    usual = {
        kind: Counter(len(u.gso_code) for u in units.of_kind(kind) if u.gso_code).most_common(1)
        for kind in {unit.kind for unit in units}
    }
    kinds = (
        (
            "mã hành chính khác số chữ số với các đơn vị cùng loại",
            [u for u in units if u.gso_code and len(u.gso_code) != usual[u.kind][0][0]],
        ),
        (
            "mã hành chính trùng với đơn vị khác",
            _doubled(units, lambda u: u.gso_code if len(u.gso_code) > _PROVINCE_DIGITS else ""),
        ),
        ("mã cơ quan BHXH trùng với đơn vị khác", _doubled(units, lambda u: u.bhxh_code)),
        (
            "mã hành chính không có trong danh mục của cấp trên",
            [u for u in units if _invented(u, units, known)],
        ),
    )
    for what, wrong in kinds:
        if wrong:
            yield warn(
                "units",
                f"{len(wrong)} đơn vị có {what}: {some(units.full_name(u) for u in wrong)}.",
                "Kiểm tra lại cột gso_code, bhxh_code trong units.csv.",
            )


def _doubled(units: Units, code_of: Callable[[Unit], str]) -> list[Unit]:
    counts = Counter((unit.kind, code_of(unit)) for unit in units)
    return [unit for unit in units if code_of(unit) and counts[unit.kind, code_of(unit)] > 1]


def _invented(unit: Unit, units: Units, known: Mapping[str, str]) -> bool:
    """True where the office above is one of the directory and has nobody of that code below it."""
    above = units.by_id.get(unit.parent)
    if above is None or not unit.gso_code or above.gso_code not in known.values():
        return False
    return known.get(unit.gso_code) != above.gso_code


def _columns(table: Path) -> Iterator[Check]:
    extra = unknown_columns(read_rows(table, Gathered()) or ())
    if extra:
        yield warn(
            "units",
            f"units.csv có {len(extra)} cột không dùng đến: {some(extra)}.",
            f"Sửa lại tên cột nếu viết sai; các cột dùng được: {', '.join(COLUMNS)}.",
        )


def _lacking(column: str, what: str, lacking: list[Unit], units: Units) -> Check:
    return warn(
        "units",
        f"{len(lacking)} đơn vị chưa khai {what}: {some(units.full_name(u) for u in lacking)}.",
        f"Điền cột {column} trong units.csv ({units.sources.units}).",
    )
