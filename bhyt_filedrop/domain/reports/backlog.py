"""The backlog report: how many children each unit was sent, has settled, and still holds.

2118/BHXH-CNTT of 30/06/2020 asks each province to follow and chase the issue of children's cards
and to report its backlog (Phụ lục 1: tình hình tồn đọng cấp thẻ BHYT dành cho trẻ em dưới 6 tuổi).
The figures are those of the trace, child by child, so they agree with the balance of every hop.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bhyt_filedrop.domain.cells.text import capitalised, uncapitalised
from bhyt_filedrop.domain.conservation.balance import Fate, Hop, Trace
from bhyt_filedrop.domain.conservation.steps import returns
from bhyt_filedrop.domain.owed.obligations import Entry, HandOffStatus, RoundStatus, Standing
from bhyt_filedrop.domain.owed.wants import wanted_after
from bhyt_filedrop.domain.process.calendar import local_day
from bhyt_filedrop.domain.process.handoffs import HandOff, Process
from bhyt_filedrop.domain.process.parties import senders
from bhyt_filedrop.domain.process.units import Unit, Units
from bhyt_filedrop.domain.reports.frames import frame, lines
from bhyt_filedrop.domain.reports.model import (
    Chart,
    Figure,
    Formality,
    Line,
    Report,
    ReportColumn,
    ReportTable,
    share,
)
from bhyt_filedrop.domain.reports.round import days_late
from bhyt_filedrop.domain.words import STANDINGS

if TYPE_CHECKING:
    import pandas as pd

COUNTS = (
    "received", "carded_before", "carded_now", "no_number", "uncarded", "no_basis", "unreported",
    "overdue",
)  # fmt: skip
"""Every child received is in one of carded_before, carded_now, uncarded, unreported. Of those
carded now some have no number yet; of the uncarded some have a reason (no basis); of the
unreported some are overdue."""


CHARTED = 20
"""The chart of the units further down shows so many of those that owe most."""


def backlog(
    found: Trace,
    status: RoundStatus,
    process: Process,
    units: Units,
    form_names: Mapping[str, str] | None = None,
) -> Report:
    """Return the backlog of a round, the units that report to the city first.

    `form_names` gives forms their Vietnamese names.
    """
    answers = tuple(reversed(returns(process)))
    standing = {one.handoff.id: one for one in status.handoffs}
    names = form_names or {}
    tables = [_table(h, found, standing.get(h.id), units, status, names) for h in answers]
    return Report(
        name="backlog",
        title="Tình hình tồn đọng cấp thẻ BHYT cho trẻ em dưới 6 tuổi",
        subtitle=f"Trẻ em khám chữa bệnh bằng giấy khai sinh, chứng sinh – {found.round.title}",
        made_at=status.now,
        figures=_figures(tables[0].total or {}, found) if tables else (),
        tables=tuple(tables),
        about=(
            f"Lập theo yêu cầu theo dõi, đôn đốc của {units.sources.backlog}; số liệu lấy từ các "
            f"danh sách đã nhận theo {units.sources.process}.",
            "Tổng số nhận = đã cấp từ trước + cấp đợt này + chưa cấp + chưa báo cáo. Trẻ chưa xác "
            "định địa bàn tính là chưa báo cáo; trẻ "
            f"{uncapitalised(units.authority.outside)} tính là chưa cấp, có lý do.",
        ),
        rounds=(str(found.round),),
    )


def _figures(total: Line, found: Trace) -> tuple[Figure, ...]:
    return (
        Figure("received", "Trẻ phải xác minh", total["received"]),
        Figure("carded", "Đã có thẻ", total["carded"], tone="good"),
        Figure("uncarded", "Chưa cấp thẻ", total["uncarded"], tone="warn"),
        Figure("unreported", "Chưa báo cáo", total["unreported"], tone="idle"),
        Figure("unplaced", "Trong đó chưa xác định địa bàn", found.unplaced, tone="idle"),
        Figure("overdue", "Quá hạn chưa báo cáo", total["overdue"], tone="bad"),
        Figure("done_share", "Tỷ lệ đã báo cáo", total["done_share"], "share", "good"),
    )


# --- one level of units ------------------------------------------------------------------------


def _table(
    handoff: HandOff,
    found: Trace,
    standing: HandOffStatus | None,
    units: Units,
    status: RoundStatus,
    form_names: Mapping[str, str],
) -> ReportTable:
    entries = {e.owed.sender.id: e for e in standing.entries} if standing else {}
    late = {id_ for id_, e in entries.items() if e.standing is Standing.OVERDUE}
    hops = found.of(handoff.id)
    due = standing.deadline.last_day if standing and standing.deadline else None
    then = units.at(due or found.round.next.last_day)
    reporting = _reporting(handoff, hops, then)
    counted = _count(hops, late, [unit.id for unit in reporting])
    rows = [
        _line(
            line,
            units.by_id.get(line["unit"]),
            units,
            entries.get(line["unit"]),
            status,
            form_names,
        )
        for line in lines(counted.reset_index())
    ]
    level, top = _level(handoff, then), handoff.receiver in units
    if top:
        rows += _left_over(found, status, units, form_names)
    else:
        rows.sort(key=lambda row: -row["unreported"])
    owing = sum(row["unreported"] > 0 for row in rows)
    total = _shares({name: sum(row[name] for row in rows) for name in COUNTS})
    return ReportTable(
        f"{handoff.sender}s",
        f"Theo {level}"[:31],
        f"Tồn đọng theo {level}" + ("" if top else ", còn nợ nhiều nhất trước"),
        _columns(level),
        tuple(rows),
        {"name": units.top if top else "Cộng"} | total,
        note=_note(standing),
        formality=_annex(units) if top else None,
        chart=_chart(level, 0 if top else min(owing, CHARTED)) if top or owing else None,
        empty="Chưa có danh sách nào được chuyển đi.",
    )


def _annex(units: Units) -> Formality:
    """2118/BHXH-CNTT, Phụ lục 1, as it goes to the national office with a letter."""
    authority = units.authority
    return Formality(
        ("BẢO HIỂM XÃ HỘI VIỆT NAM", authority.letterhead),
        ("PHỤ LỤC 1", f"Kèm theo công văn số ......... của {authority.office}"),
        authority.place,
        f"Giám đốc {authority.office}",
    )


def _chart(level: str, owing: int) -> Chart:
    """All units, or so many that `owing` stands for: one that owes nothing is none of these."""
    which = f": {owing} nơi còn nợ nhiều nhất" if owing else ""
    series = ("carded_before", "carded_now", "uncarded", "unreported")
    return Chart("bars", f"Kết quả theo {level} (số trẻ){which}", "name", series, owing)


def _left_over(
    found: Trace, status: RoundStatus, units: Units, form_names: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """Lines for the children who reached no unit: those who wait for their ward, as unreported, and
    those outside the city, as uncarded with a reason."""
    entries = [e for one in status.handoffs for e in one.entries if e.unplaced]
    entry = entries[0] if entries else None
    unplaced, outside = found.unplaced, sum(hop.outside for hop in found.hops)
    late = unplaced if entry and entry.standing is Standing.OVERDUE else 0
    if unplaced:
        counts = {"received": unplaced, "unreported": unplaced, "overdue": late}
        yield _nobodys("Chưa xác định địa bàn", counts, entry, status, form_names)
    if outside:
        counts = {"received": outside, "uncarded": outside, "no_basis": outside}
        yield _nobodys(units.authority.outside, counts, None, status, form_names)


def _nobodys(
    name: str,
    counts: Mapping[str, int],
    entry: Entry | None,
    status: RoundStatus,
    form_names: Mapping[str, str],
) -> dict[str, Any]:
    every = dict.fromkeys(COUNTS, 0) | dict(counts)
    late = days_late(entry, local_day(status.now)) if entry else 0
    told = {"unit": "", "name": name, "parent": "", "standing": "", "at": None}
    said = {"standing_title": _standing_text(entry, late, form_names), "days_late": late}
    return _shares(every) | told | said


def _level(handoff: HandOff, units: Units) -> str:
    """How people call the units that report: `quận, huyện`. Kinds that are called alike are told
    apart by the unit's own word."""
    kind = units[handoff.sender].kind if handoff.sender in units else handoff.sender
    called = units.called(senders(handoff, units))
    others = {units.kind_of(unit).called for unit in units if unit.kind != kind}
    return f"{called} ({kind})" if called in others else called


