"""Lines to a server, leases and workers without a server: what is asked, and how often."""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.exc import DisconnectionError

from bhyt_filedrop.edges.ledger import hand, leasebook, postgres
from bhyt_filedrop.edges.ledger.hand import Hand
from bhyt_filedrop.edges.ledger.leasebook import LedgerLeases
from bhyt_filedrop.edges.ledger.postgres import Lease, must_stand, working_under
from bhyt_filedrop.ports import LostLease
from tests.waiting import until


class Asking(LedgerLeases):
    """Leases of one daemon, where the server answers by the test's word."""

    def __init__(self, *answers: bool) -> None:
        super().__init__(None, "a")  # type: ignore[arg-type]
        self.answers, self.asked, self.released = list(answers), 0, list[str]()

    def _take(self, name: str) -> Lease | None:
        self.asked += 1
        if not self.answers.pop(0):
            return None
        self._mine[name] = Lease(name, "a", self.asked)
        return self._mine[name]

    def _release(self, names: list[str]) -> None:
        self.released += names


def test_what_is_kept_is_asked_for_once_and_stays_until_it_is_lost():
    leases = Asking(True, True)
    for _ in range(3):
        with leases.held("clock") as ours:
            assert ours == 1
    assert (leases.asked, leases.released) == (1, [])
    with pytest.raises(LostLease), leases.held("clock"):
        raise LostLease("clock")
    with leases.held("clock") as ours:
        assert ours == 2


def test_another_daemons_work_is_left_at_once_unless_somebody_has_patience():
    leases = Asking(False, False, True)
    leases._stop.set()  # it waits no second
    with leases.held("clock") as ours:
        assert ours == 0
    assert leases.asked == 1
    with leases.held("clock", patience=60.0) as ours:
        assert ours == 3
    assert working_under.get() == ()


def test_what_is_done_for_a_moment_is_given_back_whatever_comes_of_it():
    leases = Asking(True, False, True)
    with suppress(ZeroDivisionError), leases.held("unit/760", keep=False):
        assert [one.name for one in working_under.get()] == ["unit/760"]
        with leases.held("unit/760", keep=False) as again:
            assert again == 0, "one thread at a time, and the server is not asked"
        assert leases.asked == 1
        raise ZeroDivisionError
    assert leases.released == ["unit/760"]
    with leases.held("unit/760", keep=False) as ours:
        assert ours == 0
    with leases.held("unit/760", keep=False) as ours:
        assert ours == 3


def test_lines_on_which_no_answer_comes_are_given_up_each_time_for_long(
    monkeypatch: pytest.MonkeyPatch,
):
    cut: list[float] = []
    monkeypatch.setattr(leasebook, "cut_lines", lambda _engine: cut.append(time.monotonic()))
    monkeypatch.setattr(leasebook, "NO_ANSWER_SECONDS", 0.2)
    leases = Asking()
    leases._answered = time.monotonic()
    began = time.monotonic()
    leases._watching.start()
    until(lambda: len(cut) == 2, "the lines to be given up twice")
    leases._stop.set()
    leases._watching.join()

    assert cut[0] - began > 0.2
    assert cut[1] - cut[0] > 0.2


def test_where_answers_come_no_line_is_given_up(monkeypatch: pytest.MonkeyPatch):
    cut: list[object] = []
    monkeypatch.setattr(leasebook, "cut_lines", cut.append)
    monkeypatch.setattr(leasebook, "NO_ANSWER_SECONDS", 0.05)
    leases = Asking()
    leases._answered = time.monotonic() + 60
    leases._watching.start()
    time.sleep(0.1)
    leases._stop.set()
    leases._watching.join()

    assert cut == []


# --- lines that rested ---------------------------------------------------------------------------


class Broken(Exception):
    """What a driver says of a line that is no more."""


