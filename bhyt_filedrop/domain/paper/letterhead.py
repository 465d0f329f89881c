"""In whose name a list is printed: the lines at its top, the place of its date, who signs."""

from __future__ import annotations

from dataclasses import dataclass

from bhyt_filedrop.domain.cells.text import uncapitalised
from bhyt_filedrop.domain.process.units import Unit, Units


@dataclass(frozen=True, slots=True)
class Letterhead:
    """One office on paper.

    `lines` head its letters, the higher office first; `place` stands before a date; `office` is
    what its own people call it (`Phòng CNTT`), `head` who leads it (`Trưởng phòng Thu`).
    """

    lines: tuple[str, ...]
    place: str
    office: str
    head: str

    @classmethod
    def of(cls, unit: Unit, units: Units) -> Letterhead:
        """Return a department's: its folder is called what its people call it."""
        return cls(
            issuer_lines(unit, units),
            units.authority.place,
            unit.folder or unit.name,
            f"Trưởng {uncapitalised(unit.name)}",
        )


def issuer_lines(unit: Unit, units: Units) -> tuple[str, ...]:
    """Return the lines that head a unit's own letters: the office above it, then itself."""
    lines = units.kind_of(unit).issuer
    told = [line for line in lines if unit.parent in units or "{above}" not in line]
    return tuple(units.worded(line, unit).upper() for line in told)
