"""Let each system call of a run fail, one after the other, and look what became of it.

Run as `python -m tests.proof.failing DIR SCENE CALL:ERROR:WAY:STEP…`. The first call of that name
fails with the error, in a fresh run the second, until a run passes untouched: WAY `once` lets
that one call fail, `on` that one and all that follow. STEP takes every `STEP`-th call. Afterwards
the machine is well again and the service runs once more; it must end as the run that nothing
disturbed, whose files, states, letters and mails are compared to the byte.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bhyt_filedrop.edges.ledger import store
from tests.journey import killing
from tests.journey.derived_scenes import DERIVED
from tests.journey.scenes import SCENES
from tests.journey.site import Site
from tests.proof.outcomes import at_rest
from tests.proof.traced import Traced, traced

_REFUSED = 2
"""The exit status of a run that says in one line why it cannot begin; systemd starts it again."""
_DISK, _GONE, _FULL = "EIO", "EROFS", "ENOSPC"
_ERRORS = {
    "openat": (_DISK, "EACCES", _GONE, "EMFILE", "ENOMEM", _FULL),
    "read": (_DISK,),
    "pread64": (_DISK,),
    "write": (_DISK, _FULL),
    "pwrite64": (_DISK, _FULL, _GONE),
    "fsync": (_DISK, _FULL, _GONE),
    "fdatasync": (_DISK, _FULL, _GONE),
    "rename": (_DISK, "EACCES", _GONE, _FULL),
    "renameat": (_DISK, "EACCES", _GONE, _FULL),
    "renameat2": (_DISK, "EACCES", _GONE, _FULL),
    "link": (_DISK, "EACCES", _GONE, _FULL),
    "linkat": (_DISK, "EACCES", _GONE, _FULL),
    "unlink": (_DISK, "EACCES", _GONE),
    "unlinkat": (_DISK, "EACCES", _GONE),
    "mkdir": (_DISK, "EACCES", _GONE, _FULL),
    "mkdirat": (_DISK, "EACCES", _GONE, _FULL),
    "ftruncate": (_DISK, _FULL),
    "getdents64": (_DISK, "EACCES"),
    "newfstatat": (_DISK, "EACCES", "ENOMEM"),
    "fcntl": ("EAGAIN", "ENOLCK"),
    "flock": ("EAGAIN", "ENOLCK"),
    "sendto": ("ECONNRESET", "ETIMEDOUT"),
    "connect": ("ECONNREFUSED", "ETIMEDOUT"),
}
EVERYTHING = tuple(
    f"{call}:{error}:{way}:{{step}}"
    for call, errors in _ERRORS.items()
    for error in errors
    for way in ("once", "on")
)
"""Each call with each error that it may really give, once and from then on."""
_EVERY_SCENE = SCENES | DERIVED


def main(directory: Path, scene: str, wanted: Sequence[str]) -> None:
    """Play one scene with each wanted failure; one line of JSON each."""
    store.BUSY_SECONDS = 0.2  # else each lock that is refused costs half a minute
    with killing.prepared(directory):
        failing = Failing.prepared(scene, directory)
        for one in wanted:
            print(json.dumps(failing.played(one)), flush=True)


@dataclass(frozen=True)
class Failing:
    """A scene before its run, and what the undisturbed run comes to and calls."""

    start: Site
    scratch: Path
    calm: Traced
    expected: dict[str, Any]

    @classmethod
    def prepared(cls, name: str, directory: Path) -> Failing:
        """Play what comes before, and once all of it undisturbed."""
        scene = _EVERY_SCENE[name]
        start = killing.before(scene, killing.home_of(scene, directory))
        killing.run(killing.copied_afresh(start.directory, directory / "killed"), 1)  # warms
        site, calm = _ran(start, directory, tuple(_ERRORS), [])
        assert calm.ended == 0, calm.said
        return cls(start, directory, calm, at_rest(site))

    def played(self, one: str) -> dict[str, Any]:
        """What came to something else, by the number of the call that failed."""
        call, error, way, step = one.split(":")
        count = self.calm.calls.count(call)
        told: dict[str, Any] = {"call": call, "error": error, "way": way, "calls": count}
        hit, wrong = 0, {}
        points = range(1, count + 1, int(step))
        for n in points:
            inject = f"{call}:error={error}:when={n}{'+' if way == 'on' else ''}"
            site, run = _ran(self.start, self.scratch, [call], [inject])
            hit += run.injected > 0
            if found := dict(self._differences(site, run)):
                wrong[n] = found
        return told | {"points": len(points), "hit": hit, "wrong": wrong}

    def _differences(self, site: Site, run: Traced) -> Iterator[tuple[str, Any]]:
        if run.ended not in (0, _REFUSED):
            yield "ended", [run.ended, run.said[-1500:]]
        try:
            found = at_rest(site)
        except Exception as error:
            yield "failed", f"{type(error).__name__}: {error}"
            return
        for key, value in self.expected.items():
            if found[key] != value:
                yield key, found[key]


def _ran(
    start: Site, scratch: Path, watch: Sequence[str], inject: Sequence[str]
) -> tuple[Site, Traced]:
    site = killing.copied_afresh(start.directory, scratch / "killed")
    return site, traced(lambda: killing.run(site, 1), watch, inject, scratch / "calls.log")


if __name__ == "__main__":
    os.umask(0o022)
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
