"""One drop that takes long holds up nobody else, has an end, and is no hang."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.ports import Reading
from bhyt_filedrop.wiring.daemon import Running
from bhyt_filedrop.work import worker as worker_module
from bhyt_filedrop.work.arrival import pace
from bhyt_filedrop.work.arrival.judging import NotAhead
from tests.journey.scenes import form_3, packed
from tests.journey.site import DISTRICT, OTHER_DISTRICT, Site
from tests.waiting import until

MEMBERS = 6


class Slow:
    """A reader for whom each workbook out of an archive takes an hour of the clock of the drops."""

    def __init__(self, reader: Any, clock: list[float], seconds: float) -> None:
        self._reader, self._clock, self._seconds = reader, clock, seconds
        self.read_in: list[str] = []

    def read(self, path: Path, name: str) -> Reading:
        if name.startswith("n"):
            self._clock[0] += self._seconds
        self.read_in.append(name)
        return self._reader.read(path, name)  # type: ignore[no-any-return]

    def unpack(self, *args: Any) -> Any:
        return self._reader.unpack(*args)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    now = [0.0]
    real = pace.Allowance
    monkeypatch.setattr(
        "bhyt_filedrop.work.arrival.judging.Allowance",
        lambda whole, turn, step: real(whole, turn, step, lambda: now[0]),
    )
    yield now


def slowly(running: Running, clock: list[float], seconds: float) -> Slow:
    slow = Slow(running.journey.gathering.judging.reader, clock, seconds)
    running.journey.gathering.judging.reader = slow
    running.journey.gathering.ahead = NotAhead()  # other processes go by a clock of their own
    return slow


def many(site: Site) -> bytes:
    return packed(**{f"n{n}.exe": b"MZ%d" % n for n in range(MEMBERS)}, a=form_3(site))


def test_a_drop_that_takes_long_lets_the_others_pass_and_is_read_whole_in_its_next_turn(
    site: Site, clock: list[float]
):
    site.drop(DISTRICT, "a.zip", many(site))
    site.drop(OTHER_DISTRICT, "z.exe", b"MZ")
    with site.running() as running:
        slow = slowly(running, clock, 15)
        running.daemon.workers["main"].work()
        assert site.states() == {"a.zip": State.CLAIMED, "z.exe": State.RETURNED}
        assert len(slow.read_in) < MEMBERS
        site.clock.now += timedelta(minutes=2)
        running.daemon.workers["main"].work()

    assert site.states()["a.zip"] is State.RETURNED
    assert {f"n{n}.exe" for n in range(MEMBERS)} <= set(slow.read_in)


def test_a_drop_that_takes_long_is_read_beside_the_others_and_nobody_waits_for_it(site: Site):
    """It may take five minutes; whoever drops a file meanwhile hears within seconds."""
    site.drop(DISTRICT, "a.zip", many(site))
    with site.running() as running:
        worker, gathering = running.daemon.workers["main"], running.journey.gathering
        gathering.turn = 0.0
        worker.work()
        gathering.turn = pace.TURN
        here = Slow(gathering.judging.reader, [0.0], 0)
        gathering.judging.reader = here
        site.clock.now += timedelta(minutes=2)
        site.drop(OTHER_DISTRICT, "z.exe", b"MZ")
        worker.work()
        assert site.states() == {"a.zip": State.CLAIMED, "z.exe": State.RETURNED}
        (drop,) = [one for one in site.drops() if one.name == "a.zip"]
        until(lambda: not gathering.ahead.is_under_way(drop))
        site.clock.now += timedelta(minutes=2)
        worker.work()

    assert site.states()["a.zip"] is State.RETURNED
    assert here.read_in == ["z.exe"], "the archive was read elsewhere"


def test_a_service_that_is_called_now_and_then_reads_it_at_once(site: Site, clock: list[float]):
    """`run --once` would step back each time, and never come to it."""
    site.drop(DISTRICT, "a.zip", many(site))
    with site.running() as running:
        slow = slowly(running, clock, 15)
        running.daemon.once(lambda _seconds: None)

    assert len(slow.read_in) > MEMBERS
    assert site.states() == {"a.zip": State.RETURNED}


def test_an_archive_whose_files_take_more_than_a_drop_may_goes_back_and_says_how_many_were_read(
    site: Site, clock: list[float]
):
    site.drop(DISTRICT, "a.zip", many(site))
    with site.running() as running:
        slowly(running, clock, 110)
        running.daemon.workers["main"].work()
        site.clock.now += timedelta(minutes=2)
        running.daemon.workers["main"].work()

    drop = site.only()
    assert drop.state is State.RETURNED
    (told,) = site.facts(drop)["findings"]
    assert told["code"] == "file.unsafe"
    assert f"mới đọc được 3 trong {MEMBERS + 1} tệp" in told["message"]
    assert "Chia thành nhiều tệp nén nhỏ hơn" in told["remedy"]


def test_a_worker_that_takes_step_after_step_is_no_hang(
    site: Site, monkeypatch: pytest.MonkeyPatch
):
    """Neither while it reads an archive of many files, nor while it delivers to many places."""
    monkeypatch.setattr(worker_module, "STUCK_AFTER", 0.3)
    with site.running() as running:
        worker = running.daemon.workers["main"]
        stop, stepping, silent = Event(), Event(), Event()

        def work(_alive: Any) -> None:
            while not silent.is_set():
                running.journey.gathering.judging.step()
                running.journey.delivering.step()
                stepping.set()
                time.sleep(0.01)
            stop.wait()

        monkeypatch.setattr(worker, "work", work)
        serving = Thread(target=worker.run, args=(stop,))
        serving.start()
        stepping.wait()
        time.sleep(0.6)
        assert not worker.is_stuck()
        silent.set()
        time.sleep(0.6)
        assert worker.is_stuck()
        stop.set()
        worker.bell.set()
        serving.join()
