"""What arrived, everything about one drop, and a person's decisions about those that wait."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bhyt_filedrop.commands.common import (
    OUT_FILE,
    as_json_fields,
    books_of,
    config_option,
    json_option,
    local_text,
    print_json,
    rows_text,
    settings_of,
    tell,
)
from bhyt_filedrop.commands.tables import print_table
from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.lateness import LATENESS, Lateness, lateness, list_lateness
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.process.file_names import visible
from bhyt_filedrop.domain.words import LIST_STATES, STATES
from bhyt_filedrop.language import say
from bhyt_filedrop.settings import Settings

if TYPE_CHECKING:
    from bhyt_filedrop.wiring.books import Books

_FIELDS = (
    "id", "state", "arrived_at", "unit", "path", "size", "sha256", "handoff", "round", "late",
    "attempts", "next_at", "reason", "closed_at",
)  # fmt: skip


def _drop_json(drop: Drop, came: Lateness) -> dict[str, Any]:
    round_ = str(drop.round) if drop.round else None
    late = {"late": came is Lateness.LATE, "extended": came is Lateness.EXTENDED}
    return {**as_json_fields(drop, _FIELDS), "path": drop.shown_path, "round": round_, **late}


def _world(settings: Settings, books: Books) -> World:
    from bhyt_filedrop.wiring.books import extensions_of
    from bhyt_filedrop.wiring.declared import with_extensions, world_of

    return with_extensions(world_of(settings), extensions_of(books))


def _came(drop: Drop, books: Books, world: World) -> Lateness:
    return lateness(drop, lambda: books.facts.lists_of(drop.id), world)


@click.command(help=say("Liệt kê các tệp đã nhận, mới nhất trước.", "List what arrived."))
@config_option
@json_option
@click.option("--state", type=click.Choice([str(s) for s in State]))
@click.option("--unit", help=say("Mã đơn vị.", "Unit id."))
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 100_000))
def arrivals(
    config: Path | None, as_json: bool, state: str | None, unit: str | None, limit: int
) -> None:
    settings = settings_of(config)
    books = books_of(settings)
    world = _world(settings, books)
    found = [
        (drop, _came(drop, books, world))
        for drop in books.drops.arrivals(state=state, unit=unit, limit=limit)
    ]
    if as_json:
        for drop, came in found:
            print_json(_drop_json(drop, came))
        return
    print_table(
        [say("Mã", "Id"), say("Lúc", "At"), say("Đơn vị", "Unit"), say("Bước", "Hand-off"),
         say("Đợt", "Round"), say("Trạng thái", "State"), say("Tệp", "File")],
        [_arrival_row(settings, drop, came) for drop, came in found],
    )  # fmt: skip


def _arrival_row(settings: Settings, drop: Drop, came: Lateness) -> list[str]:
    unit = settings.units.by_id.get(drop.unit)
    handoff = settings.process.handoffs.get(drop.handoff)
    return [
        drop.id,
        local_text(drop.arrived_at),
        settings.units.full_name(unit) if unit else drop.unit,
        handoff.number if handoff else "",
        str(drop.round or ""),
        _state_and_time(drop, came),
        say("(hệ thống lập)", "(derived)") if drop.is_own else drop.name,
    ]


def _state_and_time(drop: Drop, came: Lateness) -> str:
    said = say(*LATENESS[came])
    return state_text(drop.state) + (f" ({said})" if said else "")


def state_text(state: State) -> str:
    """Return a state as people say it."""
    return say(STATES[state], str(state))


@click.command(help=say("In mọi điều về một tệp nộp.", "Print everything about one drop."))
@click.argument("drop_id", metavar="ID")
@config_option
@json_option
@click.option(
    "--original",
    metavar="OUT",
    type=OUT_FILE,
    help=say("Chép nguyên bản tệp đã nộp ra OUT.", "Write the original bytes to OUT."),
)
def show(drop_id: str, config: Path | None, as_json: bool, original: Path | None) -> None:
    settings = settings_of(config)
    books = books_of(settings)
    drop = books.drops.get(drop_id)
    if drop is None:
        raise click.ClickException(_unknown(drop_id))
    if original:
        if drop.sha256 is None:
            raise click.ClickException(say("Chưa lấy được tệp này.", "Nothing was taken yet."))
        shutil.copyfile(books.archive.path(drop.sha256), original)
        tell(str(original))
        return
    world = _world(settings, books)
    came = _came(drop, books, world)
    facts = {
        **_drop_json(drop, came),
        "lists": [
            {
                **one.as_json(),
                "late": list_lateness(one, drop, world) is Lateness.LATE,
                "file": one.file,
            }
            for one in books.facts.lists_of(drop_id)
        ],
        "findings": [one.as_json() for one in books.drops.findings(drop_id)],
        "deliveries": [
            {"role": d.role, "unit": d.unit, "path": d.path, "sha256": d.sha256, "done_at": at}
            for d, at in books.drops.deliveries(drop_id)
        ],
        "letters": [
            {"key": key, "state": state, "sent_at": at}
            for key, state, at in books.letters.of_drop(drop_id)
        ],
        "events": [
            {"at": at, "kind": kind, **detail} for at, kind, detail in books.drops.history(drop_id)
        ],
    }
    if as_json:
        print_json(facts)
    else:
        _print_facts(settings, drop, came, facts)


def _print_facts(settings: Settings, drop: Drop, came: Lateness, facts: dict[str, Any]) -> None:
    for label, text in (
        (say("Tệp nộp", "Drop"), f"{drop.id}  {_state_and_time(drop, came)}"),
        (say("Tệp", "File"), drop.shown_path),
        (say("Đến lúc", "Arrived"), local_text(drop.arrived_at)),
        (say("Kích thước", "Size"), f"{drop.size} B"),
        ("SHA-256", drop.sha256 or "-"),
        (say("Lý do", "Reason"), drop.reason),
    ):
        if text:
            tell(f"{label:12} {text}")
    for one in facts["lists"]:
        handoff = settings.process.handoffs.get(one["handoff"])  # None where it is gone by now
        number = handoff.number if handoff else one["handoff"]
        tell(
            f"{say('Danh sách', 'List'):12} {number} {one['round']} {one['form']} "
            f"{one['sender']} → {one['receiver']}: "
            f"{rows_text(one['rows'], one['form'], settings)}, "
            f"{say(LIST_STATES[one['state']], one['state'])} v{one['version']}"
        )
    for one in facts["findings"]:
        place = visible(" ".join(filter(None, (one["file"], one["sheet"], one["cell"]))))
        tell(f"{one['severity']:12} {one['code']} {place}: {visible(one['message'])}")
    for one in facts["deliveries"]:
        mark = "✓" if one["done_at"] else "…"
        tell(f"{say('Chuyển', 'Delivery'):12} {mark} {one['role']}: {one['path']}")
    for one in facts["letters"]:
        tell(f"{say('Thư', 'Letter'):12} {one['state']} {one['key']}")
    for one in facts["events"]:
        tell(f"{say('Sự kiện', 'Event'):12} {local_text(one['at'])} {_event_text(one)}")


def _event_text(event: dict[str, Any]) -> str:
    if event["kind"] != "service-away":
        by = [str(event[name]) for name in ("who", "why") if event.get(name)]
        return f"{event['kind']}: {' – '.join(by)}" if by else str(event["kind"])
    since = local_text(datetime.fromisoformat(event["since"]))
    return say(
        f"service-away: dịch vụ không xem thư mục từ {since}; tệp được coi là đến sớm nhất có thể",
        f"service-away: nobody looked since {since}; taken to have come as early as it can have",
    )


def _unknown(drop_id: str) -> str:
    return say(f"Không có tệp nộp nào mang mã {drop_id}.", f"There is no drop {drop_id}.")
