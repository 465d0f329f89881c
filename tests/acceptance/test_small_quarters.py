"""Twenty quarters with smaller casts: other children, other offices, other faults in each.

What one seed plays only sometimes (twins of one visit each, columns that were sorted apart, a ward
that nobody knows) some of twenty play for certain; none of them may end with anything amiss, or
with two outputs of the product that disagree.
"""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result

from bhyt_filedrop.cli import cli
from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.drops import judgement
from bhyt_filedrop.domain.drops.facts import Facts
from bhyt_filedrop.domain.drops.judgement import Known
from bhyt_filedrop.domain.owed import reminders
from bhyt_filedrop.edges.ledger import dropbook
from bhyt_filedrop.settings import load
from bhyt_filedrop.simulate.faults import code_of
from bhyt_filedrop.simulate.quarter import agreement, record
from bhyt_filedrop.simulate.quarter.balances import traced
from bhyt_filedrop.simulate.quarter.stage import Dropped
from bhyt_filedrop.simulate.quarter.tables import read_table
from bhyt_filedrop.simulate.quarter.ward_plans import GRAVE
from bhyt_filedrop.simulate.quarter.whole import played
from bhyt_filedrop.work.arrival import gather, sweep

SEEDS = range(1, 21)

pytestmark = pytest.mark.timeout(900)


def quarter(directory: Path, seed: int) -> Result:
    """Play one; return what the program says, its problems among it."""
    cast = ["--districts", "6", "--children", "250", "--seed", str(seed)]
    return CliRunner().invoke(
        cli, ["--lang", "en", "demo", "--full", "--dir", str(directory), *cast]
    )


def dropped(directory: Path) -> list[Dropped]:
    """Every file that was dropped in a quarter that was played."""
    return record.load(load(directory / "config")).dropped


def grave_codes() -> set[str]:
    """The findings of the faults by which children are lost, doubled or mixed up."""
    return {code_of(fault) for fault, _ in GRAVE}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_quarter_with_a_small_cast_ends_with_nothing_amiss(seed: int, tmp_path: Path):
    """Whatever the cast, somebody makes each grave fault: else a sound end would prove little."""
    ran = quarter(tmp_path / "site", seed)
    files = dropped(tmp_path / "site")

    assert ran.exit_code == 0, ran.output
    assert "Problems:              0" in ran.output, ran.output
    assert grave_codes() <= {planted.code for one in files for planted in one.planted}
    assert sum("mau 2" in one.path for one in files) == 2, "a child stood twice on form 2"
    assert sum(bool(one.replaces) for one in files) >= 1, "two files in one look"
    assert sum("/D03-TS.xlsx" in one.path for one in files) >= 1, "corrected while undelivered"


# --- whether the judge would see it ------------------------------------------------------------


def test_the_judge_names_every_grave_fault_that_a_deaf_product_does_not_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def hear_nothing(facts: Facts, known: Known, world: World) -> Facts:
        told = judgement.held_against(facts, known, world)
        return replace(told, findings=tuple(f for f in told.findings if f.code not in deaf))

    deaf = grave_codes()
    monkeypatch.setattr(gather, "held_against", hear_nothing)
    said = quarter(tmp_path / "site", SEEDS[0]).output

    assert {code for code in deaf if f"{code} was not told at" not in said} == set()
    assert "mau 2 - chua co the.xlsx: row.repeated was not told" in said


def test_the_judge_sees_an_older_file_that_stands_because_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    by_name = lambda settled: sweep.order_of_names(settled.sighting.path)  # noqa: E731
    monkeypatch.setattr(sweep, "_time_of", by_name)
    said = quarter(tmp_path / "site", SEEDS[0]).output

    assert "of two files in one look the older one was delivered last" in said
    assert "no letter says which file" in said


def test_the_judge_sees_a_correction_that_is_held_against_a_list_that_was_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    nothing = {"stood": [], "waited": []}
    monkeypatch.setattr(dropbook, "take_effect", lambda tx, drop, plan, at: nothing)
    said = quarter(tmp_path / "site", SEEDS[0]).output

    assert re.search(r"10:00 D03-TS\.xlsx: is \w+, not accepted", said), said


def test_the_judge_sees_a_district_that_is_not_told_who_is_late(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(reminders, "PARENT", "nobody")
    said = quarter(tmp_path / "site", SEEDS[0]).output

    assert re.search(r"7\d\d was not told who was late on 16/06", said), said


def test_the_judge_sees_two_outputs_that_disagree(tmp_path: Path):
    quarter(tmp_path / "site", SEEDS[0])
    settings = load(tmp_path / "site" / "config")
    with played(settings) as (stage, population):
        found = traced(stage)
        (board,) = [p for p in stage.inbox("board") if "chưa xác minh" in p.name][-1:]
        board.write_bytes(_one_row_less(board))
        told = list(agreement.problems(stage, population, found))

    assert [line.partition(":")[0] for line in told] == [
        "outputs disagree on the children to find out about",
        "outputs disagree on the children without one",
    ]


def _one_row_less(path: Path) -> bytes:
    """The same workbook without its last child."""
    table = read_table(path)
    book = openpyxl.load_workbook(path)
    book[table.sheet].delete_rows(table.lines[-1].row)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()
