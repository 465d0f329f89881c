"""Due dates: which days are worked, when a hand-off is late, which rounds are in hand.

"Chậm nhất ngày 15" includes the 15th until 24:00; "trước ngày 25" ends with the 24th. All days are
days of Ho Chi Minh City.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

from bhyt_filedrop.domain.process.handoffs import Due, HandOff, Process
from bhyt_filedrop.domain.process.rounds import Round

# A fixed offset and not ZoneInfo: the core reads no files, and the clocks of Viet Nam have stood
# at +07:00 without summer time since 1975.
ZONE = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """Which days are worked: Monday to Friday, but for days off and for weekends swapped in.

    Both are anything that knows its days by `in` (a set, or a table that loads a year when it is
    first asked). A date in both is worked: a swapped Saturday is named on purpose.
    """

    days_off: Container[date] = frozenset()
    worked_weekends: Container[date] = frozenset()

    def is_working(self, day: date) -> bool:
        """True where the offices work on that day."""
        if day in self.worked_weekends:
            return True
        return day.weekday() < 5 and day not in self.days_off

    def next_working(self, day: date) -> date:
        """Return the day itself if it is worked, else the first worked day after it."""
        while not self.is_working(day):
            day += DAY
        return day

    def previous_working(self, day: date) -> date:
        """Return the day itself if it is worked, else the last worked day before it."""
        while not self.is_working(day):
            day -= DAY
        return day

    def count_after(self, day: date, n: int) -> date:
        """Return the n-th worked day after a day (which may itself be off); n = 0 is the day."""
        for _ in range(n):
            day = self.next_working(day + DAY)
        return day

    def between(self, day: date, later: date) -> int:
        """Count the worked days after `day` up to and including `later`."""
        span = range(1, (later - day).days + 1)
        return sum(self.is_working(day + timedelta(days=n)) for n in span)


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a hand-off is late: received at `instant` (aware, exclusive) or after it.

    `last_day` is the last day on which it is still in time. `strict` tells how people say it:
    "trước ngày …" instead of "chậm nhất ngày …".
    """

    last_day: date
    instant: datetime
    strict: bool = False
    extended: bool = False
    """True where it is later than the process says, because somebody extended it."""

    @property
    def text(self) -> str:
        """As a notice says it: `chậm nhất ngày 15/05/2015`, `trước ngày 25/06/2015`."""
        if self.strict:
            return f"trước ngày {day_text(self.last_day + DAY)}"
        said = f"chậm nhất ngày {day_text(self.last_day)}"
        return f"{said} (đã gia hạn)" if self.extended else said


def day_text(day: date) -> str:
    """Write a day as forms do: `15/05/2015`."""
    return f"{day:%d/%m/%Y}"


def moment_text(moment: datetime) -> str:
    """Write an aware moment in city time: `08:15 ngày 12/05/2015`."""
    return f"{moment.astimezone(ZONE):%H:%M ngày %d/%m/%Y}"


def short_moment(moment: datetime) -> str:
    """Write an aware moment in city time, as a table has room for it: `14/06/2015 09:05`."""
    return f"{moment.astimezone(ZONE):%d/%m/%Y %H:%M}"


def at(day: date, clock: time = time.min) -> datetime:
    """Return an aware moment of the city's clock."""
    return datetime.combine(day, clock, ZONE)


def local_day(moment: datetime) -> date:
    """Return the city's day of an aware moment."""
    return moment.astimezone(ZONE).date()


def deadline(due: Due, round: Round, days: WorkingDays) -> Deadline:
    """Return when a hand-off of a round is late (DOMAIN: 1331/BHXH-THU's dated steps).

    A strict date ("trước ngày") is never moved, even where `roll` says so: BLDS 2015 Đ.148 speaks
    of a period's end, and whether that covers an internal notice is not certain.
    """
    named = due.on or _day_of_next_quarter(due, round)
    if due.before:
        return Deadline(named - DAY, at(named), strict=True)
    last_day = days.next_working(named) if due.roll == "next" else named
    return Deadline(last_day, at(last_day + DAY))


def extended(declared: Deadline | None, until: date | None) -> Deadline | None:
    """Return when a hand-off is late of whose sender somebody extended the date to a last day."""
    if declared is None or until is None:
        return declared
    return Deadline(until, at(until + DAY), extended=True)


def of_all(declared: Deadline | None, held: Iterable[Deadline | None]) -> Deadline | None:
    """Return the day to which everybody was given time, else the declared one."""
    days = set(held)
    return days.pop() if len(days) == 1 else declared


def _day_of_next_quarter(due: Due, round: Round) -> date:
    first = round.next.first_day
    year, month = first.year, first.month + due.month - 1
    return date(year, month, min(due.day, monthrange(year, month)[1]))


def home_round(day: date) -> Round:
    """Return the round that is handled on a day: the quarter before the day's own."""
    return Round.of_day(day).previous


def belongs_to(handoff: HandOff, round: Round) -> bool:
    """True where a round has this hand-off: a fixed date falls to one round alone."""
    return not (handoff.due and handoff.due.on) or home_round(handoff.due.on) == round


def due_dates(
    process: Process, round: Round, days: WorkingDays
) -> tuple[tuple[HandOff, Deadline | None], ...]:
    """Return a round's hand-offs with their deadlines (None = no date), in declared order."""
    return tuple(
        (handoff, deadline(handoff.due, round, days) if handoff.due else None)
        for handoff in process.handoffs.values()
        if belongs_to(handoff, round)
    )


def next_whole_round(day: date, process: Process, days: WorkingDays) -> Round:
    """Return the earliest round of which nothing is due yet on a day: a site that begins with it
    asks nobody for what was handed over without it. Fixed dates count for no round."""
    round = home_round(day)
    while any(
        not (handoff.due and handoff.due.on) and due is not None and due.last_day <= day
        for handoff, due in due_dates(process, round, days)
    ):
        round = round.next
    return round


def opens(process: Process, round: Round) -> date:
    """Return the first day on which lists of a round are taken."""
    first = round.next.first_day
    return first.replace(month=first.month + process.open_from_month - 1)


def closes(process: Process, round: Round, days: WorkingDays) -> date:
    """Return the last day on which lists of a round are taken.

    Without any due date the round ends its grace after the quarter in which it is handled.
    """
    dated = [due.last_day for _, due in due_dates(process, round, days) if due]
    last = max(dated, default=round.next.last_day)
    return last + timedelta(days=process.open_days_after_last_due)


def open_rounds(now: datetime, process: Process, days: WorkingDays) -> tuple[Round, ...]:
    """Return the rounds whose lists are taken at a moment, oldest first."""
    today = local_day(now)
    round, found = home_round(today), []
    while round.year >= today.year - 2 - process.open_days_after_last_due // 365:
        if opens(process, round) <= today <= closes(process, round, days):
            found.append(round)
        round = round.previous
    return tuple(reversed(found))


def owed_once(process: Process) -> tuple[str, ...]:
    """Return the hand-offs with a date of their own, whose facts count whatever round they name."""
    return tuple(h.id for h in process.handoffs.values() if h.due and h.due.on)
