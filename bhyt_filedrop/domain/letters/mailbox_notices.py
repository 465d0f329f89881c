"""What the admin is told of the mailbox that bounces come back to; each at most once a day."""

from __future__ import annotations

from datetime import date

from bhyt_filedrop.domain.letters.letter import Letter, notice
from bhyt_filedrop.domain.process.calendar import day_text


def for_people(day: date, count: int, admin: str) -> Letter:
    """Tell that mails lie in the mailbox that are no bounces of the product's letters."""
    return notice(
        f"mailbox/{day.isoformat()}",
        admin,
        "Hộp thư nhận thư báo lỗi có thư cần người đọc",
        [
            f"Ngày {day_text(day)}, hộp thư nhận thư báo lỗi (mục mail.bounces) có {count} thư "
            "không phải là thư báo lỗi của phần mềm này: có thể là thư trả lời của đơn vị. "
            "Phần mềm để nguyên các thư đó, không đánh dấu đã đọc; xin mở hộp thư để xem.",
            "Trong ngày có thể còn thư khác; thư này chỉ báo một lần mỗi ngày.",
        ],
    )


def out_of_reach(day: date, admin: str) -> Letter:
    """Tell that the mailbox could not be read for long."""
    return notice(
        f"mailbox-down/{day.isoformat()}",
        admin,
        "Không đọc được hộp thư nhận thư báo lỗi",
        [
            "Đã hơn một giờ phần mềm không đọc được hộp thư nhận thư báo lỗi (mục mail.bounces), "
            "nên chưa biết thư nào không đến nơi. Việc nhận tệp và gửi thư vẫn bình thường; phần "
            "mềm sẽ thử lại.",
            "Xin xem nguyên nhân bằng lệnh: bhyt-filedrop doctor --online",
        ],
    )
