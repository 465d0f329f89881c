"""The calendar: a month with its due dates and days off, which morning asks whom, and what a
unit's own calendar subscribes to."""

from __future__ import annotations

import calendar as months
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from starlette.responses import Response

from bhyt_filedrop.domain.owed.extended_days import DueDate
from bhyt_filedrop.domain.owed.ics import unit_calendar
from bhyt_filedrop.domain.owed.mornings import planned_reminders
from bhyt_filedrop.domain.owed.obligations import RoundStatus
from bhyt_filedrop.domain.process.calendar import home_round, local_day
from bhyt_filedrop.domain.process.handoffs import HandOff
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit
from bhyt_filedrop.language import say
from bhyt_filedrop.web.asking import Asking
from bhyt_filedrop.web.rendering import go, not_found, show

NAMED = 3
"""Units that a day of the grid names; more are a number."""


@dataclass(frozen=True, slots=True)
class DueThatDay:
    """One hand-off that is due on a day; `said` tells whose later or promised day that is ("" = it
    is the declared one)."""

    round: Round
    handoff: HandOff
    said: str = ""


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One day of the grid: what is due on it, and why nobody works ("" = it is worked)."""

    day: date
    in_month: bool
    is_today: bool
    due: tuple[DueThatDay, ...]
    off: str
    works: bool


def present_month(asked: Asking) -> Response:
    """Lead to the month of today."""
    return go(f"/calendar/{local_day(asked.now):%Y-%m}")


def month_page(asked: Asking) -> Response:
    """Show a month."""
    named = re.fullmatch(r"(20\d\d)-(0[1-9]|1[0-2])", asked.names["month"])
    if not named:
        return not_found(asked)
    year, month = int(named[1]), int(named[2])
    today, world = local_day(asked.now), asked.office.world
    weeks = months.Calendar().monthdatescalendar(year, month)
    first, last = date(year, month, 1), date(year, month, months.monthrange(year, month)[1])
    found = asked.office.status(home_round(max(first, min(today, last))), asked.now)
    days = [*_declared(asked, weeks[0][0], weeks[-1][-1]), *_promised(asked, found)]
    due = {day: tuple(one for mine, one in days if mine == day) for day, _ in days}
    planned = planned_reminders(found, max(first, today), last, world.days)
    return show(
        asked,
        "calendar.html.j2",
        weeks=[[_day(asked, day, month, due.get(day, ())) for day in week] for week in weeks],
        month=first,
        before=first - timedelta(days=1),
        after=last + timedelta(days=1),
        weekdays=say("T2 T3 T4 T5 T6 T7 CN", "Mo Tu We Th Fr Sa Su").split(),
        planned=planned if asked.sight.sees_city else {},
        remind_at=world.process.remind_at,
        units=[u for u in asked.sight.visible() if not u.parent or not asked.sight.sees_city],
    )


def _declared(asked: Asking, first: date, last: date) -> Iterator[tuple[date, DueThatDay]]:
    """Yield what is due in a time, what was extended included."""
    for round_ in sorted({home_round(first).previous, home_round(first), home_round(last)}):
        for one in asked.office.dates(round_):
            yield from _days_of(asked, one.seen_by(asked.seen_units))


def _promised(asked: Asking, found: RoundStatus) -> Iterator[tuple[date, DueThatDay]]:
    """Yield the days for which lists that are still owed were promised."""
    for one in found.handoffs:
        days: dict[date, list[Unit]] = {}
        for entry in one.entries:
            made, sender = entry.arranged, entry.owed.sender
            if entry.want and made and made.until and asked.sight.sees(sender.id):
                days.setdefault(made.until, []).append(sender)
        for day, units in days.items():
            who = _named(asked, tuple(dict.fromkeys(units)))
            yield day, DueThatDay(found.round, one.handoff, say(f"hẹn: {who}", f"promised: {who}"))


def _named(asked: Asking, units: Sequence[Unit]) -> str:
    if len(units) > NAMED:
        return say(f"{len(units)} đơn vị", f"{len(units)} units")
    return "; ".join(map(asked.office.world.units.full_name, units))


def _days_of(asked: Asking, one: DueDate) -> Iterator[tuple[date, DueThatDay]]:
    if one.due:
        everybody = say("gia hạn", "extended") if one.due.extended else ""
        yield one.due.last_day, DueThatDay(one.round, one.handoff, everybody)
    for later in one.later:
        who = _named(asked, later.units)
        said = say(f"gia hạn: {who}", f"extended: {who}")
        yield later.due.last_day, DueThatDay(one.round, one.handoff, said)


def _day(asked: Asking, day: date, month: int, due: tuple[DueThatDay, ...]) -> CalendarDay:
    works = asked.office.world.days.is_working(day)
    off = "" if works else asked.office.day_off(day)
    return CalendarDay(day, day.month == month, day == local_day(asked.now), due, off, works)


def unit_ics(asked: Asking) -> Response:
    """Hand out what a unit owes in this round and the next as its own calendar."""
    if asked.unit is None:
        return not_found(asked)
    world, present = asked.office.world, home_round(local_day(asked.now))
    states = [asked.office.status(one, asked.now) for one in (present, present.next)]
    text = unit_calendar(states, asked.unit.id, world.process, world.days, asked.now)
    named = {"Content-Disposition": f'attachment; filename="{asked.unit.id}.ics"'}
    return Response(text, media_type="text/calendar; charset=utf-8", headers=named)
