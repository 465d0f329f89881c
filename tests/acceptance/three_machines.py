"""A played quarter on three machines that share a ledger: three daemons and a worker of each.

The daemons look at the tree in turns, and each turn another does; what they take is handed out by
the queue, and whichever worker is free leads it on, all three at once. Their clock is the play's.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from threading import Thread

from sqlalchemy import text

from bhyt_filedrop.edges.ledger.hand import Hand
from bhyt_filedrop.edges.ledger.leasebook import LedgerLeases
from bhyt_filedrop.edges.ledger.queue import DropJobs
from bhyt_filedrop.settings import load
from bhyt_filedrop.simulate.quarter.script import FIRST_DAY, moment
from bhyt_filedrop.simulate.quarter.stage import Stage
from bhyt_filedrop.wiring.daemon import wired
from bhyt_filedrop.wiring.hands import UNIT_SECONDS, look_at
from bhyt_filedrop.wiring.journeys import put_together
from tests.journey.site import Site

LONGEST = 900.0
"""Seconds by the clock after which what was handed out counts as never done."""


@dataclass
class Machines:
    """All that runs, and what the play calls instead of its one daemon."""

    sites: Sequence[Site]
    now: datetime
    ends: ExitStack
    stages: list[Stage] = field(default_factory=list)
    """The first is the play's own, from the first moment on."""
    done: list[int] = field(default_factory=list)
    """How many drops each worker looked at."""
    failed: list[str] = field(default_factory=list)
    _turns: Iterator[int] = field(default_factory=itertools.count)

    def handle(self, stage: Stage, at: datetime) -> None:
        """What `Stage.handle` does: whatever there is to do, by whoever has the turn and whichever
        workers are free, until nothing follows from it."""
        stage.now = self.now = at
        if not self.stages:
            self._begin(stage)
        for one in self.stages:
            one.now, one.is_full = at, stage.is_full
        while True:
            before = sum(self.done)
            self._turn(self.stages[next(self._turns) % len(self.stages)])
            self._until_led_on()
            if sum(self.done) == before:
                return

    def _begin(self, stage: Stage) -> None:
        self.stages = [stage]
        for site in self.sites[1:]:
            running = self.ends.enter_context(wired(load(site.config), self._clock))
            self.stages.append(Stage(running, stage.round, self.now))
        for number, site in enumerate(self.sites):
            running = self.stages[number].running
            running.journey.hands_on = running.books.drops.hands_out = True
            self._work(site, number)

    def _clock(self) -> datetime:
        return self.now

    def _turn(self, stage: Stage) -> None:
        running = stage.running
        leases = running.journey.leases
        assert isinstance(leases, LedgerLeases)
        running.daemon.once(stage._wait)
        DropJobs(running.books.engine).keep(self.now)
        leases._release(list(leases._mine))

    def _until_led_on(self) -> None:
        engine, end = self.stages[0].running.books.engine, time.monotonic() + LONGEST
        while True:
            assert self.failed == []
            with engine.connect() as connection:
                waiting = connection.execute(text("SELECT count(*) FROM procrastinate_jobs"))
                if not waiting.scalar():
                    return
            assert time.monotonic() < end, "drops that were handed out and are never done"
            time.sleep(0.02)

    def _work(self, site: Site, number: int) -> None:
        """Have a worker of a machine wait for what is handed out."""
        ours = put_together(load(site.config), self._clock, part="/1")
        parts = self.ends.enter_context(ours)
        parts.journey.patience = UNIT_SECONDS
        for tree in parts.trees.values():
            self.stages[number]._fill_up(tree)

        def look(drop: str) -> None:
            try:
                look_at(parts, drop)
            except Exception as error:
                self.failed.append(repr(error))
                raise
            self.done[number] += 1

        hand = Hand(parts.books.engine, look)
        thread = Thread(target=hand.run, daemon=True)
        self.done.append(0)
        thread.start()
        self.ends.callback(thread.join, 60)
        self.ends.callback(hand.stop)


@contextmanager
def at_work(sites: Sequence[Site]) -> Iterator[Machines]:
    """Have a daemon and a worker on each machine, from the play's first moment on; the first
    machine's daemon is the play's own."""
    with ExitStack() as ends:
        yield Machines(sites, moment(FIRST_DAY), ends)
