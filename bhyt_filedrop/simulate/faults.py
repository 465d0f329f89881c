"""Faults to plant in a correct list, each by the code of the finding that it must earn.

Every fault spoils one child of its own (or the heading), so that one cause gives one finding, and
knows its cell, so that a test can ask whether it was found there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from bhyt_filedrop.domain.cells.grid import a1
from bhyt_filedrop.domain.cells.legacy import encode
from bhyt_filedrop.domain.paper.layout import ListOf, SheetLayout, Value
from bhyt_filedrop.domain.paper.letterhead import issuer_lines
from bhyt_filedrop.domain.process.units import Unit, Units
from bhyt_filedrop.simulate.addresses import address, offices, place_of
from bhyt_filedrop.simulate.shapes import shapes

_Row = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Planted:
    """One fault as it stands in a workbook; `cell` and `row` are None for a whole sheet or file."""

    code: str
    sheet: str
    cell: str | None
    row: int | None


def code_of(fault: str) -> str:
    """Return the code that a fault must earn: behind a colon stands what tells faults of one code
    apart."""
    return fault.partition(":")[0]


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """Where a fault goes, before the list is laid out: a child's field, or a word for the place.

    `child` counts children over all sections in printed order. Without a child, `field` is
    `round`, `total` or "" (the sheet as a whole).
    """

    code: str
    field: str
    child: int | None = None


@dataclass(frozen=True, slots=True)
class _Setting:
    """What a fault may look at: the list, the units, chance, and a sound child to copy from."""

    wanted: ListOf
    units: Units
    rng: Random
    other: _Row


@dataclass(frozen=True, slots=True)
class Fault:
    """How one field of one child is spoiled. `carded`: only a child with (without) a card fits."""

    field: str
    spoil: Callable[[_Row, _Setting], Value]
    carded: bool | None = None
    forms: tuple[str, ...] = ()
    pair: bool = False
    """The fault lies between two children: the later one is spoiled."""


def _fixed(value: Value) -> Callable[[_Row, _Setting], Value]:
    return lambda row, setting: value


def _same_card(row: _Row, setting: _Setting) -> Value:
    """The card of another, by its last ten digits alone."""
    return str(setting.other["card"])[-10:]


def _future(row: _Row, setting: _Setting) -> Value:
    return date(setting.wanted.round.year + 40, 1, 15)


def _after_round(row: _Row, setting: _Setting) -> Value:
    return setting.wanted.round.last_day + timedelta(days=3)


def _too_old(row: _Row, setting: _Setting) -> Value:
    return date(setting.wanted.round.year - 8, 5, 20)


def _year_only(row: _Row, setting: _Setting) -> Value:
    born = row["birth_date"]
    return f"00/00/{born.year if isinstance(born, date) else 2013}"


def _adult_card(row: _Row, setting: _Setting) -> Value:
    return f"DN479{setting.rng.randrange(10**10):010}"


def _new_card(row: _Row, setting: _Setting) -> Value:
    return f"TE1798{setting.rng.randrange(10**9):09}"


def _placeholder(row: _Row, setting: _Setting) -> Value:
    return f"Con bà {row['parent']}"


def _without_zero(row: _Row, setting: _Setting) -> Value:
    return float(str(row["id_number"]))


def _elsewhere(row: _Row, setting: _Setting) -> Value:
    """An address below another office than the one that all the list's children live below."""
    here, units = str(row["address"]), setting.units
    every = offices(units) or units.of_level("ward")
    others = [unit for unit in every if not _is_here(here, unit, units)]
    other = setting.rng.choice(others)
    ward = next(iter(units.children(other.id)), other)
    return address(setting.rng, place_of(ward, units))


def _is_here(here: str, office: Unit, units: Units) -> bool:
    """True where an address may lie below an office: it names it, or, where addresses name no
    office, one of its wards."""
    if units.kind_of(office).level == "district":
        return office.name in here
    return any(ward.name in here for ward in units.children(office.id) or (office,))


def _old_font(row: _Row, setting: _Setting) -> Value:
    return encode(f"Nguyễn Thị Ngọc {'Hân' if row.get('sex') else 'Bảo'}", "tcvn3")


