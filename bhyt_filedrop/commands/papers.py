"""The paper copies of certificates: who has them, who has not, and the list on top of a bundle."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bhyt_filedrop.commands.common import (
    OUT_FILE,
    ROUND,
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
from bhyt_filedrop.domain.owed.papers import PaperWay
from bhyt_filedrop.domain.process.calendar import home_round, local_day
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.language import say

if TYPE_CHECKING:
    from bhyt_filedrop.domain.declared import World
    from bhyt_filedrop.work.rounds.papers import Papers

_SHOWN = 12

_round_option = click.option("--round", "round_", type=ROUND, help=say("Đợt.", "The round."))


@click.group(
    help=say(
        "Bản sao giấy khai sinh, chứng sinh: ai đã nhận, ai chưa, danh mục in kèm.",
        "Paper copies of birth and maternity certificates: who has them, and a cover list.",
    )
)
def papers() -> None:
    pass


def _opened(config: Path | None, *, writes: bool = False) -> tuple[World, Papers]:
    from bhyt_filedrop.wiring.declared import world_of
    from bhyt_filedrop.wiring.rounds import papers_of

    settings = settings_of(config)
    world = world_of(settings)
    return world, papers_of(world, books_of(settings, writes=writes))


def _of(round_: Round | None, now: datetime | None) -> Round:
    return round_ or home_round(local_day(given_or_now(now)))


@papers.command(help=say("Ghi là các đơn vị đã nhận bản sao.", "Note that units got the copies."))
@click.argument("handoff")
@click.argument("units", nargs=-1, required=True)
@click.option("--note", default="", help=say("Ghi chú.", "A remark."))
@_round_option
@by_option
@config_option
@now_option
def tick(
    handoff: str, units: tuple[str, ...], note: str, round_: Round | None, by: str,
    config: Path | None, now: datetime | None,
) -> None:  # fmt: skip
    world, found = _opened(config, writes=True)
    wanted = _of(round_, now)
    found.came(wanted, handoff, units, note.strip(), by, given_or_now(now))
    for line in way_lines(found.ways(wanted), world):
        tell(line)


@papers.command(help=say("Hủy một ghi nhận đã nhận bản sao.", "Take such a note back."))
@click.argument("handoff")
@click.argument("unit")
@_round_option
@why_option
@by_option
@config_option
@now_option
def untick(
    handoff: str, unit: str, round_: Round | None, why: str, by: str,
    config: Path | None, now: datetime | None,
) -> None:  # fmt: skip
    world, found = _opened(config, writes=True)
    wanted = _of(round_, now)
    found.not_there(wanted, handoff, unit, why, by, given_or_now(now))
    for line in way_lines(found.ways(wanted), world):
        tell(line)


@papers.command("list", help=say("Ai đã nhận, ai chưa.", "Who has the copies, and who has not."))
@_round_option
@config_option
@json_option
@now_option
def list_papers(
    round_: Round | None, config: Path | None, as_json: bool, now: datetime | None
) -> None:
    world, found = _opened(config)
    for way in found.ways(_of(round_, now)):
        if as_json:
            print_json(way.as_json())
            continue
        here = f"{way.handoff.number} {world.units.full_name(way.unit)}"
        if way.tick:
            note = f" ({way.tick.note})" if way.tick.note else ""
            got = f"{local_text(way.tick.at)}, {way.tick.by}{note}"
            tell(say(f"✓ {here}: đã nhận {got}", f"✓ {here}: got {got}"))
        else:
            since = local_text(way.since)
            tell(say(f"  {here}: chưa nhận, danh sách có từ {since}",
                     f"  {here}: not there, the list is since {since}"))  # fmt: skip


@papers.command(help=say("Lập danh mục in kèm tập bản sao.", "Make the cover list of a bundle."))
@click.argument("unit")
@click.option("--out", type=OUT_FILE, required=True, help=say("Tệp .xlsx.", "The .xlsx file."))
@_round_option
@config_option
@now_option
def cover(
    unit: str, out: Path, round_: Round | None, config: Path | None, now: datetime | None
) -> None:
    from bhyt_filedrop.domain.paper.cover import cover_sheets
    from bhyt_filedrop.wiring.workbooks import save_sheets

    if out.suffix.lower() != ".xlsx":
        raise click.UsageError(say(f"{out.name}: chỉ ghi được .xlsx.", f"{out.name}: .xlsx only."))
    world, found = _opened(config)
    wanted = _of(round_, now)
    way, children = found.children(wanted, unit)
    save_sheets(cover_sheets(children, way.giver, way.unit, wanted, world.units), out)
    tell(say(f"Đã ghi {out}: {len(children)} trẻ", f"Wrote {out}: {len(children)} children"))


def way_lines(ways: Sequence[PaperWay], world: World) -> list[str]:
    """Return a line for each hand-off with paper copies: how many came, who lacks them."""
    lines = []
    for handoff in dict.fromkeys(way.handoff.id for way in ways):
        mine = [way for way in ways if way.handoff.id == handoff]
        left = [world.units.full_name(way.unit) for way in mine if way.tick is None]
        more = f" … (+{len(left) - _SHOWN})" if len(left) > _SHOWN else ""
        names = "; ".join(left[:_SHOWN]) + more
        said = say("Bản sao giấy", "Paper copies") + f" {mine[0].handoff.number}"
        came = say(f"{len(mine) - len(left)}/{len(mine)} đã nhận",
                   f"{len(mine) - len(left)}/{len(mine)} there")  # fmt: skip
        missing = say(f"; chưa nhận: {names}", f"; not there: {names}") if left else ""
        lines.append(f"{said}: {came}{missing}")
    return lines
