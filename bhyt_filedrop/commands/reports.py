"""Reports of rounds, the balance of every hop, and what one child is entitled to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bhyt_filedrop.commands.common import (
    DAY,
    OUT_FILE,
    ROUND,
    TIME,
    F,
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
from bhyt_filedrop.commands.report_table import REPORTS, ReportRequest, Scope, reports_help
from bhyt_filedrop.commands.tables import print_table
from bhyt_filedrop.domain.process.calendar import ZONE, home_round, local_day
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.language import say

if TYPE_CHECKING:
    from bhyt_filedrop.domain.conservation.balance import Hop, Trace
    from bhyt_filedrop.domain.conservation.child_path import Stop
    from bhyt_filedrop.domain.declared import World
    from bhyt_filedrop.domain.process.entitlement import Entitlement

ENDINGS = (".xlsx", ".html", ".htm")


def _round_option(*, multiple: bool = False) -> Callable[[F], F]:
    return click.option(
        "--round",
        "rounds" if multiple else "round_",
        type=ROUND,
        multiple=multiple,
        help=say("Đợt, ví dụ 2015Q1.", "The round, as 2015Q1."),
    )


# --- report ------------------------------------------------------------------------------------


@click.command(
    help=f"{say('Lập báo cáo.', 'Make a report.')}\n\n{reports_help()}",
    short_help=say(
        f"Lập báo cáo: {', '.join(REPORTS)}.",
        f"Make a report: {', '.join(REPORTS)}.",
    ),
)
@click.argument("name", type=click.Choice(list(REPORTS)))
@config_option
@json_option
@now_option
@_round_option(multiple=True)
@click.option(
    "--out",
    type=OUT_FILE,
    help=say("Tệp .xlsx hoặc .html cần ghi.", "The .xlsx or .html file to write."),
)
@click.option(
    "--from", "since", type=TIME, help=say("Tệp đến từ lúc này.", "Files that came since.")
)
@click.option("--to", "until", type=TIME, help=say("Tệp đến trước lúc này.", "Files until then."))
@click.option(
    "--unit", default="", help=say("Tệp của hoặc gửi cho một đơn vị.", "One unit's files.")
)
@click.option("--drop", default="", help=say("Một tệp nộp.", "One drop."))
def report(
    name: str,
    config: Path | None,
    as_json: bool,
    now: datetime | None,
    rounds: tuple[Round, ...],
    out: Path | None,
    since: datetime | None,
    until: datetime | None,
    unit: str,
    drop: str,
) -> None:
    from bhyt_filedrop.wiring.declared import world_of
    from bhyt_filedrop.wiring.workbooks import save_report

    scope = Scope(since, until, unit, drop)
    _check_call(name, as_json, rounds, out, scope)
    settings = settings_of(config)
    books, world = books_of(settings), world_of(settings)
    if unit and unit not in world.units.by_id:
        raise click.UsageError(say(f"{unit}: không có đơn vị này", f"{unit}: no such unit"))
    made = REPORTS[name].make(ReportRequest(books, world, rounds, given_or_now(now), scope))
    if out:
        save_report(made, out)
    if as_json:
        print_json(made.as_json())
    elif out:
        tell(say(f"Đã ghi {out}", f"Wrote {out}"))


def _check_call(
    name: str, as_json: bool, rounds: Sequence[Round], out: Path | None, scope: Scope
) -> None:
    scoped = REPORTS[name].scoped
    if scoped and (rounds or not scope):
        raise click.UsageError(
            say(
                f"Báo cáo {name}: hãy cho biết những tệp nào (--from, --to, --unit, --drop).",
                f"{name}: say of which files (--from, --to, --unit, --drop).",
            )
        )
    if scope and not scoped:
        raise click.UsageError(
            say(
                f"Báo cáo {name} lập theo đợt (--round), không theo tệp.",
                f"{name} is a report of rounds (--round), not of files.",
            )
        )
    if out is None and not as_json:
        raise click.UsageError(
            say("Hãy cho biết tệp cần ghi: --out FILE, hoặc --json.", "Give --out FILE or --json.")
        )
    if out is not None and out.suffix.lower() not in ENDINGS:
        raise click.UsageError(
            say(f"{out.name}: chỉ ghi được .xlsx hoặc .html.", f"{out.name}: .xlsx or .html only.")
        )
    if len(rounds) > 1 and not REPORTS[name].many_rounds:
        raise click.UsageError(
            say(f"Báo cáo {name} chỉ lập cho một đợt.", f"{name} is a report of one round.")
        )


# --- trace -------------------------------------------------------------------------------------


@click.command(
    help=say(
        "Theo từng trẻ qua các bước: gửi = có thẻ từ trước + cấp đợt này + chưa cấp + còn thiếu.",
        "Follow every child through the hops: sent = carded before + now + uncarded + missing.",
    )
)
@config_option
@json_option
@now_option
@_round_option()
@click.option("--child", help=say("Mã đối chiếu của một trẻ.", "One child's Mã đối chiếu."))
@click.option(
    "--all",
    "every",
    is_flag=True,
    help=say("In mọi đơn vị, kể cả nơi đã đủ.", "Print every unit, not only the open ones."),
)
def trace(
    config: Path | None,
    as_json: bool,
    now: datetime | None,
    round_: Round | None,
    child: str | None,
    every: bool,
) -> None:
    from bhyt_filedrop.wiring.declared import world_of
    from bhyt_filedrop.wiring.told import traced

    settings = settings_of(config)
    books, world = books_of(settings), world_of(settings)
    moment = given_or_now(now)
    found = traced(books, world, round_ or home_round(local_day(moment)), moment)
    if child is not None:
        _print_path(found, child.strip().upper(), world, as_json)
        return
    if as_json:
        print_json(found.as_json())
    else:
        _print_trace(found, world, every)
    if not found.closes:
        raise click.exceptions.Exit(1)


_HEADINGS = (
    ("Bước", "Hop"), ("Đơn vị", "Unit"), ("Gửi", "Sent"), ("Từ trước", "Before"),
    ("Đợt này", "Now"), ("Chưa cấp", "Uncarded"), ("Nơi khác", "Outside"),
    ("Còn thiếu", "Missing"), ("Lạ", "Unknown"), ("Chênh", "Difference"),
)  # fmt: skip


def _print_trace(found: Trace, world: World, every: bool) -> None:
    from bhyt_filedrop.commands.trace_cases import alarm_places, unsure_places
    from bhyt_filedrop.domain.conservation.alarms import alarm_text, alarms

    tell(f"{found.round.title} ({found.round})")
    if not found.hops:
        tell(say("Chưa có danh sách nào.", "No list has come yet."))
        return
    rows = [row for id_ in dict.fromkeys(h.id for h in found.hops)
            for row in _hop_rows(found.of(id_), world, every)]  # fmt: skip
    print_table([say(*heading) for heading in _HEADINGS], rows)
    for hop in alarms(found):
        tell(f"! {alarm_text(hop, world.process, world.units)}")
        _print_lines(alarm_places(hop, every=every))
    for hop in (hop for hop in found.hops if hop.unsure):
        tell(f"? {_unsure_text(hop, world)}")
        _print_lines(unsure_places(hop, every=every))
    if found.unplaced:
        tell(f"! {_unplaced_text(found, world)}")
    if found.closes:
        tell(say("Cân bằng: chênh lệch 0.", "It balances: difference 0."))


def _print_lines(lines: Sequence[str]) -> None:
    for line in lines:
        tell(line)


def _unsure_text(hop: Hop, world: World) -> str:
    """Say of how many children only a likeness is known; they are counted as missing."""
    handoff = world.process.handoffs[hop.id]
    return say(
        f"{handoff.number} {handoff.name}, {_unit_name(hop.unit, world)}: {hop.unsure} trẻ còn "
        "thiếu có thể là trẻ được viết khác đi ở dòng khác, cần người xem.",
        f"{handoff.number} {handoff.name}, {_unit_name(hop.unit, world)}: {hop.unsure} missing "
        "children may be rows that spell them differently; a person has to look.",
    ).strip()


def _unplaced_text(found: Trace, world: World) -> str:
    """Say that the balance is open as long as children wait for their ward, and in which list."""
    lists = (h for h in world.process.handoffs.values() if h.holds_unplaced)
    named = ", ".join(f"{h.number} {h.name}".strip() for h in lists)
    return say(
        f"Chưa cân bằng: {found.unplaced} trẻ chưa xác định địa bàn ({named}).",
        f"Open: nobody has found the ward of {found.unplaced} children yet ({named}).",
    )


def _hop_rows(hops: Sequence[Hop], world: World, every: bool) -> list[list[str]]:
    """The sum of one kind of hop, then its units: all of them, or those that are not done."""
    handoff = world.process.handoffs[hops[0].id]
    title = f"{handoff.name} ({len(hops)})"
    rows = [[handoff.number or handoff.id, title, *_counts(hops)]]
    shown = [h for h in hops if every or h.missing or h.unknown or h.difference]
    return rows + [["", _unit_name(hop.unit, world), *_counts([hop])] for hop in shown]


def _counts(hops: Sequence[Hop]) -> list[str]:
    from bhyt_filedrop.domain.conservation.balance import BALANCE

    return [str(sum(getattr(hop, name) for hop in hops)) for name in BALANCE]


def _unit_name(unit_id: str, world: World) -> str:
    unit = world.units.by_id.get(unit_id)
    return world.units.full_name(unit) if unit else unit_id


def _print_path(found: Trace, code: str, world: World, as_json: bool) -> None:
    from bhyt_filedrop.domain.conservation.child_path import path

    stops = path(found, code)
    if not stops:
        raise click.UsageError(
            say(
                f"Không có trẻ nào mang mã {code} trong {found.round.title.lower()}.",
                f"No child has the code {code} in {found.round}.",
            )
        )
    if as_json:
        told = [_stop_json(stop, world) for stop in stops]
        print_json({"round": str(found.round), "child": code, "path": told})
        return
    tell(f"{code}, {found.round.title}")
    print_table(
        [say("Lúc", "At"), say("Bước", "Hop"), say("Đơn vị gửi", "From"), say("Đơn vị nhận", "To"),
         say("Kết quả", "Result"), say("Tệp", "Drop"), say("Dòng", "Row")],
        [_stop_row(stop, world) for stop in stops],
    )  # fmt: skip


def _stop_json(stop: Stop, world: World) -> dict[str, Any]:
    stand = stop.stand
    record, child = stand.record, stand.child
    handoff = world.process.handoffs[record.key.handoff]
    return {
        "at": record.at.astimezone(ZONE).isoformat(timespec="seconds"),
        "handoff": handoff.id,
        "number": handoff.number,
        "sender": record.key.sender,
        "receiver": record.key.receiver,
        "category": stand.category,
        "section": child.section,
        "version": record.version,
        "state": record.state,
        "drop": record.drop,
        "sheet": child.sheet,
        "row": child.row,
        "certain": stop.certain,
    }


_CATEGORIES = {
    "carded-before": ("đã cấp từ trước", "carded before"),
    "carded-now": ("cấp đợt này", "carded now"),
    "uncarded": ("chưa cấp thẻ", "uncarded"),
}


def _stop_row(stop: Stop, world: World) -> list[str]:
    stand = stop.stand
    record = stand.record
    handoff = world.process.handoffs[record.key.handoff]
    said = say(*_CATEGORIES[stand.category]) if stand.category else "-"
    return [
        local_text(record.at),
        f"{handoff.number} {handoff.id}".strip(),
        _unit_name(record.key.sender, world),
        _unit_name(record.key.receiver, world),
        said if stop.certain else say(f"{said} (chưa chắc)", f"{said} (uncertain)"),
        record.drop,
        f"{stand.child.sheet} {stand.child.row or ''}".strip(),
    ]


# --- entitlement -------------------------------------------------------------------------------


@click.command(
    help=say(
        "Trẻ được cấp thẻ đến khi nào, đóng từ tháng nào, theo quy định nào.",
        "Until when a child's card is valid, from when it is paid for, by which rule.",
    )
)
@json_option
@click.option(
    "--birth",
    required=True,
    type=DAY,
    help=say("Ngày sinh.", "The day of birth."),
)
@click.option(
    "--moved-in",
    type=DAY,
    help=say("Ngày chuyển đến tỉnh, thành phố.", "The day it came to the city."),
)
@config_option
def entitlement(as_json: bool, birth: date, moved_in: date | None, config: Path | None) -> None:
    from bhyt_filedrop.resources import config_dir
    from bhyt_filedrop.settings import load

    if moved_in and moved_in < birth:
        raise click.UsageError(
            say("Ngày chuyển đến phải sau ngày sinh.", "The child came before it was born.")
        )
    units = load(config or config_dir()).units
    told = units.entitlement.explain(birth, units.sources, units.authority.short, moved_in)
    if as_json:
        print_json(_entitlement_json(birth, moved_in, told, units.entitlement))
        return
    for sentence, source in told:
        tell(f"{sentence}  [{source}]")


def _entitlement_json(
    birth: date, moved_in: date | None, told: Sequence[tuple[str, str]], rules: Entitlement
) -> dict[str, Any]:
    paid = rules.contribution(birth, moved_in=moved_in)
    return {
        "birth": birth.isoformat(),
        "moved_in": moved_in.isoformat() if moved_in else None,
        "turns_72_months": paid.until.isoformat(),
        "valid_from": birth.isoformat(),
        "valid_until": rules.valid_until(birth).isoformat(),
        "contribution": {
            "first_month": f"{paid.first_month:%Y-%m}" if paid.months else None,
            "months": paid.months,
            "until": paid.until.isoformat(),
            "source": told[-1][1],
        },
        "rules": [{"text": sentence, "source": source} for sentence, source in told],
    }
