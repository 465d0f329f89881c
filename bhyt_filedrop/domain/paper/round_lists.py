"""The workbooks of the round's lists: what `thu`, `nvgd1` and the board get.

Each function gives the sheets of one workbook from the rows of its list, for `write_layouts`. With
`before`, the rows of the version that the receiver already has, a sheet of what changed is added.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from bhyt_filedrop.domain.cells.text import capitalised
from bhyt_filedrop.domain.derive.merge import LEFT, left_text
from bhyt_filedrop.domain.forms.printed import PrintColumn
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.said import unit_name
from bhyt_filedrop.domain.paper.changes import changes_sheet
from bhyt_filedrop.domain.paper.layout import (
    ListOf,
    Row,
    SheetLayout,
    lay_out,
)
from bhyt_filedrop.domain.paper.letterhead import Letterhead
from bhyt_filedrop.domain.paper.rows import group_row, row_of
from bhyt_filedrop.domain.paper.tables import PrintTable, lay_out_table
from bhyt_filedrop.domain.places.gazetteer import Gazetteer
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Units

Children = Sequence[ListedChild]
Sheets = tuple[SheetLayout, ...]

UNPLACED_REMARK = (
    "Địa chỉ của các trẻ dưới đây không đủ để xác định {wards}. Điền {ward_column} và "
    "{office_column} của từng trẻ (chọn {offices} trong danh sách) rồi nộp lại chính tệp này; trẻ "
    "ở tỉnh, thành phố khác thì chọn «{outside}»; dòng chưa rõ thì để trống. Hệ thống sẽ chuyển bổ "
    "sung cho {offices} và {wards}."
)
ALONE_REMARK = (
    "Địa chỉ của các trẻ dưới đây không đủ để xác định {wards}. Điền cột {ward_column} của từng "
    "trẻ (chọn trong danh sách) rồi nộp lại chính tệp này; trẻ ở tỉnh, thành phố khác thì chọn "
    "«{outside}»; dòng chưa rõ thì để trống. Hệ thống sẽ chuyển bổ sung cho {wards}."
)
"""The same where nobody stands between the city and its wards."""


def unplaced_sheets(
    children: Children,
    round: Round,
    units: Units,
    office: Letterhead,
    gazetteer: Gazetteer,
    *,
    before: Children = (),
) -> Sheets:
    """The list "Chưa xác định địa bàn" that a clerk of `thu` fills in and drops back.

    Where an address names another province the answer is filled in already, to be looked at.
    """
    districts = tuple(u.name for u in units if units.children(u.id))
    wards = tuple(u.name for u in units.of_level("ward"))
    asked, names = ("district", districts) if districts else ("ward", wards)
    rows = [
        {**row_of(child, "unplaced"), asked: _place_so_far(child, units, gazetteer)}
        for child in children
    ]
    words = {**units.words, "outside": units.authority.outside}
    wanted = ListOf(
        "unplaced",
        round,
        office.lines,
        place=office.place,
        rows=rows,
        right=office.office,
        remarks=((UNPLACED_REMARK if districts else ALONE_REMARK).format(**words),),
        heads={"ward": words["ward_column"], "district": words["office_column"]},
        options={asked: (units.authority.outside, *names)},
        without=frozenset() if districts else frozenset({"district"}),
        sheet="Chưa xác định địa bàn",
    )
    return (lay_out(wanted), *changes_sheet(before, children, round, units))


def _place_so_far(child: ListedChild, units: Units, gazetteer: Gazetteer) -> str:
    if child.outside or gazetteer.place(child.address).how == "elsewhere":
        return units.authority.outside
    return unit_name(child.district, units)


# --- H7 --------------------------------------------------------------------------------------


def carded_final_sheets(
    children: Children,
    round: Round,
    units: Units,
    office: Letterhead,
    *,
    expected: Sequence[str],
    missing: Sequence[str],
    left: tuple[int, int] = (0, 0),
    before: Children = (),
    made_on: date | None = None,
) -> Sheets:
    """The city-wide form 3, I and II, by district, and who is in it; from `merge.carded_final`."""
    wanted = ListOf(
        "form-3",
        round,
        office.lines,
        place=office.place,
        sections={
            section: [
                group_row(c, "form-3", c.district, units) for c in children if c.section == section
            ]
            for section in ("I", "II")
        },
        omit=frozenset({"III"}),
        supplier=units.authority.called,
        about=f"Tổng hợp toàn {units.authority.short}",
        remarks=_remarks(expected, missing, left, units),
        right=office.head,
        made_on=made_on,
        sheet="Đã được cấp thẻ",
        grouped=True,
    )
    heads = {"I": "Đã có thẻ từ trước", "II": "Cấp thẻ đợt này"}
    summary = summary_sheet(
        children,
        heads,
        round,
        units,
        expected,
        missing,
        office,
        ("TỔNG HỢP TRẺ ĐÃ ĐƯỢC CẤP THẺ BHYT",),
        left,
    )
    return (lay_out(wanted), summary, *changes_sheet(before, children, round, units))


def progress_line(expected: Sequence[str], missing: Sequence[str], units: Units) -> str:
    """Say how many have reported, and name those who have not."""
    called = units.called(units[unit] for unit in expected)
    line = f"Đã nhận kết quả của {len(expected) - len(missing)}/{len(expected)} {called}."
    if missing:
        line += f" Chưa nhận của: {', '.join(unit_name(unit, units) for unit in missing)}."
    return line


# --- H8 --------------------------------------------------------------------------------------


def unverified_sheets(
    children: Children,
    round: Round,
    units: Units,
    office: Letterhead,
    *,
    expected: Sequence[str],
    missing: Sequence[str],
    left: tuple[int, int] = (0, 0),
    before: Children = (),
    made_on: date | None = None,
) -> Sheets:
    """For the board: a summary by district first, then every child; from `merge.unverified`."""
    heads = {
        "I": "Không xác minh được",
        "II": "Không thấy trong kết quả",
        "III": "Chưa báo cáo",
        "IV": "Chưa rõ địa bàn",
        "V": units.authority.outside,
        "VI": "Chưa cấp thẻ, lý do rõ",
    }
    empty = {section for section in heads if not any(c.section == section for c in children)}
    title = ("TỔNG HỢP TRẺ CHƯA XÁC MINH ĐƯỢC TÌNH TRẠNG THẺ BHYT",)
    wanted = ListOf(
        "unverified",
        round,
        office.lines,
        place=office.place,
        sections={
            section: [
                group_row(c, "unverified", c.district, units)
                for c in children
                if c.section == section
            ]
            for section in heads
        },
        remarks=_remarks(expected, missing, left, units),
        called=units.called(units[unit] for unit in expected),
        outside=units.authority.outside,
        right=office.head,
        omit=frozenset(empty if len(empty) < len(heads) else set()),
        made_on=made_on,
        sheet="Danh sách trẻ",
        grouped=True,
    )
    summary = summary_sheet(children, heads, round, units, expected, missing, office, title, left)
    return (summary, lay_out(wanted), *changes_sheet(before, children, round, units))


# --- the draft of H6 -------------------------------------------------------------------------


# --- a summary by district -------------------------------------------------------------------


def summary_sheet(
    children: Children,
    heads: Mapping[str, str],
    round: Round,
    units: Units,
    expected: Sequence[str],
    missing: Sequence[str],
    office: Letterhead,
    titles: tuple[str, ...],
    left: tuple[int, int] = (0, 0),
) -> SheetLayout:
    """Count children by district and section; `heads` names the sections' columns.

    `left` are the children who reached no unit: those still to be placed, those outside the city.
    """
    nobodys = [c for c in children if c.section in LEFT]
    others = [c for c in children if c.section not in LEFT]
    # A district that was sent nobody and reported all the same stands there too.
    named = dict.fromkeys((*expected, *(c.district for c in others)))
    rows = [_count(unit, others, heads, unit in missing, units) for unit in named]
    if nobodys:
        rows.append(_nobodys(nobodys, heads))
    columns = (
        PrintColumn("number", ("STT",), None, 6, "center"),
        PrintColumn("unit", (capitalised(units.called(units[u] for u in expected)),), None, 30),
        *(PrintColumn(section, (head,), None, 18, "count") for section, head in heads.items()),
        PrintColumn("all", ("Cộng",), None, 14, "count"),
        PrintColumn("state", ("Tình hình nộp",), None, 22, "center"),
    )
    sums: dict[str, float] = {
        name: sum(_number(row[name]) for row in rows) for name in (*heads, "all")
    }
    return lay_out_table(
        PrintTable(
            "Tổng hợp",
            titles,
            columns,
            rows,
            round,
            office,
            notes=_remarks(expected, missing, left, units),
            sums={"unit": "Tổng cộng", **sums},
            signer=office.head,
            one_page=True,
        )
    )


def _count(
    unit: str, children: Iterable[ListedChild], heads: Mapping[str, str], late: bool, units: Units
) -> Row:
    own = [child.section for child in children if child.district == unit]
    return {
        "unit": unit_name(unit, units),
        **{section: own.count(section) for section in heads},
        "all": len(own),
        "state": "Chưa gửi kết quả" if late else "Đã gửi kết quả",
    }


def _nobodys(children: Sequence[ListedChild], heads: Mapping[str, str]) -> Row:
    """The line of those whom no unit of the list has: its sum is that of the whole list."""
    own = [child.section for child in children]
    counts = {section: own.count(section) for section in heads}
    return {"unit": "Chưa chuyển cho đơn vị nào", **counts, "all": len(own), "state": ""}


def _remarks(
    expected: Sequence[str], missing: Sequence[str], left: tuple[int, int], units: Units
) -> tuple[str, ...]:
    told = (progress_line(expected, missing, units), left_text(*left, units.authority))
    return tuple(filter(None, told))


def _number(value: object) -> float:
    return value if isinstance(value, int | float) else 0
