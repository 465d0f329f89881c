"""Saying, while something lasts, that it still does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread


@contextmanager
def while_it_lasts(tell: Callable[[int], None], first: float, then: float) -> Iterator[None]:
    """Call `tell` with the whole seconds so far: `first` seconds after the beginning and every
    `then` seconds from there, until the block ends. What ends sooner is not told of."""
    ended, begun = Event(), time.monotonic()

    def watch() -> None:
        wait = first
        while not ended.wait(wait):
            tell(int(time.monotonic() - begun))
            wait = then

    watcher = Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()
