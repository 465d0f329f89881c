"""Lists of each form as grids in memory, in any layout, for tests of recognition and checks.

Everything is made up. `build` gives a sheet and knows the cell of every field, so that a test can
plant one fault and expect its finding exactly there.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from bhyt_filedrop.domain.cells.grid import CellValue, Range, Sheet, Workbook, a1
from bhyt_filedrop.domain.forms.spec import FormSpec
from bhyt_filedrop.domain.process.units import Unit, Units
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings.reading import Gathered
from bhyt_filedrop.settings.tables import read_forms
from tests.cities import as_shipped

CONFIG = config_dir()
Head = tuple[str, tuple[str, ...], CellValue]
Values = Mapping[str, CellValue]

_HOSPITAL = "Nơi đăng ký KCB ban đầu"
TWELVE: tuple[Head, ...] = (
    ("number", ("STT",), 1.0),
    ("name", ("Họ và tên",), 2.0),
    ("card", ("Mã số",), 3.0),
    ("birth_date", ("Ngày tháng năm sinh",), 4.0),
    ("sex", ("Nữ",), 5.0),
    ("province", (_HOSPITAL, "Tỉnh"), 6.0),
    ("facility", (_HOSPITAL, "Mã BV"), 7.0),
    ("facility_name", (_HOSPITAL, "Tên Bệnh viện"), 8.0),
    ("parent", ("Họ tên mẹ\n(cha)",), 9.0),
    ("id_number", ("Số CMND",), 10.0),
    ("address", ("Địa chỉ",), 11.0),
    ("note", ("Ghi chú",), 12.0),
)
_FORM_2 = ("number", "name", "birth_date", "sex", "parent", "id_number", "address", "note")
EIGHT: tuple[Head, ...] = tuple(
    (name, ("Giới tính",), label) if name == "sex" else (name, head, label)
    for name, head, label in TWELVE
    if name in _FORM_2
)
_SUPPORT, _TIME = "Hỗ trợ thêm", "Thời gian tham gia"
_D03: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("card", ("Mã số BHXH",)),
    ("id_number", ("Số CCCD/\nCNTND/\nĐDCN/hộ chiếu",)),
    ("birth_date", ("Ngày tháng năm sinh",)),
    ("sex", ("Giới tính",)),
    ("address", ("Địa chỉ",)),
    ("facility", (_HOSPITAL,)),
    ("receipt_date", ("Ngày biên lai",)),
    ("receipt", ("Số biên lai",)),
    ("salary", ("Tiền lương hưu, trợ cấp TN, TS",)),
    ("support_local", (_SUPPORT, "NSĐP")),
    ("support_other", (_SUPPORT, "Khác")),
    ("start_month", (_TIME, "Từ tháng")),
    ("months", (_TIME, "Số tháng")),
    ("collector", ("Mã số nhân viên thu",)),
    ("note", ("Ghi chú",)),
)


def _d03(without: frozenset[str]) -> tuple[Head, ...]:
    rest = [(name, head) for name, head in _D03 if name not in without]
    front: tuple[Head, ...] = (("number", ("STT",), "A"), ("name", ("Họ và tên",), "B"))
    return front + tuple((n, head, str(i)) for i, (n, head) in enumerate(rest, start=1))


_COSTS = "TỔNG CHI PHÍ KHÁM, CHỮA BỆNH BHYT"
_FREE, _SHARED = "Không áp dụng tỷ lệ thanh toán", "Thanh toán theo tỷ lệ"
_ASKED = "Đề nghị BHXH thanh toán"
_MONEY: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("cost_total", (_COSTS, "Tổng cộng")),
    ("cost_test", (_COSTS, _FREE, "Xét nghiệm")),
    ("cost_imaging", (_COSTS, _FREE, "CĐHA TDCN")),
    ("cost_drug", (_COSTS, _FREE, "Thuốc")),
    ("cost_blood", (_COSTS, _FREE, "Máu")),
    ("cost_surgery", (_COSTS, _FREE, "TTPT")),
    ("cost_supply", (_COSTS, _FREE, "VTYT")),
    ("cost_service_shared", (_COSTS, _SHARED, "DVKT")),
    ("cost_drug_shared", (_COSTS, _SHARED, "Thuốc")),
    ("cost_supply_shared", (_COSTS, _SHARED, "VTYT")),
    ("cost_room", (_COSTS,)),
    ("cost_transport", (_COSTS, "Vận chuyển")),
    ("cost_patient", ("Người bệnh chi trả",)),
    ("cost_insurance", (_ASKED, "Tổng cộng")),
    ("cost_outside", (_ASKED, "Trong đó chi phí ngoài quỹ định suất")),
    ("reason", ("Lý do",)),
    ("other_disease", ("Bệnh khác",)),
    ("treated_at", ("Nơi KCB",)),
    ("ward_of_hospital", ("Khoa",)),
    ("settled_year", ("Năm QT",)),
    ("settled_month", ("Tháng QT",)),
    ("valid_from", ("GT_Từ",)),
    ("valid_to", ("GT_Đến",)),
    ("address", ("Địa chỉ",)),
)


def _cost_list(*visit: Head, room: str) -> tuple[Head, ...]:
    heads = [(name, (_COSTS, room) if name == "cost_room" else head) for name, head in _MONEY]
    money: tuple[Head, ...] = tuple(
        (name, head, -float(n)) for n, (name, head) in enumerate(heads, start=1)
    )
    return (
        ("number", ("STT",), "A"),
        ("name", ("Họ và tên",), "B"),
        ("birth_year_male", ("Năm sinh", "Nam"), "C"),
        ("birth_year_female", ("Năm sinh", "Nữ"), "D"),
        ("card", ("Mã thẻ BHYT",), "E"),
        ("facility", ("Mã ĐKBĐ",), "G"),
        ("disease", ("Mã bệnh",), "H"),
        *visit,
        *money,
        ("ward", ("Phường/xã",), None),
        ("district", ("Quận/huyện",), None),
        ("city", ("Tỉnh/thành phố",), None),
    )


HEADS: Mapping[str, tuple[Head, ...]] = {
    "form-1": TWELVE,
    "form-2": EIGHT,
    "form-3": TWELVE,
    "form-4": TWELVE,
    "d03-ts-490": _d03(frozenset()),
    "d03-ts-595": _d03(frozenset({"id_number", "collector"})),
    "d03-ts-1111": (
        ("number", ("STT",), 1.0),
        ("name", ("Họ và tên",), 2.0),
        ("card", ("Mã số thẻ",), 3.0),
        ("birth_date", ("Ngày sinh",), 4.0),
        ("sex", ("Giới tính",), 5.0),
        ("address", ("Địa chỉ",), 6.0),
        ("facility", ("Nơi đăng ký KCB",), 7.0),
        ("valid_from", ("Thời hạn sử dụng", "từ"), 8.0),
        ("valid_to", ("Thời hạn sử dụng", "đến"), 9.0),
        ("note", ("Ghi chú",), 10.0),
    ),
    "c79a": _cost_list(("visit_date", ("Ngày khám",), "I"), room="Tiền khám"),
    "c80a": _cost_list(
        ("date_in", ("Ngày vào",), "I"),
        ("date_out", ("Ngày ra",), "K"),
        ("days", ("Số ngày điều trị",), "L"),
        room="Tiền giường",
    ),
    "c79a-c80a": _cost_list(
        ("date_in", ("Ngày vào",), "I"),
        ("date_out", ("Ngày ra",), "K"),
        ("days", ("Số ngày điều trị",), "L"),
        room="Tiền khám/giường",
    ),
}
"""Form → its columns in printed order: field, header from the top down, label in the number row."""

_LIST = "DANH SÁCH TRẺ EM ĐI KHÁM CHỮA BỆNH BẰNG GIẤY KHAI SINH, CHỨNG SINH"
_D03_TITLES = ("UBND Phường Bến Nghé", "DANH SÁCH NGƯỜI CHỈ THAM GIA BHYT")
TITLES: Mapping[str, tuple[str, ...]] = {
    "form-1": ("BẢO HIỂM XÃ HỘI TP.HCM", "PHÒNG CNTT", _LIST, "ĐÃ ĐƯỢC CẤP THẺ BHYT", "{round}"),
    "form-2": ("BẢO HIỂM XÃ HỘI TP.HCM", "PHÒNG CNTT", _LIST, "CHƯA ĐƯỢC CẤP THẺ BHYT", "{round}"),
    "form-3": ("BHXH QUẬN 1", _LIST, "Theo Danh sách {round} do BHXH Thành phố cung cấp"),
    "form-4": ("UBND PHƯỜNG BẾN NGHÉ", _LIST, "Theo Danh sách {round} do BHXH Quận 1 cung cấp"),
    "d03-ts-490": (*_D03_TITLES, "Mẫu D03-TS (Quyết định 490/QĐ-BHXH)", "Số 1 tháng 6 năm 2015"),
    "d03-ts-595": (*_D03_TITLES, "Mẫu D03-TS (Quyết định 595/QĐ-BHXH)"),
    "d03-ts-1111": _D03_TITLES,
    "c79a": (
        "Mẫu số: C79a – HD",
        "DANH SÁCH NGƯỜI BỆNH BHYT KHÁM CHỮA BỆNH NGOẠI TRÚ",
        "{quarter}",
    ),
    "c80a": ("Mẫu số: C80a – HD", "DANH SÁCH NGƯỜI BỆNH BHYT ĐIỀU TRỊ NỘI TRÚ", "{quarter}"),
    "c79a-c80a": ("Mẫu C79a-C80a", "DANH SÁCH NGƯỜI BỆNH BHYT NGOẠI TRÚ, NỘI TRÚ", "{quarter}"),
}
SECTIONS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "form-3": (
        ("I", "Trẻ em dưới 6 tuổi đã được cấp thẻ BHYT từ trước"),
        ("II", "Trẻ em dưới 6 tuổi được cấp thẻ BHYT đợt này"),
        ("III", "Trẻ em chưa được cấp thẻ"),
    ),
    "form-4": (
        ("I", "Trẻ em dưới 6 tuổi đã cấp thẻ BHYT từ trước"),
        ("II", "Trẻ em chưa được cấp thẻ"),
    ),
    "d03-ts-490": (("I", "Tăng"), ("II", "Giảm")),
    "d03-ts-595": (("I", "Tăng"), ("II", "Giảm")),
    "d03-ts-1111": (("I", "Tăng"), ("II", "Giảm")),
    "c79a": (
        ("A", "BỆNH NHÂN NỘI TỈNH KHÁM, CHỮA BỆNH BAN ĐẦU"),
        ("B", "BỆNH NHÂN NỘI TỈNH ĐẾN"),
        ("C", "BỆNH NHÂN NGOẠI TỈNH ĐẾN"),
    ),
}

_GIVEN = (
    "An",
    "Bình",
    "Chi",
    "Dũng",
    "Giang",
    "Hòa",
    "Khánh",
    "Lan",
    "Minh",
    "Ngọc",
    "Phúc",
    "Quân",
)


def child(number: int = 1, **other: CellValue) -> dict[str, CellValue]:
    """Return one sound child of Quận 1 with a value for every field that any form has."""
    given, middle = _GIVEN[number % 12], _GIVEN[number // 12 % 12]
    values: dict[str, CellValue] = {
        "name": f"Nguyễn {middle} {given}",
        "card": f"TE179{number:010d}",
        "birth_date": f"{number % 28 + 1:02d}/03/2014",
        "birth_year_male": "2014",
        "sex": "X",
        "province": "79",
        "facility": "014",
        "facility_name": "BV Quận 1",
        "parent": f"Trần Thị {given}",
        "id_number": "023456789",
        "address": "12 Lê Lợi, P. Bến Nghé, Q.1",
        "disease": "J00",
        "visit_date": "15/01/2015",
        "date_in": "15/01/2015",
        "date_out": "17/01/2015",
        "days": 2.0,
        "cost_total": 125000.0,
        "cost_patient": 0.0,
        "cost_insurance": 125000.0,
        "start_month": "01/2015",
        "months": 62.0,
    }
    return {**values, **other}


def sound(form: str, number: int = 1, section: str = "") -> dict[str, CellValue]:
    """Return a child that is right in a form and section."""
    values = child(number)
    if form == "form-2" or (form, section) in (("form-3", "III"), ("form-4", "II")):
        values.update(card=None, province=None, facility=None, facility_name=None)
        values.update(sex="Nữ", note="Chưa có hộ khẩu") if form == "form-2" else values.update(
            note="Chuyển đi nơi khác"
        )
    if form.startswith(("d03", "c")):
        values.update(facility="79014", sex="Nữ")
    return values


@dataclass(frozen=True)
class Built:
    """A sheet, and where everything on it stands. `rows` holds the row of each child, in order."""

    sheet: Sheet
    columns: Mapping[str, int]
    rows: tuple[int, ...]
    header_row: int
    section_rows: Mapping[str, int] = field(default_factory=dict)
    after: int = 0
    """The first row under the table."""

    def cell(self, index: int, name: str) -> str:
        """Return the A1 name of a child's field."""
        return a1(self.rows[index], self.columns[name])

    @property
    def workbook(self) -> Workbook:
        """The sheet as a workbook of its own."""
        return Workbook("xlsx", (self.sheet,))

    def put(self, row: int, column: int, value: CellValue) -> Built:
        """Return the same sheet with one cell changed."""
        rows = [list(cells) for cells in self.sheet.rows]
        while len(rows) < row:
            rows.append([])
        rows[row - 1].extend([None] * (column - len(rows[row - 1])))
        rows[row - 1][column - 1] = value
        sheet = replace(self.sheet, rows=tuple(tuple(cells) for cells in rows))
        return replace(self, sheet=sheet)

    def set(self, index: int, name: str, value: CellValue) -> Built:
        """Return the same list with one field of one child changed."""
        return self.put(self.rows[index], self.columns[name], value)

    def with_sheet(self, **changes: object) -> Built:
        """Return the same list with other properties of its sheet."""
        return replace(self, sheet=replace(self.sheet, **changes))  # type: ignore[arg-type]


