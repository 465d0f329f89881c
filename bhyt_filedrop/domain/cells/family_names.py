"""Vietnamese family names: a text that begins with one is a person's, not the rest of a name."""

from __future__ import annotations

from bhyt_filedrop.domain.cells.text import fold

_NAMES = """
    An Âu Bạch Bành Bế Bồ Bùi Ca Cái Cam Cao Cầm Cấn Châu Chế Chu Chử Chung Công Cù Cung Danh Diệp
    Doãn Dư Dương Đàm Đan Đào Đậu Đặng Đèo Điểu Điêu Đinh Đoàn Đỗ Đồng Đổng Đới Đường Giang Giáp
    Hà Hàn Hàng Hầu Hồ Hoa Hoàng Hồng Hứa Huỳnh Hữu Kha Khổng Khúc Khương Khưu Kiên Kiều Kim La Lã
    Lạc Lại Lâm Lăng Lê Lều Liễu Liêu Long Lò Lỗ Lữ Lục Lư Lương Lưu Lý Ma Mã Mạc Mai Man Mang Mẫn
    Mạnh Mâu Mông Mộng Mùa Nghê Nghiêm Nghị Ngô Ngọ Ngụy Nguyễn Nhâm Nhan Nhữ Ninh Nông Ông Phạm
    Phan Phí Phó Phòng Phú Phù Phùng Phương Quách Quan Quản Quảng Sầm Sơn Sử Sùng Tạ Tán Tăng Tào
    Tất
    Thạch Thái Thẩm Thạnh Thân Thi Thiều Thiệu Thịnh Thôi Thổ Tiết Tiêu Tô Tôn Tống Trà Trác Trang
    Trần Triệu Trịnh Trương Từ Tưởng Văn Vàng Vi Viên Vĩnh Võ Vòng Vũ Vưu Vương Xa Y
"""
_FOLDED = frozenset(fold(name) for name in _NAMES.split())
_COMMON = frozenset(
    fold(name)
    for name in (
        "Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ",
        "Ngô", "Lý", "Đinh", "Đào", "Trịnh", "Trương", "Lâm", "Lương", "Tạ", "Tô", "Phùng",
    )
)  # fmt: skip


def begins_with_family_name(text: str) -> bool:
    """True where a text may be a whole name: a family name, then a name given.

    Of two words alone only a common family name says so: `Hoàng Anh` may be the rest of a name.
    """
    words = fold(text).split()
    return len(words) > 1 and words[0] in (_FOLDED if len(words) > 2 else _COMMON)
