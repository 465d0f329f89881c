"""After trouble with the machine: `rebuild-tree` after a restore, `trust-clock` after a leap."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import click

from bhyt_filedrop.commands.common import (
    books_of,
    config_option,
    json_option,
    local_text,
    print_json,
    settings_of,
    tell,
    why_option,
)
from bhyt_filedrop.language import say

NAMED = 20
"""Lost files that are told one by one."""


@click.command(
    "rebuild-tree",
    help=say(
        "Sau khi khôi phục: đưa lại vào cây thư mục những tệp kho lưu còn giữ, và nhận lại những "
        "bản gốc trong «Đã nhận» mà sổ không biết. Phải dừng dịch vụ trước.",
        "After a restore: put back into the trees what the archive holds, and take in again the "
        "originals in the received folders that the ledger does not know. Stop the service first.",
    ),
)
@config_option
@json_option
@click.option("--dry-run", is_flag=True, help=say("Chỉ xem.", "Only show what would be done."))
def rebuild_tree(config: Path | None, as_json: bool, dry_run: bool) -> int:
    from bhyt_filedrop.service import only_one
    from bhyt_filedrop.site.lay_out import lay_out
    from bhyt_filedrop.site.mastery import must_not_be_another_s
    from bhyt_filedrop.wiring.books import site_of
    from bhyt_filedrop.wiring.daemon import real_clock
    from bhyt_filedrop.wiring.declared import world_of
    from bhyt_filedrop.wiring.serving import must_be_served_by_nobody
    from bhyt_filedrop.wiring.trees import open_tree
    from bhyt_filedrop.work.arrival.given_back import GivenBack
    from bhyt_filedrop.work.arrival.put_back import put_back

    settings = settings_of(config)
    with ExitStack() as stack:
        stack.enter_context(only_one(settings.state_dir))
        books = books_of(settings)
        must_be_served_by_nobody(books.engine)
        trees = {tree.id: open_tree(tree) for tree in settings.trees}
        for tree in trees.values():
            stack.callback(tree.close)
        me = site_of(settings, books)
        for tree in trees.values():
            must_not_be_another_s(tree, me)
        if not dry_run:
            lay_out(settings, open_tree)
        given_back = GivenBack(trees, books.drops, world_of(settings).routes, real_clock)
        look = given_back.missed if dry_run else given_back.take_in
        missed = sum(len(look(tree)) for tree in trees)
        done = put_back(trees, books.archive, books.audit.delivered_files(), dry_run=dry_run)
    if as_json:
        print_json({"put": done.put, "there": done.there, "lost": done.lost, "taken_in": missed})
    else:
        _tell(done.put, done.there, done.lost, missed, dry_run)
    return int(bool(done.lost))


def _tell(put: int, there: int, lost: list[str], missed: int, dry_run: bool) -> None:
    tell(
        say(
            f"Tệp đưa lại: {put}; đang có sẵn: {there}; kho lưu không còn: {len(lost)}.",
            f"Files put back: {put}; there already: {there}; not in the archive: {len(lost)}.",
        )
    )
    tell(
        say(
            f"Bản gốc sổ không biết, nhận lại khi chạy dịch vụ: {missed}.",
            f"Originals unknown to the ledger, taken in when the service runs: {missed}.",
        )
    )
    for path in lost[:NAMED]:
        tell(f"  {path}", err=True)
    if dry_run:
        tell(say("Chỉ xem, chưa làm gì.", "Only shown; nothing was done."))


@click.command(
    "trust-clock",
    help=say(
        "Xác nhận đồng hồ máy đúng, khi dịch vụ đã tạm ngừng vì nghi đồng hồ sai.",
        "Say that this machine's clock is right, where the service stopped because it doubts it.",
    ),
)
@why_option
@config_option
def trust_clock(why: str, config: Path | None) -> None:
    from bhyt_filedrop.wiring.daemon import real_clock

    now = real_clock()
    books_of(settings_of(config), writes=True).drops.trust_clock(why, now)
    tell(say(f"Đã ghi: {local_text(now)}.", f"Noted: {local_text(now)}."))
