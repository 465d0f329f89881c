"""What a person decides of a drop that waits: retry, reject, release; and of a draft: approve."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bhyt_filedrop.commands.common import (
    F,
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
from bhyt_filedrop.commands.tables import print_table
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.language import say

if TYPE_CHECKING:
    from bhyt_filedrop.domain.conservation.brief import Brief, BriefLine
    from bhyt_filedrop.domain.drops.drop import Drop
    from bhyt_filedrop.settings import Settings
    from bhyt_filedrop.wiring.books import Books
    from bhyt_filedrop.work.arrival.deciding import Deciding

_ALL = 1_000_000


def _act_options(command: F) -> F:
    """Add the reason, who decides, the configuration and the time."""
    for option in (now_option, config_option, by_option, why_option):
        command = option(command)
    return command


def _deciding(books: Books) -> Deciding:
    from bhyt_filedrop.wiring.approving import deciding_of

    return deciding_of(books)


def _noted(drop_id: str) -> str:
    return say(
        f"{drop_id}: đã ghi; dịch vụ sẽ thực hiện ở lượt tới.",
        f"{drop_id}: noted; the daemon acts on it at its next turn.",
    )


@click.command(help=say("Trả lại đơn vị nộp.", "Send it back to its sender."))
@click.argument("drop_id", metavar="ID")
@_act_options
def reject(drop_id: str, why: str, by: str, config: Path | None, now: datetime | None) -> None:
    books = books_of(settings_of(config), writes=True)
    _deciding(books).reject(drop_id, why, by, given_or_now(now))
    tell(_noted(drop_id))


@click.command(help=say("Xử lý lại từ đầu.", "Handle it again from the start."))
@click.argument("drop_id", metavar="ID", required=False)
@click.option(
    "--all",
    "every",
    is_flag=True,
    help=say("Mọi tệp đang chờ quản trị.", "Everything that waits for an admin."),
)
@click.option(
    "--reason",
    default="",
    help=say(
        "Với --all: chỉ những tệp mà lý do có chữ này.",
        "With --all: only those whose reason has these words.",
    ),
)
@_act_options
def retry(
    drop_id: str | None,
    every: bool,
    reason: str,
    why: str,
    by: str,
    config: Path | None,
    now: datetime | None,
) -> None:
    if every == bool(drop_id) or (reason and not every):
        raise click.UsageError(
            say("Cần một mã, hoặc --all [--reason CHỮ].", "Give one ID, or --all [--reason WORDS].")
        )
    books = books_of(settings_of(config), writes=True)
    waiting = [drop_id] if drop_id else [drop.id for drop in _set_aside(books, reason)]
    for one in waiting:
        _deciding(books).retry(one, why, by, given_or_now(now))
        tell(_noted(one))
    if not waiting:
        tell(say("Không có tệp nào đang chờ như vậy.", "Nothing waits like that."))


def _set_aside(books: Books, reason: str) -> list[Drop]:
    """Everything that waits for an admin, the oldest first, whose reason has some words."""
    found = books.drops.arrivals(state=State.SET_ASIDE, limit=_ALL)
    return [drop for drop in reversed(found) if reason.casefold() in drop.reason.casefold()]


@click.command(
    help=say(
        "Cho đi tiếp dù còn thiếu; với bản nháp do hệ thống lập: duyệt, coi như đơn vị đã nộp.",
        "Let it go on as it is; a draft of the product's own: approve it as if its office had "
        "dropped it.",
    )
)
@click.argument("drop_id", metavar="ID")
@click.option(
    "--show",
    is_flag=True,
    help=say(
        "Chỉ cho xem: gửi gì cho ai, khác bản trước ở đâu, còn thiếu ai, ai đã quyết định.",
        "Only show what goes to whom, what changed, what is missing, who decided before.",
    ),
)
@click.option("--why", default="", help=say("Lý do (bắt buộc để duyệt).", "The reason."))
@click.option("--unit", default="", help=say("Duyệt bản nháp của đơn vị nào.", "Whose draft."))
@click.option(
    "--with-uncertain",
    is_flag=True,
    help=say(
        "Duyệt cả khi còn trẻ chưa chắc đã có thẻ hay chưa (vẫn ở mẫu 2, có ghi chú).",
        "Approve although some children may have a card (they stay on form 2, marked so).",
    ),
)
@by_option
@config_option
@json_option
@now_option
def release(
    drop_id: str,
    show: bool,
    as_json: bool,
    unit: str,
    with_uncertain: bool,
    why: str,
    by: str,
    config: Path | None,
    now: datetime | None,
) -> None:
    settings, at = settings_of(config), given_or_now(now)
    if show:
        _show(books_of(settings), settings, drop_id, at, as_json)
        return
    if not why.strip():
        raise click.UsageError(say("--why: phải ghi lý do", "--why: a reason is needed"))
    books = books_of(settings, writes=True)
    deciding = _deciding(books)
    drop = deciding.find(drop_id)
    if not (drop.is_own and drop.state in (State.ACCEPTED, State.RETURNED)):
        despite = deciding.release(drop_id, why, by, at)
        tell(_noted(drop_id))
        for line in despite:
            tell(say(f"  dù: {line}", f"  despite: {line}"))
        return
    from bhyt_filedrop.wiring.approving import approving_of

    approving = approving_of(settings, books, lambda: at)
    for made in approving.approve(
        drop_id, why, at, by=by, unit=unit, with_uncertain=with_uncertain
    ):
        tell(_noted(made.id))


def _show(books: Books, settings: Settings, drop_id: str, at: datetime, as_json: bool) -> None:
    from bhyt_filedrop.wiring.approving import brief_for
    from bhyt_filedrop.wiring.declared import world_of

    drop = _deciding(books).find(drop_id)
    brief = brief_for(world_of(settings), books, drop, at)
    if as_json:
        print_json(brief.as_json())
    else:
        _print_brief(brief, settings)


def _print_brief(brief: Brief, settings: Settings) -> None:
    handoff = settings.process.handoffs.get(brief.handoff)
    title = f"{handoff.number} {handoff.name}".strip() if handoff else "-"
    round_ = f", {brief.round.title}" if brief.round else ""
    tell(f"{brief.drop}  {title}{round_}: {brief.rows}")
    print_table(
        [say("Gửi cho", "To"), say("Dòng", "Rows"), say("So với bản trước", "Against the last")],
        [[one.name, str(one.rows), _changes_text(one)] for one in brief.lines],
    )
    for note in brief.notes:
        tell(f"! {note}")
    for word in brief.decisions:
        who = word.who or say("(không ghi tên)", "(no name)")
        tell(f"{local_text(word.at)} {word.what}: {who} – {word.why}")


def _changes_text(line: BriefLine) -> str:
    if line.is_first:
        return say("bản đầu tiên", "the first version")
    told = (
        (line.added, say("thêm", "added")),
        (line.removed, say("bớt", "removed")),
        (line.changed, say("sửa", "changed")),
    )
    said = [f"{word} {count}" for count, word in told if count]
    return ", ".join(said) or say("không đổi", "no change")
