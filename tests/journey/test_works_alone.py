"""What services of `work/` decide, each alone: books, trees and clocks of the test's own."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.letters.letter import Letter
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.ports import NeverWorks, TryLater
from bhyt_filedrop.work.arrival.outage import CLAIM, LOOK, PUT, TOLD_AFTER, Outage, WatchedTree
from bhyt_filedrop.work.arrival.pace import Allowance, Progress, TakesLong
from bhyt_filedrop.work.derived.kept_lists import KeptLists
from bhyt_filedrop.work.rounds.clock_watch import ClockWatch, LastSound
from tests.offices import moment

NOW = moment(6, 12, 9)
DROP = Drop("D1", "main", "Quận 1/a.xlsx", "760", 10, 1.0, ".work/D1", NOW, sha256="5" * 64)


# --- how long a drop may be read -----------------------------------------------------------------


def test_a_drop_is_read_on_while_there_is_time_and_lets_others_pass_after_its_turn():
    clock, steps = [100.0], []
    mine = Allowance(whole=60, turn=20, step=lambda: steps.append(1), steady=lambda: clock[0])

    assert mine.goes_on()
    clock[0] = 120.0
    assert mine.goes_on(), "its turn is just over"
    clock[0] = 120.1
    with pytest.raises(TakesLong):
        mine.goes_on()
    again = replace(mine, turn=1e9)
    clock[0] += 60.0
    assert again.goes_on()
    clock[0] += 0.1
    assert not again.goes_on()
    assert len(steps) == 5


def test_a_thread_that_took_no_step_is_told_as_never():
    progress = Progress()

    assert progress.last(1) == float("-inf")
    progress.step()
    from threading import get_ident

    assert progress.last(get_ident()) > 0


# --- a tree that fails ---------------------------------------------------------------------------


@dataclass
class Notices:
    """The letters that were put, and those that a daemon before had put."""

    letters: list[Letter] = field(default_factory=list)
    before: tuple[str, ...] = ()

    def put_letters(self, letters: tuple[Letter, ...], _at: datetime) -> None:
        self.letters += letters

    def known_keys(self, prefixes: tuple[str, ...]) -> set[str]:
        keys = {*self.before, *(one.key for one in self.letters)}
        return {key for key in keys if key.startswith(prefixes)}

    @property
    def keys(self) -> list[str]:
        return [one.key for one in self.letters]


def an_outage(book: Notices) -> Outage:
    return Outage("main", "cntt", book, lambda: NOW, steady=lambda: 0.0)


AT = NOW.isoformat(timespec="seconds")


def test_a_trouble_is_told_once_when_it_has_lasted_and_once_when_it_is_over():
    book = Notices()
    outage = an_outage(book)

    outage.fails(PUT, "đĩa đầy", 100.0)
    outage.fails(PUT, "đĩa đầy", 100.0 + TOLD_AFTER - 1)
    assert book.keys == []
    outage.fails(PUT, "đĩa đầy", 100.0 + TOLD_AFTER)
    outage.fails(PUT, "đĩa đầy", 100.0 + TOLD_AFTER + 50)
    assert book.keys == [f"notice/tree-down/main/put/{AT}"]
    assert book.letters[0].unit == "cntt"
    assert "đĩa đầy" in str(book.letters[0].context)
    outage.works(PUT)
    outage.works(PUT)
    assert book.keys[1:] == [f"notice/tree-up/main/put/{AT}"]
    assert "hoạt động bình thường trở lại" in str(book.letters[1].context)


def test_a_trouble_that_is_over_in_between_begins_anew():
    book = Notices()
    outage = an_outage(book)
    outage.fails(CLAIM, "x", 0.0)
    outage.works(CLAIM)
    outage.fails(CLAIM, "x", TOLD_AFTER)

    assert book.keys == []


def test_a_trouble_is_over_when_all_that_failed_works():
    book = Notices()
    outage = an_outage(book)
    outage.fails(LOOK, "x", 0.0)
    outage.fails(PUT, "x", -5.0)
    outage.fails(LOOK, "x", TOLD_AFTER)
    outage.works(LOOK)
    assert book.keys == [f"notice/tree-down/main/look/{AT}"], "files cannot be put yet"
    outage.works(PUT)
    assert book.keys[1:] == [f"notice/tree-up/main/look/{AT}"]
    assert "đã kết nối lại" in str(book.letters[1].context)


def test_what_failed_for_want_of_a_line_starts_anew_when_there_is_one():
    book = Notices()
    outage = an_outage(book)
    outage.fails(LOOK, "x", 0.0)
    outage.fails(PUT, "x", 5.0)
    outage.fails(LOOK, "x", TOLD_AFTER)
    outage.works(LOOK)

    assert book.keys[1:] == [f"notice/tree-up/main/look/{AT}"]


def test_another_manner_of_work_that_works_does_not_end_what_was_told():
    book = Notices()
    outage = an_outage(book)
    outage.fails(PUT, "x", 0.0)
    outage.fails(PUT, "x", TOLD_AFTER)
    outage.works(CLAIM)

    assert len(book.keys) == 1


@pytest.mark.parametrize(
    ("before", "told_again", "ends"),
    [
        ((), True, True),
        (("notice/tree-down/main/put/2015-06-11",), False, True),
        (("notice/tree-down/main/put/1", "notice/tree-up/main/put/1"), True, True),
        (("notice/tree-down/other/put/1",), True, True),
    ],
)
def test_what_a_daemon_told_before_it_was_started_again_is_not_told_twice(
    before: tuple[str, ...], told_again: bool, ends: bool
):
    book = Notices(before=before)
    outage = an_outage(book)

    outage.fails(PUT, "x", 0.0)
    outage.fails(PUT, "x", TOLD_AFTER)
    assert bool(book.keys) is told_again
    outage.works(PUT)
    assert any("tree-up" in key for key in book.keys) is ends


class Failing:
    """A tree that does as it is told."""

    id = "main"

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.claimed: list[tuple[str, str]] = []

    def claim(self, path: str, target: str) -> bool:
        if self.error:
            raise self.error
        self.claimed.append((path, target))
        return True


@pytest.mark.parametrize(
    ("error", "noted"),
    [(TryLater("no"), True), (NeverWorks("no"), False), (FileNotFoundError("no"), False)],
)
def test_only_what_may_work_later_is_the_trees_trouble(error: Exception, noted: bool):
    book = Notices()
    outage = an_outage(book)
    tree = WatchedTree(Failing(error), outage)  # type: ignore[arg-type]

    with pytest.raises(type(error)):
        tree.claim("a", "b")

    outage.fails(CLAIM, "no", TOLD_AFTER)
    assert bool(book.keys) is noted


def test_what_works_ends_a_trouble_and_says_what_the_tree_said():
    book = Notices()
    outage = an_outage(book)
    outage.fails(CLAIM, "no", 0.0)
    outage.fails(CLAIM, "no", TOLD_AFTER)

    assert WatchedTree(Failing(), outage).claim("a", "b") is True  # type: ignore[arg-type]
    assert len(book.keys) == 2


# --- a clock that cannot be right ----------------------------------------------------------------


@dataclass
class Clocks:
    """The machine's clock, its steady one, and what the ledger and people said."""

    now: datetime = NOW
    steady: float = 0.0
    last: datetime | None = NOW - timedelta(minutes=5)
    trusted: datetime | None = None
    kept: bool = False
    told: list[tuple[str, datetime]] = field(default_factory=list)
    sound: LastSound = field(default_factory=LastSound)

    def watch(self) -> ClockWatch:
        def tell(letters: list[Letter], at: datetime) -> None:
            self.told += [(one.key, at) for one in letters]

        return ClockWatch(
            lambda: self.now, lambda: self.last, "cntt", tell, lambda: self.trusted,
            lambda: self.kept, lambda: self.steady, self.sound,
        )  # fmt: skip


