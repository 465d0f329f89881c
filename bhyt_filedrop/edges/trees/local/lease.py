"""Asks the kernel whether anybody has a file open for writing.

A read lease (fcntl F_SETLEASE, Linux) is only granted while nobody does. It needs the file's owner
or CAP_LEASE; where it is refused for that or because the file system has none, nobody knows.
"""

from __future__ import annotations

import errno
import fcntl
import signal


def is_open_for_writing(fd: int) -> bool | None:
    """Tell whether somebody else writes the file open (read-only) at `fd`; None = cannot know."""
    try:
        take(fd)
    except OSError as err:
        # EAGAIN is the answer "somebody does"; all else is "not for you" or "not here".
        return True if err.errno == errno.EAGAIN else None
    fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False


def take(fd: int) -> None:
    """Take a read lease on `fd`.

    A writer who comes while we hold it makes the kernel send a signal, by default SIGIO, whose
    default is to end the process. SIGURG is ignored by default, so it is asked for instead.
    """
    fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGURG)
    fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_RDLCK)
