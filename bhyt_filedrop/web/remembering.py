"""What several people ask within one minute is worked out once, as long as nothing happens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from threading import Lock

from bhyt_filedrop.domain.owed.obligations import RoundStatus
from bhyt_filedrop.domain.process.rounds import Round

_MOST = 8
"""Rounds that are remembered at once."""


class RememberedStatus:
    """A round's status, the same for everybody who asks in the same minute after the same event."""

    def __init__(
        self, status: Callable[[Round, datetime], RoundStatus], latest: Callable[[], int]
    ) -> None:
        self._status, self._latest = status, latest
        self._lock = Lock()
        self._found: dict[tuple[Round, int, int], RoundStatus] = {}

    def forget(self) -> None:
        """Work everything out anew from here on; for measurements."""
        with self._lock:
            self._found.clear()

    def __call__(self, round_: Round, now: datetime) -> RoundStatus:
        """Return how a round stands; one that waits for it works nothing out a second time."""
        key = (round_, self._latest(), int(now.timestamp()) // 60)
        with self._lock:
            if key not in self._found:
                found = self._status(round_, now)
                while len(self._found) >= _MOST:
                    del self._found[next(iter(self._found))]
                self._found[key] = found
            return self._found[key]
