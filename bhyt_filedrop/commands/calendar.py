"""A round's calendar: its due dates as they hold, as a table, JSON or iCalendar."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from bhyt_filedrop.commands.common import (
    ROUND,
    books_of,
    config_option,
    given_or_now,
    json_option,
    now_option,
    print_json,
    settings_of,
    tell,
)
from bhyt_filedrop.commands.rounds import ROUND_HELP, round_or_present
from bhyt_filedrop.commands.tables import print_table
from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.owed.arrangements import Arrangements
from bhyt_filedrop.domain.owed.extended_days import DueDate, dates_that_hold
from bhyt_filedrop.domain.process.calendar import day_text
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.language import say
from bhyt_filedrop.settings import Settings, load


def _calendar_of_unit(
    settings: Settings, world: World, unit: str, round_: Round, now: datetime | None
) -> bytes:
    from bhyt_filedrop.domain.owed.ics import unit_calendar
    from bhyt_filedrop.wiring.rounds import status_of

    if unit not in world.units:
        raise click.UsageError(say(f"không có đơn vị {unit}", f"there is no unit {unit}"))
    moment = given_or_now(now)
    state = status_of(world, books_of(settings), round_, moment)
    return unit_calendar([state], unit, world.process, world.days, moment).encode()


@click.command(help=say("Lịch của một đợt.", "A round's calendar."))
@config_option
@json_option
@now_option
@click.option("--round", "round_", type=ROUND, help=ROUND_HELP)
@click.option("--ics", is_flag=True, help=say("In ra dạng iCalendar.", "Print iCalendar."))
@click.option(
    "--unit",
    default="",
    help=say(
        "Với --ics: lịch riêng của một đơn vị, kể cả ngày đã gia hạn.",
        "With --ics: one unit's own calendar, what was extended included.",
    ),
)
def calendar(
    config: Path | None,
    as_json: bool,
    now: datetime | None,
    round_: Round | None,
    ics: bool,
    unit: str,
) -> None:
    from bhyt_filedrop import resources
    from bhyt_filedrop.wiring.books import extensions_in
    from bhyt_filedrop.wiring.declared import world_of

    if ics and as_json:
        raise click.UsageError(
            say("Chỉ chọn một: --json hoặc --ics.", "Choose one: --json or --ics.")
        )
    if unit and not ics:
        raise click.UsageError(say("--unit chỉ dùng với --ics.", "--unit goes with --ics only."))
    settings: Settings = load(config or resources.config_dir())
    world, wanted = world_of(settings), round_or_present(round_, given_or_now(now))
    if unit:
        sys.stdout.buffer.write(_calendar_of_unit(settings_of(config), world, unit, wanted, now))
        return
    arranged = Arrangements.of(extensions_in(settings))
    dates = dates_that_hold(world.process, world.units, wanted, world.days, arranged)
    if ics:
        from bhyt_filedrop.domain.owed.ics import calendar as ics_text

        text = ics_text(world.process, dates, world.units, world.days, given_or_now(now))
        sys.stdout.buffer.write(text.encode())
    elif as_json:
        for one in dates:
            print_json(_due_json(one))
    else:
        _print_calendar(wanted, dates, world)


def _due_json(one: DueDate) -> dict[str, Any]:
    ends = {"sender": one.handoff.sender, "receiver": one.handoff.receiver}
    return {"round": str(one.round), "handoff": one.handoff.id, **ends, **one.as_json()}


def _print_calendar(round_: Round, dates: Sequence[DueDate], world: World) -> None:
    tell(f"{round_.title} ({round_})")
    print_table(
        ["", say("Bước chuyển", "Hand-off"), say("Hạn", "Due"), say("Ngày cuối", "Last day")],
        [row for one in dates for row in _calendar_rows(one, world)],
    )


def _calendar_rows(one: DueDate, world: World) -> Iterator[list[str]]:
    due = one.due
    yield [
        one.handoff.number,
        one.handoff.name,
        due.text if due else "-",
        day_text(due.last_day) if due else "",
    ]
    for later in one.later:
        who = say(f"gia hạn: {later.names(world.units)}", f"extended: {later.names(world.units)}")
        yield ["", f"  {who}", later.due.text, day_text(later.due.last_day)]
