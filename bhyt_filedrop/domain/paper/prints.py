"""How each form is printed: its columns, titles, sections and signature, as plain tables.

The shapes are those of 1331/BHXH-THU's annexes (forms 1-4), QĐ 490/2023, 595/2017 and 1111/2011
(D03-TS) and the city's form pack of 2014-15 (C79a, C80a). What a form must hold to be *taken* is
declared in `config/forms`; this page only says how our own lists look on paper.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class PrintColumn:
    """One printed column.

    `head` is its heading from the top level down; neighbours that share a beginning are merged.
    `label` is what stands in the number row (None: nothing). `width` is in characters, `style` the
    name of the style of its cells. `options` are offered as a drop-down. A hidden column comes
    after all others: titles and merges end before it.
    """

    field: str
    head: tuple[str, ...]
    label: str | int | None
    width: float
    style: str = "text"
    options: tuple[str, ...] = ()
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Print:
    """The printed shape of one form.

    Titles know `{round}` ("Đợt 1 năm 2015"), `{quarter}` ("Quý 1 năm 2015") and `{supplier}`.
    `sections` maps a section's id to its heading; `before_total` holds lines such as "Cộng tăng".
    `left` and `right` are the captions of the two signatures.
    """

    columns: tuple[PrintColumn, ...]
    titles: tuple[str, ...]
    subtitles: tuple[str, ...]
    sections: Mapping[str, str]
    left: str = "Người lập biểu"
    right: str = "Thủ trưởng đơn vị"
    corner: tuple[str, ...] = (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
    )
    paper: str = "A4"


_TITLE = "DANH SÁCH TRẺ EM ĐI KHÁM CHỮA BỆNH BẰNG GIẤY KHAI SINH, CHỨNG SINH"
_HOSPITAL = "Nơi đăng ký KCB ban đầu"


def _children(*, birth: float = 12, address: float = 35) -> tuple[PrintColumn, ...]:
    """Columns 1-12 of forms 1, 3 and 4 (1331/BHXH-THU, annexes)."""
    return (
        PrintColumn("number", ("STT",), 1, 5, "center"),
        PrintColumn("name", ("Họ và tên",), 2, 22),
        PrintColumn("card", ("Mã số",), 3, 17, "code"),
        PrintColumn("birth_date", ("Ngày tháng năm sinh",), 4, birth, "date"),
        PrintColumn("sex", ("Nữ",), 5, 5, "center"),
        PrintColumn("province", (_HOSPITAL, "Tỉnh"), 6, 6, "code"),
        PrintColumn("facility", (_HOSPITAL, "Mã BV"), 7, 7, "code"),
        PrintColumn("facility_name", (_HOSPITAL, "Tên bệnh viện"), 8, 19),
        PrintColumn("parent", ("Họ tên mẹ (cha)",), 9, 21),
        PrintColumn("id_number", ("Số CMND",), 10, 14, "code"),
        PrintColumn("address", ("Địa chỉ",), 11, address),
        PrintColumn("note", ("Ghi chú",), 12, 16),
    )


_FORM_2 = (
    PrintColumn("number", ("STT",), 1, 5, "center"),
    PrintColumn("name", ("Họ và tên",), 2, 24),
    PrintColumn("birth_date", ("Ngày tháng năm sinh",), 4, 12, "date"),
    PrintColumn("sex", ("Giới tính",), 5, 8, "center"),
    PrintColumn("parent", ("Họ tên mẹ (cha)",), 9, 24),
    PrintColumn("id_number", ("Số CMND",), 10, 15, "code"),
    PrintColumn("address", ("Địa chỉ",), 11, 44),
    PrintColumn("note", ("Ghi chú",), 12, 20),
)

_D03_FRONT = (
    PrintColumn("number", ("STT",), "A", 5, "center"),
    PrintColumn("name", ("Họ và tên",), "B", 22),
)
_D03_BACK = (
    ("birth_date", ("Ngày tháng năm sinh",), 12, "date"),
    ("sex", ("Giới tính",), 7, "center"),
    ("address", ("Địa chỉ",), 30, "text"),
    ("facility", ("Nơi đăng ký KCB ban đầu",), 10, "code"),
    ("receipt_date", ("Ngày biên lai",), 11, "date"),
    ("receipt", ("Số biên lai",), 9, "code"),
    ("salary", ("Tiền lương hưu, trợ cấp TN, TS",), 11, "amount"),
    ("support_local", ("Hỗ trợ thêm", "NSĐP"), 9, "amount"),
    ("support_other", ("Hỗ trợ thêm", "Khác"), 9, "amount"),
    ("start_month", ("Thời gian tham gia", "Từ tháng"), 10, "center"),
    ("months", ("Thời gian tham gia", "Số tháng"), 8, "center"),
)


def _d03(with_identity: bool) -> tuple[PrintColumn, ...]:
    """The columns of D03-TS: 490/2023 has the identity number and the collector's, 595 not."""
    middle: list[tuple[str, tuple[str, ...], float, str]] = [
        ("card", ("Mã số BHXH",), 16.0, "code")
    ]
    if with_identity:
        head = "Số CCCD/CMND/ĐDCN/hộ chiếu"
        middle.append(("id_number", (head,), 15.0, "code"))
    middle += [(name, head, float(width), style) for name, head, width, style in _D03_BACK]
    if with_identity:
        middle.append(("collector", ("Mã số nhân viên thu",), 9.0, "code"))
    middle.append(("note", ("Ghi chú",), 16.0, "text"))
    numbered = (
        PrintColumn(name, head, str(label), width, style)
        for label, (name, head, width, style) in enumerate(middle, start=1)
    )
    return (*_D03_FRONT, *numbered)


