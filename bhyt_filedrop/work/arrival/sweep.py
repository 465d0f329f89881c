"""The sweep: look over every drop folder and say which files are settled, the oldest first.

The sweep is the truth; an event of the file system only makes it look sooner. A file is settled
when nobody holds it open, its own format says that it ends, and, where one of the two cannot be
known, its size and time have been still. A file that never ends is taken all the same once the
patience has run out, and is then returned as damaged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from math import inf

from bhyt_filedrop.domain.drops.lying import Lying, Why
from bhyt_filedrop.domain.process.file_names import is_clutter, is_left_over, order_of_names
from bhyt_filedrop.domain.process.folders import Place, Routes
from bhyt_filedrop.ports import ClosedFile, NeverWorks, Sighting, Tree, TryLater
from bhyt_filedrop.settings import SweepSettings

BREATH = 0.5
"""Seconds that a file without an end mark must be still although nobody has it open: a program may
write one in several goes. One whose format says that it ends needs no such rest."""

SOON = 0.25
"""Seconds until a file that is still open is looked at again, however short the quiet time is."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A file that may be taken. `incomplete` means that its format never ended."""

    sighting: Sighting
    place: Place
    incomplete: bool = False
    since: datetime | None = None
    """When the last look began in which it was not there as it is now; None = nobody knows."""


class EndSaid(Enum):
    """What a file's own format says of its end."""

    THERE = "there"
    MISSING = "missing"
    UNTOLD = "untold"
    """It has no end mark: csv, tiff, anything unknown."""


_END = {True: EndSaid.THERE, False: EndSaid.MISSING, None: EndSaid.UNTOLD}


@dataclass(slots=True)
class _Watched:
    path: str
    place: Place
    size: int
    mtime: float
    still_since: float
    since: datetime | None = None
    """When the look before the one that found it so began."""
    end: EndSaid | None = None
    """What the format said of its end while size and time stood still; None = not asked yet."""
    why: Why = Why.OPEN
    """Why it was not taken when it was asked for last."""
    first_seen: tuple[float, datetime | None] = (0.0, None)
    """When it was first seen, however it changed since: by the steady clock, by the time of day."""
    wait: float = 0.0
    """For how long it must still wait (seconds), by the last look."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look over a tree gave: settled files, and how many are still on their way."""

    settled: tuple[Settled, ...]
    waiting: int
    look_again_in: float | None
    """Seconds until some waiting file may be settled; None when none is waiting."""
    closed: tuple[str, ...] = ()
    """Folders that the service may not look into, and files that it may not read: they hold up
    nobody else's."""
    waiting_units: frozenset[str] = frozenset()
    """Whose files are still on their way."""
    quiet: bool = False
    """Some of them only wait for the longer quiet time of formats without an end mark."""
    lying: tuple[Lying, ...] = ()
    """Files that are there for longer than the patience lasts and cannot be taken."""


