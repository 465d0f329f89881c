"""Starting a server program on loopback: waits until it answers, ends with the tests."""

from __future__ import annotations

import atexit
import ctypes
import random
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

PATIENCE = 120.0
"""Seconds a server may take until it listens."""


BLOCK = 48
_reserved: list[socket.socket] = []


def ports() -> range:
    """Reserve ports for one server, below those that the kernel gives out by itself.

    A server binds some of its ports only when it needs them, so that looking whether they are free
    is not enough where several test runs share a machine: each run holds a lock, which is a socket
    on an address that nobody else uses.
    """
    blocks = list(range(20_000, 30_000, BLOCK))
    random.SystemRandom().shuffle(blocks)
    for first in blocks:
        lock = socket.socket()
        if _bound(lock, first) and all(_is_free(port) for port in range(first, first + BLOCK)):
            _reserved.append(lock)
            return range(first, first + BLOCK)
        lock.close()
    raise RuntimeError("no free ports for a test server")


def _bound(lock: socket.socket, port: int) -> bool:
    try:
        lock.bind(("127.0.0.3", port))
    except OSError:
        return False
    return True


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def scratch(name: str) -> Path:
    """Make a folder for a server's files; it is removed when the tests end."""
    folder = tempfile.TemporaryDirectory(prefix=f"bhyt-{name}-", ignore_cleanup_errors=True)
    atexit.register(folder.cleanup)
    Path(folder.name).chmod(0o755)
    return Path(folder.name)


class Program:
    """A server process that is ended with the tests, or with the test runner if that is killed."""

    def __init__(self, command: Sequence[str], port: int, log: Path) -> None:
        self.port = port
        self._command = command
        self._log = log
        self.start()
        atexit.register(self.stop)

    def start(self) -> None:
        """Start, or start again, on the same port."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdout=log, stderr=log, preexec_fn=_die_with_parent
            )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self._process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise RuntimeError(f"{self._command[0]} does not start: {self._log.read_text()[-2000:]}")

    def stop(self) -> None:
        """End the server; connections that it still serves end by themselves."""
        self._process.terminate()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def kill(self) -> None:
        """End the server at once, as when its machine loses power."""
        self._process.kill()
        self._process.wait()


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
