"""Letters that could not be delivered: which there are, and sending them once more."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from bhyt_filedrop.commands.common import (
    as_json_fields,
    books_of,
    by_option,
    config_option,
    given_or_now,
    json_option,
    local_text,
    print_json,
    settings_of,
    tell,
)
from bhyt_filedrop.domain.letters.mailing import WaitingLetter
from bhyt_filedrop.domain.process.units import Units
from bhyt_filedrop.language import say
from bhyt_filedrop.work.post.resending import Resending

_FIELDS = ("key", "kind", "unit", "stored_at", "error")


@click.command(
    help=say(
        "Gửi lại các thư đã gác lại, sau khi sửa nguyên nhân; ghi khóa thì gửi lại cả thư đã đi. "
        "Không ghi gì thêm thì chỉ kể ra.",
        "Send letters again that were set aside, once the cause is mended, or, by their keys, that "
        "left already; else only list them.",
    )
)
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@config_option
@json_option
@click.option("--all", "every", is_flag=True, help=say("Mọi thư gác lại.", "All of them."))
@click.option("--unit", default="", help=say("Chỉ thư của một đơn vị.", "Those of one unit."))
@click.option("--why", default="", help=say("Lý do.", "The reason."))
@by_option
def resend(
    keys: tuple[str, ...],
    config: Path | None,
    as_json: bool,
    every: bool,
    unit: str,
    why: str,
    by: str,
) -> None:
    settings = settings_of(config)
    books = books_of(settings, writes=bool(keys or every or unit))
    units = settings.units
    if unit and unit not in units:
        raise click.UsageError(say(f"không có đơn vị {unit}", f"there is no unit {unit}"))
    waiting = [one for one in books.letters.set_aside() if unit in ("", one.unit)]
    resending, at = Resending(books.letters, units), given_or_now(None)
    left = sorted(set(keys) - {one.key for one in waiting})
    for key in left:
        tell(resending.copy(key, why, by, at), err=as_json)
    chosen = [one for one in waiting if one.key in keys or (not keys and (every or unit))]
    going = [one for one in chosen if not one.is_outdated and one.unit in units]
    count = resending.again(chosen, why, by, at)
    if left and not chosen:
        return
    _print(chosen or waiting, units, as_json=as_json)
    tell(_summary_text(count, chosen, going, waiting), err=as_json)


def _print(letters: Sequence[WaitingLetter], units: Units, *, as_json: bool) -> None:
    for one in letters:
        if as_json:
            print_json(as_json_fields(one, _FIELDS))
            continue
        unit = units.by_id.get(one.unit)
        name = units.full_name(unit) if unit else one.unit
        tell(f"{local_text(one.stored_at)}  {one.key}  {name}: {one.error}")


def _summary_text(
    count: int,
    chosen: Sequence[WaitingLetter],
    going: Sequence[WaitingLetter],
    waiting: Sequence[WaitingLetter],
) -> str:
    if not chosen:
        return say(
            f"{len(waiting)} thư đang gác lại. Gửi lại: thêm --all, --unit hoặc khóa của thư.",
            f"{len(waiting)} letters are set aside. Send again: add --all, --unit or their keys.",
        )
    left = len(chosen) - len(going)
    text = say(f"{count} thư sẽ được gửi lại.", f"{count} letters will go again.")
    if left:
        text += say(
            f" {left} thư không gửi lại: thư nhắc của ngày đã qua, hoặc đơn vị không còn.",
            f" {left} stay: reminders of a day that is over, or of units that are gone.",
        )
    return text
