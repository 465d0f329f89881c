"""A whole quarter, played by `demo --full` and judged: nobody is lost, no fault overlooked.

The judge is tried as well: a quarter in which something is amiss must not pass.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from bhyt_filedrop.settings import Settings, load
from bhyt_filedrop.simulate.quarter import duties, folders, judge, verdicts
from bhyt_filedrop.simulate.quarter.balances import traced
from bhyt_filedrop.simulate.quarter.population import Person, Population, TrueFate
from bhyt_filedrop.simulate.quarter.script import moment
from bhyt_filedrop.simulate.quarter.stage import Stage
from bhyt_filedrop.simulate.quarter.tables import read_table
from bhyt_filedrop.simulate.quarter.whole import played
from tests.imports import ROOT

CHILDREN = os.environ.get("BHYT_QUARTER_CHILDREN", "10000")
NOW = ["--round", "2015Q1", "--now", "2015-07-03T09:00"]

pytestmark = pytest.mark.timeout(3600)


@dataclass(frozen=True)
class Quarter:
    """A site on which a quarter was played, and what the program said in the end."""

    directory: Path
    said: str

    @property
    def settings(self) -> Settings:
        return load(self.directory / "config")

    def ask(self, *words: str) -> subprocess.CompletedProcess[str]:
        return called(*words, "--config", str(self.directory / "config"))


def called(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bhyt_filedrop", "--lang", "en", *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT)


@pytest.fixture(scope="module")
def quarter(tmp_path_factory: pytest.TempPathFactory) -> Quarter:
    """The quarter, played once even where several workers share these tests."""
    mine = tmp_path_factory.getbasetemp()
    shared = (mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine) / "quarter"
    shared.mkdir(exist_ok=True)
    directory, told = shared / "site", shared / "said.txt"
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            ran = called("demo", "--full", "--dir", str(directory), "--children", CHILDREN)
            told.write_text(f"{ran.returncode}\n{ran.stdout}\n{ran.stderr}", encoding="utf-8")
    return Quarter(directory, told.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def stage(quarter: Quarter) -> Iterator[tuple[Stage, Population]]:
    with played(quarter.settings) as (stage, population):
        yield stage, population


# --- what was played -------------------------------------------------------------------------


def test_a_whole_quarter_ends_with_nothing_amiss(quarter: Quarter):
    status, said = quarter.said.split("\n", 1)

    assert (status, "Problems:              0" in said) == ("0", True), said
    assert f"{int(CHILDREN):,}" in said


def test_every_office_dropped_what_a_real_quarter_brings(stage: tuple[Stage, Population]):
    """Late, wrong, twice, in pieces, in many formats: else the play would prove little."""
    dropped = stage[0].dropped
    endings = {Path(one.path).suffix for one in dropped}
    codes = {planted.code for one in dropped for planted in one.planted}

    assert len({one.unit for one in dropped}) > 24 + 280
    assert {".xlsx", ".xls", ".csv", ".zip"} <= endings
    assert len(codes) >= 20
    assert {"list.child-missing", "list.child-unknown", "list.child-in-two-lists"} <= codes
    assert any(one.repeats for one in dropped)
    assert any(one.more for one in dropped)
    assert any(one.at > moment(date(2015, 6, 27)) for one in dropped)
    assert sum("mau 1" in one.path for one in dropped) == 2
    assert stage[0].unplaced
    assert stage[0].carded_late


def test_every_balance_of_the_quarter_closes_on_the_command_line(quarter: Quarter):
    ran = quarter.ask("trace", "--json", *NOW)
    hops = json.loads(ran.stdout)["hops"]

    assert ran.returncode == 0
    assert {hop["difference"] for hop in hops} == {0}
    assert {hop["unknown"] for hop in hops} == {0}
    ends = {hop["id"]: hop for hop in hops if hop["id"] in ("carded", "allocation")}
    assert [ends["carded"]["missing"], ends["allocation"]["missing"]] == [0, 0]
    assert ends["carded"]["sent"] == ends["allocation"]["sent"] > 0.99 * int(CHILDREN)


def test_a_child_is_followed_from_its_visits_to_the_hospital_that_is_charged(
    quarter: Quarter, stage: tuple[Stage, Population]
):
    played_on, population = stage
    unit = next(iter(population.by_ward))
    code = code_on(played_on.inbox(unit)[-1])
    told = json.loads(quarter.ask("trace", "--json", "--child", code, *NOW).stdout)
    handoffs = [stop["handoff"] for stop in told["path"]]

    assert handoffs[0] == "cost-list"
    assert {"uncarded", "district-list", "ward-list", "district-return"} <= set(handoffs)
    assert {"carded-final", "unverified"} & set(handoffs)
    assert handoffs.count("allocation") == handoffs.count("cost-list") >= 1
    assert all(stop["certain"] for stop in told["path"])


def code_on(kit: Path) -> str:
    """The Mã đối chiếu of the first child on a reply kit."""
    table = read_table(kit)
    sheet = openpyxl.load_workbook(kit)[table.sheet]
    return str(sheet.cell(table.lines[0].row, table.columns["code"]).value)


def test_the_site_that_is_left_can_be_asked_about(quarter: Quarter, tmp_path: Path):
    status = json.loads(quarter.ask("status", "--json", *NOW).stdout)
    returns = next(one for one in status["handoffs"] if one["id"] == "district-return")
    report = quarter.ask("report", "backlog", "--out", str(tmp_path / "b.html"), *NOW)

    assert returns["counts"]["delivered"] + returns["counts"]["delivered-late"] == 24
    assert returns["counts"]["delivered-late"] == 3
    assert report.returncode == 0, report.stderr
    assert (tmp_path / "b.html").stat().st_size > 1000


def test_no_second_quarter_is_played_over_a_first(quarter: Quarter):
    ran = called("demo", "--full", "--dir", str(quarter.directory))

    assert ran.returncode == 2
    assert "is there already" in ran.stderr


# --- whether the judge would see it ------------------------------------------------------------


def test_the_judge_sees_a_fault_that_was_not_told_and_a_sound_file_that_was_returned(
    stage: tuple[Stage, Population],
):
    played_on, _ = stage
    wrong = next(one for one in played_on.dropped if one.returned)
    elsewhere = tuple(replace(planted, cell="ZZ99") for planted in wrong.planted)

    overlooked = told(played_on, wrong, replace(wrong, planted=elsewhere))
    blamed = told(played_on, wrong, replace(wrong, planted=(), returned=False))

    assert any("was not told at ZZ99" in line for line in overlooked)
    assert any("is returned, not accepted" in line for line in blamed)
    assert any("told without a cause" in line for line in blamed)


def told(stage: Stage, one: verdicts.Dropped, instead: verdicts.Dropped) -> list[str]:
    every = [instead if dropped is one else dropped for dropped in stage.dropped]
    return list(verdicts.problems(replace(stage, dropped=every)))


def test_the_judge_sees_a_child_in_the_wrong_ward(stage: tuple[Stage, Population]):
    played_on, population = stage
    here, there = list(population.by_ward)[:2]
    found = list(folders.problems(played_on, moved(population, here, there)))

    assert f"{here}: 1 strangers in a list" in found
    assert f"{there}: 1 children are not on its list" in found
    assert folders.count_misplaced(played_on, moved(population, here, there)) == 1
    assert folders.count_misplaced(played_on, population) == 0


def moved(population: Population, here: str, there: str) -> Population:
    """The same children, but one is said to live elsewhere."""
    one = population.by_ward[here][0]
    other = replace(one, child=replace(one.child, ward=there))
    return replaced(population, one, other)


def replaced(population: Population, one: Person, other: Person) -> Population:
    people = tuple(other if person is one else person for person in population.people)
    return replace(population, people=people)


def test_the_judge_sees_a_child_whose_answer_was_lost_on_the_way(
    stage: tuple[Stage, Population],
):
    played_on, population = stage
    one = next(p for p in population.people if p.fate is TrueFate.NONE)
    found = list(
        folders.problems(played_on, replaced(population, one, replace(one, fate=TrueFate.NOW)))
    )

    assert any("nvgd1" in line and "lacks 1" in line for line in found)
    assert any("board" in line and "1 too many" in line for line in found)


def test_the_judge_sees_a_child_on_the_wrong_form_and_one_that_no_form_has(
    stage: tuple[Stage, Population],
):
    played_on, population = stage
    one = next(p for p in population.people if p.fate is TrueFate.LISTED)
    other = replaced(population, one, replace(one, fate=TrueFate.NOW))
    more = replace(population, people=(*population.people, one))

    found = traced(played_on, *played_on.roles.beginning)

    wrong, lost = (
        list(judge.balance(found, other, played_on.roles)),
        list(judge.balance(found, more, played_on.roles)),
    )

    assert any(line.startswith("form 1 has") for line in wrong)
    assert any(line.startswith("carded: ") and "were sent, not" in line for line in lost)


def test_the_judge_sees_a_reminder_too_few_and_one_too_many(stage: tuple[Stage, Population]):
    played_on, population = stage
    late = next(one for one in played_on.dropped if one.at > moment(date(2015, 6, 16)))
    kept = [one for one in played_on.dropped if one.unit != late.unit]
    never = list(duties.problems(replace(played_on, dropped=kept), population))
    early = replace(late, at=moment(date(2015, 5, 27)))
    soon = list(duties.problems(replace(played_on, dropped=[*kept, early]), population))

    assert any(f"{late.unit} was not reminded" in line for line in never)
    assert any(f"{late.unit} was reminded" in line for line in soon)


def test_the_judge_sees_a_dong_that_does_not_add_up_and_an_alarm_that_was_not_given(
    stage: tuple[Stage, Population],
):
    played_on, population = stage
    one = population.people[0]
    dearer = replace(one, visits=(*one.visits, replace(one.visits[0], drugs=1)))
    deaf = replace(played_on, overlooked=["the child on neither form: 0 are missing"])
    found = judge.judge(deaf, replaced(population, one, dearer)).problems

    assert any(line.startswith("costs:") for line in found)
    assert "overlooked: the child on neither form: 0 are missing" in found
