"""The reminders of a moment: shown, written, and on a new site let go for the first time."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from textwrap import indent

import click

from bhyt_filedrop.commands.common import (
    TIME,
    books_of,
    config_option,
    given_or_now,
    json_option,
    print_json,
    settings_of,
    tell,
)
from bhyt_filedrop.domain.letters.mailing import DueLetter
from bhyt_filedrop.language import say


@click.command(help=say("Viết các thư nhắc phải gửi lúc này.", "Write the reminders owed now."))
@config_option
@json_option
@click.option("--at", "when", type=TIME, help=say("Lúc nào.", "The moment."))
@click.option(
    "--dry-run",
    is_flag=True,
    help=say("Chỉ in toàn văn các thư, không gửi.", "Print the letters whole, send nothing."),
)
@click.option(
    "--confirm",
    is_flag=True,
    help=say(
        "Đồng ý gửi các thư nhắc đầu tiên của nơi làm việc mới.",
        "Let the first reminders of a new site go.",
    ),
)
def remind(
    config: Path | None, as_json: bool, when: datetime | None, dry_run: bool, confirm: bool
) -> None:
    from bhyt_filedrop.wiring.declared import world_of
    from bhyt_filedrop.wiring.mail import composer_of
    from bhyt_filedrop.wiring.rounds import reminding_of

    if dry_run and confirm:
        raise click.UsageError(
            say("Chỉ chọn một: --dry-run hoặc --confirm.", "Choose one: --dry-run or --confirm.")
        )
    settings, moment = settings_of(config), given_or_now(when)
    books, world = books_of(settings, writes=not dry_run), world_of(settings)
    reminding = reminding_of(world, books, lambda: moment)
    letters = reminding.owed_at(moment)
    composer = composer_of(settings, books)
    for letter in letters:
        if as_json:
            print_json({"key": letter.key, "kind": letter.kind, "unit": letter.unit,
                        "context": letter.context})  # fmt: skip
        else:
            tell(f"{letter.kind:10} {world.units.full_name(world.units[letter.unit])}")
            if dry_run:
                tell(_mail_text(composer.compose([DueLetter(letter, moment)])))
    held = not dry_run and not confirm and bool(letters) and reminding.wait_to_be_seen()
    if not dry_run and not held:
        books.letters.put_letters(letters, moment)
    tell(_reminders_text(len(letters), dry_run, held), err=as_json)


def _mail_text(message: EmailMessage) -> str:
    """A mail as its receiver reads it, indented below the line that names it."""
    body = message.get_body(("plain",))
    text = body.get_content() if body else ""
    return "\n" + indent(f"{message['Subject']}\n\n{text.rstrip()}", "    ") + "\n"


def _reminders_text(count: int, dry_run: bool, held: bool) -> str:
    if held:
        return say(
            f"{count} thư nhắc đầu tiên, chưa gửi. Xem: remind --dry-run. Gửi: remind --confirm.",
            f"{count} first reminders, not sent. See them: remind --dry-run. "
            "Send: remind --confirm.",
        )
    return say(
        f"{count} thư nhắc" + (" (chưa gửi)" if dry_run else " đã xếp hàng gửi"),
        f"{count} reminders" + (" (not sent)" if dry_run else " queued"),
    )
