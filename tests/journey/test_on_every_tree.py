"""The same journey on every connection: the tests of the local tree, unchanged, on far trees."""

from __future__ import annotations

from pathlib import Path

import pytest

from bhyt_filedrop.wiring import trees
from tests.journey.remote_site import KINDS, REAL, FarTree, far_tree
from tests.journey.site import Site, copied
from tests.journey.test_arrival import (  # noqa: F401
    test_names_and_folders_written_by_a_mac_are_the_same_names,
)
from tests.journey.test_killed import STATES, ended_well, played
from tests.journey.test_outcomes import (  # noqa: F401
    test_a_corrected_list_is_the_second_version_and_its_name_says_so,
    test_a_retried_file_goes_through_when_the_trouble_is_over,
    test_a_returned_list_counts_as_no_earlier_version,
    test_the_list_that_completes_a_return_takes_the_held_one_along,
    test_the_very_same_bytes_again_are_acknowledged_and_sent_to_nobody,
)
from tests.journey.test_parcels import (  # noqa: F401
    test_a_scan_alone_goes_along_to_the_same_receiver,
    test_a_zip_of_both_lists_and_their_scan_is_one_drop_and_goes_on_file_by_file,
    test_one_bad_member_returns_the_whole_zip_with_that_member_marked,
)

pytestmark = pytest.mark.server


@pytest.fixture(params=KINDS)
def far(request: pytest.FixtureRequest) -> FarTree:
    """A server of each kind."""
    return far_tree(request.param)


@pytest.fixture
def site(site: Site, far: FarTree, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The fresh small site of all journey tests, its tree behind a server.

    The product has no other way to it: it could not open a local tree if it wanted.
    """
    monkeypatch.setattr(trees, "LocalTree", None)
    for name, value in far.environment.items():
        monkeypatch.setenv(name, value)
    if site.directory.is_relative_to(Path(far.disk)):
        return far.serve(site)
    return far.serve(copied(site.directory, far.home()))


@pytest.mark.slow
def test_a_daemon_killed_amid_any_request_to_a_server_ends_as_one_that_never_was(far: FarTree):
    """Before the first and the last request of each manner, and after all: nothing is lost, shown
    in halves or done twice."""
    (told,) = played({"a returned list": 0}, _within(far), far.environment)

    ended_well(told)
    assert set(told["asked"]) >= _WRITING[far.kind]
    assert told["kills"] >= len(told["asked"])


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("far", REAL, indirect=True)
@pytest.mark.parametrize("part", [0, 1])
def test_a_daemon_killed_in_any_scene_on_a_server_ends_as_one_that_never_was(
    far: FarTree, part: int
):
    """Every scene of the local tree, in halves so that two cores share them. Sampled: in each scene
    three of the requests that change something on the server, spread over the journey, from a
    place that differs from scene to scene. `test_killed` kills at (nearly) every change on the
    local tree; what differs here is only the server, and the test above is thorough about that."""
    scenes = {name: -3 for n, name in enumerate(sorted(STATES)) if n % 2 == part}

    for told in played(scenes, _within(far), far.environment):
        ended_well(told)
        assert told["kills"] == 3


_OVER_SFTP = {"3 ", "6 ", "13 ", "14 ", "18 ", "200 posix-rename@openssh.com"}
_OVER_FTP = {"STOR", "data", "DELE", "MKD", "RNTO"}
_WRITING = {"sftp": _OVER_SFTP, "ftp": _OVER_FTP, "ftps": _OVER_FTP}


def _within(far: FarTree) -> Path | None:
    """A place that the server shows; SFTP shows every place."""
    return None if far.kind == "sftp" else Path(far.disk)
