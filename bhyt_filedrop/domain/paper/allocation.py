"""The workbook of the allocation (H9): by hospital, by district, what is left, and the proof."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from bhyt_filedrop.domain.cells.text import capitalised
from bhyt_filedrop.domain.derive.allocate import WHY, Allocation, Charged, PivotLine
from bhyt_filedrop.domain.derive.visits import costs_of, treated_key
from bhyt_filedrop.domain.forms.printed import PrintColumn
from bhyt_filedrop.domain.lists.keys import exact_key, gather_by
from bhyt_filedrop.domain.lists.said import birth_value, unit_name
from bhyt_filedrop.domain.paper.layout import Row, SheetLayout, Value
from bhyt_filedrop.domain.paper.letterhead import Letterhead
from bhyt_filedrop.domain.paper.tables import PrintTable, lay_out_table
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Units

_UNIT_LINE = "Đơn vị tính: đồng."
_TOTAL, _PATIENT, _FUND = "cost_total", "cost_patient", "cost_insurance"

_AMOUNTS = (
    PrintColumn(_TOTAL, ("Tổng chi phí",), None, 18, "amount"),
    PrintColumn(_PATIENT, ("Người bệnh chi trả",), None, 16, "amount"),
    PrintColumn(_FUND, ("Đề nghị BHXH thanh toán",), None, 18, "amount"),
)
_COUNTS = (
    PrintColumn("children", ("Số trẻ",), None, 10, "count"),
    PrintColumn("visits", ("Số lượt",), None, 10, "count"),
)


def allocation_sheets(
    found: Allocation,
    round: Round,
    units: Units,
    office: Letterhead,
    *,
    made_on: date | None = None,
) -> tuple[SheetLayout, ...]:
    """Lay out an allocation: summaries first, then the rest, the detail and the check of totals."""
    return (
        _by_hospital(found, round, office, made_on),
        _by_district(found, round, units, office, made_on),
        _rest(found, round, office),
        _detail(found, round, units, office),
        _proof(found, round, office),
    )


# --- summaries -------------------------------------------------------------------------------


def _by_hospital(
    found: Allocation, round: Round, office: Letterhead, made_on: date | None
) -> SheetLayout:
    columns = (
        PrintColumn("number", ("STT",), None, 6, "center"),
        PrintColumn("id", ("Mã BV",), None, 10, "code"),
        PrintColumn("name", ("Tên bệnh viện",), None, 40),
        *_COUNTS,
        *_AMOUNTS,
    )
    rows = [_hospital(line) for line in found.by_hospital]
    titles = ("PHÂN BỔ CHI PHÍ KCB TRẺ EM THEO BỆNH VIỆN", "ĐĂNG KÝ KHÁM CHỮA BỆNH BAN ĐẦU")
    return _summary("Tổng hợp theo bệnh viện", titles, columns, rows, round, office, made_on)


def _hospital(line: PivotLine) -> Row:
    name = "" if line.name == line.id else line.name
    return {"id": line.id, "name": name, "children": line.children, "visits": line.visits,
            **line.amounts}  # fmt: skip


def _by_district(
    found: Allocation, round: Round, units: Units, office: Letterhead, made_on: date | None
) -> SheetLayout:
    columns = (
        PrintColumn("number", ("STT",), None, 6, "center"),
        PrintColumn("name", (f"{capitalised(units.offices)} nơi trẻ cư trú",), None, 30),
        *_COUNTS,
        PrintColumn("done", ("Đề nghị BHXH thanh toán", "Đã phân bổ"), None, 18, "amount"),
        PrintColumn("left", ("Đề nghị BHXH thanh toán", "Chưa phân bổ"), None, 18, "amount"),
        PrintColumn(_FUND, ("Đề nghị BHXH thanh toán", "Cộng"), None, 18, "amount"),
        PrintColumn(_TOTAL, ("Tổng chi phí",), None, 18, "amount"),
    )
    rows = [_district(line) for line in found.by_district]
    titles = (f"PHÂN BỔ CHI PHÍ KCB TRẺ EM THEO {units.offices.upper()}",)
    return _summary(f"Tổng hợp theo {units.offices}", titles, columns, rows, round, office, made_on)


def _summary(
    sheet: str,
    titles: tuple[str, ...],
    columns: tuple[PrintColumn, ...],
    rows: list[Row],
    round: Round,
    office: Letterhead,
    made_on: date | None,
) -> SheetLayout:
    """One of the signed summaries: its amounts added up under them."""
    return lay_out_table(
        PrintTable(
            sheet,
            titles,
            columns,
            rows,
            round,
            office,
            notes=(_UNIT_LINE,),
            sums=_sums(rows, "name"),
            signer=office.head,
            made_on=made_on,
        )
    )


def _district(line: PivotLine) -> Row:
    left = line.rest[_FUND]
    return {
        "name": line.name or "Chưa xác định được",
        "children": line.children,
        "visits": line.visits,
        "done": line.amounts[_FUND] - left,
        "left": left,
        _FUND: line.amounts[_FUND],
        _TOTAL: line.amounts[_TOTAL],
    }


def _sums(rows: Sequence[Row], label: str) -> Row:
    numbers = {name for row in rows for name, value in row.items() if isinstance(value, int)}
    return {label: "Tổng cộng", **{name: _sum(rows, name) for name in numbers - {"number"}}}


def _sum(rows: Iterable[Row], name: str) -> float:
    return sum(value for row in rows if isinstance(value := row.get(name), int | float))


# --- child by child --------------------------------------------------------------------------


def _rest(found: Allocation, round: Round, office: Letterhead) -> SheetLayout:
    columns = (
        PrintColumn("number", ("STT",), None, 6, "center"),
        PrintColumn("who", ("Tên người bệnh trên danh sách chi phí",), None, 28),
        PrintColumn("born", ("Năm sinh",), None, 12, "date"),
        PrintColumn("home", ("Địa chỉ",), None, 44),
        PrintColumn("visits", ("Số lượt",), None, 8, "count"),
        *_AMOUNTS,
    )
    rows = [
        {**_treated_values(visits), "group": why}
        for why, group in _by_reason(found).items()
        for visits in gather_by(group, lambda one: treated_key(one.visit)).values()
    ]
    return lay_out_table(
        PrintTable(
            "Chưa phân bổ",
            ("CHI PHÍ CHƯA PHÂN BỔ ĐƯỢC",),
            columns,
            rows,
            round,
            office,
            notes=(_rest_line(found), _UNIT_LINE),
            sums=_sums(rows, "who"),
            grouped=True,
        )
    )


def _by_reason(found: Allocation) -> dict[str, list[Charged]]:
    """What is left, by the reason in words, in the order of `WHY`."""
    left = found.rest
    return {text: some for why, text in WHY.items() if (some := [o for o in left if o.why == why])}


def _rest_line(found: Allocation) -> str:
    left, total = found.totals(found.rest), found.totals()
    return (
        f"Chưa phân bổ {len(found.rest)}/{len(found.charged)} lượt, số tiền "
        f"{money(left[_FUND])}/{money(total[_FUND])} đồng đề nghị BHXH thanh toán."
    )


def money(amount: int) -> str:
    """An amount as offices write it: `1.234.567`."""
    return f"{amount:,}".replace(",", ".")


def _treated_values(visits: Sequence[Charged]) -> dict[str, Value]:
    visit = visits[0].visit
    return {
        "who": visit.name,
        "born": birth_value(visit.birth),
        "home": visit.address,
        "visits": len(visits),
        **costs_of(one.visit for one in visits),
    }


def _detail(found: Allocation, round: Round, units: Units, office: Letterhead) -> SheetLayout:
    columns = (
        PrintColumn("number", ("STT",), None, 6, "center"),
        PrintColumn("who", ("Trẻ",), None, 26),
        PrintColumn("born", ("Sinh ngày",), None, 12, "date"),
        PrintColumn("district", ("Nơi cư trú",), None, 20),
        PrintColumn("number_of_card", ("Thẻ BHYT",), None, 19, "code"),
        PrintColumn("visits", ("Số lượt",), None, 8, "count"),
        *_AMOUNTS,
    )
    hospitals = {line.id: line.name for line in found.by_hospital}
    rows = [
        {**_charged_values(visits, units), "group": _hospital_name(code, hospitals)}
        for code, group in sorted(gather_by(found.allocated, lambda one: one.hospital).items())
        for visits in gather_by(group, _child_key).values()
    ]
    return lay_out_table(
        PrintTable(
            "Chi tiết đã phân bổ",
            ("CHI PHÍ ĐÃ PHÂN BỔ THEO TỪNG TRẺ",),
            columns,
            rows,
            round,
            office,
            notes=(_UNIT_LINE,),
            sums=_sums(rows, "who"),
            grouped=True,
        )
    )


def _hospital_name(code: str, names: Mapping[str, str]) -> str:
    name = names.get(code, code)
    return code if name == code else f"{code} - {name}"


def _child_key(one: Charged) -> str:
    return (one.child.card or exact_key(one.child)) if one.child else treated_key(one.visit)


def _charged_values(visits: Sequence[Charged], units: Units) -> dict[str, Value]:
    first = visits[0]
    child = first.child or first.visit
    return {
        **_treated_values(visits),
        "who": child.name,
        "born": birth_value(child.birth),
        "district": unit_name(first.district, units),
        "number_of_card": child.card,
    }


# --- the proof -------------------------------------------------------------------------------


def _proof(found: Allocation, round: Round, office: Letterhead) -> SheetLayout:
    """H1's totals beside what was made of them; the difference must be nothing."""
    columns = (
        PrintColumn("number", ("STT",), None, 6, "center"),
        PrintColumn("what", ("Nội dung",), None, 50),
        PrintColumn("visits", ("Số lượt",), None, 12, "count"),
        *_AMOUNTS,
    )
    whole, done, left = found.charged, found.allocated, found.rest
    rows: list[Row] = [
        {"what": what, "visits": len(some), **found.totals(some)}
        for what, some in (
            ("Tổng theo danh sách chi phí KCB (H1)", whole),
            ("Đã phân bổ về bệnh viện đăng ký ban đầu", done),
            ("Chưa phân bổ", left),
        )
    ]
    rows.append(
        {
            "what": "Chênh lệch (H1 - đã phân bổ - chưa phân bổ)",
            "visits": len(whole) - len(done) - len(left),
            **_difference(found),
        }
    )
    title = ("ĐỐI CHIẾU TỔNG CHI PHÍ",)
    return lay_out_table(
        PrintTable("Đối chiếu tổng", title, columns, rows, round, office, notes=(_UNIT_LINE,))
    )


def _difference(found: Allocation) -> dict[str, int]:
    """Worked out from the pivots, not from the same sums again."""
    whole = found.totals()
    done = {name: sum(line.amounts[name] for line in found.by_hospital) for name in whole}
    left = {name: sum(line.rest[name] for line in found.by_district) for name in whole}
    return {name: whole[name] - done[name] - left[name] for name in whole}