@dataclass
class _Page:
    shift: int
    cells: dict[tuple[int, int], CellValue] = field(default_factory=dict)
    merges: list[Range] = field(default_factory=list)

    def put(self, row: int, column: int, value: CellValue) -> None:
        if value is not None:
            self.cells[row, column + self.shift] = value

    def sheet(self, name: str) -> Sheet:
        height = max(row for row, _ in self.cells)
        rows = [
            tuple(
                self.cells.get((r, c))
                for c in range(1, max((k for q, k in self.cells if q == r), default=0) + 1)
            )
            for r in range(1, height + 1)
        ]
        return Sheet(name, tuple(rows), tuple(self.merges))


def build(
    form: str,
    children: Sequence[Values] | Mapping[str, Sequence[Values]] | None = None,
    *,
    name: str = "Sheet1",
    titles: Sequence[str] | None = None,
    round_text: str = "Đợt 1 năm 2015",
    shift: tuple[int, int] = (0, 0),
    order: Sequence[str] = (),
    without: Sequence[str] = (),
    headers: Mapping[str, tuple[str, ...]] | None = None,
    numbers: bool = True,
    merged: bool = True,
    total: str = "",
    signed: bool = True,
) -> Built:
    """Lay out one form. `children` by section for forms that have sections.

    `order` puts columns first, `without` leaves some out, `headers` words some otherwise;
    `merged=False` leaves the header unmerged, group headings standing over their first column.
    """
    heads = [h for h in HEADS[form] if h[0] not in without]
    heads.sort(key=lambda h: order.index(h[0]) if h[0] in order else len(order))
    heads = [(n, (headers or {}).get(n, head), label) for n, head, label in heads]
    page, row = _Page(shift[1]), shift[0] + 1
    words = {"round": round_text, "quarter": round_text.replace("Đợt", "Quý")}
    for title in TITLES[form] if titles is None else titles:
        page.put(row, 1, title.format_map(words))
        row += 1
    header_row = row + 1
    row = _put_header(page, heads, header_row, merged)
    if numbers:
        for column, (_, _, label) in enumerate(heads, start=1):
            page.put(row, column, label)
        row += 1
    placed, section_rows, row = _put_children(page, form, heads, children, row)
    after = row
    if total:
        page.put(row, 1, total)
        row += 1
    if signed:
        page.put(row + 1, 2, "Người lập biểu")
        page.put(row + 1, min(7, len(heads)), "TP.HCM, ngày 5 tháng 6 năm 2015")
        page.put(row + 4, 2, "Lê Văn Ký")
        page.put(row + 4, min(7, len(heads)), "Phạm Thị Duyệt")
    columns = {n: column + shift[1] for column, (n, _, _) in enumerate(heads, start=1)}
    return Built(page.sheet(name), columns, placed, header_row, section_rows, after)


