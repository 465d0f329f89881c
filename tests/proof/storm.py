"""A service under a storm: writers, slow uploads, files sent again, reloads, a network that breaks,
random kills, a system whose calls fail for a while; and an audit of every file that was sent.

    python -m tests.proof.storm KIND [--minutes 60] [--pause 0.4] [--rest 60] [--kills 200]

KIND is `local` or a server of `tests.journey.remote_site` (openssh, vsftpd, vsftpd-tls). Without
`--kills` it is a soak: one process serves from the first file to the last, then rests, and what it
holds is noted on the way: what grows while nobody sends anything is a leak. With them the service
is killed so many times, at moments that chance chooses, every second time while its calls fail.
Chance has a seed, which is told.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

from bhyt_filedrop import service
from tests.journey.site import Clock, Site
from tests.proof.audit import letters_to_send, problems
from tests.proof.kept_up import Daemon, site_of
from tests.proof.sizes import Size, grown, moments
from tests.proof.writers import Writers
from tests.servers.faults import FaultProxy

FAULTS = (
    ("fsync,fdatasync", "EIO"),
    ("fsync,fdatasync", "EROFS"),
    ("pwrite64,write,ftruncate", "ENOSPC"),
    ("rename,renameat,renameat2,link,linkat", "EIO"),
    ("rename,renameat,renameat2,link,linkat", "EROFS"),
    ("unlink,unlinkat,mkdir,mkdirat", "EACCES"),
    ("openat", "EMFILE"),
    ("openat", "EIO"),
)
"""What a failing, full or read-only disk and a machine without file handles say."""

_SETTLES = 3600.0
"""Seconds after the last file in which all letters go: those of a flood go every ten minutes, some
hundred an office. Whoever still writes to people does not rest."""

_BREATH = 150.0
"""Seconds after that in which judges end who have nothing to do."""

_BETWEEN_LOOKS = 4.0
"""Seconds between two looks at a service that rests."""

_AFTERWARDS = (1, 2, 6, 30)
"""Hours after the storm at which the service is asked again: what was put off is due by then."""


@dataclass(frozen=True)
class Asked:
    """How long and how hard the storm is to be."""

    kind: str
    minutes: float = 60.0
    pause: float = 0.4
    """Seconds between two files."""
    kills: int = 0
    seed: int = 1
    rest: float = 0.0
    """Minutes that the service is left alone afterwards."""

    @property
    def files(self) -> int:
        """How many files are sent."""
        return max(1, round(self.minutes * 60 / self.pause))


class Storm:
    """One storm over one site."""

    def __init__(self, asked: Asked, site: Site, line: FaultProxy | None) -> None:
        self.asked = asked
        self.site = site
        self.line = line
        self.chance = random.Random(asked.seed)
        self.daemon = Daemon(site, site.directory / "service.log")
        self.writers = Writers(site, asked.files, asked.minutes * 60, asked.seed)
        self.sizes: list[Size] = []
        self.resting: list[Size] = []
        self.ended: dict[str, int] = {}
        self.faults = self.felt = self.drops = self.reloads = 0

    def rage(self) -> None:
        """Go on until all is sent and every kill was done."""
        self.writers.start()
        self.daemon.start()
        kills = 0
        until = time.monotonic() + self.asked.minutes * 60
        while time.monotonic() < until or kills < self.asked.kills or self.writers.is_alive():
            self._something_happens()
            if kills < self.asked.kills:
                self._killed(with_faults=kills % 2 == 1)
                kills += 1
            if not self.daemon.serves:
                if self.daemon.process is not None:
                    self._note(self.daemon.process.returncode)
                self.daemon.start()
        self.writers.join()

    def _something_happens(self) -> None:
        if self.asked.kills:
            time.sleep(self.chance.uniform(0.2, 1.5))
            if self.line is not None and self.chance.random() < 0.2:
                self._network_breaks()
            return
        Event().wait(self.chance.uniform(5, 15))
        if self.line is not None and self.chance.random() < 0.3:
            self._network_breaks()
        if self.chance.random() < 0.2 and self.daemon.is_ready:
            self._reloaded()
        self._look(self.sizes)

    def _look(self, sizes: list[Size]) -> None:
        if self.daemon.serves and (size := self.daemon.size(self.writers.count)):
            sizes.append(size)

    def _network_breaks(self) -> None:
        assert self.line is not None
        self.drops += 1
        self.line.refuse()
        time.sleep(self.chance.uniform(0.0, 2.0))
        self.line.heal()

    def _reloaded(self) -> None:
        """A changed configuration is read by the running service."""
        self.reloads += 1
        units = self.site.config / "units.csv"
        units.write_text(units.read_text("utf-8-sig").rstrip("\n") + "\n" * (self.reloads % 2 + 1))
        assert self.daemon.process is not None
        self.daemon.process.send_signal(signal.SIGHUP)

    def _killed(self, with_faults: bool) -> None:
        """Kill at a moment that chance chooses: while it starts, or when it has been at work."""
        if self.chance.random() < 0.7:
            self.daemon.becomes_ready()
        moment = self.chance.choice((0.3, 2.0, 6.0))
        if with_faults:
            self._calls_fail(self.chance.uniform(0.5, moment + 1))
        else:
            time.sleep(self.chance.uniform(0, moment))
        if self.daemon.serves:
            self._note(self.daemon.kill())

    def _calls_fail(self, seconds: float) -> None:
        calls, error = self.chance.choice(FAULTS)
        first, step = self.chance.randint(1, 20), self.chance.randint(2, 30)
        if not self.daemon.serves:
            return
        assert self.daemon.process is not None
        self.faults += 1
        log = self.site.directory / "calls.log"
        watcher = subprocess.Popen(
            ["strace", "-f", "-p", str(self.daemon.process.pid), "-e", f"trace={calls}",
             "-e", f"inject={calls}:error={error}:when={first}+{step}", "-o", log],
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        time.sleep(seconds)
        if self.daemon.serves and self.chance.random() < 0.7:
            self._note(self.daemon.kill())
        watcher.terminate()
        try:
            watcher.wait(20)
        except subprocess.TimeoutExpired:  # it waits for a process that a call keeps
            watcher.kill()
            watcher.wait()
        self.felt += log.read_text(errors="replace").count("(INJECTED)")

    def _note(self, ended: int | None) -> None:
        word = "killed" if ended == -signal.SIGKILL else f"ended with {ended}"
        self.ended[word] = self.ended.get(word, 0) + 1

    def calm(self) -> list[str]:
        """End the service as systemd does, let it do what was put off, and audit."""
        self.daemon.start()
        self._until_nothing_is_left()
        self._look(self.sizes)
        self._rest()
        if self.daemon.serves:
            self._note(self.daemon.kill(signal.SIGTERM))
        for hours in _AFTERWARDS:
            clock = Clock(self.daemon.now + timedelta(hours=hours))
            service.run_once(self.site.settings, clock, lambda _seconds: None)
        grew = grown(self.resting) if self.asked.rest else ()
        return [*problems(self.site, self.writers.sent), *grew]

    def _rest(self) -> None:
        """Leave it alone once it has nothing to do, and look at it."""
        if not self.asked.rest:
            return
        seconds = self.asked.rest * 60
        until = time.monotonic() + min(_SETTLES, seconds)
        while time.monotonic() < until and letters_to_send(self.site):
            time.sleep(min(_BETWEEN_LOOKS, self.asked.rest))
        time.sleep(min(_BREATH, seconds / 10))
        until = time.monotonic() + seconds
        while time.monotonic() < until and self.daemon.serves:
            self._look(self.resting)
            time.sleep(min(_BETWEEN_LOOKS, self.asked.rest))

    def _until_nothing_is_left(self, patience: float = 300.0) -> None:
        """Drop folders are empty soon; what was put off is another matter."""
        until = time.monotonic() + patience
        while time.monotonic() < until and any(path.exists() for path in self.writers.places):
            time.sleep(1)
            self.daemon.start()

    def told(self, wrong: list[str]) -> dict[str, object]:
        """What the storm came to."""
        log = self.daemon.said
        return {
            "kind": self.asked.kind,
            "seed": self.asked.seed,
            "sent": len(self.writers.sent),
            "starts": self.daemon.starts,
            "served": log.count("service.ready"),
            "ended": self.ended,
            "faults": self.faults,
            "calls that failed": self.felt,
            "network": self.drops,
            "reloads": self.reloads,
            # Those of a Python that could not even load itself: nobody is there yet to say it.
            "tracebacks": log.count("Traceback (most recent call last)"),
            "storm": {name: asdict(size) for name, size in moments(self.sizes).items()},
            "rest": {name: asdict(size) for name, size in moments(self.resting).items()},
            "wrong": wrong,
        }


def played(asked: Asked, keep: Path | None = None) -> dict[str, object]:
    """Play one storm in a fresh site; `keep` is where its site stays to be looked at."""
    with ExitStack() as stack:
        directory = keep or Path(stack.enter_context(TemporaryDirectory()))
        directory.mkdir(parents=True, exist_ok=True)
        site, line = stack.enter_context(site_of(asked.kind, directory))
        storm = Storm(asked, site, line)
        try:
            storm.rage()
        finally:
            if storm.daemon.serves and sys.exc_info()[0]:
                storm.daemon.kill()
        return storm.told(storm.calm())


def main() -> int:
    """Play what is asked for; 1 where anything is not as it must be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--pause", type=float, default=0.4)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--rest", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--keep", type=Path)
    given = vars(parser.parse_args())
    keep = given.pop("keep")
    told = played(Asked(**given), keep)
    print(json.dumps(told, ensure_ascii=False, indent=1), flush=True)
    return 1 if told["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
