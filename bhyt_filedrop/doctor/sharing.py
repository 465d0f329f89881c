"""A ledger that several daemons share: who does what, and whether files are handed out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bhyt_filedrop.doctor.checks import Check, bad, ok, warn
from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.ports import Sharing

_DOES = {
    "clock": "nhắc hạn và niêm phong sổ",
    "outbox": "gửi thư",
    "inbox": "đọc thư trả về",
    "queue": "trông hàng đợi",
}


def shared(found: Sharing | None) -> Iterator[Check]:
    """Say who holds each lease and since when, how the queue stands, and whose tables it has."""
    if found is None:
        return
    for one in found.leases:
        does = _DOES.get(one.name) or f"xem cây {one.name.partition('/')[2]}"
        since = f"từ {_moment(one.since)}"
        if one.is_alive:
            yield ok("leases", f"{one.holder} {does}, {since}.")
        else:
            yield warn(
                "leases",
                f"Không dịch vụ nào {does}; lần cuối là {one.holder}, {since}.",
                "Chạy dịch vụ trên ít nhất một máy.",
            )
    if not found.tables:
        yield ok("queue", "Chưa có bảng hàng đợi; lần chạy đầu sẽ lập.")
        return
    if found.tables != found.installed:
        yield bad(
            "queue",
            f"Bảng hàng đợi thuộc procrastinate {found.tables}, chương trình dùng "
            f"{found.installed}.",
            "Cài cùng một phiên bản trên mọi máy rồi chạy lại dịch vụ.",
        )
    said = f"{found.waiting} tệp chờ, {found.doing} tệp đang xử lý, {found.workers} tiến trình"
    if found.workers or not found.waiting:
        heard = f", lần cuối nghe lúc {_moment(found.heard)}" if found.heard else ""
        yield ok("queue", f"Hàng đợi: {said}{heard}.")
    else:
        yield warn(
            "queue",
            f"Hàng đợi: {said}.",
            "Chạy dịch vụ; nếu dịch vụ đang chạy, xem các dòng hand.* trong nhật ký.",
        )


def _moment(at: datetime) -> str:
    return f"{at.astimezone(ZONE):%H:%M:%S ngày %d/%m/%Y}"
