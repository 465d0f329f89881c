"""Kill a daemon at each of its syncs, cut the power of its disks, and look what became of it.

Run as `python -m tests.proof.power DIR SCENE:STEP[:lying]…` by root. Tree and state lie on ext4
images (`disks.py`). Between two syncs a disk does not change, so every sync is every moment: the
run is killed at its n-th, the images are copied as the disks have them, and the service starts on
the copies. STEP takes every `STEP`-th sync; the end of the run, with the power cut right after it,
is always taken. With `lying` every fdatasync is a lie: whoever finds nothing wrong then would find
nothing at all.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.journey import killing
from tests.journey.derived_scenes import DERIVED
from tests.journey.scenes import SCENES
from tests.journey.site import Site
from tests.proof.disks import PARTS, Disks
from tests.proof.outcomes import at_rest
from tests.proof.traced import Traced, traced

_SYNCS = ("fsync", "fdatasync")
_TRIES = 3
"""On a busy machine two threads may sync in another order than in the undisturbed run."""
_EVERY_SCENE = SCENES | DERIVED


def main(directory: Path, wanted: Sequence[str]) -> None:
    """Cut the power in each wanted scene; one line of JSON each."""
    with killing.prepared(directory):
        for one in wanted:
            name, step, *lying = one.split(":")
            scene = Cuts.prepared(name, directory)
            played = scene.played(int(step), lying=bool(lying))
            print(json.dumps({"scene": name} | played), flush=True)
            scene.disks.remove()


@dataclass(frozen=True)
class Cuts:
    """One scene on disks: how it looks before the run, and where its site is mounted."""

    disks: Disks
    site: Site
    scratch: Path

    @classmethod
    def prepared(cls, name: str, directory: Path) -> Cuts:
        """Play what comes before, and put it on disks that were synced."""
        scene = _EVERY_SCENE[name]
        start = killing.before(scene, killing.home_of(scene, directory))
        killing.run(killing.copied_afresh(start.directory, directory / "killed"), 1)  # warms
        disks = Disks.made(killing.fresh(directory / "disks") / "before", start.directory)
        site = killing.copied(start.directory, killing.fresh(directory / "mounted"))
        for part in PARTS:
            shutil.rmtree(site.directory / part)
        return cls(disks, site, directory)

    def played(self, step: int, *, lying: bool) -> dict[str, Any]:
        """What the scene comes to undisturbed, and at which cuts it came to something else."""
        calm = self._ran([])
        expected = self._looked_at(calm.after)
        calm.after.remove()
        syncs = calm.run.calls
        dying = [n for n, call in enumerate(syncs) if not lying or call != "fdatasync"]
        points = [*dying[::step], len(syncs)]
        hit, wrong = 0, {}
        for n in points:
            different, was_hit = {}, False
            for _ in range(_TRIES):
                found, was_hit = self._cut(n, calm.run, lying=lying)
                different = {k: found.get(k) for k in expected if found.get(k) != expected[k]}
                if was_hit or different:
                    break
            hit += was_hit
            if different:
                wrong[n] = different
        return {
            "syncs": len(syncs),
            "points": len(points),
            "hit": hit,
            "outcome": expected,
            "wrong": wrong,
        }

    def _cut(self, n: int, calm: Traced, *, lying: bool) -> tuple[dict[str, Any], bool]:
        """Kill at the n-th sync (or not at all), cut the power; what was found, and the proof that
        the run died there.
        """
        inject = ["fdatasync:retval=0"] if lying else []
        if n < len(calm.calls):
            name, place = calm.nth(n)
            inject.append(f"{name}:signal=SIGKILL:when={place}")
        cut = self._ran(inject)
        if n < len(calm.calls):
            hit = cut.run.ended == -signal.SIGKILL and cut.run.calls == calm.calls[: n + 1]
        else:
            hit = cut.run.ended == 0 and cut.run.calls == calm.calls
        try:
            return self._looked_at(cut.after), hit
        finally:
            cut.after.remove()

    def _ran(self, inject: Sequence[str]) -> _Ran:
        """One traced run on fresh copies of the disks, and the disks as a power cut leaves them."""
        here = self.disks.copied(self.disks.images.parent / "now")
        with here.mounted(self.site.directory):
            run = traced(
                lambda: killing.run(self.site, 1), _SYNCS, inject, self.scratch / "calls.log"
            )
            after = here.copied(self.disks.images.parent / "after")
        here.remove()
        return _Ran(run, after)

    def _looked_at(self, after: Disks) -> dict[str, Any]:
        """Start the service on the disks that went through the cut; all that became of it."""
        with after.mounted(self.site.directory):
            try:
                return at_rest(self.site)
            except Exception as error:
                return {"failed": f"{type(error).__name__}: {error}"}


@dataclass(frozen=True)
class _Ran:
    run: Traced
    after: Disks


if __name__ == "__main__":
    os.umask(0o022)
    main(Path(sys.argv[1]), sys.argv[2:])
