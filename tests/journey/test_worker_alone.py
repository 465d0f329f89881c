"""One worker of one tree, turn by turn: what it leads on, and in which order; when it rests."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import date, timedelta
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest

from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.ports import LostLease, NotOurs, TryLater
from bhyt_filedrop.work.arrival.sweep import Look
from bhyt_filedrop.work.worker import BATCH, STUCK_AFTER
from tests.journey.turns import DROP, NOTHING, NOW, Turn, settled


def test_a_turn_looks_takes_approves_leads_on_and_derives_in_this_order():
    turn = Turn(Look(settled(3), 0, None), due=[DROP, replace(DROP, id="D2", tree="far")])
    turn.worker.work()

    assert turn.did == ["registered 3", "approvals", "led D1", "derived"], (
        "others' trees are theirs"
    )


def test_what_waits_for_approval_is_laid_out_in_the_same_turn_and_the_rest_is_led_on():
    held = replace(DROP, id="H1", state=State.HELD)
    turn = Turn(derived=[DROP, held])
    turn.worker.work()
    assert turn.did == ["approvals", "derived", "led D1", "approvals"]

    alone = Turn(derived=[DROP])
    alone.worker.work()
    assert alone.did == ["approvals", "derived", "led D1"]


def test_a_tree_that_does_not_answer_holds_up_nothing_that_was_taken_already():
    turn = Turn(error=TryLater("x"), due=[DROP], derived=[replace(DROP, state=State.HELD)])

    assert turn.worker.work() is None
    assert turn.did == ["led D1", "derived"]
    assert turn.noted == []


@pytest.mark.parametrize("count", [0, 1, BATCH, BATCH + 1, 2 * BATCH])
def test_a_burst_is_written_down_in_batches_each_file_once(count: int):
    turn = Turn(Look(settled(count), 0, None))
    turn.worker.work()

    batches = [int(one.split()[1]) for one in turn.did if one.startswith("registered")]
    assert sum(batches) == count
    assert all(0 < one <= BATCH for one in batches)


def test_who_must_end_takes_nothing_more_and_notes_no_look():
    turn = Turn(Look(settled(3), 0, None))
    turn.worker.work(lambda: False)

    assert turn.did == ["approvals"]
    assert (turn.noted, turn.worker.looked_at) == ([], None)


def test_what_units_that_come_or_go_owe_is_made_before_the_first_file_of_the_day_is_looked_for():
    turn = Turn(Look(settled(1), 0, None))
    units = replace(turn.worker.journey.routes.units, day=date(2015, 6, 1))
    turn.worker.journey.routes = replace(turn.worker.journey.routes, units=units)  # type: ignore[misc]
    turn.worker.work()
    assert turn.did[0] == "derived"
    turn.did.clear()
    turn.worker.work()
    assert turn.did[0] == "registered 1"


def test_how_long_a_look_took_and_when_it_began_is_told():
    turn = Turn(took=3.5, seconds=100.0)
    turn.worker.work()

    assert turn.worker.look_seconds == 3.5
    assert turn.worker.looked_at == NOW


@pytest.mark.parametrize(("shared", "noted"), [(True, 3), (False, 1)])
def test_others_hear_at_once_whose_files_began_or_ceased_to_be_on_their_way(
    shared: bool, noted: int
):
    turn = Turn(shared=shared)
    for units in (frozenset[str](), frozenset({"760"}), frozenset({"760"}), frozenset[str]()):
        turn.look = replace(NOTHING, waiting_units=units)
        turn.worker.work()

    assert [units for _, units in turn.noted] == [frozenset(), frozenset({"760"}), frozenset()][
        :noted
    ]


def test_a_restored_ledger_catches_up_once_from_the_last_look_that_it_knows_of():
    turn, caught = Turn(), []
    turn.worker.catch_up = lambda tree, last: caught.append((tree, last))
    turn.worker.work()
    turn.worker.work()

    assert caught == [("main", NOW - timedelta(days=1))]
    assert turn.asked[2] == {"u"}


# --- whose turn it is, and how long it rests -----------------------------------------------------


def test_by_a_doubted_clock_nothing_is_done():
    turn = Turn(Look(settled(1), 0, None))
    turn.worker.doubted = lambda: NOW

    assert turn.worker.work() is None
    assert turn.did == []


def test_who_does_not_serve_the_tree_asks_again_within_three_seconds_and_uses_no_moment():
    turn = Turn(steps=9)
    turn.worker.leases = SimpleNamespace(held=lambda _name: nullcontext(0))  # type: ignore[assignment]

    assert turn.worker.work() is None
    assert (turn.did, turn.worker.pause(0.5)) == ([], 3.0)
    assert replace(turn.worker, interval=2.0).pause(None) == 2.0
    assert turn.worker.use_a_moment() is False
    assert turn.steps == 9


def test_who_lost_the_tree_amid_a_moment_takes_no_step():
    turn = Turn(steps=9)
    turn.worker.leases = SimpleNamespace(held=lambda _name: nullcontext(0))  # type: ignore[assignment]
    assert turn.worker.use_a_moment() is False
    assert turn.steps == 9
    turn.worker.leases = SimpleNamespace(held=lambda _name: nullcontext(1))  # type: ignore[assignment]
    assert turn.worker.use_a_moment() is True
    assert turn.steps == 8


@pytest.mark.parametrize(
    ("error", "refused"), [(NotOurs("x"), True), (LostLease("x"), False), (OSError("x"), False)]
)
def test_another_sites_tree_ends_everything_and_no_other_failure_does(
    error: Exception, refused: bool
):
    turn, stop = Turn(), Event()

    @contextmanager
    def held(_name: str):  # type: ignore[no-untyped-def]
        if turn.seconds:
            stop.set()
        turn.seconds += 1
        raise error
        yield

    turn.worker.leases = SimpleNamespace(held=held)  # type: ignore[assignment]
    turn.worker.interval = 0.0
    turn.worker.run(stop)

    assert (turn.worker.refused is error) is refused
    assert turn.seconds == (1 if refused else 2)


def test_a_worker_rests_until_its_bell_and_serves_then():
    turn, stop, looks = Turn(steps=3), Event(), []
    look = turn.worker.sweep.look

    def looking(*asked: Any) -> Look:
        looks.append(turn.steps)
        if len(looks) == 2:
            stop.set()
        turn.worker.bell.set()
        return look(*asked)

    turn.worker.sweep = SimpleNamespace(look=looking)  # type: ignore[assignment]
    turn.worker.run(stop)

    assert looks == [3, 3], "the bell rang amid the look: no moment is used up before the next"


@pytest.mark.parametrize(
    ("since", "step", "stuck"),
    [
        (None, 0.0, False),
        (STUCK_AFTER - 5, 0.0, False),
        (STUCK_AFTER + 5, 0.0, True),
        (STUCK_AFTER + 5, 9.0, False),
    ],
    ids=["it rests", "it takes long", "it hangs", "it took a step just now"],
)
def test_a_worker_hangs_when_neither_it_nor_the_drop_in_its_hands_gets_on(
    since: float | None, step: float, stuck: bool, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bhyt_filedrop.work.worker.time.monotonic", lambda: 5000.0)
    worker = Turn().worker
    worker._busy_since = None if since is None else 5000.0 - since
    worker.progress = SimpleNamespace(last=lambda _thread: 5000.0 - step if step else 0.0)  # type: ignore[assignment]

    assert worker.is_stuck() is stuck


@pytest.mark.parametrize(("used", "rests"), [(0.0, 15.0), (4.0, 11.0), (20.0, 0.0)])
def test_a_worker_rests_for_what_is_left_of_its_pause(
    used: float, rests: float, monkeypatch: pytest.MonkeyPatch
):
    turn, stop, waits = Turn(), Event(), []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        stop.set()

    turn.worker.bell = SimpleNamespace(clear=lambda: None, wait=wait)  # type: ignore[assignment]
    monkeypatch.setattr(turn.worker, "_use", lambda _pause, _alive: used)
    turn.worker.run(stop)

    assert waits == [rests]


def test_before_its_first_look_a_worker_tells_of_none():
    worker = Turn().worker

    assert (worker.looked_at, worker.look_seconds, worker.waiting_units) == (None, 0.0, frozenset())
