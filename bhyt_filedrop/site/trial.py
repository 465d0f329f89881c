"""What another configuration would change: as a value, and in words for a screen and the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bhyt_filedrop.domain.letters.letter import Json
from bhyt_filedrop.domain.owed.differences import LetterChange, OwedChange
from bhyt_filedrop.domain.process.calendar import short_moment
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Units
from bhyt_filedrop.domain.words import LETTER_KINDS
from bhyt_filedrop.language import say
from bhyt_filedrop.site.unit_book import UnitLine


@dataclass(frozen=True, slots=True)
class Trial:
    """Everything that another configuration would change: its files, the units, the folders (tree
    and path), who owes what in the round in hand, and the letters of the next working morning."""

    files: tuple[str, ...]
    units: tuple[UnitLine, ...]
    new_folders: tuple[str, ...]
    lost_folders: tuple[str, ...]
    round: Round
    owed: tuple[OwedChange, ...]
    morning: datetime
    letters: tuple[LetterChange, ...]

    def as_json(self) -> dict[str, Json]:
        """As the command line prints it."""
        return {
            "files": list(self.files),
            "units": [one.as_json() for one in self.units],
            "new_folders": list(self.new_folders),
            "lost_folders": list(self.lost_folders),
            "round": str(self.round),
            "owed": [one.as_json() for one in self.owed],
            "morning": self.morning.isoformat(),
            "letters": [one.as_json() for one in self.letters],
        }


@dataclass(frozen=True, slots=True)
class TrialPart:
    """One kind of change: what it is called, and each of it on a line."""

    title: str
    lines: tuple[str, ...]


def trial_parts(found: Trial, units: Units) -> tuple[TrialPart, ...]:
    """Say what would change, part by part; `units` are those in force."""
    nobody, when = say("(không phải nộp)", "(not owed)"), short_moment(found.morning)
    return (
        TrialPart(say("Đơn vị", "Units"), tuple(one.text for one in found.units)),
        TrialPart(say("Thư mục mới (chạy init)", "New folders (run init)"), found.new_folders),
        TrialPart(say("Thư mục không dùng nữa", "Folders of no more use"), found.lost_folders),
        TrialPart(
            say(f"Phải nộp, {found.round.title}", f"Owed, {found.round}"),
            tuple(
                f"{one.number} {_name(one.sender, units)}"
                + (f" → {_name(one.receiver, units)}" if one.receiver else "")
                + f": {one.before or nobody} → {one.after or nobody}"
                for one in found.owed
            ),
        ),
        TrialPart(
            say(f"Thư {when}", f"Letters of {when}"),
            tuple(f"{_name(one.unit, units)}: {_kinds(one)}" for one in found.letters),
        ),
    )


def shortened(lines: Sequence[str], most: int) -> tuple[str, ...]:
    """Return so many lines at the most, and behind them how many more there are."""
    left = len(lines) - most
    return (*lines[:most], f"… (+{left})") if left > 0 else tuple(lines)


def _name(unit_id: str, units: Units) -> str:
    unit = units.by_id.get(unit_id)
    return units.full_name(unit) if unit else unit_id


def _kinds(one: LetterChange) -> str:
    if one.before == one.after:
        return say(f"{_kind(one.after)}, nội dung khác", f"{one.after}, saying something else")
    return f"{_kind(one.before)} → {_kind(one.after)}"


def _kind(kind: str) -> str:
    return say(LETTER_KINDS.get(kind, kind), kind) or "–"
