"""The parent's side of one child that parses: start it, give it a job, kill it when time is up.

A new interpreter is started and never a fork taken: the daemon has threads, and a fork copies
their locks in whatever state they are. The child gets a bare environment, so that the process
that parses hostile bytes holds no secret.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import msgspec

from bhyt_filedrop.edges.workbooks.child.wire import LENGTH, Ask, WireAnswer, decode_answer, encode
from bhyt_filedrop.ports import TryLater

_START_SECONDS = 60.0
_BUSY = 0.25
"""The part of its time that a child computes at least where the file keeps it busy."""
_CHUNK = 1 << 20
_WORKBOOKS = __package__.rpartition(".")[0]
_KEPT_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "TMPDIR", "SYSTEMROOT")


class TooSlowError(Exception):
    """The job ran past its wall clock; the child is dead.

    `stood_still` is True where it hardly computed meanwhile: the machine was paused, or gave it no
    time. That is no fault of the file.
    """

    def __init__(self, *, stood_still: bool = False) -> None:
        super().__init__("a reading child ran past its time")
        self.stood_still = stood_still


class DiedError(Exception):
    """The child died over a job, or answered what nobody understands.

    `signal` is the number of the signal that ended it, 0 for another end.
    """

    def __init__(self, by_signal: int) -> None:
        super().__init__(f"the reading child ended (signal {by_signal})")
        self.signal = by_signal


class ChildProcess:
    """One child process, ready for one job after the other. Not for several threads at once."""

    def __init__(
        self,
        worker: str,
        memory: int,
        answer_bytes: int,
        workdir: Path | None = None,
    ) -> None:
        """Start it, without waiting until it is up.

        `memory` in bytes of address space; a longer answer than `answer_bytes` is refused.
        `worker` is the module that it runs, named from `edges/workbooks`: `reading.worker`.
        """
        self.jobs = 0
        self._answer_bytes = answer_bytes
        self._greeted = False
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-s", "-m", f"{_WORKBOOKS}.{worker}", str(memory)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(workdir),
                cwd=workdir or "/",
                start_new_session=True,
                bufsize=0,
            )
        except OSError as err:
            raise TryLater(f"start a reading child: {err.strerror}") from err
        assert self._process.stdout is not None
        self._from = self._process.stdout.fileno()
        os.set_blocking(self._from, False)

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def wait_until_up(self) -> None:
        """Wait until it has loaded its parsers, so that the first job's clock starts fair."""
        if self._greeted:
            return
        try:
            self._receive(time.monotonic() + _START_SECONDS)
        except (TooSlowError, DiedError) as err:
            self.kill()
            raise TryLater(f"a reading child did not come up: {err}") from err
        self._greeted = True

    def ask(self, ask: Ask) -> WireAnswer:
        """Have one file read. Raises TooSlowError or DiedError; the child is then gone."""
        answer = self.exchange(encode(ask), ask.seconds)
        try:
            return decode_answer(answer)
        except msgspec.MsgspecError as err:
            raise DiedError(self.kill()) from err

    def exchange(self, job: bytes, seconds: float) -> bytes:
        """Have one job done (`framed`) and return the answer.

        Raises TooSlowError or DiedError; the child is then gone.
        """
        self.wait_until_up()
        self.jobs += 1
        began, computed = time.monotonic(), self._computed()
        try:
            self._send(job)
            return self._receive(began + seconds)
        except TooSlowError as err:
            stood_still = self._computed() - computed < seconds * _BUSY
            self.kill()
            raise TooSlowError(stood_still=stood_still) from err
        except DiedError as err:
            if err.signal == signal.SIGALRM:  # its own clock was faster than ours
                raise TooSlowError(stood_still=True) from err
            raise
        except OSError as err:
            raise DiedError(self.kill()) from err

    def _computed(self) -> float:
        """Seconds of processor that it took until now; 0 where the system does not say."""
        try:
            told = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii", errors="replace")
            user, system = told.rpartition(")")[2].split()[11:13]
            return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
        except (OSError, ValueError):
            return 0.0

    def _send(self, data: bytes) -> None:
        assert self._process.stdin is not None
        view = memoryview(data)
        while view:
            view = view[os.write(self._process.stdin.fileno(), view) :]

    def _receive(self, deadline: float) -> bytes:
        (length,) = LENGTH.unpack(self._exactly(LENGTH.size, deadline))
        if length > self._answer_bytes:
            raise DiedError(self.kill())
        return self._exactly(length, deadline)

    def _exactly(self, length: int, deadline: float) -> bytes:
        got = bytearray()
        poller = select.poll()
        poller.register(self._from, select.POLLIN)
        while len(got) < length:
            # What came while we stood still ourselves is taken.
            if not poller.poll(max(0.0, deadline - time.monotonic()) * 1000):
                raise TooSlowError
            piece = os.read(self._from, min(_CHUNK, length - len(got)))
            if not piece:
                raise DiedError(self.kill())
            got += piece
        return bytes(got)

    def kill(self) -> int:
        """End it now, with whatever it started; return the signal that ended it, else 0."""
        # One that is just dying by itself shall be asked how before it is killed.
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(0.05)
        if self._process.poll() is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        return self._reap()

    def close(self) -> None:
        """Let it end by itself: it leaves when nobody can ask any more."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(2.0)
        except subprocess.TimeoutExpired:
            self.kill()
        self._reap()

    def _reap(self) -> int:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        return max(0, -self._process.wait())


def _environment(workdir: Path | None) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    places = os.pathsep.join(str(Path(place or ".").absolute()) for place in sys.path)
    if workdir:
        kept["TMPDIR"] = str(workdir)
    return kept | {"PYTHONPATH": places, "LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2"}
