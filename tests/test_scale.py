"""The page on one machine for the country follows from the page of figures, and both are there."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.imports import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))

import table
from measure import Figure
from scale import DOCS, Measured, page

FIGURES = """
`make bench` writes this page: 4 cores, Python 3.11.

| one late return, 300 wards in, with all that follows from it | 250 ms | 240 ms | 1.04 × | | |
| the first return after a start, a round under way | 1.5 s | | | | |
| letters that follow from a return | 2.5 | | | | |
| the most memory that the daemon held over these 300 | 180 MiB | | | | |
"""


def test_the_page_says_what_follows_from_the_figures_that_stand_beside_it():
    known = Measured.read((DOCS / "benchmarks.md").read_text("utf-8"))

    assert (DOCS / "scale.md").read_text("utf-8") == page(known)


def test_what_people_wrote_below_the_figures_outlives_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(table, "PAGE", tmp_path / "benchmarks.md")
    table.PAGE.write_text(f"# How fast it is\n{FIGURES}\n## By hand\n\n- So.\n", "utf-8")

    assert table.by_hand() == "\n## By hand\n\n- So.\n"


def test_every_figure_is_read_in_its_unit():
    assert Measured.read(FIGURES) == Measured(4, 0.25, 1.5, 2.5, 180.0)


def test_a_page_that_lacks_a_figure_is_refused_by_its_name():
    lacking = FIGURES.replace("the first return after a start", "something else")

    with pytest.raises(ValueError, match="the first return after a start"):
        Measured.read(lacking)


def test_a_slow_machine_gives_in_before_the_mails_do():
    known = Measured.read(FIGURES)

    assert "What gives in first: mails" in page(known)
    assert "What gives in first: the processor" in page(replace(known, late_return=20.0))


SHARED = """
| a ward's return of 30 children, of 120, by the clock: one daemon, ledger in a file | 150 ms | |
| a ward's return of 30 children, of 120, by the clock: 2 daemons on PostgreSQL, a worker each |\
 200 ms | 150 ms (one, ledger in a file) | 1.33 × | | |
"""


def test_what_sharing_a_ledger_costs_is_told_once_it_was_measured():
    known = Measured.read(FIGURES + SHARED)

    assert "One ledger for several daemons" not in page(Measured.read(FIGURES))
    assert "| one daemon, ledger in a file | 150 ms | 24,000 |" in page(known)
    assert "| 2 daemons on PostgreSQL, a worker each | 200 ms | 18,000 |" in page(known)


def test_a_group_that_is_measured_alone_takes_the_place_of_its_lines_on_the_page():
    before = "| one | 1 s | | | | |\n| two | 2 s | | | | |\n\n## By hand\n"
    written = table.with_lines_of(before, [Figure("two", 4.0), Figure("three", 3.0)])

    assert written == (
        "| one | 1 s | | | | |\n| two | 4 s |  |  |  |  |\n| three | 3 s |  |  |  |  |\n"
        "\n## By hand\n"
    )
