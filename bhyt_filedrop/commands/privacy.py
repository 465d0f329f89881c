"""`person`: all that is held of one child, and who received it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from bhyt_filedrop.commands.common import (
    DAY,
    OUT_FILE,
    books_of,
    config_option,
    json_option,
    print_json,
    settings_of,
    tell,
)
from bhyt_filedrop.language import say


@click.command(
    help=say(
        "Mọi dữ liệu đang lưu về một trẻ và ai đã nhận: tìm theo mã đối chiếu, số thẻ, hoặc họ tên "
        "và ngày sinh.",
        "All that is held of one child and who received it: by code, card, or name and birth.",
    )
)
@click.option("--code", default="", help=say("Mã đối chiếu.", "The child's Mã đối chiếu."))
@click.option("--card", default="", help=say("Số thẻ hoặc số định danh.", "Card or number."))
@click.option("--name", default="", help=say("Họ tên; cần thêm --born.", "Name; with --born."))
@click.option("--born", type=DAY, help=say("Ngày sinh, như 2014-03-05.", "Born, as 2014-03-05."))
@click.option(
    "--out", type=OUT_FILE, help=say("Tệp .xlsx hoặc .html cần ghi.", "The file to write.")
)
@json_option
@config_option
def person(
    code: str,
    card: str,
    name: str,
    born: date | None,
    out: Path | None,
    as_json: bool,
    config: Path | None,
) -> int:
    from bhyt_filedrop.domain.reports.held import person_report
    from bhyt_filedrop.wiring.books import holdings_of
    from bhyt_filedrop.wiring.daemon import real_clock
    from bhyt_filedrop.wiring.workbooks import save_report

    _check_call(code or card, name, born, as_json or out is not None)
    settings = settings_of(config)
    book = holdings_of(books_of(settings))
    held = book.of_child(code, card, name, born.isoformat() if born else "")
    handed = book.handed(one.record.drop for one in held)
    made = person_report(held, handed, settings.units, real_clock())
    if out:
        save_report(made, out)
    if as_json:
        print_json(made.as_json())
    elif held:
        tell(say(f"Đã ghi {out}: {len(held)} dòng", f"Wrote {out}: {len(held)} rows"))
    else:
        tell(say("Không lưu gì về trẻ này.", "Nothing is held of this child."))
    return int(not held)


def _check_call(number: str, name: str, born: date | None, writes: bool) -> None:
    if not number and not (name and born):
        raise click.UsageError(
            say(
                "Hãy cho biết trẻ nào: --code, --card, hoặc --name cùng --born.",
                "Say which child: --code, --card, or --name with --born.",
            )
        )
    if not writes:
        raise click.UsageError(
            say("Hãy cho biết tệp cần ghi: --out FILE, hoặc --json.", "Give --out FILE or --json.")
        )
