"""How soon a file is taken: at once where it is proved that it is whole and nobody writes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bhyt_filedrop import resources
from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.edges.trees.local.tree import LocalTree
from bhyt_filedrop.settings import SweepSettings, load
from bhyt_filedrop.wiring.declared import world_of
from bhyt_filedrop.wiring.trees import format_ends
from bhyt_filedrop.work.arrival.sweep import BREATH, Look, Sweep
from tests.workbook_formats import a_list, make

AS_SHIPPED = SweepSettings()
WHOLE = make("xlsx", [a_list()])


@pytest.fixture(scope="module")
def world() -> World:
    return world_of(load(resources.config_dir()))


@pytest.fixture
def folder(world: World, tmp_path: Path) -> Path:
    made = tmp_path / world.routes.drop_folder(world.units["760"])
    made.mkdir(parents=True)
    return made


@pytest.fixture
def sweep(tmp_path: Path) -> Sweep:
    return Sweep(LocalTree("main", tmp_path), AS_SHIPPED, format_ends)


def taken(look: Look) -> list[str]:
    return [Path(one.sighting.path).name for one in look.settled]


def test_a_whole_file_that_nobody_writes_is_taken_when_it_is_first_seen(
    sweep: Sweep, folder: Path, world: World
):
    (folder / "mau 3.xlsx").write_bytes(WHOLE)

    assert taken(sweep.look(world.routes, 100.0)) == ["mau 3.xlsx"]


def test_a_whole_file_that_is_still_open_for_writing_is_not_taken(
    sweep: Sweep, folder: Path, world: World
):
    with (folder / "mau 3.xlsx").open("wb") as out:
        out.write(WHOLE)
        out.flush()
        held = sweep.look(world.routes, 100.0)
    closed = sweep.look(world.routes, 100.1)

    assert (taken(held), held.waiting) == ([], 1)
    assert taken(closed) == ["mau 3.xlsx"]


def test_a_half_file_that_nobody_has_open_is_waited_for(sweep: Sweep, folder: Path, world: World):
    """The line broke: the sender goes on with it, or begins again."""
    (folder / "mau 3.xlsx").write_bytes(WHOLE[:-10])

    look = sweep.look(world.routes, 100.0)

    assert (taken(look), look.waiting) == ([], 1)


def test_a_file_without_an_end_mark_rests_for_half_a_second(
    sweep: Sweep, folder: Path, world: World
):
    """A program may close it and open it again for more rows."""
    file = folder / "danh sach.csv"
    file.write_bytes("STT,Họ tên\n".encode())
    first = sweep.look(world.routes, 100.0)
    with file.open("ab") as out:
        out.write("1,Nguyễn Văn An\n".encode())
    grown = sweep.look(world.routes, 100.0 + BREATH)
    still = sweep.look(world.routes, 100.0 + 2 * BREATH)

    assert (taken(first), first.look_again_in) == ([], BREATH)
    assert taken(grown) == []
    assert taken(still) == ["danh sach.csv"]
