"""A quarter on a ledger that three machines share, each at every third moment of it.

Whoever has the turn finds all that the others did in the ledger, and nothing of it in its memory:
what was told, how fast letters go, what lies where. It must end as on one daemon with SQLite.
"""

from __future__ import annotations

import itertools
import os
import shutil
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import pytest

from bhyt_filedrop.commands.demo import _suit
from bhyt_filedrop.edges.ledger.leasebook import LedgerLeases
from bhyt_filedrop.settings import load, variable
from bhyt_filedrop.simulate.quarter.cast import make_smaller
from bhyt_filedrop.simulate.quarter.script import FIRST_DAY, ROUND, moment
from bhyt_filedrop.simulate.quarter.stage import Stage
from bhyt_filedrop.simulate.quarter.whole import play_quarter
from bhyt_filedrop.site.lay_out import init
from bhyt_filedrop.wiring.daemon import wired
from bhyt_filedrop.wiring.trees import open_tree
from tests.journey.machines import machine, on_server
from tests.journey.site import Site
from tests.servers.kinds import missing
from tests.servers.postgres import PASSWORD, postgres, tools

pytestmark = [pytest.mark.server, pytest.mark.long, pytest.mark.timeout(3000)]

SEED, DISTRICTS, CHILDREN = 3, 6, 250


def laid_out(directory: Path) -> Site:
    """A smaller cast, as `demo --full` lays it out, whose ledger is on a server."""
    init(directory, open_tree)
    make_smaller(directory / "config", DISTRICTS, SEED)
    shutil.rmtree(directory / "tree")
    init(directory, open_tree)
    _suit(directory / "config")
    site = on_server(Site(directory), postgres())
    site.set(
        'kind = "maildir"  ', f'maildir = "{directory / "state" / "mail"}"\nkind = "maildir"  '
    )
    return site


@pytest.mark.skipif("BHYT_PROOF" not in os.environ, reason="`make proof PROOF=machines` runs it")
def test_a_quarter_that_three_machines_share_ends_with_nothing_amiss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    if tools() is None:
        missing("postgresql")
    monkeypatch.setenv(variable("ledger"), PASSWORD)
    site = laid_out(tmp_path / "site")
    now = moment(FIRST_DAY)
    turns = itertools.count()
    with ExitStack() as stack:
        others: list[Stage] = []

        def clock() -> datetime:
            return now

        for name in ("b", "c"):
            there = load(machine(site, name).config)
            others.append(Stage(stack.enter_context(wired(there, clock)), ROUND, now))

        def handle(stage: Stage, at: datetime) -> None:
            nonlocal now
            stage.now = now = at
            chosen = [stage, *others][next(turns) % 3]
            chosen.now, chosen.is_full = at, stage.is_full
            leases = chosen.running.journey.leases
            assert isinstance(leases, LedgerLeases)
            chosen.running.daemon.once(chosen._wait)
            leases._release(list(leases._mine))

        monkeypatch.setattr(Stage, "handle", handle)
        found = play_quarter(load(site.config), children=CHILDREN, seed=SEED)

    assert found.problems == (), "\n".join(found.problems)
    assert found.dropped > 100