_D03_1111 = (
    PrintColumn("number", ("STT",), 1, 5, "center"),
    PrintColumn("name", ("Họ và tên",), 2, 22),
    PrintColumn("card", ("Mã số thẻ",), 3, 17, "code"),
    PrintColumn("birth_date", ("Ngày sinh",), 4, 12, "date"),
    PrintColumn("sex", ("Giới tính",), 5, 8, "center"),
    PrintColumn("address", ("Địa chỉ",), 6, 36),
    PrintColumn("facility", ("Nơi đăng ký KCB",), 7, 11, "code"),
    PrintColumn("valid_from", ("Thời hạn sử dụng", "Từ ngày"), 8, 12, "date"),
    PrintColumn("valid_to", ("Thời hạn sử dụng", "Đến ngày"), 9, 12, "date"),
    PrintColumn("note", ("Ghi chú",), 10, 24),
)

_COSTS = "TỔNG CHI PHÍ KHÁM, CHỮA BỆNH BHYT"
_FREE = (_COSTS, "Không áp dụng tỷ lệ thanh toán")
_SHARED = (_COSTS, "Thanh toán theo tỷ lệ")
_CLAIM = "Đề nghị BHXH thanh toán"


def _cost_columns(room: str) -> tuple[tuple[str, tuple[str, ...], float, str], ...]:
    """Columns (1)-(24) of C79a and C80a; `room` is "Tiền khám" or "Tiền giường"."""
    amounts = (
        ("cost_total", (_COSTS, "Tổng cộng")),
        ("cost_test", (*_FREE, "Xét nghiệm")),
        ("cost_imaging", (*_FREE, "CĐHA TDCN")),
        ("cost_drug", (*_FREE, "Thuốc")),
        ("cost_blood", (*_FREE, "Máu")),
        ("cost_surgery", (*_FREE, "TTPT")),
        ("cost_supply", (*_FREE, "VTYT")),
        ("cost_service_shared", (*_SHARED, "DVKT")),
        ("cost_drug_shared", (*_SHARED, "Thuốc")),
        ("cost_supply_shared", (*_SHARED, "VTYT")),
        ("cost_room", (_COSTS, room)),
        ("cost_transport", (_COSTS, "Vận chuyển")),
        ("cost_patient", ("Người bệnh chi trả",)),
        ("cost_insurance", (_CLAIM, "Tổng cộng")),
        ("cost_outside", (_CLAIM, "Trong đó chi phí ngoài quỹ định suất")),
    )
    others = (
        ("reason", ("Lý do",), 6.0, "center"),
        ("other_disease", ("Bệnh khác",), 8.0, "code"),
        ("treated_at", ("Nơi KCB",), 8.0, "code"),
        ("ward_of_hospital", ("Khoa",), 8.0, "center"),
        ("settled_year", ("Năm QT",), 7.0, "center"),
        ("settled_month", ("Tháng QT",), 7.0, "center"),
        ("valid_from", ("GT_Từ",), 11.0, "date"),
        ("valid_to", ("GT_Đến",), 11.0, "date"),
        ("address", ("Địa chỉ",), 28.0, "text"),
    )
    return (*((name, head, 10.0, "amount") for name, head in amounts), *others)


def _cost_list(visit: tuple[PrintColumn, ...], room: str) -> tuple[PrintColumn, ...]:
    """All columns of a cost list, the address split as 1331/BHXH-THU 5.2.1 asks."""
    front = (
        PrintColumn("number", ("STT",), "A", 6, "center"),
        PrintColumn("name", ("Họ và tên",), "B", 22),
        PrintColumn("birth_year_male", ("Năm sinh", "Nam"), "C", 7, "center"),
        PrintColumn("birth_year_female", ("Năm sinh", "Nữ"), "D", 7, "center"),
        PrintColumn("card", ("Mã thẻ BHYT",), "E", 17, "code"),
        PrintColumn("facility", ("Mã ĐKBĐ",), "G", 8, "code"),
        PrintColumn("disease", ("Mã bệnh",), "H", 7, "code"),
    )
    costs = (
        PrintColumn(name, head, -number, width, style)
        for number, (name, head, width, style) in enumerate(_cost_columns(room), start=1)
    )
    split = (
        PrintColumn("ward", ("Phường/xã",), None, 16),
        PrintColumn("district", ("Quận/huyện",), None, 14),
        PrintColumn("city", ("Tỉnh/thành phố",), None, 15),
    )
    return (*front, *visit, *costs, *split)


