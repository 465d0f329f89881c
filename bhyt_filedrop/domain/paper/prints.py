"""How each form is printed: its columns, titles, sections and signature, as plain tables.

The shapes are those of 1331/BHXH-THU's annexes (forms 1-4) and the city's form pack of 2014-15
(C79a, C80a). What a form must hold to be *taken* is declared in `config/forms`, and there too how
an edition of D03-TS is printed; this page only says how our own lists look on paper.
"""

from __future__ import annotations

from collections.abc import Mapping

from bhyt_filedrop.domain.forms.printed import Print, PrintColumn
from bhyt_filedrop.domain.forms.spec import FormSpec

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


def _city_list(columns: tuple[PrintColumn, ...], state: str) -> Print:
    """Forms 1 and 2: the city's own lists, without sections."""
    return Print(columns, (_TITLE, state), ("{round}",), {})


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
    "c79a": _cost_print(_cost_list(_OUTPATIENT, "Tiền khám"), "C79a", "NGOẠI TRÚ"),
    "c79a-c80a": _cost_print(
        _cost_list(_INPATIENT, "Tiền khám"), "C79a - C80a", "NGOẠI TRÚ VÀ NỘI TRÚ"
    ),
    "c80a": _cost_print(_cost_list(_INPATIENT, "Tiền giường"), "C80a", "NỘI TRÚ"),
}
"""Form id → how it is printed."""


def print_of(form: FormSpec) -> Print:
    """Return a form's printed shape: its own, else that of the product's form of its name, under
    the decision that issued this edition. Raises KeyError for a form that has none."""
    return (form.printed or PRINTS[form.printed_as or form.id]).issued_by(form.decision)


def is_printable(form: FormSpec) -> bool:
    """True for a form that has a printed shape."""
    return form.printed is not None or (form.printed_as or form.id) in PRINTS
