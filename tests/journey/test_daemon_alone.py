"""When the daemon sends, reads and reminds, and when it rather waits: with books of its own."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.drops.lying import Lying, Why
from bhyt_filedrop.domain.letters.letter import Letter
from bhyt_filedrop.domain.owed.obligations import DeliveredIndex
from bhyt_filedrop.ports import NotOurs
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import load
from bhyt_filedrop.wiring.declared import world_of
from bhyt_filedrop.work import daemon
from bhyt_filedrop.work.daemon import Daemon
from bhyt_filedrop.work.rounds.reminding import LONGEST_WAIT, MAX_NAMES, Reminding
from tests.offices import LISTS_REACHED_WARDS, ROUND, moment

NOW = moment(6, 12, 9)


# --- sending and reading --------------------------------------------------------------------------


@dataclass
class Post:
    """An outbox and an inbox at once: how often, and by what time, each was asked."""

    runs: list[datetime] = field(default_factory=list)
    recalled: int = 0
    mails: list[int] = field(default_factory=lambda: [2, 1])
    fails: bool = False

    def run_once(self, now: datetime) -> int:
        self.runs.append(now)
        if self.fails:
            raise OSError("the ledger is away")
        return self.mails.pop(0) if self.mails else 0

    def recall(self) -> None:
        self.recalled += 1


def a_daemon(post: Post, **more: Any) -> Daemon:
    nobody = SimpleNamespace(tick=lambda: None)
    return Daemon({}, nobody, post, lambda: NOW, inbox=post, **more)  # type: ignore[arg-type]


def numbered(*numbers: int) -> Any:
    times = iter(numbers)
    return SimpleNamespace(held=lambda _name: nullcontext(next(times)))


def test_letters_go_and_come_as_often_as_it_is_this_daemons_turn():
    post = Post()
    daemon = a_daemon(post, leases=numbered(1, 0, 1, 0))

    assert (daemon.post(), daemon.post()) == (2, 0)
    assert (daemon.read_mail(), daemon.read_mail()) == (1, 0)
    assert len(post.runs) == 2


@pytest.mark.parametrize(("numbers", "asked"), [((1, 1), 0), ((1, 2), 1), ((1, 0, 3), 1)])
def test_what_went_out_is_asked_anew_once_another_daemon_sent(numbers: tuple[int, ...], asked: int):
    post = Post()
    daemon = a_daemon(post, leases=numbered(*numbers))
    for _ in numbers:
        daemon.post()

    assert post.recalled == asked


def test_a_failure_of_the_ledger_sends_and_reads_nothing_and_is_tried_again():
    post = Post(fails=True)
    daemon = a_daemon(post)

    assert (daemon.post(), daemon.read_mail()) == (0, 0)
    post.fails = False
    assert (daemon.post(), daemon.read_mail()) == (2, 1)


def test_by_a_doubted_clock_letters_go_as_of_the_ledgers_last_moment_and_none_are_read():
    post = Post()
    before = NOW - timedelta(days=1)
    daemon = a_daemon(post, doubted=lambda: before)

    assert (daemon.post(), daemon.read_mail()) == (2, 0)
    assert post.runs == [before]


@pytest.mark.parametrize(
    ("stuck", "beats"), [((False, False), True), ((True, False), False), ((True, True), False)]
)
def test_one_worker_that_hangs_is_enough_for_systemd_to_be_told(
    stuck: tuple[bool, ...], beats: bool, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(daemon, "BEAT_SECONDS", 0.01)
    mine, asked, beaten = a_daemon(Post(), post_seconds=60.0), list[int](), list[int]()

    def a_worker(hangs: bool) -> Any:
        def is_stuck() -> bool:
            asked.append(1)
            if len(asked) > 5:
                mine.stop.set()
            return hangs

        return SimpleNamespace(
            run=lambda _stop: None, is_stuck=is_stuck, bell=Event(), refused=None
        )

    mine.workers = {str(n): a_worker(hangs) for n, hangs in enumerate(stuck)}
    mine.run(lambda: beaten.append(1))

    assert bool(beaten) is beats


def test_without_a_mailbox_nothing_is_read():
    daemon = replace(a_daemon(Post()), inbox=None)

    assert daemon.read_mail() == 0


@pytest.mark.parametrize(("ours", "doubted", "done"), [(1, None, 1), (0, None, 0), (1, NOW, 0)])
def test_reminders_are_one_daemons_and_of_a_trusted_clock(
    ours: int, doubted: datetime | None, done: int
):
    ticks: list[str] = []
    daemon = a_daemon(
        Post(), leases=numbered(ours), doubted=lambda: doubted, seal=lambda _at: ticks.append("s")
    )
    daemon.reminding = SimpleNamespace(tick=lambda: ticks.append("t"))  # type: ignore[assignment]
    daemon.tick()

    assert ticks == ["t", "s"] * done


@pytest.mark.parametrize(
    ("again", "quiet", "pauses"),
    [
        ([None], False, 0),
        ([2.0, 3.0, None], False, 2),
        ([2.0] * 99, False, 15),
        ([15.5, None], False, 0),
        ([15.0, None], False, 1),
        ([15.5, None], True, 1),
        ([61.0, None], True, 0),
    ],
    ids=["nothing", "soon", "endless", "far", "near", "a quiet time", "longer than that"],
)
def test_a_run_that_ends_by_itself_waits_for_a_file_as_long_as_its_quiet_time_asks(
    again: list[float | None], quiet: bool, pauses: int
):
    looks = iter(again)
    worker = SimpleNamespace(
        journey=SimpleNamespace(gathering=SimpleNamespace(turn=1.0)),
        work=lambda: SimpleNamespace(look_again_in=next(looks), quiet=quiet),
        quiet_seconds=60.0,
        use_a_moment=iter((True, False)).__next__,
    )
    post, waited = Post(), list[float]()
    daemon = replace(a_daemon(post), workers={"main": worker})
    daemon.once(waited.append)

    assert len(waited) == pauses
    assert worker.journey.gathering.turn == float("inf")
    assert post.mails == [], "all that is due goes"


@pytest.mark.parametrize(("step", "last", "least"), [(0.05, 9.0, 0.05), (9.0, 0.3, 0.3)])
def test_a_daemon_that_ends_waits_for_the_steps_that_are_under_way_but_not_for_ever(
    step: float, last: float, least: float, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(daemon, "LAST_STEPS", last)
    over, rung = Event(), list[float]()
    began = time.monotonic()
    bell = SimpleNamespace(set=lambda: rung.append(time.monotonic() - began))

    def run(stop: Event) -> None:
        stop.wait()
        over.wait(step)

    worker = SimpleNamespace(run=run, bell=bell, refused=None, is_stuck=lambda: False)
    ending = a_daemon(Post(mails=[]))
    ending.workers = {"main": worker}  # type: ignore[assignment,dict-item]
    ending.post_seconds = 9.0
    ending.inbox = None
    ending.stop.set()
    ending.run(lambda: None)
    took = time.monotonic() - began
    over.set()

    assert least <= took < 5.0
    assert len(rung) == 1


def test_a_daemon_whose_tree_another_site_took_over_ends_with_that():
    refused = NotOurs("another site")
    worker = SimpleNamespace(
        run=lambda stop: stop.set(), bell=Event(), refused=refused, is_stuck=lambda: False
    )
    ending = a_daemon(Post(mails=[]))
    ending.workers = {"main": worker}  # type: ignore[assignment,dict-item]

    with pytest.raises(NotOurs, match="another site"):
        ending.run(lambda: None)


# --- reminding ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def world() -> World:
    return world_of(load(config_dir()))


@dataclass
class Letters:
    put: list[Letter] = field(default_factory=list)

    def put_letters(self, letters: Iterable[Letter], at: datetime) -> int:
        new = [one for one in letters if one.key not in {known.key for known in self.put}]
        self.put += new
        return len(new)

    def known_keys(self, prefixes: tuple[str, ...]) -> frozenset[str]:
        return frozenset(one.key for one in self.put if one.key.startswith(prefixes))


def reminding(world: World, now: datetime, **more: Any) -> Reminding:
    """All wards owe: the lists have reached them."""
    facts = DeliveredIndex.of(LISTS_REACHED_WARDS)
    return Reminding(
        world, Letters(), lambda _rounds: facts, lambda: (str(ROUND),), lambda: now, **more
    )  # type: ignore[arg-type]


def kinds(letters: Iterable[Letter]) -> set[str]:
    return {one.key.split("/")[0] for one in letters}


MORNING = moment(6, 16, 9)


def test_nobody_is_reminded_before_every_tree_was_looked_over_that_morning(world: World):
    hour = moment(6, 16, world.process.remind_at.hour, world.process.remind_at.minute)

    def owed(seen: datetime | None, now: datetime = hour) -> tuple[Letter, ...]:
        return reminding(world, now, looks=lambda: {"main": seen}).owed_at(now)

    assert kinds(owed(hour)) >= {"reminder"}
    assert owed(hour - timedelta(seconds=1)) == ()
    assert owed(None) == ()
    assert owed(None, hour - timedelta(minutes=1)) == ()
    assert owed(None, hour + LONGEST_WAIT - timedelta(seconds=1)) == ()

    (told,) = [one for one in owed(None, hour + LONGEST_WAIT) if "held" in one.key]
    assert told.unit == world.process.admin
    owing = {one.unit for one in owed(hour) if one.kind == "reminder"}
    assert owing
    late = owed(None, hour + LONGEST_WAIT)
    assert not owing & {one.unit for one in late if one.kind == "reminder"}


def test_whose_file_is_not_judged_yet_is_not_reminded(world: World):
    every = reminding(world, MORNING).owed_at(MORNING)
    unit = next(one.unit for one in every if one.key.startswith("reminder/"))
    some = reminding(world, MORNING, unjudged=lambda: frozenset({unit})).owed_at(MORNING)

    assert unit in {one.unit for one in every if one.key.startswith("reminder/")}
    assert unit not in {one.unit for one in some if one.key.startswith("reminder/")}


@pytest.mark.parametrize("beyond", [-1, 0, 1, 7])
def test_a_digest_names_so_many_files_that_lie_there_and_counts_the_others(
    world: World, beyond: int
):
    count = MAX_NAMES + beyond
    found = [Lying("main", f"{n}.xlsx", Why.ELSEWHERE, "", NOW) for n in range(count)]
    one = Letter("digest/1", "digest", "cntt", {"x": 1})
    other = Letter("reminder/1", "reminder", "760", {})
    told = reminding(world, MORNING, lying=lambda: found)._with_lying((one, other))

    lines = told[0].context["lying"]
    assert lines[: min(count, MAX_NAMES)] == [
        line for line in lines if line.split(": ")[0].endswith(".xlsx")
    ]
    assert lines[MAX_NAMES:] == ([f"… và {beyond} nữa"] if beyond > 0 else [])
    assert (told[0].context["x"], told[1]) == (1, other)


@pytest.mark.parametrize("count", [2, MAX_NAMES, MAX_NAMES + 1])
def test_who_was_not_reminded_is_named_up_to_a_number(world: World, count: int):
    units = [unit.id for unit in world.units][:count]

    told = reminding(world, MORNING)._held_back(MORNING, frozenset(units))

    names = told.context["paragraphs"][1].rstrip(".").split("; ")  # type: ignore[index,union-attr]
    assert len(names) == min(count, MAX_NAMES) + (count > MAX_NAMES)
    assert (names[-1] == "…") is (count > MAX_NAMES)


def test_the_first_reminders_of_a_new_site_wait_until_they_were_seen(world: World):
    asked = reminding(replace(world, first_round=ROUND), MORNING)
    assert asked.wait_to_be_seen()
    assert asked.tick() > 0
    assert "reminder" not in kinds(asked.letters.put)  # type: ignore[attr-defined]
    assert [one for one in asked.letters.put if "reminders-first" in one.key]  # type: ignore[attr-defined]

    known = reminding(world, MORNING)
    assert not known.wait_to_be_seen()
    assert known.tick() > 0
    assert known.tick() == 0
    assert "reminder" in kinds(known.letters.put)  # type: ignore[attr-defined]
    assert not replace(asked, letters=known.letters).wait_to_be_seen()
