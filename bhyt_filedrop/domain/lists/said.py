"""What a listed child says of itself, as people read it: its birth, the name of its unit."""

from __future__ import annotations

from datetime import date

from bhyt_filedrop.domain.lists.keys import full_birth
from bhyt_filedrop.domain.process.units import Units


def birth_value(birth: str) -> date | str:
    """A full birth date as a date; what is known of another as text: `03/2014`, `2014`."""
    if full_birth(birth):
        return date.fromisoformat(birth)
    year, _, month = birth.partition("-")
    return f"{month}/{year}" if month else year


def birth_text(birth: str) -> str:
    """A birth as people read it: `05/03/2014`."""
    value = birth_value(birth)
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else value


def unit_name(unit_id: str, units: Units) -> str:
    """A unit's name; the id itself where nobody knows it."""
    unit = units.by_id.get(unit_id)
    return unit.name if unit else unit_id
