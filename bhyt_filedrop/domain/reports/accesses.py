"""Who opened or downloaded what of whom on the status page, when and from where.

The rules on personal data (Luật 91/2025/QH15) ask that whoever saw a child can be named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from bhyt_filedrop.domain.access.accounts import Access
from bhyt_filedrop.domain.process.units import Units
from bhyt_filedrop.domain.reports.model import Figure, Line, Report, ReportColumn, ReportTable

DID: Mapping[str, str] = {
    "opened": "đã mở",
    "downloaded": "đã tải về",
    "searched": "đã tìm trẻ",
    "changed": "đã thay đổi",
}
"""What somebody did, as people say it."""


def access_report(
    found: Sequence[Access], units: Units, now: datetime, titles: Sequence[str]
) -> Report:
    """Return who looked at what, as a report; `titles` say of which time (none = all)."""
    return Report(
        name="access",
        title="Ai đã xem dữ liệu của ai",
        subtitle=", ".join(titles) or "Toàn bộ nhật ký còn lưu",
        made_at=now,
        figures=(
            Figure("accesses", "Lượt xem, tải", len(found)),
            Figure("accounts", "Tài khoản", len({one.account for one in found})),
        ),
        tables=(_by_account(found), _each(found, units)),
        about=("Ghi khi mở đơn vị, tệp nộp, thư, khi tải tệp và khi tìm trẻ trên trang theo dõi.",),
    )


def _by_account(found: Sequence[Access]) -> ReportTable:
    counts = Counter((one.account, one.did) for one in found)
    accounts = sorted({account for account, _ in counts})
    rows: list[Line] = [
        {"account": account} | {did: counts[account, did] for did in DID} for account in accounts
    ]
    columns = (ReportColumn(did, name, "count", 12) for did, name in DID.items())
    return ReportTable(
        "accounts",
        "Theo tài khoản",
        "Mỗi tài khoản bao nhiêu lượt",
        (ReportColumn("account", "Tài khoản", width=24), *columns),
        tuple(rows),
    )


def _each(found: Sequence[Access], units: Units) -> ReportTable:
    return ReportTable(
        "accesses",
        "Chi tiết",
        "Từng lượt",
        (
            ReportColumn("at", "Lúc", "moment", 16),
            ReportColumn("account", "Tài khoản", width=20),
            ReportColumn("address", "Từ địa chỉ", width=18),
            ReportColumn("did", "Việc", width=14),
            ReportColumn("unit", "Của đơn vị", width=32),
            ReportColumn("drop", "Tệp nộp", width=16),
            ReportColumn("what", "Trang", width=40),
        ),
        tuple(_line(one, units) for one in found),
    )


def _line(one: Access, units: Units) -> Line:
    unit = units.by_id.get(one.unit)
    return {
        "at": one.at,
        "account": one.account,
        "address": one.address,
        "did": DID.get(one.did, one.did),
        "unit": units.full_name(unit) if unit else one.unit,
        "drop": one.drop_id,
        "what": one.what,
    }
