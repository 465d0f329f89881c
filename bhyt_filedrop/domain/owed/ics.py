"""The calendar of a round as an RFC 5545 text, for the calendars people already keep.

Each due date is one event on the last day on which a list is still in time; the event ends at the
very moment from which a list is late. Its alarms ring when the product itself would remind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from bhyt_filedrop.domain.owed.extended_days import DueDate
from bhyt_filedrop.domain.owed.obligations import RoundStatus
from bhyt_filedrop.domain.owed.reminders import milestones
from bhyt_filedrop.domain.process.calendar import Deadline, WorkingDays, at
from bhyt_filedrop.domain.process.handoffs import HandOff, Process
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Units

_MAX_OCTETS = 75

_ZONE = (
    "BEGIN:VTIMEZONE",
    "TZID:Asia/Ho_Chi_Minh",
    "BEGIN:STANDARD",
    "DTSTART:19750613T000000",
    "TZOFFSETFROM:+0700",
    "TZOFFSETTO:+0700",
    "TZNAME:+07",
    "END:STANDARD",
    "END:VTIMEZONE",
)


def calendar(
    process: Process, dates: Iterable[DueDate], units: Units, days: WorkingDays, stamp: datetime
) -> str:
    """Return due dates as one calendar; `stamp` (aware) is when it was made. Who got a later day
    stands on that day too."""
    return calendar_of(
        (event for one in dates for event in _events(one, units)), process, days, stamp
    )


def _events(one: DueDate, units: Units) -> Iterator[Dated]:
    if one.due:
        yield Dated(one.round, one.handoff, one.due)
    for later in one.later:
        yield Dated(one.round, one.handoff, later.due, f"gia hạn: {later.names(units)}", True)


def unit_calendar(
    states: Iterable[RoundStatus],
    unit_id: str,
    process: Process,
    days: WorkingDays,
    stamp: datetime,
) -> str:
    """Return what one unit owes in some rounds as its own calendar: the days that hold for it, what
    was extended included; of a hand-off to many the last of their days."""
    last: dict[tuple[Round, str], Dated] = {}
    for entry in (e for state in states for one in state.handoffs for e in one.entries):
        owed = entry.owed
        key = (owed.round, owed.handoff.id)
        known = last.get(key)
        if owed.sender.id != unit_id or owed.deadline is None:
            continue
        if known is None or known.due.instant < owed.deadline.instant:
            said = "; ".join(one.text for one in entry.arrangements)
            last[key] = Dated(owed.round, owed.handoff, owed.deadline, said)
    return calendar_of(last.values(), process, days, stamp)


@dataclass(frozen=True, slots=True)
class Dated:
    """One event of a calendar; `said` is what was arranged about it ("" = nothing)."""

    round: Round
    handoff: HandOff
    due: Deadline
    said: str = ""
    beside: bool = False
    """True where it holds for some of the units, beside the day of the others."""


def calendar_of(
    dated: Iterable[Dated], process: Process, days: WorkingDays, stamp: datetime
) -> str:
    """Return dated hand-offs as one calendar.

    The text has CRLF line ends and is meant to be written as UTF-8. An event keeps its UID over
    every edition, so that importing a newer calendar moves it instead of doubling it.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//bhyt-filedrop//lich nop//VI"]
    lines += ["CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
    lines += [f"X-WR-CALNAME:{_text(process.name)}", "X-WR-TIMEZONE:Asia/Ho_Chi_Minh", *_ZONE]
    for one in dated:
        lines += _event(process, one, days, stamp)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _fold(line))


def _event(process: Process, one: Dated, days: WorkingDays, stamp: datetime) -> Iterator[str]:
    handoff, due = one.handoff, one.due
    title = f"{handoff.number} {handoff.name}, {one.round.title}: {due.text}"
    about = "; ".join(filter(None, (f"Căn cứ: {handoff.source}", one.said)))
    yield "BEGIN:VEVENT"
    yield f"UID:{_uid(one)}@bhyt-filedrop"
    yield f"DTSTAMP:{_utc(stamp)}"
    yield f"DTSTART;TZID=Asia/Ho_Chi_Minh:{due.last_day:%Y%m%d}T000000"
    yield f"DTEND;TZID=Asia/Ho_Chi_Minh:{due.instant:%Y%m%dT%H%M%S}"
    yield f"SUMMARY:{_text(title)}"
    yield f"DESCRIPTION:{_text(about)}"
    yield "TRANSP:TRANSPARENT"
    plan = handoff.reminders
    for day in milestones(plan.before, plan.on_day, due.last_day, days):
        yield from _alarm(at(day, process.remind_at), title)
    yield "END:VEVENT"


def _uid(one: Dated) -> str:
    """An event moves with its day; one for some units stands beside that for the others."""
    mine = f"-{one.due.last_day:%Y%m%d}" if one.beside else ""
    return f"{one.round}-{one.handoff.id}{mine}"


def _alarm(moment: datetime, title: str) -> Iterator[str]:
    yield "BEGIN:VALARM"
    yield "ACTION:DISPLAY"
    yield f"TRIGGER;VALUE=DATE-TIME:{_utc(moment)}"
    yield f"DESCRIPTION:{_text(title)}"
    yield "END:VALARM"


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(value: str) -> str:
    """Escape a TEXT value (RFC 5545, 3.3.11)."""
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return "\\n".join(escaped.splitlines())


def _fold(line: str) -> Iterator[str]:
    """Fold at 75 octets, never inside a character; what follows begins with a space."""
    rest, room = line, _MAX_OCTETS
    while len(rest.encode()) > room:
        cut = len(rest.encode()[:room].decode(errors="ignore"))
        yield ("" if rest is line else " ") + rest[:cut]
        rest, room = rest[cut:], _MAX_OCTETS - 1
    yield ("" if rest is line else " ") + rest