def _same_child(row: _Row, setting: _Setting) -> Value:
    """Make the child the same person as another, its own card and number aside."""
    for field in ("birth_date", "parent", "sex", "address"):
        row[field] = setting.other.get(field)
    return setting.other["name"]


def _few_months(row: _Row, setting: _Setting) -> Value:
    months = row["months"]
    return months - 5 if isinstance(months, (int, float)) and months > 5 else 40


def _wrong_validity(row: _Row, setting: _Setting) -> Value:
    until = row["valid_to"]
    return until + timedelta(days=400) if isinstance(until, date) else None


_D03 = ("d03-ts-490", "d03-ts-595", "d03-ts-1111")
_WITH_DAY = ("form-1", "form-2", "form-3", "form-4", *_D03)
_NU = ("form-1", "form-3", "form-4")

FAULTS: Mapping[str, Fault] = {
    "row.number-gap": Fault("number", _fixed(9_999)),
    "row.name-missing": Fault("name", _fixed(None)),
    "row.name-invalid": Fault("name", _fixed("Nguyễn 4567")),
    "row.name-placeholder": Fault("name", _placeholder, forms=_WITH_DAY),
    "row.birth-date-missing": Fault("birth_date", _fixed(None)),
    "row.birth-date-unreadable": Fault("birth_date", _fixed("không rõ")),
    "row.birth-date-incomplete": Fault("birth_date", _year_only),
    "row.birth-date-future": Fault("birth_date", _future),
    "row.birth-date-after-round": Fault("birth_date", _after_round),
    "row.over-age": Fault("birth_date", _too_old, forms=("form-1", "form-2", *_NU)),
    "row.sex-missing": Fault("sex", _fixed(None), forms=("form-2", *_D03)),
    "row.sex-invalid": Fault("sex", _fixed("???"), forms=_WITH_DAY),
    "row.card-missing": Fault("card", _fixed(None), carded=True),
    "row.card-invalid": Fault("card", _fixed("TE17912"), carded=True),
    "row.card-not-child": Fault("card", _adult_card, carded=True),
    "row.card-unexpected": Fault("card", _new_card, carded=False, forms=("form-3", "form-4")),
    "row.card-repeated": Fault("card", _same_card, carded=True, pair=True),
    "row.facility-missing": Fault("facility", _fixed(None), carded=True),
    "row.facility-invalid": Fault("facility", _fixed("??"), carded=True),
    "row.facility-unknown": Fault("facility", _fixed("0ZZ"), carded=True),
    "row.parent-missing": Fault("parent", _fixed(None)),
    "row.id-number-invalid": Fault("id_number", _fixed("12345")),
    "row.id-number-repaired": Fault("id_number", _without_zero),
    "row.address-missing": Fault("address", _fixed(None), forms=_WITH_DAY),
    "row.address-unplaced": Fault("address", _fixed("Tạm trú, không rõ nơi ở"), forms=_WITH_DAY),
    "row.address-elsewhere": Fault("address", _elsewhere, forms=_WITH_DAY),
    "row.reason-missing": Fault("note", _fixed(None), carded=False, forms=("form-4",)),
    "row.repeated": Fault("name", _same_child, forms=_WITH_DAY, pair=True),
    "row.legacy-text": Fault("name", _old_font),
    "row.contribution-wrong": Fault("months", _few_months, forms=_D03[:2]),
    "row.validity-wrong": Fault("valid_to", _wrong_validity),
}
"""Finding code → how a child of the list is spoiled so that it earns it."""

HEADING_FAULTS: Mapping[str, str] = {
    "form.round-wrong": "round",
    "form.round-missing": "",
    "form.sender-wrong": "issuer",
    "form.section-missing": "",
    "form.column-missing": "",
    "form.no-rows": "",
    "form.total-wrong": "total",
}
"""Finding code → the place that a fault of the whole list has."""


