"""A daemon that was frozen amid a delivery wakes after another took over: the newer list stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bhyt_filedrop.domain.drops.drop import Delivery, Drop, Role
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.edges.archive.folder import FolderArchive
from bhyt_filedrop.edges.trees.local.tree import LocalTree
from bhyt_filedrop.ports import GivenFile, LostLease
from bhyt_filedrop.work.arrival.journey import Journey
from bhyt_filedrop.work.arrival.late import PuttingRight

NOW = datetime(2015, 6, 12, tzinfo=UTC)
DRAFT, OWN = "05-QLTHU/bản nháp.xlsx", "05-QLTHU/D150612-AAAAAA danh sách.xlsx"
DROP = Drop("D150612-AAAAAA", "main", "@split/2015Q1", "thu", 1, 0.0, "", NOW, State.PLANNED)


@pytest.fixture
def site(tmp_path: Path) -> Any:
    """A tree in which a drop's draft was late, over what a newer one had put there before."""
    (tmp_path / "tree" / "05-QLTHU").mkdir(parents=True)
    archive, tree = FolderArchive(tmp_path / "archive"), LocalTree("main", tmp_path / "tree")
    archive.prepare()

    def kept(data: bytes) -> str:
        file = archive.new_file()
        file.write_bytes(data)
        return archive.keep(file)[0]

    late, newer = kept(b"late"), kept(b"newer")
    for path in (DRAFT, OWN):
        tree.put(archive.path(late), path)
    given: dict[str, GivenFile] = {
        DRAFT: GivenFile("D150612-BBBBBB", Role.DERIVED, newer, NOW),
        OWN: GivenFile(DROP.id, Role.DERIVED, late, NOW),
    }

    def asked(_tree: str, paths: Sequence[str]) -> Mapping[str, GivenFile]:
        return {path: given[path] for path in paths if path in given}

    delivered = [(Delivery(Role.DERIVED, "thu", "main", p, late, late), None) for p in (DRAFT, OWN)]
    drops = SimpleNamespace(deliveries=lambda _drop: delivered)
    looks: Any = SimpleNamespace(given=asked)
    right = PuttingRight({"main": tree}, archive, drops, looks)  # type: ignore[arg-type]
    return SimpleNamespace(root=tmp_path / "tree", right=right, given=given, newer=newer)


def test_what_the_ledger_knows_as_the_last_is_put_once_more(site: Any):
    site.right.after(DROP)

    assert (site.root / DRAFT).read_bytes() == b"newer"
    assert (site.root / OWN).read_bytes() == b"late", "a name that carries the drop is its own"


@pytest.mark.parametrize(
    "last",
    [
        GivenFile(DROP.id, Role.DERIVED, "a" * 64, NOW),
        GivenFile("D150612-BBBBBB", Role.DERIVED, "", None),
    ],
    ids=["it is the last itself", "the newer one is still to be put"],
)
def test_what_is_right_or_will_be_is_left_alone(site: Any, last: GivenFile):
    site.given[DRAFT] = last
    site.right.after(DROP)

    assert (site.root / DRAFT).read_bytes() == b"late"


def test_a_journey_that_lost_its_lease_puts_it_right_and_says_so(site: Any):
    class Delivering:
        def apply(self, drop: Drop) -> State:
            raise LostLease(f"unit/{drop.unit}")

    nothing: Any = None
    journey = Journey(nothing, nothing, Delivering(), nothing, nothing, lambda: NOW)  # type: ignore[arg-type]
    journey.taken_over = site.right.after
    with pytest.raises(LostLease):
        journey.advance(DROP)

    assert (site.root / DRAFT).read_bytes() == b"newer"
