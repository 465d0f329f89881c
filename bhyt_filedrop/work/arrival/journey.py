"""The journey of one drop: claim, gather, decide, plan, deliver, close.

Each step is written to the ledger before or after it so that a process killed anywhere finds, on
its next start, exactly where to go on (docs/crash-table.md). Input and output only obey here; every
choice is made by `domain.drops.decide`.
"""

from __future__ import annotations

import errno
import logging
import random
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock

from bhyt_filedrop.domain.cells.kept import forget_when_many
from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.drops.decide import decide
from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.letters.letter import Arrival, addressed, set_aside
from bhyt_filedrop.domain.process.file_names import legible
from bhyt_filedrop.domain.process.folders import Routes
from bhyt_filedrop.ports import (
    Clock,
    DropBook,
    Leases,
    LostLease,
    NeverWorks,
    TryLater,
)
from bhyt_filedrop.work.arrival.alone import Alone
from bhyt_filedrop.work.arrival.claim import Claiming
from bhyt_filedrop.work.arrival.deliver import Delivering
from bhyt_filedrop.work.arrival.gather import Gathering, innermost, is_rejected

log = logging.getLogger(__name__)

MAX_RECOVERIES = 3
"""A drop whose judgement was cut off so often (the whole process died) is judged in a process of
its own: if that dies too, the file is to blame and waits for a person. A machine that goes down
again and again is no fault of what happened to be in hand."""

MOST_RECOVERIES = 12
"""So often, and nobody asks any more whose fault it is."""

MAX_FAILURES = 3
"""Unexpected failures of one drop before it waits for a person."""

MAX_DELAYS = 40
"""Delays by a tree or a disk before a person hears of a drop: over a day with this backoff. It goes
on being tried all the same."""

_PASSING = frozenset(
    {
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EIO,
        errno.EROFS,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOMEM,
        errno.ESTALE,
    }
)
"""Errors of this machine that may pass by themselves; they are no fault of the file."""


