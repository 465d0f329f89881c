"""`person`: all that is held of one child; `retention`: what is held no longer."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bhyt_filedrop.commands.common import (
    DAY,
    OUT_FILE,
    ROUND,
    books_of,
    by_option,
    config_option,
    json_option,
    print_json,
    settings_of,
    tell,
)
from bhyt_filedrop.domain.process.file_names import legible
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.language import say

if TYPE_CHECKING:
    from bhyt_filedrop.ports import ToErase
    from bhyt_filedrop.settings import Settings
    from bhyt_filedrop.wiring.books import Books


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


@click.command(
    help=say(
        "Xóa hẳn dữ liệu trẻ của các đợt trước một đợt: trong cây thư mục, kho lưu và sổ. Phải "
        "dừng dịch vụ trước; --dry-run chỉ cho xem.",
        "Erase what is held of children of the rounds before one: in trees, archive and ledger. "
        "Stop the service first; --dry-run only shows it.",
    )
)
@click.option(
    "--before", type=ROUND, required=True, help=say("Đợt đầu tiên được giữ.", "The first kept.")
)
@click.option("--dry-run", is_flag=True, help=say("Chỉ xem.", "Only show what would be done."))
@click.option("--why", default="", help=say("Căn cứ, lý do.", "The ground, the reason."))
@by_option
@json_option
@config_option
def retention(
    before: Round, dry_run: bool, why: str, by: str, as_json: bool, config: Path | None
) -> None:
    from bhyt_filedrop.wiring.books import erasures_of
    from bhyt_filedrop.wiring.daemon import real_clock
    from bhyt_filedrop.wiring.declared import world_of

    if not (dry_run or why.strip()):
        raise click.UsageError(say("Phải ghi lý do: --why.", "A reason is needed: --why."))
    settings = settings_of(config)
    books = books_of(settings, writes=not dry_run)
    for one in world_of(settings).open_rounds(real_clock()):
        if one < before:
            raise click.UsageError(say(f"{one.title} còn mở.", f"{one.title} is still open."))
    what = erasures_of(books).planned(before)
    told = _counts_of(what)
    if not as_json:
        _tell(told)
    if not dry_run:
        told |= _erase(settings, books, what, why, by)
        if not as_json:
            _tell_done(told)
    if as_json:
        print_json(told)


def _erase(settings: Settings, books: Books, what: ToErase, why: str, by: str) -> dict[str, Any]:
    from bhyt_filedrop.service import only_one
    from bhyt_filedrop.wiring.books import erasures_of
    from bhyt_filedrop.wiring.daemon import real_clock
    from bhyt_filedrop.wiring.serving import must_be_served_by_nobody
    from bhyt_filedrop.wiring.trees import open_tree
    from bhyt_filedrop.work.keeping.erase import erase

    if what.open:
        first = ", ".join(what.open[:5])
        raise click.UsageError(
            say(
                f"{len(what.open)} tệp nộp chưa xong; hãy release, reject, retry trước: {first}",
                f"{len(what.open)} drops are not closed; decide of them first: {first}",
            )
        )
    with only_one(settings.state_dir), ExitStack() as stack:
        must_be_served_by_nobody(books.engine)
        trees = {one.id: open_tree(one) for one in settings.trees}
        for tree in trees.values():
            stack.callback(tree.close)
        book = erasures_of(books)
        done = erase(what, book, books.archive, trees, lambda: (why, by, real_clock()))
    left = [legible(f"{one.tree}: {one.path}") for one in done.changed]
    return {"removed": done.removed, "unkept": done.unkept, "changed": left}


def _counts_of(what: ToErase) -> dict[str, Any]:
    return {
        "before": str(what.before),
        "drops": len(what.drops),
        "rows": dict(what.rounds),
        "letters": what.letters,
        "files": len(what.files),
        "deliveries": len(what.deliveries),
        "open": list(what.open),
    }


def _tell(told: Mapping[str, Any]) -> None:
    tell(
        say(
            f"Các đợt trước {told['before']}: {told['drops']} tệp nộp, {told['letters']} thư, "
            f"{told['files']} tệp trong kho lưu, {told['deliveries']} tệp trong cây thư mục.",
            f"Rounds before {told['before']}: {told['drops']} drops, {told['letters']} letters, "
            f"{told['files']} archived files, {told['deliveries']} files in the trees.",
        )
    )
    for round_, rows in told["rows"].items():
        tell(say(f"  {round_}: {rows} dòng", f"  {round_}: {rows} rows"))


def _tell_done(told: Mapping[str, Any]) -> None:
    removed, unkept = told["removed"], told["unkept"]
    tell(
        say(
            f"Đã xóa: {removed} tệp trong cây thư mục, {unkept} tệp trong kho lưu, và dữ liệu "
            "trong sổ. Bản sao lưu cũ vẫn còn dữ liệu: xóa riêng.",
            f"Erased: {removed} files in the trees, {unkept} in the archive, and the rows of the "
            "ledger. Older backups still hold them: see to these.",
        )
    )
    for path in told["changed"]:
        tell(say(f"  có người đã sửa, để lại: {path}", f"  changed, left: {path}"), err=True)
