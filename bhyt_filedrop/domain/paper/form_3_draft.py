"""A district's form 3, drafted from its wards' returns (H5 → H6)."""

from __future__ import annotations

from bhyt_filedrop.domain.forms.printed import PrintColumn
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.said import unit_name
from bhyt_filedrop.domain.paper.layout import (
    ListOf,
    Row,
    SheetLayout,
    lay_out,
    supplier_of,
)
from bhyt_filedrop.domain.paper.letterhead import Letterhead, issuer_lines
from bhyt_filedrop.domain.paper.round_lists import Children, Sheets
from bhyt_filedrop.domain.paper.rows import row_of
from bhyt_filedrop.domain.paper.tables import PrintTable, lay_out_table
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit, Units

DRAFT_REMARK = (
    "Bản nháp do hệ thống lập từ kết quả của {wards}. Đề nghị kiểm tra, bổ sung số thẻ còn "
    "thiếu và các trẻ chưa có kết quả, xóa dòng này, ký rồi nộp vào thư mục của đơn vị."
)


def draft_sheets(
    children: Children, district: Unit, round: Round, units: Units, remark: str = DRAFT_REMARK
) -> Sheets:
    """A district's form 3 made from its wards' returns, and whom no ward answered for.

    `children` from `merge.district_draft`. `remark` asks to look at it; an approved one has none.
    """
    by_section = {
        section: [row_of(child, "form-3") for child in children if child.section == section]
        for section in ("I", "II", "III")
    }
    form_3 = lay_out(
        ListOf(
            "form-3",
            round,
            issuer_lines(district, units),
            place=units.authority.place,
            sections=by_section,
            about=district.name,
            supplier=supplier_of(district, units),
            remarks=(remark.format(wards=units.wards),) if remark else (),
            right=units.kind_of(district).head,
            sheet="Mẫu 3",
        )
    )
    unanswered = [child for child in children if not child.section]
    return (
        (form_3, _unanswered_sheet(unanswered, district, round, units)) if unanswered else (form_3,)
    )


def _unanswered_sheet(
    children: Children, district: Unit, round: Round, units: Units
) -> SheetLayout:
    columns = (
        PrintColumn("number", ("STT",), None, 5, "center"),
        PrintColumn("ward", ("Địa bàn chưa trả lời",), None, 26),
        PrintColumn("who", ("Trẻ",), None, 30),
        PrintColumn("born", ("Sinh ngày",), None, 13, "date"),
        PrintColumn("mother", ("Mẹ hoặc cha",), None, 26),
        PrintColumn("home", ("Nơi ở",), None, 44),
    )
    rows = [{**_person(child), "ward": unit_name(child.ward, units)} for child in children]
    return lay_out_table(
        PrintTable(
            "Chưa có kết quả",
            (f"TRẺ CHƯA CÓ KẾT QUẢ CỦA {units.wards.upper()}",),
            columns,
            rows,
            round,
            Letterhead.of(district, units),
            notes=("Các trẻ này chưa nằm trong bản nháp mẫu 3 ở trang trước.",),
        )
    )


def _person(child: ListedChild) -> Row:
    row = row_of(child, "form-2")
    return {
        "who": child.name,
        "born": row["birth_date"],
        "mother": child.parent,
        "home": child.address,
    }
