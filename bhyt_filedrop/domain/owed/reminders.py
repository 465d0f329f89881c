"""What has to be written at this moment about lists that are owed: a pure function of the facts.

Nothing is planned and nothing is stored but the letters themselves. Each tick of the clock asks
"what is owed now?", so a daemon that was down catches up, and one that ticks too often repeats
nothing: a unit's letter of a day has one key, and what a letter told of is told.

A unit gets one letter a day at most. Where several reasons meet (the collections office owes a list
itself, hears of late districts and gets its morning digest) they are parts of that one letter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bhyt_filedrop.domain.letters.letter import Json, Letter
from bhyt_filedrop.domain.owed import reminder_texts as texts
from bhyt_filedrop.domain.owed.obligations import (
    DONE,
    DeliveredIndex,
    Entry,
    RoundStatus,
    Standing,
    status,
)
from bhyt_filedrop.domain.process.calendar import (
    DAY,
    WorkingDays,
    at,
    day_text,
    due_dates,
    home_round,
    local_day,
    open_rounds,
)
from bhyt_filedrop.domain.process.folders import Routes
from bhyt_filedrop.domain.process.handoffs import PARENT, Process
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Units

DIGEST_LEAD = timedelta(days=7)
"""The digest begins so long before the first due date of a round."""


def key_of(unit_id: str, day: date) -> str:
    """The key of a unit's one letter of a day."""
    return f"reminder/{unit_id}/{day.isoformat()}"


def rounds_to_remind(now: datetime, process: Process, days: WorkingDays) -> tuple[Round, ...]:
    """Return the rounds of which somebody may have to hear, oldest first: those that are open,
    and those of fixed dates, whose reminders may begin before their round opens."""
    found = {*open_rounds(now, process, days), *_rounds_of_fixed_dates(local_day(now), process)}
    return tuple(sorted(found))


def _rounds_of_fixed_dates(today: date, process: Process) -> Iterable[Round]:
    grace = timedelta(days=process.open_days_after_last_due)
    for handoff in process.handoffs.values():
        if handoff.due and handoff.due.on:
            lead = DIGEST_LEAD + timedelta(days=max(handoff.reminders.before, default=0))
            if handoff.due.on - lead <= today <= handoff.due.on + grace:
                yield home_round(handoff.due.on)


@dataclass(frozen=True, slots=True)
class _Morning:
    """All that one day's letters are made of."""

    day: date
    process: Process
    units: Units
    days: WorkingDays
    rounds: tuple[RoundStatus, ...]
    told: Mapping[str, date]
    """Unit id → the last day before this one on which it got its letter."""
    form_names: Mapping[str, str]
    routes: Routes | None = None
    """Where each unit drops, and what forms are called."""
    undecided: frozenset[str] = frozenset()
    """Units of which nobody knows yet what they have handed over: no word about them is said."""

    def is_news(self, unit_id: str, milestone: date) -> bool:
        """True where a milestone has come that no letter to the unit has told of yet."""
        last = self.told.get(unit_id)
        return milestone <= self.day and (last is None or last < milestone)


def owed(
    now: datetime,
    process: Process,
    units: Units,
    days: WorkingDays,
    rounds: Iterable[Round],
    facts: DeliveredIndex,
    already: frozenset[str],
    form_names: Mapping[str, str] | None = None,
    undecided: frozenset[str] = frozenset(),
    routes: Routes | None = None,
) -> tuple[Letter, ...]:
    """Return the letters that have to be written at `now` (aware); none twice.

    `already` holds the keys of all letters of kind reminder, escalation and digest since the oldest
    of `rounds` opened. `form_names` gives forms their Vietnamese names; with `routes` the letters
    name the folder to drop into and the forms. Units that are `undecided` (a file of theirs is not
    judged yet, their folder was not looked into) are neither reminded nor named to others. Nothing
    is written on a day off or before `process.remind_at`: what was missed is told on the next
    working morning, once.
    """
    day = local_day(now)
    if not is_time(now, process, days):
        return ()
    told = _last_told(already)
    states = tuple(
        _as_of_morning(status(process, units, r, facts, now, days), at(day, process.remind_at))
        for r in dict.fromkeys(rounds)
    )
    morning = _Morning(day, process, units, days, states, told, form_names or {}, routes, undecided)
    waiting = (unit.id for unit in units if told.get(unit.id) != day)
    letters = _letters(morning)
    return tuple(letters[unit_id] for unit_id in waiting if unit_id in letters)


def is_time(now: datetime, process: Process, days: WorkingDays) -> bool:
    """True on a working day from its hour on; at no other moment (aware) is anything written."""
    day = local_day(now)
    return days.is_working(day) and now >= at(day, process.remind_at)


def _last_told(already: frozenset[str]) -> Mapping[str, date]:
    last: dict[str, date] = {}
    for key in already:
        kind, _, rest = key.partition("/")
        unit_id, _, text = rest.rpartition("/")
        if kind == "reminder":
            day = date.fromisoformat(text)
            last[unit_id] = max(day, last.get(unit_id, day))
    return last


def _as_of_morning(state: RoundStatus, morning: datetime) -> RoundStatus:
    """Leave out what began to be owed after the day's hour.

    A tick each minute and a tick a day must write the same letters, so a list that reaches a ward
    at ten is first reminded of on a later morning.
    """
    kept = tuple(
        type(one)(
            one.handoff, one.deadline, tuple(e for e in one.entries if e.owed.since <= morning)
        )
        for one in state.handoffs
    )
    return RoundStatus(state.round, state.now, kept)


