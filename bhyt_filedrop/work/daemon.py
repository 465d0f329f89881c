"""The daemon: one worker a tree, a clock for what is owed, threads for letters and what comes back.

Each tree has its own thread, so that a server that stalls delays only its own files. The drops of
one tree are handled one after another, which keeps a unit's corrected file behind the file that it
corrects.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from threading import Event, Thread

from bhyt_filedrop.logs import kind_of
from bhyt_filedrop.ports import (
    Clock,
    Leases,
)
from bhyt_filedrop.work.arrival.alone import Alone
from bhyt_filedrop.work.post.inbox import Inbox
from bhyt_filedrop.work.post.outbox import Outbox
from bhyt_filedrop.work.rounds.clock_watch import never_doubted
from bhyt_filedrop.work.rounds.reminding import Reminding
from bhyt_filedrop.work.worker import Worker

log = logging.getLogger(__name__)

BEAT_SECONDS = 10.0
"""How often the daemon says that it is alive."""

LAST_STEPS = 30.0
"""Seconds that all workers together have for the step they are in when the daemon ends."""


@dataclass
class Daemon:
    """Everything that runs at the same time. `watchers` ring the bells of their trees."""

    workers: Mapping[str, Worker]
    reminding: Reminding
    outbox: Outbox
    clock: Clock
    post_seconds: float = 2.0
    inbox: Inbox | None = None
    """Reads the mails that come back; None where no mailbox is configured."""
    inbox_seconds: float = 60.0
    stop: Event = field(default_factory=Event)
    seal: Callable[[datetime], object] = lambda _now: None
    """Seals what was written down, so that a later change of it shows."""
    doubted: Callable[[], datetime | None] = never_doubted
    """As the workers ask it: nobody is reminded by such a clock, no letter too old by it."""
    leases: Leases = field(default_factory=Alone)
    """Who reminds, sends and reads what comes back, where several daemons share the ledger."""
    sharing: Callable[[], AbstractContextManager[None]] = nullcontext
    """While it runs, hands drops out to processes, here and on other machines."""
    prepare: Callable[[], None] = lambda: None
    """Begins what the first file would have to wait for."""
    _sent_as: int = 1
    """As which number the outbox was this daemon's when it sent last."""

    def run(self, beat: Callable[[], None]) -> None:
        """Run until `stop` is set; `beat` is called every few seconds while no worker hangs.

        Raises NotOurs where another site has taken a tree over.
        Workers do not beat themselves: one that waits for a slow server, or until a server that is
        down is asked again, is well for minutes without a step.
        """
        threads = [
            Thread(target=worker.run, args=(self.stop,), name=f"tree-{name}", daemon=True)
            for name, worker in self.workers.items()
        ]
        threads.append(Thread(target=self._post, name="outbox", daemon=True))
        if self.inbox:
            threads.append(Thread(target=self._read_mail, name="inbox", daemon=True))
        with self.sharing():
            self.prepare()
            for thread in threads:
                thread.start()
            while not self.stop.wait(BEAT_SECONDS):
                if not any(worker.is_stuck() for worker in self.workers.values()):
                    beat()
            self.ring()
            end = time.monotonic() + LAST_STEPS
        for thread in threads:
            thread.join(timeout=max(0.0, end - time.monotonic()))
        for worker in self.workers.values():
            if worker.refused:
                raise worker.refused

    def ring(self) -> None:
        """Wake every worker."""
        for worker in self.workers.values():
            worker.bell.set()

    def tick(self) -> None:
        """What the clock calls: never raises, or the clock would drop the job."""
        try:
            with self.leases.held("clock") as ours:
                if ours and not self.doubted():
                    self.reminding.tick()
                    self.seal(self.clock())
        except Exception as error:
            log.error("tick.failed", extra={"error": kind_of(error)})

    def _post(self) -> None:
        while not self.stop.wait(self.post_seconds):
            self.post()

    def post(self) -> int:
        """Send what is due; a failure of the ledger is tried again at the next turn."""
        try:
            with self.leases.held("outbox") as ours:
                if ours and ours != self._sent_as:
                    self.outbox.recall()
                self._sent_as = ours
                return self.outbox.run_once(self.doubted() or self.clock()) if ours else 0
        except Exception as error:
            log.error("outbox.failed", extra={"error": kind_of(error)})
            return 0

    def _read_mail(self) -> None:
        while True:
            self.read_mail()
            if self.stop.wait(self.inbox_seconds):
                return

    def read_mail(self) -> int:
        """Read what came back; a failure of the ledger is tried again at the next turn."""
        try:
            if self.inbox is None or self.doubted():
                return 0
            with self.leases.held("inbox") as ours:
                return self.inbox.run_once(self.clock()) if ours else 0
        except Exception as error:
            log.error("inbox.failed", extra={"error": kind_of(error)})
            return 0

    def once(self, pause: Callable[[float], None]) -> None:
        """Handle everything that is there now, remind, send, and return; for `run --once`.

        Files that are still being written are waited for as long as the quiet time asks; one that
        stays open, or whose format does not end, is left for a later run. One that takes long to
        read lets nobody pass: a later run would only begin with it anew.
        """
        for worker in self.workers.values():
            worker.journey.gathering.turn = inf
            look, waited = worker.work(), 0.0
            while look and look.look_again_in is not None:
                waited += look.look_again_in
                most = max(_PATIENT, worker.quiet_seconds) if look.quiet else _PATIENT
                if look.look_again_in > most or waited > most + _PATIENT:
                    break
                pause(look.look_again_in)
                look = worker.work()
            while worker.use_a_moment():
                pass
        self.tick()
        self.read_mail()
        while self.post():
            pass


_PATIENT = 15.0
"""`run --once` waits for the quiet times (seconds), never for the patience (minutes)."""
