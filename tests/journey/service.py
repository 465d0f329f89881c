"""The service as a process of its own, as an administrator starts it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tests.journey.site import Site
from tests.waiting import PATIENCE, until

REPOSITORY = Path(__file__).resolve().parents[2]
NOW = "2015-04-20T09:00"


def started(site: Site, *more: str, log: IO[str] | int = subprocess.PIPE) -> subprocess.Popen[str]:
    """Start it; its log goes to `log`."""
    return subprocess.Popen(
        [sys.executable, "-m", "bhyt_filedrop", "run", "--config", str(site.config),
         "--now", NOW, *more],
        cwd=REPOSITORY, stderr=log, text=True, env={**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip


@dataclass
class Service:
    """A running service and the file that its log goes to, which takes more than a pipe does."""

    process: subprocess.Popen[str]
    file: Path

    @property
    def log(self) -> str:
        """What it has logged by now."""
        return self.file.read_text(encoding="utf-8")

    def events(self) -> list[dict[str, Any]]:
        """The lines of the log by now."""
        return [json.loads(line) for line in self.log.splitlines(keepends=True) if "\n" in line]

    def has_told(self, event: str, times: int = 1) -> bool:
        """Ask whether an event was logged so many times by now."""
        return [one["event"] for one in self.events()].count(event) >= times

    def reload(self) -> None:
        """Let it read a changed configuration, and wait until it serves by it."""
        ready = [one["event"] for one in self.events()].count("service.ready")
        self.process.send_signal(signal.SIGHUP)
        until(lambda: self.has_told("service.ready", ready + 1), "the reload")

    def end(self) -> None:
        """End it as systemd does, and expect a good end."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(PATIENCE) == 0, self.log


@contextmanager
def serving(site: Site) -> Iterator[Service]:
    """Run the service until the test is done with it."""
    file = site.directory / "service.log"
    with file.open("w", encoding="utf-8") as log:
        service = Service(started(site, log=log), file)
    try:
        until(lambda: service.has_told("service.ready") or service.process.poll() is not None)
        assert service.process.poll() is None, service.log
        yield service
        service.end()
    finally:
        if service.process.poll() is None:
            service.process.kill()
            service.process.wait()
