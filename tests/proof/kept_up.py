"""What a storm rages over: a site on a tree of some kind, and the service as systemd keeps it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from tests.journey.remote_site import FarTree, far_tree
from tests.journey.service import started
from tests.journey.site import MORNING, Site, lay_out
from tests.proof.sizes import Size, size_of
from tests.servers.faults import HOST, FaultProxy


@dataclass
class Daemon:
    """The service as a process, started again whenever it ended, as systemd does."""

    site: Site
    log: Path
    began: float = field(default_factory=time.monotonic)
    process: subprocess.Popen[str] | None = None
    starts: int = 0
    begins_at: int = 0
    """Where the log of the present start begins."""

    @property
    def now(self) -> datetime:
        """The time of day that the service goes by: it never goes back."""
        return MORNING + timedelta(seconds=time.monotonic() - self.began)

    @property
    def serves(self) -> bool:
        """True while the process is there."""
        return self.process is not None and self.process.poll() is None

    @property
    def said(self) -> str:
        """Its log by now."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def start(self) -> None:
        """Start it, unless it is there."""
        if self.serves:
            return
        with self.log.open("a", encoding="utf-8") as log:
            self.begins_at = len(self.said)
            now = self.now.replace(tzinfo=None).isoformat(timespec="seconds")
            self.process = started(self.site, "--now", now, log=log)
        self.starts += 1

    def becomes_ready(self, patience: float = 60.0) -> None:
        """Wait until this start serves, or ended, or takes too long."""
        until = time.monotonic() + patience
        while self.serves and time.monotonic() < until:
            if self.is_ready:
                return
            time.sleep(0.2)

    @property
    def is_ready(self) -> bool:
        """True once the present start serves: before, systemd sends no SIGHUP."""
        return self.serves and "service.ready" in self.said[self.begins_at :]

    def kill(self, how: signal.Signals = signal.SIGKILL) -> int:
        """End it in a manner; return how it ended."""
        assert self.process is not None
        self.process.send_signal(how)
        ended, self.process = self.process.wait(120), None
        return ended

    def size(self, sent: int) -> Size | None:
        """What it holds now; `sent` is how many files were sent by now."""
        return size_of(self.process.pid, time.monotonic(), sent) if self.process else None


@contextmanager
def site_of(kind: str, directory: Path) -> Iterator[tuple[Site, FaultProxy | None]]:
    """A small site whose tree is of a kind, and the line to its server."""
    if kind == "local":
        yield Site(lay_out(directory / "site")), None
        return
    far: FarTree = far_tree(kind)
    if kind.startswith("vsftpd"):  # a look that takes long on a busy machine would open more
        far = replace(far, more=f"{far.more}connections = 1\n")
    before = {name: os.environ.get(name) for name in far.environment}
    os.environ.update(far.environment)
    home = far.home() if kind != "openssh" else directory / "site"
    line = FaultProxy([far.port, *far.data_ports])
    try:
        yield far.serve(Site(lay_out(home)), HOST), line
    finally:
        line.close()
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
