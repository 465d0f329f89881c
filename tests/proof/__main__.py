"""`make proof`: cut the power at every sync, let every call fail, and write down what was counted.

`python -m tests.proof [POWER_STEP [CALL_STEP]]`: every how manyeth sync and call is taken, 1 and 5
if nothing is said. The figures go to docs/proof.md.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.proof import disks
from tests.proof.failing import EVERYTHING
from tests.proof.play import REPOSITORY, of_scenes, played
from tests.proof.test_power_cut import EVERY_SCENE

PAGE = REPOSITORY / "docs" / "proof.md"
_HOURS = 6 * 3600.0
_FAILING = ("an accepted list", "a zip of two lists and a scan", "a corrected split")


@dataclass
class Proof:
    """Counts of one proof, and the lines of its table."""

    points: int = 0
    hit: int = 0
    wrong: int = 0
    lines: tuple[str, ...] = ()

    def of(self, told: dict[str, Any], *cells: object) -> None:
        """Take in what one played scene came to."""
        wrong = len(told["wrong"])
        self.points, self.hit = self.points + told["points"], self.hit + told["hit"]
        self.wrong += wrong
        self.lines += (_row(*cells, told["points"], told["hit"], wrong),)
        print(*self.lines[-1:], flush=True)
        for n, what in told["wrong"].items():
            print(f"    {n}: {', '.join(what)}", flush=True)


def main(power_step: int, call_step: int) -> int:
    """Run both proofs, write the page; 1 where something came to be wrong."""
    if why := disks.missing():
        print(f"The proofs cannot run here: {why}")
        return 1
    began = time.monotonic()
    cuts, lies, calls = Proof(), Proof(), Proof()
    for told in played("power", *of_scenes(EVERY_SCENE, power_step), seconds=_HOURS):
        cuts.of(told, told["scene"], told["syncs"])
    for told in played("power", f"{EVERY_SCENE[0]}:1:lying", seconds=_HOURS):
        lies.of(told, told["scene"], told["syncs"])
    wanted = [one.format(step=call_step) for one in EVERYTHING]
    for scene in _FAILING:
        for told in played("failing", scene, *wanted, seconds=_HOURS):
            if told["points"]:
                calls.of(told, scene, told["call"], told["error"], told["way"], told["calls"])
    minutes = (time.monotonic() - began) / 60
    PAGE.write_text("\n".join([*_page(cuts, lies, calls, minutes), ""]), encoding="utf-8")
    missed = any(one.hit != one.points for one in (cuts, lies, calls))
    return 1 if cuts.wrong or calls.wrong or missed or not lies.wrong else 0


def _page(cuts: Proof, lies: Proof, calls: Proof, minutes: float) -> Iterator[str]:
    yield "# What was proved\n"
    yield (
        f"Written by `make proof` on {date.today():%d/%m/%Y}, on {os.cpu_count()} processors, in "
        f"{minutes:.0f} minutes. How it is done stands in `tests/proof/`."
    )
    yield "\n## Killed at a sync, the power cut at that moment\n"
    yield (
        "Tree and state lie on ext4 images. The service is killed at its n-th `fsync` or "
        "`fdatasync`, the images are copied as the disks have them, and the service starts on the "
        "copies. “Wrong” counts the cuts after which a state, a delivery, a letter, a mail or a "
        "file of the tree differs from the undisturbed run, the ledger is not sound by SQLite's "
        "own check, or a file of the archive is not what its name says.\n"
    )
    yield f"Points hit {cuts.hit} of {cuts.points}; wrong: {cuts.wrong}.\n"
    yield from _table(("scene", "syncs", "points", "hit", "wrong"), cuts.lines)
    yield (
        f"\nThe same with every `fdatasync` made a lie, which must be noticed: at {lies.wrong} of "
        f"{lies.points} points it was.\n"
    )
    yield "## Each system call fails\n"
    yield (
        "The n-th call of a name fails with an error, once or from then on until the service ends; "
        "then it runs on a sound machine. “Wrong” counts the runs that ended in anything but "
        "the undisturbed outcome or one line that says why the service cannot begin.\n"
    )
    yield f"Failures felt {calls.hit} of {calls.points}; wrong: {calls.wrong}.\n"
    yield from _table(
        ("scene", "call", "error", "way", "calls", "points", "hit", "wrong"), calls.lines
    )


def _table(head: Iterable[str], lines: Iterable[str]) -> Iterator[str]:
    names = list(head)
    yield _row(*names)
    yield _row(*("---" for _ in names))
    yield from lines


def _row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


if __name__ == "__main__":
    steps = [int(word) for word in sys.argv[1:]]
    sys.exit(main(*steps, *(1, 5)[len(steps) :]))