@dataclass
class Journey:
    """Takes drops from claim to close."""

    claiming: Claiming
    gathering: Gathering
    delivering: Delivering
    drops: DropBook
    world: World
    clock: Clock
    deciding: Callable[[], AbstractContextManager[object]] = field(
        default_factory=lambda: _one_after_another(Lock())
    )
    """Lasts from looking at what stands to writing down a plan: several trees are served at once,
    and two halves of one return must not overlook each other."""
    leases: Leases = field(default_factory=Alone)
    """Who leads a unit's drops, where several daemons share the ledger."""
    taken_over: Callable[[Drop], None] = lambda _drop: None
    """Puts right what may have been done to a drop that another had already taken over."""
    shared: bool = False
    """Whether they do: what was read of a drop before is then read once more."""
    patience: float = 0.0
    """Seconds for which a drop waits for whoever is at another of its unit's."""
    hands_on: bool = False
    """Whether a drop is led only into the archive: from there it is whoever's whom the queue gives
    it."""

    _begun: set[str] = field(default_factory=set)
    """Drops that were taken ahead of their turn: the ledger counts that they are judged."""

    def lead(self, drops: Sequence[Drop], alive: Callable[[], bool]) -> None:
        """Advance drops one after the other; those left when it must end wait in the ledger.

        Where many wait, some are taken and judged ahead. All that is decided, delivered and told is
        so in their order, which keeps a correction behind what it corrects.
        """
        if self.hands_on:
            drops = [drop for drop in drops if drop.sha256 is None and not drop.is_own]
        ahead = self.gathering.ahead.count_ahead(len(drops))
        waiting, begun = deque(drops), deque[Drop | None]()
        while (waiting or begun) and alive():
            while waiting and len(begun) <= ahead:
                following = waiting.popleft()
                begun.append(self._begin(following) if ahead else following)
            if drop := begun.popleft():
                self.advance(drop)
            forget_when_many()

    def _begin(self, drop: Drop) -> Drop | None:
        """Take a drop and have it judged ahead; return it as it is then, None where it is void.

        One that was begun before is left for its turn: should it be what ended the process, no
        other may be counted with it. Whatever stands in the way is met again when its turn comes.
        """
        begun = drop.state is not State.CLAIMED or drop.sha256 is not None
        if begun or self.hands_on or is_rejected(drop):
            return drop
        try:
            taken = self.claiming.take(drop)
            if taken:
                self._begun.add(taken.id)
                drop = taken
                self.gathering.begin(drop)
            return taken
        except Exception:
            return self._as_it_stands(drop)

    def _as_it_stands(self, drop: Drop) -> Drop:
        """A disk may fail just behind the taking; who took such a drop anew would find nothing."""
        try:
            return self.drops.get(drop.id) or drop
        except Exception:  # the ledger is in trouble too, and will not let it be void
            return drop

    @property
    def routes(self) -> Routes:
        """Where everybody's folders are now."""
        return self.world.at(self.clock()).routes

    def advance(self, drop: Drop) -> State:
        """Take a drop as far as it goes now; return the state it is left in.

        Never raises for what a file, a tree or a disk does: that ends in a later attempt or in a
        drop that waits for a person. Raises LostLease where another daemon has taken over.
        """
        with self._alone_with(drop) as now:
            return self._advance_safely(now) if now else drop.state

    @contextmanager
    def _alone_with(self, drop: Drop) -> Iterator[Drop | None]:
        """Give a drop as it stands now; None where it wants nothing any more, or another daemon is
        at its unit's."""
        if not self.shared or self.hands_on:
            yield drop
            return
        unit = f"unit/{drop.unit}"
        with self.leases.held(unit, keep=False, patience=self.patience) as ours:
            now = self.drops.get(drop.id) if ours else None
            yield now if now and now.is_under_way else None

    def _advance_safely(self, drop: Drop) -> State:
        try:
            return self._advance(drop)
        except LostLease:
            self.taken_over(drop)
            raise
        except TryLater as error:
            return self._later(drop, legible(str(error)), MAX_DELAYS)
        except NeverWorks as error:
            return self._set_aside(drop, legible(str(error)))
        except OSError as error:
            limit = MAX_DELAYS if error.errno in _PASSING else MAX_FAILURES
            return self._later(drop, f"{error.strerror} ({innermost(error)})", limit)
        except ImportError as error:  # a part of the program that a failing disk does not give
            return self._later(drop, innermost(error), MAX_DELAYS)
        except Exception as error:
            # The text of an unknown exception may hold a child's data: only its kind is told.
            frame = innermost(error)
            log.error("drop.failed", extra={"drop": drop.id, "error": frame})
            return self._later(drop, frame, MAX_FAILURES)

    def _advance(self, drop: Drop) -> State:
        if drop.state is State.SET_ASIDE:
            drop = self.drops.resume(drop.id, self.clock())
        if drop.state is State.RETURNED:
            return drop.state
        if drop.state is State.CLAIMED:
            begun = 1
            if drop.sha256 is None:
                taken = self.claiming.take(drop)
                if taken is None:
                    return State.VOID
                drop = taken
                if self.hands_on:
                    return drop.state
            elif drop.id not in self._begun:
                self.claiming.clear(drop)
                begun = self.drops.begin(drop.id)
            self._begun.discard(drop.id)
            fatal = begun > MAX_RECOVERIES
            rejected = is_rejected(drop)
            if fatal and not rejected and self._is_to_blame(drop, begun):
                return self._set_aside(drop, "the process died each time it judged this file")
            self._plan(drop, unread=fatal and rejected)
        return self.delivering.apply(drop)

    def _is_to_blame(self, drop: Drop, begun: int) -> bool:
        return begun > MOST_RECOVERIES or self.gathering.ends_a_process(drop)

    def _plan(self, drop: Drop, *, unread: bool) -> None:
        facts = self.gathering.unread(drop) if unread else self.gathering.facts(drop)
        with self.deciding():
            with self.gathering.lists.together():
                plan = decide(self.gathering.with_what_stands(drop, facts), self.routes)
            self.drops.plan(drop, plan, self.clock())
        codes = sorted({one.code for one in plan.findings})
        log.info("drop.planned", extra={"drop": drop.id, "verdict": plan.state, "codes": codes})

    def _later(self, drop: Drop, reason: str, limit: int) -> State:
        now = self.clock()
        until = now + _backoff(drop.attempts)
        attempts = self.drops.postpone(drop.id, now, until, reason)
        log.warning("drop.postponed", extra={"drop": drop.id, "attempts": attempts})
        if attempts >= limit:
            by_a_machine = limit == MAX_DELAYS
            again_at, told = (until, attempts > limit) if by_a_machine else (None, False)
            return self._set_aside(drop, reason, again_at, told=told)
        current = self.drops.get(drop.id)
        return current.state if current else drop.state

    def _set_aside(
        self, drop: Drop, reason: str, again_at: datetime | None = None, *, told: bool = False
    ) -> State:
        """Leave a drop to a person. What a machine is the reason of goes on by itself when that is
        over: it is tried again at `again_at`, and the admins, once `told`, do not hear of each
        attempt."""
        letter = set_aside(
            self._arrival(drop),
            self.world.process.admin,
            reason=reason,
            attempts=drop.attempts + 1,
            tries_on=again_at is not None,
        )
        now = self.clock()
        # A file that a person sent round again and that fails again is told again.
        letter = replace(letter, key=f"{letter.key}/{now:%Y%m%dT%H%M%S}")
        self.drops.set_aside(drop.id, now, reason, [] if told else [letter], again_at)
        log.error("drop.set-aside", extra={"drop": drop.id})
        return State.SET_ASIDE

    def _arrival(self, drop: Drop) -> Arrival:
        units = self.world.units
        sender = addressed(units[drop.unit], units) if drop.unit in units else drop.unit
        return Arrival(drop.id, drop.unit, sender, drop.name, drop.arrived_at)


def _one_after_another(lock: Lock) -> Callable[[], AbstractContextManager[object]]:
    return lambda: lock


def _backoff(attempts: int) -> timedelta:
    """About 10 s, 20 s, 40 s … at most an hour; spread, so that drops that failed together do not
    all come back to a weak server at once."""
    return timedelta(seconds=min(10 * (1 << min(attempts, 10)), 3000) * random.uniform(0.8, 1.2))
