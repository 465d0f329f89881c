"""Files that lie in a tree and are not taken: why, whose they seem to be, and who hears of it.

Nothing may lie there in silence: whoever put it believes that it was handed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from bhyt_filedrop.domain.letters.letter import Letter, notice, one_line
from bhyt_filedrop.domain.process.calendar import at, local_day, moment_text
from bhyt_filedrop.domain.process.file_names import legible
from bhyt_filedrop.domain.process.folders import Routes

MAX_NAMED = 30
"""Files that one letter names."""


class Why(StrEnum):
    """Why a file is not taken."""

    OPEN = "open"
    """Somebody has it open, or it goes on growing."""
    UNREAD = "unread"
    """It is still, and reading it fails."""
    DENIED = "denied"
    """The folder shows it, and nobody lets us read it."""
    LEFT_OVER = "left-over"
    """An upload that was broken off: only its temporary file is there."""
    ELSEWHERE = "elsewhere"
    """It lies outside every drop folder, and is nothing that the product put there."""
    AMONG_OURS = "among-ours"
    """It lies in a folder for what the product puts there, which it did not put."""
    CHANGED = "changed"
    """A copy that the product gave back of what was accepted, changed since."""
    UNKNOWN = "unknown"
    """It lies in the work area, and the ledger knows no such drop: it lost what it knew."""


MISPLACED = frozenset({Why.ELSEWHERE, Why.AMONG_OURS, Why.CHANGED, Why.UNKNOWN})
"""It will never be taken where it lies: told once a day, until it is gone."""

HOLDS_ON = frozenset({Why.OPEN, Why.UNREAD, Why.LEFT_OVER})
"""It lies in the right place and may come right by itself: told once, after some hours."""

SAID = {
    Why.OPEN: "đang mở hoặc đang được ghi nên chưa nhận được",
    Why.UNREAD: "chưa đọc được nên chưa nhận được",
    Why.DENIED: "không xem được vì dịch vụ không có quyền (hoặc nằm quá sâu)",
    Why.LEFT_OVER: "là tệp tạm của một lần gửi bị dở, không phải tệp hoàn chỉnh",
    Why.ELSEWHERE: "nằm ngoài thư mục nộp nên không được nhận",
    Why.AMONG_OURS: "nằm trong thư mục của hệ thống, không phải nơi nộp, nên không được nhận",
    Why.CHANGED: "là bản đã nhận mà có người sửa, không phải nơi nộp nên bản sửa không được nhận",
    Why.UNKNOWN: "đã được nhận nhưng sổ theo dõi không còn ghi (sổ bị mất phần mới nhất)",
}
"""What is said of a file, in Vietnamese."""

_TO_DO = {
    Why.OPEN: "Xin lưu và đóng tệp (trong Excel, hoặc phần mềm đang gửi tệp); tệp sẽ được nhận "
    "ngay sau đó. Nếu không ai mở tệp, xin chép lại tệp vào thư mục dưới tên khác.",
    Why.UNREAD: "Xin chép lại tệp vào thư mục dưới tên khác.",
    Why.LEFT_OVER: "Xin gửi lại tệp, chờ phần mềm báo gửi xong, rồi xóa tệp tạm.",
}


@dataclass(frozen=True, slots=True)
class Lying:
    """One such file, as of the last look. `since` (aware) is when it was first seen; `unit` whose
    it seems, "" where nobody can tell."""

    tree: str
    path: str
    why: Why
    unit: str
    since: datetime

    @property
    def shown_path(self) -> str:
        """The path as people can read it."""
        return one_line(legible(self.path))


def letters_about(
    found: Iterable[Lying], routes: Routes, now: datetime, patience: timedelta
) -> tuple[Letter, ...]:
    """Return the letters that have to be written about files that lie there at `now`.

    Each letter's key keeps it from going out twice: what holds on is told once, when it has lain
    there for `patience`; what is misplaced each day, in one letter to each unit, from the hour of
    the day's letters on. What nobody may read is the admins' matter, who hear of it at once and by
    its folder (`Worker`).
    """
    every = tuple(found)
    if not every:
        return ()
    admin = routes.process.admin
    patient = (o for o in every if o.why in HOLDS_ON and now - o.since >= patience)
    day = local_day(now)
    hour = at(day, routes.process.remind_at)
    misplaced: dict[str, list[Lying]] = {}
    for one in every:
        if one.why in MISPLACED and (now >= hour or local_day(one.since) == day):
            misplaced.setdefault(one.unit or admin, []).append(one)
    return (
        *(_holds_on(one, admin) for one in patient),
        *(_misplaced(unit, mine, routes, now) for unit, mine in misplaced.items()),
    )


def _misplaced(unit: str, mine: Sequence[Lying], routes: Routes, now: datetime) -> Letter:
    """To the unit whose folder is nearest, or to an admin."""
    shown = sorted(mine, key=lambda one: one.path)
    lines = [f"{one.shown_path}: {SAID[one.why]}." for one in shown[:MAX_NAMED]]
    more = [f"… và {len(shown) - MAX_NAMED} tệp nữa."] if len(shown) > MAX_NAMED else []
    known = [one.unit for one in mine if one.unit]
    return notice(
        f"misplaced/{mine[0].tree}/{unit}/{local_day(now)}",
        unit,
        f"{len(shown)} tệp nằm sai chỗ nên chưa được nhận",
        [
            "Hệ thống thấy các tệp sau trên máy chủ, nhưng chúng không nằm trong thư mục nộp:",
            *lines,
            *more,
            f"Nếu là tệp để nộp, xin chuyển vào thư mục: {_drop_folder(unit, routes)}"
            if known
            else "Chưa rõ các tệp này của đơn vị nào. Xin hỏi đơn vị, chuyển vào đúng thư mục nộp, "
            "hoặc sửa tên thư mục cho khớp bảng đơn vị.",
            "Nếu không phải tệp để nộp, xin chuyển đi nơi khác; ngày nào tệp còn đó thì hệ thống "
            "còn báo.",
        ],
    )


def _drop_folder(unit: str, routes: Routes) -> str:
    return routes.drop_folder(routes.units[unit])


def _holds_on(one: Lying, admin: str) -> Letter:
    name = one.shown_path.rpartition("/")[2]
    return notice(
        f"file-waits/{one.tree}/{digest([one.path])}/{local_day(one.since)}",
        one.unit or admin,
        f"Tệp «{name}» chưa nhận được",
        [
            f"Tệp sau có trong thư mục từ {moment_text(one.since)}, {SAID[one.why]}:",
            one.shown_path,
            _TO_DO[one.why],
        ],
    )


def digest(paths: Sequence[str]) -> str:
    """Return what stands for some paths in a letter's key, which has little room and holds no name
    that a stranger chose."""
    every = "\n".join(sorted(paths)).encode(errors="surrogateescape")
    return sha256(every).hexdigest()[:12]
