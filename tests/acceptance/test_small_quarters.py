"""Twenty quarters with smaller casts: other children, other offices, other faults in each.

What one seed plays only sometimes (twins of one visit each, columns that were sorted apart, a ward
that nobody knows) some of twenty play for certain; none of them may end with anything amiss, or
with two outputs of the product that disagree.
"""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from bhyt_filedrop.cli import cli
from bhyt_filedrop.settings import load
from bhyt_filedrop.simulate.quarter import agreement
from bhyt_filedrop.simulate.quarter.balances import traced
from bhyt_filedrop.simulate.quarter.tables import read_table
from bhyt_filedrop.simulate.quarter.whole import played

SEEDS = range(1, 21)

pytestmark = pytest.mark.timeout(900)


def quarter(directory: Path, seed: int) -> str:
    """Play one; return what the program says, and fail where it is not content."""
    cast = ["--districts", "6", "--children", "250", "--seed", str(seed)]
    ran = CliRunner().invoke(
        cli, ["--lang", "en", "demo", "--full", "--dir", str(directory), *cast]
    )
    assert ran.exit_code == 0, ran.output
    return ran.output


@pytest.mark.parametrize("seed", SEEDS)
def test_a_quarter_with_a_small_cast_ends_with_nothing_amiss(seed: int, tmp_path: Path):
    said = quarter(tmp_path / "site", seed)

    assert said.count("Problems:") == 1
    assert "Problems:              0" in said, said


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
