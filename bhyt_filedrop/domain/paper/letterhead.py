"""In whose name a list is printed: the lines at its top, the place of its date, who signs."""

from __future__ import annotations

from dataclasses import dataclass

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
            f"Trưởng {unit.name[:1].lower()}{unit.name[1:]}",
        )


def issuer_lines(unit: Unit, units: Units) -> tuple[str, ...]:
    """Return the lines that head a unit's own letters: the office above it, then itself."""
    above = units.by_id.get(unit.parent)
    if unit.kind == "ward":
        return tuple(f"UBND {u.name}".upper() for u in (above, unit) if u is not None)
    own = f"BẢO HIỂM XÃ HỘI {unit.name}" if unit.kind == "district" else unit.name
    return (units.authority.letterhead, own.upper())
