"""The glossary: one English noun and one Vietnamese term for each thing, everywhere.

Code, logs and commits use the English noun; messages, letters, pages and sheets the Vietnamese
term. Field terms of the offices come before coined ones.
"""

from __future__ import annotations

from collections.abc import Mapping

from bhyt_filedrop.domain.drops.drop import Role
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.findings import Severity
from bhyt_filedrop.domain.lists.states import ListState

TERMS: Mapping[str, str] = {
    "round": "đợt",
    "drop": "tệp nộp",
    "unit": "đơn vị",
    "hand-off": "bước chuyển",
    "finding": "lỗi/nhắc",
    "delivery": "lần chuyển",
    "letter": "thư",
    "bounce": "thư báo lỗi",
    "ledger": "sổ",
    "form": "biểu mẫu",
    "list": "danh sách",
    "row": "dòng",
    "column": "cột",
    "sheet": "trang tính",
    "cell": "ô",
    "child": "trẻ",
    "parent": "mẹ (cha)",
    "card": "thẻ BHYT",
    "card-number": "mã số",
    "facility": "nơi đăng ký KCB ban đầu",
    "id-number": "số CMND",
    "address": "địa chỉ",
    "note": "ghi chú",
    "sender": "đơn vị gửi",
    "receiver": "đơn vị nhận",
    "due": "hạn",
    "late": "trễ hạn",
    "reminder": "thư nhắc",
    "escalation": "báo cáo cấp trên",
    "digest": "tổng hợp hằng ngày",
    "receipt": "thư xác nhận",
    "reply-kit": "mẫu trả lời điền sẵn",
    "match-code": "mã đối chiếu",
    "annotated-copy": "bản đánh dấu lỗi",
    "original": "bản gốc",
    "archive": "kho lưu",
    "folder": "thư mục",
    "correction": "bản nộp lại",
    "backlog": "tồn đọng",
    "cost": "chi phí",
    "working-day": "ngày làm việc",
}
"""English noun → Vietnamese term, lower case as inside a sentence. What units and the
whole are called is configuration (`Units.called`, `Authority`)."""

SEVERITIES: Mapping[Severity, str] = {
    Severity.BLOCKS: "Phải sửa",
    Severity.WARNS: "Cần xem lại",
    Severity.NOTES: "Ghi nhận",
}
"""How a clerk reads a severity; the order is that of weight."""

STATES: Mapping[State, str] = {
    State.CLAIMED: "đang nhận",
    State.PLANNED: "đang chuyển",
    State.ACCEPTED: "đã nhận",
    State.RETURNED: "trả lại",
    State.HELD: "đang giữ",
    State.SET_ASIDE: "chờ người xử lý",
    State.VOID: "không có tệp",
}
"""What became of a drop."""

DROP_EVENTS: Mapping[str, str] = {
    "claimed": "đã thấy tệp",
    "archived": "đã lưu bản gốc",
    "left-there": "tệp để nguyên tại chỗ",
    "service-away": "trước đó dịch vụ không xem thư mục",
    "taken-back": "nhận lại sau khôi phục",
    "derived": "hệ thống lập",
    "planned": "đã kiểm tra, quyết định",
    "delivered": "đã chuyển",
    "accepted": "đã nhận",
    "returned": "đã trả lại",
    "held": "đang giữ",
    "postponed": "hoãn, sẽ thử lại",
    "resumed": "làm tiếp",
    "set-aside": "chờ người xử lý",
    "overtaken": "đã có bản mới hơn",
    "approved": "đã duyệt",
    "offered": "đã đặt vào thư mục chờ duyệt",
    "withheld": "đơn vị giữ lại, không gửi",
    "letter-again": "gửi lại thư",
    "release": "người quản trị cho đi tiếp",
    "reject": "người quản trị trả lại",
    "retry": "người quản trị cho xử lý lại",
    "void": "không có tệp",
}
"""What happened to a drop; a kind that has no words is told by its own name."""

ROLES_OF_FILES: Mapping[Role, str] = {
    Role.FORWARD: "danh sách chuyển đi",
    Role.SCAN: "bản chụp kèm theo",
    Role.ORIGINAL: "bản gốc trả về nơi nộp",
    Role.ANNOTATED: "bản đánh dấu lỗi",
    Role.DERIVED: "danh sách hệ thống lập",
    Role.RETIRED: "bản nháp đã cất đi",
}
"""What a file that was put into a folder is for."""

LETTER_KINDS: Mapping[str, str] = {
    "receipt": "xác nhận",
    "returned": "trả lại",
    "delivered": "có danh sách mới",
    "held": "chờ đủ danh sách",
    "sent-for": "đã thay mặt gửi",
    "reminder": "thư nhắc",
    "escalation": "báo cấp trên",
    "digest": "tổng hợp",
    "notice": "thông báo",
    "set-aside": "tệp chờ người xử lý",
    "joined": "gộp nhiều thư",
}
"""What a letter is about."""

LETTER_STATES: Mapping[str, str] = {
    "due": "chờ gửi",
    "sent": "đã gửi",
    "set-aside": "gác lại",
    "replaced": "đã có thư mới hơn",
    "taken-back": "rút lại để viết cho đúng",
    "told-before": "đã gửi trước khi khôi phục sổ",
}
"""How far a letter is."""

LIST_STATES: Mapping[ListState, str] = {
    ListState.ACCEPTED: "đã nhận",
    ListState.HELD: "đang giữ",
    ListState.AMENDING: "bản sửa đang giữ",
    ListState.RETURNED: "trả lại",
    ListState.SUPERSEDED: "đã được thay thế",
}
"""What became of one list of a drop."""

VERDICTS: Mapping[State, str] = {
    State.ACCEPTED: "nhận được",
    State.HELD: "chờ đủ danh sách",
    State.RETURNED: "phải trả lại",
}
"""What would become of a file that was only checked."""

STANDINGS: Mapping[str, str] = {
    "delivered": "đã nộp",
    "delivered-late": "đã nộp, trễ hạn",
    "owed": "chưa nộp",
    "overdue": "quá hạn",
    "partly": "nộp chưa đủ",
}
