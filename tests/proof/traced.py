"""A forked run under strace: its system calls are listed, fail, or end it, as was asked.

strace counts the calls of each thread and of each name by themselves, so a call is named by its
place among the calls of its name; a run that makes them from several threads is refused.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bhyt_filedrop.commands.common import one_line_of


@dataclass(frozen=True)
class Traced:
    """How a run ended, as `waitpid` says it, and the calls that it made, in their order."""

    ended: int
    calls: tuple[str, ...]
    injected: int
    said: str

    def nth(self, n: int) -> tuple[str, int]:
        """The n-th call (from 0): its name, and its place among those of its name, from 1."""
        return self.calls[n], self.calls[: n + 1].count(self.calls[n])


_CALL = re.compile(r"^(?:\d+ +)?(\w+)\(")


def traced(
    act: Callable[[], None], watch: Sequence[str], inject: Sequence[str], log: Path
) -> Traced:
    """Fork, run the act in the child under strace, and wait for its end.

    `watch` names the system calls; `inject` holds expressions as `strace -e inject=` takes them. As
    for a command, an exception that has one line for people ends the child with 2 and leaves that
    line in `said`; any other one ends it with 70 and leaves the traceback there.
    """
    said = log.with_suffix(".said")
    pid = os.fork()
    if pid == 0:
        _child(act, said)
    os.waitpid(pid, os.WUNTRACED)  # it stands still until strace is there
    options = [word for one in inject for word in ("-e", f"inject={one}")]
    watcher = subprocess.Popen(
        ["strace", "-p", str(pid), "-e", f"trace={','.join(watch)}", *options, "-o", log],
        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert watcher.stderr is not None
    line = watcher.stderr.readline()
    if "attached" not in line:
        os.kill(pid, signal.SIGKILL)
        raise RuntimeError(f"strace does not attach: {line.strip()}")
    os.kill(pid, signal.SIGCONT)
    watcher.communicate(timeout=300)
    _, status = os.waitpid(pid, 0)
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    calls = tuple(found[1] for line in lines if (found := _CALL.match(line)))
    return Traced(
        os.waitstatus_to_exitcode(status),
        calls,
        sum("(INJECTED)" in line for line in lines),
        said.read_text(encoding="utf-8") if said.exists() else "",
    )


def _child(act: Callable[[], None], said: Path) -> None:
    os.kill(os.getpid(), signal.SIGSTOP)
    code = 0
    try:
        act()
    except Exception as error:
        line = one_line_of(error)
        code = 2 if line else 70
        said.write_text(line or traceback.format_exc(), encoding="utf-8")
    finally:
        sys.stderr.flush()
        os._exit(code)
