"""`ledger copy`: from SQLite to PostgreSQL or back, and the proof that nothing was lost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bhyt_filedrop.commands.common import config_option, json_option, print_json, settings_of, tell
from bhyt_filedrop.commands.tables import print_table
from bhyt_filedrop.language import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bhyt_filedrop.wiring.ledgers import CopiedTable

SHOWN = 12
"""Signs of a digest that the table shows."""


@click.group(help=say("Chuyển sổ sang cơ sở dữ liệu khác.", "Move the ledger to another database."))
def ledger() -> None:
    """Between SQLite and PostgreSQL."""


@ledger.command(
    "copy",
    help=say(
        "Chép cả sổ sang một cơ sở dữ liệu trống và so từng dòng, từng trẻ ở hai bên. Phải dừng "
        "dịch vụ trước. Bên kia hoặc có trọn sổ đúng như bên này, hoặc không có gì. Mã thoát 1 nếu "
        "hai bên khác nhau.",
        "Copy the whole ledger into an empty database and compare both row by row, child by child. "
        "Stop the service first. The other one then has all of it or nothing. Exit status 1 where "
        "the two differ.",
    ),
)
@click.option(
    "--to",
    "url",
    required=True,
    metavar="URL",
    help=say(
        "sqlite:///… hoặc postgresql+psycopg://…, không ghi mật khẩu.",
        "sqlite:///… or postgresql+psycopg://…, without a password.",
    ),
)
@json_option
@config_option
def copy(url: str, as_json: bool, config: Path | None) -> int:
    from bhyt_filedrop.service import only_one
    from bhyt_filedrop.wiring.ledgers import copy_ledger_to

    settings = settings_of(config)
    with only_one(settings.state_dir):
        compared = copy_ledger_to(settings, url)
    equal = all(one.is_equal for one in compared)
    if as_json:
        print_json({"equal": equal, "tables": [_json(one) for one in compared]})
        return int(not equal)
    _tell_tables(compared)
    if equal:
        tell(
            say(
                f'Hai bên như nhau. Ghi [ledger] url = "{url}" vào bhyt-filedrop.toml rồi chạy '
                "dịch vụ; sổ cũ vẫn còn nguyên, đừng chạy dịch vụ trên sổ đó nữa.",
                f'Both are equal. Write [ledger] url = "{url}" into bhyt-filedrop.toml and run '
                "the service; the old ledger is as it was: serve it no more.",
            )
        )
    else:
        tell(
            say(
                "Hai bên khác nhau, nên bên kia không giữ lại gì.",
                "The two differ, so nothing was left on the other side.",
            ),
            err=True,
        )
    return int(not equal)


def _tell_tables(compared: Sequence[CopiedTable]) -> None:
    rows = [
        (one.name, str(one.rows), str(one.copied), one.digest[:SHOWN], one.copied_digest[:SHOWN],
         _verdict(one))
        for one in compared
    ]  # fmt: skip
    head = (
        say("bảng", "table"), say("dòng", "rows"), say("đã chép", "copied"),
        say("băm bên này", "digest here"), say("băm bên kia", "digest there"), "",
    )  # fmt: skip
    print_table(head, rows)


def _verdict(one: CopiedTable) -> str:
    if one.is_equal:
        return say("như nhau", "equal")
    return say(
        f"khác {one.differing} dòng, dòng đầu: {one.first}",
        f"{one.differing} rows differ, the first: {one.first}",
    )


def _json(one: CopiedTable) -> dict[str, object]:
    return {
        "table": one.name,
        "rows": one.rows,
        "copied": one.copied,
        "digest": one.digest,
        "copied_digest": one.copied_digest,
        "differing": one.differing,
        "first": one.first,
    }
