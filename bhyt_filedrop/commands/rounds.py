"""A round's status."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from bhyt_filedrop.commands.common import (
    ROUND,
    as_json_fields,
    books_of,
    config_option,
    given_or_now,
    json_option,
    local_text,
    now_option,
    print_json,
    settings_of,
    tell,
)
from bhyt_filedrop.commands.drops import state_text
from bhyt_filedrop.commands.papers import way_lines
from bhyt_filedrop.commands.tables import print_table
from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.drops.lying import SAID, Lying
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.letters.bounces import Outcome
from bhyt_filedrop.domain.letters.mailing import RefusedAddress, still_refused
from bhyt_filedrop.domain.owed.arrangements import Arrangement
from bhyt_filedrop.domain.owed.faces import LOOKS, DebtFace, mark_of
from bhyt_filedrop.domain.owed.obligations import (
    Entry,
    HandOffStatus,
    RoundStatus,
    Standing,
    Want,
)
from bhyt_filedrop.domain.owed.wants import missing_names, want_text
from bhyt_filedrop.domain.process.calendar import home_round, local_day
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.words import LETTER_STATES
from bhyt_filedrop.language import say

_SHOWN = 5
"""Lines of each kind of trouble that a screen has room for; `--json` has all."""

_REFUSALS_SHOWN = timedelta(days=92)
"""For how long a refused address is told: the letters of a round."""

_DELAYS_SHOWN = timedelta(days=5)
"""For how long a delayed letter is told: then its server has delivered it or given it up."""

_LYING_FIELDS = ("tree", "shown_path", "why", "unit", "since")
_REFUSED_FIELDS = ("address", "unit", "reason", "letters", "last", "bounced")
_LATE_FIELDS = ("address", "unit", "outcome", "reason", "letters", "last")

ROUND_HELP = say("Đợt, ví dụ 2015Q1.", "The round, as 2015Q1.")


def round_or_present(given: Round | None, now: datetime) -> Round:
    """Return the round that was named, else the one in hand at a moment."""
    return given or home_round(local_day(now))


@click.command(help=say("Ai đã nộp, ai còn nợ, ai trễ.", "Who delivered, who owes, who is late."))
@config_option
@json_option
@now_option
@click.option("--round", "round_", type=ROUND, help=ROUND_HELP)
def status(config: Path | None, as_json: bool, now: datetime | None, round_: Round | None) -> None:
    from bhyt_filedrop.wiring.declared import world_of
    from bhyt_filedrop.wiring.rounds import papers_of, reminding_of, status_of

    settings, moment = settings_of(config), given_or_now(now)
    books, world = books_of(settings), world_of(settings)
    reminding = reminding_of(world, books, lambda: moment)
    wanted = round_or_present(round_, moment)
    found = status_of(world, books, wanted, moment)
    ways = papers_of(world, books).ways(wanted)
    drops, letters = books.drops.counts(), books.letters.counts()
    lying = books.looks.lying()
    refused = still_refused(books.letters.refused(moment - _REFUSALS_SHOWN), world.units)
    late = [
        one
        for one in still_refused(books.letters.undelivered(moment - _REFUSALS_SHOWN), world.units)
        if one.outcome is not Outcome.DELAYED or one.last >= moment - _DELAYS_SHOWN
    ]
    if as_json:
        trouble = [
            {"key": key, "state": state, "error": error}
            for key, state, error in books.letters.trouble()
        ]
        told: dict[str, Any] = {"drops": drops, "letters": letters, "trouble": trouble}
        told["papers"] = [way.as_json() for way in ways]
        told["first_round"] = str(world.first_round) if world.first_round else None
        told["first_reminders_wait"] = reminding.wait_to_be_seen()
        told["refused_addresses"] = [as_json_fields(one, _REFUSED_FIELDS) for one in refused]
        told["lying"] = [as_json_fields(one, _LYING_FIELDS) for one in lying]
        told["undelivered_addresses"] = [as_json_fields(one, _LATE_FIELDS) for one in late]
        print_json(found.as_json() | told)
        return
    _print_status(found, world)
    _print_beginning(found, world.first_round, waits=reminding.wait_to_be_seen())
    for line in way_lines(ways, world):
        tell(line)
    _print_lying(lying, world)
    states = {state_text(State(name)): n for name, n in drops.items()}
    _print_counts(say("Tệp", "Drops"), states)
    _print_counts(say("Thư", "Letters"), {_letter_text(name): n for name, n in letters.items()})
    for key, state, error in books.letters.trouble(_SHOWN):
        tell(f"  ! {key} ({_letter_text(state)}): {error}")
    _print_addresses(
        say(
            "Địa chỉ thư bị từ chối: {} (sửa trong units.csv)",
            "Addresses refused for good: {} (put them right in units.csv)",
        ),
        refused,
        world,
    )
    _print_addresses(
        say(
            "Thư đã gửi nhưng chưa đến nơi: {} địa chỉ",
            "Sent but not delivered: {} addresses",
        ),
        late,
        world,
    )


def _print_beginning(found: RoundStatus, first: Round | None, *, waits: bool) -> None:
    """Say that nobody hears of this round, or not yet."""
    if first and found.round < first:
        tell(
            say(
                f"Nơi làm việc này bắt đầu từ {first.title}: không ai bị nhắc về đợt trên.",
                f"This site begins with {first}: nobody is reminded of the round above.",
            )
        )
    elif waits:
        tell(
            say(
                "Thư nhắc đầu tiên sẽ chờ người xem: remind --dry-run, rồi remind --confirm.",
                "The first reminders wait to be seen: remind --dry-run, then remind --confirm.",
            )
        )


def _print_lying(found: Sequence[Lying], world: World) -> None:
    if found:
        title = ("Tệp nằm đó mà chưa nhận được: {}", "Files that lie there and are not taken: {}")
        tell(say(*title).format(len(found)))
    for one in found[:_SHOWN]:
        unit = world.units.by_id.get(one.unit)
        whose = f" – {world.units.full_name(unit)}" if unit else ""
        since = say(f"từ {local_text(one.since)}", f"since {local_text(one.since)}")
        tell(f"  ! {one.shown_path}{whose}: {say(SAID[one.why], str(one.why))} ({since})")
    if len(found) > _SHOWN:
        tell(f"  … (+{len(found) - _SHOWN})")


def _print_addresses(title: str, found: Sequence[RefusedAddress], world: World) -> None:
    if found:
        tell(title.format(len(found)))
    for one in found[:_SHOWN]:
        unit = world.units.full_name(world.units[one.unit])
        when = f"{_how(one)}{local_text(one.last)}"
        tell(f"  ! {one.address} – {unit}: {one.reason} ({when})")
    if len(found) > _SHOWN:
        tell(f"  … (+{len(found) - _SHOWN})")


def _how(one: RefusedAddress) -> str:
    if one.outcome is Outcome.DELAYED:
        return say("còn đang chuyển, báo về ", "still on its way, told ")
    if one.outcome is Outcome.GIVEN_UP:
        return say("không chuyển được, báo về ", "given up, told ")
    return say("thư bị trả về ", "bounced ") if one.bounced else ""


def _print_counts(title: str, counts: dict[str, int]) -> None:
    tell(f"{title}: " + (", ".join(f"{n} {name}" for name, n in counts.items()) or "0"))


def _letter_text(state: str) -> str:
    return say(LETTER_STATES.get(state, state), state)


def _print_status(found: RoundStatus, world: World) -> None:
    tell(f"{found.round.title} ({found.round}), {local_text(found.now)}")
    print_table(
        ["", say("Bước chuyển", "Hand-off"), say("Hạn", "Due"), say("Đã nộp", "Delivered"),
         say("Trễ", "Late"), say("Còn nợ", "Owes"), say("Quá hạn", "Overdue")],
        [_status_row(one) for one in found.handoffs if one.entries or one.deadline],
    )  # fmt: skip
    for one in found.handoffs:
        for standing, title in (
            (Standing.OVERDUE, say("quá hạn", "overdue")),
            (Standing.PARTLY, say("còn thiếu", "partly")),
            (Standing.OWED, say("còn hạn", "in time")),
            (Standing.LATE, say("nộp trễ", "late")),
            (Standing.DELIVERED, say("đã nộp", "delivered")),
        ):
            shown = [e for e in one.entries if e.standing is standing]
            if standing is Standing.OWED:
                shown = [e for e in shown if not e.is_plain]
            names = _names(shown, world)
            if names:
                tell(f"  {one.handoff.number} {title}: {names}")


def _status_row(one: HandOffStatus) -> list[str]:
    counts = Counter(entry.standing for entry in one.entries)
    done = counts[Standing.DELIVERED] + counts[Standing.LATE]
    return [
        one.handoff.number,
        one.handoff.name,
        one.deadline.text if one.deadline else "-",
        f"{done}/{len(one.entries)}",
        str(counts[Standing.LATE]),
        str(counts[Standing.OWED] + counts[Standing.PARTLY]),
        str(counts[Standing.OVERDUE]),
    ]


def _names(entries: list[Entry], world: World, limit: int = 12) -> str:
    """Name the units that owe (or gave), those that owe behind the mark of what is wanted; towards
    one of many receivers, the receiver too."""
    names = list(dict.fromkeys(_name(entry, world) for entry in entries))
    more = len(names) - limit
    return "; ".join(names[:limit]) + (f" … (+{more})" if more > 0 else "")


def _name(entry: Entry, world: World) -> str:
    owed = entry.owed
    sender = f"{mark_of(entry)} {world.units.full_name(owed.sender)}".strip()
    if entry.saved_by_extension and entry.owed.extension:
        sender += f" ({_extension_text(entry.owed.extension)})"
    if entry.want and not entry.is_plain:
        sender += f" ({_want_text(entry, world)})"
    if owed.handoff.receiver == "child" and owed.receiver:
        return f"{sender} → {owed.receiver.name}"
    return sender


def _want_text(entry: Entry, world: World) -> str:
    names = world.routes.labels
    parts = ", ".join(missing_names(entry, names))
    back = f"{entry.sent_back:%Y-%m-%d}" if entry.sent_back else ""
    english = {
        Want.SENT_BACK: LOOKS[DebtFace.SENT_BACK].en.lower().replace(",", f" {back},", 1),
        Want.PART_CAME: f"{LOOKS[DebtFace.PART].en.lower()}, missing: {parts}",
        Want.CHILDREN_ADDED: f"{entry.added} children added",
        Want.UNPLACED: f"{entry.unplaced} children to place",
    }
    english_text = english.get(entry.want or Want.NOTHING_CAME, "nothing came")
    noted = [f"{a.kind} {a.until or ''}: {a.why}" for a in entry.arrangements]
    return say(want_text(entry, names), "; ".join((english_text, *noted)))


def _extension_text(extension: Arrangement) -> str:
    return say(
        f"trong hạn, {extension.text}", f"in time, extended {extension.until}: {extension.why}"
    )
