"""What people arrange about lists that are owed: extend, snooze, acknowledge, undo, list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bhyt_filedrop.commands.common import (
    DAY,
    ROUND,
    F,
    books_of,
    by_option,
    config_option,
    given_or_now,
    json_option,
    local_text,
    now_option,
    print_json,
    settings_of,
    tell,
    why_option,
)
from bhyt_filedrop.domain.owed.arrangements import Arrangement
from bhyt_filedrop.domain.process.calendar import home_round, local_day
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.language import say
from bhyt_filedrop.work.rounds.arranging import OwedBy

if TYPE_CHECKING:
    from bhyt_filedrop.domain.declared import World
    from bhyt_filedrop.work.rounds.arranging import Arranging

EVERYBODY = "all"


@click.group(
    help=say(
        "Gia hạn, hẹn ngày, ghi nhận một khoản phải nộp; xem và hủy các ghi nhận ấy.",
        "Extend, snooze or acknowledge what is owed; list and undo that.",
    )
)
def debt() -> None:
    pass


def _about(command: F) -> F:
    """Add what every act is about: a unit, a hand-off, a round, one receiver."""
    options: tuple[Callable[[F], F], ...] = (
        click.argument("unit"),
        click.argument("handoff"),
        click.option("--to", "receiver", default="", help=say("Chỉ với nơi nhận này.",
                                                              "Towards this receiver only.")),
        click.option("--round", "round_", type=ROUND, help=say("Đợt, ví dụ 2015Q1.",
                                                               "The round, as 2015Q1.")),
        why_option, by_option, config_option, json_option, now_option,
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def _until(text_vi: str, text_en: str) -> Callable[[F], F]:
    return click.option("--until", required=True, type=DAY, help=say(text_vi, text_en))


def _act(
    config: Path | None,
    now: datetime | None,
    as_json: bool,
    act: Callable[[Arranging, datetime], Arrangement],
) -> None:
    from bhyt_filedrop.wiring.declared import world_of
    from bhyt_filedrop.wiring.rounds import arranging_of

    settings = settings_of(config)
    books, world = books_of(settings, writes=True), world_of(settings)
    _print(act(arranging_of(world, books), given_or_now(now)), world, as_json)


def _print(one: Arrangement, world: World, as_json: bool) -> None:
    if as_json:
        print_json(one.as_json())
        return
    units, handoff = world.units, world.process.handoffs.get(one.handoff)
    whose = units.full_name(units[one.unit]) if one.unit in units else one.unit
    to = f" → {units[one.receiver].name}" if one.receiver in units else ""
    said = f"{handoff.number if handoff else one.handoff} {one.round}, {whose or units.top}{to}"
    undone = say(f" [đã hủy {local_text(one.undone_at)}]", f" [undone {local_text(one.undone_at)}]")
    tell(
        f"{one.id:4} {said}: {one.text} – {one.by}, {local_text(one.at)}"
        + (undone if one.undone_at else "")
    )


@debt.command(help=say("Gia hạn: đổi ngày cuối phải nộp.", "Move the last day to a later one."))
@_until("Ngày cuối mới, ví dụ 2015-06-30.", "The new last day, as 2015-06-30.")
@_about
def extend(
    unit: str, handoff: str, receiver: str, round_: Round | None, until: date, why: str, by: str,
    config: Path | None, as_json: bool, now: datetime | None,
) -> None:  # fmt: skip
    which = _debt_of(unit, handoff, receiver, round_, now)
    _act(config, now, as_json, lambda acts, at: acts.extend(which, until, why, by, at))


@debt.command(
    help=say(
        "Đã liên hệ, hẹn ngày: tới hết ngày ấy không nhắc, không báo cấp trên.",
        "An appointment: no reminder and no word upwards until that day is over.",
    )
)
@_until("Ngày hẹn, ví dụ 2015-06-20.", "The day of the appointment, as 2015-06-20.")
@_about
def snooze(
    unit: str, handoff: str, receiver: str, round_: Round | None, until: date, why: str, by: str,
    config: Path | None, as_json: bool, now: datetime | None,
) -> None:  # fmt: skip
    which = _debt_of(unit, handoff, receiver, round_, now)
    _act(config, now, as_json, lambda acts, at: acts.snooze(which, until, why, by, at))


@debt.command(
    help=say(
        "Ghi nhận đã có người theo dõi: vẫn nhắc đơn vị, thôi báo cấp trên.",
        "Somebody sees to it: its unit is reminded, nothing is told upwards.",
    )
)
@_about
def acknowledge(
    unit: str, handoff: str, receiver: str, round_: Round | None, why: str, by: str,
    config: Path | None, as_json: bool, now: datetime | None,
) -> None:  # fmt: skip
    which = _debt_of(unit, handoff, receiver, round_, now)
    _act(config, now, as_json, lambda acts, at: acts.acknowledge(which, why, by, at))


@debt.command(help=say("Hủy một ghi nhận, theo số của nó.", "Undo an arrangement, by its number."))
@click.argument("number", type=click.IntRange(1))
@why_option
@by_option
@config_option
@json_option
@now_option
def undo(
    number: int, why: str, by: str, config: Path | None, as_json: bool, now: datetime | None
) -> None:
    _act(config, now, as_json, lambda acts, at: acts.undo(number, why, by, at))


@debt.command("list", help=say("Các ghi nhận của một đợt.", "The arrangements of a round."))
@click.option("--round", "round_", type=ROUND, help=say("Đợt.", "The round."))
@config_option
@json_option
@now_option
def list_(round_: Round | None, config: Path | None, as_json: bool, now: datetime | None) -> None:
    from bhyt_filedrop.wiring.declared import world_of
    from bhyt_filedrop.wiring.rounds import arranging_of

    settings = settings_of(config)
    books, world = books_of(settings), world_of(settings)
    wanted = round_ or home_round(local_day(given_or_now(now)))
    found = arranging_of(world, books).book.of_round(wanted)
    for one in found:
        _print(one, world, as_json)
    if not found and not as_json:
        tell(say(f"{wanted.title}: chưa ghi nhận gì.", f"{wanted}: nothing was arranged."))


def _debt_of(
    unit: str, handoff: str, receiver: str, round_: Round | None, now: datetime | None
) -> OwedBy:
    whose = "" if unit == EVERYBODY else unit
    wanted = round_ or home_round(local_day(given_or_now(now)))
    return OwedBy(handoff, wanted, whose, receiver)
