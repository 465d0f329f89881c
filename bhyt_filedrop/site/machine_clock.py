"""What this machine knows of its own clock."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

TIMESYNC = Path("/run/systemd/timesync")
_DAEMONS = (
    Path("/run/chrony/chronyd.pid"),
    Path("/run/chronyd.pid"),
    Path("/run/ntpd.pid"),
    Path("/run/ntp/ntpd.pid"),
    Path("/run/openntpd.pid"),
)


def is_kept(timesync: Path = TIMESYNC, daemons: Sequence[Path] = _DAEMONS) -> bool:
    """Tell whether somebody holds the clock to the time of the world: systemd-timesyncd since it
    reached a server, or one of the other daemons. Then a leap is most likely its correction."""
    return (timesync / "synchronized").exists() or any(pid.exists() for pid in daemons)


def steady_seconds() -> float:
    """Return seconds that go on while the machine sleeps, and that nobody can set."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