@pytest.mark.parametrize(
    ("rested", "asked"), [(None, False), (0.0, False), (2.0, False), (2.5, True)]
)
def test_a_line_that_rested_for_two_seconds_is_asked_whether_it_still_stands(
    monkeypatch: pytest.MonkeyPatch, rested: float | None, asked: bool
):
    monkeypatch.setattr(postgres.time, "monotonic", lambda: 100.0)
    pings: list[object] = []

    def ping(line: object) -> None:
        pings.append(line)
        raise Broken

    dialect = SimpleNamespace(do_ping=ping, loaded_dbapi=SimpleNamespace(Error=Broken))
    record = SimpleNamespace(info={} if rested is None else {postgres._USED: 100.0 - rested})
    engine: Any = SimpleNamespace(dialect=dialect)
    if asked:
        with pytest.raises(DisconnectionError):
            postgres._must_answer(engine, "line", record)  # type: ignore[arg-type]
    else:
        postgres._must_answer(engine, "line", record)  # type: ignore[arg-type]

    assert pings == ["line"] * asked


def test_every_lease_under_which_something_is_written_must_stand():
    standing = {("clock", "a", 1)}
    connection: Any = SimpleNamespace(
        exec_driver_sql=lambda _query, of: SimpleNamespace(
            first=lambda: 1 if of in standing else None
        )
    )
    must_stand(connection, (Lease("clock", "a", 1),))
    must_stand(connection, ())
    with pytest.raises(LostLease, match="outbox"):
        must_stand(connection, (Lease("clock", "a", 1), Lease("outbox", "a", 1)))


# --- a worker ------------------------------------------------------------------------------------


class App:
    """A queue that gives a worker its jobs as the library would."""

    jobs: tuple[str, ...] = ()
    options: dict[str, Any]

    def __init__(self, connector: object) -> None:
        self.job_manager = SimpleNamespace(fetch_job=self._fetch)
        App.options = {"connector": connector}

    async def _fetch(self) -> str | None:
        return None

    def task(self, **named: str):  # type: ignore[no-untyped-def]
        App.options |= named
        return lambda do: setattr(self, "do", do)

    @asynccontextmanager
    async def open_async(self) -> AsyncIterator[None]:
        yield

    async def run_worker_async(self, **options: Any) -> None:
        App.options |= options
        for job in App.jobs:
            await self.job_manager.fetch_job()
            self.do(job)  # type: ignore[attr-defined]


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[App]]:
    procrastinate = pytest.importorskip("procrastinate")
    monkeypatch.setattr(procrastinate, "App", App)
    monkeypatch.setattr(procrastinate, "PsycopgConnector", lambda **named: named)
    monkeypatch.setattr(Hand, "_address", lambda _self: {})
    yield App
    App.jobs = ()


def test_a_worker_looks_at_one_drop_after_another_and_leaves_no_job_behind(app: type[App]):
    app.jobs, seen = ("D1", "D2"), []
    made = Hand(None, lambda drop: seen.append((drop, made.thread)))  # type: ignore[arg-type]
    made.fetched_at = 0.0
    with pytest.raises(ConnectionError, match="the worker ended"):
        made.run()

    assert seen == [("D1", threading.get_ident()), ("D2", threading.get_ident())]
    assert made.thread is None
    assert made.fetched_at > 0
    asked = app.options
    assert (asked["concurrency"], asked["delete_jobs"]) == (1, "always")
    assert asked["install_signal_handlers"] is False
    assert asked["queues"] == [asked["queue"]] == [hand.QUEUE]
    assert asked["update_heartbeat_interval"] * 3 < asked["stalled_worker_timeout"]


def test_a_worker_that_was_told_to_end_before_it_began_asks_for_nothing(app: type[App]):
    app.jobs, seen = ("D1",), list[str]()
    made = Hand(None, seen.append)  # type: ignore[arg-type]
    made.stop()
    made.run()

    assert seen == []


def test_a_look_that_fails_leaves_the_worker_at_no_drop(app: type[App]):
    app.jobs = ("D1",)

    def fails(_drop: str) -> None:
        raise OSError("đĩa")

    made = Hand(None, fails)  # type: ignore[arg-type]
    with pytest.raises(OSError, match="đĩa"):
        made.run()
    assert made.thread is None
