"""A listed child as the row of a printed form: dates as dates, the card split into its columns."""

from __future__ import annotations

from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.said import birth_value, unit_name
from bhyt_filedrop.domain.paper.layout import Row
from bhyt_filedrop.domain.process.units import Units

GIRLS_MARKED = frozenset({"form-1", "form-3", "form-4"})
"""Forms whose sex column is "Nữ": girls are marked, boys left blank."""

_WORDS = {"nam": "Nam", "nu": "Nữ"}


def row_of(child: ListedChild, form: str, *, group: str = "") -> Row:
    """Return a child's fields as one form prints them; `group` is the caption it stands under."""
    girl = "X" if child.sex == "nu" else ""
    split = len(child.facility) == 5
    return {
        "code": child.code,
        "name": child.name,
        "birth_date": birth_value(child.birth),
        "sex": girl if form in GIRLS_MARKED else _WORDS.get(child.sex, ""),
        "parent": child.parent,
        "id_number": child.id_number,
        "address": child.address,
        "status": child.status,
        "card": child.card,
        "province": child.facility[:2] if split else "",
        "facility": child.facility[2:] if split else child.facility,
        "facility_name": child.facility_name,
        "note": child.note,
        "group": group,
    }


def group_row(child: ListedChild, form: str, unit: str, units: Units) -> Row:
    """Return a child as the row of a form, under the caption of a unit."""
    return row_of(child, form, group=unit_name(unit, units))