class Sweep:
    """Watches one tree. Keeps in memory only how long each file has been still: a restart merely
    waits that time once more."""

    def __init__(
        self,
        tree: Tree,
        settings: SweepSettings,
        ends: Callable[[Tree, Sighting], bool | None],
    ) -> None:
        self._tree = tree
        self._settings = settings
        self._ends = ends
        self._watched: dict[str, _Watched] = {}
        self._last: datetime | None = None
        """When the last look began (aware)."""
        self._routes: Routes | None = None
        self._nobodys: set[str] = set()
        """Files that were nobody's drop in the last look, by these routes: most lie there still."""

    def look(
        self,
        routes: Routes,
        now: float,
        taken: Container[str] = (),
        left: Iterable[Sighting] = (),
        at: datetime | None = None,
        last: datetime | None = None,
        also: Iterable[str] = (),
    ) -> Look:
        """Look over the whole tree once. `now` is a steady clock in seconds, `at` the time of day;
        `last` is when the tree was looked over last before this program began; `also` are folders
        that mean a unit's and are spelled otherwise.

        `taken` holds paths whose claim is under way, `left` files that were taken and yet stay
        where they are. Raises TryLater where the tree does not answer, or opens none of its
        folders.
        """
        self._last = self._last or last
        closed: list[str] = []
        seen: dict[str, _Watched] = {}
        settled: list[Settled] = []
        kept: list[_Watched] = []
        there = defaultdict[str, list[Sighting]](list)
        for one in left:
            there[one.path].append(one)
        for sighting, watched in self._drops(routes, closed, also, now, at):
            path = sighting.path
            if (
                path in seen
                or path in taken
                or (path in there and any(map(sighting.is_same_file, there[path])))
            ):
                continue
            seen[path] = watched
            wait = self._wait(sighting, watched, now)
            if wait is None:
                incomplete = watched.end is EndSaid.MISSING
                settled.append(Settled(sighting, watched.place, incomplete, watched.since))
            else:
                watched.wait = wait
                kept.append(watched)
        self._watched, self._last = seen, at
        closed += [one.path for one in kept if one.why is Why.DENIED]
        waiting = [one for one in kept if one.why is not Why.LEFT_OVER]
        return Look(
            in_order(settled),
            len(waiting),
            min((one.wait for one in waiting), default=None),
            tuple(closed),
            frozenset(one.place.unit.id for one in waiting),
            any(one.end is EndSaid.UNTOLD for one in waiting),
            (*self._stay(kept, now), *self._shut(routes, closed, at)),
        )

    def _stay(self, kept: Iterable[_Watched], now: float) -> Iterator[Lying]:
        """Files that are there for longer than the patience lasts, or that nobody may read."""
        patience = self._settings.patience_minutes * 60
        for one in kept:
            first, at = one.first_seen
            if at is not None and (now - first >= patience or one.why is Why.DENIED):
                yield Lying(self._tree.id, one.path, one.why, one.place.unit.id, at)

    def _shut(self, routes: Routes, closed: Iterable[str], at: datetime | None) -> Iterator[Lying]:
        """Folders, and files in them, that nobody lets us look at: whose they are."""
        for path in closed:
            place = routes.locate(self._tree.id, f"{path}/…")
            if at is not None and path not in self._watched:
                yield Lying(self._tree.id, path, Why.DENIED, place.unit.id if place else "", at)

    def _drops(
        self,
        routes: Routes,
        closed: list[str],
        also: Iterable[str],
        now: float,
        at: datetime | None,
    ) -> Iterator[tuple[Sighting, _Watched]]:
        """Yield every file that may be a drop with what is known of it. A file that lies where it
        lay is not asked again whose it is: a hundred thousand do."""
        own = routes.own_folders(self._tree.id)
        folders = (*routes.sweep_folders(self._tree.id), *also)
        same = routes is self._routes
        before, still = self._watched, set[str]()
        nobodys = self._nobodys if same else still
        for sighting in self._tree.walk_all(folders, own, closed.append):
            path, size, mtime = sighting
            known = before.get(path)
            if known and same:
                if known.size == size and known.mtime == mtime:
                    yield sighting, known
                    continue
                place: Place | None = known.place
            else:
                place = None if path in nobodys else self._locate(routes, path)
            if place is None:
                still.add(path)
            else:
                yield sighting, self._watch(sighting, place, known, now, at)
        self._routes, self._nobodys = routes, still

    def _locate(self, routes: Routes, path: str) -> Place | None:
        """Return whose drop a file may be, None where it is nobody's."""
        place = routes.locate(self._tree.id, path)
        return place if place and not place.own and not _is_nobodys(path) else None

    def _watch(
        self,
        sighting: Sighting,
        place: Place,
        known: _Watched | None,
        now: float,
        at: datetime | None,
    ) -> _Watched:
        path, size, mtime = sighting
        if known and (known.size, known.mtime) == (size, mtime):
            known.place = place
            return known
        first = known.first_seen if known else (now, at)
        why = Why.LEFT_OVER if is_left_over(path) else Why.OPEN
        return _Watched(path, place, size, mtime, now, self._last, why=why, first_seen=first)

    def _wait(self, sighting: Sighting, watched: _Watched, now: float) -> float | None:
        """Return how long the file must wait still (seconds), None when it is settled."""
        if watched.why is Why.LEFT_OVER:
            return inf
        still = now - watched.still_since
        quiet = self._settings.quiet_seconds
        if still < quiet:
            return quiet - still
        try:
            return self._wait_for_evidence(sighting, watched, still)
        except ClosedFile:
            watched.why = Why.DENIED
            return max(quiet, SOON, still)
        except (TryLater, NeverWorks, FileNotFoundError):
            # Asked ever less often: one file that may not be read must not have the whole tree
            # listed twice a second.
            watched.why = Why.UNREAD
            return max(quiet, SOON, still)

    def _wait_for_evidence(
        self, sighting: Sighting, watched: _Watched, still: float
    ) -> float | None:
        is_open = self._tree.is_still_open(sighting.path)
        watched.why = Why.OPEN
        if is_open:
            return max(self._settings.quiet_seconds, SOON)
        if is_open is None and still < self._settings.quiet_seconds_without_lease:
            return self._settings.quiet_seconds_without_lease - still
        if watched.end is None:
            watched.end = _END[self._ends(self._tree, sighting)]
        if watched.end is EndSaid.UNTOLD:
            longest = self._settings.quiet_seconds_without_end
            quiet = longest if is_open is None else min(BREATH, longest)
            return quiet - still if still < quiet else None
        patience = self._settings.patience_minutes * 60
        missing = watched.end is EndSaid.MISSING and still < patience
        return patience - still if missing else None


def _is_nobodys(path: str) -> bool:
    return is_clutter(path) and not is_left_over(path)


def in_order(settled: Iterable[Settled]) -> tuple[Settled, ...]:
    """Sort files by their time, the oldest first."""
    return tuple(sorted(settled, key=_time_of))


def _time_of(settled: Settled) -> tuple[float, object]:
    """Of two files of one unit the later one is the correction, whatever their names; servers tell
    times to the second or the minute, and then the names decide."""
    return settled.sighting.mtime, order_of_names(settled.sighting.path)
