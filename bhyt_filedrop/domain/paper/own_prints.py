"""How the product's own forms are printed: what 1331/BHXH-THU has no annex for.

The reply kit is form 2 made into its own answer sheet; the list of unplaced children asks for ward
and district; the list for the board says whose status nobody could verify, and why.
"""

from __future__ import annotations

from collections.abc import Mapping

from bhyt_filedrop.domain.forms.answers import CODE_HEAD, STATUS_HEAD, STATUSES
from bhyt_filedrop.domain.forms.printed import Print, PrintColumn
from bhyt_filedrop.domain.paper.prints import HEAD

_TITLE = "DANH SÁCH TRẺ EM ĐI KHÁM CHỮA BỆNH BẰNG GIẤY KHAI SINH, CHỨNG SINH"
_KIT_TITLE = f"{_TITLE.removeprefix('DANH SÁCH ')} CHƯA ĐƯỢC CẤP THẺ BHYT"
_HOSPITAL = "Nơi đăng ký KCB ban đầu"
_CODE = PrintColumn("code", (CODE_HEAD,), None, 14, "code", hidden=True)

UNVERIFIED_SECTIONS: Mapping[str, str] = {
    "I": "Không xác minh được (xem Ghi chú)",
    "II": "Có trong danh sách gửi đi nhưng không có trong kết quả",
    "III": "Thuộc {called} chưa gửi kết quả",
    "IV": "Chưa xác định được địa bàn nên chưa chuyển cho {called} nào",
    "V": "{outside}",
    "VI": "Đã xác minh: chưa được cấp thẻ, có lý do rõ (xem Ghi chú)",
}
"""Why a child's status is not verified, by section of the list for the board (H8)."""


def _who(*, address: float = 36) -> tuple[PrintColumn, ...]:
    """The columns of form 2 that say who a child is."""
    return (
        PrintColumn("number", ("STT",), 1, 5, "center"),
        PrintColumn("name", ("Họ và tên",), 2, 20),
        PrintColumn("birth_date", ("Ngày tháng năm sinh",), 4, 11, "date"),
        PrintColumn("sex", ("Giới tính",), 5, 6, "center"),
        PrintColumn("parent", ("Họ tên mẹ (cha)",), 9, 19),
        PrintColumn("id_number", ("Số CMND",), 10, 12, "code"),
        PrintColumn("address", ("Địa chỉ",), 11, address),
    )


_REPLY_KIT = (
    *_who(address=28),
    PrintColumn("status", (STATUS_HEAD,), None, 22, "choice", STATUSES),
    PrintColumn("card", ("Mã số thẻ",), 3, 17, "fill-code"),
    PrintColumn("province", (_HOSPITAL, "Tỉnh"), 6, 5, "fill-code"),
    PrintColumn("facility", (_HOSPITAL, "Mã BV"), 7, 6, "fill-code"),
    PrintColumn("facility_name", (_HOSPITAL, "Tên bệnh viện"), 8, 14, "fill"),
    PrintColumn("note", ("Ghi chú (lý do)",), 12, 16, "fill"),
    _CODE,
)

_UNPLACED = (
    *_who(),
    PrintColumn("ward", ("Phường/xã",), None, 20, "fill"),
    PrintColumn("district", ("Quận/huyện",), None, 18, "fill"),
    PrintColumn("note", ("Ghi chú",), 12, 18),
    _CODE,
)

_UNVERIFIED = (*_who(), PrintColumn("note", ("Ghi chú",), 12, 30))

OWN_PRINTS: Mapping[str, Print] = {
    "reply-kit": Print(
        _REPLY_KIT,
        (f"PHIẾU TRẢ LỜI: {_KIT_TITLE}",),
        ("{round} - {about}",),
        {},
        right=HEAD,
    ),
    "unplaced": Print(
        _UNPLACED,
        (_TITLE, "CHƯA XÁC ĐỊNH ĐỊA BÀN"),
        ("{round}",),
        {},
    ),
    "unverified": Print(
        _UNVERIFIED,
        (_TITLE, "CHƯA XÁC MINH ĐƯỢC TÌNH TRẠNG THẺ BHYT"),
        ("{round}",),
        UNVERIFIED_SECTIONS,
    ),
}
"""Form id → how it is printed."""
