"""When a dropped file came: what lateness is judged by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

AWAY = timedelta(minutes=15)
"""A tree that nobody looked over for longer: its files may have lain there all that time."""

_ZONES = timedelta(days=1)
"""A server that tells the time of its own zone is ahead by less."""

_FELL_BACK = timedelta(days=2)
"""By how much a clock may have been put back, or have gone wrong, between two files."""

_TICK = timedelta(microseconds=1)


def behind(last: datetime, now: datetime) -> datetime:
    """Return the earliest time of a file that came after one of `last`, whatever a clock says that
    fell back meanwhile: else a correction would count as older than what it corrects. A time that
    lies further ahead was a broken clock's, and ours decides."""
    return last + _TICK if last - now <= _FELL_BACK else now


def came_at(mtime: float, since: datetime | None, now: datetime) -> datetime:
    """Return when a file came that was not there `since` (aware) and is there now.

    Its own time is believed where it lies between the two. An earlier one was kept when the file
    was copied, one that is hours ahead is told by a server in the time of its zone: then the file
    is taken to have come as early as it can have, for nobody is late because we were away. One that
    is further ahead is a broken clock's, and ours decides.
    """
    if since is None or since >= now:
        return now
    try:
        written = datetime.fromtimestamp(mtime, UTC)
    except (ValueError, OverflowError, OSError):
        return since
    if written > now + _ZONES:
        return now
    return max(since, written) if written <= now else since


def was_away(since: datetime | None, now: datetime) -> bool:
    """Tell whether a file may have come long before it was seen."""
    return since is not None and now - since > AWAY
