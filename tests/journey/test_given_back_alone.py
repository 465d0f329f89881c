"""What lies in people's folders and a ledger of yesterday does not know: on a tree of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.process.folders import Routes
from bhyt_filedrop.edges.trees.local.tree import LocalTree
from bhyt_filedrop.ports import NeverWorks
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import load
from bhyt_filedrop.wiring.declared import world_of
from bhyt_filedrop.work.arrival.given_back import GivenBack
from tests.offices import moment

MORNING, NOW = moment(6, 12, 8), moment(6, 12, 10)
ONE, TWO, THREE = "D150612-AAAAAA", "D150612-BBBBBB", "D150611-CCCCCC"


@pytest.fixture(scope="module")
def routes() -> Routes:
    return world_of(load(config_dir())).routes


@pytest.fixture
def given(tmp_path: Path, routes: Routes) -> Iterator[GivenBack]:
    """A ledger that knows the first of three files that were given back to Quận 1."""
    tree = LocalTree("main", tmp_path)
    known = SimpleNamespace(every_id=lambda: frozenset({ONE}))
    yield GivenBack({"main": tree}, known, routes, lambda: NOW)  # type: ignore[arg-type]
    tree.close()


def put(root: Path, folder: str, name: str, at: datetime) -> None:
    path = root / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"0123456789")
    os.utime(path, (at.timestamp(), at.timestamp()))


def test_what_the_ledger_does_not_know_is_claimed_as_it_came_the_oldest_first(
    given: GivenBack, tmp_path: Path
):
    received = given.routes.received(given.routes.units["760"], None)
    for name, at in (
        (f"mẫu 3 - {ONE}.xlsx", MORNING),
        (f"mẫu 4 - {TWO}.xlsx", MORNING),
        (f"mẫu 3 - {THREE}.xlsx", NOW),
        ("ghi chú.xlsx", MORNING),
    ):
        put(tmp_path, received, name, at)

    missed = given.missed("main")

    folder = given.routes.drop_folder(given.routes.units["760"])
    assert [(one.id, one.path, one.unit, one.size) for one in missed] == [
        (THREE, f"{folder}/mẫu 3.xlsx", "760", 10),
        (TWO, f"{folder}/mẫu 4.xlsx", "760", 10),
    ]
    assert [one.arrived_at for one in missed] == [moment(6, 11, 0), MORNING]
    told = {one.id: one.override is not None for one in missed}
    assert told == {THREE: False, TWO: True}, "letters of the last hour go once more"


def test_the_original_of_a_claim_whose_file_is_gone_is_found_unless_only_a_copy_is_left(
    given: GivenBack, tmp_path: Path
):
    unit = given.routes.units["760"]
    drop = Drop(ONE, "main", "x.xlsx", "760", 10, 1.0, f".work/{ONE}", MORNING)
    assert given.of(drop) is None
    put(tmp_path, given.routes.returned(unit), f"x - {ONE}.xlsx", MORNING)

    found = given.of(drop)
    assert found is not None
    assert found.path.endswith(f"x - {ONE}.xlsx")
    with pytest.raises(NeverWorks, match="older than the tree"):
        given.of(replace(drop, size=11))
    assert given.of(replace(drop, id=TWO)) is None


def test_nobody_is_late_by_a_time_that_only_a_copy_tells(given: GivenBack, tmp_path: Path):
    """A copy that was put on another day than its id tells came in that day's first minute."""
    received = given.routes.received(given.routes.units["760"], None)
    put(tmp_path, received, f"a - {TWO}.xlsx", MORNING + timedelta(days=3))

    (missed,) = given.missed("main")

    assert missed.arrived_at == moment(6, 12, 0)
