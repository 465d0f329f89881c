"""For administrators: explain a path, examine the site, carry units in and out."""

from __future__ import annotations

import os
import unicodedata
from datetime import datetime
from pathlib import Path

import click

from bhyt_filedrop.commands.common import (
    config_option,
    given_or_now,
    json_option,
    local_text,
    now_option,
    print_json,
    settings_of,
    tell,
)
from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.drops.lying import SAID
from bhyt_filedrop.domain.process.file_names import is_clutter
from bhyt_filedrop.domain.process.folders import Place, candidates, expected_forms, nfc_parts
from bhyt_filedrop.domain.process.nearest import nearest_unit
from bhyt_filedrop.language import say
from bhyt_filedrop.settings import ConfigError, Settings


@click.command(
    help=say(
        "Cho biết một đường dẫn thuộc đơn vị nào, bước nào, quy tắc nào; không đụng đến tệp.",
        "Tell which unit, hand-off and rule a path would meet; touches nothing.",
    )
)
@click.argument("path")
@config_option
@json_option
@now_option
def explain(path: str, config: Path | None, as_json: bool, now: datetime | None) -> None:
    from bhyt_filedrop.wiring.books import lying_in
    from bhyt_filedrop.wiring.declared import world_of

    settings = settings_of(config)
    world = world_of(settings).at(given_or_now(now))
    tree, inside = _in_tree(settings, path)
    place = _place(world, tree, inside.rstrip("/"))
    told = _explained(world, tree, inside, place, given_or_now(now))
    if place and is_clutter(inside):
        told["ignored"] = say("tên tạm hoặc tên khóa, bỏ qua", "a temporary or lock name, ignored")
    waits = [
        say(f"{SAID[one.why]}, từ {local_text(one.since)}", f"{one.why}, {local_text(one.since)}")
        for one in lying_in(settings)
        if (one.tree, nfc_parts(one.path)) == (tree, nfc_parts(inside))
    ]
    if waits:
        told["waits"] = waits
    if as_json:
        print_json(told)
        return
    for key, value in told.items():
        lines = value if isinstance(value, list) else [value]
        for line in lines:
            tell(f"{_LABELS[key]():12} {line}")


def _place(world: World, tree: str, path: str) -> Place | None:
    """Locate a file, or a folder by what would lie in it."""
    there, within = world.routes.locate(tree, path), world.routes.locate(tree, f"{path}/…")
    if within and (within.own or there is None or there.unit != within.unit):
        return within
    return there


_LABELS = {
    "tree": lambda: say("Cây", "Tree"),
    "path": lambda: say("Đường dẫn", "Path"),
    "unit": lambda: say("Đơn vị", "Unit"),
    "nearest": lambda: say("Gần nhất", "Nearest"),
    "what": lambda: say("Là", "Is"),
    "takes": lambda: say("Nhận", "Takes"),
    "scans": lambda: say("Bản scan", "Scans"),
    "received": lambda: say("Bản gốc", "Original"),
    "returned": lambda: say("Trả lại", "Returned"),
    "waits": lambda: say("Chưa nhận", "Not taken"),
    "ignored": lambda: say("Bỏ qua", "Ignored"),
}


def _in_tree(settings: Settings, path: str) -> tuple[str, str]:
    """Turn a path on this machine that lies below a local tree into a path in that tree.

    A relative one that names nothing here is taken for a path in the first tree.
    """
    here = Path(path)
    if not here.is_absolute() and not here.exists():
        return settings.trees[0].id, path
    wanted = unicodedata.normalize("NFC", os.path.normpath(here.absolute()))
    for tree in settings.trees:
        root = unicodedata.normalize("NFC", os.path.normpath(Path(tree.root).absolute())) + "/"
        if tree.is_local and f"{wanted}/".startswith(root):
            return tree.id, wanted[len(root) :]
    raise click.ClickException(say(f"{path} không nằm trong cây nào.", f"{path} lies in no tree."))


