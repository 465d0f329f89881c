"""Whether a clock can be right, by what was last written down."""

from __future__ import annotations

from datetime import datetime, timedelta

AHEAD = timedelta(hours=1)
"""How far in the future the ledger's last event may be: clocks are put right by minutes."""

SILENT = timedelta(days=400)
"""How long a ledger may have been silent: something happens in it in every round."""

CLOSED = timedelta(days=120)
"""How long, where nobody holds the machine's clock to the time of the world: longer than a summer,
and longer than from one round to the next."""


def is_doubtful(now: datetime, last_event: datetime, *, kept: bool = True) -> bool:
    """Tell whether a clock that says `now` can hardly be right: the ledger was last written in the
    future, or longer ago than an office is closed. `kept` tells whether somebody holds the clock to
    the time of the world."""
    return last_event > now + AHEAD or last_event < now - (SILENT if kept else CLOSED)


def has_leapt(went_on: timedelta, by_steady_clock: timedelta) -> bool:
    """Tell whether a clock went on by more than the time that passed."""
    return went_on - by_steady_clock > AHEAD
