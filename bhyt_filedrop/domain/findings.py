"""Findings: what the product says about a workbook, and the public list of their codes.

A finding is a value, never an exception. Codes are a public contract: once published, a code
is never reused for something else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Literal

ACTIVE = "file.active-content"
"""The one code that changes what is sent on: see `HandOff.active_content`."""

INFECTED = "file.infected"
"""The one code for which a file is given to nobody, not even back."""


class Severity(StrEnum):
    """What a finding does to its file."""

    BLOCKS = "blocks"
    """The file goes back whole."""
    WARNS = "warns"
    """Travels with the file."""
    NOTES = "notes"
    """Was repaired, or is only told."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to say about one place.

    `cell` is A1 style and `row` 1-based; both are None for a whole file or sheet. `value` is the
    offending text: it may go into the annotated copy and the sender's letter, never into a log.
    `message` is one Vietnamese sentence a clerk understands, `remedy` what to do now. `file` is
    the member of an archive it belongs to ("" for a drop of one file).
    """

    code: str
    severity: Severity
    message: str
    remedy: str
    sheet: str | None = None
    cell: str | None = None
    row: int | None = None
    field: str | None = None
    value: str | None = None
    file: str = ""

    def as_json(self) -> dict[str, str | int | None]:
        """As the command line, the page's JSON and letters tell it; `value` is for nobody else."""
        return {
            "code": self.code,
            "severity": str(self.severity),
            "file": self.file,
            "sheet": self.sheet,
            "cell": self.cell,
            "row": self.row,
            "message": self.message,
            "remedy": self.remedy,
        }


@dataclass(frozen=True, slots=True)
class AsSent:
    """A code that may come back just as it was sent: then what blocks only warns.

    `value` is what has to be the same as in the list sent. `uncarded` lets only children who got
    no card come back so: who gave a card knows its child's name, birth and mother.
    """

    value: Literal["name", "birth", "parent", "address"]
    uncarded: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """What is fixed of one code; `title` is a few words of Vietnamese, for tables and charts."""

    severity: Severity
    title: str
    as_sent: AsSent | None = None


_B, _W, _N = Severity.BLOCKS, Severity.WARNS, Severity.NOTES

