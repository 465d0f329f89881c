"""A listed child as the row of a printed form: dates as dates, the card split into its columns."""

from __future__ import annotations

from datetime import date

from bhyt_filedrop.domain.derive.keys import full_birth
from bhyt_filedrop.domain.forms.layout import Row, Value
from bhyt_filedrop.domain.rolls import ListedChild
from bhyt_filedrop.domain.units import Units

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


def birth_value(birth: str) -> Value:
    """A full birth date as a date; what is known of another as text: `03/2014`, `2014`."""
    if full_birth(birth):
        return date.fromisoformat(birth)
    year, _, month = birth.partition("-")
    return f"{month}/{year}" if month else year


def birth_text(birth: str) -> str:
    """A birth as people read it: `05/03/2014`."""
    value = birth_value(birth)
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value or "")


def unit_name(unit_id: str, units: Units) -> str:
    """A unit's name; the id itself where nobody knows it."""
    unit = units.by_id.get(unit_id)
    return unit.name if unit else unit_id
