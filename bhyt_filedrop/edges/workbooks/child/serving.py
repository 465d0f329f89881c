"""The pipes of a child process as the child sees them: one job after the other, under its caps."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bhyt_filedrop.edges.workbooks.child.wire import LENGTH

_GRACE_SECONDS = 10.0
"""The parent kills a child that overstays; this long after it the child ends itself, should its
parent be gone."""


def own_output() -> int:
    """Keep the pipe for answers and let any library that prints write to nowhere."""
    answers = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return answers


def cap(memory: int) -> None:
    """Limit the address space (bytes), write no core file, and leave ending to the parent."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    # A stop of the service reaches every process of its group: the file in hand is not at fault.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def no_longer_than(seconds: float) -> Iterator[None]:
    """End this process where the body overstays (seconds of wall clock, and some grace)."""
    signal.setitimer(signal.ITIMER_REAL, seconds + _GRACE_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def next_job() -> bytes | None:
    """Wait for a job and return its bytes; None when nobody can ask any more."""
    head = _read(LENGTH.size)
    return _read(LENGTH.unpack(head)[0]) if head else None


def _read(length: int) -> bytes | None:
    got = b""
    while len(got) < length:
        piece = os.read(0, length - len(got))
        if not piece:
            return None
        got += piece
    return got


def write(to: int, data: bytes) -> None:
    """Write all of it; `data` begins with its length."""
    view = memoryview(data)
    while view:
        view = view[os.write(to, view) :]


def resident() -> int:
    """Bytes of memory in use now; 0 where the system does not say."""
    with suppress(OSError, ValueError, IndexError):
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * resource.getpagesize()
    return 0
