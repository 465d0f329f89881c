"""One office's folder that cannot be written holds up that office alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.process.handoffs import AS_IT_COMES, FileAccess
from bhyt_filedrop.edges.trees.walking import in_turn
from bhyt_filedrop.ports import ClosedFolder, Sighting, Tree, TryLater
from bhyt_filedrop.work.arrival.deliver import MAX_BLOCKED
from tests.journey.parties import SENDING, form, inbox, kids, own
from tests.journey.site import DISTRICT, OTHER_DISTRICT, Site


class Blocked:
    """A tree in which nothing can be put below some folders."""

    def __init__(self, tree: Tree, folders: tuple[str, ...]) -> None:
        self._tree = tree
        self._folders = folders
        self.asked = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tree, name)

    def put(self, source: Any, path: str, access: FileAccess = AS_IT_COMES) -> None:
        if path.startswith(self._folders):
            self.asked += 1
            raise TryLater(f"main: put into {path.rpartition('/')[0]}: Permission denied")
        self._tree.put(source, path, access)


def test_a_closed_folder_of_one_ward_keeps_no_other_ward_waiting(round_site: Site):
    site = round_site
    site.clock.now = SENDING
    group = kids(site)
    site.drop("cntt", "mẫu 2.xlsx", form(site, "form-2", "cntt", group))
    first, *others = [u for u in site.units.of_kind("ward") if u.id in {c.ward for c in group}]
    with site.running() as running:
        trees: Any = running.journey.delivering.trees
        folder = running.world.routes.drop_folder(first)
        blocked = Blocked(trees["main"], (folder,))
        trees["main"] = blocked
        running.daemon.once(lambda _seconds: None)

    assert all(inbox(site, ward.id) for ward in others)
    assert not inbox(site, first.id)
    assert [drop.state for drop in own(site, "ward-list")] == [State.PLANNED]

    site.clock.now += timedelta(minutes=5)
    site.once()
    assert len(inbox(site, first.id)) == 1
    assert [drop.state for drop in own(site, "ward-list")] == [State.ACCEPTED]


def test_a_server_that_takes_nothing_is_not_asked_for_every_copy(round_site: Site):
    site = round_site
    site.clock.now = SENDING
    site.drop("cntt", "mẫu 2.xlsx", form(site, "form-2", "cntt", kids(site, 20)))
    with site.running() as running:
        trees: Any = running.journey.delivering.trees
        routes = running.world.routes
        wards = tuple(routes.drop_folder(u) for u in site.units.of_kind("district"))
        trees["main"] = blocked = Blocked(trees["main"], wards)
        running.daemon.once(lambda _seconds: None)

    waiting = [drop for drop in own(site) if drop.state is State.PLANNED]
    assert waiting
    assert blocked.asked <= MAX_BLOCKED * len(waiting)


class Closed:
    """A tree in which some folders may not be looked into."""

    def __init__(self, tree: Tree, folders: tuple[str, ...]) -> None:
        self._tree = tree
        self._folders = folders

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tree, name)

    def walk(self, folder: str, *more: Any, **_deep: Any) -> Iterator[Sighting]:
        if folder.startswith(self._folders):
            raise ClosedFolder(f"main: list {folder}: Permission denied")
        yield from self._tree.walk(folder, *more)

    def walk_all(self, folders: Sequence[str], skip: Any, closed: Any) -> Iterator[Sighting]:
        return in_turn(folders, lambda folder: self.walk(folder, skip, closed), closed)


def test_a_drop_folder_that_may_not_be_read_holds_up_nobody_else(site: Site):
    """The rights of one folder were set wrong; an admin hears of it once a day."""
    for unit in (DISTRICT, OTHER_DISTRICT):
        site.drop(unit, "ghi chú.exe", b"MZ" + bytes(99))
    with site.running() as running:
        closed = running.world.routes.drop_folder(site.units[DISTRICT])
        sweep: Any = running.daemon.workers["main"].sweep
        sweep._tree = Closed(sweep._tree, (closed,))
        running.daemon.once(lambda _seconds: None)
        running.daemon.once(lambda _seconds: None)

    assert [(drop.unit, drop.state) for drop in site.drops()] == [(OTHER_DISTRICT, State.RETURNED)]
    (told,) = [key for key in site.letter_keys() if key.startswith("notice/")]
    assert told.startswith("notice/folders-closed/main/")

    site.once()
    assert {drop.unit for drop in site.drops()} == {DISTRICT, OTHER_DISTRICT}


def test_a_tree_that_opens_no_folder_at_all_is_out_of_reach(site: Site):
    with site.running() as running:
        worker = running.daemon.workers["main"]
        sweep: Any = worker.sweep
        sweep._tree = Closed(sweep._tree, ("",))
        assert worker.work() is None
