"""The facts of a reminder as a letter's context: grouped, named, counted, cut to what is read.

A district that still owes twenty wards their lists reads one line with twenty names, not twenty
lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bhyt_filedrop.domain.letters.letter import Json
from bhyt_filedrop.domain.owed.obligations import Entry, HandOffStatus, RoundStatus, Standing
from bhyt_filedrop.domain.process.calendar import WorkingDays
from bhyt_filedrop.domain.process.units import Units

MAX_NAMES = 40
"""A letter names so many units in one line; the rest is a number."""


def items(entries: Sequence[Entry], day: date, form_names: Mapping[str, str]) -> list[Json]:
    """Return one line a round and hand-off on what a unit owes, the most urgent first.

    Each has `handoff`, `number`, `handoff_name`, `round_title`, `due_text`, `days_left` (calendar
    days; negative = late), `made` (the product makes and sends it when it can), `overdue`,
    `receivers` and `receivers_total` (whom it still has to serve), `missing` (names of lists still
    to come, where some have come), `added` (children whom a corrected list added after the answer).
    """
    grouped: dict[tuple[str, str], list[Entry]] = {}
    for entry in sorted(entries, key=_last_day):
        grouped.setdefault((str(entry.owed.round), entry.owed.handoff.id), []).append(entry)
    return [_item(group, day, form_names) for group in grouped.values()]


def _last_day(entry: Entry) -> date:
    return entry.owed.dated.last_day


def _item(group: Sequence[Entry], day: date, form_names: Mapping[str, str]) -> dict[str, Json]:
    first = group[0]
    receivers = [e.owed.receiver for e in group if e.owed.receiver]
    return {
        "handoff": first.owed.handoff.id,
        "number": first.owed.handoff.number,
        "handoff_name": first.owed.handoff.name,
        "source": first.owed.handoff.source,
        "round": str(first.owed.round),
        "round_title": first.owed.round.title,
        "due_text": first.owed.dated.text,
        "days_left": (first.owed.dated.last_day - day).days,
        "made": first.owed.handoff.is_made_and_sent,
        "overdue": any(e.standing is Standing.OVERDUE for e in group),
        "receivers": [unit.name for unit in receivers[:MAX_NAMES]],
        "receivers_total": len(receivers),
        "missing": _missing(first, form_names),
        "added": sum(e.added for e in group),
    }


def _missing(entry: Entry, form_names: Mapping[str, str]) -> list[Json]:
    """Name the lists still to come; none unless others have come."""
    parts = entry.owed.handoff.parts
    if len(entry.missing) == len(parts):
        return []
    return [part_name(parts[n], form_names) for n in entry.missing]


def part_name(forms: Sequence[str], form_names: Mapping[str, str]) -> str:
    """Name a part by its forms: one of them is enough, so they are joined by "hoặc"."""
    return " hoặc ".join(dict.fromkeys(form_names.get(form, form) for form in forms))


def escalation_lines(
    lines: Sequence[tuple[Entry, bool]], day: date, units: Units, days: WorkingDays
) -> list[Json]:
    """Return one line a round and hand-off on what others owe; what is new stands first.

    Each has `number`, `handoff_name`, `round_title`, `due_text`, `owed_by` (see `Naming`),
    `working_days_late`, `new` and
    `before` (names), `new_total` and `before_total` (those told of earlier and still late).
    """
    grouped: dict[tuple[str, str], list[tuple[Entry, bool]]] = {}
    for entry, new in lines:
        place = (str(entry.owed.round), entry.owed.handoff.id)
        grouped.setdefault(place, []).append((entry, new))
    return [_escalated_line(group, day, units, days) for group in grouped.values()]


def _escalated_line(
    group: Sequence[tuple[Entry, bool]], day: date, units: Units, days: WorkingDays
) -> dict[str, Json]:
    entries = [entry for entry, _ in group]
    first = entries[0]
    naming = Naming.of(entries, units)
    new = naming.of_all(entry for entry, is_new in group if is_new)
    known = naming.of_all(entry for entry, is_new in group if not is_new)
    before = [name for name in known if name not in new]
    return {
        "handoff": first.owed.handoff.id,
        "number": first.owed.handoff.number,
        "handoff_name": first.owed.handoff.name,
        "round": str(first.owed.round),
        "round_title": first.owed.round.title,
        "due_text": first.owed.dated.text,
        "owed_by": naming.owed_by(first),
        "working_days_late": days.between(first.owed.dated.last_day, day),
        "new": list(new[:MAX_NAMES]),
        "new_total": len(new),
        "before": list(before[:MAX_NAMES]),
        "before_total": len(before),
    }


@dataclass(frozen=True, slots=True)
class Naming:
    """How the debts of one hand-off are named: by who owes, or, where one owes to many, by whom."""

    units: Units
    by_receiver: bool

    @classmethod
    def of(cls, entries: Sequence[Entry], units: Units) -> Naming:
        """Choose for all debts of a hand-off at once."""
        senders = {e.owed.sender.id for e in entries}
        receivers = {e.owed.receiver.id for e in entries if e.owed.receiver}
        return cls(units, len(senders) == 1 and len(receivers) > 1)

    def one(self, entry: Entry) -> str:
        """Name one debt, with the unit above: `Phường Bến Nghé, Quận 1`."""
        receiver = entry.owed.receiver if self.by_receiver else None
        return self.units.full_name(receiver or entry.owed.sender)

    def owed_by(self, entry: Entry) -> str:
        """Name the one who owes to many; "" where the names are of those who owe."""
        return entry.owed.sender.name if self.by_receiver else ""

    def of_all(self, entries: Iterable[Entry]) -> list[str]:
        """Name each unit once, in order."""
        return list(dict.fromkeys(self.one(entry) for entry in entries))


def round_summary(state: RoundStatus, units: Units) -> dict[str, Json]:
    """Return a round for the digest: `round`, `round_title`, `handoffs`.

    Each hand-off has `number`, `handoff_name`, `due_text`, `owed_by` (see `Naming`), the numbers
    of units `total`, `delivered` (late ones included), `late_delivered`, `partly`, `owing` (partly
    ones included), `overdue`, and the names `delivered_names`, `owing_names`, `overdue_names`.
    """
    dated = (one for one in state.handoffs if one.deadline and one.entries)
    return {
        "round": str(state.round),
        "round_title": state.round.title,
        "handoffs": [_handoff_summary(one, units) for one in dated],
    }


def _handoff_summary(one: HandOffStatus, units: Units) -> dict[str, Json]:
    """Count units: a district that has served twelve of its wards of fifteen still owes."""
    by = _worst_by_unit(one.entries, units)
    groups = {s: [name for name, worst in by.items() if worst is s] for s in Standing}
    delivered = groups[Standing.DELIVERED] + groups[Standing.LATE]
    owing = groups[Standing.PARTLY] + groups[Standing.OWED]
    return {
        "handoff": one.handoff.id,
        "number": one.handoff.number,
        "handoff_name": one.handoff.name,
        "due_text": one.deadline.text if one.deadline else "",
        "owed_by": Naming.of(one.entries, units).owed_by(one.entries[0]),
        "total": len(by),
        "delivered": len(delivered),
        "late_delivered": len(groups[Standing.LATE]),
        "partly": len(groups[Standing.PARTLY]),
        "owing": len(owing),
        "overdue": len(groups[Standing.OVERDUE]),
        "delivered_names": list(delivered[:MAX_NAMES]),
        "owing_names": list(owing[:MAX_NAMES]),
        "overdue_names": list(groups[Standing.OVERDUE][:MAX_NAMES]),
    }


_WEIGHT = {
    Standing.DELIVERED: 0,
    Standing.LATE: 1,
    Standing.PARTLY: 2,
    Standing.OWED: 3,
    Standing.OVERDUE: 4,
}


def _worst_by_unit(entries: Sequence[Entry], units: Units) -> dict[str, Standing]:
    worst: dict[str, Standing] = {}
    naming = Naming.of(entries, units)
    for entry in entries:
        name = naming.one(entry)
        known = worst.get(name, entry.standing)
        worst[name] = max(known, entry.standing, key=_WEIGHT.__getitem__)
    return worst
