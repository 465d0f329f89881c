"""Processes that judge drops ahead of their turn: one a core, while many drops wait; and one that
judges what was not dropped yet.

Each is a new interpreter with a reading child of its own, and ends by itself when it has had
nothing to do for a while or its daemon is gone. Unlike a reading child it parses no hostile bytes,
so what it answers is taken as it comes. It holds neither ledger nor secrets.
"""

from __future__ import annotations

import gc
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from math import inf
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from threading import Lock
from typing import NamedTuple

from bhyt_filedrop.domain.cells.kept import forget_when_many
from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.facts import Facts
from bhyt_filedrop.domain.owed.arrangements import Arrangement
from bhyt_filedrop.domain.process.folders import Place
from bhyt_filedrop.ports import TryLater
from bhyt_filedrop.settings import Settings
from bhyt_filedrop.wiring.archives import FolderArchive, judges_archive_of
from bhyt_filedrop.wiring.declared import with_extensions, world_of
from bhyt_filedrop.wiring.workbooks import reader_of
from bhyt_filedrop.work.arrival.judging import Judging
from bhyt_filedrop.work.arrival.pace import TURN, TakesLong

MANY = 12
"""Drops that must wait before judges are started: starting one takes as long as some drops do."""

IDLE_SECONDS = 120.0
"""A judge that was asked nothing for so long ends."""

MOST = 8
"""Judges, however many cores there are: the ledger is one."""

LONGEST = 120.0
"""Seconds that somebody waits for the judgement of a file that was not dropped."""

_MODULE = "bhyt_filedrop.wiring.judges"
_KEPT_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "TMPDIR", "LANG", "LC_ALL", "TZ")


class _AskedFor(NamedTuple):
    """What a judge is told of a drop."""

    drop: Drop
    place: Place
    at: datetime
    extensions: Sequence[Arrangement]
    turn: float = TURN
    folder: Path | None = None
    """The archive that holds its bytes, where it is not the site's."""


class Judges:
    """Judges drops ahead, in processes; the workers of several trees may share it."""

    def __init__(
        self,
        settings: Settings,
        extensions: Callable[[], Sequence[Arrangement]],
        take_in: Callable[[], None] = lambda: None,
        count: int | None = None,
        many: int = MANY,
    ) -> None:
        """`extensions` tells which stand, `take_in` puts into the archive what a judge kept.
        `count` judges (None = one a core, none on a machine with one core) are for those who have
        `many` drops waiting, and started then."""
        cores = len(os.sched_getaffinity(0))
        self._settings = settings
        wanted = (cores if cores > 1 else 0) if count is None else count
        self._judges = [_Judge(settings) for _ in range(min(wanted, MOST))]
        self._many = many
        self._extensions = extensions
        self._take_in = take_in
        self._free = SimpleQueue["_Judge"]()
        for judge in self._judges:
            self._free.put(judge)
        self._asking = ThreadPoolExecutor(max(1, len(self._judges)), "judge")
        self._begun: dict[str, Future[Facts | None]] = {}
        self._slow: set[str] = set()
        """Those of them that are judged beside the others."""
        self._patient = _Judge(settings)
        self._beside = ThreadPoolExecutor(1, "judge-beside")

    def count_ahead(self, waiting: int) -> int:
        """See `ports.JudgedAhead.count_ahead`: one in hand and one more for each judge."""
        return 2 * len(self._judges) if waiting >= self._many else 0

    def begin(self, drop: Drop, place: Place, at: datetime) -> None:
        """See `ports.JudgedAhead.begin`."""
        job = _AskedFor(drop, place, at, tuple(self._extensions()))
        self._begun[drop.id] = self._asking.submit(self._ask, job)

    def begin_beside(self, drop: Drop, place: Place, at: datetime) -> bool:
        """See `ports.JudgedAhead.begin_beside`: one at a time, in a process for these alone."""
        job = _AskedFor(drop, place, at, tuple(self._extensions()), inf)
        self._begun[drop.id] = self._beside.submit(self._patient.ask, job)
        self._slow.add(drop.id)
        return True

    def ends_a_process(self, drop: Drop, place: Place, at: datetime) -> bool:
        """See `ports.JudgedAhead.ends_a_process`."""
        judge = _Judge(self._settings)
        try:
            return judge.dies_over(_AskedFor(drop, place, at, tuple(self._extensions()), inf))
        finally:
            judge.end()

    def is_under_way(self, drop: Drop) -> bool:
        """See `ports.JudgedAhead.is_under_way`."""
        begun = self._begun.get(drop.id)
        return drop.id in self._slow and begun is not None and not begun.done()

    def facts(self, drop: Drop) -> Facts | None:
        """See `ports.JudgedAhead.facts`."""
        self._slow.discard(drop.id)
        begun = self._begun.pop(drop.id, None)
        facts = begun.result() if begun else None
        if facts:
            self._take_in()
        return facts

    def _ask(self, job: _AskedFor) -> Facts | None:
        judge = self._free.get()
        try:
            return judge.ask(job)
        finally:
            self._free.put(judge)

    def close(self) -> None:
        """End the judges; what they have in hand is given up."""
        pools = (self._asking, self._beside)
        for pool in pools:
            pool.shutdown(wait=False, cancel_futures=True)
        for judge in (*self._judges, self._patient):
            judge.end()
        for pool in pools:
            pool.shutdown()