def _reporting(handoff: HandOff, hops: Sequence[Hop], units: Units) -> list[Unit]:
    """Every unit of the day that reports to the city; further down, and of other days, only those
    that were sent children."""
    given = {hop.unit for hop in hops if hop.sent}
    then = senders(handoff, units) if handoff.receiver in units else ()
    reporting = given.union(unit.id for unit in then)
    return [unit for unit in units.everybody if unit.id in reporting]


def _note(standing: HandOffStatus | None) -> str:
    if standing is None or standing.deadline is None:
        return ""
    return f"Hạn báo cáo: {standing.deadline.text}."


# --- counting ----------------------------------------------------------------------------------


def _count(hops: Iterable[Hop], late: set[str], order: Sequence[str]) -> pd.DataFrame:
    """One row a unit in the wanted order, one column for each count."""
    told = frame(
        (_fate_line(fate, fate.unit in late) for hop in hops for fate in hop.fates),
        ("unit", *COUNTS),
    )
    counted = told.groupby("unit")[list(COUNTS)].sum()
    return counted.reindex(list(order), fill_value=0).astype(int).rename_axis("unit")


def _fate_line(fate: Fate, is_late: bool) -> dict[str, Any]:
    outcome = fate.outcome
    back = fate.found[0].child if fate.found else None
    return {
        "unit": fate.unit,
        "received": 1,
        "carded_before": int(outcome == "carded-before"),
        "carded_now": int(outcome == "carded-now"),
        "no_number": int(outcome == "carded-now" and not (back and back.card)),
        "uncarded": int(outcome in ("uncarded", "")),
        "no_basis": int(outcome == "uncarded" and bool(back and back.note)),
        "unreported": int(outcome == "missing"),
        "overdue": int(outcome == "missing" and is_late),
    }