def plant(
    wanted: ListOf, units: Units, codes: Sequence[str], *, seed: int = 1
) -> tuple[ListOf, tuple[FaultPlan, ...]]:
    """Return the list with the faults in it, and a plan for each that says where it went.

    Raises KeyError for a code that cannot be planted, ValueError where no child is left that fits.
    """
    rng = Random(f"{seed}/faults")
    rows = [dict(row) for _, row in _in_order(wanted)]
    sections = [section for section, _ in _in_order(wanted)]
    used: set[int] = set()
    plans = []
    for code in codes:
        if code in HEADING_FAULTS:
            plans.append(FaultPlan(code, HEADING_FAULTS[code]))
        else:
            fault = FAULTS[code]
            child, other = _victim(wanted, rows, used, fault, code)
            setting = _Setting(wanted, units, rng, rows[other])
            rows[child][fault.field] = fault.spoil(rows[child], setting)
            plans.append(FaultPlan(code, fault.field, child))
    spoiled = _with_rows(wanted, sections, rows)
    for code in codes:
        if code in HEADING_FAULTS:
            spoiled = _spoil_heading(spoiled, units, code)
    return spoiled, tuple(plans)


def place(plan: FaultPlan, layout: SheetLayout) -> Planted:
    """Return where a planned fault came to stand."""
    if plan.child is not None:
        row = layout.child_rows[plan.child]
        return Planted(plan.code, layout.name, layout.cell(plan.child, plan.field), row)
    places = {"round": layout.round_row, "total": layout.total_row, "issuer": 2}
    found = places.get(plan.field)
    return Planted(plan.code, layout.name, a1(found, 1) if found else None, found)


def _in_order(wanted: ListOf) -> list[tuple[str, Mapping[str, Value]]]:
    """Every child with its section, as the layout prints them."""
    sections = shapes()[wanted.form].sections
    found = [("", row) for row in wanted.rows]
    for section in sections:
        found += [(section, row) for row in wanted.sections.get(section, ())]
    return found


def _with_rows(wanted: ListOf, sections: Sequence[str], rows: Sequence[_Row]) -> ListOf:
    groups: dict[str, list[_Row]] = {}
    for section, row in zip(sections, rows, strict=True):
        groups.setdefault(section, []).append(row)
    return replace(wanted, rows=tuple(groups.pop("", ())), sections=groups)


def _victim(
    wanted: ListOf, rows: Sequence[_Row], used: set[int], fault: Fault, code: str
) -> tuple[int, int]:
    """Choose a child nothing else was planted on, and for a fault between two also the first one.

    The very first child is left alone where possible: a list that is wrong in its first row looks
    more broken to a reader than it is.
    """
    if fault.forms and wanted.form not in fault.forms:
        raise ValueError(f"{code} does not fit {wanted.form}")
    fitting = [i for i in [*range(1, len(rows)), 0] if i not in used and _fits(rows[i], fault)]
    if len(fitting) < 1 + fault.pair:
        raise ValueError(f"no child is left for {code}")
    chosen = sorted(fitting[: 1 + fault.pair])
    used.update(chosen)
    return chosen[-1], chosen[0]


def _fits(row: _Row, fault: Fault) -> bool:
    return fault.carded is None or fault.carded == bool(row.get("card"))


def _spoil_heading(wanted: ListOf, units: Units, code: str) -> ListOf:
    shape = shapes()[wanted.form]
    if code == "form.round-wrong":
        return replace(wanted, round=wanted.round.previous.previous)
    if code == "form.round-missing":
        return replace(wanted, blank_round=True)
    if code == "form.sender-wrong":
        return replace(wanted, issuer=_another(wanted, units))
    if code == "form.section-missing":
        return _without_last_section(wanted, tuple(shape.sections))
    if code == "form.column-missing":
        return replace(wanted, without=wanted.without | {"address"})
    if code == "form.no-rows":
        return replace(wanted, rows=(), sections={})
    total = len(_in_order(wanted))
    return replace(wanted, total=total + 3)


def _another(wanted: ListOf, units: Units) -> tuple[str, ...]:
    """The heading of another office of the same kind."""
    of_wards = wanted.form == "form-4" or wanted.form in _D03
    some = units.of_level("ward") if of_wards else offices(units)
    every = (issuer_lines(unit, units) for unit in some)
    return next(lines for lines in every if lines != wanted.issuer)


def _without_last_section(wanted: ListOf, sections: tuple[str, ...]) -> ListOf:
    """Drop the last section with its children: a clerk forgot a page."""
    last = sections[-1]
    kept = {s: rows for s, rows in wanted.sections.items() if s != last}
    return replace(wanted, sections=kept, omit=wanted.omit | {last})
