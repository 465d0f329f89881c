"""What the sender reads about a file that could not be taken, or was taken with a remark."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType

from bhyt_filedrop.domain.findings import Finding, finding
from bhyt_filedrop.edges.workbooks.child.problems import (
    DAMAGED,
    ENCRYPTED,
    NOT_A_WORKBOOK,
    UNSAFE,
)

_SEND_AGAIN = "Mở lại tệp gốc trên máy của đơn vị, lưu lại rồi nộp lại."
_SPLIT_COPY = (
    "Mở tệp bằng Excel, chép riêng phần danh sách sang một tệp mới (.xlsx) rồi nộp tệp mới đó."
)
_AS_EXCEL = "Lập danh sách bằng Excel (.xlsx hoặc .xls) theo đúng mẫu rồi nộp lại."

_TEXTS = MappingProxyType(
    {
        (DAMAGED, ""): (
            "Tệp bị hỏng hoặc chưa được tải lên trọn vẹn, không đọc được.",
            _SEND_AGAIN,
        ),
        (DAMAGED, "cut-off"): (
            "Tệp bị cắt ngang, phần cuối của tệp bị thiếu nên không đọc được.",
            "Kiểm tra tệp gốc có mở được không rồi tải lên lại, chờ đến khi tải xong hoàn toàn.",
        ),
        (DAMAGED, "text-mode"): (
            "Tệp bị hỏng khi truyền: chương trình FTP đã gửi tệp ở chế độ văn bản (ASCII).",
            "Trong chương trình FTP chọn kiểu truyền nhị phân (Binary) rồi tải lên lại từ tệp gốc;"
            " không cần nén hay sửa tệp.",
        ),
        (DAMAGED, "archive"): (
            "Tệp nén bị hỏng hoặc chưa được tải lên trọn vẹn, không giải nén được.",
            "Nén lại các tệp thành một tệp .zip mới rồi nộp lại, hoặc nộp từng tệp Excel.",
        ),
        (DAMAGED, "volume"): (
            "Tệp này chỉ là một phần của bộ tệp nén bị chia nhỏ (part1, part2, …), không giải nén"
            " được riêng.",
            "Nén lại các tệp thành một tệp .zip duy nhất, không chia phần, rồi nộp lại; hoặc nộp"
            " từng tệp Excel.",
        ),
        (ENCRYPTED, ""): (
            "Tệp được đặt mật khẩu nên không mở được.",
            "Mở tệp, bỏ mật khẩu (Tệp > Thông tin > Bảo vệ sổ làm việc) rồi lưu và nộp lại.",
        ),
        (ENCRYPTED, "archive"): (
            "Tệp nén được đặt mật khẩu nên không giải nén được.",
            "Nén lại không đặt mật khẩu rồi nộp lại, hoặc nộp từng tệp Excel.",
        ),
        (UNSAFE, ""): ("Tệp có cấu trúc bất thường, không thể đọc an toàn.", _SPLIT_COPY),
        (UNSAFE, "time"): (
            "Tệp quá phức tạp: đọc mãi không xong trong thời gian cho phép.",
            _SPLIT_COPY,
        ),
        (UNSAFE, "memory"): ("Tệp cần quá nhiều bộ nhớ để đọc.", _SPLIT_COPY),
        (UNSAFE, "cells"): ("Tệp có quá nhiều ô, vượt mức cho phép.", _SPLIT_COPY),
        (UNSAFE, "sheets"): ("Tệp có quá nhiều trang tính, vượt mức cho phép.", _SPLIT_COPY),
        (UNSAFE, "unpacked"): (
            "Tệp khi giải nén lớn bất thường, vượt mức cho phép.",
            _SPLIT_COPY,
        ),
        (UNSAFE, "archive-size"): (
            "Tệp nén chứa quá nhiều dữ liệu, vượt mức cho phép.",
            "Chia thành nhiều tệp nhỏ hơn, hoặc nộp từng tệp Excel.",
        ),
        (UNSAFE, "members"): (
            "Tệp nén chứa quá nhiều tệp bên trong.",
            "Chia thành nhiều tệp nén nhỏ hơn, hoặc nộp từng tệp Excel.",
        ),
        (UNSAFE, "paths"): (
            "Tệp nén chứa đường dẫn hoặc liên kết không an toàn.",
            "Nén lại chỉ các tệp danh sách thành một tệp .zip mới rồi nộp lại.",
        ),
        (NOT_A_WORKBOOK, ""): (
            "Tệp không phải là bảng tính Excel (nội dung tệp không phải bảng tính).",
            _AS_EXCEL,
        ),
        (NOT_A_WORKBOOK, "no-table"): ("Tệp không có bảng danh sách nào.", _AS_EXCEL),
        (NOT_A_WORKBOOK, "no-unpacker"): (
            "Hệ thống không mở được loại tệp nén này.",
            "Nén lại thành tệp .zip rồi nộp lại, hoặc nộp từng tệp Excel.",
        ),
        (NOT_A_WORKBOOK, "picture"): (
            "Tệp là ảnh chụp hoặc ảnh quét, không phải bảng tính.",
            _AS_EXCEL,
        ),
        (NOT_A_WORKBOOK, "document"): (
            "Tệp là văn bản (PDF hoặc Word), không phải bảng tính.",
            _AS_EXCEL,
        ),
        (NOT_A_WORKBOOK, "archive"): (
            "Tệp là tệp nén, không phải bảng tính.",
            "Giải nén rồi nộp từng tệp Excel bên trong.",
        ),
    }
)
"""(code, reason) → message, remedy."""

_ACTIVE = MappingProxyType(
    {
        "macros": "macro",
        "external-links": "liên kết tới tệp khác",
        "dde": "lệnh gọi chương trình khác (DDE)",
        "embedded-objects": "đối tượng nhúng",
    }
)

_FORMAT_NAMES = MappingProxyType(
    {
        "xlsx": "Excel (.xlsx)",
        "xlsm": "Excel có macro (.xlsm)",
        "xlsb": "Excel nhị phân (.xlsb)",
        "xls": "Excel 97-2003 (.xls)",
        "ods": "OpenDocument (.ods)",
        "fods": "OpenDocument XML (.fods)",
        "html": "trang web (HTML)",
        "spreadsheetml": "Excel XML (.xml)",
        "csv": "văn bản phân cột (CSV)",
    }
)


def problem(code: str, why: str = "") -> Finding:
    """Say why a file was not taken; a reason that nobody knows reads as the code alone."""
    message, remedy = _TEXTS.get((code, why)) or _TEXTS[code, ""]
    return finding(code, message, remedy)


def is_known(code: str) -> bool:
    """Tell whether a code is one that a reader may give for a whole file."""
    return (code, "") in _TEXTS


def empty() -> Finding:
    """Say that a file has no bytes."""
    return finding("file.empty", "Tệp rỗng, không có nội dung (0 byte).", _SEND_AGAIN)


def too_large(size: int, limit: int) -> Finding:
    """Say that a file is over the limit; both in bytes."""
    return finding(
        "file.too-large",
        f"Tệp nặng {_megabytes(size)} MB, vượt mức cho phép {_megabytes(limit)} MB.",
        "Bỏ hình ảnh và các trang tính không cần thiết, hoặc chia thành nhiều tệp, rồi nộp lại.",
    )


def _megabytes(size: int) -> str:
    return f"{size / 2**20:.1f}".replace(".", ",")


def active_content(kinds: Iterable[str]) -> Finding:
    """Say what in the file may run or reach out."""
    named = ", ".join(_ACTIVE[kind] for kind in kinds)
    return finding(
        "file.active-content",
        f"Tệp có chứa {named}.",
        "Danh sách vẫn được đọc. Lần sau nên lưu thành .xlsx và chỉ giữ phần danh sách.",
        value=named,
    )


def infected(name: str) -> Finding:
    """Say that a scanner knows what is in the file; `name` is what it calls it."""
    return finding(
        "file.infected",
        f"Tệp có mã độc ({name}) nên không được mở và không chuyển cho ai.",
        "Không mở tệp này nữa. Quét mã độc máy đã lập tệp, lập lại danh sách trên máy sạch rồi nộp"
        " lại.",
        value=name,
    )


def known_active(kinds: Iterable[str]) -> tuple[str, ...]:
    """Keep the kinds of active content that have a name, in a fixed order."""
    given = set(kinds)
    return tuple(kind for kind in _ACTIVE if kind in given)


def disguised(extension: str, format_name: str) -> Finding:
    """Say that the name promises one format and the bytes are another."""
    return finding(
        "file.disguised",
        f"Tên tệp có đuôi {extension} nhưng nội dung là {_FORMAT_NAMES[format_name]};"
        " tệp vẫn được đọc bình thường.",
        "Không cần sửa. Lần sau nên dùng Lưu thành (Save As) và chọn Excel Workbook (.xlsx).",
        value=extension,
    )
