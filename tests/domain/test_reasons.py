"""Notes of wards: those that say that nobody was found, and those that say plainly why not."""

from __future__ import annotations

import pytest

from bhyt_filedrop.domain.derive.reasons import is_plain_reason


@pytest.mark.parametrize(
    "note",
    [
        "",
        "-",
        "Không xác minh được",
        "không tìm thấy",
        "K tìm thấy trẻ",
        "Không có địa chỉ này trên địa bàn",
        "Gia đình không cư trú tại địa phương",
        "Không thuộc địa bàn phường",
        "Không ở tại địa chỉ",
        "Chưa liên hệ được gia đình",
        "Sai địa chỉ",
        "Đã chuyển đi nơi khác",
        "Dọn đi đâu không rõ",
        "Về quê",
        "KHÔNG CÓ SỐ NHÀ NÀY",
    ],
)
def test_a_note_that_says_that_nobody_was_found_leaves_the_child_unverified(note: str):
    assert not is_plain_reason(note)


@pytest.mark.parametrize(
    "note",
    [
        "Chưa có giấy khai sinh",
        "Chưa có tên",
        "Trẻ đã mất",
        "Chưa nộp đơn",
        "Đang chuyển hồ sơ",
        "Không thuộc diện được cấp",
        "Gia đình không đồng ý tham gia",
        "Chưa đủ hồ sơ, hẹn đợt sau",
    ],
)
def test_a_note_that_says_why_a_known_child_gets_no_card_is_a_plain_reason(note: str):
    assert is_plain_reason(note)
