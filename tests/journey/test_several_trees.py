"""Several trees at once: districts and wards on a server, the city's departments on a local share.

The server lies behind a proxy that can stall and refuse.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from bhyt_filedrop.domain.drops.drop import Role
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.wiring.daemon import Running
from bhyt_filedrop.work.arrival.outage import TOLD_AFTER
from tests.journey.parties import SENDING, form, inbox, kids, send
from tests.journey.remote_site import far_tree
from tests.journey.scenes import form_3
from tests.journey.site import DISTRICT, OTHER_DISTRICT, Site, people, workbook
from tests.journey.test_arrival import EXE, served
from tests.servers.faults import HOST, Fault, FaultProxy, Harm, Toward
from tests.waiting import until

pytestmark = pytest.mark.server


@dataclass(frozen=True)
class City:
    """The departments' site, the same as districts and wards see it, and the line between."""

    near: Site
    far: Site
    line: FaultProxy


def _city(site: Site, kind: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[City]:
    server = far_tree(kind)
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    line = FaultProxy([server.port, *server.data_ports])
    yield City(site, server.take(site, HOST), line)
    line.close()


@pytest.fixture(params=["openssh", "pyftpdlib"])
def city(
    request: pytest.FixtureRequest, site: Site, monkeypatch: pytest.MonkeyPatch
) -> Iterator[City]:
    """A city on which people hand everything over themselves."""
    yield from _city(site, request.param, monkeypatch)


@pytest.fixture
def round_city(round_site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[City]:
    """A city on which the product makes its own lists too."""
    yield from _city(round_site, "pyftpdlib-tls", monkeypatch)


def from_thu(site: Site) -> bytes:
    """A list of the collections office for NVGĐ1: from one local folder to another."""
    group = people(site.units, DISTRICT)
    return workbook(site.units, "form-3", "thu", group, scratch=site.directory)


def test_a_list_dropped_on_one_tree_is_delivered_on_the_other_and_kept_on_its_own(city: City):
    up, down = form_3(city.near), _form_2(city.near)
    city.far.drop(DISTRICT, "mẫu 3.xlsx", up)
    city.near.drop("thu", "mẫu 2.xlsx", down, below="Quận 1")

    city.near.once()

    assert city.near.states() == {"mẫu 3.xlsx": State.ACCEPTED, "mẫu 2.xlsx": State.ACCEPTED}
    assert list(city.near.found("thu", "inbox").values()) == [up]
    assert list(city.far.found(DISTRICT, "received").values()) == [up]
    assert list(city.far.found(DISTRICT, "inbox").values()) == [down]
    assert list(city.near.found("thu", "received").values()) == [down]
    assert city.near.found(DISTRICT, "received") == city.far.found("thu", "inbox") == {}


def _form_2(site: Site) -> bytes:
    group = people(site.units, DISTRICT)
    return workbook(site.units, "form-2", "thu", group, scratch=site.directory)


def test_a_list_of_the_city_is_split_into_the_folders_of_districts_and_wards_on_the_server(
    round_city: City,
):
    round_city.near.clock.now = SENDING
    send(round_city.near, kids(round_city.near))
    round_city.near.once()

    for unit in (DISTRICT, OTHER_DISTRICT, round_city.near.ward()):
        assert len(inbox(round_city.far, unit)) == 1
    assert round_city.near.half_made() == []


def test_a_server_that_stalls_delays_its_own_files_alone(city: City):
    city.near.set("interval_seconds = 15", "interval_seconds = 0.2")
    mine, theirs = from_thu(city.near), form_3(city.near)
    with served(city.near) as running:
        city.line.strike(Fault(Harm.STALL, Toward.CLIENT, 0, lasting=True))
        city.far.drop(DISTRICT, "mẫu 3.xlsx", theirs)
        city.near.drop("thu", "mẫu 3 của TP.xlsx", mine)
        until(lambda: _accepted(running) == 1)
        assert list(city.near.found("nvgd1", "inbox").values()) == [mine]
        assert city.near.found("thu", "inbox") == {}

        city.line.heal()
        city.line.drop()
        until(lambda: _all_over(running, city.near, 2))

    assert list(city.near.found("thu", "inbox").values()) == [theirs]


def _accepted(running: Running) -> int:
    return running.books.drops.counts().get("accepted", 0)


def _all_over(running: Running, site: Site, count: int) -> bool:
    """Let the given clock go on, so that what was put off is tried again."""
    site.clock.now += timedelta(minutes=1)
    return _accepted(running) == count


def test_lists_are_derived_where_no_server_can_hold_it_up(round_city: City):
    """Even where the configuration names the far tree first."""
    file = round_city.near.config / "bhyt-filedrop.toml"
    text = file.read_text(encoding="utf-8")
    first, second = text.index("[[tree]]"), text.rindex("[[tree]]")
    end = text.index("\n[mail]")
    swapped = text[second:end] + "\n" + text[first:second] + text[end:]
    file.write_text(text[:first] + swapped, encoding="utf-8")
    round_city.near.clock.now = SENDING
    data = form(round_city.near, "form-2", "cntt", kids(round_city.near))
    round_city.near.drop("cntt", "mẫu 2.xlsx", data)

    with round_city.near.running() as running:
        assert list(running.daemon.workers) == ["far", "main"]
        round_city.line.refuse()
        running.daemon.workers["main"].work()

        derived = [d for d in running.books.drops.due(round_city.near.clock()) if d.is_own]
        round_city.line.heal()
        round_city.near.clock.now += timedelta(hours=1)
        running.daemon.once(lambda _seconds: None)

    assert derived
    assert [len(inbox(round_city.far, unit)) for unit in (DISTRICT, round_city.near.ward())] == [
        1,
        1,
    ]


def test_a_delivery_to_a_server_that_is_down_waits_and_is_made_once(city: City):
    down = _form_2(city.near)
    city.near.drop("thu", "mẫu 2.xlsx", down, below="Quận 1")
    city.near.drop("thu", "mẫu 3.xlsx", from_thu(city.near))
    with city.near.running() as running:
        city.line.refuse()
        for worker in running.daemon.workers.values():
            worker.work()
        assert city.near.states() == {"mẫu 2.xlsx": State.PLANNED, "mẫu 3.xlsx": State.ACCEPTED}

        city.line.heal()
        city.near.clock.now += timedelta(hours=1)
        running.daemon.once(lambda _seconds: None)

    assert set(city.near.states().values()) == {State.ACCEPTED}
    assert list(city.far.found(DISTRICT, "inbox").values()) == [down]
    (path,) = city.near.delivered(city.near.drops()[0], Role.FORWARD)
    assert (city.far.root / path).read_bytes() == down


def test_an_admin_gets_one_letter_of_a_lost_server_and_one_when_it_is_back(city: City):
    city.far.drop(DISTRICT, "danh sách.exe", EXE)
    with city.near.running() as running:
        worker = running.daemon.workers["far"]
        city.line.refuse()
        for seconds in (0.0, TOLD_AFTER / 2, TOLD_AFTER + 1, TOLD_AFTER * 2):
            worker.steady = lambda now=seconds: now  # type: ignore[misc]
            assert worker.work() is None
            running.daemon.workers["main"].work()
    assert [key.split("/")[:3] for key in _notices(city.near)] == [["notice", "tree-down", "far"]]

    with city.near.running() as running:  # the daemon was started again in the meantime
        city.line.heal()
        running.daemon.once(lambda _seconds: None)
        running.daemon.once(lambda _seconds: None)

    assert [key.split("/")[1] for key in _notices(city.near)] == ["tree-down", "tree-up"]
    assert city.near.states() == {"danh sách.exe": State.RETURNED}
    mails = [m for m in city.near.mails() if "Cây thư mục" in str(m["Subject"])]
    assert {str(m["To"].addresses[0].addr_spec) for m in mails} == {"unit-cntt@bhyt.example"}
    assert len(mails) == 2


def _notices(site: Site) -> list[str]:
    return [key for key in site.letter_keys() if key.startswith("notice/")]


def test_a_district_whose_folder_was_taken_away_on_the_server_stops_nobody(city: City):
    shutil.rmtree(city.far.folder(OTHER_DISTRICT))
    city.far.drop(DISTRICT, "mẫu 3.xlsx", form_3(city.near))

    city.near.once()

    assert city.near.only().state is State.ACCEPTED
