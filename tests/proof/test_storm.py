"""Killed at random while the system fails and the network breaks: nothing lost, nothing twice.

`make soak KILLS=200` plays as many as are wanted; `make soak` without kills is for memory.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.proof.play import must_be_possible
from tests.proof.storm import Asked, played


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", ["local", "openssh", "vsftpd", "vsftpd-tls"])
def test_a_service_killed_at_random_loses_nothing_and_does_nothing_twice(kind: str):
    must_be_possible()
    told: Any = played(Asked(kind, minutes=0.3, pause=0.3, kills=12))

    assert told["wrong"] == []
    assert told["ended"]["killed"] >= 8, "a few end by what fails"
    assert told["calls that failed"] > 0


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_service_that_is_left_alone_holds_no_more_files_at_the_end_than_at_the_start():
    told: Any = played(Asked("local", minutes=1, pause=0.5, rest=0.5))

    assert told["wrong"] == []
    amid, after = told["storm"]["middle"], told["rest"]["end"]
    assert after["handles"] <= amid["handles"] + 4
    assert after["threads"] <= amid["threads"] + 4, "a judge's, and those that wait for one"
    assert told["ended"] == {"ended with 0": 1}
