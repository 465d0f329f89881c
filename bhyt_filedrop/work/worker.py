"""One worker: it sweeps, claims and leads on what was dropped in one tree."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from threading import Event, get_ident

from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.lying import Lying, Why, digest, letters_about
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.letters.letter import notice
from bhyt_filedrop.domain.process.calendar import local_day
from bhyt_filedrop.domain.process.file_names import legible
from bhyt_filedrop.logs import kind_of
from bhyt_filedrop.ports import (
    DropQueue,
    Leases,
    LookBook,
    LostLease,
    NeverWorks,
    NotOurs,
    TryLater,
)
from bhyt_filedrop.work.arrival.alone import Alone
from bhyt_filedrop.work.arrival.journey import Journey
from bhyt_filedrop.work.arrival.lingering import Lingering
from bhyt_filedrop.work.arrival.outage import LOOK, Outage, reason_of
from bhyt_filedrop.work.arrival.pace import Progress
from bhyt_filedrop.work.arrival.survey import Surveyed, Surveying
from bhyt_filedrop.work.arrival.sweep import SOON, Look, Sweep, in_order
from bhyt_filedrop.work.rounds.clock_watch import never_doubted

log = logging.getLogger(__name__)

BATCH = 200
"""Drops written down in one transaction."""

MAX_PAUSE = 300.0
"""Seconds between two looks at a tree that stays out of reach."""

NOTED_EVERY = timedelta(minutes=1)
"""How often the ledger is told that a tree was looked over."""

MAX_NAMED = 30
"""Closed folders that one letter names."""

DERIVE_WITHIN = 60.0
"""Seconds for which what is derived waits for drops that were handed out: a burst of files is
followed by one draft and not by one for each few of them."""

ASK_FOR_LEASE = 3.0
"""Seconds after which a daemon asks again for what another one does."""

STUCK_AFTER = 900.0
"""Seconds after which a worker that neither rests nor takes another step counts as hung. Each wait
for a server ends by itself long before, also where a file needs several."""


@dataclass
class Worker:
    """Serves one tree: sweep, claim, and the journeys of what was claimed there."""

    tree: str
    sweep: Sweep
    journey: Journey
    queue: DropQueue
    looks: LookBook
    outage: Outage
    interval: float
    derive: Callable[[], list[Drop]] = list
    """Makes what has to be derived from what stands now; given to one worker alone."""
    spare: Callable[[], bool] = lambda: False
    """Takes a short step of what nobody waits for; False where nothing is left to do."""
    catch_up: Callable[[str, datetime | None], object] | None = None
    """Claims, before the first look, what a restored ledger has missed since the last look that it
    knows of; None = done or not here."""
    approvals: Callable[[], None] = lambda: None
    """Sees to the lists that wait in the tree's approval folders."""
    doubted: Callable[[], datetime | None] = never_doubted
    """When the ledger was last written, where the clock cannot be right."""
    steady: Callable[[], float] = time.monotonic
    bell: Event = field(default_factory=Event)
    jitter: Callable[[], float] = lambda: random.uniform(0.8, 1.2)
    looked_at: datetime | None = None
    """When the last look began all of whose files were led on; None = none since the start."""
    look_seconds: float = 0.0
    """What the last look took, before anything was done about what it saw."""
    waiting_units: frozenset[str] = frozenset()
    """Whose files that look left, because they were still on their way."""
    refused: NotOurs | None = None
    """Set once another site serves the tree: then everything ends, or both would send letters."""
    _noted_at: datetime | None = None
    """The last look as the ledger knows it."""
    _failed_looks: int = 0
    survey: Surveying | None = None
    """Looks over the whole base for what no sweep would take."""
    survey_seconds: float = 1800.0
    lingering: Lingering | None = None
    """What stays in the work area for a while."""
    _surveyed: Surveyed = field(default_factory=Surveyed)
    _surveyed_at: float | None = None
    """When the last survey began (steady clock), None = none since the start."""
    quiet_seconds: float = 0.0
    """The longest quiet time of a file."""
    tell_hours: float = 4.0
    """How long a file may lie in its folder and not be taken before its unit hears of it."""
    _lying: dict[tuple[str, Why], Lying] | None = None
    """What lies there as the ledger knows it; None = not asked yet."""
    _told: frozenset[str] = frozenset()
    """The letters about it that the last look gave: the ledger knows them."""
    _closed: tuple[date, tuple[str, ...]] | None = None
    """The day on which an admin was told of closed folders, and of which."""
    leases: Leases = field(default_factory=Alone)
    """Who serves the tree, where several daemons share the ledger."""
    taken: int = 1
    """As which number the tree was this daemon's at the last turn; 0 = it was another's."""
    progress: Progress = field(default_factory=Progress)
    """The steps of a drop that takes long: each shows that the worker does not hang."""
    _units_of: date | None = None
    """Since when the units are there for which it derived last (`Units.day`)."""
    _derives_since: float | None = None
    """Since when that waits for drops that were handed out (steady clock)."""
    _thread: int = 0
    _busy_since: float | None = None
    """When the last step began (monotonic), None while it rests."""

    def work(self, alive: Callable[[], bool] = lambda: True) -> Look | None:
        """Look once, take what is settled, lead every due drop on, derive what follows from it.

        `alive` is asked before each drop: a burst must neither look like a hang nor hold up an end.
        Return what the look gave, None where the tree is out of reach or the clock doubtful, or
        another daemon serves the tree.
        """
        if self.doubted():
            return None
        with self.leases.held(f"tree/{self.tree}") as ours:
            if ours and ours != self.taken:
                self._forget()
            self.taken = ours
            return self._work(alive) if ours else None

    def _forget(self) -> None:
        """Ask the ledger anew what another daemon has noted meanwhile."""
        self._noted_at, self._lying, self._told = None, None, frozenset()

    def _work(self, alive: Callable[[], bool]) -> Look | None:
        if (day := self.journey.routes.units.day) != self._units_of:
            # What is owed passes on first: a file that came overnight answers the new lists.
            self._derive(alive)
            self._units_of = day
        began, started = self.journey.clock(), self.steady()
        look = self._look(began)
        self.look_seconds = self.steady() - started
        if look:
            for start in range(0, len(look.settled), BATCH):
                if alive():
                    batch = list(look.settled[start : start + BATCH])
                    self._lead(self.journey.claiming.register(self.tree, batch), alive)
        if look:
            self.approvals()
        untaken = self.tree if self.journey.hands_on else None
        self._lead(self.queue.due(self.journey.clock(), untaken=untaken), alive)
        derived = [] if self._is_led_on_elsewhere() else self._derive(alive)
        if look and any(drop.state is State.HELD for drop in derived):
            self.approvals()
        if look and alive():
            self._tidy()
            waited, self.waiting_units = self.waiting_units, look.waiting_units
            self.looked_at = began
            self._note(began, at_once=self.journey.shared and waited != look.waiting_units)
            look = self._then_survey(look, began)
        return look

    def _is_led_on_elsewhere(self) -> bool:
        """Tell whether what was handed out is still to be led on: as where one daemon does it all,
        that comes before what is derived from it, but holds it up no longer than a minute."""
        now, since = self.steady(), self._derives_since
        if not self.journey.hands_on or not self.queue.due(self.journey.clock(), limit=1):
            self._derives_since = None
            return False
        if since is None:
            self._derives_since = now
            return True
        if now - since < DERIVE_WITHIN:
            return True
        self._derives_since = None
        return False

    def _derive(self, alive: Callable[[], bool]) -> list[Drop]:
        derived = self.derive() if alive() else []
        self._lead([drop for drop in derived if drop.state is State.PLANNED], alive)
        return derived

    def _tidy(self) -> None:
        """Let what may have grown leave the work area; what fails is tried at the next look."""
        try:
            if self.lingering:
                self.lingering.tidy(self.steady())
        except (TryLater, NeverWorks) as error:
            log.warning("tidy.failed", extra={"tree": self.tree, "reason": reason_of(error)})

    def _then_survey(self, look: Look, began: datetime) -> Look:
        """Survey the base when it is time to, after all that somebody waits for; return the look,
        to be followed by another at once where there is something to take."""
        now = self.steady()
        due = self._surveyed_at is None or now - self._surveyed_at >= self.survey_seconds
        if self.survey is None or not due:
            return look
        self._surveyed_at = now
        taken, left = self.queue.unclaimed_paths(self.tree), self.queue.left_there(self.tree)
        before = self._surveyed
        try:
            self._surveyed = self.survey.look(self.journey.routes, began, taken, left)
        except (TryLater, NeverWorks, OSError) as error:
            log.warning("survey.failed", extra={"tree": self.tree, "reason": reason_of(error)})
            return look
        self._tell_of_lying((*look.lying, *self._surveyed.misplaced), began)
        if self._surveyed.drops or self._surveyed.folders != before.folders:
            return replace(look, look_again_in=min(SOON, look.look_again_in or SOON))
        return look

    def _with_survey(self, look: Look) -> Look:
        """Take along, once, the drops that lay where no sweep looks."""
        found, self._surveyed = self._surveyed.drops, replace(self._surveyed, drops=())
        return replace(look, settled=in_order((*look.settled, *found))) if found else look

    def _note(self, began: datetime, *, at_once: bool) -> None:
        """Let the next start know when the tree was looked over last; not at each look, for its
        doubt of a minute is its senders' benefit."""
        lately = self._noted_at and timedelta() <= began - self._noted_at < NOTED_EVERY
        if at_once or not lately:
            self.looks.looked(self.tree, began, self.waiting_units)
            self._noted_at = began

    def _lead(self, drops: Iterable[Drop], alive: Callable[[], bool]) -> None:
        """Lead drops of this tree on; those left when it must end wait in the ledger."""
        if mine := [drop for drop in drops if drop.tree == self.tree]:
            self.journey.lead(mine, alive)

    def _look(self, began: datetime) -> Look | None:
        taken = self.queue.unclaimed_paths(self.tree)
        left = self.queue.left_there(self.tree)
        now = self.steady()
        try:
            if self._noted_at is None:
                self._noted_at = self.looks.last_look(self.tree)
            if self.catch_up:
                self.catch_up(self.tree, self._noted_at)
                self.catch_up = None
            routes, last = self.journey.routes, self._noted_at
            look = self.sweep.look(routes, now, taken, left, began, last, self._surveyed.folders)
            look = self._with_survey(look)
        except NotOurs:
            raise
        except (TryLater, NeverWorks) as error:
            self._failed_looks += 1
            self.outage.fails(LOOK, reason_of(error), now)
            return None
        self._failed_looks = 0
        self.outage.works(LOOK)
        self._tell_of_closed(look.closed)
        self._tell_of_lying((*look.lying, *self._surveyed.misplaced), began)
        return look

    def run(self, stop: Event) -> None:
        """Serve the tree until told to stop."""

        self._thread = get_ident()

        def alive() -> bool:
            self._busy_since = time.monotonic()
            return not stop.is_set()

        while alive():
            self.bell.clear()
            look = self._work_or_log(alive)
            if self.refused:
                stop.set()
            pause = self.pause(look.look_again_in if look else None)
            rested = self._use(pause, alive)
            self._busy_since = None
            self.bell.wait(max(0.0, pause - rested))

    def _use(self, pause: float, alive: Callable[[], bool]) -> float:
        """Use the time until the next look, if there is something to do; return how much it took.

        A bell that rings ends it: a file that comes is served first.
        """
        began = time.monotonic()
        try:
            while alive() and not self.bell.is_set() and time.monotonic() - began < pause:
                if not self.use_a_moment():
                    break
        except Exception as error:
            log.error("worker.failed", extra={"tree": self.tree, "error": kind_of(error)})
        return time.monotonic() - began

    def use_a_moment(self) -> bool:
        """Take a short step of what nobody waits for; False where nothing is left to do."""
        if not self.taken:
            return False
        with self.leases.held(f"tree/{self.tree}") as ours:
            return bool(ours) and self.spare()

    def _tell_of_closed(self, folders: tuple[str, ...]) -> None:
        """Tell an admin, once a day, whose folder or file the service may not read."""
        now = self.journey.clock()
        today = (local_day(now), folders)
        if not folders or today == self._closed:
            return
        self._closed = today
        log.warning("folders.closed", extra={"tree": self.tree, "folders": len(folders)})
        letter = notice(
            f"folders-closed/{self.tree}/{today[0]}/{digest(folders)}",
            self.journey.world.process.admin,
            "Dịch vụ không đọc được thư mục hoặc tệp nộp của một số đơn vị",
            [
                "Các tệp sau, và tệp trong các thư mục sau, chưa được nhận; các đơn vị khác không "
                "bị ảnh hưởng.",
                *map(legible, folders[:MAX_NAMED]),
                "Cấp cho tài khoản của dịch vụ quyền đọc, ghi và vào các thư mục đó, quyền đọc và "
                "ghi các tệp đó. Thư mục nằm sâu quá 100 cấp thì chuyển lên trên.",
            ],
        )
        self.outage.letters.put_letters((letter,), now)

    def _tell_of_lying(self, found: tuple[Lying, ...], now: datetime) -> None:
        """Write down what lies there and is not taken, and tell whose it is.

        What a daemon before this one saw lying there lies there since then.
        """
        if self._lying is None:
            self._lying = {(one.path, one.why): one for one in self.looks.lying(self.tree)}
        lying = {(one.path, one.why): one for one in found}
        lying = {key: self._lying.get(key, one) for key, one in lying.items()}
        if lying != self._lying:
            self.looks.lie(self.tree, tuple(lying.values()))
            self._lying = lying
        routes, hours = self.journey.routes, timedelta(hours=self.tell_hours)
        letters = letters_about(lying.values(), routes, now, hours)
        keys = frozenset(one.key for one in letters)
        if not keys <= self._told:
            self.outage.letters.put_letters(letters, now)
        self._told = keys

    def is_stuck(self) -> bool:
        """Tell whether one step has taken so long that it must hang."""
        since = self._busy_since
        if since is None:
            return False
        return time.monotonic() - max(since, self.progress.last(self._thread)) > STUCK_AFTER

    def pause(self, again: float | None) -> float:
        """Return how long to wait (seconds) before the next look; `again` is when a file may be
        settled. A tree out of reach is asked ever less often, and not by all sites at once; one
        that another daemon serves may be left by it any moment."""
        if not self.taken:
            return min(self.interval, ASK_FOR_LEASE) * self.jitter()
        if self._failed_looks:
            longest = max(self.interval, MAX_PAUSE)
            growing = self.interval * (1 << min(self._failed_looks - 1, 10))
            return min(growing, longest) * self.jitter()
        return self.interval if again is None else min(self.interval, again)

    def _work_or_log(self, alive: Callable[[], bool]) -> Look | None:
        try:
            return self.work(alive)
        except NotOurs as error:
            log.error("tree.not-ours", extra={"tree": self.tree})
            self.refused = error
            return None
        except LostLease as lost:
            log.warning("lease.lost", extra={"lease": str(lost)})
            return None
        except Exception as error:
            # The ledger may be locked or its disk full: whatever it is, the next look tries again.
            log.error("worker.failed", extra={"tree": self.tree, "error": kind_of(error)})
            return None
