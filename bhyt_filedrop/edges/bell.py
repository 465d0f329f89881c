"""The doorbell: the file system's events wake the sweep early. Losing every event loses no file."""

from __future__ import annotations

import logging
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
from watchdog.observers import Observer

log = logging.getLogger(__name__)

_RINGING = [FileClosedEvent, FileCreatedEvent, FileMovedEvent, DirCreatedEvent, DirMovedEvent]
"""Not `modified`: an upload of a gigabyte would ring without end. Files in a brand-new folder are
only ever `created`."""


class _Ring(FileSystemEventHandler):
    def __init__(self, bell: Event) -> None:
        self._bell = bell

    def on_any_event(self, event: FileSystemEvent) -> None:
        self._bell.set()


class TreeBell:
    """Rings `bell` when something arrives below `root`."""

    def __init__(self, root: Path, bell: Event) -> None:
        self._root = root
        self._bell = bell
        self._observer = Observer()

    def start(self) -> None:
        """Begin to listen; where the system cannot, the periodic sweep has to do alone."""
        try:
            self._observer.schedule(
                _Ring(self._bell), str(self._root), recursive=True, event_filter=_RINGING
            )
            self._observer.start()
        except OSError as error:
            log.warning("bell.silent", extra={"reason": error.strerror})

    def stop(self) -> None:
        """Stop listening."""
        if self._observer.is_alive():
            self._observer.stop()
            self._observer.join(timeout=5)
