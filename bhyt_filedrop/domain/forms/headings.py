"""What the lines above a table say: the round it belongs to and the office that issues it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from bhyt_filedrop.domain.cells.grid import a1
from bhyt_filedrop.domain.forms.submission import Spot
from bhyt_filedrop.domain.forms.texts import SheetText, folded
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit, Units

# --- the round -------------------------------------------------------------------------------

_QUARTER = r"(?P<q>0?[1-4]|i{1,3}|iv)"
_YEAR = r"(?:(?: nam)? (?P<y>20\d\d)| nam (?P<yy>\d\d))"
_ROUND = re.compile(rf"\b(?:dot|quy)(?: so| thu)? ?{_QUARTER}{_YEAR}\b")
_SHORT_ROUND = re.compile(rf"(?:ky )?q{_QUARTER} ?(?:nam )?(?P<y>20\d\d)(?P<yy>)")
_MONTH = re.compile(r"(?<!ngay )\bthang (?P<m>0?[1-9]|1[0-2])(?: quy)? nam (?P<y>20\d\d)\b")
_UNFILLED = re.compile(r"\bdot\b(?! nay)|\bquy\b(?=.*\bnam\b)|^quy$")
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}


def read_round(text: str) -> Round | None:
    """Read the round in a line: `Đợt 1 năm 2015`, `Quý IV/2014`, `Quý 1-2015`, `Q1/2015`."""
    line = folded(text)
    found = _ROUND.search(line) or _SHORT_ROUND.fullmatch(line)
    if not found:
        return None
    quarter = _ROMAN.get(found["q"]) or int(found["q"])
    return Round(int(found["y"] or f"20{found['yy']}"), quarter)


def read_month_round(text: str) -> Round | None:
    """Read the round from a month, as cost lists name it where the quarter is left blank."""
    line = folded(text)
    found = _MONTH.search(line)
    if not found or re.search(r"\bngay\b", line):
        return None
    return Round(int(found["y"]), (int(found["m"]) + 2) // 3)


@dataclass(frozen=True, slots=True)
class Line:
    """One row above a table: its text read across, and where its first cell stands."""

    sheet: str
    row: int
    text: str
    cells: tuple[tuple[int, str], ...]

    def spot(self, wanted: str = "") -> Spot:
        """Return the cell that holds `wanted`, else the row's first one."""
        column, text = next((c for c in self.cells if wanted and wanted in c[1]), self.cells[0])
        return Spot(self.sheet, a1(self.row, column), text)


def lines_of(texts: SheetText, first: int, last: int) -> tuple[Line, ...]:
    """Return the rows between two rows (both included) that hold any text."""
    return tuple(
        Line(texts.sheet.name, number, texts.line(number), tuple(row.items()))
        for number in range(first, last + 1)
        if (row := texts.row(number))
    )


@dataclass(frozen=True, slots=True)
class FoundRound:
    """The round of a heading, and the cell that names it or leaves it blank."""

    round: Round | None = None
    spot: Spot | None = None


def find_round(lines: Sequence[Line], sheet_name: str, *, months: bool) -> FoundRound:
    """Return the round that the lines name, else the one in the sheet's name.

    `months` allows a bare month to stand for its quarter (cost lists).
    """
    for line in lines:
        for text in (*(t for _, t in line.cells), line.text):
            if found := read_round(text):
                return FoundRound(found, line.spot(text))
    if months:
        for line in lines:
            if found := read_month_round(line.text):
                return FoundRound(found, line.spot())
    return FoundRound(read_round(sheet_name), _unfilled(lines))


def _unfilled(lines: Sequence[Line]) -> Spot | None:
    for line in lines:
        text = next((t for _, t in line.cells if _UNFILLED.search(folded(t))), None)
        if text is not None:
            return line.spot(text)
    return None


# --- the unit --------------------------------------------------------------------------------

_KINDS = {
    "phuong": "phuong", "p": "phuong", "f": "phuong", "xa": "xa", "x": "xa", "tt": "thi tran",
    "thi tran": "thi tran", "quan": "quan", "q": "quan", "huyen": "huyen", "h": "huyen",
    "tp": "thanh pho", "thanh pho": "thanh pho", "dac khu": "dac khu",
}  # fmt: skip
_OFFICES = ("bhxh", "ubnd", "bao hiem xa hoi", "uy ban nhan dan", "uy ban")
_NOT_ISSUER = re.compile(
    r"^(dia chi|dien thoai|kinh gui|kinh trinh|noi nhan|ten co so|co so kham|theo danh sach)\b"
    r"|\b(cung cap|benh vien|phong kham|tram y te|cong hoa xa hoi)\b"
)
_GLUED = re.compile(r"\b([pfqx])(\d{1,2})\b")
_ZEROS = re.compile(r"\b0+(?=\d)")


