"""Let the clock leap at a moment of a run, or before it, and look what becomes of it afterwards.

Run as `python -m tests.proof.clocks DIR SCENE LEAP:POINTS…`. A run reads the clock so and so often:
at POINTS of these readings, spread evenly, it leaps (the first point is the start of the service)
and stays wrong until the run ends. Then it is put right, the service runs on for a day, and must
end as the run that nothing disturbed.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bhyt_filedrop import service
from bhyt_filedrop.wiring import daemon
from tests.journey import killing
from tests.journey.derived_scenes import DERIVED
from tests.journey.scenes import SCENES
from tests.journey.site import MORNING, Site
from tests.proof.outcomes import at_rest

LEAPS = {
    "+1h": timedelta(hours=1),
    "-1h": timedelta(hours=-1),
    "+1d": timedelta(days=1),
    "-1d": timedelta(days=-1),
}
AFTERWARDS = (60, 120, 26 * 60, 27 * 60)
"""Minutes into the morning at which the service looks again: a ledger that was written a day ahead
is waited out."""
_EVERY_SCENE = SCENES | DERIVED


@dataclass
class Leaping:
    """The machine's clock, a millisecond further with each reading; it leaps at one of them."""

    begins: datetime
    leap: timedelta = timedelta()
    at: int = 0
    read: int = 0

    def __call__(self) -> datetime:
        """What the clock says."""
        self.read += 1
        right = self.begins + timedelta(milliseconds=self.read)
        return right + self.leap if self.leap and self.read > self.at else right

    def steady(self) -> float:
        """Seconds that really passed."""
        return (self.begins - MORNING).total_seconds() + self.read / 1000


def run(site: Site, clock: Leaping) -> None:
    """Handle what is there, by a clock that is the machine's and may be doubted."""
    daemon.real_clock = clock
    daemon.steady_seconds = clock.steady
    daemon.is_kept = lambda: True
    service.run_once(site.settings, clock, lambda _seconds: None)


def run_on(site: Site, minutes: int) -> None:
    """Handle what is there, so many minutes into the morning."""
    run(site, Leaping(MORNING + timedelta(minutes=minutes)))


def main(directory: Path, scene: str, wanted: Sequence[str]) -> None:
    """Play one scene with each wanted leap; one line of JSON each."""
    with killing.prepared(directory):
        start = killing.before(_EVERY_SCENE[scene], killing.home_of(_EVERY_SCENE[scene], directory))
        calm, expected = _played(start, directory, timedelta(), 0)
        for one in wanted:
            name, points = one.split(":")
            at = sorted({calm.read * n // int(points) for n in range(int(points))})
            told: dict[str, Any] = {"scene": scene, "leap": name, "readings": calm.read}
            hit, wrong = 0, {}
            for n in at:
                clock, found = _played(start, directory, LEAPS[name], n)
                hit += clock.read > n
                if different := {k: found.get(k) for k in expected if found.get(k) != expected[k]}:
                    wrong[n] = different
            print(json.dumps(told | {"points": len(at), "hit": hit, "wrong": wrong}), flush=True)


def _played(
    start: Site, directory: Path, leap: timedelta, at: int
) -> tuple[Leaping, dict[str, Any]]:
    site = killing.copied_afresh(start.directory, directory / "killed")
    clock = Leaping(MORNING + timedelta(minutes=1), leap, at)
    try:
        run(site, clock)
        return clock, at_rest(site, AFTERWARDS, run_on)
    except Exception as error:
        return clock, {"failed": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    os.umask(0o022)
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
