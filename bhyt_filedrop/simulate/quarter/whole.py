"""Play a quarter on a site that is laid out, and judge it: what `demo --full` and its test call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bhyt_filedrop.settings import Settings
from bhyt_filedrop.simulate.quarter.judge import Judgement, judge
from bhyt_filedrop.simulate.quarter.population import populate
from bhyt_filedrop.simulate.quarter.script import FIRST_DAY, ROUND, moment, play
from bhyt_filedrop.simulate.quarter.stage import open_stage

CHILDREN = 10_000
SEED = 1


def play_quarter(
    settings: Settings,
    *,
    children: int = CHILDREN,
    seed: int = SEED,
    tell: Callable[[datetime, int], None] = lambda at, dropped: None,
) -> Judgement:
    """Play the first quarter of 2015; `tell` hears each moment and how many files were dropped.

    The same seed and number of children give the same files on every machine.
    """
    population = populate(settings.units, ROUND, children, seed)
    with open_stage(settings, ROUND, moment(FIRST_DAY)) as stage:
        play(stage, population, seed, tell)
        return judge(stage, population)
