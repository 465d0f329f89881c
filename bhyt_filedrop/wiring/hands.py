"""Processes that lead drops on, for this daemon or another of the same ledger.

Each is a new interpreter with a reading child, connections and leases of its own. It ends when its
daemon is gone, and by itself when another has taken over what it was doing; one that gives no sign
is ended. Whichever way it ends, it is started again, and its drop is given to another meanwhile.
"""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from multiprocessing.connection import Connection
from signal import SIG_IGN, SIGINT, SIGTERM
from signal import signal as ignore
from threading import Event, Thread
from typing import NamedTuple

from bhyt_filedrop.logs import kind_of, set_up
from bhyt_filedrop.ports import LostLease
from bhyt_filedrop.settings import Settings
from bhyt_filedrop.wiring.journeys import Parts, put_together, real_clock
from bhyt_filedrop.work.daemon import LAST_STEPS
from bhyt_filedrop.work.worker import STUCK_AFTER

log = logging.getLogger(__name__)

MOST = 8
"""Processes, however many cores there are, where no number is given."""

KEEP_SECONDS = 5.0
"""How often the queue is looked after."""

SIGN_SECONDS = 2.0
"""How often a process gives a sign."""

NO_FETCH_SECONDS = 45.0
"""After so long without a fetch that came back, a process with nothing to do gives no sign."""

NO_SIGN_SECONDS = 30.0
"""How long a process may give none, its start apart."""

START_SECONDS = 180.0
"""How long a start may take."""

AGAIN_SECONDS = (1.0, 10.0)
"""After how long a process that ended is started again: at first, and at most."""

UNIT_SECONDS = 45.0
"""How long one waits for what another holds of the same unit, who is most likely gone."""


class _Orders(NamedTuple):
    """What a process is told when it begins."""

    settings: Settings
    part: str
    now: datetime | None
    """The time, where it is given and not the real one."""


@contextmanager
def hands_at_work(settings: Settings, parts: Parts, now: datetime | None) -> Iterator[None]:
    """Hand out the drops that lie in the archive, and have processes work on them."""
    stop = Event()
    count = settings.ledger_workers or min(MOST, len(os.sched_getaffinity(0)))
    told = [_Orders(settings, f"/{n + 1}", now) for n in range(count)]
    threads = [Thread(target=_supervise, args=(one, stop), daemon=True) for one in told]
    threads.append(Thread(target=_keep, args=(parts, stop), daemon=True))
    parts.journey.hands_on = parts.books.drops.hands_out = True
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=LAST_STEPS + SIGN_SECONDS)
        parts.journey.hands_on = parts.books.drops.hands_out = False


def _keep(parts: Parts, stop: Event) -> None:
    """One daemon keeps the queue, whichever."""
    from bhyt_filedrop.edges.ledger.queue import DropJobs

    jobs = DropJobs(parts.books.engine)
    while not stop.wait(KEEP_SECONDS):
        try:
            with parts.journey.leases.held("queue") as ours:
                if ours:
                    jobs.keep(parts.clock())
        except Exception as error:
            log.warning("queue.unkept", extra={"error": kind_of(error)})


# --- the daemon's side -----------------------------------------------------------------------


def _supervise(told: _Orders, stop: Event) -> None:
    """Have one process at work; start it again when it ends, later each time it does so soon."""
    pause = AGAIN_SECONDS[0]
    while not stop.is_set():
        began = time.monotonic()
        try:
            _watch(told, stop)
        except Exception as error:
            log.error("hand.failed", extra={"error": kind_of(error)})
        if stop.is_set():
            return
        soon = time.monotonic() - began < NO_SIGN_SECONDS
        pause = min(pause * 2, AGAIN_SECONDS[1]) if soon else AGAIN_SECONDS[0]
        log.warning("hand.ended", extra={"part": told.part, "again_in": pause})
        stop.wait(pause)


def _watch(told: _Orders, stop: Event) -> None:
    """Start a process and stay until it ends, gives no sign any more, or is not wanted."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-P", "-s", "-m", "bhyt_filedrop.wiring.hands", str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )
    line = Connection(ours.detach())
    try:
        line.send(told)
        patience = time.monotonic() + START_SECONDS
        while not stop.is_set() and process.poll() is None:
            if line.poll(SIGN_SECONDS):
                line.recv()
                patience = time.monotonic() + NO_SIGN_SECONDS
            elif time.monotonic() > patience:
                log.error("hand.silent", extra={"part": told.part})
                process.kill()
    except (OSError, EOFError):
        return
    finally:
        line.close()  # it ends after the drop that it is at
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(LAST_STEPS)
    except subprocess.TimeoutExpired:
        process.kill()  # it writes nothing that may not be half done
        process.wait()


# --- the process itself ----------------------------------------------------------------------


def _main(line: Connection) -> None:
    for signal in (SIGTERM, SIGINT):  # its daemon hears it, and lets it end its drop
        ignore(signal, SIG_IGN)
    told: _Orders = line.recv()
    set_up(told.settings.log.format, told.settings.log.level)
    ahead = told.now - real_clock() if told.now else None
    clock = (lambda: real_clock() + ahead) if ahead else real_clock
    try:
        with put_together(told.settings, clock, part=told.part) as parts:
            _work(parts, line)
    except Exception as error:  # its daemon starts another
        log.warning("hand.failed", extra={"part": told.part, "error": kind_of(error)})
        os._exit(1)


def look_at(parts: Parts, drop_id: str) -> None:
    """Lead a drop on as far as it goes now, if it wants anything. Raises LostLease."""
    drop = parts.books.drops.get(drop_id)
    wants = drop is not None and drop.is_under_way and (drop.sha256 or drop.is_own)
    if drop is None or not wants or (drop.next_at and drop.next_at > parts.clock()):
        return
    parts.journey.advance(drop)


def _work(parts: Parts, line: Connection) -> None:
    from bhyt_filedrop.edges.ledger.hand import Hand

    parts.journey.patience = UNIT_SECONDS

    def look_or_end(drop_id: str) -> None:
        try:
            look_at(parts, drop_id)
        except LostLease as lost:
            # Somebody else is at it: the job is his as well, and must not be ended from here.
            log.warning("lease.lost", extra={"lease": str(lost), "drop": drop_id})
            os._exit(1)

    hand = Hand(parts.books.engine, look_or_end)

    def is_well() -> bool:
        now, at = time.monotonic(), hand.thread
        if at is not None:
            return now - max(hand.fetched_at, parts.progress.last(at)) < STUCK_AFTER
        return now - hand.fetched_at < NO_FETCH_SECONDS

    Thread(target=_give_signs, args=(line, is_well, hand.stop), daemon=True).start()
    hand.run()


def _give_signs(line: Connection, is_well: Callable[[], bool], end: Callable[[], None]) -> None:
    """Say that all is well while it is; end after this drop when the daemon ends, however it
    does."""
    with suppress(OSError, EOFError):
        while not line.poll(SIGN_SECONDS):
            if is_well():
                line.send(None)
    end()
    time.sleep(LAST_STEPS)
    os._exit(1)


if __name__ == "__main__":
    _main(Connection(int(sys.argv[1])))
