"""Three trees of three kinds in one site: the departments on a local share, the districts behind
FTPS, the wards behind SFTP; one round's lists go through all of them while one server is away.

The servers lie behind proxies that can refuse and stall.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.settings.secrets import variable
from bhyt_filedrop.site.mastery import MARK
from bhyt_filedrop.wiring.daemon import Running
from bhyt_filedrop.work.arrival.outage import TOLD_AFTER
from tests.journey.parties import RETURNING, SENDING, answered, form, inbox, kids, own
from tests.journey.remote_site import CREDENTIAL, FarSite, far_tree
from tests.journey.site import DISTRICT, OTHER_DISTRICT, Site
from tests.servers.faults import HOST, Fault, FaultProxy, Harm, Toward

pytestmark = pytest.mark.server

HASTY = "timeout_seconds = 4"
"""A server that does not answer is given up sooner than elsewhere, for one of them will not."""


@dataclass(frozen=True)
class City:
    """The site as departments, districts and wards each see it, and the lines to the servers."""

    city: Site
    districts: Site
    wards: Site
    lines: dict[str, FaultProxy]


@pytest.fixture
def city(round_site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[City]:
    """One site in three trees: `main`, `districts` and `wards`."""
    kinds = {"districts": "vsftpd-tls", "wards": "openssh"}
    seen, lines = {}, {}
    for tree, kind in kinds.items():
        far = far_tree(kind)
        root = far.home()
        shutil.copytree(round_site.root, root, dirs_exist_ok=True)
        block = far.block(root, HOST, tree).replace("timeout_seconds = 60", HASTY)
        round_site.set("\n[mail]", f"\n{block}\n[mail]")
        unit = tree.removesuffix("s")
        round_site.set(
            f'[folders.{unit}]\ntree = "main"', f'[folders.{unit}]\ntree = "{tree}"',
            "process.toml",
        )  # fmt: skip
        seen[tree] = FarSite(round_site.directory, round_site.clock, root)
        lines[tree] = FaultProxy([far.port, *far.data_ports])
    monkeypatch.setenv(variable(CREDENTIAL), "anything")  # vsftpd's visitors have no password
    yield City(round_site, seen["districts"], seen["wards"], lines)
    for line in lines.values():
        line.close()


def turn(running: Running, at: float) -> None:
    """Each tree's worker takes its turn at a steady time (seconds); letters leave."""
    for worker in running.daemon.workers.values():
        worker.steady = worker.outage.steady = lambda: at
        worker.work()
    running.daemon.post()


def of_trees(site: Site) -> list[list[str]]:
    return [key.split("/")[1:3] for key in site.letter_keys() if key.startswith("notice/tree-")]


def test_a_round_goes_through_three_trees_although_one_server_is_away_for_an_hour(city: City):
    """From the city's list to the ward's answer: the districts have theirs while the wards' server
    is away, the wards get theirs once it is back, and nobody gets anything twice."""
    site, ward = city.city, city.city.ward()
    site.clock.now = SENDING
    group = kids(site)
    site.drop("cntt", "mẫu 2.xlsx", form(site, "form-2", "cntt", group))
    with site.running() as running:
        assert sorted(running.daemon.workers) == ["districts", "main", "wards"]
        city.lines["wards"].refuse()
        for minute in range(0, 61, 10):
            site.clock.now = SENDING + timedelta(minutes=minute)
            turn(running, minute * 60.0)

        assert [len(inbox(city.districts, unit)) for unit in (DISTRICT, OTHER_DISTRICT)] == [1, 1]
        assert inbox(city.wards, ward) == []
        assert of_trees(site) == [["tree-down", "wards"]]

    with site.running() as running:  # the daemon is started again in the meantime
        city.lines["wards"].heal()
        for hour in (2, 3, 4):
            site.clock.now = SENDING + timedelta(hours=hour)
            turn(running, TOLD_AFTER * 6 * hour)

        assert of_trees(site) == [["tree-down", "wards"], ["tree-up", "wards"]]
        assert len(inbox(city.wards, ward)) == 1
        assert {drop.state for drop in own(site)} == {State.ACCEPTED}

        # The ward answers while the districts' server accepts and says nothing.
        site.clock.now = RETURNING
        mine = [child for child in group if child.ward == ward]
        (kit,) = inbox(city.wards, ward)
        city.lines["districts"].strike(Fault(Harm.STALL, Toward.CLIENT, 0, lasting=True))
        reply = answered(kit, mine)
        city.wards.drop(ward, "trả lời.xlsx", reply)
        turn(running, TOLD_AFTER * 40)
        assert site.states()["trả lời.xlsx"] is State.PLANNED

        city.lines["districts"].heal()
        city.lines["districts"].drop()
        running.trees["districts"].check()  # whoever asks for it need not wait for its rest to end
        for minute in (30, 60):
            site.clock.now = RETURNING + timedelta(minutes=minute)
            turn(running, TOLD_AFTER * 40 + minute * 60)

    assert site.states()["trả lời.xlsx"] is State.ACCEPTED
    assert list(city.wards.found(ward, "received").values()) == [reply]
    assert of_trees(site) == [["tree-down", "wards"], ["tree-up", "wards"]]
    put = [(p.parent, p.read_bytes()) for p in city.districts.root.rglob("*.xlsx")]
    assert len(put) == len(set(put))
    for folder in (city.city.root, city.districts.root, city.wards.root):
        assert not list(folder.rglob(".*.part"))
        mark = folder / MARK
        assert [p for p in mark.parent.rglob("*") if p.is_file()] == [mark]
