"""One unit over the rounds: how each of its hand-offs ended, and what proves it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import click

from bhyt_filedrop.commands.common import (
    books_of,
    config_option,
    given_or_now,
    json_option,
    now_option,
    print_json,
    settings_of,
    tell,
)
from bhyt_filedrop.commands.tables import print_table
from bhyt_filedrop.domain.owed.wants import wanted_after
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.reports.endings import ENDINGS, EndedHandOff, Ending, history_of
from bhyt_filedrop.language import say

_SIGNS = {
    Ending.ON_TIME: "✓",
    Ending.LATE: "!",
    Ending.MISSING: "✗",
    Ending.INVALID: "↩",
    Ending.OPEN: "·",
}

_WORSE = (Ending.ON_TIME, Ending.OPEN, Ending.LATE, Ending.INVALID, Ending.MISSING)


@click.command(
    help=say(
        "Một đơn vị qua các đợt: đúng hạn, trễ, không nộp hay nộp chưa đạt, và bằng chứng.",
        "One unit over the rounds: on time, late, missing or invalid, and what proves it.",
    )
)
@click.argument("unit")
@config_option
@json_option
@now_option
def history(unit: str, config: Path | None, as_json: bool, now: datetime | None) -> None:
    from bhyt_filedrop.wiring.declared import world_of
    from bhyt_filedrop.wiring.told import endings_of

    settings = settings_of(config)
    books, world = books_of(settings), world_of(settings)
    if unit not in world.units:
        raise click.UsageError(say(f"không có đơn vị {unit}", f"there is no unit {unit}"))
    rounds = [Round.parse(one) for one in books.facts.rounds()]
    squares = history_of(unit, endings_of(world, books, rounds, given_or_now(now)))
    if as_json:
        for one in squares:
            print_json(one.as_json())
        return
    tell(world.units.full_name(world.units[unit]))
    if not squares:
        tell(say("Chưa có đợt nào.", "No round yet."))
        return
    for strip in strips(squares):
        tell(strip)
    print_table(
        [say("Đợt", "Round"), say("Bước", "Hand-off"), say("Kết quả", "Ending"),
         say("Bằng chứng", "Proof")],
        [_row(one, world.routes.labels) for one in squares],
    )  # fmt: skip


def strips(squares: tuple[EndedHandOff, ...]) -> list[str]:
    """Return a line for each hand-off with a sign for each round: the worst towards all to whom it
    is owed."""
    grouped: dict[str, dict[Round, list[Ending]]] = {}
    for one in squares:
        handoff = one.entry.owed.handoff
        name = handoff.number or handoff.id
        grouped.setdefault(name, {}).setdefault(one.round, []).append(one.ending)
    return [
        f"{name:5}"
        + " ".join(
            f"{round_} {_SIGNS[max(found, key=_WORSE.index)]}"
            for round_, found in sorted(rounds.items())
        )
        for name, rounds in grouped.items()
    ]


def _row(one: EndedHandOff, labels: Mapping[str, str]) -> list[str]:
    owed = one.entry.owed
    to = f" → {owed.receiver.name}" if owed.handoff.receiver == "child" and owed.receiver else ""
    said = say(wanted_after(ENDINGS[one.ending][0], one.entry, labels), str(one.ending))
    late = say(f", trễ {one.days_late} ngày", f", {one.days_late} days late")
    return [
        str(one.round),
        f"{owed.handoff.number or owed.handoff.id}{to}",
        said + (late if one.days_late else ""),
        "; ".join(proof.text for proof in one.proofs),
    ]
