"""Several daemons on one ledger and one tree: as if there were one."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.settings import variable
from bhyt_filedrop.wiring.daemon import Running
from tests.journey.machines import drop_many, machine, message_ids, on_server, tree_of, void
from tests.journey.site import Site
from tests.servers.kinds import missing
from tests.servers.postgres import PASSWORD, Postgres, postgres, tools

pytestmark = pytest.mark.server


@pytest.fixture
def server() -> Postgres:
    if tools() is None:
        missing("postgresql")
    return postgres()


@pytest.fixture
def shared(site: Site, server: Postgres, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site whose ledger is on a server, with the password in the environment."""
    monkeypatch.setenv(variable("ledger"), PASSWORD)
    yield on_server(site, server)


def test_two_daemons_that_see_the_same_files_make_one_drop_of_each(shared: Site):
    machines = [shared, machine(shared, "b")]
    names = drop_many(shared, 6)
    with ExitStack() as stack:
        running = [stack.enter_context(one.running()) for one in machines]
        with ThreadPoolExecutor() as threads:
            for _ in range(2):
                list(threads.map(_all_that_is_there, running))

    assert sorted(drop.name for drop in shared.drops()) == names
    done = {State.ACCEPTED, State.RETURNED, State.HELD}
    assert {drop.state for drop in shared.drops()} <= done
    assert void(shared) == []
    mails = message_ids(machines)
    assert len(mails) == len(set(mails)) >= len(names)
    assert shared.left_in_work() == []
    assert all(times == 1 for times in tree_of(shared).values())


def _all_that_is_there(running: Running) -> None:
    running.daemon.once(lambda _seconds: None)
