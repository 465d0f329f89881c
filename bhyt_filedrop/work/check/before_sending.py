"""Say what would become of a file before it is handed in: nothing is kept, nothing is written down.

It is judged as the daemon judges a drop, held against the same lists and decided by the same rules;
only that no plan is made of it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.drops.decide import decide
from bhyt_filedrop.domain.drops.drop import Drop, Plan
from bhyt_filedrop.domain.drops.facts import Facts
from bhyt_filedrop.domain.drops.ids import new_id
from bhyt_filedrop.domain.process.units import Unit
from bhyt_filedrop.ports import Clock, JudgedApart, NeverWorks
from bhyt_filedrop.work.arrival.gather import Gathering


class Unsent(NamedTuple):
    """A file that is not handed in: the archive of its own that holds it, its SHA-256, its size in
    bytes, and the path under which it would be put."""

    folder: Path
    sha256: str
    size: int
    path: str


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a file would be and earn if it were dropped now; of whom it is, is in the file alone."""

    facts: Facts
    plan: Plan


@dataclass(frozen=True)
class BeforeSending:
    """Judges files that nobody dropped."""

    apart: JudgedApart
    gathering: Gathering
    declared: World
    clock: Clock
    choose: Callable[[str], str] = secrets.choice

    def foresee(self, file: Unsent, unit: Unit) -> Foreseen:
        """Return what would become of a file of a unit.

        Raises TakesLong where it takes longer than anybody waits for, TryLater where it cannot be
        judged for a reason of this machine, NeverWorks where its folder is nobody's.
        """
        now = self.clock()
        routes = self.declared.at(now).routes
        tree = routes.rule(unit).tree
        place = routes.locate(tree, file.path)
        if place is None:
            raise NeverWorks("the folder belongs to no unit any more")
        drop = Drop(
            id=new_id(now, self.choose),
            tree=tree,
            path=file.path,
            unit=place.unit.id,
            size=file.size,
            mtime=0.0,
            work_path="",
            arrived_at=now,
            sha256=file.sha256,
        )
        facts = self.apart.judge(drop, place, now, file.folder)
        with self.gathering.lists.together():
            plan = decide(self.gathering.with_what_stands(drop, facts), routes)
        return Foreseen(_without_children(facts), replace(plan, letters=(), rolls={}))


def _without_children(facts: Facts) -> Facts:
    """What is looked at for half an hour holds nobody's rows in memory: the file has them."""
    return replace(facts, judged=tuple(replace(one, children=()) for one in facts.judged))
