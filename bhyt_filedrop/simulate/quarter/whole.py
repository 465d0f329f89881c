"""Play a quarter on a site that is laid out, and judge it: what `demo --full` and its test call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from bhyt_filedrop.settings import Settings
from bhyt_filedrop.simulate.quarter import record
from bhyt_filedrop.simulate.quarter.judge import QuarterJudgement, judge
from bhyt_filedrop.simulate.quarter.population import Population, populate
from bhyt_filedrop.simulate.quarter.script import FIRST_DAY, LAST_DAY, ROUND, moment, play
from bhyt_filedrop.simulate.quarter.stage import Stage, open_stage

CHILDREN = 10_000
SEED = 1


def play_quarter(
    settings: Settings,
    *,
    children: int = CHILDREN,
    seed: int = SEED,
    tell: Callable[[datetime, int], None] = lambda at, dropped: None,
) -> QuarterJudgement:
    """Play the first quarter of 2015; `tell` hears each moment and how many files were dropped.

    The same seed and number of children give the same play on every machine: the same children,
    the same answers and faults on the same days.
    """
    population = populate(settings.units, ROUND, children, seed, settings.old_places)
    with open_stage(settings, ROUND, moment(FIRST_DAY)) as stage:
        play(stage, population, seed, tell)
        record.save(stage, children, seed)
        return judge(stage, population)


@contextmanager
def played(settings: Settings) -> Iterator[tuple[Stage, Population]]:
    """Open the stage of a quarter that was played, as it was left.

    Raises FileNotFoundError where none was played on the site.
    """
    told = record.load(settings)
    population = populate(settings.units, ROUND, told.children, told.seed, settings.old_places)
    with open_stage(settings, ROUND, moment(LAST_DAY)) as stage:
        record.restore(stage, told)
        yield stage, population
