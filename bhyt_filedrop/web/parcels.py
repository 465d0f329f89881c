"""Files that were given to the page and not handed in yet: checked, shown, then sent or gone.

They lie in a folder of their own that goes with them: when they are handed in, when their session
gives others, when their time is over, when the page ends; and with the next start after a crash.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Timer

from bhyt_filedrop.domain.findings import Finding
from bhyt_filedrop.domain.process.units import Unit
from bhyt_filedrop.logs import kind_of
from bhyt_filedrop.ports import ActRefused, Archive
from bhyt_filedrop.web.forms import SentFile
from bhyt_filedrop.work.check.before_sending import BeforeSending, Foreseen, Unsent

log = logging.getLogger(__name__)

LIFETIME = 30 * 60.0
"""Seconds after which what was only checked is gone."""

MOST = 200
"""Parcels that are there at once."""

MOST_BYTES = 2**30
"""What all of them may have together."""

_COPY = 1 << 20


@dataclass(frozen=True, slots=True)
class ParcelFile:
    """One file of a parcel: its name as the sender knows it, its bytes, and where it would be
    put."""

    name: str
    sha256: str
    size: int
    path: str


@dataclass
class Parcel:
    """Some files of one session about one thing (a unit, by its id); `folder` holds them, `shelf`
    is its archive."""

    id: str
    session: str
    about: str
    folder: Path
    shelf: Archive
    files: tuple[ParcelFile, ...] = ()
    looks: list[Future[Foreseen]] = field(default_factory=list)
    timer: Timer | None = None

    @property
    def done(self) -> int:
        """How many of its files were judged, or could not be."""
        return sum(one.done() for one in self.looks)


@dataclass
class Parcels:
    """Keeps parcels for a while. `shelf` makes an archive in a new folder, `path_for` says where a
    unit's file of some name would be put, `forget` lets go of a workbook that was shown."""

    before: BeforeSending
    mark: Callable[[Path, str, Sequence[Finding], Path], str]
    shelf: Callable[[], tuple[Path, Archive]]
    end: Callable[[], None]
    """Ends the processes that check."""
    forget: Callable[[str], None] = lambda _sha256: None
    lifetime: float = LIFETIME
    _kept: dict[str, Parcel] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _looking: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, "page-check")
    )

    def keep(
        self, session: str, about: str, given: Sequence[SentFile], path_for: Callable[[str], str]
    ) -> Parcel:
        """Take files in about something (a unit's id); what the session gave before is gone.

        Raises ActRefused where too much is there, OSError where the disk takes no more.
        """
        self.drop_of(session)
        with self._lock:
            if len(self._kept) >= MOST or self._bytes + sum(x.size for x in given) > MOST_BYTES:
                raise ActRefused(
                    "Đang có nhiều người kiểm tra tệp. Xin thử lại sau ít phút.",
                    "Many files are being checked. Please try again in some minutes.",
                )
            folder, shelf = self.shelf()
            parcel = Parcel(folder.name, session, about, folder, shelf)
            self._kept[parcel.id] = parcel
        try:
            parcel.files = tuple(_take_in(one, path_for(one.name), shelf) for one in given)
        except BaseException:
            self.drop(parcel)
            raise
        parcel.timer = Timer(self.lifetime, self.drop, [parcel])
        parcel.timer.daemon = True
        parcel.timer.start()
        return parcel

    @property
    def _bytes(self) -> int:
        return sum(file.size for one in self._kept.values() for file in one.files)

    @property
    def unlooked(self) -> int:
        """How many files, of everybody, are still to be judged."""
        return sum(len(one.looks) - one.done for one in list(self._kept.values()))

    def look(self, parcel: Parcel, unit: Unit) -> None:
        """Begin to judge the files of a parcel."""
        for one in parcel.files:
            file = Unsent(parcel.folder, one.sha256, one.size, one.path)
            parcel.looks.append(self._looking.submit(self._foresee, parcel, file, unit))

    def _foresee(self, parcel: Parcel, file: Unsent, unit: Unit) -> Foreseen:
        try:
            return self.before.foresee(file, unit)
        except Exception as error:
            log.warning("page.not-checked", extra={"error": kind_of(error)})
            raise
        finally:
            if parcel.id not in self._kept:  # what was unpacked after it went
                shutil.rmtree(parcel.folder, ignore_errors=True)

    def of(self, session: str, parcel: str, about: str) -> Parcel | None:
        """Return a parcel of a session, None where there is none about that."""
        found = self._kept.get(parcel)
        return found if found and (found.session, found.about) == (session, about) else None

    def drop(self, parcel: Parcel) -> None:
        """Let go of a parcel and of all that was made of it."""
        with self._lock:
            self._kept.pop(parcel.id, None)
        if parcel.timer:
            parcel.timer.cancel()
        for look in parcel.looks:
            look.cancel()
            if look.done() and not look.cancelled() and not look.exception():
                for part in look.result().facts.parts:
                    self.forget(part.sha256)
        for one in parcel.files:
            self.forget(one.sha256)
        shutil.rmtree(parcel.folder, ignore_errors=True)

    def drop_of(self, session: str) -> None:
        """Let go of what a session gave."""
        for parcel in [one for one in self._kept.values() if one.session == session]:
            self.drop(parcel)

    def close(self) -> None:
        """Let go of everything."""
        self._looking.shutdown(wait=False, cancel_futures=True)
        self.end()
        self._looking.shutdown()
        self.drop_all()

    def drop_all(self) -> None:
        """Let go of every parcel."""
        for parcel in list(self._kept.values()):
            self.drop(parcel)


def _take_in(given: SentFile, path: str, shelf: Archive) -> ParcelFile:
    copy = shelf.new_file()
    with copy.open("wb") as out:
        shutil.copyfileobj(given.file, out, _COPY)
    sha256, size = shelf.keep(copy)
    return ParcelFile(given.name, sha256, size, path)
