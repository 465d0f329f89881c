"""How the product's own forms are printed: what 1331/BHXH-THU has no annex for.

The reply kit is form 2 made into its own answer sheet; the list of unplaced children asks for ward
and district; the list for the board says whose status nobody could verify, and why.
"""

from __future__ import annotations

from collections.abc import Mapping

from bhyt_filedrop.domain.forms.layout_columns import Column, Print
from bhyt_filedrop.domain.forms.layout_values import CODE_HEAD, STATUS_HEAD, STATUSES

_TITLE = "DANH SÁCH TRẺ EM ĐI KHÁM CHỮA BỆNH BẰNG GIẤY KHAI SINH, CHỨNG SINH"
_HOSPITAL = "Nơi đăng ký KCB ban đầu"
_CODE = Column("code", (CODE_HEAD,), None, 14, "code", hidden=True)

UNVERIFIED_SECTIONS: Mapping[str, str] = {
    "I": "Chưa được cấp thẻ, có ghi lý do",
    "II": "Có trong danh sách gửi đi nhưng không có trong kết quả",
    "III": "Thuộc quận, huyện chưa gửi kết quả",
}
"""Why a child's status is not verified, by section of the list for the board (H8)."""


def _who(*, name: float = 22, parent: float = 21, address: float = 32) -> tuple[Column, ...]:
    """The columns of form 2 that say who a child is."""
    return (
        Column("number", ("STT",), 1, 5, "center"),
        Column("name", ("Họ và tên",), 2, name),
        Column("birth_date", ("Ngày tháng năm sinh",), 4, 12, "date"),
        Column("sex", ("Giới tính",), 5, 7, "center"),
        Column("parent", ("Họ tên mẹ (cha)",), 9, parent),
        Column("id_number", ("Số CMND",), 10, 14, "code"),
        Column("address", ("Địa chỉ",), 11, address),
    )


_REPLY_KIT = (
    *_who(),
    Column("status", (STATUS_HEAD,), None, 21, "choice", STATUSES),
    Column("card", ("Mã số thẻ",), 3, 18, "fill-code"),
    Column("province", (_HOSPITAL, "Tỉnh"), 6, 6, "fill-code"),
    Column("facility", (_HOSPITAL, "Mã BV"), 7, 7, "fill-code"),
    Column("facility_name", (_HOSPITAL, "Tên bệnh viện"), 8, 18, "fill"),
    Column("note", ("Ghi chú (lý do)",), 12, 20, "fill"),
    _CODE,
)

_UNPLACED = (
    *_who(address=38),
    Column("ward", ("Phường/xã",), None, 20, "fill"),
    Column("district", ("Quận/huyện",), None, 18, "fill"),
    Column("note", ("Ghi chú",), 12, 18),
    _CODE,
)

_UNVERIFIED = (*_who(address=38), Column("note", ("Ghi chú",), 12, 30))

OWN_PRINTS: Mapping[str, Print] = {
    "reply-kit": Print(
        _REPLY_KIT,
        (_TITLE, "CHƯA ĐƯỢC CẤP THẺ BHYT"),
        ("{round}", "PHIẾU TRẢ LỜI"),
        {},
        right="Thủ trưởng đơn vị",
    ),
    "unplaced": Print(
        _UNPLACED,
        (_TITLE, "CHƯA XÁC ĐỊNH ĐỊA BÀN"),
        ("{round}",),
        {},
        right="Phòng Thu",
    ),
    "unverified": Print(
        _UNVERIFIED,
        (_TITLE, "CHƯA XÁC MINH ĐƯỢC TÌNH TRẠNG THẺ BHYT"),
        ("{round}",),
        UNVERIFIED_SECTIONS,
        right="Trưởng phòng Thu",
    ),
}
"""Form id → how it is printed."""
