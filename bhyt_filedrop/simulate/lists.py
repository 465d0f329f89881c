"""Whole lists of synthetic children, as each office would draw them up, correct or with faults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

from bhyt_filedrop.domain.paper.layout import (
    ListOf,
    Row,
    SheetLayout,
    Value,
    supplier_of,
)
from bhyt_filedrop.domain.paper.letterhead import issuer_lines
from bhyt_filedrop.domain.process.entitlement import Entitlement
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit, Units
from bhyt_filedrop.edges.workbooks.write import write_layouts
from bhyt_filedrop.simulate.addresses import place_of, whole_of
from bhyt_filedrop.simulate.faults import Planted, place, plant
from bhyt_filedrop.simulate.people import HOSPITALS, REASONS, InventedChild
from bhyt_filedrop.simulate.shapes import lay_out_any

_CARDED: Mapping[str, Mapping[str, bool]] = {
    "form-1": {"": True},
    "form-2": {"": False},
    "form-3": {"I": True, "II": True, "III": False},
    "form-4": {"I": True, "II": False},
}
"""Form → section → whether its children have a card; the other forms list children without."""


def list_of(
    form: str,
    round: Round,
    unit: Unit,
    units: Units,
    children: Sequence[InventedChild] | Mapping[str, Sequence[InventedChild]],
    *,
    made_on: date | None = None,
    kit: bool = False,
    about: str = "",
) -> ListOf:
    """Return a correct list of one form as `unit` would draw it up.

    `children` by section id, or one sequence that is spread evenly over the form's sections (all
    into the first one for D03-TS and the cost lists). Raises KeyError for an unknown form.
    """
    by_section = _spread(form, children)
    rows = {
        section: tuple(_row(child, form, section, n, units, round) for n, child in enumerate(group))
        for section, group in by_section.items()
    }
    return ListOf(
        form,
        round,
        _issuer(form, unit, units),
        rows=rows.pop("", ()),
        sections=rows,
        supplier=supplier_of(unit, units),
        made_on=made_on,
        kit=kit,
        about=about,
        right="Phòng CNTT" if form in ("form-1", "form-2") else "",
    )


def write_list(
    path: Path, wanted: ListOf, units: Units, faults: Sequence[str] = (), *, seed: int = 1
) -> tuple[Planted, ...]:
    """Write a list as an xlsx with the wanted faults in it; return where each one stands.

    `faults` are finding codes of `faults.FAULTS`; each spoils a child (or the heading) of its own.
    Raises ValueError where the list has no child left that a fault would fit.
    """
    spoiled, plans = plant(wanted, units, faults, seed=seed)
    layout = lay_out_any(spoiled)
    write_layouts([layout], path)
    return tuple(place(plan, layout) for plan in plans)


def laid_out(
    wanted: ListOf, units: Units, faults: Sequence[str] = (), *, seed: int = 1
) -> tuple[SheetLayout, tuple[Planted, ...]]:
    """As `write_list`, without a file: the layout and where each fault stands in it."""
    spoiled, plans = plant(wanted, units, faults, seed=seed)
    layout = lay_out_any(spoiled)
    return layout, tuple(place(plan, layout) for plan in plans)


def _spread(
    form: str, children: Sequence[InventedChild] | Mapping[str, Sequence[InventedChild]]
) -> Mapping[str, Sequence[InventedChild]]:
    if isinstance(children, Mapping):
        return children
    sections = tuple(_CARDED.get(form, {"A" if form.startswith("c") else "I": False}))
    size = -(-len(children) // len(sections))
    return {s: children[i * size : (i + 1) * size] for i, s in enumerate(sections)}


def _issuer(form: str, unit: Unit, units: Units) -> tuple[str, ...]:
    if form in ("form-1", "form-2"):
        return issuer_lines(units.by_id.get("cntt", unit), units)
    if form.startswith("c"):
        code, name = HOSPITALS[0]
        return (f"Tên cơ sở khám, chữa bệnh: {name}", f"Mã số: {units.province_code or '79'}{code}")
    return issuer_lines(unit, units)


def _row(
    child: InventedChild, form: str, section: str, number: int, units: Units, round: Round
) -> dict[str, Value]:
    if form.startswith("c"):
        return dict(_visit(child, number, units, round))
    if form.startswith("d03"):
        return dict(_joining(child, form, units.entitlement))
    carded = _CARDED[form][section]
    reason = REASONS[number % len(REASONS)] if section and not carded else ""
    return dict(child.row(form, carded=carded, note=reason))


def _joining(child: InventedChild, form: str, rules: Entitlement) -> Row:
    """A child on D03-TS: no card yet, the hospital it wants, and what is paid for it."""
    paid = rules.contribution(child.birth_date)
    return {
        **child.row(form, carded=False),
        "facility": child.whole_facility,
        "start_month": f"{paid.first_month:%m/%Y}",
        "months": paid.months,
        "valid_from": child.birth_date,
        "valid_to": rules.valid_until(child.birth_date),
    }


def _visit(child: InventedChild, number: int, units: Units, round: Round) -> Row:
    """One visit on a cost list, the name in lower case as the hospitals' programs write it."""
    ward = units[child.ward]
    came = _day_of_visit(child, round)
    return {
        "code": child.code,
        "name": child.name.lower(),
        "birth_year_female" if child.girl else "birth_year_male": child.birth_date.year,
        "disease": "J06",
        "visit_date": came,
        "date_in": came,
        "date_out": min(came + timedelta(days=3), round.last_day),
        "days": min(4, (round.last_day - came).days + 1),
        **dict(_costs(number)),
        "treated_at": child.whole_facility,
        "settled_year": round.year,
        "settled_month": came.month,
        "valid_from": child.birth_date,
        "valid_to": units.entitlement.valid_until(child.birth_date),
        "address": child.address,
        "ward": place_of(ward, units)[0],
        "district": place_of(ward, units)[1],
        "city": whole_of(units),
    }


def _day_of_visit(child: InventedChild, round: Round) -> date:
    first = max(round.first_day, child.birth_date)
    return first + timedelta(days=(round.last_day - first).days // 2)


def _costs(number: int) -> Iterator[tuple[str, Value]]:
    """Amounts in đồng that add up: free tests and drugs, nothing paid by the patient."""
    tests, drugs = 20_000 + 500 * (number % 40), 35_000 + 1_000 * (number % 90)
    yield "cost_test", tests
    yield "cost_drug", drugs
    yield "cost_total", tests + drugs
    yield "cost_patient", 0
    yield "cost_insurance", tests + drugs
