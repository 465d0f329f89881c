"""`backup`, `restore` and `audit verify`: what is kept outlives the machine and stays unchanged."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bhyt_filedrop.commands.common import (
    books_of,
    config_option,
    json_option,
    print_json,
    settings_of,
    tell,
)
from bhyt_filedrop.domain.process.file_names import legible
from bhyt_filedrop.language import say

if TYPE_CHECKING:
    from bhyt_filedrop.domain.drops.drop import Delivery
    from bhyt_filedrop.work.keeping.verify import Audit

_FOLDER = click.Path(file_okay=False, path_type=Path)
NAMED = 20
"""Files of one kind that are told one by one."""


@click.command(
    help=say(
        "Sao lưu sổ, kho lưu và cấu hình vào thư mục TO; dịch vụ cứ chạy. Lần sau chỉ chép phần "
        "mới.",
        "Back up ledger, archive and configuration to the folder TO, while the service runs. The "
        "next time only what is new is copied.",
    )
)
@click.argument("to", type=_FOLDER)
@click.option(
    "--keep",
    type=click.IntRange(1),
    default=14,
    show_default=True,
    help=say("Giữ bao nhiêu bản sao của sổ.", "How many copies of the ledger are kept."),
)
@config_option
def backup(to: Path, keep: int, config: Path | None) -> int:
    from bhyt_filedrop.wiring.backups import back_up
    from bhyt_filedrop.wiring.daemon import real_clock

    settings = settings_of(config)
    done = back_up(settings, books_of(settings), to, keep, real_clock())
    _tell_ledger(done.ledger)
    files = done.files
    tell(say(f"Kho lưu: chép thêm {files} tệp.", f"Archive: {files} new files copied."))
    _tell_files(_spoilt(), done.spoilt)
    _tell_files(_missing(), done.missing)
    return int(bool(done.spoilt or done.missing))


@click.command(
    help=say(
        "Khôi phục từ bản sao lưu FROM, trên máy này hay máy khác: cấu hình nói sổ và kho lưu nằm "
        "đâu. Phải dừng dịch vụ trước.",
        "Restore from a backup, on this machine or another: the configuration says where ledger "
        "and archive lie. Stop the service first.",
    )
)
@click.argument(
    "from_", metavar="FROM", type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@click.option("--ledger", "name", default="", help=say("Bản sổ nào.", "Which copy of the ledger."))
@click.option(
    "--replace",
    is_flag=True,
    help=say(
        "Thay sổ đang có; sổ đó được giữ bên cạnh (.before-restore).",
        "Replace the ledger that is there; it is kept beside (.before-restore).",
    ),
)
@config_option
def restore(from_: Path, name: str, replace: bool, config: Path | None) -> int:
    from bhyt_filedrop.service import only_one
    from bhyt_filedrop.wiring.backups import bring_back

    settings = settings_of(config)
    with only_one(settings.state_dir):
        done = bring_back(settings, from_, name, replace=replace)
    _tell_ledger(done.ledger)
    if done.before:
        tell(say(f"Sổ cũ: {done.before}", f"The ledger before: {done.before}"))
    tell(say(f"Kho lưu: chép lại {done.files} tệp.", f"Archive: {done.files} files put back."))
    _tell_files(_spoilt(), done.spoilt)
    there = shlex.quote(str(settings.config_dir))
    tell(say("Tiếp theo, rồi chạy dịch vụ:", "Next, and then run the service:"))
    for command in ("audit verify", "rebuild-tree"):
        tell(f"  bhyt-filedrop {command} --config {there}")
    return int(bool(done.spoilt))


@click.group(
    help=say("Kiểm toán sổ, kho lưu và tệp đã chuyển.", "Audit ledger, archive and trees.")
)
def audit() -> None:
    """Hold what stands there against what was written."""


@audit.command(
    help=say(
        "Kiểm tra: sổ nguyên vẹn, các sự kiện đúng như lúc niêm phong, mọi tệp trong kho lưu còn "
        "đủ và đúng, từng tệp đã chuyển còn đó và chưa bị sửa. Mã thoát 1 nếu sổ hoặc kho lưu có "
        "lỗi.",
        "Check that the ledger is sound, events are as they were sealed, every archived file is "
        "there and whole, each delivery is still there and unchanged. Exit status 1 where ledger "
        "or archive is at fault.",
    )
)
@click.option(
    "--every-byte",
    is_flag=True,
    help=say(
        "So từng byte cả tệp trên máy chủ SFTP, FTP (mặc định chỉ so cỡ).",
        "Compare files on SFTP and FTP servers byte for byte too (else by size).",
    ),
)
@click.option(
    "--seal",
    default="",
    metavar="SHA256",
    help=say(
        "Một con dấu đã ghi lại trước đây phải còn trong chuỗi.",
        "A seal that was noted earlier must still be in the chain.",
    ),
)
@json_option
@config_option
def verify(every_byte: bool, seal: str, as_json: bool, config: Path | None) -> int:
    from bhyt_filedrop.wiring.backups import trouble_with
    from bhyt_filedrop.wiring.trees import open_tree
    from bhyt_filedrop.work.keeping.verify import audit as hold

    settings = settings_of(config)
    books = books_of(settings)
    with ExitStack() as stack:
        trees = {one.id: open_tree(one) for one in settings.trees}
        for tree in trees.values():
            stack.callback(tree.close)
        near = {one.id for one in settings.trees if one.is_local}
        found = hold(
            trouble_with(books),
            books.audit,
            books.archive,
            trees,
            lambda tree: every_byte or tree in near,
        )
    lost = bool(seal) and seal not in {one.digest for one in found.chain.seals}
    if as_json:
        print_json(_json(found) | {"seal_lost": lost})
    else:
        _tell(found)
        if lost:
            tell(
                say(f"Con dấu {seal} không còn trong chuỗi.", f"The seal {seal} is gone."), err=True
            )
    return int(lost or not found.is_sound)


def _tell(found: Audit) -> None:
    chain = found.chain
    if found.ledger:
        tell(say(f"Sổ hỏng: {found.ledger}", f"The ledger is damaged: {found.ledger}"), err=True)
    if chain.broken:
        upto = chain.broken.upto
        tell(
            say(
                f"Chuỗi sự kiện đứt: các sự kiện đến số {upto} không như lúc niêm phong.",
                f"The chain of events is broken: those up to {upto} are not as they were sealed.",
            ),
            err=True,
        )
    else:
        head = chain.seals[-1].digest if chain.seals else "–"
        tell(
            say(
                f"Sự kiện: {chain.events} đã niêm phong, {chain.unsealed} chưa; con dấu cuối "
                f"{head}.",
                f"Events: {chain.events} sealed, {chain.unsealed} not yet; the last seal {head}.",
            )
        )
    lost, bad = len(found.missing), len(found.spoilt)
    tell(
        say(
            f"Kho lưu: {found.kept} tệp; thiếu {lost}, sai nội dung {bad}.",
            f"Archive: {found.kept} files; missing {lost}, damaged {bad}.",
        )
    )
    _tell_files(_missing(), found.missing)
    _tell_files(_spoilt(), found.spoilt)
    gone, changed, unread = len(found.gone), len(found.changed), len(found.unread)
    tell(
        say(
            f"Tệp đã chuyển: {found.delivered}; không còn ở đó {gone}, đã bị sửa {changed}, "
            f"chưa xem được {unread}.",
            f"Deliveries: {found.delivered}; gone {gone}, changed {changed}, out of reach "
            f"{unread}.",
        )
    )
    _tell_files(say("không còn ở đó", "gone"), _paths(found.gone))
    _tell_files(say("đã bị sửa", "changed"), _paths(found.changed))


def _json(found: Audit) -> dict[str, object]:
    chain = found.chain
    return {
        "sound": found.is_sound,
        "ledger": found.ledger,
        "events": {"sealed": chain.events, "unsealed": chain.unsealed},
        "broken": asdict(chain.broken) if chain.broken else None,
        "seal": chain.seals[-1].digest if chain.seals else "",
        "kept": found.kept,
        "missing": found.missing,
        "spoilt": found.spoilt,
        "delivered": found.delivered,
        "gone": _paths(found.gone),
        "changed": _paths(found.changed),
        "unread": _paths(found.unread),
    }


def _paths(deliveries: list[Delivery]) -> list[str]:
    return [legible(f"{one.tree}: {one.path}") for one in deliveries]


def _tell_files(what: str, names: Sequence[str]) -> None:
    for name in names[:NAMED]:
        tell(f"  {what}: {name}", err=True)
    if len(names) > NAMED:
        tell(
            say(f"  … và {len(names) - NAMED} tệp nữa", f"  … and {len(names) - NAMED} more"),
            err=True,
        )


def _spoilt() -> str:
    return say("không còn đúng như lúc cất", "not as it was kept")


def _missing() -> str:
    return say("kho lưu không có", "not in the archive")


def _tell_ledger(copy: Path) -> None:
    tell(say(f"Sổ: {copy.name}", f"Ledger: {copy.name}"))
