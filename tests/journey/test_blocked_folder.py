"""One office's folder that cannot be written holds up that office alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bhyt_filedrop.domain.process import AS_IT_COMES, FileAccess
from bhyt_filedrop.domain.states import State
from bhyt_filedrop.journey import MAX_BLOCKED
from bhyt_filedrop.ports import Tree, TryLater
from tests.journey.parties import SENDING, form, inbox, kids, own
from tests.journey.site import Site


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
        trees: Any = running.journey.trees
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
        trees: Any = running.journey.trees
        routes = running.world.routes
        wards = tuple(routes.drop_folder(u) for u in site.units.of_kind("district"))
        trees["main"] = blocked = Blocked(trees["main"], wards)
        running.daemon.once(lambda _seconds: None)

    waiting = [drop for drop in own(site) if drop.state is State.PLANNED]
    assert waiting
    assert blocked.asked <= MAX_BLOCKED * len(waiting)
