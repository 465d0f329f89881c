"""A quarter on a ledger that three machines share: it must end as on one daemon with SQLite.

Whoever has the turn finds all that the others did in the ledger, and nothing of it in its memory:
what was told, how fast letters go, what lies where.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from bhyt_filedrop.commands.demo import _suit
from bhyt_filedrop.settings import load, variable
from bhyt_filedrop.simulate.quarter.balances import traced
from bhyt_filedrop.simulate.quarter.cast import make_smaller
from bhyt_filedrop.simulate.quarter.stage import Stage
from bhyt_filedrop.simulate.quarter.whole import CHILDREN, SEED, play_quarter, played
from bhyt_filedrop.site.lay_out import init
from bhyt_filedrop.wiring.trees import open_tree
from tests.acceptance.three_machines import at_work
from tests.imports import ROOT
from tests.journey.machines import NUMBER, machine, on_server, tree_of
from tests.journey.site import Site
from tests.servers.kinds import missing
from tests.servers.postgres import PASSWORD, postgres, tools

pytestmark = [pytest.mark.server, pytest.mark.long, pytest.mark.timeout(9000)]


@dataclass(frozen=True)
class Cast:
    """How many play: all districts where none are counted."""

    children: int
    seed: int
    districts: int | None = None


SMALL, WHOLE = Cast(250, 3, 6), Cast(CHILDREN, SEED)

in_proof = pytest.mark.skipif(
    os.environ.get("BHYT_PROOF_QUARTER") != "whole",
    reason="the better part of an hour; `make proof PROOF=machines` runs it",
)


@pytest.mark.parametrize(
    "cast", [pytest.param(SMALL, id="small"), pytest.param(WHOLE, id="whole", marks=in_proof)]
)
def test_a_quarter_that_three_machines_share_ends_as_on_one_daemon_with_sqlite(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    if tools() is None:
        missing("postgresql")
    monkeypatch.setenv(variable("ledger"), PASSWORD)
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    alone = played_alone(cast, tmp_path / "alone")
    try:
        site = laid_out(cast, tmp_path / "site")
        with at_work([site, machine(site, "b"), machine(site, "c")]) as machines:
            monkeypatch.setattr(Stage, "handle", lambda stage, at: machines.handle(stage, at))
            found = play_quarter(load(site.config), children=cast.children, seed=cast.seed)
        monkeypatch.undo()
    finally:
        said, _ = alone.communicate()

    assert found.problems == (), "\n".join(found.problems)
    assert alone.returncode == 0, said
    assert found.dropped > 100
    assert all(machines.done), "each led some on"
    monkeypatch.setenv(variable("ledger"), PASSWORD)
    assert list(differences(left_by(site), left_by(Site(tmp_path / "alone")))) == []


def laid_out(cast: Cast, directory: Path) -> Site:
    """The cast's site, as `demo --full` lays it out, whose ledger is on a server."""
    init(directory, open_tree)
    if cast.districts:
        make_smaller(directory / "config", cast.districts, cast.seed)
        shutil.rmtree(directory / "tree")
        init(directory, open_tree)
    _suit(directory / "config")
    site = on_server(Site(directory), postgres())
    site.set(
        'kind = "maildir"  ', f'maildir = "{directory / "state" / "mail"}"\nkind = "maildir"  '
    )
    return site


def played_alone(cast: Cast, directory: Path) -> subprocess.Popen[str]:
    """The same play on one daemon with SQLite, beside this one."""
    words = ["demo", "--full", "--dir", directory, "--children", str(cast.children)]
    words += ["--seed", str(cast.seed)]
    words += ["--districts", str(cast.districts)] if cast.districts else []
    command = [sys.executable, "-m", "bhyt_filedrop", "--lang", "en", *words]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT
    )


# --- what a play leaves ------------------------------------------------------------------------


def left_by(site: Site) -> dict[str, Counter[str]]:
    """What is to be the same: how every file ended, what lies where, who was written what, and how
    many children each balance counts; without the drops' numbers and when they were made."""
    with played(site.settings) as (stage, _):
        with stage.running.books.engine.connect() as connection:
            counted = {
                what: Counter(
                    NUMBER.sub("…", " ".join(map(str, row)))
                    for row in connection.execute(text(question))
                )
                for what, question in _QUESTIONS.items()
            }
        hops = Counter(
            f"{hop.id} {hop.unit} {hop.sent} {hop.difference} {hop.unknown}"
            for hop in traced(stage).hops
        )
    return {**counted, "files": Counter(tree_of(site)), "balances": hops}


_QUESTIONS = {
    "drops": "SELECT unit, path, state, CAST(late AS INTEGER), CAST(incomplete AS INTEGER)"
    " FROM drops WHERE path NOT LIKE '@%'",
    "own lists": "SELECT l.handoff, l.sender, l.receiver, l.rows, l.state FROM drops d"
    " JOIN lists l ON l.drop_id = d.id WHERE d.path LIKE '@%' AND l.state <> 'superseded'",
    "lists": "SELECT l.handoff, l.sender, l.receiver, l.part, l.rows, l.state,"
    " CAST(l.late AS INTEGER) FROM drops d JOIN lists l ON l.drop_id = d.id"
    " WHERE d.path NOT LIKE '@%'",
    "children": "SELECT l.handoff, l.sender, count(*) FROM roll r JOIN lists l"
    " ON l.drop_id = r.drop_id AND l.seq = r.seq WHERE l.state <> 'superseded'"
    " GROUP BY l.handoff, l.sender",
    "letters": "SELECT kind, unit, state FROM letters",
    "deliveries": "SELECT v.role, v.unit, v.path FROM deliveries v JOIN drops d ON d.id = v.drop_id"
    " WHERE d.path NOT LIKE '@%' AND v.done_at IS NOT NULL",
    "own deliveries": "SELECT DISTINCT v.role, v.unit, v.path,"
    " CAST(v.done_at IS NULL AS INTEGER) FROM deliveries v JOIN drops d ON d.id = v.drop_id"
    " WHERE d.path LIKE '@%'",
}
"""How often a draft was made anew before it was final depends on who was faster; all else does
not."""


def differences(ours: dict[str, Counter[str]], theirs: dict[str, Counter[str]]) -> Iterator[str]:
    """Yield what one play left and the other did not."""
    for what, counted in ours.items():
        for sign, more in (("+", counted - theirs[what]), ("-", theirs[what] - counted)):
            yield from (f"{what} {sign}{times} {one}" for one, times in sorted(more.items()))
