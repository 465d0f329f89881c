"""For administrators: explain a path, examine the site, carry units in and out."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import click

from bhyt_filedrop.commands.common import (
    config_option,
    given_or_now,
    json_option,
    now_option,
    print_json,
    settings_of,
    tell,
)
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
    from bhyt_filedrop.site.explaining import explain_path, explained_lines
    from bhyt_filedrop.wiring.books import extensions_in, lying_in
    from bhyt_filedrop.wiring.declared import with_extensions, world_of

    settings = settings_of(config)
    world = with_extensions(world_of(settings), lambda: extensions_in(settings))
    tree, inside = _in_tree(settings, path)
    told = explain_path(world, tree, inside, lying_in(settings), given_or_now(now))
    if as_json:
        print_json(told)
        return
    for label, line in explained_lines(told):
        tell(f"{label:12} {line}")


def _in_tree(settings: Settings, path: str) -> tuple[str, str]:
    """A relative path that names nothing here is taken for one in the first tree."""
    from bhyt_filedrop.site.explaining import in_tree

    here = Path(path)
    if not here.is_absolute() and not here.exists():
        return settings.trees[0].id, path
    found = in_tree(settings, here)
    if found is None:
        text = say(f"{path} không nằm trong cây nào.", f"{path} lies in no tree.")
        raise click.ClickException(text)
    return found


@click.command(help=say("Khám cấu hình, đơn vị, cây thư mục, máy.", "Examine the whole site."))
@config_option
@json_option
@click.option(
    "--online", is_flag=True, help=say("Thử cả kết nối mạng.", "Try the connections too.")
)
def doctor(config: Path | None, as_json: bool, online: bool) -> int:
    from bhyt_filedrop.doctor import Asked, Level, examine, refused
    from bhyt_filedrop.wiring.archives import archive_trouble
    from bhyt_filedrop.wiring.books import (
        last_event_of,
        ledger_awaits,
        ledger_trouble,
        lying_in,
        units_seen_in,
    )
    from bhyt_filedrop.wiring.ledgers import describe_ledger
    from bhyt_filedrop.wiring.mail import mailbox_of, mailer_of
    from bhyt_filedrop.wiring.sharing import sharing_of
    from bhyt_filedrop.wiring.trees import open_tree
    from bhyt_filedrop.wiring.workbooks import clamd_of

    def scanner_trouble() -> str | None:
        clamd = clamd_of(settings)
        return clamd.answers() if clamd else None

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
                scanner=scanner_trouble if settings.scan.clamd else None,
                archive=lambda: archive_trouble(settings),
                ledger_is=lambda: describe_ledger(settings),
                ledger_awaits=lambda: ledger_awaits(settings),
                last_event=lambda: last_event_of(settings),
                lying=lambda: lying_in(settings),
                units_seen=lambda: units_seen_in(settings),
                sharing=lambda: sharing_of(settings),
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
