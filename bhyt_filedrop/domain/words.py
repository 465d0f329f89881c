"""The glossary: one English noun and one Vietnamese term for each thing, everywhere.

Code, logs and commits use the English noun; messages, letters, pages and sheets the Vietnamese
term. Field terms of the offices come before coined ones.
"""

from __future__ import annotations

from collections.abc import Mapping

from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.findings import Severity

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
    "ward": "phường, xã",
    "district": "quận, huyện",
    "city": "thành phố",
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
"""English noun → Vietnamese term, lower case as inside a sentence."""

SEVERITIES: Mapping[Severity, str] = {
    Severity.BLOCKS: "Phải sửa",
    Severity.WARNS: "Cần xem lại",
    Severity.NOTES: "Ghi nhận",
}
"""How a clerk reads a severity; the order is that of weight."""

STATES: Mapping[State, str] = {
    State.CLAIMED: "đã lấy về",
    State.PLANNED: "đang chuyển",
    State.ACCEPTED: "đã nhận",
    State.RETURNED: "trả lại",
    State.HELD: "chờ đủ danh sách",
    State.SET_ASIDE: "chờ người xử lý",
    State.VOID: "không còn tệp",
}

STANDINGS: Mapping[str, str] = {
    "delivered": "đã nộp",
    "delivered-late": "đã nộp, trễ hạn",
    "owed": "chưa nộp",
    "overdue": "quá hạn",
    "partly": "nộp chưa đủ",
}

KINDS: Mapping[str, str] = {
    "city": "phòng nghiệp vụ",
    "district": "BHXH quận, huyện",
    "ward": "UBND phường, xã",
}

FORMATS: Mapping[str, str] = {
    "xlsx": "Excel (xlsx)",
    "xlsm": "Excel có macro (xlsm)",
    "xlsb": "Excel nhị phân (xlsb)",
    "xls": "Excel 97–2003 (xls)",
    "ods": "OpenDocument (ods)",
    "fods": "OpenDocument XML (fods)",
    "html": "bảng HTML",
    "spreadsheetml": "Excel XML 2003",
    "csv": "văn bản phân cách (csv)",
}

TITLES: Mapping[str, str] = {
    "file.empty": "Tệp rỗng",
    "file.too-large": "Tệp quá lớn",
    "file.not-a-workbook": "Không phải bảng tính",
    "file.damaged": "Tệp hỏng",
    "file.encrypted": "Tệp có mật khẩu",
    "file.unsafe": "Tệp không an toàn",
    "file.active-content": "Có macro hoặc liên kết",
    "file.disguised": "Đuôi tệp không đúng",
    "file.repeated": "Tệp đã nộp trước",
    "file.rejected": "Tệp bị từ chối",
    "form.unrecognised": "Không nhận ra biểu mẫu",
    "form.not-expected": "Biểu mẫu không thuộc thư mục này",
    "form.column-missing": "Thiếu cột",
    "form.section-missing": "Thiếu phần",
    "form.no-rows": "Không có trẻ nào",
    "form.round-missing": "Không ghi đợt",
    "form.round-wrong": "Sai đợt",
    "form.sender-wrong": "Sai đơn vị lập",
    "form.receiver-unclear": "Không rõ đơn vị nhận",
    "form.sheet-ignored": "Trang tính không dùng",
    "form.hidden-rows": "Có dòng, cột ẩn",
    "form.total-wrong": "Sai tổng số",
    "row.number-gap": "Số thứ tự sai",
    "row.name-missing": "Thiếu họ tên",
    "row.name-invalid": "Họ tên không hợp lệ",
    "row.name-placeholder": "Trẻ chưa có tên",
    "row.birth-date-missing": "Thiếu ngày sinh",
    "row.birth-date-unreadable": "Ngày sinh không đọc được",
    "row.birth-date-incomplete": "Ngày sinh chưa đủ",
    "row.birth-date-future": "Ngày sinh ở tương lai",
    "row.birth-date-after-round": "Sinh sau đợt này",
    "row.over-age": "Quá tuổi",
    "row.sex-missing": "Thiếu giới tính",
    "row.sex-invalid": "Giới tính không hợp lệ",
    "row.card-missing": "Thiếu mã số thẻ",
    "row.card-invalid": "Mã số thẻ không hợp lệ",
    "row.card-not-child": "Không phải thẻ trẻ em",
    "row.card-unexpected": "Có mã thẻ ở phần chưa cấp",
    "row.card-repeated": "Trùng mã số thẻ",
    "row.facility-missing": "Thiếu nơi KCB ban đầu",
    "row.facility-invalid": "Mã bệnh viện không hợp lệ",
    "row.facility-unknown": "Mã bệnh viện không có trong danh mục",
    "row.parent-missing": "Thiếu họ tên mẹ (cha)",
    "row.id-number-invalid": "Số CMND không hợp lệ",
    "row.id-number-repaired": "Số CMND đã bù số 0",
    "row.address-missing": "Thiếu địa chỉ",
    "row.address-unplaced": "Không rõ phường, xã",
    "row.address-elsewhere": "Địa chỉ ngoài địa bàn",
    "row.reason-missing": "Chưa ghi lý do",
    "row.status-missing": "Thiếu kết quả trả lời",
    "row.status-invalid": "Kết quả trả lời không hợp lệ",
    "row.repeated": "Trẻ ghi hai lần",
    "row.legacy-text": "Phông chữ cũ đã chuyển",
    "row.error-value": "Ô có lỗi công thức",
    "row.contribution-wrong": "Thời gian đóng chưa khớp",
    "row.validity-wrong": "Thời hạn thẻ chưa khớp",
    "list.child-missing": "Thiếu trẻ so với danh sách gửi",
    "list.child-unknown": "Trẻ không có trong danh sách gửi",
    "list.child-in-two-lists": "Trẻ ở hai danh sách",
    "list.child-changed": "Thông tin trẻ thay đổi",
    "list.child-named": "Trẻ đã có tên",
    "list.person-carded-before": "Đã được cấp thẻ trước",
    "list.card-of-another": "Mã thẻ của trẻ khác",
    "list.incomplete": "Còn thiếu danh sách",
    "list.overtaken": "Đã có danh sách mới hơn",
}
"""Finding code → a title of a few words, for tables and charts."""


def term(noun: str) -> str:
    """Return the Vietnamese term of an English noun. Raises KeyError for one never defined."""
    return TERMS[noun]


def title(code: str) -> str:
    """Return the short title of a finding code, or the code itself where it has none yet."""
    return TITLES.get(code, code)
