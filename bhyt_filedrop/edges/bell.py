"""The doorbell: the file system's events wake the sweep early. Losing every event loses no file."""

from __future__ import annotations

import logging
import os
import warnings
from pathlib import Path
from threading import Event

from watchdog.events import (
    DirCreatedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers.inotify import InotifyEmitter, InotifyObserver, InotifyWatchGroup
from watchdog.observers.inotify_c import WatchDescriptor

log = logging.getLogger(__name__)

_RINGING = [FileClosedEvent, FileCreatedEvent, FileMovedEvent, DirCreatedEvent, DirMovedEvent]
"""Not `modified`: an upload of a gigabyte would ring without end. Files in a brand-new folder are
only ever `created`."""


class _Ring(FileSystemEventHandler):
    def __init__(self, bell: Event) -> None:
        self._bell = bell

    def on_any_event(self, event: FileSystemEvent) -> None:
        self._bell.set()


class _Watches(InotifyWatchGroup):
    """The watches of one tree, which outlive folders that vanish or move away under them.

    watchdog 7.1 takes each watched folder's path for known. Where folders are made, moved and
    removed faster than it is told, the path is not: a KeyError then ended its thread, so that the
    bell was silent for good, and came back from `stop`, so that the service ended with it.
    """

    def __repr__(self) -> str:
        """Name no folder: watchdog puts this into its warnings."""
        return "<watches>"

    def _remove_watch_internally(self, wd: WatchDescriptor) -> None:
        path = self._active_callbacks_by_watch.pop(wd, None)
        if path is not None and self._active_callbacks_by_path.get(path) == wd:
            del self._active_callbacks_by_path[path]


class _Emitter(InotifyEmitter):
    def on_thread_start(self) -> None:
        self._inotify = _Watches(
            self._inotify_fd,
            os.fsencode(self.watch.path),
            event_mask=self.get_event_mask_from_filter(),
            is_recursive=self.watch.is_recursive,
        )


class _Observer(InotifyObserver):
    def __init__(self) -> None:
        super().__init__()
        self._emitter_class = _Emitter


class TreeBell:
    """Rings `bell` when something arrives below `root`."""

    def __init__(self, root: Path, bell: Event) -> None:
        self._root = root
        self._bell = bell
        self._observer: _Observer | None = None

    def start(self) -> None:
        """Begin to listen; where the system cannot, the periodic sweep has to do alone."""
        # A folder with folders in it is met twice, as new and as a part of what is new; watchdog
        # would print a warning each time.
        warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"watchdog\.observers")
        try:
            self._observer = _Observer()
            self._observer.schedule(
                _Ring(self._bell), str(self._root), recursive=True, event_filter=_RINGING
            )
            self._observer.start()
        except OSError as error:
            log.warning("bell.silent", extra={"reason": error.strerror})
            self.stop()

    def stop(self) -> None:
        """Stop listening."""
        if self._observer is not None:
            self._observer.stop()
            if self._observer.is_alive():
                self._observer.join(timeout=5)
            self._observer = None
