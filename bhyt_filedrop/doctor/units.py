"""Whether each unit is declared completely.

2118/BHXH-CNTT, point 1: where province, district and commune of a unit are not declared, its
dossiers cannot be made. What a unit needs follows from where it stands: every one its GSO code,
folder and address for letters; an office with units below it also its social insurance code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bhyt_filedrop.doctor.checks import Check, ok, some, warn
from bhyt_filedrop.domain.process.units import Unit, Units

Lacks = Callable[[Unit, Units], bool]

_GSO_DIGITS = frozenset({2, 3, 5})
"""Province, district, commune."""


def _no_gso(unit: Unit, units: Units) -> bool:
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


def declared(units: Units) -> Iterator[Check]:
    """Yield one check a column: which units lack it."""
    whole = True
    for column, what, lacks in _ASKED:
        lacking = [unit for unit in units if lacks(unit, units)]
        if lacking:
            whole = False
            yield _lacking(column, what, lacking, units)
    if whole:
        yield ok("units", f"{len(units.by_id)} đơn vị đã khai báo đầy đủ (2118/BHXH-CNTT).")


def _lacking(column: str, what: str, lacking: list[Unit], units: Units) -> Check:
    return warn(
        "units",
        f"{len(lacking)} đơn vị chưa khai {what}: {some(units.full_name(u) for u in lacking)}.",
        f"Điền cột {column} trong units.csv (2118/BHXH-CNTT).",
    )
