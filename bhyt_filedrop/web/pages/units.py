"""One unit: whom to call, what it owes and gets, what happened, and how its rounds went."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response

from bhyt_filedrop.domain.lists.states import ListState
from bhyt_filedrop.domain.owed.faces import DebtFace, face_of
from bhyt_filedrop.domain.owed.obligations import RoundStatus
from bhyt_filedrop.domain.process.calendar import home_round, local_day
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit
from bhyt_filedrop.domain.reports.endings import EndedHandOff, endings
from bhyt_filedrop.domain.words import LETTER_KINDS, LETTER_STATES, LIST_STATES
from bhyt_filedrop.language import say
from bhyt_filedrop.web.asking import Asking
from bhyt_filedrop.web.pages.drops import late_text, state_text
from bhyt_filedrop.web.pages.handing_in import may_drop
from bhyt_filedrop.web.pages.rounds import EntryView, entry_view
from bhyt_filedrop.web.rendering import not_found, show

STRIP = 8
"""Rounds that the strip shows."""

RECENT = 60
"""Drops and letters that the timeline shows."""


def unit_page(asked: Asking) -> Response:
    """Show a unit."""
    unit = asked.unit
    if unit is None:
        return not_found(asked)
    now, units = asked.now, asked.office.world.units
    present = home_round(local_day(now))
    rounds = _back_from(present, STRIP)
    history = asked.office.rounds_of(unit, rounds, now)
    entries = [entry for one in history[-1].handoffs for entry in one.entries]
    return show(
        asked,
        "unit.html.j2",
        unit=unit,
        full_name=units.full_name(unit),
        may_drop=may_drop(asked, unit),
        can_write=asked.office.unit_acts.can_write,
        above=units.by_id.get(unit.parent),
        children=[one for one in units.children(unit.id) if asked.sight.sees(one.id)],
        round=present,
        owes=[entry_view(asked, one) for one in entries if one.owed.sender.id == unit.id],
        gets=[entry_view(asked, one) for one in entries if one.owed.sender.id != unit.id],
        strip=[(one.round, _squares(asked, unit, one)) for one in history],
        days=timeline(asked, unit, rounds),
        done=asked.query.get("done", ""),
    )


def _back_from(round_: Round, count: int) -> tuple[Round, ...]:
    found = [round_]
    while len(found) < count:
        found.append(found[-1].previous)
    return tuple(reversed(found))


@dataclass(frozen=True, slots=True)
class Square:
    """One hand-off of one round: how it ended, and the drop that proves it ("" = none)."""

    view: EntryView
    drop: str


def _squares(asked: Asking, unit: Unit, one: RoundStatus) -> list[Square]:
    lists = asked.office.page.lists_of(unit.id, [str(one.round)])
    first = asked.office.world.first_round
    if not lists and not (first and first <= one.round):
        return []  # before this site began, nobody knows what came
    own = {record.drop for record in lists if record.basis}
    return [
        Square(entry_view(asked, ended.entry), _proof(asked, ended, own))
        for ended in endings(one, lists, {})
        if face_of(ended.entry, asked.now) is not DebtFace.OPEN
    ]


def _proof(asked: Asking, ended: EndedHandOff, own: set[str]) -> str:
    """The drop by which it ended, where the account may open it."""
    last = ended.proofs[-1].drop if ended.proofs else ""
    if asked.sight.sees_city:
        return last
    sees = asked.sight.sees(ended.entry.owed.sender.id) and last not in own
    return last if sees else ""


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the timeline: when, what kind it is, in words, and where it leads."""

    at: datetime
    kind: str
    text: str
    state: str
    path: str


def timeline(
    asked: Asking, unit: Unit, rounds: tuple[Round, ...]
) -> list[tuple[str, list[Happening]]]:
    """Return what happened to a unit by day, the newest first."""
    found = [*_drops(asked, unit), *_letters(asked, unit), *_lists(asked, unit, rounds)]
    days: dict[str, list[Happening]] = {}
    for one in sorted(found, key=lambda h: h.at, reverse=True)[: 2 * RECENT]:
        days.setdefault(f"{local_day(one.at):%d/%m/%Y}", []).append(one)
    return list(days.items())


def _drops(asked: Asking, unit: Unit) -> Iterator[Happening]:
    for drop in asked.office.page.arrived([unit.id], limit=RECENT):
        late = late_text(asked, drop)
        yield Happening(
            drop.arrived_at,
            say("tệp nộp", "drop"),
            drop.name,
            state_text(drop.state) + (f" ({late})" if late else ""),
            f"/drops/{drop.id}",
        )


def _letters(asked: Asking, unit: Unit) -> Iterator[Happening]:
    for one in asked.office.page.letters([unit.id], limit=RECENT):
        yield Happening(
            one.created_at,
            say("thư", "letter"),
            say(LETTER_KINDS.get(one.kind, one.kind), one.kind),
            say(LETTER_STATES.get(one.state, one.state), one.state),
            f"/letters/{one.key}",
        )


def _lists(asked: Asking, unit: Unit, rounds: tuple[Round, ...]) -> Iterator[Happening]:
    """The lists that others gave to it."""
    handoffs = asked.office.world.process.handoffs
    for record in asked.office.page.lists_of(unit.id, [str(round_) for round_ in rounds[-2:]]):
        given = record.key.receiver == unit.id and record.key.sender != unit.id
        if not given or record.is_proposal or record.state == ListState.RETURNED:
            continue
        handoff = handoffs.get(record.key.handoff)
        named = f"{handoff.number} {handoff.name}" if handoff else record.key.handoff
        seen = asked.sight.sees_city or (asked.sight.sees(record.key.sender) and not record.basis)
        yield Happening(
            record.completed_at or record.at,
            say("danh sách nhận về", "list received"),
            f"{named}, {_name(asked, record.key.sender)}, {record.rows} {say('dòng', 'rows')}",
            say(LIST_STATES[record.state], str(record.state)),
            f"/drops/{record.drop}" if seen else "",
        )


def _name(asked: Asking, unit_id: str) -> str:
    unit = asked.office.world.units.by_id.get(unit_id)
    return unit.name if unit else unit_id