def _words(text: str) -> list[str]:
    return _ZEROS.sub("", _GLUED.sub(r"\1 \2", folded(text))).split()


@dataclass(frozen=True, slots=True)
class Heading:
    """The units that a heading may mean, and the line that names the most precise of them."""

    units: frozenset[str] = frozenset()
    spot: Spot | None = None
    best: str | None = None
    """The one unit meant; None where the heading names none or may mean several."""


_indexed: dict[str, UnitNames] = {}


@dataclass
class UnitNames:
    """Every way in which a heading names a unit: with its kind, after its office, or in full."""

    units: Units
    _by_kind: dict[tuple[str, str], list[Unit]] = field(default_factory=dict)
    _bare: dict[str, list[Unit]] = field(default_factory=dict)
    _full: dict[str, list[Unit]] = field(default_factory=dict)

    @classmethod
    def of(cls, units: Units) -> UnitNames:
        """Index the names of all units. The last index is kept: every list that is recognised asks
        for it, and the units change only with the configuration."""
        known = _indexed.get("last")
        if known is None or known.units is not units:
            known = cls(units)
            for unit in units.everybody:
                known._add(unit)
            _indexed["last"] = known
        return known

    def _add(self, unit: Unit) -> None:
        words = _words(unit.name)
        for spelling in {" ".join(words), " ".join(_words(unit.folder))} - {""}:
            self._full.setdefault(spelling, []).append(unit)
        for length in (2, 1):
            kind = _KINDS.get(" ".join(words[:length]))
            if kind and len(words) > length:
                name = " ".join(words[length:])
                self._by_kind.setdefault((kind, name), []).append(unit)
                if not name.isdigit():
                    self._bare.setdefault(name, []).append(unit)
                return

    def named_in(self, text: str) -> Iterator[Unit]:
        """Yield every unit that a line may name; several for a name that is not unique."""
        words = _words(text)
        at = 0
        while at < len(words):
            units, used = self._at(words, at)
            yield from units
            at += max(used, 1)

    def _at(self, words: list[str], at: int) -> tuple[list[Unit], int]:
        for length in range(7, 1, -1):
            found = self._full.get(" ".join(words[at : at + length]))
            if found:
                return found, length
        for length in (2, 1):
            kind = _KINDS.get(" ".join(words[at : at + length]))
            if kind and (placed := self._after(words, at + length, kind)):
                return placed[0], placed[1] + length
        for office in _OFFICES:
            parts = office.split()
            if words[at : at + len(parts)] == parts:
                found_bare = self._bare_after(words, at + len(parts), office)
                if found_bare:
                    return found_bare
        return [], 1

    def _after(self, words: list[str], at: int, kind: str) -> tuple[list[Unit], int] | None:
        for length in range(5, 0, -1):
            found = self._by_kind.get((kind, " ".join(words[at : at + length])))
            if found:
                return found, length
        return None

    def _bare_after(self, words: list[str], at: int, office: str) -> tuple[list[Unit], int] | None:
        """`BHXH Bình Chánh` is a district's office; `UBND Bến Nghé` a ward's, else a district's."""
        for length in range(5, 0, -1):
            found = self._bare.get(" ".join(words[at : at + length]), [])
            upper = [u for u in found if self.units.children(u.id)]
            lower = [u for u in found if not self.units.children(u.id)]
            chosen = upper if office in ("bhxh", "bao hiem xa hoi") else lower or upper
            if chosen:
                return chosen, length + len(office.split())
        return None


def find_heading(lines: Iterable[Line], names: UnitNames) -> Heading:
    """Return the units that the lines above a table name.

    Lines on who supplied the list, who it goes to, or where an office lies say nothing about who
    issues it. A ward's name that several districts have is narrowed by a district named beside it.
    """
    found: dict[str, Spot] = {}
    for line in lines:
        for column, text in line.cells:
            if not _NOT_ISSUER.search(folded(text)):
                for unit in names.named_in(text):
                    found.setdefault(unit.id, Spot(line.sheet, a1(line.row, column), text))
    return _narrowed(found, names.units)


def _narrowed(found: dict[str, Spot], units: Units) -> Heading:
    below = [i for i in found if units[i].parent in found]
    lower = below or [i for i in found if units[i].parent]
    upper = [i for i in found if not units[i].parent]
    wide = [i for i in upper if units.children(i)]
    best = _only(lower, units) if lower else _only(wide, units) or _only(upper, units)
    spots = [found[i] for i in lower or wide or upper]
    return Heading(frozenset([*lower, *upper]), spots[0] if spots else None, best)


def _only(ids: Sequence[str], units: Units) -> str | None:
    """The one unit meant; a name that one that is gone had too is that of the one that is there."""
    there = [id_ for id_ in ids if not units.is_gone(id_)] or ids
    return there[0] if len(there) == 1 else None