def _explained(
    world: World, tree: str, path: str, place: Place | None, now: datetime
) -> dict[str, str | list[str]]:
    told: dict[str, str | list[str]] = {"tree": tree, "path": path}
    if place is None:
        told["what"] = say("ngoài mọi thư mục nộp", "outside every drop folder")
        near = nearest_unit(world.routes, tree, path)
        if near:
            folder = f"{near.id} {world.units.full_name(near)}: {world.routes.drop_folder(near)}"
            told["nearest"] = folder
        return told
    told["unit"] = f"{place.unit.id} {world.units.full_name(place.unit)}"
    if place.own:
        own = say("thư mục của hệ thống, không phải nơi nộp", "the product's own folder")
        return told | {"what": f"{own} ({place.own})"}
    told["what"] = say("nơi nộp", "a drop folder")
    told["takes"] = _takes(world, place, now) or [say("không mẫu nào", "no form")]
    scans = world.process.handoffs.get(world.routes.rule(place.unit).scans)
    if scans:
        told["scans"] = f"{scans.number} {scans.name}"
    told["received"] = world.routes.received(place.unit, None)
    told["returned"] = world.routes.returned(place.unit)
    return told


def _takes(world: World, place: Place, now: datetime) -> list[str]:
    lines: list[str] = []
    for form in expected_forms(world.process, world.units, place):
        for one in candidates(world.process, world.units, place, form):
            to = one.receiver.name if one.receiver else say("theo địa chỉ trẻ", "by the addresses")
            round_ = world.assumed_round(one.handoff, now)
            due = world.deadline(one.handoff, round_) if round_ else None
            when = f", {round_.title}: {due.text}" if round_ and due else ""
            lines.append(
                f"{world.routes.label(form)} → {one.handoff.number} {one.handoff.id} → {to}{when}"
            )
    return lines


@click.command(help=say("Khám cấu hình, đơn vị, cây thư mục, máy.", "Examine the whole site."))
@config_option
@json_option
@click.option(
    "--online", is_flag=True, help=say("Thử cả kết nối mạng.", "Try the connections too.")
)
def doctor(config: Path | None, as_json: bool, online: bool) -> int:
    from bhyt_filedrop.doctor import Asked, Level, examine, refused
    from bhyt_filedrop.wiring.books import (
        last_event_of,
        ledger_awaits,
        ledger_trouble,
        lying_in,
        units_seen_in,
    )
    from bhyt_filedrop.wiring.mail import mailbox_of, mailer_of
    from bhyt_filedrop.wiring.trees import open_tree

    def mailbox_trouble() -> str | None:
        mailbox = mailbox_of(settings.mail.bounces)
        return mailbox.check() if mailbox else None

    try:
        settings = settings_of(config)
        checks = examine(
            settings,
            Asked(
                open_tree,
                lambda: ledger_trouble(settings),
                lambda: mailer_of(settings.mail).check(),
                online,
                environ=os.environ,
                bounces=mailbox_trouble,
                ledger_awaits=lambda: ledger_awaits(settings),
                last_event=lambda: last_event_of(settings),
                lying=lambda: lying_in(settings),
                units_seen=lambda: units_seen_in(settings),
            ),
        )
    except ConfigError as error:
        checks = refused(error)
    for one in checks:
        if as_json:
            print_json({"name": one.name, "level": one.level, "message": one.message,
                        "remedy": one.remedy})  # fmt: skip
        else:
            tell(str(one))
    return int(any(one.level is Level.BAD for one in checks))


@click.command(
    "drop-in",
    help=say(
        "In ra phần bổ sung cho dịch vụ systemd mà cấu hình này cần (thư mục, bí mật, mạng).",
        "Print the systemd drop-in that this configuration needs (folders, secrets, network).",
    ),
)
@config_option
def drop_in(config: Path | None) -> None:
    from bhyt_filedrop.site.drop_in import drop_in as asked_of_systemd

    tell(asked_of_systemd(settings_of(config)).rstrip("\n"))
