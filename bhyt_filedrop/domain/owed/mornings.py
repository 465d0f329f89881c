"""Which morning sends reminders of what to how many, as things stand: for the calendar."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from bhyt_filedrop.domain.owed.obligations import DONE, Entry, RoundStatus
from bhyt_filedrop.domain.owed.reminders import milestones
from bhyt_filedrop.domain.process.calendar import WorkingDays, local_day
from bhyt_filedrop.domain.process.handoffs import HandOff


def planned_reminders(
    found: RoundStatus, first: date, last: date, days: WorkingDays
) -> Mapping[date, tuple[tuple[HandOff, int], ...]]:
    """Return for each working morning from `first` to `last` of how many units each hand-off would
    be asked if nothing else came."""
    counts: dict[date, tuple[tuple[HandOff, int], ...]] = {}
    span = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    mornings = [day for day in span if days.is_working(day)]
    for one in found.handoffs:
        open_ = [entry for entry in one.entries if entry.standing not in DONE]
        for day in mornings:
            count = sum(_is_asked(entry, day, found, days) for entry in open_)
            if count:
                counts[day] = (*counts.get(day, ()), (one.handoff, count))
    return dict(sorted(counts.items()))


def _is_asked(entry: Entry, day: date, found: RoundStatus, days: WorkingDays) -> bool:
    due, plan = entry.owed.deadline, entry.owed.handoff.reminders
    if due is None or day < local_day(found.now):
        return False
    if entry.arranged and entry.arranged.is_quiet_on(day):
        return False
    if day > due.last_day:
        return plan.after_daily
    return day in milestones(plan.before, plan.on_day, due.last_day, days)
