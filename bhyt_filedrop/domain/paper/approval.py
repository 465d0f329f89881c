"""The first sheet of a workbook that waits for approval: what is in it, and how it is approved."""

from __future__ import annotations

from collections.abc import Sequence

from bhyt_filedrop.domain.forms.printed import PrintColumn
from bhyt_filedrop.domain.paper.layout import Row, SheetLayout
from bhyt_filedrop.domain.paper.letterhead import Letterhead
from bhyt_filedrop.domain.paper.tables import PrintTable, lay_out_table
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit, Units

_COLUMNS = (
    PrintColumn("number", ("STT",), None, 6, "center"),
    PrintColumn("receiver", ("Gửi cho",), None, 40),
    PrintColumn("rows", ("Số dòng",), None, 12, "count"),
    PrintColumn("added", ("So với bản đã gửi", "Thêm"), None, 10, "count"),
    PrintColumn("removed", ("So với bản đã gửi", "Bớt"), None, 10, "count"),
    PrintColumn("changed", ("So với bản đã gửi", "Sửa"), None, 10, "count"),
    PrintColumn("told", ("Ghi chú",), None, 22),
)


def approval_sheet(
    name: str,
    rows: Sequence[Row],
    notes: Sequence[str],
    sender: Unit,
    round_: Round,
    units: Units,
    folders: tuple[str, str],
) -> SheetLayout:
    """Lay the summary out; `folders` are the names of those that mean yes and no."""
    agreed, refused = folders
    how = (
        f"Chuyển tệp này sang thư mục “{agreed}” thì hệ thống gửi; sang “{refused}” thì giữ lại, "
        "không gửi. Không sửa trong tệp này: tệp đã sửa hoặc lưu lại thì không được gửi."
    )
    return lay_out_table(
        PrintTable(
            sheet="Tóm tắt",
            titles=("DANH SÁCH CHỜ DUYỆT", name.upper()),
            columns=_COLUMNS,
            rows=rows,
            round=round_,
            office=Letterhead.of(sender, units),
            notes=(how, *notes),
        )
    )
