"""The garbage collector, told what a process keeps for as long as it lives."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_YOUNG, _OLDER, _OLDEST = 20_000, 20, 20
"""New objects, and looks at the younger ones, after which the collector looks again. A list of
5,000 children makes 300,000 objects that all stay while it is judged: as Python starts, a third of
the time goes into finding that out again and again."""


def spare_the_collector() -> None:
    """Let the collector pass over all that there is now, free what there was before, and look
    rarely at what follows."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _OLDER, _OLDEST)


@contextmanager
def passing_by() -> Iterator[None]:
    """Let the collector look rarely while a command runs, and not at all when it ends: its memory
    goes back whole, and looking all of it through thrice before took a quarter of a short one."""
    gc.set_threshold(_YOUNG, _OLDER, _OLDEST)
    try:
        yield
    finally:
        gc.freeze()
