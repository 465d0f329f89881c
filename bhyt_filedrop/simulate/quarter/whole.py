"""Play a quarter on a site that is laid out, and judge it: what `demo --full` and its test call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from bhyt_filedrop.settings import Settings
from bhyt_filedrop.simulate.addresses import offices
from bhyt_filedrop.simulate.quarter import record
from bhyt_filedrop.simulate.quarter.cast import FEWEST
from bhyt_filedrop.simulate.quarter.judge import QuarterJudgement, judge
from bhyt_filedrop.simulate.quarter.population import Population, populate
from bhyt_filedrop.simulate.quarter.roles import CannotPlay, Roles
from bhyt_filedrop.simulate.quarter.script import FIRST_DAY, LAST_DAY, ROUND, moment, play
from bhyt_filedrop.simulate.quarter.stage import Stage, open_stage

CHILDREN = 10_000
FEWEST_WARDS = 24
"""With fewer, and nobody above them, not every part of the play finds somebody."""
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
    the same answers and faults on the same days. Raises CannotPlay for a configuration that has not
    all that a quarter consists of.
    """
    _look_over(settings)
    population = populate(settings.units, ROUND, children, seed, settings.old_places)
    with open_stage(settings, ROUND, moment(FIRST_DAY)) as stage:
        play(stage, population, seed, tell)
        record.save(stage, children, seed)
        return judge(stage, population)


def _look_over(settings: Settings) -> None:
    Roles.of(settings.process)
    above, wards = offices(settings.units), settings.units.of_level("ward")
    if above and len(above) < FEWEST:
        raise CannotPlay(f"cần ít nhất {FEWEST} đơn vị có cấp dưới, ở đây có {len(above)}")
    if not above and len(wards) < FEWEST_WARDS:
        raise CannotPlay(f"cần ít nhất {FEWEST_WARDS} đơn vị cơ sở, ở đây có {len(wards)}")


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