class _Judge:
    """The daemon's side of one process; asked by one thread at a time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._line: Connection | None = None

    def ask(self, job: _AskedFor, within: float | None = None) -> Facts | None:
        """Have a drop judged; None where it could not be, or the process died over it.

        Raises TakesLong where it lets others go first, or is not done `within` so many seconds.
        """
        try:
            if self._line is None or self._process is None or self._process.poll() is not None:
                self.end()
                self._line = self._start()
            self._line.send(job)
            if not self._line.poll(within):
                self.end()
                raise TakesLong("it takes longer than anybody waits for")
            answer = self._line.recv()
        except (OSError, EOFError):
            self.end()
            return None
        if isinstance(answer, TakesLong):
            raise answer
        return answer if isinstance(answer, Facts) else None

    def dies_over(self, job: _AskedFor) -> bool:
        """Tell whether a new process ends over a drop, whatever it would answer.

        Raises TryLater where it ends before it is asked.
        """
        try:
            line = self._line = self._start()
            line.send(None)
            line.recv()
        except (OSError, EOFError) as error:
            raise TryLater("a judging process does not come up") from error
        try:
            line.send(job)
            line.recv()
        except (OSError, EOFError):
            return True
        return False

    def _start(self) -> Connection:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-s", "-m", _MODULE, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=_environment(),
                cwd="/",
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        line = Connection(ours.detach())
        line.send(self._settings)
        return line

    def end(self) -> None:
        """End the process now. It writes nothing that may not be half done."""
        if self._process:
            self._process.kill()
            self._process.wait()
        self._process = self._line = None


class JudgeApart:
    """Judges what was not dropped, one at a time: `ports.JudgedApart`."""

    def __init__(self, settings: Settings, extensions: Callable[[], Sequence[Arrangement]]) -> None:
        self._judge = _Judge(settings)
        self._extensions = extensions
        self._asking = Lock()

    def judge(self, drop: Drop, place: Place, at: datetime, folder: Path) -> Facts:
        """See `ports.JudgedApart.judge`."""
        job = _AskedFor(drop, place, at, tuple(self._extensions()), inf, folder)
        with self._asking:
            facts = self._judge.ask(job, LONGEST)
        if facts is None:
            raise TryLater("it could not be judged")
        return facts

    def close(self) -> None:
        """End the process."""
        self._judge.end()


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    return kept | {"PYTHONPATH": os.pathsep.join(place for place in sys.path if place)}


def main() -> None:
    """Judge what the daemon asks for, until it is gone or asks no more."""
    line = Connection(int(sys.argv[1]))
    with suppress(EOFError, OSError):
        serve(line, line.recv())


def serve(line: Connection, settings: Settings) -> None:
    """Answer each drop with its facts, with TakesLong, or with None for any other failure: the
    daemon then judges it itself and tells what is wrong. None is answered with None: it is there.
    """
    declared = world_of(settings)
    archive = judges_archive_of(settings)
    with reader_of(settings) as reader:
        judging = Judging(archive, reader, settings.limits.drop_seconds)
        gc.freeze()
        while line.poll(IDLE_SECONDS):
            job = line.recv()
            line.send(job and _judge(judging, job, declared))
            forget_when_many()


def _judge(judging: Judging, job: _AskedFor, declared: World) -> Facts | TakesLong | None:
    world = with_extensions(declared.at(job.at), lambda: job.extensions)
    if job.folder:
        judging = replace(judging, archive=FolderArchive(job.folder))
    try:
        return judging.judge(job.drop, job.place, world, job.turn)
    except TakesLong as error:
        return error
    except Exception:
        return None


if __name__ == "__main__":
    main()
