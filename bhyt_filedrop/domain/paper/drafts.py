"""The workbooks of the drafts that CNTT confirms: form 1, form 2, and what it has to decide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bhyt_filedrop.domain.derive.drafts import Doubtful, Drafts, proper
from bhyt_filedrop.domain.forms.printed import PrintColumn
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.said import birth_text, birth_value
from bhyt_filedrop.domain.paper.layout import ListOf, Row, SheetLayout, lay_out
from bhyt_filedrop.domain.paper.letterhead import Letterhead
from bhyt_filedrop.domain.paper.rows import row_of
from bhyt_filedrop.domain.paper.tables import PrintTable, lay_out_table
from bhyt_filedrop.domain.process.rounds import Round

DRAFT_REMARK = (
    "Bản nháp do hệ thống lập từ danh sách chi phí KCB và dữ liệu thẻ BHYT. Đề nghị kiểm tra, "
    "xóa dòng này rồi nộp vào thư mục của phòng."
)

Children = Sequence[ListedChild]


def form_1_sheets(
    carded: Children, round: Round, office: Letterhead, remark: str = DRAFT_REMARK
) -> tuple[SheetLayout, ...]:
    """The draft of form 1: children whose card the register certainly knows.

    `remark` asks to look at it; a list that its office approved has none.
    """
    return (_form("form-1", carded, round, office, "Đã được cấp thẻ", remark),)


def form_2_sheets(
    uncarded: Children, round: Round, office: Letterhead, remark: str = DRAFT_REMARK
) -> tuple[SheetLayout, ...]:
    """The draft of form 2: all others; those that may have a card say so in Ghi chú."""
    return (_form("form-2", uncarded, round, office, "Chưa được cấp thẻ", remark),)


def doubt_sheets(found: Drafts, round: Round, office: Letterhead) -> tuple[SheetLayout, ...]:
    """What CNTT has to decide, and what every child's visits cost."""
    return (_doubts(found, round, office), _treated(found, round, office))


def _form(
    form: str, children: Children, round: Round, office: Letterhead, sheet: str, remark: str
) -> SheetLayout:
    rows = [row_of(child, form) for child in children]
    remarks = (remark,) if remark else ()
    return lay_out(
        ListOf(
            form,
            round,
            office.lines,
            rows=rows,
            remarks=remarks,
            sheet=sheet,
            right=office.office,
            place=office.place,
        )
    )


def _doubts(found: Drafts, round: Round, office: Letterhead) -> SheetLayout:
    columns = (
        PrintColumn("child", ("Trẻ trên danh sách chi phí",), None, 30),
        PrintColumn("home", ("Địa chỉ bệnh viện ghi",), None, 32),
        PrintColumn("who", ("Thẻ có thể là của trẻ này", "Trẻ trên thẻ"), None, 24),
        PrintColumn("born", ("Thẻ có thể là của trẻ này", "Sinh ngày"), None, 12, "center"),
        PrintColumn("mother", ("Thẻ có thể là của trẻ này", "Mẹ hoặc cha"), None, 22),
        PrintColumn(
            "number_of_card", ("Thẻ có thể là của trẻ này", "Số thẻ BHYT"), None, 19, "code"
        ),
        PrintColumn("where", ("Thẻ có thể là của trẻ này", "Nơi ở ghi trên thẻ"), None, 34),
    )
    line = (
        f"{len(found.doubtful)} trẻ dưới đây có thể đã có thẻ; bản nháp mẫu 2 tạm ghi là chưa có. "
        "Nếu đúng là thẻ của trẻ, chuyển trẻ từ mẫu 2 sang mẫu 1 và ghi số thẻ."
    )
    rows = [row for doubt in found.doubtful for row in _candidates(doubt)]
    title = ("TRẺ CẦN XÁC NHẬN ĐÃ CÓ THẺ HAY CHƯA",)
    table = PrintTable("Cần xác nhận", title, columns, rows, round, office, notes=(line,))
    return lay_out_table(table)


def _candidates(doubt: Doubtful) -> Iterator[Row]:
    """One row a likely card; the child is told once, in the first of them."""
    told = f"{doubt.child.name} ({birth_text(doubt.child.birth)})"
    for number, card in enumerate(doubt.likely):
        yield {
            "child": told if number == 0 else "",
            "home": doubt.child.address if number == 0 else "",
            "who": card.name,
            "born": birth_text(card.birth),
            "mother": card.parent,
            "number_of_card": card.card,
            "where": card.address,
        }


def _treated(found: Drafts, round: Round, office: Letterhead) -> SheetLayout:
    columns = (
        PrintColumn("number", ("STT",), None, 6, "center"),
        PrintColumn("who", ("Trẻ",), None, 32),
        PrintColumn("born", ("Sinh ngày",), None, 13, "date"),
        PrintColumn("home", ("Nơi ở",), None, 46),
        PrintColumn("visits", ("Số lượt",), None, 9, "count"),
        PrintColumn("cost_total", ("Tổng chi phí",), None, 16, "amount"),
        PrintColumn("cost_insurance", ("Đề nghị BHXH thanh toán",), None, 18, "amount"),
    )
    rows: list[Row] = [
        {
            "who": proper(one.child.name),
            "born": birth_value(one.child.birth),
            "home": one.child.address,
            "visits": len(one.visits),
            **one.child.costs,
        }
        for one in found.treated
    ]
    sums: Row = {
        "who": "Tổng cộng",
        "visits": sum(len(one.visits) for one in found.treated),
        "cost_total": sum(one.child.costs.get("cost_total", 0) for one in found.treated),
        "cost_insurance": sum(one.child.costs.get("cost_insurance", 0) for one in found.treated),
    }
    title = ("CHI PHÍ THEO TỪNG TRẺ (ĐÃ GỘP CÁC LƯỢT KHÁM)",)
    notes = ("Đơn vị tính: đồng.",)
    return lay_out_table(
        PrintTable("Lượt khám theo trẻ", title, columns, rows, round, office, notes, sums)
    )
