"""The clock's question: whom to remind now, and of what; the answers are stored as letters."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.drops.lying import SAID, Lying
from bhyt_filedrop.domain.letters.letter import Letter, notice
from bhyt_filedrop.domain.owed.obligations import DeliveredIndex
from bhyt_filedrop.domain.owed.reminder_texts import MAX_NAMES
from bhyt_filedrop.domain.owed.reminders import is_time, owed, rounds_to_remind
from bhyt_filedrop.domain.process.calendar import at, home_round, local_day
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.ports import Clock, NoticeBook

LONGEST_WAIT = timedelta(hours=2)
"""So long after their hour the letters of a day wait for a tree that was not looked over; then an
admin hears of it instead of its units."""

log = logging.getLogger(__name__)


@dataclass
class Reminding:
    """Asks at each tick what is owed, and stores the letters that say so."""

    world: World
    letters: NoticeBook
    facts: Callable[[list[str]], DeliveredIndex]
    seen_rounds: Callable[[], tuple[str, ...]]
    clock: Clock
    unjudged: Callable[[], frozenset[str]] = frozenset
    """Units of which a file was taken and is not judged, or waits for a person."""
    lying: Callable[[], Sequence[Lying]] = tuple
    """Files that lie in a tree and cannot be taken."""
    looks: Callable[[], Mapping[str, datetime | None]] = dict
    """Tree → when the last whole look over it began, None = not since the start."""

    def owed_at(self, now: datetime) -> tuple[Letter, ...]:
        """Return the letters that have to be written at a moment.

        A file that came before the day's hour must not be chased, so every tree is looked over
        first. A tree that stays out of reach holds up the letters of its own units alone.
        """
        world = self.world
        if not is_time(now, world.process, world.days):
            return ()
        blind = self._not_looked_over(now)
        is_over = now >= at(local_day(now), world.process.remind_at) + LONGEST_WAIT
        if blind and not is_over:
            return ()
        undecided = self.unjudged() | self._units_of(blind)
        letters = self._with_lying(self._owed(now, undecided))
        if not is_over or not undecided:
            return letters
        unwritten = {one.unit for one in self._owed(now, frozenset())} & undecided
        told = (self._held_back(now, frozenset(unwritten)),) if unwritten else ()
        return (*letters, *told)

    def _with_lying(self, letters: tuple[Letter, ...]) -> tuple[Letter, ...]:
        """The digest tells of files that lie there and cannot be taken."""
        told = [f"{one.shown_path}: {SAID[one.why]}" for one in self.lying()]
        more = [f"… và {len(told) - MAX_NAMES} nữa"] if len(told) > MAX_NAMES else []
        return tuple(
            replace(one, context={**one.context, "lying": told[:MAX_NAMES] + more})
            if one.kind == "digest"
            else one
            for one in letters
        )

    def _not_looked_over(self, now: datetime) -> frozenset[str]:
        morning = at(local_day(now), self.world.process.remind_at)
        return frozenset(
            tree for tree, seen in self.looks().items() if seen is None or seen < morning
        )

    def _units_of(self, trees: frozenset[str]) -> frozenset[str]:
        routes, units = self.world.routes, self.world.units
        ours = (unit for unit in units if routes.has_folders(unit))
        return frozenset(unit.id for unit in ours if routes.rule(unit).tree in trees)

    def _held_back(self, now: datetime, undecided: frozenset[str]) -> Letter:
        units = self.world.units
        names = [units.full_name(unit) for unit in units if unit.id in undecided]
        return notice(
            f"reminders-held/{local_day(now)}",
            self.world.process.admin,
            "Chưa nhắc một số đơn vị vì chưa biết đã nộp hay chưa",
            [
                "Tệp của các đơn vị sau chưa xử lý xong, hoặc thư mục của họ chưa xem được, nên "
                "hôm nay chưa nhắc họ và cũng chưa báo cáo họ quá hạn:",
                "; ".join(names[:MAX_NAMES]) + ("; …" if len(names) > MAX_NAMES else "."),
                "Xin kiểm tra kết nối tới cây thư mục và xử lý các tệp đang chờ: "
                "bhyt-filedrop status",
            ],
        )

    def _to_be_seen(self, count: int, now: datetime) -> Letter:
        return notice(
            f"reminders-first/{local_day(now)}",
            self.world.process.admin,
            f"{count} thư nhắc đầu tiên đang chờ xem",
            [
                f"Hôm nay hệ thống lần đầu có thư nhắc phải gửi ({count} thư). Chưa thư nào được "
                "gửi: xin xem trước, để không đơn vị nào bị nhắc nhầm.",
                "Xem toàn văn từng thư: bhyt-filedrop remind --dry-run",
                "Đồng ý gửi: bhyt-filedrop remind --confirm. Từ đó hệ thống tự gửi, không hỏi lại.",
                "Nếu đợt này đã làm bằng giấy, xin đặt đợt đầu tiên là đợt sau: khóa first ở mục "
                "[rounds] trong bhyt-filedrop.toml.",
            ],
        )

    def _owed(self, now: datetime, undecided: frozenset[str]) -> tuple[Letter, ...]:
        world = self.world
        rounds = self._rounds(now)
        return owed(
            now,
            world.process,
            world.units,
            world.days,
            rounds,
            self.facts([str(round_) for round_ in rounds]),
            self.letters.known_keys(("reminder/",)),
            world.routes.labels,
            undecided,
            world.routes,
        )

    def _rounds(self, now: datetime) -> tuple[Round, ...]:
        """The open rounds, but none that ended before this site had seen any list, and none before
        the one with which it begins: a new site does not chase what was handed over on paper."""
        world, seen = self.world, set(self.seen_rounds())
        first = world.first_round
        return tuple(
            round_
            for round_ in rounds_to_remind(now, world.process, world.days)
            if (round_ >= home_round(local_day(now)) or str(round_) in seen)
            and (first is None or round_ >= first)
        )

    def wait_to_be_seen(self) -> bool:
        """True while nobody was ever reminded on a site that says with which round it begins: its
        first letters go when an admin has seen them (`remind --confirm`)."""
        return self.world.first_round is not None and not self.letters.known_keys(("reminder/",))

    def tick(self) -> int:
        """Store what is owed now; return how many letters were new."""
        now = self.clock()
        letters = self.owed_at(now)
        reminders = [one for one in letters if one.key.startswith("reminder/")]
        if reminders and self.wait_to_be_seen():
            notices = [one for one in letters if one not in reminders]
            letters = (*notices, self._to_be_seen(len(reminders), now))
        written = self.letters.put_letters(letters, now)
        if written:
            log.info("reminders.written", extra={"letters": written})
        return written
