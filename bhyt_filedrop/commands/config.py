"""The configuration: try another one, put it in force, see which were, and go back."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bhyt_filedrop.commands.common import (
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
from bhyt_filedrop.language import say
from bhyt_filedrop.settings import Settings, load

if TYPE_CHECKING:
    from bhyt_filedrop.site.trial import Trial
    from bhyt_filedrop.wiring.books import Books

_SHOWN = 20
"""Lines of each kind that a screen has room for; `--json` has all."""

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group(
    help=say(
        "Thử cấu hình khác, đưa vào dùng, xem các phiên bản, quay lại.",
        "Try another configuration, put it in force, list the versions, go back.",
    )
)
def config() -> None:
    pass


@config.command(
    "try",
    help=say(
        "Cấu hình ở DIR sẽ thay đổi gì (đơn vị, thư mục, ai phải nộp gì, thư sáng mai); không ghi.",
        "What the configuration in DIR would change (units, folders, debts, letters); no writing.",
    ),
)
@click.argument("folder", metavar="DIR", type=_FOLDER)
@config_option
@json_option
@now_option
def try_(folder: Path, config: Path | None, as_json: bool, now: datetime | None) -> None:
    from bhyt_filedrop.wiring.trying import trial_of

    settings = settings_of(config)
    found = trial_of(settings, load(folder), books_of(settings), given_or_now(now))
    if as_json:
        print_json(found.as_json())
    else:
        _print_trial(found, settings)


def _print_trial(found: Trial, settings: Settings) -> None:
    from bhyt_filedrop.site.trial import shortened, trial_parts

    tell(say("Tệp khác: ", "Files that differ: ") + (", ".join(found.files) or "0"))
    for part in trial_parts(found, settings.units):
        tell(f"{part.title}: {len(part.lines)}")
        for line in shortened(part.lines, _SHOWN):
            tell(f"  {line}")


def _opened(config: Path | None, *, writes: bool) -> tuple[Settings, Books]:
    settings = settings_of(config)
    return settings, books_of(settings, writes=writes)


@config.command(help=say("Đưa cấu hình ở DIR vào dùng.", "Put the configuration in DIR in force."))
@click.argument("folder", metavar="DIR", type=_FOLDER)
@why_option
@by_option
@config_option
@now_option
def use(folder: Path, why: str, by: str, config: Path | None, now: datetime | None) -> None:
    from bhyt_filedrop.site.versions import files_in, put_in_force
    from bhyt_filedrop.wiring.books import versions_of

    settings, books = _opened(config, writes=True)
    number = put_in_force(
        settings.config_dir, files_in(folder), versions_of(books), why, by, given_or_now(now)
    )
    _told_in_force(number)


@config.command(help=say("Quay lại phiên bản số N.", "Go back to version N."))
@click.argument("number", type=click.IntRange(1))
@why_option
@by_option
@config_option
@now_option
def back(number: int, why: str, by: str, config: Path | None, now: datetime | None) -> None:
    from bhyt_filedrop.site.versions import back_to
    from bhyt_filedrop.wiring.books import versions_of

    settings, books = _opened(config, writes=True)
    made = back_to(settings.config_dir, number, versions_of(books), why, by, given_or_now(now))
    _told_in_force(made)


def _told_in_force(number: int) -> None:
    tell(
        say(
            f"Phiên bản {number}; dịch vụ đọc lại trong ít giây. Có thư mục mới thì chạy init.",
            f"Version {number}; the service reads it in some seconds. Run init for new folders.",
        )
    )


@config.command(
    help=say(
        "Ghi lý do cho cấu hình vừa sửa tay.", "Note why the files that are there were edited."
    )
)
@why_option
@by_option
@config_option
@now_option
def save(why: str, by: str, config: Path | None, now: datetime | None) -> None:
    from bhyt_filedrop.site.versions import files_in
    from bhyt_filedrop.wiring.books import versions_of

    settings, books = _opened(config, writes=True)
    number = versions_of(books).note(
        files_in(settings.config_dir), by, why.strip(), given_or_now(now)
    )
    tell(say(f"Phiên bản {number}.", f"Version {number}."))


@config.command(help=say("Các phiên bản đã dùng, mới nhất sau.", "The versions, the newest last."))
@config_option
@json_option
def history(config: Path | None, as_json: bool) -> None:
    from bhyt_filedrop.wiring.books import versions_of

    _, books = _opened(config, writes=False)
    for one in versions_of(books).versions():
        if as_json:
            print_json({"number": one.number, "at": one.at.isoformat(), "by": one.by,
                        "why": one.why, "changed": list(one.changed)})  # fmt: skip
            continue
        who = one.by or say("(sửa tệp)", "(a file was edited)")
        files = ", ".join(one.changed)
        tell(f"{one.number:4} {local_text(one.at)} {who}: {one.why or '–'} [{files}]")
