"""A clock that cannot be right: nothing is judged by it, for due dates and rounds are read off it.

The ledger knows when it was last written. Where that is to come yet, the clock was ahead then or
is behind now; where it is longer ago than an office is closed, the clock has most likely leapt, and
lists that are in time would go back as those of a round long closed. A leap while the service runs
is known to the hour, from a clock that nobody can set; one that corrects the time (somebody keeps
it) is none. Everything waits, an admin is told, and goes on by itself when the clock is put right,
or when a person says that it is (`trust-clock`).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bhyt_filedrop.domain.letters.letter import Letter, notice
from bhyt_filedrop.domain.process.calendar import ZONE, local_day
from bhyt_filedrop.domain.process.clocks import has_leapt, is_doubtful
from bhyt_filedrop.ports import Clock

log = logging.getLogger(__name__)


@dataclass
class LastSound:
    """The last time that was sound, by the clock and by the steady one; None = none yet.

    It outlives a change of the configuration, behind which a leap would else go unseen.
    """

    known: tuple[datetime, float] | None = None


@dataclass
class ClockWatch:
    """Asks at each turn, and tells an admin once a day."""

    clock: Clock
    last_event: Callable[[], datetime | None]
    admin: str
    tell: Callable[[Iterable[Letter], datetime], object]
    trusted: Callable[[], datetime | None] = lambda: None
    """When a person last said that the clock is right."""
    is_kept: Callable[[], bool] = lambda: True
    """Whether somebody holds the clock to the time of the world."""
    steady: Callable[[], float] = time.monotonic
    sound: LastSound = field(default_factory=LastSound)

    def doubted(self) -> datetime | None:
        """Return the last event's time where the clock is doubtful, None where it may be right.

        That time is the last that was sound: what must be told meanwhile is told as of then, so
        that no letter grows too old by a leap of the clock.
        """
        now, kept = self.clock(), self.is_kept()
        last = None if kept else self._before_a_leap(now)
        if last is None:
            last = self.last_event()
            if last is None or not is_doubtful(now, last, kept=kept):
                self.sound.known = (now, self.steady())
                return None
        log.error("clock.doubtful", extra={"last_event": last.isoformat(), "now": now.isoformat()})
        self.tell([_letter(self.admin, now, last)], last)
        return last

    def _before_a_leap(self, now: datetime) -> datetime | None:
        """The last sound time, where the clock leapt since and nobody said that it is right."""
        if self.sound.known is None:
            return None
        sound, at = self.sound.known
        if not has_leapt(now - sound, timedelta(seconds=self.steady() - at)):
            return None
        trusted = self.trusted()
        return None if trusted and has_leapt(trusted - sound, timedelta()) else sound


def never_doubted() -> datetime | None:
    """The clock is given from outside and right by definition."""
    return None


def _letter(admin: str, now: datetime, last: datetime) -> Letter:
    return notice(
        f"clock/{local_day(last)}/{local_day(now)}",
        admin,
        "Đồng hồ của máy chạy dịch vụ có vẻ sai: đã tạm ngừng nhận và xét tệp",
        [
            f"Việc cuối cùng ghi trong sổ: {_text(last)}. Đồng hồ máy lúc này: {_text(now)}.",
            "Tệp vẫn nằm nguyên trong thư mục nộp và chưa bị xét; thư nhắc cũng tạm ngừng.",
            "Chỉnh lại đồng hồ (timedatectl set-ntp true): dịch vụ tự chạy tiếp.",
            "Nếu đồng hồ đúng: bhyt-filedrop trust-clock --why «lý do».",
        ],
    )


def _text(moment: datetime) -> str:
    return f"{moment.astimezone(ZONE):%H:%M ngày %d/%m/%Y}"