def _letters(morning: _Morning) -> dict[str, Letter]:
    debts = _open_debts(morning)
    news = {unit for unit, owes in debts.items() if any(_is_due(morning, e) for e in owes)}
    risen = _escalate(morning)
    digest = _digest(morning)
    letters = {}
    for unit_id in news | set(risen) | ({morning.process.digest_to} if digest else set()):
        if unit_id not in morning.units:
            continue
        items = texts.items(debts.get(unit_id, ()), morning.day, morning.form_names, morning.routes)
        rounds = digest if unit_id == morning.process.digest_to else ()
        letters[unit_id] = _letter(morning, unit_id, items, risen.get(unit_id, ()), rounds)
    return letters


def _letter(
    morning: _Morning,
    unit_id: str,
    items: Sequence[Json],
    escalated: Sequence[Json],
    rounds: Sequence[Json],
) -> Letter:
    """One letter; its kind is its weightiest part."""
    kind = "digest" if rounds else "escalation" if escalated else "reminder"
    context: dict[str, Json] = {
        "unit_name": morning.units[unit_id].name,
        "day": day_text(morning.day),
        "items": list(items),
        "escalated": list(escalated),
        "rounds": list(rounds),
    }
    return Letter(key_of(unit_id, morning.day), kind, unit_id, context)


# --- what a unit owes itself -------------------------------------------------------------------


def _open_debts(morning: _Morning) -> dict[str, list[Entry]]:
    debts: dict[str, list[Entry]] = {}
    for entry in _dated_entries(morning.rounds):
        quiet = entry.arranged is not None and entry.arranged.is_quiet_on(morning.day)
        undecided = entry.owed.sender.id in morning.undecided
        if entry.standing not in DONE and not quiet and not undecided:
            debts.setdefault(entry.owed.sender.id, []).append(entry)
    return debts


def _dated_entries(rounds: Iterable[RoundStatus]) -> Iterable[Entry]:
    return (e for state in rounds for one in state.handoffs if one.deadline for e in one.entries)


def _is_due(morning: _Morning, entry: Entry) -> bool:
    """True where the sender has to hear of this debt today."""
    plan, last_day = entry.owed.handoff.reminders, entry.owed.dated.last_day
    if plan.after_daily and morning.day > last_day:
        return True
    return any(
        morning.is_news(entry.owed.sender.id, milestone)
        and at(milestone, morning.process.remind_at) >= entry.owed.since
        for milestone in milestones(plan.before, plan.on_day, last_day, morning.days)
    )


def milestones(
    before: Iterable[int], on_day: bool, last_day: date, days: WorkingDays
) -> tuple[date, ...]:
    """Return the working days on which a unit hears of a coming due date, in order.

    One that falls on a day off moves to the working day before it.
    """
    wanted = [last_day - timedelta(days=n) for n in before] + ([last_day] if on_day else [])
    return tuple(sorted({days.previous_working(day) for day in wanted}))


# --- who else has to hear ------------------------------------------------------------------------


def _escalate(morning: _Morning) -> dict[str, list[Json]]:
    """Unit id → lines on what is so long overdue that it hears of it, where any of it is new."""
    reached: dict[str, list[tuple[Entry, bool]]] = {}
    for entry in _dated_entries(morning.rounds):
        if entry.standing is Standing.OVERDUE and entry.owed.sender.id not in morning.undecided:
            for unit_id, since in _rises_to(morning, entry):
                line = (entry, morning.is_news(unit_id, since))
                reached.setdefault(unit_id, []).append(line)
    return {
        unit_id: texts.escalation_lines(
            unit_id, lines, morning.day, morning.units, morning.days, morning.form_names
        )
        for unit_id, lines in reached.items()
        if any(new for _, new in lines)
    }


def _rises_to(morning: _Morning, entry: Entry) -> Iterable[tuple[str, date]]:
    """Yield (unit, day) for each unit that has to hear of an overdue debt by today.

    A debt that began after its due date gives its sender the same working days as any other; an
    appointment that was not kept is news on the day after it.
    """
    arranged = entry.arranged
    if arranged and arranged.is_kept_from_above(morning.day):
        return
    kept_until = arranged.until if arranged else None
    start = max(entry.owed.dated.last_day, local_day(entry.owed.since))
    for name, n in entry.owed.handoff.reminders.escalate.items():
        unit_id = entry.owed.sender.parent if name == PARENT else name
        day = morning.days.count_after(start, n)
        if kept_until:
            day = max(day, kept_until + DAY)
        if unit_id != entry.owed.sender.id and day <= morning.day:
            yield unit_id, day


# --- the morning digest --------------------------------------------------------------------------


def _digest(morning: _Morning) -> list[Json]:
    return [
        texts.round_summary(
            state, morning.units, morning.form_names, morning.undecided, morning.day
        )
        for state in morning.rounds
        if in_hand(state, morning.process, morning.days, morning.day)
    ]


def in_hand(state: RoundStatus, process: Process, days: WorkingDays, day: date) -> bool:
    """True from seven days before a round's first due date until all of it is delivered."""
    dated = [due.last_day for _, due in due_dates(process, state.round, days) if due]
    return bool(dated) and day >= min(dated) - DIGEST_LEAD and not state.settled
