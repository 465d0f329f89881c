"""Files made to harm or spoilt at random: an answer each, and not a byte where none belongs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harmful import HOSTILE
from tests.proof import hostile, watched
from tests.proof.play import must_be_possible, played

KIND_STEP = 9


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_whoever_sends_a_file_made_to_harm_makes_the_service_write_start_and_reach_nothing():
    must_be_possible()
    found = list(played("hostile", str(KIND_STEP), "12"))

    assert list(hostile.problems(found)) == []
    assert len(found) == len(range(0, len(HOSTILE), KIND_STEP)) + 12 + 1
    assert found[-1] == {"outside": []}


def test_this_watch_would_see_what_is_written_started_and_reached_elsewhere(tmp_path: Path):
    must_be_possible()
    home, away, log = tmp_path / "home", tmp_path / "away", tmp_path / "log"
    home.mkdir()
    away.mkdir()
    script = (
        f"echo x > {home}/a; echo x > {away}/a; mv {home}/a {away}/b; ln -s /etc/passwd {away}/c"
    )
    watched.run(log, ["/bin/sh", "-c", script])
    told = "\n".join(watched.outside(log, [home], [Path("/bin/sh")]))

    for what in (f"openat {away}/a", f"{away}/b", f"{away}/c", "/bin/mv", "/bin/ln"):
        assert what in told
    assert f"openat {home}/a" not in told
