"""Send letters once more: what was set aside, once its cause is mended, and what did not arrive.

A letter that left once goes as a copy of its own, for servers drop a second mail of the same id.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bhyt_filedrop.domain.letters.mailing import DAILY_KINDS, WaitingLetter
from bhyt_filedrop.domain.process.calendar import local_day
from bhyt_filedrop.domain.process.units import Units
from bhyt_filedrop.ports import ActRefused, ResendBook


@dataclass(frozen=True)
class Resending:
    """Each act is an event with its reason and who did it."""

    book: ResendBook
    units: Units

    def again(self, waiting: Iterable[WaitingLetter], why: str, by: str, at: datetime) -> int:
        """Make letters due that were set aside; return how many. Reminders of days that are over
        stay, and letters to units that are gone."""
        going = [one for one in waiting if not one.is_outdated and one.unit in self.units]
        addresses = {one.key: one.addresses(self.units[one.unit]) for one in going}
        return self.book.send_again(addresses, at, why, by)

    def copy(self, key: str, why: str, by: str, at: datetime) -> str:
        """Send a letter again that left already; return the key of the copy.

        Raises ActRefused for one that is not known, has not left, or speaks of another day.
        """
        sent = self.book.sent_letter(key)
        if sent is None:
            raise ActRefused(
                f"Không có thư đã gửi hay đã gác lại nào mang khóa {key}.",
                f"No letter that was sent or set aside has the key {key}.",
            )
        if sent.unit not in self.units:
            raise ActRefused(
                f"Đơn vị {sent.unit} không còn.", f"The unit {sent.unit} is there no more."
            )
        if sent.kind in DAILY_KINDS and not key.endswith(str(local_day(at))):
            raise ActRefused(
                "Thư nhắc của ngày đã qua thì không gửi lại: thư của hôm nay nói đúng hơn.",
                "A reminder of another day is not sent again: that of today is truer.",
            )
        return self.book.send_copy(sent, why, by, at)
