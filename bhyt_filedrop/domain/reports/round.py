"""The round report: every hand-off of a round, who delivered it, when, how late, in which version.

It is drawn from the same status that reminders and the status page show, so that the three never
disagree; the ledger's lists add versions, rows and how often a list was sent back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bhyt_filedrop.domain.cells.text import capitalised
from bhyt_filedrop.domain.lists.records import ListRecord
from bhyt_filedrop.domain.lists.states import ListState
from bhyt_filedrop.domain.owed.obligations import (
    DONE,
    Entry,
    HandOffStatus,
    RoundStatus,
    Standing,
)
from bhyt_filedrop.domain.owed.wants import wanted_after
from bhyt_filedrop.domain.process.calendar import local_day
from bhyt_filedrop.domain.process.units import Units
from bhyt_filedrop.domain.reports.frames import count_of, frame, lines
from bhyt_filedrop.domain.reports.model import (
    Chart,
    Figure,
    Line,
    Report,
    ReportColumn,
    ReportTable,
    Tone,
    share,
)
from bhyt_filedrop.domain.words import STANDINGS

_TONES: dict[Standing, Tone] = {
    Standing.DELIVERED: "good",
    Standing.LATE: "fair",
    Standing.PARTLY: "warn",
    Standing.OWED: "idle",
    Standing.OVERDUE: "bad",
}

_Key = tuple[str, str, str]
"""Hand-off, sender, receiver."""


@dataclass(frozen=True, slots=True)
class Versions:
    """What the ledger holds for one obligation: the newest version, its rows, times sent back."""

    newest: int = 0
    rows: int = 0
    returned: int = 0


def versions(lists: Iterable[ListRecord]) -> dict[_Key, Versions]:
    """Count the versions of each obligation's lists; rows are those of the lists that stand."""
    found: dict[_Key, list[ListRecord]] = {}
    for record in lists:
        key = record.key
        found.setdefault((key.handoff, key.sender, key.receiver), []).append(record)
    return {key: _versions(records) for key, records in found.items()}


def _versions(records: Sequence[ListRecord]) -> Versions:
    return Versions(
        newest=max(record.version for record in records),
        rows=sum(r.rows for r in records if r.counts),
        returned=len({r.drop for r in records if r.state == ListState.RETURNED}),
    )


def round_report(
    status: RoundStatus,
    lists: Iterable[ListRecord],
    units: Units,
    form_names: Mapping[str, str] | None = None,
) -> Report:
    """Return who delivered what in a round, and how late, as of the status's own moment.

    `form_names` gives forms their Vietnamese names.
    """
    known, status = versions(lists), _owed_only(status)
    details = [
        _detail(one, entry, known, units, local_day(status.now))
        | {"standing_title": _standing_text(entry, form_names or {})}
        for one in status.handoffs
        for entry in one.entries
    ]
    return Report(
        name="round",
        title="Tình hình chuyển danh sách trong đợt",
        subtitle=status.round.title,
        made_at=status.now,
        figures=_figures(status),
        tables=(_summary(status, details), _late(details), _all(details)),
        about=("Ngày trễ đếm theo ngày lịch kể từ ngày cuối của hạn, bản nộp lại không tính.",),
        rounds=(str(status.round),),
    )


def _owed_only(status: RoundStatus) -> RoundStatus:
    """Leave out what nobody owes: lists that the product makes for itself, drafts."""
    owed = tuple(one for one in status.handoffs if one.deadline or one.entries)
    return RoundStatus(status.round, status.now, owed)


def _figures(status: RoundStatus) -> tuple[Figure, ...]:
    entries = [entry for one in status.handoffs for entry in one.entries]
    counts = {s: sum(entry.standing is s for entry in entries) for s in Standing}
    done = sum(counts[s] for s in DONE)
    return (
        Figure("owed", "Lượt chuyển phải có", len(entries)),
        Figure("done", "Đã chuyển", done, tone="good"),
        Figure("done_share", "Tỷ lệ đã chuyển", share(done, len(entries)), "share", "good"),
        Figure("late", "Trong đó trễ hạn", counts[Standing.LATE], tone="fair"),
        Figure("overdue", "Quá hạn chưa chuyển", counts[Standing.OVERDUE], tone="bad"),
    )


# --- one line an obligation --------------------------------------------------------------------


def _detail(
    one: HandOffStatus, entry: Entry, known: dict[_Key, Versions], units: Units, today: date
) -> dict[str, Any]:
    owed = entry.owed
    receiver = owed.receiver.id if owed.receiver else ""
    held = known.get((owed.handoff.id, owed.sender.id, receiver), Versions())
    return {
        "label": _label(entry, units),
        "handoff": owed.handoff.id,
        "number": owed.handoff.number,
        "name": owed.handoff.name,
        "sender": owed.sender.id,
        "sender_name": units.full_name(owed.sender),
        "receiver": receiver,
        "receiver_name": units.full_name(owed.receiver) if owed.receiver else "",
        "due": owed.deadline.last_day if owed.deadline else None,
        "at": entry.at,
        "days_late": days_late(entry, today),
        "versions": held.newest,
        "returned": held.returned,
        "rows": held.rows,
        "standing": str(entry.standing),
    }


