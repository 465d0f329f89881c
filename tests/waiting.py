"""Waiting for what other processes and threads do, however slow the machine is."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

PATIENCE = 240.0
"""Seconds until something counts as never happening; what happens is seen within milliseconds."""


def until(happened: Callable[[], Any], what: str = "it") -> None:
    """Wait until a question is answered with yes."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, f"{what} did not happen in time"
        time.sleep(0.02)
