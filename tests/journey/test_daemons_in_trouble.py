"""Daemons that share a ledger are killed, frozen, cut off and set wrong: as if nothing had been."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import text

from bhyt_filedrop.ports import LedgerAway
from bhyt_filedrop.settings import variable
from bhyt_filedrop.wiring.books import open_books
from tests.journey.machines import drop_many, machine, message_ids, on_server, tree_of, void
from tests.journey.service import NOW, REPOSITORY
from tests.journey.site import Site, copied
from tests.servers.faults import HOST, Fault, FaultProxy, Harm, Toward
from tests.servers.kinds import missing
from tests.servers.postgres import PASSWORD, Postgres, postgres, tools
from tests.waiting import until

pytestmark = [pytest.mark.server, pytest.mark.long]

in_proof = pytest.mark.skipif(
    "BHYT_PROOF" not in os.environ, reason="a minute; `make proof PROOF=machines` runs it"
)

SEEDS = [int(one) for one in os.environ.get("BHYT_PROOF", "7").split(",")]
"""At which moments daemons are killed."""

FILES = 15
TAKEN_UP_WITHIN = 30.0
"""Seconds after which another daemon must have what one left."""


class Fleet:
    """Daemons of one ledger, each a process group of its own."""

    def __init__(self, site: Site) -> None:
        self.machines = [site]
        self.running: dict[int, subprocess.Popen[bytes]] = {}

    def add(self, *, host: str = "127.0.0.1") -> int:
        """One more machine; return its number."""
        there = machine(self.machines[0], f"m{len(self.machines)}", host=host)
        self.machines.append(there)
        return len(self.machines) - 1

    def start(self, n: int, ahead: int = 0) -> None:
        """Start a daemon; its clock is ahead by so many seconds."""
        code = _SET_WRONG.format(ahead=ahead) if ahead else _AS_IT_IS
        now = [] if ahead else ["--now", NOW]
        config = self.machines[n].config
        with (self.machines[n].directory / "service.log").open("ab") as log:
            self.running[n] = subprocess.Popen(
                [sys.executable, "-c", code, "run", "--config", str(config), *now],
                cwd=REPOSITORY, stderr=log, start_new_session=True,
            )  # fmt: skip

    def signal(self, n: int, what: int) -> None:
        """Send a signal to a daemon and all its processes."""
        with suppress(ProcessLookupError):
            os.killpg(self.running[n].pid, what)
        if what == signal.SIGKILL:
            self.running.pop(n).wait()

    def log(self, n: int) -> str:
        """What a daemon said by now."""
        return (self.machines[n].directory / "service.log").read_text(encoding="utf-8")

    def end(self) -> None:
        """End all; every one ends well."""
        for one in self.running.values():
            one.terminate()
        for n, one in self.running.items():
            # One that was started a moment ago hears of nothing yet.
            assert one.wait(120) in (0, -signal.SIGTERM), self.log(n)
        self.running.clear()


_AS_IT_IS = "from bhyt_filedrop.cli import main; main()"
_SET_WRONG = """
import datetime
class Wrong(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return super().now(tz) + datetime.timedelta(seconds={ahead})
datetime.datetime = Wrong
from bhyt_filedrop.cli import main
main()
"""


@pytest.fixture
def server() -> Postgres:
    if tools() is None:
        missing("postgresql")
    return postgres()


@pytest.fixture
def fleet(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fleet]:
    monkeypatch.setenv(variable("ledger"), PASSWORD)
    monkeypatch.setenv("PYTHONUTF8", "1")
    made = Fleet(copied(template, tmp_path / "shared"))
    yield made
    for n in tuple(made.running):
        made.signal(n, signal.SIGKILL)


@pytest.fixture(scope="module")
def alone(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The same files on one daemon with SQLite."""
    site = copied(template, tmp_path_factory.mktemp("alone"))
    drop_many(site, FILES)
    site.once()
    return site


def served(fleet: Fleet, server: Postgres, count: int) -> Site:
    """A full folder on a server's ledger, and so many machines, none started."""
    site = on_server(fleet.machines[0], server)
    site.set('\nurl = "postgresql', '\nworkers = 1\nurl = "postgresql')
    open_books(site.settings).close()
    for _ in range(count - 1):
        fleet.add()
    drop_many(site, FILES)
    return site


def how_far(site: Site) -> Counter[bool]:
    """How many drops are done, and how many are not."""
    try:
        return Counter(not drop.is_under_way for drop in site.drops())
    except LedgerAway:
        return Counter()


def until_done(site: Site, fleet: Fleet) -> None:
    """Wait until every file is, and every letter left."""
    until(lambda: how_far(site) == {True: FILES}, "the end of all drops")
    until(lambda: not _letters_waiting(site), "the last letter")
    fleet.end()


def _letters_waiting(site: Site) -> int:
    books = open_books(site.settings)
    with books.engine.connect() as connection:
        due = "SELECT count(*) FROM letters WHERE state = 'due' AND kind <> 'notice'"
        waiting = int(connection.execute(text(due)).scalar_one())
    books.close()
    return waiting


def must_be_as_alone(site: Site, fleet: Fleet, alone: Site, *, killed: bool = False) -> None:
    """Nothing lost, nothing doubled, nothing left: all as one daemon with SQLite leaves it."""
    assert void(site) == []
    assert site.states() == alone.states()
    assert tree_of(site) == tree_of(alone)
    assert site.left_in_work() == []
    ours, theirs = message_ids(fleet.machines), message_ids([alone])
    # A process that is killed between handing a mail over and noting it hands it over once more,
    # with the same Message-ID.
    assert len(set(ours)) == len(theirs)
    assert killed or len(ours) == len(set(ours))


def test_four_daemons_on_a_full_folder_do_what_one_does(
    fleet: Fleet, server: Postgres, alone: Site
):
    site = served(fleet, server, 4)
    for n in range(4):
        fleet.start(n)
    until_done(site, fleet)

    must_be_as_alone(site, fleet, alone)


@pytest.mark.parametrize("seed", SEEDS)
def test_daemons_that_are_killed_at_random_leave_nothing_undone(
    fleet: Fleet, server: Postgres, alone: Site, seed: int
):
    site, chance = served(fleet, server, 2), random.Random(seed)
    for n in range(2):
        fleet.start(n)
    for _ in range(4):
        time.sleep(chance.uniform(3, 8))
        n = chance.randrange(2)
        fleet.signal(n, signal.SIGKILL)
        fleet.start(n)
    until_done(site, fleet)

    must_be_as_alone(site, fleet, alone, killed=True)


@in_proof
def test_a_daemon_that_is_frozen_loses_its_work_and_changes_nothing_when_it_wakes(
    fleet: Fleet, server: Postgres, alone: Site
):
    site = served(fleet, server, 2)
    fleet.start(0)
    until(lambda: how_far(site)[True] >= 2, "the first drops")
    fleet.signal(0, signal.SIGSTOP)
    done, frozen = how_far(site)[True], time.monotonic()
    assert done < FILES
    fleet.start(1)
    until(lambda: how_far(site)[True] > done, "another's work")
    taken_up = time.monotonic() - frozen
    until(lambda: how_far(site) == {True: FILES}, "the end of all drops")
    fleet.signal(0, signal.SIGCONT)
    time.sleep(3)
    until_done(site, fleet)

    must_be_as_alone(site, fleet, alone, killed=True)
    assert taken_up < TAKEN_UP_WITHIN, taken_up


@in_proof
def test_a_daemon_whose_line_is_cut_without_a_word_is_replaced(
    fleet: Fleet, server: Postgres, alone: Site
):
    site = served(fleet, server, 1)
    proxy = FaultProxy([server.program.port])
    cut_off = fleet.add(host=HOST)
    fleet.add()
    fleet.start(cut_off)
    until(lambda: how_far(site)[True] >= 2, "the first drops")
    proxy.strike(Fault(Harm.STALL, Toward.CLIENT, lasting=True))
    time.sleep(1)
    done, cut = how_far(site)[True], time.monotonic()
    fleet.start(2)
    until(lambda: how_far(site)[True] > done, "another's work")
    taken_up = time.monotonic() - cut
    proxy.heal()
    until_done(site, fleet)
    proxy.close()

    must_be_as_alone(site, fleet, alone, killed=True)
    assert taken_up < TAKEN_UP_WITHIN, taken_up


@in_proof
def test_a_server_that_is_started_again_amid_all_stops_nobody_for_long(
    fleet: Fleet, server: Postgres, alone: Site
):
    site = served(fleet, server, 2)
    for n in range(2):
        fleet.start(n)
    until(lambda: how_far(site)[True] >= 2, "the first drops")
    done = how_far(site)[True]
    server.program.kill()
    time.sleep(2)
    server.program.start()
    up = time.monotonic()
    until(lambda: how_far(site)[True] > done, "work again")
    taken_up = time.monotonic() - up
    until_done(site, fleet)

    must_be_as_alone(site, fleet, alone, killed=True)
    assert taken_up < TAKEN_UP_WITHIN, taken_up


@in_proof
def test_clocks_ten_minutes_apart_are_one_time_for_all(fleet: Fleet, server: Postgres):
    """The real clock: what came in these days is judged as of now, whatever each machine says."""
    site = served(fleet, server, 2)
    began = time.time()
    for n, ahead in enumerate((600, -600)):
        fleet.start(n, ahead)
    until_done(site, fleet)

    assert void(site) == []
    times = [drop.arrived_at.timestamp() for drop in site.drops()]
    assert all(began - 120 < at < time.time() + 5 for at in times)
    books = open_books(site.settings)
    with books.engine.connect() as connection:
        events = connection.execute(text("SELECT min(at), max(at) FROM events")).one()
    books.close()
    assert (events[1] - events[0]).total_seconds() < time.time() - began + 5
    ours = message_ids(fleet.machines)
    assert len(ours) == len(set(ours)) > 0
