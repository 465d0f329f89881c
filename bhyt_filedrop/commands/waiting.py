"""What a command shows while it works for longer than two seconds: on a terminal a line that moves,
in a log a line a while.

It goes to standard error, and never into what the command itself says: that hides it first.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import RLock
from typing import TYPE_CHECKING, TextIO

from bhyt_filedrop.language import say
from bhyt_filedrop.patience import while_it_lasts

if TYPE_CHECKING:
    from rich.live import Live

SOON, TICK = 2.0, 0.5
"""Seconds until a terminal shows it, and between two changes of it."""
A_WHILE = 30.0
"""Seconds between two lines of a log."""


class _Shown:
    """One command's line: what it is, how far it is, and whether it stands there now."""

    def __init__(self, command: str, stream: TextIO) -> None:
        self._command, self._stream = command, stream
        self._lock = RLock()
        self._live: Live | None = None
        self.note = ""

    def on_terminal(self, seconds: int) -> None:
        """Show the line, or change it."""
        from rich.console import Console
        from rich.live import Live
        from rich.spinner import Spinner

        spinner = Spinner("dots", self._text(seconds))
        with self._lock:
            if self._live is None:
                # Else it would lead standard output into standard error.
                apart = {"redirect_stdout": False, "redirect_stderr": False}
                console = Console(file=self._stream, markup=False, highlight=False)
                self._live = Live(spinner, console=console, transient=True, **apart)  # type: ignore[arg-type]
                self._live.start()
            else:
                self._live.update(spinner)

    def in_log(self, seconds: int) -> None:
        """Write one line."""
        with suppress(OSError, ValueError):  # nobody reads it any more
            print(f"bhyt-filedrop: {self._text(seconds)}", file=self._stream, flush=True)

    def _text(self, seconds: int) -> str:
        told = f"{self._command} {self.note}".rstrip()
        return say(f"{told}: đang chạy, {seconds} giây", f"{told}: at work, {seconds} s")

    @contextmanager
    def hidden(self) -> Iterator[None]:
        """Take the line away while something else is said."""
        with self._lock:
            if self._live is not None:
                self._live.stop()
                self._live = None
            yield


_now: _Shown | None = None


@contextmanager
def waiting(command: str) -> Iterator[None]:
    """Show that a command is at work, where it takes long enough."""
    global _now
    before, _now = _now, _Shown(command, sys.stderr)
    tell, first, then = (
        (_now.on_terminal, SOON, TICK) if sys.stderr.isatty() else (_now.in_log, A_WHILE, A_WHILE)
    )
    try:
        with while_it_lasts(tell, first, then):
            yield
    finally:
        with _now.hidden():
            _now = before


def note(text: str) -> None:
    """Say how far the command is: `12/300`."""
    if _now is not None:
        _now.note = text


@contextmanager
def saying() -> Iterator[None]:
    """Keep the line away while the command itself says something."""
    if _now is None:
        yield
        return
    with _now.hidden():
        yield