def _shares(counts: dict[str, Any]) -> dict[str, Any]:
    carded = counts["carded_before"] + counts["carded_now"]
    done = counts["received"] - counts["unreported"]
    return counts | {
        "carded": carded,
        "done_share": share(done, counts["received"]),
        "carded_share": share(carded, counts["received"]),
    }


def _line(
    line: dict[str, Any],
    unit: Unit | None,
    units: Units,
    entry: Entry | None,
    status: RoundStatus,
    form_names: Mapping[str, str],
) -> dict[str, Any]:
    above = units.by_id.get(unit.parent) if unit else None
    late = days_late(entry, local_day(status.now)) if entry else 0
    return _shares(line) | {
        "name": units.full_name(unit) if unit else line["unit"],
        "parent": above.id if above else "",
        "standing": str(entry.standing) if entry else "",
        "standing_title": _standing_text(entry, late, form_names),
        "at": entry.at if entry else None,
        "days_late": late,
    }


def _standing_text(entry: Entry | None, late: int, form_names: Mapping[str, str]) -> str:
    if entry is None:
        return ""
    said = capitalised(STANDINGS[entry.standing])
    return wanted_after(f"{said} {late} ngày" if late else said, entry, form_names)


def _columns(level: str) -> tuple[ReportColumn, ...]:
    return (
        ReportColumn("name", capitalised(level), width=28),
        ReportColumn("received", "Tổng số nhận", "count", 9),
        ReportColumn("carded_before", "Đã cấp từ trước", "count", 9, "Đã có thẻ", "good"),
        ReportColumn("carded_now", "Cấp đợt này", "count", 9, "Đã có thẻ", "fair"),
        ReportColumn("no_number", "Trong đó chờ số thẻ", "count", 9, "Đã có thẻ"),
        ReportColumn("uncarded", "Tổng số", "count", 9, "Chưa cấp thẻ", "warn"),
        ReportColumn("no_basis", "Trong đó có lý do (không đủ cơ sở)", "count", 12, "Chưa cấp thẻ"),
        ReportColumn("unreported", "Tổng số", "count", 9, "Chưa báo cáo", "idle"),
        ReportColumn("overdue", "Trong đó quá hạn", "count", 9, "Chưa báo cáo", "bad"),
        ReportColumn("done_share", "Tỷ lệ đã báo cáo", "share", 9),
        ReportColumn("carded_share", "Tỷ lệ có thẻ", "share", 9),
        ReportColumn("standing_title", "Tình trạng nộp", width=32),
    )