CODES: Mapping[str, Code] = {
    "file.empty": Code(_B, "Tệp rỗng"),
    "file.too-large": Code(_B, "Tệp quá lớn"),
    "file.not-a-workbook": Code(_B, "Không phải bảng tính"),
    "file.damaged": Code(_B, "Tệp hỏng"),
    "file.encrypted": Code(_B, "Tệp có mật khẩu"),
    "file.unsafe": Code(_B, "Tệp không an toàn"),
    INFECTED: Code(_B, "Tệp có mã độc"),
    ACTIVE: Code(_W, "Có macro hoặc liên kết"),
    "file.disguised": Code(_N, "Đuôi tệp không đúng"),
    "file.repeated": Code(_N, "Tệp đã nộp trước"),
    "file.returned-along": Code(_N, "Trả lại cùng tệp khác"),
    "file.rejected": Code(_B, "Tệp bị từ chối"),
    "file.closed-office": Code(_B, "Đơn vị không còn"),
    "form.unrecognised": Code(_B, "Không nhận ra biểu mẫu"),
    "form.not-expected": Code(_B, "Biểu mẫu không thuộc thư mục này"),
    "form.column-missing": Code(_B, "Thiếu cột"),
    "form.section-missing": Code(_B, "Thiếu phần"),
    "form.no-rows": Code(_B, "Không có trẻ nào"),
    "form.round-missing": Code(_W, "Không ghi đợt"),
    "form.round-wrong": Code(_B, "Sai đợt"),
    "form.sender-wrong": Code(_B, "Sai đơn vị lập"),
    "form.receiver-unclear": Code(_B, "Không rõ đơn vị nhận"),
    "form.sheet-ignored": Code(_W, "Trang tính không dùng"),
    "form.hidden-rows": Code(_W, "Có dòng, cột ẩn"),
    "form.struck-rows": Code(_W, "Có dòng bị gạch ngang"),
    "form.struck-text": Code(_W, "Có chữ bị gạch ngang"),
    "form.total-wrong": Code(_W, "Sai tổng số"),
    "form.dates-exchanged": Code(_W, "Ngày và tháng bị đổi chỗ"),
    "row.number-gap": Code(_W, "Số thứ tự sai"),
    "row.name-missing": Code(_B, "Thiếu họ tên", AsSent("name", uncarded=True)),
    "row.name-invalid": Code(_B, "Họ tên không hợp lệ", AsSent("name", uncarded=True)),
    "row.name-placeholder": Code(_N, "Trẻ chưa có tên"),
    "row.birth-date-missing": Code(_B, "Thiếu ngày sinh", AsSent("birth", uncarded=True)),
    "row.birth-date-unreadable": Code(
        _B, "Ngày sinh không đọc được", AsSent("birth", uncarded=True)
    ),
    "row.birth-date-incomplete": Code(_W, "Ngày sinh chưa đủ"),
    "row.birth-date-future": Code(_B, "Ngày sinh ở tương lai", AsSent("birth", uncarded=True)),
    "row.birth-date-after-round": Code(_B, "Sinh sau đợt này", AsSent("birth")),
    "row.over-age": Code(_B, "Quá tuổi", AsSent("birth")),
    "row.sex-missing": Code(_W, "Thiếu giới tính"),
    "row.sex-invalid": Code(_B, "Giới tính không hợp lệ"),
    "row.card-missing": Code(_B, "Thiếu mã số thẻ"),
    "row.card-invalid": Code(_B, "Mã số thẻ không hợp lệ"),
    "row.card-not-child": Code(_B, "Không phải thẻ trẻ em"),
    "row.personal-number-doubtful": Code(_W, "Số định danh không hợp với trẻ"),
    "row.card-unexpected": Code(_B, "Có mã thẻ ở phần chưa cấp"),
    "row.card-repeated": Code(_B, "Trùng mã số thẻ"),
    "row.facility-missing": Code(_B, "Thiếu nơi KCB ban đầu"),
    "row.facility-invalid": Code(_B, "Mã bệnh viện không hợp lệ"),
    "row.facility-unknown": Code(_W, "Mã bệnh viện không có trong danh mục"),
    "row.parent-missing": Code(_B, "Thiếu họ tên mẹ (cha)", AsSent("parent", uncarded=True)),
    "row.id-number-invalid": Code(_W, "Số CMND không hợp lệ"),
    "row.id-number-repaired": Code(_N, "Số CMND đã bù số 0"),
    "row.id-number-repeated": Code(_B, "Trùng số định danh"),
    "row.address-missing": Code(_B, "Thiếu địa chỉ", AsSent("address", uncarded=True)),
    "row.address-unplaced": Code(_W, "Không rõ phường, xã"),
    "row.address-elsewhere": Code(_B, "Địa chỉ ngoài địa bàn", AsSent("address")),
    "row.reason-missing": Code(_B, "Chưa ghi lý do"),
    "row.status-missing": Code(_B, "Thiếu kết quả trả lời"),
    "row.status-invalid": Code(_B, "Kết quả trả lời không hợp lệ"),
    "row.continued": Code(_N, "Dòng viết tiếp dòng trên"),
    "row.repeated": Code(_B, "Trẻ ghi hai lần"),
    "row.legacy-text": Code(_N, "Phông chữ cũ đã chuyển"),
    "row.error-value": Code(_B, "Ô có lỗi công thức"),
    "row.contribution-wrong": Code(_W, "Thời gian đóng chưa khớp"),
    "row.validity-wrong": Code(_W, "Thời hạn thẻ chưa khớp"),
    "row.cost-unreadable": Code(_W, "Số tiền không đọc được"),
    "list.child-missing": Code(_B, "Thiếu trẻ so với danh sách gửi"),
    "list.child-unknown": Code(_B, "Trẻ không có trong danh sách gửi"),
    "list.child-in-two-lists": Code(_B, "Trẻ ở hai danh sách"),
    "list.child-changed": Code(_W, "Thông tin trẻ thay đổi"),
    "list.child-named": Code(_N, "Trẻ đã có tên"),
    "list.person-carded-before": Code(_W, "Đã được cấp thẻ trước"),
    "list.card-of-another": Code(_B, "Mã thẻ của trẻ khác"),
    "list.code-of-another": Code(_W, "Mã đối chiếu của trẻ khác"),
    "list.columns-apart": Code(_B, "Chỉ một số cột được sắp xếp"),
    "list.size-odd": Code(_W, "Số trẻ khác thường"),
    "list.card-not-asked-for": Code(_B, "Trẻ cấp thẻ đợt này không có trong D03-TS"),
    "list.incomplete": Code(_N, "Còn thiếu danh sách"),
    "list.overtaken": Code(_N, "Đã có danh sách mới hơn"),
    "list.children-passed-on": Code(_N, "Trẻ nay thuộc đơn vị khác"),
}
"""Every published code (docs/findings.md), with its default severity."""


def finding(code: str, message: str, remedy: str, **place: str | int | None) -> Finding:
    """Make a finding of a published code at its default severity.

    Raises KeyError for a code that was never published: that is a programming error.
    """
    return Finding(code, CODES[code].severity, message, remedy, **place)  # type: ignore[arg-type]


def with_severities(
    findings: Iterable[Finding], overrides: Mapping[str, Severity]
) -> tuple[Finding, ...]:
    """Apply a hand-off's own severities, e.g. `{"row.*": WARNS}`.

    A pattern only ever lowers what blocks by default or raises what it names exactly: `row.*` =
    warns leaves notes alone, or a repaired number would suddenly look like a fault.
    """
    return tuple(_with_severity(f, overrides) for f in findings)


def _with_severity(found: Finding, overrides: Mapping[str, Severity]) -> Finding:
    if found.code in overrides:
        return replace(found, severity=overrides[found.code])
    for pattern, severity in overrides.items():
        if found.severity is Severity.BLOCKS and fnmatchcase(found.code, pattern):
            return replace(found, severity=severity)
    return found


def title(code: str) -> str:
    """Return the short title of a code, or the code itself where a newer version gave it."""
    return CODES[code].title if code in CODES else code


def blocked(findings: Iterable[Finding]) -> bool:
    """True where at least one finding sends the file home."""
    return any(f.severity is Severity.BLOCKS for f in findings)
