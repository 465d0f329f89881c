"""Whether a clock can be right, by what was last written down."""

from __future__ import annotations

from datetime import datetime, timedelta

AHEAD = timedelta(hours=1)
"""How far in the future the ledger's last event may be: clocks are put right by minutes."""

SILENT = timedelta(days=400)
"""How long a ledger may have been silent: something happens in it in every round."""


def is_doubtful(now: datetime, last_event: datetime) -> bool:
    """Tell whether a clock that says `now` can hardly be right: the ledger was last written in the
    future, or more than a year ago."""
    return last_event > now + AHEAD or last_event < now - SILENT
