"""The clock's question: whom to remind now, and of what; the answers are stored as letters."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.letters.letter import Letter
from bhyt_filedrop.domain.owed.obligations import DeliveredIndex
from bhyt_filedrop.domain.owed.reminders import is_time, owed, rounds_to_remind
from bhyt_filedrop.domain.process.calendar import home_round, local_day
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.ports import Clock, NoticeBook

log = logging.getLogger(__name__)


@dataclass
class Reminding:
    """Asks at each tick what is owed, and stores the letters that say so."""

    world: World
    letters: NoticeBook
    facts: Callable[[list[str]], DeliveredIndex]
    seen_rounds: Callable[[], tuple[str, ...]]
    clock: Clock

    def owed_at(self, now: datetime) -> tuple[Letter, ...]:
        """Return the letters that have to be written at a moment."""
        world = self.world
        if not is_time(now, world.process, world.days):
            return ()
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
        )

    def _rounds(self, now: datetime) -> tuple[Round, ...]:
        """The open rounds, but none that ended before this site had seen any list: a new site does
        not chase what was handed over on paper."""
        world, seen = self.world, set(self.seen_rounds())
        return tuple(
            round_
            for round_ in rounds_to_remind(now, world.process, world.days)
            if round_ >= home_round(local_day(now)) or str(round_) in seen
        )

    def tick(self) -> int:
        """Store what is owed now; return how many letters were new."""
        now = self.clock()
        written = self.letters.put_letters(self.owed_at(now), now)
        if written:
            log.info("reminders.written", extra={"letters": written})
        return written
