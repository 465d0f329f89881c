"""Formats without an end mark, where nobody can ask who writes: no half of a file goes on alone."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from bhyt_filedrop.wiring.daemon import Running
from bhyt_filedrop.work.arrival.sweep import BREATH
from tests.journey.remote_site import far_tree
from tests.journey.site import DISTRICT, Site, copied
from tests.journey.test_arrival import look_at
from tests.journey.test_lying_files import told

HALF = "".join(f"{n};Nguyễn Văn {n};01/02/2013\n" for n in range(165)).encode()
REST = "".join(f"{n};Nguyễn Văn {n};01/02/2013\n" for n in range(165, 300)).encode()


@pytest.fixture(params=["openssh", "vsftpd", "pyftpdlib-tls"])
def far(request: pytest.FixtureRequest, site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The small site behind a server, with the quiet times of a real one."""
    tree = far_tree(request.param)
    for name, value in tree.environment.items():
        monkeypatch.setenv(name, value)
    if request.param != "openssh":  # which shows every place
        site = copied(site.directory, tree.home())
    return tree.serve(hurrying_nobody(site))


def hurrying_nobody(site: Site) -> Site:
    site.set("quiet_seconds_without_lease = 0", "quiet_seconds_without_lease = 10")
    site.set("quiet_seconds_without_end = 0", "quiet_seconds_without_end = 180")
    return site


@pytest.fixture
def running(far: Site) -> Iterator[Running]:
    with far.running() as running:
        yield running


@pytest.mark.server
def test_an_upload_that_pauses_for_forty_seconds_is_taken_whole(far: Site, running: Running):
    path = far.drop(DISTRICT, "mẫu 3.csv", HALF)
    assert look_at(running, 0.0).settled == ()
    assert look_at(running, 40.0).settled == ()
    with path.open("ab") as file:
        file.write(REST)
    assert look_at(running, 41.0).settled == ()
    assert look_at(running, 200.0).settled == ()
    assert len(look_at(running, 222.0).settled) == 1

    assert far.only().size == len(HALF + REST)


@pytest.mark.server
def test_what_grew_after_it_was_taken_is_put_back_and_taken_whole(far: Site, running: Running):
    path = far.drop(DISTRICT, "mẫu 3.csv", HALF)
    with path.open("ab") as file:
        look_at(running, 0.0)
        assert len(look_at(running, 181.0).settled) == 1
        assert not path.exists()
        assert far.left_in_work() == [far.only().id]
        file.write(REST)
    look_at(running, 200.0)
    assert not path.exists(), "it may be growing still"
    look_at(running, 381.0)
    assert path.read_bytes() == HALF + REST
    look_at(running, 382.0)
    look_at(running, 563.0)
    look_at(running, 564.0)
    look_at(running, 745.0)

    assert [drop.size for drop in far.drops()] == [len(HALF), len(HALF + REST)]
    assert far.left_in_work() == []


@pytest.mark.server
def test_what_stood_still_leaves_the_work_area_and_a_restart_goes_on_with_it(far: Site):
    far.drop(DISTRICT, "mẫu 3.csv", HALF)
    with far.running() as running:
        look_at(running, 0.0)
        look_at(running, 181.0)
        assert len(far.left_in_work()) == 1
    with far.running() as running:
        look_at(running, 0.0)
        assert len(far.left_in_work()) == 1
        look_at(running, 181.0)

    assert far.left_in_work() == []
    assert len(far.drops()) == 1


@pytest.mark.server
def test_a_name_that_was_used_again_meanwhile_is_left_to_its_file(far: Site, running: Running):
    path = far.drop(DISTRICT, "mẫu 3.csv", HALF)
    with path.open("ab") as file:
        look_at(running, 0.0)
        look_at(running, 181.0)
        file.write(REST)
    look_at(running, 200.0)
    time.sleep(0.01)
    far.drop(DISTRICT, "mẫu 3.csv", b"a;b\n" * 9)
    look_at(running, 381.0)

    assert path.read_bytes() == b"a;b\n" * 9
    assert (path.parent / "mẫu 3 (2).csv").read_bytes() == HALF + REST


def test_where_the_tree_tells_who_writes_half_a_second_is_enough(site: Site):
    hurrying_nobody(site).drop(DISTRICT, "mẫu 3.csv", HALF)
    with site.running() as running:
        assert look_at(running, 0.0).settled == ()
        assert len(look_at(running, BREATH).settled) == 1

    assert site.left_in_work() == []
    assert "mẫu 3.csv" in told(site, "arrivals")