def _put_header(page: _Page, heads: Sequence[Head], row: int, merged: bool) -> int:
    depth = max(len(head) for _, head, _ in heads)
    for column, (_, head, _) in enumerate(heads, start=1):
        for level, text in enumerate(head):
            first = column == 1 or heads[column - 2][1][: level + 1] != head[: level + 1]
            if first or level == len(head) - 1:
                page.put(row + level, column, text)
                if merged:
                    _merge(page, heads, row, column, level, depth)
    return row + depth


def _merge(
    page: _Page, heads: Sequence[Head], row: int, column: int, level: int, depth: int
) -> None:
    path = heads[column - 1][1][: level + 1]
    last = column
    while last < len(heads) and heads[last][1][: level + 1] == path:
        last += 1
    bottom = row + (depth - 1 if level == len(heads[column - 1][1]) - 1 else level)
    if last > column or bottom > row + level:
        page.merges.append(Range(row + level, column + page.shift, bottom, last + page.shift))


def _put_children(
    page: _Page,
    form: str,
    heads: Sequence[Head],
    children: Sequence[Values] | Mapping[str, Sequence[Values]] | None,
    row: int,
) -> tuple[tuple[int, ...], dict[str, int], int]:
    headings = dict(SECTIONS.get(form, ()))
    if children is None:
        children = {s: (sound(form, n + 1, s),) for n, s in enumerate(headings)}
        children = children or (sound(form, 1), sound(form, 2))
    groups = children if isinstance(children, Mapping) else {"": children}
    placed: list[int] = []
    section_rows: dict[str, int] = {}
    for section, group in groups.items():
        if section:
            section_rows[section] = row
            page.put(row, 1, section)
            page.put(row, 2, headings[section])
            row += 1
        for values in group:
            for column, (name, _, _) in enumerate(heads, start=1):
                fallback = float(len(placed) + 1) if name == "number" else None
                page.put(row, column, values.get(name, fallback))
            placed.append(row)
            row += 1
    return tuple(placed), section_rows, row


@cache
def forms() -> tuple[FormSpec, ...]:
    """The shipped forms."""
    found = Gathered()
    read = read_forms(CONFIG, found)
    assert found.problems == []
    return read


@cache
def units() -> Units:
    """The shipped units."""
    with (CONFIG / "units.csv").open(encoding="utf-8-sig", newline="") as lines:
        return as_shipped(
            Units.of(
                Unit(r["id"], r["name"], r["kind"], r["parent"], folder=r["folder"])
                for r in csv.DictReader(lines)
            )
        )
