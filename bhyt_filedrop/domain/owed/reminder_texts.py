"""The facts of a reminder as a letter's context: grouped, named, counted, cut to what is read.

A district that still owes twenty wards their lists reads one line with twenty names, not twenty
lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bhyt_filedrop.domain.cells.text import capitalised
from bhyt_filedrop.domain.letters.letter import Json
from bhyt_filedrop.domain.owed.faces import mark_of
from bhyt_filedrop.domain.owed.obligations import (
    DONE,
    Entry,
    HandOffStatus,
    RoundStatus,
    Standing,
)
from bhyt_filedrop.domain.owed.wants import NOTHING_CAME, marked_want, missing_names
from bhyt_filedrop.domain.process.calendar import WorkingDays
from bhyt_filedrop.domain.process.folders import Routes
from bhyt_filedrop.domain.process.units import Units

MAX_NAMES = 40
"""A letter names so many units in one line; the rest is a number."""


def items(
    entries: Sequence[Entry],
    day: date,
    form_names: Mapping[str, str],
    routes: Routes | None = None,
) -> list[Json]:
    """Return one line a round and hand-off on what a unit owes, the most urgent first.

    Each has `handoff`, `number`, `handoff_name`, `round_title`, `due_text`, `days_left` (calendar
    days; negative = late), `made` (the product makes and sends it when it can), `overdue`,
    `receivers` and `receivers_total` (whom it still has to serve), `missing` (names of lists still
    to come, where some have come), `added` (children whom a corrected list added after the answer),
    `added_named` (the first of these, as the letter about that list names them),
    `folder` and `forms` (where to drop it and as what; "" = not known),
    `wants` (what is still wanted, where it is not simply all of it; see `wants.marked_want`).
    """
    grouped: dict[tuple[str, str, date], list[Entry]] = {}
    for entry in sorted(entries, key=_last_day):
        grouped.setdefault(_place(entry), []).append(entry)
    return [_item(group, day, form_names, routes) for group in grouped.values()]


def _place(entry: Entry) -> tuple[str, str, date]:
    """What is told in one line: one hand-off of one round, due on one day."""
    return str(entry.owed.round), entry.owed.handoff.id, _last_day(entry)


def _last_day(entry: Entry) -> date:
    return entry.owed.dated.last_day


def _item(
    group: Sequence[Entry], day: date, form_names: Mapping[str, str], routes: Routes | None
) -> dict[str, Json]:
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
        "missing": list(missing_names(first, form_names)),
        "added": sum(e.added for e in group),
        "added_named": [name for e in group for name in e.added_named],
        "wants": _wants(group, form_names),
        "folder": routes.folder_for(first.owed.sender, first.owed.handoff) if routes else "",
        "forms": routes.forms_text(first.owed.handoff) if routes else "",
    }


def _wants(group: Sequence[Entry], form_names: Mapping[str, str]) -> list[Json]:
    """Say what is wanted of a group; towards many receivers each with its name."""
    special = [e for e in group if not e.is_plain]
    if len(group) == 1:
        return [marked_want(e, form_names) for e in special]
    named = [(e.owed.receiver.name if e.owed.receiver else "", e) for e in special]
    return [marked_want(e, form_names, name) for name, e in named[:MAX_NAMES]]


def escalation_lines(
    reader: str,
    lines: Sequence[tuple[Entry, bool]],
    day: date,
    units: Units,
    days: WorkingDays,
    form_names: Mapping[str, str],
) -> list[Json]:
    """Return one line a round and hand-off on what others owe; what is new stands first.

    `reader` is the id of the unit that is told: what lies below it is named with its phone.

    Each has `number`, `handoff_name`, `round_title`, `due_text`, `owed_by` (see `Naming`),
    `working_days_late`, `new` and `before` (those told of earlier and still late; as
    `Naming.debt_lines`), `new_total` and `before_total` (numbers of units).
    """
    grouped: dict[tuple[str, str, date], list[tuple[Entry, bool]]] = {}
    for entry, new in lines:
        grouped.setdefault(_place(entry), []).append((entry, new))
    return [
        _escalated_line(reader, group, day, units, days, form_names) for group in grouped.values()
    ]


def _escalated_line(
    reader: str,
    group: Sequence[tuple[Entry, bool]],
    day: date,
    units: Units,
    days: WorkingDays,
    form_names: Mapping[str, str],
) -> dict[str, Json]:
    entries = [entry for entry, _ in group]
    first = entries[0]
    beneath = all(entry.owed.sender.parent == reader for entry in entries)
    naming = Naming.of(entries, units, beneath=beneath)
    new = [entry for entry, is_new in group if is_new]
    named = set(naming.of_all(new))
    before = [entry for entry, is_new in group if not is_new and naming.one(entry) not in named]
    return {
        "handoff": first.owed.handoff.id,
        "number": first.owed.handoff.number,
        "handoff_name": first.owed.handoff.name,
        "round": str(first.owed.round),
        "round_title": first.owed.round.title,
        "due_text": first.owed.dated.text,
        "owed_by": naming.owed_by(first),
        "working_days_late": days.between(first.owed.dated.last_day, day),
        "new": list(naming.debt_lines(new, form_names)),
        "new_total": len(named),
        "before": list(naming.debt_lines(before, form_names)),
        "before_total": len(naming.of_all(before)),
    }


@dataclass(frozen=True, slots=True)
class Naming:
    """How the debts of one hand-off are named: by who owes, or, where one owes to many, by whom."""

    units: Units
    by_receiver: bool
    beneath: bool = False
    """The unit above stands in the line over them, or reads the line: they are named without it,
    with their phones."""

    @classmethod
    def of(cls, entries: Sequence[Entry], units: Units, *, beneath: bool = False) -> Naming:
        """Choose for all debts of a hand-off at once."""
        senders = {e.owed.sender.id for e in entries}
        receivers = {e.owed.receiver.id for e in entries if e.owed.receiver}
        return cls(units, len(senders) == 1 and len(receivers) > 1, beneath)

    def one(self, entry: Entry) -> str:
        """Name one debt, with the unit above: `Phường Bến Nghé, Quận 1`."""
        unit = (entry.owed.receiver if self.by_receiver else None) or entry.owed.sender
        if not self.beneath:
            return self.units.full_name(unit)
        return f"{unit.name} (ĐT {unit.phone})" if unit.phone else unit.name

    def owed_by(self, entry: Entry) -> str:
        """Name the one who owes to many; "" where the names are of those who owe."""
        return entry.owed.sender.name if self.by_receiver else ""

    def of_all(self, entries: Iterable[Entry]) -> list[str]:
        """Name each unit once, in order."""
        return list(dict.fromkeys(self.one(entry) for entry in entries))

    def debt_lines(self, entries: Sequence[Entry], form_names: Mapping[str, str]) -> list[str]:
        """Say of whom nothing came, in one sentence, and of each other what is still wanted."""
        plain = [e for e in entries if e.is_plain]
        others = [e for e in entries if not e.is_plain]
        said = dict.fromkeys(marked_want(e, form_names, self.one(e)) for e in others)
        lines = _cut(list(said), "đơn vị khác")
        if plain:
            nothing = self.of_all(plain)
            words = "Chưa gửi tới" if self.by_receiver else capitalised(NOTHING_CAME)
            title = f"{mark_of(plain[0])} {words}"
            lines.insert(0, f"{title} ({len(nothing)}): " + "; ".join(_cut(nothing, "đơn vị khác")))
        return lines


def _cut(lines: Sequence[str], what: str) -> list[str]:
    more = len(lines) - MAX_NAMES
    return [*lines[:MAX_NAMES], *([f"và {more} {what}"] if more > 0 else [])]


def round_summary(
    state: RoundStatus,
    units: Units,
    form_names: Mapping[str, str],
    undecided: frozenset[str] = frozenset(),
    day: date | None = None,
) -> dict[str, Json]:
    """Return a round for the digest of a `day`: `round`, `round_title`, `to_act_on`, `arranged`,
    `undecided`, `handoffs`.

    `to_act_on` has a line for each office (a district, a department) under which something is
    overdue, those with most first: `above` (its name and phone), `total` and `handoffs`, each with
    `number`, `handoff_name`, `due_text` and `told` (see `Naming.debt_lines`).

    `arranged` has a line for each overdue debt of which somebody arranged that nothing is told
    upwards that day: nobody has to act on it.

    `undecided` names those who may have handed over what they owe: it is not judged yet.

    Each of `handoffs` has `number`, `handoff_name`, `due_text`, `owed_by` (see `Naming`), the
    numbers of units `total`, `delivered` (late ones included), `late_delivered`, `partly`, `owing`
    (partly ones included), `overdue`; and `told` of those that still have time but need a look: a
    file went back, or a part came.
    """
    dated = [one for one in state.handoffs if one.deadline and one.entries]
    owing = {e.owed.sender.id for one in dated for e in one.entries if e.standing not in DONE}
    return {
        "round": str(state.round),
        "round_title": state.round.title,
        "to_act_on": _to_act_on(dated, units, form_names, undecided, day),
        "arranged": _arranged_lines(dated, units, day),
        "undecided": [
            units.full_name(units[one]) for one in units.in_order(undecided & owing)[:MAX_NAMES]
        ],
        "handoffs": [_handoff_summary(one, units, form_names) for one in dated],
    }


def _to_act_on(
    dated: Sequence[HandOffStatus],
    units: Units,
    form_names: Mapping[str, str],
    undecided: frozenset[str],
    day: date | None,
) -> list[Json]:
    entries = [e for one in dated for e in one.entries if e.owed.sender.id not in undecided]
    overdue = [e for e in entries if e.standing is Standing.OVERDUE and not _is_seen_to(e, day)]
    by_office: dict[str, dict[tuple[str, str, date], list[Entry]]] = {}
    for entry in overdue:
        office = units.by_id.get(entry.owed.sender.parent, entry.owed.sender)
        by_office.setdefault(office.id, {}).setdefault(_place(entry), []).append(entry)
    totals = {office: sum(map(len, found.values())) for office, found in by_office.items()}
    return [
        {
            "above": units[office].name,
            "phone": units[office].phone,
            "total": totals[office],
            "handoffs": [_act_line(group, units, form_names) for group in found.values()],
        }
        for office, found in sorted(by_office.items(), key=lambda one: -totals[one[0]])
    ]


def _is_seen_to(entry: Entry, day: date | None) -> bool:
    return bool(entry.arranged and day and entry.arranged.is_kept_from_above(day))


def _arranged_lines(dated: Sequence[HandOffStatus], units: Units, day: date | None) -> list[Json]:
    found = [e for one in dated for e in one.entries if _is_seen_to(e, day)]
    return list(
        _cut(
            [
                f"{e.owed.handoff.number} {units.full_name(e.owed.sender)}: {e.arranged.text}"
                for e in found
                if e.arranged and e.standing is Standing.OVERDUE
            ],
            "mục khác",
        )
    )


def _act_line(group: Sequence[Entry], units: Units, form_names: Mapping[str, str]) -> Json:
    first = group[0].owed
    naming = Naming.of(group, units, beneath=True)
    return {
        "number": first.handoff.number,
        "handoff_name": first.handoff.name,
        "due_text": first.dated.text,
        "told": list(naming.debt_lines(group, form_names)),
    }


def _handoff_summary(
    one: HandOffStatus, units: Units, form_names: Mapping[str, str]
) -> dict[str, Json]:
    """Count units: a district that has served twelve of its wards of fifteen still owes."""
    by = _worst_by_unit(one.entries, units)
    groups = {s: [name for name, worst in by.items() if worst is s] for s in Standing}
    delivered = groups[Standing.DELIVERED] + groups[Standing.LATE]
    owing = groups[Standing.PARTLY] + groups[Standing.OWED]
    naming = Naming.of(one.entries, units)
    in_time = [e for e in one.entries if e.standing in (Standing.PARTLY, Standing.OWED)]
    return {
        "handoff": one.handoff.id,
        "number": one.handoff.number,
        "handoff_name": one.handoff.name,
        "due_text": one.deadline.text if one.deadline else "",
        "owed_by": naming.owed_by(one.entries[0]),
        "total": len(by),
        "delivered": len(delivered),
        "late_delivered": len(groups[Standing.LATE]),
        "partly": len(groups[Standing.PARTLY]),
        "owing": len(owing),
        "overdue": len(groups[Standing.OVERDUE]),
        "told": list(naming.debt_lines([e for e in in_time if not e.is_plain], form_names)),
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