def test_a_clock_that_goes_on_as_the_ledger_left_it_is_right():
    clocks = Clocks()

    assert clocks.watch().doubted() is None
    assert clocks.told == []
    assert clocks.sound.known == (NOW, 0.0)
    assert Clocks(last=None).watch().doubted() is None


def test_a_clock_that_is_behind_the_ledger_is_doubted_and_told_as_of_then():
    ahead = NOW + timedelta(days=2)
    clocks = Clocks(last=ahead)

    assert clocks.watch().doubted() == ahead
    assert clocks.told == [("notice/clock/2015-06-14/2015-06-12", ahead)]
    assert clocks.sound.known is None


def test_a_leap_while_the_service_runs_is_known_to_the_hour():
    clocks = Clocks()
    watch = clocks.watch()
    watch.doubted()
    clocks.now, clocks.steady, clocks.last = NOW + timedelta(days=1), 60.0, NOW

    assert watch.doubted() == NOW
    assert clocks.told[0][1] == NOW
    clocks.kept = True
    assert watch.doubted() is None, "somebody holds it to the time of the world"


def test_a_leap_that_a_person_trusts_is_none():
    clocks = Clocks()
    watch = clocks.watch()
    watch.doubted()
    clocks.now, clocks.steady = NOW + timedelta(days=1), 60.0
    clocks.last = clocks.now - timedelta(minutes=1)
    clocks.trusted = NOW
    assert watch.doubted() == NOW, "that was said before the leap"
    clocks.trusted = clocks.now

    assert watch.doubted() is None
    assert clocks.sound.known == (clocks.now, 60.0)


def test_an_hour_by_both_clocks_is_no_leap():
    clocks = Clocks()
    watch = clocks.watch()
    watch.doubted()
    clocks.now, clocks.steady = NOW + timedelta(hours=5), 5 * 3600.0
    clocks.last = clocks.now

    assert watch.doubted() is None


# --- lists that are kept in mind -----------------------------------------------------------------


def test_lists_that_were_asked_for_last_are_not_read_again():
    read: list[tuple[str, int]] = []

    def reading(drop: str, seq: int) -> tuple[ListedChild, ...]:
        read.append((drop, seq))
        return tuple(ListedChild(name="An") for _ in range(int(drop)))

    kept = KeptLists(reading, 6)
    assert len(kept("2", 0)) == 2
    kept("2", 0)
    kept("1", 0)
    assert read == [("2", 0), ("1", 0)]
    kept("2", 0)
    kept("0", 0)
    assert read == [("2", 0), ("1", 0), ("0", 0)], "three, two and one: six in all"
    kept("0", 1)
    kept("2", 0)
    assert read[3:] == [("0", 1)], "the one that was asked for longest ago went"
    kept("1", 0)
    assert read[4:] == [("1", 0)]