_OUTPATIENT = (PrintColumn("visit_date", ("Ngày khám",), "I", 11, "date"),)
_INPATIENT = (
    PrintColumn("date_in", ("Ngày vào",), "I", 11, "date"),
    PrintColumn("date_out", ("Ngày ra",), "K", 11, "date"),
    PrintColumn("days", ("Số ngày điều trị",), "L", 7, "center"),
)
_COST_SECTIONS = {
    "A": "BỆNH NHÂN NỘI TỈNH KHÁM, CHỮA BỆNH BAN ĐẦU",
    "B": "BỆNH NHÂN NỘI TỈNH ĐẾN",
    "C": "BỆNH NHÂN NGOẠI TỈNH ĐẾN",
}
_D03_SECTIONS = {"I": "Tăng", "II": "Giảm"}
_D03_TITLE = "DANH SÁCH NGƯỜI CHỈ THAM GIA BHYT"
_D03_SUBTITLES = ("Theo Danh sách {round} do {supplier} cung cấp",)


def _city_list(columns: tuple[PrintColumn, ...], state: str) -> Print:
    """Forms 1 and 2: the city's own lists, without sections."""
    return Print(columns, (_TITLE, state), ("{round}",), {})


def _d03_print(columns: tuple[PrintColumn, ...], decision: str) -> Print:
    corner = _issued_by(decision)
    return Print(columns, (_D03_TITLE,), _D03_SUBTITLES, _D03_SECTIONS, corner=corner)


def print_of(form: str, decision: str = "") -> Print:
    """Return a form's printed shape, under the name of another decision where one is given.

    Raises KeyError for a form that has none.
    """
    shape = PRINTS[form]
    return replace(shape, corner=_issued_by(decision)) if decision else shape


def _issued_by(decision: str) -> tuple[str, str]:
    return ("Mẫu D03-TS", f"(Ban hành kèm theo Quyết định số {decision} của BHXH Việt Nam)")


def _cost_print(columns: tuple[PrintColumn, ...], form: str, kind: str) -> Print:
    return Print(
        columns,
        (f"DANH SÁCH NGƯỜI BỆNH BẢO HIỂM Y TẾ KHÁM CHỮA BỆNH {kind}",),
        ("{quarter}", "(Gửi cùng với file dữ liệu hàng tháng)"),
        _COST_SECTIONS,
        corner=(f"Mẫu số: {form} - HD", "Đơn vị: đồng"),
        paper="A3",
    )


HEAD = "Thủ trưởng đơn vị"
"""Who signs where the kind of unit does not say who its head is."""

PRINTS: Mapping[str, Print] = {
    "form-1": _city_list(_children(), "ĐÃ ĐƯỢC CẤP THẺ BHYT"),
    "form-2": _city_list(_FORM_2, "CHƯA ĐƯỢC CẤP THẺ BHYT"),
    "form-3": Print(
        _children(),
        (_TITLE,),
        ("Theo Danh sách {round} do {supplier} cung cấp",),
        {
            "I": "Trẻ em dưới 6 tuổi đã được cấp thẻ BHYT từ trước",
            "II": "Trẻ em dưới 6 tuổi được cấp thẻ BHYT đợt này",
            "III": "Trẻ em chưa được cấp thẻ",
        },
        right=HEAD,
    ),
    "form-4": Print(
        _children(),
        (_TITLE,),
        ("Theo Danh sách {round} do {supplier} cung cấp",),
        {
            "I": "Trẻ em dưới 6 tuổi đã cấp thẻ BHYT từ trước",
            "II": "Trẻ em chưa được cấp thẻ",
        },
        right=HEAD,
    ),
    "d03-ts-490": _d03_print(_d03(True), "490/QĐ-BHXH ngày 28/3/2023"),
    "d03-ts-595": _d03_print(_d03(False), "595/QĐ-BHXH ngày 14/4/2017"),
    "d03-ts-1111": _d03_print(_D03_1111, "1111/QĐ-BHXH ngày 25/10/2011"),
    "c79a": _cost_print(_cost_list(_OUTPATIENT, "Tiền khám"), "C79a", "NGOẠI TRÚ"),
    "c79a-c80a": _cost_print(
        _cost_list(_INPATIENT, "Tiền khám"), "C79a - C80a", "NGOẠI TRÚ VÀ NỘI TRÚ"
    ),
    "c80a": _cost_print(_cost_list(_INPATIENT, "Tiền giường"), "C80a", "NỘI TRÚ"),
}
"""Form id → how it is printed."""
