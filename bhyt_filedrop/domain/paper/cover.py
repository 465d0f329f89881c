"""The list that lies on top of a bundle of paper copies: whose certificates are in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bhyt_filedrop.domain.derive.drafts import proper
from bhyt_filedrop.domain.forms.printed import PrintColumn
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.said import unit_name
from bhyt_filedrop.domain.paper.layout import Row, SheetLayout
from bhyt_filedrop.domain.paper.letterhead import Letterhead
from bhyt_filedrop.domain.paper.rows import row_of
from bhyt_filedrop.domain.paper.tables import PrintTable, lay_out_table
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit, Units

_COLUMNS = (
    PrintColumn("number", ("STT",), None, 6, "center"),
    PrintColumn("name", ("Họ và tên",), None, 27),
    PrintColumn("birth_date", ("Ngày sinh",), None, 12, "date"),
    PrintColumn("parent", ("Họ tên mẹ (cha)",), None, 25),
    PrintColumn("address", ("Địa chỉ",), None, 36),
    PrintColumn("birth_paper", ("Bản sao trong tập", "Khai sinh"), None, 10, "center"),
    PrintColumn("maternity_paper", ("Bản sao trong tập", "Chứng sinh"), None, 10, "center"),
    PrintColumn("seen", ("Ghi chú",), None, 16),
)


def cover_sheets(
    children: Sequence[ListedChild], giver: Unit, taker: Unit, round_: Round, units: Units
) -> tuple[SheetLayout, ...]:
    """Lay the cover list out; the children of one ward after the other, where there are several.

    Which certificate is in the bundle is ticked by hand: no list says it.
    """
    ordered = cover_order(children, units)
    several = len({child.ward for child in children}) > 1
    table = PrintTable(
        sheet="Danh mục bản sao",
        titles=("DANH MỤC BẢN SAO GIẤY KHAI SINH, GIẤY CHỨNG SINH",),
        columns=_COLUMNS,
        rows=[_row(child, units, grouped=several) for child in ordered],
        round=round_,
        office=Letterhead.of(giver, units),
        notes=(
            f"Bên giao: {units.full_name(giver)}. Bên nhận: {units.full_name(taker)}. "
            f"Số trẻ trong danh mục: {len(children)}.",
            "Đánh dấu vào cột ứng với bản sao có trong tập; thiếu bản nào thì ghi ở cột Ghi chú.",
        ),
        drawer="Bên giao",
        signer="Bên nhận",
        grouped=several,
    )
    return (lay_out_table(table),)


def cover_order(children: Sequence[ListedChild], units: Units) -> list[ListedChild]:
    """Return children as the list names them: ward by ward, each by given names."""
    wards = units.in_order({child.ward for child in children})
    return sorted(children, key=lambda c: (wards.index(c.ward), c.name.split()[-1:], c.name))


def _row(child: ListedChild, units: Units, *, grouped: bool) -> Row:
    group = (unit_name(child.ward, units) or "Chưa xác định địa bàn") if grouped else ""
    return row_of(replace(child, name=proper(child.name)), "form-2", group=group)
