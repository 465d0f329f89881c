"""`init` lays a site out, `run` serves it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bhyt_filedrop.commands.common import (
    city_option,
    clock_of,
    config_option,
    given_or_now,
    now_option,
    settings_of,
    tell,
)
from bhyt_filedrop.domain.process.calendar import local_day
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.language import say

if TYPE_CHECKING:
    from bhyt_filedrop.settings import Settings
    from bhyt_filedrop.site.lay_out import Site


@click.command(help=say("Lập nơi làm việc trong DIR.", "Lay out a site in DIR."))
@click.argument("directory", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@city_option
@now_option
@click.option(
    "--config-only",
    is_flag=True,
    help=say(
        "Chỉ chép tệp cấu hình (root làm việc này); thư mục và sổ lập sau.",
        "Only copy configuration files (which is root's to do); folders and ledger come later.",
    ),
)
def init(directory: Path, city: str, now: datetime | None, config_only: bool) -> None:
    from bhyt_filedrop.site.lay_out import SiteError, add_config
    from bhyt_filedrop.site.lay_out import init as lay_out
    from bhyt_filedrop.wiring.books import open_books
    from bhyt_filedrop.wiring.rounds import next_round_of
    from bhyt_filedrop.wiring.trees import open_tree

    moment = given_or_now(now)

    def begin_with(settings: Settings) -> Round:
        return next_round_of(settings, moment)

    try:
        if config_only:
            copied = add_config(directory, begin_with, city).copied
            told = say(f"{len(copied)} tệp cấu hình mới", f"{len(copied)} new configuration files")
            tell(f"{directory / 'config'}: {told}.")
            return
        site = lay_out(directory, open_tree, begin_with, city, local_day(moment))
    except SiteError as error:
        raise click.ClickException(str(error)) from error
    with closing(open_books(site.settings)) as books:
        is_new = not books.facts.rounds()
    if is_new:
        tell(_beginning(site.settings.first_round, next_round_of(site.settings, moment)))
    tell(
        say(
            f"{directory}: {site.folders} thư mục, {len(site.copied)} tệp cấu hình mới.\n"
            f"Chạy dịch vụ: bhyt-filedrop run --config {directory / 'config'}",
            f"{directory}: {site.folders} folders, {len(site.copied)} new configuration files.\n"
            f"Run the service: bhyt-filedrop run --config {directory / 'config'}",
        )
    )
    for line in (*_added(site), *_old(site.settings, local_day(moment))):
        tell(line)


def _added(site: Site) -> Iterator[str]:
    """Name what was added to a site that was there."""
    known = {"thư mục mới": site.made, "tệp mới": site.copied}
    in_english = {"thư mục mới": "new folders", "tệp mới": "new files"}
    if len(site.made) >= site.folders:
        return
    for what, names in known.items():
        if names:
            more = f" … (+{len(names) - _NAMED})" if len(names) > _NAMED else ""
            listed = "; ".join(names[:_NAMED]) + more
            called = say(what, in_english[what]).capitalize()
            yield f"{called}: {listed}"


def _old(settings: Settings, today: date) -> Iterator[str]:
    """Name the folders of offices that are gone, which stay."""
    from bhyt_filedrop.doctor.checks import some
    from bhyt_filedrop.site.strays import folders_of_those_gone

    trees = [tree for tree in settings.trees if tree.is_local]
    old = [one for tree in trees for one in folders_of_those_gone(settings, tree, today)]
    if old:
        yield say(
            f"{len(old)} thư mục của đơn vị không còn, được giữ nguyên: {some(old, _NAMED)}.",
            f"{len(old)} folders of units that are gone stay as they are: {some(old, _NAMED)}.",
        )


_NAMED = 10
"""New folders and files that are named."""


def _beginning(first: Round | None, following: Round) -> str:
    """Say of which round a new site reminds first, or that this was not said."""
    if first:
        return say(
            f"Đợt đầu tiên được nhắc: {first.title} ([rounds] first).",
            f"The first round to be reminded of: {first} ([rounds] first).",
        )
    line = f'[rounds] first = "{following}"'
    return say(
        f"Nơi làm việc mới: hãy ghi đợt đầu tiên được nhắc vào bhyt-filedrop.toml: {line}",
        f"A new site: say in bhyt-filedrop.toml of which round it reminds first: {line}",
    )


@click.command(help=say("Chạy dịch vụ cho đến khi bị dừng.", "Run the daemon until stopped."))
@config_option
@now_option
@click.option(
    "--once",
    is_flag=True,
    help=say("Xử lý hết những gì đang có rồi thôi.", "Handle what is there now, then end."),
)
@click.option(
    "--take-over",
    is_flag=True,
    help=say(
        "Nhận lấy các cây mà nơi khác đã phục vụ (nơi đó đã bỏ hẳn).",
        "Take over trees that another site served (which is gone for good).",
    ),
)
def run(config: Path | None, now: datetime | None, once: bool, take_over: bool) -> None:
    from bhyt_filedrop import logs
    from bhyt_filedrop.service import Service, run_once

    settings = settings_of(config)
    logs.set_up(settings.log.format, settings.log.level)
    if once:
        run_once(settings, clock_of(now), time.sleep, take_over=take_over)
        return
    Service(settings.config_dir, clock_of(now), take_over=take_over).run()