def _standing_text(entry: Entry, form_names: Mapping[str, str]) -> str:
    return wanted_after(capitalised(STANDINGS[entry.standing]), entry, form_names)


def _label(entry: Entry, units: Units) -> str:
    """Name one obligation in a chart; of a list that is passed down, both ends."""
    owed = entry.owed
    if owed.handoff.receiver == "child" and owed.receiver:
        return f"{owed.handoff.number} {owed.sender.name} → {owed.receiver.name}"
    return f"{owed.handoff.number} {units.full_name(owed.sender)}"


def days_late(entry: Entry, today: date) -> int:
    """Return how many calendar days after its last day a hand-off came, or is still missing."""
    if entry.owed.deadline is None:
        return 0
    ended = local_day(entry.at) if entry.at else today
    return max(0, (ended - entry.owed.deadline.last_day).days)


_DETAIL_COLUMNS = (
    ReportColumn("label", "Bước, đơn vị gửi", width=40),
    ReportColumn("name", "Danh sách", width=34),
    ReportColumn("receiver_name", "Đơn vị nhận", width=26),
    ReportColumn("due", "Ngày cuối của hạn", "day", 11),
    ReportColumn("at", "Đã chuyển lúc", "moment", 15),
    ReportColumn("days_late", "Trễ (ngày)", "count", 8, tone="bad"),
    ReportColumn("versions", "Số bản nộp", "count", 8),
    ReportColumn("returned", "Lần bị trả lại", "count", 8),
    ReportColumn("rows", "Số dòng", "count", 8),
    ReportColumn("standing_title", "Tình trạng", width=32),
)


def _all(details: Sequence[Line]) -> ReportTable:
    return ReportTable(
        "details", "Chi tiết", "Từng lượt chuyển trong đợt", _DETAIL_COLUMNS, tuple(details)
    )


def _late(details: Sequence[dict[str, Any]]) -> ReportTable:
    late = [line for line in details if line["days_late"]]
    late.sort(key=lambda line: -line["days_late"])
    return ReportTable(
        "late",
        "Trễ hạn",
        "Nộp trễ và quá hạn, lâu nhất trước",
        _DETAIL_COLUMNS,
        tuple(late),
        chart=Chart("bars", "Mười lăm lượt trễ nhất (ngày)", "label", ("days_late",), 15),
        empty="Không có danh sách nào trễ hạn.",
    )


# --- one line a hand-off -----------------------------------------------------------------------


def _summary(status: RoundStatus, details: Sequence[Line]) -> ReportTable:
    counted = _by_handoff(status, details)
    rows = tuple(_summary_line(line, status) for line in lines(counted))
    names = [str(standing) for standing in Standing]
    # Rows are not summed: the same children stand in the lists of every step.
    total: dict[str, Any] = {name: count_of(counted, name) for name in (*names, "all")}
    done = sum(total[str(s)] for s in DONE)
    return ReportTable(
        "handoffs",
        "Tổng hợp",
        "Các bước của đợt",
        (
            ReportColumn("label", "Bước", width=38),
            ReportColumn("due_text", "Hạn", width=24),
            ReportColumn("all", "Phải chuyển", "count", 8),
            *(_standing_column(standing) for standing in Standing),
            ReportColumn("done_share", "Tỷ lệ đã chuyển", "share", 9),
            ReportColumn("rows", "Số dòng", "count", 9),
        ),
        rows,
        {"label": "Cộng", "done_share": share(done, total["all"])} | total,
        chart=Chart("bars", "Tình trạng của từng bước", "label", tuple(names)),
    )


def _standing_column(standing: Standing) -> ReportColumn:
    return ReportColumn(
        str(standing), capitalised(STANDINGS[standing]), "count", 9, "Số lượt", _TONES[standing]
    )


def _by_handoff(status: RoundStatus, details: Sequence[Line]) -> Any:
    """One row a hand-off, in the order of the process; one column for each standing."""
    import pandas as pd

    order = [one.handoff.id for one in status.handoffs]
    told = frame(details, ("handoff", "standing", "rows"))
    counted = pd.crosstab(told["handoff"], told["standing"])
    counted = counted.reindex(index=order, columns=[str(s) for s in Standing], fill_value=0)
    counted["all"] = counted.sum(axis=1)
    counted["rows"] = told.groupby("handoff")["rows"].sum().reindex(order, fill_value=0)
    return counted.rename_axis("handoff").reset_index()


def _summary_line(line: dict[str, Any], status: RoundStatus) -> Line:
    one = next(one for one in status.handoffs if one.handoff.id == line["handoff"])
    done = sum(line[str(standing)] for standing in DONE)
    return line | {
        "number": one.handoff.number,
        "label": f"{one.handoff.number} {one.handoff.name}".strip(),
        "due": one.deadline.last_day if one.deadline else None,
        "due_text": one.deadline.text if one.deadline else "",
        "done_share": share(done, line["all"]),
    }
